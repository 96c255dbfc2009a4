/* The process's one pool of worker threads.
 *
 * It is C because it needs the futex call and a fixed memory order. Workers are started by the first umk_pool_run that
 * can use them, never before; they are as cposix_start_thread makes them, bear the name "unimoe-worker", flush denormals,
 * spin shortly for the next job where there is a processor for each, and then sleep.
 */
#ifndef UNIMOE_WORKER_POOL_H
#define UNIMOE_WORKER_POOL_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a job runs for each index; worker is below umk_pool_limit() and belongs to no other thread of the same job. */
typedef void (*umk_pool_body)(void *context, size_t index, size_t worker);

/* Threads that a job uses at most, the caller included. The default is the number of processors in the affinity mask, or
 * the allotment if that is less. The mask is the calling thread's; it is looked at again from time to time. [thread-safe] */
size_t umk_pool_threads(void);

/* Sets that number; 0 means the default, and umk_pool_limit() is the largest. No more than four a processor take part.
 * Threads are started when a job first needs them, and idle ones sleep. [thread-safe] */
void umk_pool_set_threads(size_t threads);

/* Sets the processors that the process may use for long, whatever its affinity mask says. [thread-safe] */
void umk_pool_set_allotment(size_t processors);

/* The largest number of threads, hence of values of `worker`. */
size_t umk_pool_limit(void);

/* Runs body(context, index, worker) once for each index in 0..<count, on any of the threads, and returns when all are
 * done. The caller takes part, with denormals flushed for the while. A call from inside a body, or while another
 * thread's job runs, runs all indices on the calling thread with worker 0. [thread-safe] */
void umk_pool_run(size_t count, umk_pool_body body, void *context);

#ifdef __cplusplus
}
#endif
#endif
