/* What a host is like, and what it does: real-time threads, other rounding, cancelled threads, forks, closed descriptors,
 * signals, no memory, small stacks, many engines. The library is a good guest in all of them.
 * usage: guest [FACT]     runs one fact, or all: each in a process of its own, with a limit of two minutes. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>
#include <unimoe_audio.h>

/* Where failures are told: standard error may be closed. */
static int report = STDERR_FILENO;
static int failures;

static void expect(int holds, const char *fact, int line) {
  if (holds) return;
  char message[512], text[1024];
  unimoe_error_message(message, sizeof message);
  int length = snprintf(text, sizeof text, "  line %d: %s (last error: %s)\n", line, fact, message);
  if (write(report, text, (size_t)length) < 0) failures++;
  failures++;
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)

static unimoe_engine *open_engine(void) {
  unimoe_engine *engine = NULL;
  EXPECT(unimoe_engine_open(NULL, &engine) == UNIMOE_OK);
  if (!engine) _exit(EXIT_FAILURE);
  return engine;
}

static unimoe_request music(double seconds) {
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.task = UNIMOE_TASK_MUSIC;
  request.text = "slow strings";
  request.shortest = request.longest = seconds;
  return request;
}

typedef struct sound {
  unimoe_engine *engine;
  float *samples;
  uint32_t count;
  unimoe_status status;
} sound;

/* Room for the sounds of one fact; a stack may be small. */
enum { MOST = 40000, SOUNDS = 32 };
static float room[SOUNDS][MOST];
static atomic_int sounds;

/* Half a second of music, the same each time. */
static void *render(void *argument) {
  sound *made = argument;
  unimoe_request request = music(0.5);
  unimoe_stream *stream;
  made->samples = room[atomic_fetch_add(&sounds, 1) % SOUNDS];
  made->status = unimoe_stream_start(made->engine, &request, &stream);
  if (made->status) return NULL;
  made->status = unimoe_stream_wait_read(stream, made->samples, MOST, 60000, &made->count);
  unimoe_stream_release(stream);
  return NULL;
}

static sound rendered(unimoe_engine *engine) {
  sound made = {.engine = engine};
  render(&made);
  EXPECT(made.status == UNIMOE_OK && made.count > 1000);
  return made;
}

static int same(sound a, sound b) {
  return a.count == b.count && a.samples && b.samples && !memcmp(a.samples, b.samples, a.count * sizeof(float));
}

/* ---- Scheduling ---- */

/* Threads whose names begin like ours; how many of them are not scheduled as others are. */
static int count_threads(int *extraordinary) {
  int count = 0;
  *extraordinary = 0;
  DIR *tasks = opendir("/proc/self/task");
  if (!tasks) return 0;
  for (struct dirent *entry; (entry = readdir(tasks));) {
    char path[300], name[32] = "";
    snprintf(path, sizeof path, "/proc/self/task/%s/comm", entry->d_name);
    FILE *file = fopen(path, "r");
    if (!file) continue;
    if (fgets(name, sizeof name, file) && !strncmp(name, "unimoe-", 7)) {
      count++;
      if (sched_getscheduler((pid_t)strtol(entry->d_name, NULL, 10)) != SCHED_OTHER) ++*extraordinary;
    }
    fclose(file);
  }
  closedir(tasks);
  return count;
}

static void *host_of_policy(void *argument) {
  int policy = *(int *)argument;
  struct sched_param parameters = {.sched_priority = policy == SCHED_FIFO ? 5 : 0};
  if (pthread_setschedparam(pthread_self(), policy, &parameters)) return NULL; /* no rights: the other policy does */
  unimoe_engine *engine = open_engine();
  unimoe_request request = music(4);
  unimoe_stream *stream;
  float samples[512];
  uint32_t count;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  EXPECT(unimoe_stream_wait_read(stream, samples, 512, 60000, &count) == UNIMOE_OK);
  int extraordinary, threads = count_threads(&extraordinary);
  EXPECT(threads > 0 && extraordinary == 0);
  unimoe_stream_release(stream);
  unimoe_engine_close(engine);
  int now;
  EXPECT(!pthread_getschedparam(pthread_self(), &now, &parameters) && now == policy);
  return NULL;
}

