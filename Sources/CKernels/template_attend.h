/* Attention of one key/value head. A query row's result does not depend on the other rows. */

/* scores[p] = scale * q . key p; each dot product has one vector of partial sums. */
static INLINE void score(const float *q, const float *keys, size_t positions, size_t dimension, float scale,
                         float *scores) {
  for (size_t p = 0; p < positions; p++) {
    vfloat sum = vzero();
    for (size_t j = 0; j < dimension; j += LANES)
      sum = vfma(load(q + j, dimension - j), load(keys + p * dimension + j, dimension - j), sum);
    scores[p] = scale * vsum(sum);
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

#define BLEND_VECTORS 8

/* out[j] = sum over p of weight[p] * value[p][j], in the order of p, BLEND_VECTORS vectors of j at a time. */
static INLINE void blend(const float *weights, float scale, const float *values, size_t positions, size_t dimension,
                         float *out) {
  size_t j = 0;
  for (; j + BLEND_VECTORS * LANES <= dimension; j += BLEND_VECTORS * LANES) {
    vfloat sum[BLEND_VECTORS];
    UNROLL for (int v = 0; v < BLEND_VECTORS; v++) sum[v] = vzero();
    for (size_t p = 0; p < positions; p++) {
      vfloat weight = vset(weights[p]);
      UNROLL for (int v = 0; v < BLEND_VECTORS; v++)
        sum[v] = vfma(weight, vload(values + p * dimension + j + (size_t)v * LANES), sum[v]);
    }
    UNROLL for (int v = 0; v < BLEND_VECTORS; v++) vstore(out + j + (size_t)v * LANES, vmul(sum[v], vset(scale)));
  }
  for (; j < dimension; j += LANES) {
    vfloat sum = vzero();
    for (size_t p = 0; p < positions; p++)
      sum = vfma(vset(weights[p]), load(values + p * dimension + j, dimension - j), sum);
    store(out + j, dimension - j, vmul(sum, vset(scale)));
  }
}

static void attend(const float *q, size_t queries, const float *keys, const float *values, size_t positions,
                   size_t dimension, float scale, float *scores, float *out) {
  for (size_t r = 0; r < queries; r++) {
    float *row = scores + r * positions;
    score(q + r * dimension, keys, positions, dimension, scale, row);
    blend(row, soften(row, positions), values, positions, dimension, out + r * dimension);
  }
}
