/* What Swift does not see of the C library: variadic functions and casts in macros. */
#ifndef UNIMOE_POSIX_SHIM_H
#define UNIMOE_POSIX_SHIM_H

#include <fenv.h>
#include <sys/prctl.h>

/* Names the calling thread; what is longer than 15 bytes is cut. */
static inline void cposix_name_thread(const char *name) { prctl(PR_SET_NAME, name, 0, 0, 0); }

/* Gives the calling thread the floating-point state that a program begins with. */
static inline void cposix_set_default_arithmetic(void) { fesetenv(FE_DFL_ENV); }

#endif
