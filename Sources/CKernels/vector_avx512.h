/* Vectors of 16 floats (AVX-512 F/BW/VL/DQ): what the kernel templates are written in. Included once, by avx512.c. */
#include <immintrin.h>

#define LANES 16

typedef __m512 vfloat;
typedef __mmask16 vmask;

/* The first `count` lanes, 0...16. */
static INLINE vmask first_lanes(size_t count) { return (vmask)((1u << count) - 1); }

static INLINE vfloat vzero(void) { return _mm512_setzero_ps(); }
static INLINE vfloat vset(float value) { return _mm512_set1_ps(value); }
static INLINE vfloat vload(const float *p) { return _mm512_loadu_ps(p); }
static INLINE void vstore(float *p, vfloat v) { _mm512_storeu_ps(p, v); }
/* Lanes beyond `count` are read as zero and not touched in memory. */
static INLINE vfloat vload_first(const float *p, size_t count) { return _mm512_maskz_loadu_ps(first_lanes(count), p); }
static INLINE void vstore_first(float *p, size_t count, vfloat v) { _mm512_mask_storeu_ps(p, first_lanes(count), v); }

static INLINE vfloat vadd(vfloat a, vfloat b) { return _mm512_add_ps(a, b); }
static INLINE vfloat vsub(vfloat a, vfloat b) { return _mm512_sub_ps(a, b); }
static INLINE vfloat vmul(vfloat a, vfloat b) { return _mm512_mul_ps(a, b); }
static INLINE vfloat vdiv(vfloat a, vfloat b) { return _mm512_div_ps(a, b); }
static INLINE vfloat vfma(vfloat a, vfloat b, vfloat c) { return _mm512_fmadd_ps(a, b, c); }
static INLINE vfloat vfnma(vfloat a, vfloat b, vfloat c) { return _mm512_fnmadd_ps(a, b, c); }
/* The second operand where either is NaN. */
static INLINE vfloat vmin(vfloat a, vfloat b) { return _mm512_min_ps(a, b); }
static INLINE vfloat vmax(vfloat a, vfloat b) { return _mm512_max_ps(a, b); }
static INLINE vfloat vabs(vfloat a) { return _mm512_abs_ps(a); }
static INLINE vfloat vround(vfloat a) { return _mm512_roundscale_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static INLINE vfloat vcopysign(vfloat magnitude, vfloat sign) {
  return _mm512_castsi512_ps(_mm512_ternarylogic_epi32(_mm512_castps_si512(magnitude), _mm512_castps_si512(sign),
                                                       _mm512_set1_epi32((int)0x80000000), 0xd8));
}
/* a * 2^n for integral n: infinity and zero at the ends. */
static INLINE vfloat vscale(vfloat a, vfloat n) { return _mm512_scalef_ps(a, n); }
static INLINE vmask vless(vfloat a, vfloat b) { return _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ); }
static INLINE unsigned vbits(vmask mask) { return mask; }
static INLINE vfloat vselect(vmask mask, vfloat yes, vfloat no) { return _mm512_mask_blend_ps(mask, no, yes); }

/* The sum of the lanes: halves, then quarters, eighths and sixteenths. */
static INLINE float vsum(vfloat v) {
  __m256 h = _mm256_add_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}
