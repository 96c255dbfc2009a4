#define _GNU_SOURCE
#include "worker_pool.h"

#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "cposix.h"
#include "float_control.h"

/* A thread of more than this many CPUs would wait for memory, not for arithmetic. */
#define LIMIT 256
/* Pauses before a waiting thread sleeps: some tenths of a millisecond, longer than the gap between two jobs of a step. */
#define SPINS 20000
/* Threads of a processor that take part in a job at the most: more only wake each other. */
#define THREADS_PER_PROCESSOR 4
/* Jobs between two looks at the processors that the process may use. */
#define LOOK_INTERVAL 1024

/* A job's ticket: its generation in the upper half, the next unclaimed index in the lower. A thread that claims an index
 * by compare-and-swap thereby proves that the job whose fields it read is still the current one. */
#define CLOSED UINT32_MAX
#define TICKET(generation, index) ((uint64_t)(generation) << 32 | (uint32_t)(index))

static struct {
  _Alignas(64) _Atomic uint64_t ticket;
  _Atomic(umk_pool_body) body;
  _Atomic(void *) context;
  _Atomic uint32_t count;
  _Alignas(64) _Atomic uint32_t done; /* indices finished; the owner sleeps on it */
  _Atomic uint32_t owner_sleeps;
  _Alignas(64) _Atomic uint32_t generation; /* changes with every job; idle workers sleep on it */
  _Atomic uint32_t sleepers;
  _Alignas(64) _Atomic uint32_t wanted; /* threads that were asked for; 0 = the default */
  _Atomic uint32_t allotment;           /* the most that the default takes */
  _Atomic uint32_t processors;          /* that the process may use; 0 = not yet looked */
  _Atomic uint32_t threads;             /* that take part; surplus workers sleep on it */
  _Atomic bool spins;                   /* whether each of them has a processor */
  _Atomic bool busy;                    /* one job at a time; its owner alone starts workers */
  uint32_t started, jobs;
  bool fork_handled;
} pool = {.ticket = TICKET(0, CLOSED), .allotment = LIMIT};

static void futex_wait(_Atomic uint32_t *word, uint32_t expected) {
  syscall(SYS_futex, (uint32_t *)word, FUTEX_WAIT_PRIVATE, expected, NULL, NULL, 0);
}

static void futex_wake(_Atomic uint32_t *word, int threads) {
  syscall(SYS_futex, (uint32_t *)word, FUTEX_WAKE_PRIVATE, threads, NULL, NULL, 0);
}