static void scheduling(void) {
  int policies[] = {SCHED_BATCH, SCHED_FIFO};
  for (int i = 0; i < 2; i++) {
    pthread_t thread;
    EXPECT(!pthread_create(&thread, NULL, host_of_policy, &policies[i]));
    pthread_join(thread, NULL);
  }
}

/* ---- Arithmetic ---- */

static unsigned control_word(void) {
#if defined(__x86_64__)
  return __builtin_ia32_stmxcsr() & ~0x3fu; /* without the flags of past exceptions */
#else
  return (unsigned)fegetround();
#endif
}

/* Denormals as zero, where that can be said here. */
static void flush_denormals(void) {
#if defined(__x86_64__)
  __builtin_ia32_ldmxcsr(__builtin_ia32_stmxcsr() | 0x8040);
#endif
}

static unimoe_voice *cloned(unimoe_engine *engine) {
  enum { RATE = 16000 };
  static float recording[2 * RATE];
  unsigned noise = 1;
  for (int i = 0; i < 2 * RATE; i++) {
    noise = noise * 1664525 + 1013904223;
    recording[i] = 0.3f * ((float)(noise >> 8) / 8388608.0f - 1);
  }
  unimoe_voice *voice = NULL;
  EXPECT(unimoe_voice_create(engine, recording, 2 * RATE, 1, RATE, "noise", &voice) == UNIMOE_OK);
  return voice;
}

/* The bytes of a stored voice. */
static long stored(unimoe_voice *voice, const char *name, char *bytes, long size) {
  char path[512];
  EXPECT(unimoe_voice_save(voice, name, 1) == UNIMOE_OK);
  snprintf(path, sizeof path, "%s/unimoe-audio/voices/%s.safetensors", getenv("XDG_DATA_HOME"), name);
  FILE *file = fopen(path, "rb");
  if (!file) return -1;
  long count = (long)fread(bytes, 1, (size_t)size, file);
  fclose(file);
  return count;
}

