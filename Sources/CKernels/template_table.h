/* The path's entries. */

static uint64_t read_all(const void *data, size_t bytes) { return read_words(data, bytes); }

#define KERNELS                                                                                             \
  {widen, linear,     linear_accumulate,  gated,   packed_product, rms_norm, rotate, attend, silu_multiply, \
   snake, accumulate, hyperbolic_tangent, read_all}
