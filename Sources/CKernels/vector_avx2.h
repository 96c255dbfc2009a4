/* Vectors of 8 floats (AVX2, FMA, F16C): what the kernel templates are written in. Included once, by avx2.c. */
#include <immintrin.h>

#define LANES 8

typedef __m256 vfloat;
typedef __m256 vmask;

/* The first `count` lanes, 0...8. */
static INLINE __m256i first_lanes(size_t count) {
  static const int32_t ones[16] = {-1, -1, -1, -1, -1, -1, -1, -1};
  return _mm256_loadu_si256((const __m256i *)(ones + 8 - count));
}

static INLINE vfloat vzero(void) { return _mm256_setzero_ps(); }
static INLINE vfloat vset(float value) { return _mm256_set1_ps(value); }
static INLINE vfloat vload(const float *p) { return _mm256_loadu_ps(p); }
static INLINE void vstore(float *p, vfloat v) { _mm256_storeu_ps(p, v); }
/* Lanes beyond `count` are read as zero and not touched in memory. */
static INLINE vfloat vload_first(const float *p, size_t count) { return _mm256_maskload_ps(p, first_lanes(count)); }
static INLINE void vstore_first(float *p, size_t count, vfloat v) { _mm256_maskstore_ps(p, first_lanes(count), v); }

static INLINE vfloat vadd(vfloat a, vfloat b) { return _mm256_add_ps(a, b); }
static INLINE vfloat vsub(vfloat a, vfloat b) { return _mm256_sub_ps(a, b); }
static INLINE vfloat vmul(vfloat a, vfloat b) { return _mm256_mul_ps(a, b); }
static INLINE vfloat vdiv(vfloat a, vfloat b) { return _mm256_div_ps(a, b); }
static INLINE vfloat vfma(vfloat a, vfloat b, vfloat c) { return _mm256_fmadd_ps(a, b, c); }
static INLINE vfloat vfnma(vfloat a, vfloat b, vfloat c) { return _mm256_fnmadd_ps(a, b, c); }
/* The second operand where either is NaN. */
static INLINE vfloat vmin(vfloat a, vfloat b) { return _mm256_min_ps(a, b); }
static INLINE vfloat vmax(vfloat a, vfloat b) { return _mm256_max_ps(a, b); }
static INLINE vfloat vabs(vfloat a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), a); }
static INLINE vfloat vround(vfloat a) { return _mm256_round_ps(a, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC); }
static INLINE vfloat vcopysign(vfloat magnitude, vfloat sign) {
  __m256 bit = _mm256_set1_ps(-0.0f);
  return _mm256_or_ps(_mm256_andnot_ps(bit, magnitude), _mm256_and_ps(bit, sign));
}
/* a * 2^n for integral n: infinity and zero at the ends; in two steps, because 2^n alone may not be a float. */
static INLINE vfloat vscale(vfloat a, vfloat n) {
  __m256i whole = _mm256_cvtps_epi32(n), half = _mm256_srai_epi32(whole, 1), bias = _mm256_set1_epi32(127);
  __m256i rest = _mm256_sub_epi32(whole, half);
  a = _mm256_mul_ps(a, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(half, bias), 23)));
  return _mm256_mul_ps(a, _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_add_epi32(rest, bias), 23)));
}
static INLINE vmask vless(vfloat a, vfloat b) { return _mm256_cmp_ps(a, b, _CMP_LT_OQ); }
static INLINE unsigned vbits(vmask mask) { return (unsigned)_mm256_movemask_ps(mask); }
static INLINE vfloat vselect(vmask mask, vfloat yes, vfloat no) { return _mm256_blendv_ps(no, yes, mask); }

