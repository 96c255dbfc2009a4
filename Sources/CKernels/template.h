/* Words that the kernel templates use. A template is a header that avx512.c and avx2.c each include once, over the
 * vectors and target attributes of their path; constant arguments of INLINE functions choose the instances. */
#define INLINE inline __attribute__((always_inline, unused))
#define NOINLINE __attribute__((noinline))
#define UNROLL _Pragma("clang loop unroll(full)")