/* The sums of LANES vectors' lanes, each added as vsum adds them: lane i is vsum(v[i]). */
static INLINE vfloat vsums(const vfloat v[LANES]) {
  __m512 halves[8], quarters[4], pairs[2];
  /* Vectors i, i + 4, i + 8 and i + 12 share a vector of quarters, in this order. */
  UNROLL for (int i = 0; i < 4; i++) {
    UNROLL for (int j = 0; j < 2; j++) {
      __m512 a = v[i + 8 * j], b = v[i + 8 * j + 4];
      halves[2 * i + j] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x44), _mm512_shuffle_f32x4(a, b, 0xee));
    }
    __m512 a = halves[2 * i], b = halves[2 * i + 1];
    quarters[i] = _mm512_add_ps(_mm512_shuffle_f32x4(a, b, 0x88), _mm512_shuffle_f32x4(a, b, 0xdd));
  }
  UNROLL for (int i = 0; i < 2; i++) {
    __m512d a = _mm512_castps_pd(quarters[2 * i]), b = _mm512_castps_pd(quarters[2 * i + 1]);
    pairs[i] = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(a, b)), _mm512_castpd_ps(_mm512_unpackhi_pd(a, b)));
  }
  return _mm512_add_ps(_mm512_shuffle_ps(pairs[0], pairs[1], 0x88), _mm512_shuffle_ps(pairs[0], pairs[1], 0xdd));
}
static INLINE float vlargest(vfloat v) {
  __m256 h = _mm256_max_ps(_mm512_castps512_ps256(v), _mm512_extractf32x8_ps(v, 1));
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(h), _mm256_extractf128_ps(h, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

/* Vector i becomes lane i of all vectors. Moves bits. */
static INLINE void transpose(vfloat v[LANES]) {
  __m512 a[LANES], b[LANES];
  UNROLL for (int i = 0; i < LANES; i += 2) {
    a[i] = _mm512_unpacklo_ps(v[i], v[i + 1]);
    a[i + 1] = _mm512_unpackhi_ps(v[i], v[i + 1]);
  }
#define PAIRS(WHICH, X, Y) \
  _mm512_castpd_ps(_mm512_unpack##WHICH##_pd(_mm512_castps_pd(X), _mm512_castps_pd(Y)))
  UNROLL for (int i = 0; i < LANES; i += 4)
    UNROLL for (int j = 0; j < 2; j++) {
      b[i + 2 * j] = PAIRS(lo, a[i + j], a[i + j + 2]);
      b[i + 2 * j + 1] = PAIRS(hi, a[i + j], a[i + j + 2]);
    }
#undef PAIRS
  UNROLL for (int j = 0; j < 4; j++) {
    __m512 even = _mm512_shuffle_f32x4(b[j], b[4 + j], 0x88), odd = _mm512_shuffle_f32x4(b[j], b[4 + j], 0xdd);
    __m512 even2 = _mm512_shuffle_f32x4(b[8 + j], b[12 + j], 0x88), odd2 = _mm512_shuffle_f32x4(b[8 + j], b[12 + j], 0xdd);
    v[j] = _mm512_shuffle_f32x4(even, even2, 0x88);
    v[4 + j] = _mm512_shuffle_f32x4(odd, odd2, 0x88);
    v[8 + j] = _mm512_shuffle_f32x4(even, even2, 0xdd);
    v[12 + j] = _mm512_shuffle_f32x4(odd, odd2, 0xdd);
  }
}

/* Stored values widened; dtype is a constant where these are inlined. */
static INLINE vfloat vwiden(const char *p, umk_dtype dtype) {
  if (dtype == UMK_F32) return _mm512_loadu_ps(p);
  __m256i half = _mm256_loadu_si256((const __m256i *)p);
  if (dtype == UMK_F16) return _mm512_cvtph_ps(half);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}
static INLINE vfloat vwiden_first(const char *p, umk_dtype dtype, size_t count) {
  vmask mask = first_lanes(count);
  if (dtype == UMK_F32) return _mm512_maskz_loadu_ps(mask, p);
  __m256i half = _mm256_maskz_loadu_epi16(mask, p);
  if (dtype == UMK_F16) return _mm512_cvtph_ps(half);
  return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16));
}

/* The plain read is what products are measured against, so it has to be the fastest one: bytes it fetches ahead into
 * the L2 cache, which beat other distances and the L1 cache. */
#define READ_AHEAD 8192

static INLINE uint64_t read_words(const char *p, size_t bytes) {
  __m512i sum[8] = {0};
  size_t i = 0;
  for (; i + 512 <= bytes; i += 512)
    for (int j = 0; j < 8; j++) {
      _mm_prefetch(p + i + j * 64 + READ_AHEAD, _MM_HINT_T1);
      sum[j] = _mm512_add_epi64(sum[j], _mm512_loadu_si512(p + i + j * 64));
    }
  for (int j = 1; j < 8; j++) sum[0] = _mm512_add_epi64(sum[0], sum[j]);
  uint64_t total = (uint64_t)_mm512_reduce_add_epi64(sum[0]), word;
  for (; i + 8 <= bytes; i += 8) {
    memcpy(&word, p + i, 8);
    total += word;
  }
  return total;
}
