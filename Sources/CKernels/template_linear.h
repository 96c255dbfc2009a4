/* Small-batch products straight from the stored weights.
 *
 * ROWS weight rows meet TILE activation rows at once, so that every weight is widened once and every activation loaded
 * once per block. Each output has one vector of partial sums (lane k % LANES, in the order of k) and one way to sum its
 * lanes; neither depends on the tile.
 */

#define ROWS 4
_Static_assert(LANES == ROWS * TILE, "the sums of a block are those of one vsums");
/* Blocks of rows that the prefetch runs ahead: into the L2 cache, because two blocks may fill the L1 cache. */
#define AHEAD 2
/* Activation rows that meet a block of weight rows before the next one is read: they should stay in the L2 cache. */
#define BATCH 64
#define TILE_COUNT ((BATCH + TILE - 1) / TILE)
/* Bytes of each weight row that all tiles of a batch meet before the next ones: ROWS of these stay in the L1 cache. */
#define STRIP_BYTES 4096

/* Adds row[r] . x[i] over columns begin..<end to the partial sums; begin is a multiple of LANES. Partial sums wait in
 * `carry` from one strip of columns to the next; after the last one sums[r][i] is the product. What lies `ahead` bytes
 * behind is fetched. */
static INLINE void dots(const char *const row[ROWS], size_t ahead, umk_dtype dtype, size_t begin, size_t end,
                        size_t columns, const float *const *x, int tile, float *carry, float sums[ROWS][TILE]) {
  const size_t size = size_of(dtype), step = 64 / size;
  vfloat sum[ROWS][TILE];
  UNROLL for (int r = 0; r < ROWS; r++)
    UNROLL for (int i = 0; i < tile; i++) sum[r][i] = begin ? vload(carry + (r * TILE + i) * LANES) : vzero();
  size_t k = begin;
  for (; k + step <= end; k += step) {
    UNROLL for (int r = 0; r < ROWS; r++) _mm_prefetch(row[r] + k * size + ahead, _MM_HINT_T1);
    UNROLL for (size_t j = 0; j < step; j += LANES) {
      vfloat value[TILE];
      UNROLL for (int i = 0; i < tile; i++) value[i] = vload(x[i] + k + j);
      UNROLL for (int r = 0; r < ROWS; r++) {
        vfloat weight = vwiden(row[r] + (k + j) * size, dtype);
        UNROLL for (int i = 0; i < tile; i++) sum[r][i] = vfma(weight, value[i], sum[r][i]);
      }
    }
  }
  for (; k < end; k += LANES) {
    size_t left = end - k < LANES ? end - k : LANES;
    UNROLL for (int r = 0; r < ROWS; r++) {
      vfloat weight = vwiden_first(row[r] + k * size, dtype, left);
      UNROLL for (int i = 0; i < tile; i++) sum[r][i] = vfma(weight, vload_first(x[i] + k, left), sum[r][i]);
    }
  }
  if (end < columns) {
    UNROLL for (int r = 0; r < ROWS; r++)
      UNROLL for (int i = 0; i < tile; i++) vstore(carry + (r * TILE + i) * LANES, sum[r][i]);
  } else if (tile > 1) {
    UNROLL for (int r = 0; r < ROWS; r++)
      UNROLL for (int i = tile; i < TILE; i++) sum[r][i] = vzero();
    vstore(sums[0], vsums(sum[0]));
  } else {
    UNROLL for (int r = 0; r < ROWS; r++) sums[r][0] = vsum(sum[r][0]);
  }
}

typedef void dots_function(const char *const row[ROWS], size_t ahead, size_t begin, size_t end, size_t columns,
                           const float *const *x, float *carry, float sums[ROWS][TILE]);

#define DOTS(TYPE, COUNT)                                                                                            \
  static NOINLINE void dots_##TYPE##_##COUNT(const char *const row[ROWS], size_t ahead, size_t begin, size_t end,    \
                                             size_t columns, const float *const *x, float *carry,                    \
                                             float sums[ROWS][TILE]) {                                               \
    dots(row, ahead, TYPE, begin, end, columns, x, COUNT, carry, sums);                                              \
  }
