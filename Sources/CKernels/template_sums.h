/* Sums of blocked products: a panel of packed weights meets up to TIMES activation rows in vector registers.
 *
 * An output has one chain of sums per class, in the order of k, and the classes are summed as vsum sums lanes: so with
 * CLASSES == LANES it is, bit for bit, what the products of template_linear.h make of one vector of partial sums, in
 * less time once many rows share the packed weights.
 *
 * The includer defines
 *   load_row(p), load_row_first(p, columns): LANES words of an activation row, zero beyond its end;
 *   multiply_add(weight, value, sum).
 */

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

static INLINE void begin_sums(void) {}
static INLINE void end_sums(void) {}
static INLINE void sum_rows(const float *panel, const float *rows, size_t columns, size_t times,
                            float (*sums)[PANEL_WIDTH]) {
  sum_table[times - 1](panel, rows, columns, sums);
}
