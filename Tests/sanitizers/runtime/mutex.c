/* Tells ThreadSanitizer of the locks of Swift's Mutex. Its quick way is compiled into the library and seen; the way of a
 * contended lock is in Swift's runtime, where the kernel hands the lock over, and is not: without this, what two threads
 * do one after the other under a contended Mutex is reported as a race. The functions stand before the runtime's own,
 * which they call; their names are those of Swift 6's _MutexHandle._lockSlow(UInt32) and _unlockSlow(). */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex
#define LOCK "$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF"
#define UNLOCK "$s15Synchronization12_MutexHandleV11_unlockSlowyyF"

void __tsan_acquire(void *address);
void __tsan_release(void *address);
SWIFT void lock_slowly(uint32_t thread, SELF) __asm__(LOCK);
SWIFT void unlock_slowly(SELF) __asm__(UNLOCK);

static void *runtime_function(const char *name) {
  void *function = dlsym(RTLD_NEXT, name);
  if (!function) abort();
  return function;
}

SWIFT void lock_slowly(uint32_t thread, SELF) {
  SWIFT void (*lock)(uint32_t, SELF);
  *(void **)&lock = runtime_function(LOCK);
  lock(thread, mutex);
  __tsan_acquire(mutex);
}

SWIFT void unlock_slowly(SELF) {
  SWIFT void (*unlock)(SELF);
  *(void **)&unlock = runtime_function(UNLOCK);
  __tsan_release(mutex);
  unlock(mutex);
}
