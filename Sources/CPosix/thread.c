#define _GNU_SOURCE
#include "cposix.h"

#include <errno.h>
#include <fenv.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

/* Stated, because RLIMIT_STACK is the host's; memory is used as far as it is touched. */
#define STACK_BYTES ((size_t)2 << 20)

typedef struct start {
  char name[16];
  void (*body)(void *context);
  void *context;
} start;

void cposix_set_default_arithmetic(void) { fesetenv(FE_DFL_ENV); }

static void *run(void *argument) {
  start own = *(start *)argument;
  free(argument);
  cposix_set_default_arithmetic();
  pthread_setname_np(pthread_self(), own.name);
  own.body(own.context);
  return NULL;
}

/* Whether the calling thread is scheduled as the new one shall be. */
static int is_ordinary(void) {
  int policy;
  struct sched_param parameters;
  return pthread_getschedparam(pthread_self(), &policy, &parameters) == 0 && policy == SCHED_OTHER;
}

static int create(start *argument) {
  pthread_attr_t attributes;
  int status = pthread_attr_init(&attributes);
  if (status != 0) return status;
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
  pthread_attr_setschedpolicy(&attributes, SCHED_OTHER);
  pthread_attr_setschedparam(&attributes, &(struct sched_param){0});
  pthread_t thread;
  status = pthread_create(&thread, &attributes, run, argument);
  /* A sandbox may forbid the call that sets what would be so anyhow. */
  if (status == EPERM && is_ordinary()) {
    pthread_attr_setinheritsched(&attributes, PTHREAD_INHERIT_SCHED);
    status = pthread_create(&thread, &attributes, run, argument);
  }
  pthread_attr_destroy(&attributes);
  return status;
}

int cposix_start_thread(const char *name, void (*body)(void *context), void *context) {
  start *argument = malloc(sizeof *argument);
  if (!argument) return ENOMEM;
  *argument = (start){.body = body, .context = context};
  strncpy(argument->name, name, sizeof argument->name - 1);
  sigset_t blocked, previous;
  sigfillset(&blocked);
  const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS};
  for (size_t index = 0; index < sizeof faults / sizeof *faults; index++) sigdelset(&blocked, faults[index]);
  pthread_sigmask(SIG_SETMASK, &blocked, &previous);
  int status = create(argument);
  pthread_sigmask(SIG_SETMASK, &previous, NULL);
  if (status != 0) free(argument);
  return status;
}
