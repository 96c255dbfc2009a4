/* Numeric kernels of the engine, chosen at run time for the CPU (AVX-512, AVX2, portable).
 *
 * They are C because per-function target attributes and intrinsics are; everything else of the engine is Swift.
 *
 * Conventions
 * - Matrices are row-major and contiguous: W[rows][columns]. Activations are float32.
 * - Every output element is summed in an order that depends only on the matrix shape and the kernel path: never on the
 *   number of activation rows, on the range of outputs asked for, or on threads. So a result is the same bits whether
 *   a row is computed alone or in a batch, and a signal whole or in chunks.
 * - Weights may lie at any address (a memory-mapped file aligns nothing).
 * - No function allocates, locks or fails; all are [thread-safe] on disjoint outputs.
 */
#ifndef UNIMOE_CKERNELS_H
#define UNIMOE_CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "kernel_table.h"
#include "kernel_types.h"
#include "loaded_file.h"
#include "worker_pool.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- CPU path ---------------------------------------------------------------------------------------------- */

/* The best path that this CPU supports. */
umk_path umk_best_path(void);
/* The path in use: umk_best_path(). */
umk_path umk_current_path(void);

/* Sets round-to-nearest, no traps, flush-to-zero and denormals-are-zero for the calling thread; returns the previous floating-point control word,
 * to be given to umk_restore_denormals. */
unsigned umk_flush_denormals(void);
void umk_restore_denormals(unsigned control);

/* ---- Weights as stored ------------------------------------------------------------------------------------- */

/* Widens `count` stored values to float32. */
void umk_widen(const void *source, umk_dtype dtype, size_t count, float *destination);

/* ---- Products straight from the stored weights: decoder steps and prefill ------------------------------------- *
 * x[m] and y[m] point to activation row m; outputs row_begin..<row_end of W are computed. Ranges of a multiple of four
 * outputs are fastest, and each should take at most a few hundred KiB of weights if m is large.                   */

/* y[m][n] = bias[n] + sum_k W[n][k] x[m][k]; bias may be NULL. */
void umk_linear(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                const float *bias, float *const *y);

/* y[m][n] += scale[m] * sum_k W[n][k] x[m][k]. */
void umk_linear_accumulate(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                           const float *scale, float *const *y);

/* h[m][n] = silu(sum_k G[n][k] x[m][k]) * sum_k U[n][k] x[m][k], with silu(a) = a / (1 + exp(-a)); G and U have one shape; the
 * stored types may differ. */
void umk_gated(const umk_matrix *gate, const umk_matrix *up, size_t row_begin, size_t row_end, const float *const *x,
               size_t m, float *const *h);

/* ---- Packed products: convolutions --------------------------------------------------------------------------- */

/* Floats that a packed filter of `taps` x `inputs` x `outputs` takes (outputs rounded up to whole panels). */
size_t umk_packed_size(size_t outputs, size_t inputs, size_t taps);

/* Packs a filter F[outputs][inputs][taps] of float32 into panels P[outputs/16][taps][inputs][16], zero-padded.
 * strides, in floats, say how to read F: F[o][i][t] = source[o*output_stride + i*input_stride + t*tap_stride]. */
void umk_pack(const float *source, size_t outputs, size_t inputs, size_t taps, ptrdiff_t output_stride,
              ptrdiff_t input_stride, ptrdiff_t tap_stride, float *packed);

/* y[t*y_stride + o] = bias[o] + addend[t*addend_stride + o] + sum_tap sum_i P[o][tap][i] x[t*x_stride + tap*tap_stride + i],
 * for t in 0..<count and o in output_begin..<output_end (output_begin a multiple of 16). Time-major activations:
 * a row holds the features of one time step. bias and addend may be NULL; strides are in floats. With addend == y and
 * addend_stride == y_stride the product is added in place. */
void umk_packed_product(const float *packed, size_t outputs, size_t inputs, size_t taps, size_t output_begin,
                        size_t output_end, const float *x, ptrdiff_t x_stride, ptrdiff_t tap_stride, size_t count,
                        const float *bias, const float *addend, ptrdiff_t addend_stride, float *y, ptrdiff_t y_stride);

/* ---- Elementwise and reductions ------------------------------------------------------------------------------ */

/* y = weight * x / sqrt(mean(x^2) + epsilon) over n values. */
void umk_rms_norm(const float *x, const float *weight, size_t n, float epsilon, float *y);

/* Rotates pairs (j, j + half) of `heads` consecutive heads of 2*half values: half-split rotary embedding. */
void umk_rotate(float *x, size_t heads, size_t half, const float *cosine, const float *sine);

/* One key/value head: `queries` query rows of `dimension` values (contiguous) attend to `positions` rows of keys and
 * values (row stride = dimension). scores: scratch of queries*positions. out[queries][dimension]. Softmax in float32. */
void umk_attend(const float *q, size_t queries, const float *keys, const float *values, size_t positions,
                size_t dimension, float scale, float *scores, float *out);

/* out = silu(gate) * up over n values. */
void umk_silu_multiply(const float *gate, const float *up, size_t n, float *out);

/* y[t][c] = x[t][c] + sin(alpha[c] x[t][c])^2 * inverse[c], inverse = 1 / (alpha + 1e-9). */
void umk_snake(const float *x, const float *alpha, const float *inverse, size_t count, size_t channels, float *y);

/* y += scale * x over n values. */
void umk_accumulate(const float *x, float scale, size_t n, float *y);

/* y = tanh(x) over n values. */
void umk_tanh(const float *x, size_t n, float *y);

/* Reads `bytes` once and returns a checksum of them: the plain streaming read that steps are measured against. */
uint64_t umk_read(const void *data, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif
