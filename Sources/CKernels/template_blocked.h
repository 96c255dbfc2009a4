/* Blocked products: PANEL_WIDTH outputs meet up to TIMES activation rows in registers, both packed so that they are read in
 * order. What is packed are words of 32 bits: a float, or a pair of neighbouring bf16.
 *
 * Word k of a row belongs to class k % CLASSES. An output has one chain of sums per class, in the order of k, and the
 * classes are summed as vsum sums lanes: so with CLASSES == LANES it is, bit for bit, what the products of
 * template_linear.h make of one vector of partial sums, in less time once many rows share the packed weights.
 *
 * The includer defines CLASSES, WORD_COLUMNS (columns in a word), and
 *   load_weights(p, dtype), load_weights_first(p, dtype, columns): LANES words of a stored row, zero beyond its end;
 *   load_row(p), load_row_first(p, columns): the same of an activation row;
 *   multiply_add(weight, value, sum).
 */

#define PANEL_WIDTH (2 * LANES)
#define STEP_COLUMNS (LANES * WORD_COLUMNS)

/* Vectors of a row; one more than needed where classes would otherwise lie a multiple of a page apart. */
static INLINE size_t steps_of(size_t columns) { return (columns + STEP_COLUMNS - 1) / STEP_COLUMNS; }
static INLINE size_t padded_steps(size_t columns) {
  return CLASSES == 1 ? steps_of(columns) : steps_of(columns) | 1;
}
/* The place of word `lane` of vector `step` in a packed row, in words. */
static INLINE size_t place(size_t step, int lane, size_t columns) {
  return CLASSES == 1 ? step * LANES + (size_t)lane : (size_t)lane * padded_steps(columns) + step;
}

static size_t packed_words(size_t columns) { return LANES * padded_steps(columns); }

/* The first row of tile `tile` of m rows: tiles are of nearly one size. */
static INLINE size_t tile_count(size_t m) { return (m + TIMES - 1) / TIMES; }
static INLINE size_t tile_begin(size_t tile, size_t m) { return tile * m / tile_count(m); }

static void pack_rows(const float *const *x, size_t m, size_t columns, size_t tile, float *packed) {
  const size_t first = tile_begin(tile, m), times = tile_begin(tile + 1, m) - first;
  float *destination = packed + first * packed_words(columns);
  for (size_t step = 0; step < steps_of(columns); step++) {
    const size_t k = step * STEP_COLUMNS, left = columns - k;
    vfloat word[LANES];
    UNROLL for (int t = 0; t < LANES; t++)
      word[t] = (size_t)t >= times ? vzero()
                : left >= STEP_COLUMNS ? load_row(x[first + (size_t)t] + k) : load_row_first(x[first + (size_t)t] + k, left);
    transpose(word);
    UNROLL for (int lane = 0; lane < LANES; lane++)
      vstore_first(destination + place(step, lane, columns) * times, times, word[lane]);
  }
}

/* Packs the rows of one half of a panel, `ahead` of which the next are fetched. */
static INLINE void pack_weights(const char *const row[LANES], umk_dtype dtype, size_t columns, float *packed) {
  const size_t size = size_of(dtype);
  for (size_t step = 0; step < steps_of(columns); step++) {
    const size_t k = step * STEP_COLUMNS, left = columns - k;
    vfloat word[LANES];
    UNROLL for (int r = 0; r < LANES; r++) {
      const char *p = row[r] + k * size;
      _mm_prefetch(p + 1024, _MM_HINT_T0);
      word[r] = left >= STEP_COLUMNS ? load_weights(p, dtype) : load_weights_first(p, dtype, left);
    }
    transpose(word);
    UNROLL for (int lane = 0; lane < LANES; lane++) vstore(packed + place(step, lane, columns) * PANEL_WIDTH, word[lane]);
  }
}

typedef void pack_function(const char *const row[LANES], size_t columns, float *packed);

#define PACK_OF(TYPE)                                                                              \
  static NOINLINE void pack_##TYPE(const char *const row[LANES], size_t columns, float *packed) { \
    pack_weights(row, TYPE, columns, packed);                                                      \
  }
PACK_OF(UMK_BF16)
#if WORD_COLUMNS == 1
PACK_OF(UMK_F32)
PACK_OF(UMK_F16)
#endif

static pack_function *const pack_table[3] = {
    [UMK_BF16] = pack_UMK_BF16,
#if WORD_COLUMNS == 1
    [UMK_F32] = pack_UMK_F32, [UMK_F16] = pack_UMK_F16,
#endif
};

typedef float tile_sums[TIMES][PANEL_WIDTH];

/* The order in which vsum's tree meets the lanes. */
static INLINE size_t class_at(size_t index) {
  size_t reversed = 0;
  for (size_t bit = 1; bit < CLASSES; bit <<= 1) reversed = reversed << 1 | !!(index & bit);
  return reversed;
}

