/* One path's kernels as functions: what CKernels.h's calls go to. Tests take a path's kernels from here, so that they need
 * not change the path of the whole process. Each entry has the meaning that CKernels.h gives its public function. */
#ifndef UNIMOE_KERNEL_TABLE_H
#define UNIMOE_KERNEL_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel_types.h"

#ifdef __cplusplus
extern "C" {
#endif

struct umk_kernels {
  void (*widen)(const void *source, umk_dtype dtype, size_t count, float *destination);
  void (*linear)(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                 const float *bias, float *const *y);
  void (*linear_accumulate)(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                            const float *scale, float *const *y);
  void (*gated)(const umk_matrix *gate, const umk_matrix *up, size_t row_begin, size_t row_end, const float *const *x,
                size_t m, float *const *h);
  void (*packed_product)(const float *packed, size_t outputs, size_t inputs, size_t taps, size_t output_begin,
                         size_t output_end, const float *x, ptrdiff_t x_stride, ptrdiff_t tap_stride, size_t count,
                         const float *bias, const float *addend, ptrdiff_t addend_stride, float *y, ptrdiff_t y_stride);
  void (*rms_norm)(const float *x, const float *weight, size_t n, float epsilon, float *y);
  void (*rotate)(float *x, size_t heads, size_t half, const float *cosine, const float *sine);
  void (*attend)(const float *q, size_t queries, const float *keys, const float *values, size_t positions,
                 size_t dimension, float scale, float *scores, float *out);
  void (*silu_multiply)(const float *gate, const float *up, size_t n, float *out);
  void (*snake)(const float *x, const float *alpha, const float *inverse, size_t count, size_t channels, float *y);
  void (*accumulate)(const float *x, float scale, size_t n, float *y);
  void (*tanh)(const float *x, size_t n, float *y);
  uint64_t (*read)(const void *data, size_t bytes);
};

/* Products of one matrix with many activation rows that were packed for it: prefill. A panel of weights is packed on the
 * way and meets all rows; what is packed are floats or pairs of bf16, by the arithmetic. */
struct umk_blocked_kernels {
  size_t outputs;   /* outputs of a panel; gated takes half of them */
  size_t tile_rows; /* rows of a tile at most */
  /* Floats of memory that a packed row of `columns` activations takes, and each output of a panel. */
  size_t (*packed_floats)(size_t columns);
  /* Packs tile 0..<ceil(m / tile_rows) of m rows, which takes m * packed_floats floats together. */
  void (*pack_rows)(const float *const *x, size_t m, size_t columns, size_t tile, float *packed);
  /* umk_linear for outputs begin..<min(begin + outputs, end); scratch: outputs * packed_floats floats. */
  void (*linear)(const umk_matrix *w, size_t begin, size_t end, const float *packed, size_t m, const float *bias,
                 float *scratch, float *const *y);
  /* umk_gated for outputs begin..<min(begin + outputs / 2, end). */
  void (*gated)(const umk_matrix *gate, const umk_matrix *up, size_t begin, size_t end, const float *packed, size_t m,
                float *scratch, float *const *h);
};

/* The blocked kernels of a path that give the bits of its linear and gated; NULL if it has none or this CPU lacks it. */
const struct umk_blocked_kernels *umk_blocked_kernels_of(umk_path path);
/* Those for bf16 weights that round activations to bf16, by tiles where the CPU has them; NULL if this CPU or the path lacks
 * them, or if the system refuses the tiles. */
const struct umk_blocked_kernels *umk_rounding_kernels_of(umk_path path);
/* Whether the CPU has AMX tiles of bf16 and the system saves their state. [thread-safe] */
bool umk_has_tiles(void);
/* Those of AMX; NULL if the CPU lacks it or the system refuses it. The first call asks for it, on behalf of the whole
 * process: signal stacks (sigaltstack) that are made later have to be as large as the system then says. [thread-safe] */
const struct umk_blocked_kernels *umk_tile_kernels(void);

/* The kernels of a path; NULL if this CPU lacks it. */
const struct umk_kernels *umk_kernels_of(umk_path path);

extern const struct umk_kernels umk_portable_kernels;
#if defined(__x86_64__)
extern const struct umk_kernels umk_avx2_kernels;
extern const struct umk_kernels umk_avx512_kernels;
extern const struct umk_blocked_kernels umk_avx2_blocked_kernels;
extern const struct umk_blocked_kernels umk_avx512_blocked_kernels;
extern const struct umk_blocked_kernels umk_avx512_bf16_blocked_kernels;
#endif

#ifdef __cplusplus
}
#endif
#endif
