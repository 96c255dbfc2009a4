/* The choice of a path and the calls that go to it. */
#include <stdatomic.h>

#include "float_control.h"
#include "kernel_table.h"

static _Atomic(const struct umk_kernels *) chosen;

umk_path umk_best_path(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma") || !__builtin_cpu_supports("f16c"))
    return UMK_PATH_PORTABLE;
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq"))
    return UMK_PATH_AVX512;
  return UMK_PATH_AVX2;
#else
  return UMK_PATH_PORTABLE;
#endif
}

const struct umk_kernels *umk_kernels_of(umk_path path) {
  if (path > umk_best_path()) return NULL;
#if defined(__x86_64__)
  if (path == UMK_PATH_AVX512) return &umk_avx512_kernels;
  if (path == UMK_PATH_AVX2) return &umk_avx2_kernels;
#endif
  return &umk_portable_kernels;
}

const struct umk_blocked_kernels *umk_blocked_kernels_of(umk_path path) {
#if defined(__x86_64__)
  if (path > umk_best_path()) return NULL;
  if (path == UMK_PATH_AVX512) return &umk_avx512_blocked_kernels;
  if (path == UMK_PATH_AVX2) return &umk_avx2_blocked_kernels;
#endif
  return NULL;
}

const struct umk_blocked_kernels *umk_rounding_kernels_of(umk_path path) {
#if defined(__x86_64__)
  if (path == UMK_PATH_AVX512 && umk_best_path() == path && __builtin_cpu_supports("avx512bf16"))
    /* Processors with tiles have slow dot products: without the tiles, floats are faster. */
    return umk_has_tiles() ? umk_tile_kernels() : &umk_avx512_bf16_blocked_kernels;
#endif
  return NULL;
}

static inline const struct umk_kernels *current(void) {
  const struct umk_kernels *table = atomic_load_explicit(&chosen, memory_order_relaxed);
  if (table) return table;
  table = umk_kernels_of(umk_best_path());
  atomic_store_explicit(&chosen, table, memory_order_relaxed);
  return table;
}

umk_path umk_current_path(void) {
  const struct umk_kernels *table = current();
  if (table == umk_kernels_of(UMK_PATH_AVX512)) return UMK_PATH_AVX512;
  return table == umk_kernels_of(UMK_PATH_AVX2) ? UMK_PATH_AVX2 : UMK_PATH_PORTABLE;
}

unsigned umk_flush_denormals(void) { return umk_set_float_control(); }

void umk_restore_denormals(unsigned control) { umk_restore_float_control(control); }

void umk_widen(const void *source, umk_dtype dtype, size_t count, float *destination) {
  current()->widen(source, dtype, count, destination);
}

void umk_linear(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                const float *bias, float *const *y) {
  current()->linear(w, row_begin, row_end, x, m, bias, y);
}

void umk_linear_accumulate(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                           const float *scale, float *const *y) {
  current()->linear_accumulate(w, row_begin, row_end, x, m, scale, y);
}

static umk_matrix rows_of(const umk_matrix *w, size_t first, size_t count) {
  size_t row_bytes = w->columns * (w->dtype == UMK_F32 ? 4 : 2);
  return (umk_matrix){(const char *)w->data + first * row_bytes, count, w->columns, w->dtype};
}

/* The kernels read gate and up as one type. A checkpoint that stores them differently is rare: it may be slower. */
static void gated_of_two_types(const umk_matrix *gate, const umk_matrix *up, size_t row_begin, size_t row_end,
                               const float *const *x, size_t m, float *const *h) {
  enum { BLOCK = 64 };
  float gate_block[BLOCK], up_block[BLOCK];
  float *const gate_row = gate_block, *const up_row = up_block;
  for (size_t n = row_begin; n < row_end; n += BLOCK) {
    size_t count = row_end - n < BLOCK ? row_end - n : BLOCK;
    umk_matrix gate_rows = rows_of(gate, n, count), up_rows = rows_of(up, n, count);
    for (size_t i = 0; i < m; i++) {
      current()->linear(&gate_rows, 0, count, x + i, 1, NULL, &gate_row);
      current()->linear(&up_rows, 0, count, x + i, 1, NULL, &up_row);
      current()->silu_multiply(gate_block, up_block, count, h[i] + n);
    }
  }
}

void umk_gated(const umk_matrix *gate, const umk_matrix *up, size_t row_begin, size_t row_end, const float *const *x,
               size_t m, float *const *h) {
  if (gate->dtype != up->dtype) return gated_of_two_types(gate, up, row_begin, row_end, x, m, h);
  current()->gated(gate, up, row_begin, row_end, x, m, h);
}

void umk_packed_product(const float *packed, size_t outputs, size_t inputs, size_t taps, size_t output_begin,
                        size_t output_end, const float *x, ptrdiff_t x_stride, ptrdiff_t tap_stride, size_t count,
                        const float *bias, const float *addend, ptrdiff_t addend_stride, float *y, ptrdiff_t y_stride) {
  current()->packed_product(packed, outputs, inputs, taps, output_begin, output_end, x, x_stride, tap_stride, count,
                            bias, addend, addend_stride, y, y_stride);
}

void umk_rms_norm(const float *x, const float *weight, size_t n, float epsilon, float *y) {
  current()->rms_norm(x, weight, n, epsilon, y);
}

void umk_rotate(float *x, size_t heads, size_t half, const float *cosine, const float *sine) {
  current()->rotate(x, heads, half, cosine, sine);
}

void umk_attend(const float *q, size_t queries, const float *keys, const float *values, size_t positions,
                size_t dimension, float scale, float *scores, float *out) {
  current()->attend(q, queries, keys, values, positions, dimension, scale, scores, out);
}

void umk_silu_multiply(const float *gate, const float *up, size_t n, float *out) {
  current()->silu_multiply(gate, up, n, out);
}

void umk_snake(const float *x, const float *alpha, const float *inverse, size_t count, size_t channels, float *y) {
  current()->snake(x, alpha, inverse, count, channels, y);
}

void umk_accumulate(const float *x, float scale, size_t n, float *y) { current()->accumulate(x, scale, n, y); }

void umk_tanh(const float *x, size_t n, float *y) { current()->tanh(x, n, y); }

uint64_t umk_read(const void *data, size_t bytes) { return current()->read(data, bytes); }
