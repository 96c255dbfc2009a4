/* Weights packed for blocked products: panels of PANEL_WIDTH outputs that are read in order. What is packed are words of
 * 32 bits: a float, or a pair of neighbouring bf16. Word k of a row belongs to class k % CLASSES.
 *
 * The includer defines CLASSES, WORD_COLUMNS (columns in a word), TIMES (activation rows of a tile at most), and
 *   load_weights(p, dtype), load_weights_first(p, dtype, columns): LANES words of a stored row, zero beyond its end.
 */

#define PANEL_WIDTH (2 * LANES)
#define STEP_COLUMNS (LANES * WORD_COLUMNS)

/* Vectors of a row; one more than needed where classes would otherwise lie a multiple of a page apart. */
static INLINE size_t steps_of(size_t columns) { return (columns + STEP_COLUMNS - 1) / STEP_COLUMNS; }
static INLINE size_t padded_steps(size_t columns) { return CLASSES == 1 ? steps_of(columns) : steps_of(columns) | 1; }
/* The place of word `lane` of vector `step` in a packed row, in words. */
static INLINE size_t place(size_t step, int lane, size_t columns) {
  return CLASSES == 1 ? step * LANES + (size_t)lane : (size_t)lane * padded_steps(columns) + step;
}

static size_t packed_words(size_t columns) { return LANES * padded_steps(columns); }

/* The first row of tile `tile` of m rows: tiles are of nearly one size. */
static INLINE size_t tile_count(size_t m) { return (m + TIMES - 1) / TIMES; }
static INLINE size_t tile_begin(size_t tile, size_t m) { return tile * m / tile_count(m); }

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