/* The sum of the lanes: halves, then quarters and eighths. */
static INLINE float vsum(vfloat v) {
  __m128 q = _mm_add_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  q = _mm_add_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_add_ss(q, _mm_movehdup_ps(q)));
}
/* The sums of LANES vectors' lanes, each added as vsum adds them: lane i is vsum(v[i]). */
static INLINE vfloat vsums(const vfloat v[LANES]) {
  __m256 quarters[4], pairs[2];
  /* Vectors i and i + 4 share a vector of quarters. */
  UNROLL for (int i = 0; i < 4; i++)
    quarters[i] = _mm256_add_ps(_mm256_permute2f128_ps(v[i], v[i + 4], 0x20), _mm256_permute2f128_ps(v[i], v[i + 4], 0x31));
  UNROLL for (int i = 0; i < 2; i++) {
    __m256d a = _mm256_castps_pd(quarters[2 * i]), b = _mm256_castps_pd(quarters[2 * i + 1]);
    pairs[i] = _mm256_add_ps(_mm256_castpd_ps(_mm256_unpacklo_pd(a, b)), _mm256_castpd_ps(_mm256_unpackhi_pd(a, b)));
  }
  return _mm256_add_ps(_mm256_shuffle_ps(pairs[0], pairs[1], 0x88), _mm256_shuffle_ps(pairs[0], pairs[1], 0xdd));
}
static INLINE float vlargest(vfloat v) {
  __m128 q = _mm_max_ps(_mm256_castps256_ps128(v), _mm256_extractf128_ps(v, 1));
  q = _mm_max_ps(q, _mm_movehl_ps(q, q));
  return _mm_cvtss_f32(_mm_max_ss(q, _mm_movehdup_ps(q)));
}

/* Vector i becomes lane i of all vectors. Moves bits. */
static INLINE void transpose(vfloat v[LANES]) {
  __m256 a[LANES], b[LANES];
  UNROLL for (int i = 0; i < LANES; i += 2) {
    a[i] = _mm256_unpacklo_ps(v[i], v[i + 1]);
    a[i + 1] = _mm256_unpackhi_ps(v[i], v[i + 1]);
  }
#define PAIRS(WHICH, X, Y) \
  _mm256_castpd_ps(_mm256_unpack##WHICH##_pd(_mm256_castps_pd(X), _mm256_castps_pd(Y)))
  UNROLL for (int i = 0; i < LANES; i += 4)
    UNROLL for (int j = 0; j < 2; j++) {
      b[i + 2 * j] = PAIRS(lo, a[i + j], a[i + j + 2]);
      b[i + 2 * j + 1] = PAIRS(hi, a[i + j], a[i + j + 2]);
    }
#undef PAIRS
  UNROLL for (int j = 0; j < 4; j++) {
    v[j] = _mm256_permute2f128_ps(b[j], b[4 + j], 0x20);
    v[4 + j] = _mm256_permute2f128_ps(b[j], b[4 + j], 0x31);
  }
}

/* Stored values widened; dtype is a constant where these are inlined. */
static INLINE vfloat vwiden(const char *p, umk_dtype dtype) {
  if (dtype == UMK_F32) return _mm256_loadu_ps((const float *)p);
  __m128i half = _mm_loadu_si128((const __m128i *)p);
  if (dtype == UMK_F16) return _mm256_cvtph_ps(half);
  return _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(half), 16));
}
static INLINE vfloat vwiden_first(const char *p, umk_dtype dtype, size_t count) {
  if (dtype == UMK_F32) return vload_first((const float *)p, count);
  uint16_t half[8] = {0};
  memcpy(half, p, count * 2);
  return vwiden((const char *)half, dtype);
}

/* The plain read is what products are measured against, so it has to be the fastest one: bytes it fetches ahead into
 * the L2 cache, which beat other distances and the L1 cache. */
#define READ_AHEAD 8192

static INLINE uint64_t read_words(const char *p, size_t bytes) {
  __m256i sum[8] = {0};
  size_t i = 0;
  for (; i + 256 <= bytes; i += 256)
    for (int j = 0; j < 8; j++) {
      if (j % 2 == 0) _mm_prefetch(p + i + j * 32 + READ_AHEAD, _MM_HINT_T1);
      sum[j] = _mm256_add_epi64(sum[j], _mm256_loadu_si256((const __m256i *)(p + i + j * 32)));
    }
  for (int j = 1; j < 8; j++) sum[0] = _mm256_add_epi64(sum[0], sum[j]);
  uint64_t lanes[4], total, word;
  memcpy(lanes, &sum[0], sizeof lanes);
  total = lanes[0] + lanes[1] + lanes[2] + lanes[3];
  for (; i + 8 <= bytes; i += 8) {
    memcpy(&word, p + i, 8);
    total += word;
  }
  return total;
}