static inline void pause_briefly(void) {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

static uint32_t at_least_one(uint32_t number, uint32_t most) { return number < 1 ? 1 : number > most ? most : number; }

/* Looks at the calling thread's processors, and decides how many threads take part. */
static void plan_threads(void) {
  cpu_set_t set;
  int found = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : (int)sysconf(_SC_NPROCESSORS_ONLN);
  uint32_t processors = at_least_one(found < 0 ? 0 : (uint32_t)found, LIMIT);
  uint32_t allotment = at_least_one(atomic_load(&pool.allotment), processors);
  uint32_t wanted = atomic_load(&pool.wanted);
  uint32_t threads = wanted == 0 ? allotment : at_least_one(wanted, THREADS_PER_PROCESSOR * processors);
  atomic_store(&pool.processors, processors);
  atomic_store(&pool.spins, threads <= allotment);
  if (atomic_exchange(&pool.threads, threads) != threads) futex_wake(&pool.threads, INT_MAX);
}

size_t umk_pool_limit(void) { return LIMIT; }

size_t umk_pool_threads(void) {
  if (atomic_load(&pool.processors) == 0) plan_threads();
  return atomic_load(&pool.threads);
}

void umk_pool_set_threads(size_t threads) {
  atomic_store(&pool.wanted, (uint32_t)(threads > LIMIT ? LIMIT : threads));
  plan_threads();
}

void umk_pool_set_allotment(size_t processors) {
  atomic_store(&pool.allotment, at_least_one(processors > LIMIT ? LIMIT : (uint32_t)processors, LIMIT));
  if (atomic_load(&pool.processors) != 0) plan_threads();
}

/* Runs indices of the current job until none is left unclaimed. */
static void work(size_t worker, bool owner) {
  for (;;) {
    uint64_t ticket = atomic_load_explicit(&pool.ticket, memory_order_acquire);
    umk_pool_body body = atomic_load_explicit(&pool.body, memory_order_relaxed);
    void *context = atomic_load_explicit(&pool.context, memory_order_relaxed);
    uint32_t count = atomic_load_explicit(&pool.count, memory_order_relaxed);
    uint32_t index = (uint32_t)ticket;
    if (index >= count || index == CLOSED) return;
    if (!atomic_compare_exchange_weak(&pool.ticket, &ticket, ticket + 1)) continue;
    body(context, index, worker);
    bool last = atomic_fetch_add(&pool.done, 1) + 1 == count;
    if (last && !owner && atomic_load(&pool.owner_sleeps)) futex_wake(&pool.done, 1);
  }
}

/* How often a waiting thread looks before it sleeps. One that has no processor of its own keeps it from others. */
static int spins(void) { return atomic_load_explicit(&pool.spins, memory_order_relaxed) ? SPINS : 0; }

static void sleep_until_next(uint32_t seen) {
  for (int spin = spins(); spin > 0; spin--) {
    if (atomic_load_explicit(&pool.generation, memory_order_acquire) != seen) return;
    pause_briefly();
  }
  atomic_fetch_add(&pool.sleepers, 1);
  while (atomic_load(&pool.generation) == seen) futex_wait(&pool.generation, seen);
  atomic_fetch_sub(&pool.sleepers, 1);
}

static void worker_main(void *argument) {
  size_t worker = (size_t)(uintptr_t)argument;
  umk_set_float_control();
  for (;;) {
    uint32_t seen = atomic_load(&pool.generation);
    uint32_t threads = atomic_load(&pool.threads);
    if (worker >= threads) {
      futex_wait(&pool.threads, threads);
      continue;
    }
    work(worker, false);
    sleep_until_next(seen);
  }
}

/* A forked child has none of its parent's threads. */
static void forget_workers(void) {
  pool.started = 0;
  atomic_store(&pool.sleepers, 0);
  atomic_store(&pool.busy, false);
  atomic_store(&pool.ticket, TICKET(atomic_load(&pool.generation), CLOSED));
}

/* Brings the workers up to the number wanted; if the system gives no more threads, fewer do the work. */
static void start_workers(uint32_t wanted) {
  if (pool.started >= wanted) return;
  if (!pool.fork_handled) pool.fork_handled = pthread_atfork(NULL, NULL, forget_workers) == 0;
  while (pool.started < wanted) {
    if (cposix_start_thread("unimoe-worker", worker_main, (void *)(uintptr_t)(pool.started + 1)) != 0) break;
    pool.started++;
  }
}

static void wait_until_done(uint32_t count) {
  for (int spin = spins(); spin > 0; spin--) {
    if (atomic_load_explicit(&pool.done, memory_order_acquire) == count) return;
    pause_briefly();
  }
  atomic_store(&pool.owner_sleeps, 1);
  for (uint32_t done; (done = atomic_load(&pool.done)) != count;) futex_wait(&pool.done, done);
  atomic_store(&pool.owner_sleeps, 0);
}

static void run_on_workers(uint32_t count, umk_pool_body body, void *context, uint32_t threads) {
  uint32_t helpers = (threads < count ? threads : count) - 1;
  start_workers(helpers);
  uint32_t generation = atomic_load(&pool.generation) + 1;
  atomic_store(&pool.ticket, TICKET(generation, CLOSED)); /* no one claims while the fields change */
  atomic_store_explicit(&pool.body, body, memory_order_relaxed);
  atomic_store_explicit(&pool.context, context, memory_order_relaxed);
  atomic_store_explicit(&pool.count, count, memory_order_relaxed);
  atomic_store(&pool.done, 0);
  atomic_store(&pool.ticket, TICKET(generation, 0));
  atomic_store(&pool.generation, generation);
  if (atomic_load(&pool.sleepers)) futex_wake(&pool.generation, (int)helpers);
  work(0, true);
  wait_until_done(count);
}

void umk_pool_run(size_t count, umk_pool_body body, void *context) {
  if (count == 0) return;
  unsigned control = umk_set_float_control();
  uint32_t threads = (uint32_t)umk_pool_threads();
  bool idle = false;
  if (count > 1 && threads > 1 && count < CLOSED && atomic_compare_exchange_strong(&pool.busy, &idle, true)) {
    run_on_workers((uint32_t)count, body, context, threads);
    if (++pool.jobs % LOOK_INTERVAL == 0) plan_threads();
    atomic_store(&pool.busy, false);
  } else {
    for (size_t index = 0; index < count; index++) body(context, index, 0);
  }
  umk_restore_float_control(control);
}
