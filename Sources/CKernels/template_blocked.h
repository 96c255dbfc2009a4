/* Blocked products: panels of weights (template_panel.h) meet tiles of activation rows.
 *
 * The includer defines
 *   pack_rows: umk_blocked_kernels.pack_rows;
 *   begin_sums(), end_sums(): around all sums of a panel;
 *   sum_rows(panel, rows, columns, times, sums): the products of a panel with a tile of `times` packed rows.
 */

/* Outputs begin..<begin + PANEL_WIDTH, or fewer at `end`; panel: scratch for the packed weights. */
static void blocked_linear(const umk_matrix *w, size_t begin, size_t end, const float *packed, size_t m,
                           const float *bias, float *panel, float *const *y) {
  const char *row[PANEL_WIDTH];
  point_to_rows(w, begin, end, PANEL_WIDTH, row);
  for (int half = 0; half < 2; half++) pack_table[w->dtype](row + half * LANES, w->columns, panel + half * LANES);
  const size_t words = packed_words(w->columns);
  begin_sums();
  for (size_t tile = 0; tile < tile_count(m); tile++) {
    const size_t first = tile_begin(tile, m), times = tile_begin(tile + 1, m) - first;
    _Alignas(64) tile_sums sums;
    sum_rows(panel, packed + first * words, w->columns, times, sums);
    for (size_t t = 0; t < times; t++)
      for (size_t n = begin; n < end && n < begin + PANEL_WIDTH; n += LANES) {
        vfloat sum = vload(sums[t] + (n - begin));
        /* As template_linear.h does: adding 0 makes -0 a 0. */
        store(y[first + t] + n, end - n, vadd(sum, bias ? load(bias + n, end - n) : vzero()));
      }
  }
  end_sums();
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
  begin_sums();
  for (size_t tile = 0; tile < tile_count(m); tile++) {
    const size_t first = tile_begin(tile, m), times = tile_begin(tile + 1, m) - first;
    _Alignas(64) tile_sums sums;
    sum_rows(panel, packed + first * words, gate->columns, times, sums);
    for (size_t t = 0; t < times; t++)
      store(h[first + t] + begin, end - begin, vmul(vsilu(vload(sums[t])), vload(sums[t] + LANES)));
  }
  end_sums();
}

#define BLOCKED_KERNELS {PANEL_WIDTH, TIMES, packed_words, pack_rows, blocked_linear, blocked_gated}