static INLINE void sum_tile(const float *weights, const float *rows, size_t columns, float (*sums)[PANEL_WIDTH],
                            const int times) {
  const size_t chain = CLASSES == 1 ? LANES * steps_of(columns) : steps_of(columns);
  const size_t apart = CLASSES == 1 ? 0 : padded_steps(columns);
  _Alignas(64) float waiting[5][TIMES][PANEL_WIDTH]; /* sums of 1, 2, 4... classes that their other half is added to */
  int count = 0;
  for (size_t index = 0; index < CLASSES; index++) {
    const float *w = weights + class_at(index) * apart * PANEL_WIDTH, *x = rows + class_at(index) * apart * (size_t)times;
    vfloat sum[TIMES][2];
    UNROLL for (int t = 0; t < times; t++) sum[t][0] = sum[t][1] = vzero();
    for (size_t k = 0; k < chain; k++, w += PANEL_WIDTH, x += times) {
      vfloat first = vload(w), second = vload(w + LANES);
      UNROLL for (int t = 0; t < times; t++) {
        vfloat value = vset(x[t]);
        sum[t][0] = multiply_add(first, value, sum[t][0]);
        sum[t][1] = multiply_add(second, value, sum[t][1]);
      }
    }
    for (size_t done = index; done & 1; done >>= 1) {
      count--;
      UNROLL for (int t = 0; t < times; t++)
        UNROLL for (int v = 0; v < 2; v++) sum[t][v] = vadd(vload(waiting[count][t] + v * LANES), sum[t][v]);
    }
    float(*result)[PANEL_WIDTH] = index + 1 == CLASSES ? sums : waiting[count++];
    UNROLL for (int t = 0; t < times; t++)
      UNROLL for (int v = 0; v < 2; v++) vstore(result[t] + v * LANES, sum[t][v]);
  }
}

typedef void sum_function(const float *weights, const float *rows, size_t columns, float (*sums)[PANEL_WIDTH]);

#define SUM_OF(T)                                                                                                   \
  static NOINLINE void sum_##T(const float *weights, const float *rows, size_t columns, float (*sums)[PANEL_WIDTH]) { \
    sum_tile(weights, rows, columns, sums, T);                                                                      \
  }
SUM_OF(1) SUM_OF(2) SUM_OF(3) SUM_OF(4) SUM_OF(5) SUM_OF(6)
#if TIMES == 12
SUM_OF(7) SUM_OF(8) SUM_OF(9) SUM_OF(10) SUM_OF(11) SUM_OF(12)
#endif

static sum_function *const sum_table[TIMES] = {
    sum_1, sum_2, sum_3, sum_4, sum_5, sum_6,
#if TIMES == 12
    sum_7, sum_8, sum_9, sum_10, sum_11, sum_12,
#endif
};

/* Outputs begin..<begin + PANEL_WIDTH, or fewer at `end`; panel: scratch for the packed weights. */
static void blocked_linear(const umk_matrix *w, size_t begin, size_t end, const float *packed, size_t m, const float *bias,
                           float *panel, float *const *y) {
  const char *row[PANEL_WIDTH];
  point_to_rows(w, begin, end, PANEL_WIDTH, row);
  for (int half = 0; half < 2; half++) pack_table[w->dtype](row + half * LANES, w->columns, panel + half * LANES);
  const size_t words = packed_words(w->columns);
  for (size_t tile = 0; tile < tile_count(m); tile++) {
    const size_t first = tile_begin(tile, m), times = tile_begin(tile + 1, m) - first;
    _Alignas(64) tile_sums sums;
    sum_table[times - 1](panel, packed + first * words, w->columns, sums);
    for (size_t t = 0; t < times; t++)
      for (size_t n = begin; n < end && n < begin + PANEL_WIDTH; n += LANES) {
        vfloat sum = vload(sums[t] + (n - begin));
        /* As template_linear.h does: adding 0 makes -0 a 0. */
        store(y[first + t] + n, end - n, vadd(sum, bias ? load(bias + n, end - n) : vzero()));
      }
  }
}

/* As above for LANES outputs of two matrices: half of the panel is of the gate, half of the up projection. */
static void blocked_gated(const umk_matrix *gate, const umk_matrix *up, size_t begin, size_t end, const float *packed,
                          size_t m, float *panel, float *const *h) {
  const char *row[LANES];
  point_to_rows(gate, begin, end, LANES, row);
  pack_table[gate->dtype](row, gate->columns, panel);
  point_to_rows(up, begin, end, LANES, row);
  pack_table[up->dtype](row, up->columns, panel + LANES);
  const size_t words = packed_words(gate->columns);
  for (size_t tile = 0; tile < tile_count(m); tile++) {
    const size_t first = tile_begin(tile, m), times = tile_begin(tile + 1, m) - first;
    _Alignas(64) tile_sums sums;
    sum_table[times - 1](panel, packed + first * words, gate->columns, sums);
    for (size_t t = 0; t < times; t++)
      store(h[first + t] + begin, end - begin, vmul(vsilu(vload(sums[t])), vload(sums[t] + LANES)));
  }
}

#define BLOCKED_KERNELS {PANEL_WIDTH, TIMES, packed_words, pack_rows, blocked_linear, blocked_gated}
