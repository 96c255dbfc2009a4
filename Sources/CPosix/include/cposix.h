/* Threads of ours, and the floating-point state that they begin with.
 *
 * It is C because the kernels' pool starts its workers by it, and because Swift does not see variadic functions and casts
 * in macros.
 */
#ifndef UNIMOE_CPOSIX_H
#define UNIMOE_CPOSIX_H

#ifdef __cplusplus
extern "C" {
#endif

/* Starts a detached thread that runs body(context); its name is cut to 15 bytes. Returns 0 or the error's number.
 *
 * Whatever the calling thread is like, the new one is scheduled as SCHED_OTHER, rounds to the nearest without traps,
 * keeps denormals, has a stack of 2 MiB, and takes no signals but those that a fault of its own raises, which the
 * program's crash handler is to see. [thread-safe] */
int cposix_start_thread(const char *name, void (*body)(void *context), void *context);

/* Gives the calling thread the floating-point state that a program begins with: to the nearest, denormals kept, no
 * traps. */
void cposix_set_default_arithmetic(void);

#ifdef __cplusplus
}
#endif
#endif