static void arithmetic(void) {
  static char usual[100000], other[100000];
  unimoe_engine *engine = open_engine();
  sound ordinary = rendered(engine);
  unimoe_voice *voice = cloned(engine);
  long bytes = stored(voice, "arithmetic", usual, sizeof usual);
  EXPECT(bytes > 100);
  unimoe_voice_release(voice);
  unimoe_engine_close(engine);
  const int roundings[] = {FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
  for (int i = 0; i < 3; i++) {
    fesetround(roundings[i]);
    flush_denormals();
    unsigned before = control_word();
    engine = open_engine();
    EXPECT(same(rendered(engine), ordinary));
    voice = cloned(engine);
    EXPECT(stored(voice, "arithmetic", other, sizeof other) == bytes && !memcmp(usual, other, (size_t)bytes));
    unimoe_voice_release(voice);
    unimoe_engine_close(engine);
    EXPECT(control_word() == before && fegetround() == roundings[i]);
  }
}

/* ---- Cancelled threads ---- */

static void *wait_for_ever(void *argument) {
  float samples[64];
  uint32_t count;
  for (;;) unimoe_stream_wait_read(argument, samples, 64, 100, &count);
  return NULL;
}

static void hold(void *user, unimoe_phase phase, uint32_t done, uint32_t expected) {
  (void)phase, (void)done, (void)expected;
  while (atomic_load((atomic_int *)user)) usleep(1000);
}

static void cancelled_threads(void) {
  atomic_int held = 1;
  unimoe_engine *engine = open_engine();
  unimoe_request request = music(1);
  request.progress = hold;
  request.user = &held;
  unimoe_stream *stream;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  for (int i = 0; i < 20; i++) {
    pthread_t thread;
    EXPECT(!pthread_create(&thread, NULL, wait_for_ever, stream));
    usleep(10000);
    pthread_cancel(thread);
    pthread_join(thread, NULL);
  }
  float samples[64];
  uint32_t count = 1;
  EXPECT(unimoe_stream_wait_read(stream, samples, 64, 50, &count) == UNIMOE_ERROR_TIMEOUT && count == 0);
  atomic_store(&held, 0);
  EXPECT(unimoe_stream_wait_read(stream, samples, 64, 60000, &count) == UNIMOE_OK && count == 64);
  unimoe_stream_release(stream);
  unimoe_engine_close(engine);
}

/* ---- Forks ---- */

static void forks(void) {
  unimoe_engine *engine = open_engine();
  sound expected = rendered(engine);
  unimoe_request request = music(8);
  unimoe_stream *stream;
  float samples[512];
  uint32_t count;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  EXPECT(unimoe_stream_wait_read(stream, samples, 512, 60000, &count) == UNIMOE_OK);
  for (int i = 0; i < 8; i++) {
    pid_t child = fork();
    if (child == 0) {
      alarm(60);
      unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
      EXPECT(unimoe_stream_wait(stream, -1) == UNIMOE_ERROR_ARGUMENT);
      EXPECT(unimoe_stream_wait_read(stream, samples, 512, -1, &count) == UNIMOE_ERROR_ARGUMENT);
      EXPECT(unimoe_stream_get_state(stream, &state) == UNIMOE_ERROR_ARGUMENT);
      unimoe_stream_cancel(stream);
      unimoe_stream_release(stream);
      /* The child's own streams are as good as the parent's. */
      EXPECT(same(rendered(engine), expected));
      unimoe_engine_close(engine);
      _exit(failures ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    int status = -1;
    EXPECT(child > 0 && waitpid(child, &status, 0) == child);
    EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  /* None of that was seen by the parent. */
  EXPECT(unimoe_stream_wait_read(stream, samples, 512, 60000, &count) == UNIMOE_OK && count == 512);
  unimoe_stream_release(stream);
  EXPECT(same(rendered(engine), expected));
  unimoe_engine_close(engine);
}

/* ---- Memory ---- */

static long used_kilobytes(void) {
  char line[256] = "";
  FILE *file = fopen("/proc/self/statm", "r");
  if (file) {
    if (!fgets(line, sizeof line, file)) line[0] = 0;
    fclose(file);
  }
  return strtol(line, NULL, 10) * (sysconf(_SC_PAGESIZE) / 1024);
}

/* Starts are refused with SYSTEM, or succeed; whatever the limit, the process lives. */
static void no_memory(void) {
  mallopt(M_ARENA_MAX, 1); /* others keep address space that they do not use */
  unimoe_engine *engine = open_engine();
  EXPECT(rendered(engine).count > 0);
  int refusals = 0;
  /* A little room for the host's own strings and the message; none for rings, caches and stacks. */
  for (long room = 1024; room <= 5120; room += 1024) {
    struct rlimit old, limit;
    getrlimit(RLIMIT_AS, &old);
    limit = old;
    limit.rlim_cur = (rlim_t)(used_kilobytes() + room) * 1024;
    setrlimit(RLIMIT_AS, &limit);
    unimoe_request request = music(15);
    request.sample_rate = 384000;
    unimoe_stream *stream;
    unimoe_status status = unimoe_stream_start(engine, &request, &stream);
    setrlimit(RLIMIT_AS, &old);
    EXPECT(status == UNIMOE_OK || status == UNIMOE_ERROR_SYSTEM);
    if (status == UNIMOE_ERROR_SYSTEM) refusals++;
    if (stream) unimoe_stream_release(stream);
  }
  EXPECT(refusals > 0);
  EXPECT(rendered(engine).count > 0);
  unimoe_engine_close(engine);
}

/* ---- Descriptors ---- */

static atomic_int scribbles;

static void *scribble(void *argument) {
  (void)argument;
  while (atomic_load(&scribbles)) {
    for (int descriptor = 0; descriptor < 3; descriptor++) {
      if (write(descriptor, "x", 1) == 1) failures++;
    }
  }
  return NULL;
}

/* A host without standard descriptors, parts of which write to them all the same. */
static void closed_descriptors(void) {
  static char usual[100000], other[100000];
  unimoe_engine *engine = open_engine();
  unimoe_voice *voice = cloned(engine);
  long bytes = stored(voice, "descriptors", usual, sizeof usual);
  report = fcntl(STDERR_FILENO, F_DUPFD, 10);
  close(0), close(1), close(2);
  pthread_t thread;
  atomic_store(&scribbles, 1);
  EXPECT(!pthread_create(&thread, NULL, scribble, NULL));
  for (int i = 0; i < 200; i++) EXPECT(unimoe_voice_save(voice, "descriptors", 1) == UNIMOE_OK);
  unimoe_engine *second = open_engine();
  EXPECT(rendered(second).count > 0);
  unimoe_engine_close(second);
  atomic_store(&scribbles, 0);
  pthread_join(thread, NULL);
  EXPECT(failures == 0);
  EXPECT(stored(voice, "descriptors", other, sizeof other) == bytes && !memcmp(usual, other, (size_t)bytes));
  unimoe_voice_release(voice);
  unimoe_engine_close(engine);
}

/* ---- Signals ---- */

static void ignore(int number) { (void)number; }

/* A timer that interrupts what waits, a thousand times a second. */
static void signals(void) {
  unimoe_engine *engine = open_engine();
  sound expected = rendered(engine);
  struct sigaction action = {.sa_handler = ignore}; /* without SA_RESTART */
  sigaction(SIGALRM, &action, NULL);
  struct itimerval often = {{0, 1000}, {0, 1000}}, never = {{0, 0}, {0, 0}};
  setitimer(ITIMER_REAL, &often, NULL);
  EXPECT(same(rendered(engine), expected));
  unimoe_voice *voice = cloned(engine);
  EXPECT(unimoe_voice_save(voice, "signals", 1) == UNIMOE_OK);
  unimoe_voice_release(voice);
  unimoe_engine_close(engine);
  engine = open_engine();
  EXPECT(same(rendered(engine), expected));
  setitimer(ITIMER_REAL, &never, NULL);
  unimoe_engine_close(engine);
}

/* ---- Stacks ---- */

static void small_stacks(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_STACK, &limit);
  limit.rlim_cur = 64 << 10; /* what threads get that ask for nothing */
  setrlimit(RLIMIT_STACK, &limit);
  unimoe_engine *engine = open_engine();
  sound expected = rendered(engine), made = {.engine = engine};
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 128 << 10);
  pthread_t thread;
  EXPECT(!pthread_create(&thread, &attributes, render, &made));
  pthread_join(thread, NULL);
  EXPECT(same(made, expected));
  unimoe_engine_close(engine);
}

/* ---- Engines ---- */

static void many_engines(void) {
  enum { ENGINES = 12 };
  sound made[ENGINES] = {{0}};
  pthread_t threads[ENGINES];
  for (int i = 0; i < ENGINES; i++) {
    unimoe_engine_options options = UNIMOE_ENGINE_OPTIONS_INIT;
    options.threads = i % 4 == 3 ? 256 : i % 4;
    EXPECT(unimoe_engine_open(&options, &made[i].engine) == UNIMOE_OK);
    EXPECT(!pthread_create(&threads[i], NULL, render, &made[i]));
  }
  for (int i = 0; i < ENGINES; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < ENGINES; i++) EXPECT(same(made[i], made[0]));
  for (int i = 0; i < ENGINES; i++) unimoe_engine_close(made[i].engine);
}

static const struct {
  const char *name;
  void (*run)(void);
} facts[] = {{"scheduling", scheduling}, {"arithmetic", arithmetic},     {"cancelled-threads", cancelled_threads},
             {"forks", forks},           {"no-memory", no_memory},       {"closed-descriptors", closed_descriptors},
             {"signals", signals},       {"small-stacks", small_stacks}, {"many-engines", many_engines}};

int main(int argc, char **argv) {
  int failed = 0, known = 0;
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    /* The library's own arguments, a path each, name no fact. */
    if (argc == 2 && argv[1][0] != '/' && strcmp(argv[1], facts[i].name) != 0) continue;
    known = 1;
    pid_t child = fork();
    if (child == 0) {
      alarm(120);
      facts[i].run();
      _exit(failures ? EXIT_FAILURE : EXIT_SUCCESS);
    }
    int status = -1;
    if (child < 0 || waitpid(child, &status, 0) != child) return EXIT_FAILURE;
    int holds = WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (WIFSIGNALED(status)) printf("  ended by signal %d\n", WTERMSIG(status));
    printf("%s  %s\n", holds ? "ok    " : "FAILED", facts[i].name);
    fflush(stdout);
    failed += !holds;
  }
  return failed || !known ? EXIT_FAILURE : EXIT_SUCCESS;
}
