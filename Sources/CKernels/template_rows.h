/* Rows of activations and of stored weights, and their ends. */

/* A vector whose lanes beyond `left` are zero. */
static INLINE vfloat load(const float *p, size_t left) { return left >= LANES ? vload(p) : vload_first(p, left); }
static INLINE void store(float *p, size_t left, vfloat v) {
  if (left >= LANES) vstore(p, v);
  else vstore_first(p, left, v);
}

static INLINE size_t size_of(umk_dtype dtype) { return dtype == UMK_F32 ? 4 : 2; }

/* Points row[0..<count] to the rows of w from `first` on; what lies beyond `end` repeats the last one. */
static INLINE void point_to_rows(const umk_matrix *w, size_t first, size_t end, int count, const char **row) {
  size_t bytes = w->columns * size_of(w->dtype);
  for (int r = 0; r < count; r++) {
    size_t n = first + (size_t)r < end ? first + (size_t)r : end - 1;
    row[r] = (const char *)w->data + n * bytes;
  }
}
