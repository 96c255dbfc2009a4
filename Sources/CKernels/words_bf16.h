/* Pairs of bf16 as the words of blocked products, over the vectors of AVX-512. One chain of sums per output: these products
 * need not be the bits of others. */
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
static INLINE vfloat load_row(const float *p) { return (vfloat)_mm512_cvtne2ps_pbh(vload(p + LANES), vload(p)); }
static INLINE vfloat load_row_first(const float *p, size_t columns) {
  vfloat low = load(p, columns), high = columns > LANES ? load(p + LANES, columns - LANES) : vzero();
  return (vfloat)_mm512_cvtne2ps_pbh(high, low);
}
