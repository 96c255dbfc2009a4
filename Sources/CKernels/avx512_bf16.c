/* Blocked products of bf16 weights with activations rounded to bf16, by the dot products of AVX-512 BF16. */
#if defined(__x86_64__)

#include <immintrin.h>
#include <math.h>
#include <string.h>

#include "kernel_table.h"
#include "template.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c"))), \
                             apply_to = function)

#include "vector_avx512.h"

#define TIMES 12
#include "template_functions.h"
#include "template_rows.h"

/* One chain per output: these products need not be the bits of others. */
#define CLASSES 1
#define WORD_COLUMNS 2

static INLINE vfloat load_weights(const char *p, umk_dtype dtype) {
  (void)dtype;
  return _mm512_castsi512_ps(_mm512_loadu_si512(p));
}
static INLINE vfloat load_weights_first(const char *p, umk_dtype dtype, size_t columns) {
  (void)dtype;
  return _mm512_castsi512_ps(_mm512_maskz_loadu_epi16((__mmask32)((1u << columns) - 1), p));
}
static INLINE vfloat load_row_first(const float *p, size_t columns) {
  vfloat low = vload_first(p, columns < LANES ? columns : LANES);
  vfloat high = columns > LANES ? vload_first(p + LANES, columns - LANES) : vzero();
  return (vfloat)_mm512_cvtne2ps_pbh(high, low);
}
static INLINE vfloat load_row(const float *p) { return (vfloat)_mm512_cvtne2ps_pbh(vload(p + LANES), vload(p)); }
static INLINE vfloat multiply_add(vfloat weight, vfloat value, vfloat sum) {
  return _mm512_dpbf16_ps(sum, (__m512bh)weight, (__m512bh)value);
}

#include "template_blocked.h"

#pragma clang attribute pop

const struct umk_blocked_kernels umk_avx512_bf16_blocked_kernels = BLOCKED_KERNELS;

#endif
