/* The floating-point control word that all numeric work runs under: round to nearest, no traps, denormals as zero
 * (arithmetic on them is up to ten times slower, and a result must not depend on the thread that computes it). */
#ifndef UNIMOE_FLOAT_CONTROL_H
#define UNIMOE_FLOAT_CONTROL_H

#if defined(__x86_64__)
#include <xmmintrin.h>

/* Returns the previous word. */
static inline unsigned umk_set_float_control(void) {
  unsigned previous = _mm_getcsr();
  _mm_setcsr(0x1f80u | 0x8040u);
  return previous;
}
static inline void umk_restore_float_control(unsigned control) { _mm_setcsr(control); }

#else

static inline unsigned umk_set_float_control(void) { return 0; }
static inline void umk_restore_float_control(unsigned control) { (void)control; }

#endif
#endif
