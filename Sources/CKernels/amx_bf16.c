/* Blocked products of bf16 weights with activations rounded to bf16, by AMX tiles. */
#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel_table.h"
#include "template.h"

#pragma clang attribute push(                                                                                 \
    __attribute__((target("amx-tile,amx-bf16,avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c"))), \
    apply_to = function)

#include "vector_avx512.h"
#include "template_functions.h"
#include "template_rows.h"

/* Rows of a tile register, each of LANES words. Two of activations meet two of weights: four tiles of sums. */
#define TILE_ROWS 16
#define TIMES (2 * TILE_ROWS)
#include "words_bf16.h"
#include "template_panel.h"

static INLINE size_t upper_rows(size_t times) { return times < TILE_ROWS ? times : TILE_ROWS; }

/* A vector of row t of a tile lies among the same of its TILE_ROWS neighbours: what one register loads is contiguous. */
static void pack_rows(const float *const *x, size_t m, size_t columns, size_t tile, float *packed) {
  const size_t first = tile_begin(tile, m), times = tile_begin(tile + 1, m) - first, steps = steps_of(columns);
  float *destination = packed + first * packed_words(columns);
  for (size_t begin = 0; begin < times; begin += TILE_ROWS) {
    const size_t rows = upper_rows(times - begin);
    for (size_t t = 0; t < rows; t++) {
      const float *row = x[first + begin + t];
      for (size_t step = 0; step < steps; step++) {
        const size_t k = step * STEP_COLUMNS, left = columns - k;
        vstore(destination + (step * rows + t) * LANES,
               left >= STEP_COLUMNS ? load_row(row + k) : load_row_first(row + k, left));
      }
    }
    destination += rows * steps * LANES;
  }
}

/* ldtilecfg's operand. Registers 0 to 3 hold sums, upper rows first; 4 and 5 activations; 6 and 7 weights. */
struct tile_shapes {
  uint8_t palette, start, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

static _Thread_local size_t configured; /* activation rows that this thread's registers are shaped for; 0: none */

static void configure(size_t times) {
  if (times == configured) return;
  struct tile_shapes shapes = {.palette = 1};
  const size_t upper = upper_rows(times), lower = times - upper;
  const uint8_t rows[8] = {(uint8_t)upper, (uint8_t)upper, (uint8_t)lower, (uint8_t)lower,
                           (uint8_t)upper, (uint8_t)lower, TILE_ROWS,      TILE_ROWS};
  for (int i = 0; i < 8; i++) {
    shapes.rows[i] = rows[i];
    shapes.row_bytes[i] = rows[i] ? LANES * sizeof(float) : 0;
  }
  _tile_loadconfig(&shapes);
  configured = times;
}

static INLINE void begin_sums(void) { configured = 0; }
/* Registers in use would make every switch of threads dearer. */
static INLINE void end_sums(void) {
  _tile_release();
  configured = 0;
}

#define ROW_BYTES (LANES * sizeof(float))
#define PANEL_BYTES (PANEL_WIDTH * sizeof(float))

static NOINLINE void sum_rows(const float *panel, const float *rows, size_t columns, size_t times,
                              float (*sums)[PANEL_WIDTH]) {
  const size_t steps = steps_of(columns), upper = upper_rows(times), lower = times - upper;
  const float *lower_rows = rows + upper * steps * LANES;
  configure(times);
  _tile_zero(0);
  _tile_zero(1);
  if (lower) {
    _tile_zero(2);
    _tile_zero(3);
  }
  for (size_t step = 0; step < steps; step++, panel += LANES * PANEL_WIDTH) {
    _tile_loadd(4, rows + step * upper * LANES, ROW_BYTES);
    _tile_loadd(6, panel, PANEL_BYTES);
    _tile_loadd(7, panel + LANES, PANEL_BYTES);
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    if (lower) {
      _tile_loadd(5, lower_rows + step * lower * LANES, ROW_BYTES);
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  _tile_stored(0, sums[0], PANEL_BYTES);
  _tile_stored(1, sums[0] + LANES, PANEL_BYTES);
  if (lower) {
    _tile_stored(2, sums[upper], PANEL_BYTES);
    _tile_stored(3, sums[upper] + LANES, PANEL_BYTES);
  }
}

#include "template_blocked.h"

#pragma clang attribute pop

static const struct umk_blocked_kernels tile_kernels = BLOCKED_KERNELS;

__attribute__((target("xsave"))) bool umk_has_tiles(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE)) return false;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return false;
  const unsigned amx_bf16 = 1u << 22, amx_tile = 1u << 24;
  const unsigned long long tile_state = 3ull << 17;
  return (d & amx_bf16) && (d & amx_tile) && (_xgetbv(0) & tile_state) == tile_state;
}

/* Linux gives the state's 8 KiB only to processes that ask (Documentation/arch/x86/xstate.rst); refused where it does not
 * know the request, or where a thread's signal stack is too small for it. */
static int may_use_tiles(void) {
  enum { REQUEST_PERMISSION = 0x1023, TILE_DATA = 18 };
  return syscall(SYS_arch_prctl, REQUEST_PERMISSION, TILE_DATA) == 0;
}

const struct umk_blocked_kernels *umk_tile_kernels(void) {
  enum { UNKNOWN, NO, YES };
  static atomic_int answer = UNKNOWN;
  int known = atomic_load_explicit(&answer, memory_order_relaxed);
  if (known == UNKNOWN) {
    known = umk_has_tiles() && __builtin_cpu_supports("avx512bf16") && may_use_tiles() ? YES : NO;
    atomic_store_explicit(&answer, known, memory_order_relaxed);
  }
  return known == YES ? &tile_kernels : NULL;
}

#else

#include "kernel_table.h"

bool umk_has_tiles(void) { return false; }

const struct umk_blocked_kernels *umk_tile_kernels(void) { return NULL; }

#endif
