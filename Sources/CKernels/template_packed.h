/* Packed products: PANELS panels meet up to TIMES time rows in registers.
 *
 * Each output is one chain of fused multiply-adds in the order tap, input, whatever the tile.
 */

#define PANEL_VECTORS (UMK_PANEL / LANES)
/* Floats of activations that one pass over the panels reads again and again: they should stay in the L2 cache. */
#define BLOCK_FLOATS 65536

struct product {
  const float *packed; /* panel of output_begin */
  size_t inputs, taps, outputs;
  ptrdiff_t x_stride, tap_stride, addend_stride, y_stride;
};

static INLINE void finish(const struct product *p, vfloat sum, size_t left, const float *bias, const float *addend,
                          float *y) {
  (void)p;
  if (bias) sum = vadd(sum, load(bias, left));
  if (addend) sum = vadd(sum, load(addend, left));
  store(y, left, sum);
}

static INLINE void tile(const struct product *p, const float *packed, size_t left, const float *x, const float *bias,
                        const float *addend, float *y, const int panels, const int times) {
  const int vectors = panels * PANEL_VECTORS;
  const size_t panel_floats = p->inputs * p->taps * UMK_PANEL;
  vfloat sum[TIMES][PANELS * PANEL_VECTORS];
  UNROLL for (int t = 0; t < times; t++)
    UNROLL for (int v = 0; v < vectors; v++) sum[t][v] = vzero();
  const float *w = packed;
  for (size_t tap = 0; tap < p->taps; tap++) {
    const float *row = x + (ptrdiff_t)tap * p->tap_stride;
    for (size_t i = 0; i < p->inputs; i++, w += UMK_PANEL) {
      vfloat weight[PANELS * PANEL_VECTORS];
      UNROLL for (int v = 0; v < vectors; v++)
        weight[v] = vload(w + (size_t)(v / PANEL_VECTORS) * panel_floats + v % PANEL_VECTORS * LANES);
      UNROLL for (int t = 0; t < times; t++) {
        vfloat value = vset(row[(ptrdiff_t)t * p->x_stride + (ptrdiff_t)i]);
        UNROLL for (int v = 0; v < vectors; v++) sum[t][v] = vfma(weight[v], value, sum[t][v]);
      }
    }
  }
  UNROLL for (int t = 0; t < times; t++)
    UNROLL for (int v = 0; v < vectors; v++)
      if ((size_t)v * LANES < left)
        finish(p, sum[t][v], left - (size_t)v * LANES, bias ? bias + v * LANES : NULL,
               addend ? addend + t * p->addend_stride + v * LANES : NULL, y + t * p->y_stride + v * LANES);
}

typedef void tile_function(const struct product *p, const float *packed, size_t left, const float *x, const float *bias,
                           const float *addend, float *y);

#define TILE_OF(P, T)                                                                                          \
  static NOINLINE void tile_##P##_##T(const struct product *p, const float *packed, size_t left, const float *x, \
                                      const float *bias, const float *addend, float *y) {                        \
    tile(p, packed, left, x, bias, addend, y, P, T);                                                             \
  }
#if PANELS == 2
#define TILES(T) TILE_OF(1, T) TILE_OF(2, T)
#define ENTRY(T) {tile_1_##T, tile_2_##T}
#else
#define TILES(T) TILE_OF(1, T)
#define ENTRY(T) {tile_1_##T}
#endif
TILES(1) TILES(2) TILES(3) TILES(4) TILES(5) TILES(6)
#if TIMES == 12
TILES(7) TILES(8) TILES(9) TILES(10) TILES(11) TILES(12)
#endif

static tile_function *const tile_table[TIMES][PANELS] = {
    ENTRY(1), ENTRY(2), ENTRY(3), ENTRY(4),  ENTRY(5),  ENTRY(6),
#if TIMES == 12
    ENTRY(7), ENTRY(8), ENTRY(9), ENTRY(10), ENTRY(11), ENTRY(12),
#endif
};

/* Time rows first...<first + count of the outputs from `output` on. */
static void product_of_panels(const struct product *p, const float *packed, size_t output, size_t left, size_t panels,
                              const float *x, size_t first, size_t count, const float *bias, const float *addend,
                              float *y) {
  size_t tiles = (count + TIMES - 1) / TIMES;
  for (size_t t = first; tiles > 0; tiles--) {
    size_t times = (first + count - t + tiles - 1) / tiles; /* tiles of nearly one size */
    tile_table[times - 1][panels - 1](
        p, packed, left, x + (ptrdiff_t)t * p->x_stride, bias ? bias + output : NULL,
        addend ? addend + (ptrdiff_t)t * p->addend_stride + (ptrdiff_t)output : NULL,
        y + (ptrdiff_t)t * p->y_stride + (ptrdiff_t)output);
    t += times;
  }
}

static void packed_product(const float *packed, size_t outputs, size_t inputs, size_t taps, size_t output_begin,
                           size_t output_end, const float *x, ptrdiff_t x_stride, ptrdiff_t tap_stride, size_t count,
                           const float *bias, const float *addend, ptrdiff_t addend_stride, float *y,
                           ptrdiff_t y_stride) {
  const struct product p = {packed, inputs, taps, outputs, x_stride, tap_stride, addend_stride, y_stride};
  size_t block = BLOCK_FLOATS / (inputs ? inputs : 1) / TIMES * TIMES;
  if (block < 4 * TIMES) block = 4 * TIMES;
  for (size_t first = 0; first < count; first += block) {
    size_t times = count - first < block ? count - first : block;
    for (size_t output = output_begin; output < output_end;) {
      size_t left = output_end - output, panels = left > UMK_PANEL ? PANELS : 1;
      product_of_panels(&p, packed + output * inputs * taps, output, left, panels, x, first, times, bias, addend, y);
      output += panels * UMK_PANEL;
    }
  }
}
