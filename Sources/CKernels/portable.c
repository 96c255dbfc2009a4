/* The path for any CPU: plain loops. */

#include <math.h>
#include <string.h>

#include "kernel_table.h"

static float half_to_float(uint16_t h) {
  uint32_t sign = (uint32_t)(h >> 15) << 31, exponent = (h >> 10) & 31, fraction = h & 1023, bits;
  if (exponent == 31) bits = sign | 0x7f800000u | fraction << 13;
  else if (exponent) bits = sign | (exponent + 112) << 23 | fraction << 13;
  else {
    float f = (float)fraction * 0x1p-24f;
    memcpy(&bits, &f, 4);
    bits |= sign;
  }
  float result;
  memcpy(&result, &bits, 4);
  return result;
}

static inline float element(const void *data, umk_dtype dtype, size_t index) {
  if (dtype == UMK_F32) {
    float f;
    memcpy(&f, (const char *)data + index * 4, 4);
    return f;
  }
  uint16_t h;
  memcpy(&h, (const char *)data + index * 2, 2);
  if (dtype == UMK_F16) return half_to_float(h);
  uint32_t bits = (uint32_t)h << 16;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

static void widen(const void *source, umk_dtype dtype, size_t count, float *destination) {
  for (size_t i = 0; i < count; i++) destination[i] = element(source, dtype, i);
}

static float dot(const umk_matrix *w, size_t row, const float *x) {
  float lanes[16] = {0};
  for (size_t k = 0; k < w->columns; k++) lanes[k % 16] += element(w->data, w->dtype, row * w->columns + k) * x[k];
  float sum = 0;
  for (int i = 0; i < 16; i++) sum += lanes[i];
  return sum;
}

static void linear(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                   const float *bias, float *const *y) {
  for (size_t n = row_begin; n < row_end; n++)
    for (size_t r = 0; r < m; r++) y[r][n] = dot(w, n, x[r]) + (bias ? bias[n] : 0);
}

static void linear_accumulate(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                              const float *scale, float *const *y) {
  for (size_t n = row_begin; n < row_end; n++)
    for (size_t r = 0; r < m; r++) y[r][n] += scale[r] * dot(w, n, x[r]);
}

static float silu(float a) { return a / (1 + expf(-a)); }

static void gated(const umk_matrix *gate, const umk_matrix *up, size_t row_begin, size_t row_end, const float *const *x,
                  size_t m, float *const *h) {
  for (size_t n = row_begin; n < row_end; n++)
    for (size_t r = 0; r < m; r++) h[r][n] = silu(dot(gate, n, x[r])) * dot(up, n, x[r]);
}

static void packed_product(const float *packed, size_t outputs, size_t inputs, size_t taps, size_t output_begin,
                           size_t output_end, const float *x, ptrdiff_t x_stride, ptrdiff_t tap_stride, size_t count,
                           const float *bias, const float *addend, ptrdiff_t addend_stride, float *y,
                           ptrdiff_t y_stride) {
  (void)outputs;
  for (size_t panel = output_begin; panel < output_end; panel += UMK_PANEL) {
    const float *p = packed + panel * inputs * taps;
    size_t lanes = output_end - panel < UMK_PANEL ? output_end - panel : UMK_PANEL;
    for (size_t t = 0; t < count; t++) {
      float sum[UMK_PANEL] = {0};
      const float *w = p;
      for (size_t tap = 0; tap < taps; tap++)
        for (size_t i = 0; i < inputs; i++, w += UMK_PANEL) {
          float value = x[(ptrdiff_t)t * x_stride + (ptrdiff_t)tap * tap_stride + (ptrdiff_t)i];
          for (int lane = 0; lane < UMK_PANEL; lane++) sum[lane] += w[lane] * value;
        }
      for (size_t lane = 0; lane < lanes; lane++) {
        float s = sum[lane] + (bias ? bias[panel + lane] : 0);
        if (addend) s += addend[(ptrdiff_t)t * addend_stride + (ptrdiff_t)(panel + lane)];
        y[(ptrdiff_t)t * y_stride + (ptrdiff_t)(panel + lane)] = s;
      }
    }
  }
}

static void rms_norm(const float *x, const float *weight, size_t n, float epsilon, float *y) {
  float sum = 0;
  for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
  float scale = 1 / sqrtf(sum / (float)n + epsilon);
  for (size_t i = 0; i < n; i++) y[i] = weight[i] * (x[i] * scale);
}

static void rotate(float *x, size_t heads, size_t half, const float *cosine, const float *sine) {
  for (size_t h = 0; h < heads; h++, x += 2 * half)
    for (size_t j = 0; j < half; j++) {
      float first = x[j], second = x[j + half];
      x[j] = first * cosine[j] - second * sine[j];
      x[j + half] = second * cosine[j] + first * sine[j];
    }
}

static void attend(const float *q, size_t queries, const float *keys, const float *values, size_t positions,
                   size_t dimension, float scale, float *scores, float *out) {
  for (size_t r = 0; r < queries; r++, q += dimension, out += dimension, scores += positions) {
    float peak = -INFINITY, total = 0;
    for (size_t p = 0; p < positions; p++) {
      float s = 0;
      for (size_t j = 0; j < dimension; j++) s += q[j] * keys[p * dimension + j];
      scores[p] = s * scale;
      if (scores[p] > peak) peak = scores[p];
    }
    for (size_t p = 0; p < positions; p++) total += scores[p] = expf(scores[p] - peak);
    for (size_t j = 0; j < dimension; j++) out[j] = 0;
    for (size_t p = 0; p < positions; p++)
      for (size_t j = 0; j < dimension; j++) out[j] += scores[p] * values[p * dimension + j];
    for (size_t j = 0; j < dimension; j++) out[j] /= total;
  }
}

static void silu_multiply(const float *gate, const float *up, size_t n, float *out) {
  for (size_t i = 0; i < n; i++) out[i] = silu(gate[i]) * up[i];
}

static void snake(const float *x, const float *alpha, const float *inverse, size_t count, size_t channels, float *y) {
  for (size_t t = 0; t < count; t++, x += channels, y += channels)
    for (size_t c = 0; c < channels; c++) {
      float s = sinf(alpha[c] * x[c]);
      y[c] = x[c] + s * s * inverse[c];
    }
}

static void accumulate(const float *x, float scale, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] += scale * x[i];
}

static void hyperbolic_tangent(const float *x, size_t n, float *y) {
  for (size_t i = 0; i < n; i++) y[i] = tanhf(x[i]);
}

static uint64_t read_words(const void *data, size_t bytes) {
  const unsigned char *p = data;
  uint64_t sum = 0;
  for (size_t i = 0; i + 8 <= bytes; i += 8) {
    uint64_t v;
    memcpy(&v, p + i, 8);
    sum += v;
  }
  return sum;
}

const struct umk_kernels umk_portable_kernels = {
    widen, linear,     linear_accumulate,  gated,     packed_product, rms_norm, rotate, attend, silu_multiply,
    snake, accumulate, hyperbolic_tangent, read_words};
