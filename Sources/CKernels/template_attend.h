/* Attention of one key/value head. A query row's result does not depend on the other rows. */

/* Keys that all query rows meet before the next ones: they stay in the L1 cache. */
#define KEY_BLOCK 32

/* scores[r][p] = scale * q[r] . key p for `queries` * `keys` == LANES pairs; each dot product has one vector of partial
 * sums. */
static INLINE void score_tile(const float *q, const int queries, const float *keys, const int count, size_t dimension,
                              float scale, float *scores, size_t positions) {
  vfloat sum[LANES];
  UNROLL for (int i = 0; i < LANES; i++) sum[i] = vzero();
  for (size_t j = 0; j < dimension; j += LANES) {
    vfloat query[LANES];
    UNROLL for (int r = 0; r < queries; r++) query[r] = load(q + (size_t)r * dimension + j, dimension - j);
    UNROLL for (int p = 0; p < count; p++) {
      vfloat key = load(keys + (size_t)p * dimension + j, dimension - j);
      UNROLL for (int r = 0; r < queries; r++) sum[r * count + p] = vfma(query[r], key, sum[r * count + p]);
    }
  }
  float products[LANES];
  vstore(products, vmul(vset(scale), vsums(sum)));
  UNROLL for (int r = 0; r < queries; r++) memcpy(scores + (size_t)r * positions, products + r * count, sizeof(float) * (size_t)count);
}

static INLINE float score_one(const float *q, const float *key, size_t dimension, float scale) {
  vfloat sum = vzero();
  for (size_t j = 0; j < dimension; j += LANES) sum = vfma(load(q + j, dimension - j), load(key + j, dimension - j), sum);
  return scale * vsum(sum);
}

/* scores[r][p] for all rows and keys. */
static void score(const float *q, size_t queries, const float *keys, size_t positions, size_t dimension, float scale,
                  float *scores) {
  enum { GROUP = LANES / 4 };
  for (size_t begin = 0; begin < positions; begin += KEY_BLOCK) {
    const size_t end = positions - begin < KEY_BLOCK ? positions : begin + KEY_BLOCK;
    size_t r = 0;
    for (; r + GROUP <= queries; r += GROUP) {
      size_t p = begin;
      for (; p + 4 <= end; p += 4)
        score_tile(q + r * dimension, GROUP, keys + p * dimension, 4, dimension, scale, scores + r * positions + p, positions);
      for (; p < end; p++)
        for (size_t i = r; i < r + GROUP; i++)
          scores[i * positions + p] = score_one(q + i * dimension, keys + p * dimension, dimension, scale);
    }
    for (; r < queries; r++) {
      size_t p = begin;
      for (; p + LANES <= end; p += LANES)
        score_tile(q + r * dimension, 1, keys + p * dimension, LANES, dimension, scale, scores + r * positions + p, positions);
      for (; p < end; p++) scores[r * positions + p] = score_one(q + r * dimension, keys + p * dimension, dimension, scale);
    }
  }
}

/* Makes exp(score - largest score) of the scores and returns 1 / their sum. */
static INLINE float soften(float *scores, size_t positions) {
  vfloat peaks = vset(-INFINITY);
  size_t p = 0;
  for (; p + LANES <= positions; p += LANES) peaks = vmax(vload(scores + p), peaks);
  float peak = vlargest(peaks);
  for (; p < positions; p++) peak = scores[p] > peak ? scores[p] : peak;
  vfloat total = vzero(), top = vset(peak);
  for (p = 0; p + LANES <= positions; p += LANES) {
    vfloat e = vexp(vsub(vload(scores + p), top));
    vstore(scores + p, e);
    total = vadd(total, e);
  }
  if (p < positions) {
    vstore_first(scores + p, positions - p, vexp(vsub(vload_first(scores + p, positions - p), top)));
    total = vadd(total, vload_first(scores + p, positions - p));
  }
  return 1.0f / vsum(total);
}

/* out[r][j] = scale[r] * sum over p of weight[r][p] * value[p][j], in the order of p, for vectors of j that begin before
 * `dimension`. */
static INLINE void blend_tile(const float *weights, const float *scales, const float *values, size_t positions,
                              size_t dimension, size_t left, float *out, const int queries, const int vectors) {
  vfloat sum[BLEND_QUERIES][BLEND_VECTORS];
  UNROLL for (int r = 0; r < queries; r++)
    UNROLL for (int v = 0; v < vectors; v++) sum[r][v] = vzero();
  for (size_t p = 0; p < positions; p++) {
    vfloat weight[BLEND_QUERIES];
    UNROLL for (int r = 0; r < queries; r++) weight[r] = vset(weights[(size_t)r * positions + p]);
    UNROLL for (int v = 0; v < vectors; v++) {
      vfloat value = load(values + p * dimension + (size_t)v * LANES, left - (size_t)v * LANES);
      UNROLL for (int r = 0; r < queries; r++) sum[r][v] = vfma(weight[r], value, sum[r][v]);
    }
  }
  UNROLL for (int r = 0; r < queries; r++)
    UNROLL for (int v = 0; v < vectors; v++)
      store(out + (size_t)r * dimension + (size_t)v * LANES, left - (size_t)v * LANES, vmul(sum[r][v], vset(scales[r])));
}

static INLINE void blend_rows(const float *weights, const float *scales, const float *values, size_t positions,
                              size_t dimension, float *out, const int queries) {
  size_t j = 0;
  for (; j + BLEND_VECTORS * LANES <= dimension; j += BLEND_VECTORS * LANES)
    blend_tile(weights, scales, values + j, positions, dimension, BLEND_VECTORS * LANES, out + j, queries, BLEND_VECTORS);
  for (; j < dimension; j += LANES)
    blend_tile(weights, scales, values + j, positions, dimension, dimension - j, out + j, queries, 1);
}

static void attend(const float *q, size_t queries, const float *keys, const float *values, size_t positions,
                   size_t dimension, float scale, float *scores, float *out) {
  score(q, queries, keys, positions, dimension, scale, scores);
  for (size_t r = 0; r < queries; r += BLEND_QUERIES) {
    float *row = scores + r * positions, scales[BLEND_QUERIES];
    const size_t count = queries - r < BLEND_QUERIES ? queries - r : BLEND_QUERIES;
    for (size_t i = 0; i < count; i++) scales[i] = soften(row + i * positions, positions);
    float *result = out + r * dimension;
    if (count == 3) blend_rows(row, scales, values, positions, dimension, result, 3);
    else if (count == 2) blend_rows(row, scales, values, positions, dimension, result, 2);
    else blend_rows(row, scales, values, positions, dimension, result, 1);
  }
}