#if TILE == 4
#define DOTS_OF(TYPE) DOTS(TYPE, 1) DOTS(TYPE, 2) DOTS(TYPE, 3) DOTS(TYPE, 4)
#define DOTS_ENTRIES(TYPE) {dots_##TYPE##_1, dots_##TYPE##_2, dots_##TYPE##_3, dots_##TYPE##_4}
#else
#define DOTS_OF(TYPE) DOTS(TYPE, 1) DOTS(TYPE, 2)
#define DOTS_ENTRIES(TYPE) {dots_##TYPE##_1, dots_##TYPE##_2}
#endif
DOTS_OF(UMK_F32)
DOTS_OF(UMK_F16)
DOTS_OF(UMK_BF16)

static dots_function *const dots_table[3][TILE] = {
    [UMK_F32] = DOTS_ENTRIES(UMK_F32), [UMK_F16] = DOTS_ENTRIES(UMK_F16), [UMK_BF16] = DOTS_ENTRIES(UMK_BF16)};

/* The products of one block of weight rows with one batch, tile by tile. */
typedef float batch_sums[TILE_COUNT][ROWS][TILE];

static INLINE void batch_dots(const char *const row[ROWS], size_t ahead, umk_dtype dtype, size_t columns,
                              const float *const *x, size_t m, batch_sums sums) {
  _Alignas(64) float carry[TILE_COUNT][ROWS * TILE * LANES];
  size_t strip = m > TILE ? STRIP_BYTES / size_of(dtype) : columns, begin = 0;
  do {
    size_t end = columns - begin > strip ? begin + strip : columns;
    for (size_t i = 0; i < m; i += TILE) {
      size_t tile = m - i < TILE ? m - i : TILE;
      dots_table[dtype][tile - 1](row, i == 0 ? ahead : 0, begin, end, columns, x + i, carry[i / TILE], sums[i / TILE]);
    }
    begin = end;
  } while (begin < columns);
}

/* Calls FINISH(i, r, n, sum) for each activation row i of x, weight row n and r = n - first row of its block. */
#define FOR_PRODUCTS(FINISH)                                                                    \
  for (size_t first = 0; first < m; first += BATCH) {                                           \
    size_t batch = m - first < BATCH ? m - first : BATCH;                                       \
    for (size_t begin = row_begin; begin < row_end; begin += ROWS) {                            \
      size_t rows = row_end - begin < ROWS ? row_end - begin : ROWS;                            \
      const char *row[ROWS];                                                                    \
      batch_sums sums;                                                                          \
      point_to_rows(w, begin, row_end, ROWS, row);                                              \
      batch_dots(row, AHEAD * ROWS * w->columns * size_of(w->dtype), w->dtype, w->columns, x + first, batch, sums); \
      for (size_t i = 0; i < batch; i++)                                                        \
        for (size_t r = 0; r < rows; r++) FINISH(first + i, begin + r, sums[i / TILE][r][i % TILE]); \
    }                                                                                           \
  }

static void linear(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                   const float *bias, float *const *y) {
#define ASSIGN(i, n, sum) y[i][n] = (sum) + (bias ? bias[n] : 0.0f)
  FOR_PRODUCTS(ASSIGN)
#undef ASSIGN
}

static void linear_accumulate(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                              const float *scale, float *const *y) {
#define ADD(i, n, sum) y[i][n] += scale[i] * sum
  FOR_PRODUCTS(ADD)
#undef ADD
}

/* Half of the block's rows are of the gate, half of the up projection. */
static void gated(const umk_matrix *gate, const umk_matrix *up, size_t row_begin, size_t row_end, const float *const *x,
                  size_t m, float *const *h) {
  enum { HALF = ROWS / 2 };
  size_t ahead = AHEAD * HALF * gate->columns * size_of(gate->dtype);
  for (size_t first = 0; first < m; first += BATCH) {
    size_t batch = m - first < BATCH ? m - first : BATCH;
    for (size_t n = row_begin; n < row_end; n += HALF) {
      size_t rows = row_end - n < HALF ? row_end - n : HALF;
      const char *row[ROWS];
      batch_sums sums = {{{0}}};
      float result[HALF * TILE];
      point_to_rows(gate, n, row_end, HALF, row);
      point_to_rows(up, n, row_end, HALF, row + HALF);
      batch_dots(row, ahead, gate->dtype, gate->columns, x + first, batch, sums);
      for (size_t i = 0; i < batch; i++) {
        const float(*tile)[TILE] = sums[i / TILE];
        if (i % TILE == 0) silu_multiply(tile[0], tile[HALF], HALF * TILE, result);
        for (size_t r = 0; r < rows; r++) h[first + i][n + r] = result[r * TILE + i % TILE];
      }
    }
  }
}
