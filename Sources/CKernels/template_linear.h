/* Small-batch products straight from the stored weights.
 *
 * ROWS weight rows meet TILE activation rows at once, so that every weight is widened once and every activation loaded
 * once per block. Each output has one vector of partial sums (lane k % LANES, in the order of k) and one way to sum its
 * lanes; neither depends on the tile.
 */

#define ROWS 4
/* Blocks of rows that the prefetch runs ahead: into the L2 cache, because two blocks may fill the L1 cache. */
#define AHEAD 2

/* sums[r][i] = row[r] . x[i]. What lies `ahead` bytes behind is fetched. */
static INLINE void dots(const char *const row[ROWS], size_t ahead, umk_dtype dtype, size_t columns,
                        const float *const *x, int tile, float sums[ROWS][TILE]) {
  const size_t size = dtype == UMK_F32 ? 4 : 2, step = 64 / size;
  vfloat sum[ROWS][TILE];
  UNROLL for (int r = 0; r < ROWS; r++)
    UNROLL for (int i = 0; i < tile; i++) sum[r][i] = vzero();
  size_t k = 0;
  for (; k + step <= columns; k += step) {
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
  for (; k < columns; k += LANES) {
    size_t left = columns - k < LANES ? columns - k : LANES;
    UNROLL for (int r = 0; r < ROWS; r++) {
      vfloat weight = vwiden_first(row[r] + k * size, dtype, left);
      UNROLL for (int i = 0; i < tile; i++) sum[r][i] = vfma(weight, vload_first(x[i] + k, left), sum[r][i]);
    }
  }
  UNROLL for (int r = 0; r < ROWS; r++)
    UNROLL for (int i = 0; i < tile; i++) sums[r][i] = vsum(sum[r][i]);
}

typedef void dots_function(const char *const row[ROWS], size_t ahead, size_t columns, const float *const *x,
                           float sums[ROWS][TILE]);

#define DOTS(TYPE, COUNT)                                                                                    \
  static NOINLINE void dots_##TYPE##_##COUNT(const char *const row[ROWS], size_t ahead, size_t columns,      \
                                             const float *const *x, float sums[ROWS][TILE]) {                \
    dots(row, ahead, TYPE, columns, x, COUNT, sums);                                                         \
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

/* Points row[0..<count] to the rows of w from `first` on; what lies beyond `end` repeats the last one. */
static INLINE void point_to_rows(const umk_matrix *w, size_t first, size_t end, int count, const char **row) {
  size_t bytes = w->columns * (w->dtype == UMK_F32 ? 4 : 2);
  for (int r = 0; r < count; r++) {
    size_t n = first + (size_t)r < end ? first + (size_t)r : end - 1;
    row[r] = (const char *)w->data + n * bytes;
  }
}

static void linear(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                   const float *bias, float *const *y) {
  size_t ahead = AHEAD * ROWS * w->columns * (w->dtype == UMK_F32 ? 4 : 2);
  for (size_t n = row_begin; n < row_end; n += ROWS) {
    const char *row[ROWS];
    point_to_rows(w, n, row_end, ROWS, row);
    size_t rows = row_end - n < ROWS ? row_end - n : ROWS;
    for (size_t i = 0; i < m; i += TILE) {
      size_t tile = m - i < TILE ? m - i : TILE;
      float sums[ROWS][TILE];
      dots_table[w->dtype][tile - 1](row, ahead, w->columns, x + i, sums);
      for (size_t j = 0; j < tile; j++)
        for (size_t r = 0; r < rows; r++) y[i + j][n + r] = sums[r][j] + (bias ? bias[n + r] : 0.0f);
    }
  }
}

static void linear_accumulate(const umk_matrix *w, size_t row_begin, size_t row_end, const float *const *x, size_t m,
                              const float *scale, float *const *y) {
  size_t ahead = AHEAD * ROWS * w->columns * (w->dtype == UMK_F32 ? 4 : 2);
  for (size_t n = row_begin; n < row_end; n += ROWS) {
    const char *row[ROWS];
    point_to_rows(w, n, row_end, ROWS, row);
    size_t rows = row_end - n < ROWS ? row_end - n : ROWS;
    for (size_t i = 0; i < m; i += TILE) {
      size_t tile = m - i < TILE ? m - i : TILE;
      float sums[ROWS][TILE];
      dots_table[w->dtype][tile - 1](row, ahead, w->columns, x + i, sums);
      for (size_t j = 0; j < tile; j++)
        for (size_t r = 0; r < rows; r++) y[i + j][n + r] += scale[i + j] * sums[r][j];
    }
  }
}

/* Half of the block's rows are of the gate, half of the up projection. */
static void gated(const umk_matrix *gate, const umk_matrix *up, size_t row_begin, size_t row_end, const float *const *x,
                  size_t m, float *const *h) {
  enum { HALF = ROWS / 2 };
  size_t ahead = AHEAD * HALF * gate->columns * (gate->dtype == UMK_F32 ? 4 : 2);
  for (size_t n = row_begin; n < row_end; n += HALF) {
    const char *row[ROWS];
    point_to_rows(gate, n, row_end, HALF, row);
    point_to_rows(up, n, row_end, HALF, row + HALF);
    size_t rows = row_end - n < HALF ? row_end - n : HALF;
    for (size_t i = 0; i < m; i += TILE) {
      size_t tile = m - i < TILE ? m - i : TILE;
      float sums[ROWS][TILE] = {{0}}, result[HALF * TILE];
      dots_table[gate->dtype][tile - 1](row, ahead, gate->columns, x + i, sums);
      silu_multiply(sums[0], sums[HALF], HALF * TILE, result);
      for (size_t j = 0; j < tile; j++)
        for (size_t r = 0; r < rows; r++) h[i + j][n + r] = result[r * TILE + j];
    }
  }
}
