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

#elif defined(__aarch64__)

/* Returns the previous word; FZ is bit 24 of the control register, to the nearest is 0 in bits 22 and 23. */
static inline unsigned umk_set_float_control(void) {
  unsigned long previous;
  __asm__ volatile("mrs %0, fpcr" : "=r"(previous));
  __asm__ volatile("msr fpcr, %0" : : "r"(1ul << 24));
  return (unsigned)previous;
}
static inline void umk_restore_float_control(unsigned control) {
  __asm__ volatile("msr fpcr, %0" : : "r"((unsigned long)control));
}

#else

static inline unsigned umk_set_float_control(void) { return 0; }
static inline void umk_restore_float_control(unsigned control) { (void)control; }

#endif
#endif
