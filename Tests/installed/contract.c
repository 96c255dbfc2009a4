/* What the header promises, call by call: statuses, messages, null handles, one end per stream, cancel within a tenth of
 * a second, silence before the gate and after the end, the same samples twice, several streams from several threads,
 * time limits, calls from callbacks, odd numbers. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unimoe_audio.h>

#include "expect.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void count_end(void *user, unimoe_end end, unimoe_status status) {
  (void)status;
  int *ends = user;
  ends[end]++;
}

static int message_is(const char *expected) {
  char message[512];
  size_t length = unimoe_error_message(message, sizeof message);
  return length == strlen(message) && !strcmp(message, expected);
}

static void check_versions(void) {
  char text[16];
  snprintf(text, sizeof text, "%d.%d.%d", UNIMOE_AUDIO_VERSION_MAJOR, UNIMOE_AUDIO_VERSION_MINOR,
           UNIMOE_AUDIO_VERSION_PATCH);
  EXPECT(!strcmp(unimoe_version_string(), text));
  EXPECT(unimoe_version() ==
         (UNIMOE_AUDIO_VERSION_MAJOR << 16 | UNIMOE_AUDIO_VERSION_MINOR << 8 | UNIMOE_AUDIO_VERSION_PATCH));
  EXPECT(UNIMOE_AUDIO_VERSION_AT_LEAST(0, 1, 0) && !UNIMOE_AUDIO_VERSION_AT_LEAST(99, 0, 0));
  EXPECT(!strcmp(unimoe_status_string(UNIMOE_ERROR_TIMEOUT), "timeout"));
  EXPECT(!strcmp(unimoe_status_string(12345), "unknown status"));
}

static void check_null_handles(void) {
  float samples[4] = {1, 1, 1, 1};
  uint32_t count = 7;
  unimoe_mark mark = UNIMOE_MARK_INIT;
  EXPECT(!unimoe_stream_next_mark(NULL, &mark) && !unimoe_stream_next_mark(NULL, NULL));
  unimoe_engine_close(NULL), unimoe_voice_release(NULL), unimoe_stream_release(NULL), unimoe_stream_cancel(NULL);
  EXPECT(unimoe_engine_open(NULL, NULL) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(unimoe_engine_info(NULL, NULL) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(unimoe_stream_read(NULL, samples, 4) == 0 && samples[0] == 0 && samples[3] == 0);
  EXPECT(unimoe_stream_wait_read(NULL, samples, 4, 0, &count) == UNIMOE_ERROR_ARGUMENT && count == 0);
  EXPECT(message_is("argument: stream: expected a pointer, found null"));
  EXPECT(unimoe_stream_wait(NULL, 0) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(unimoe_voice_name(NULL, 0, NULL, 0) == 0);
}

static void check_bad_input(unimoe_engine *engine) {
  unimoe_engine *other = (unimoe_engine *)&failures;
  unimoe_engine_options options = UNIMOE_ENGINE_OPTIONS_INIT;
  options.model = "/nowhere";
  EXPECT(unimoe_engine_open(&options, &other) == UNIMOE_ERROR_MODEL && !other);
  options.struct_size = 8;
  EXPECT(unimoe_engine_open(&options, &other) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(message_is("argument: options.struct_size: expected at least 40, found 8"));
  options = (unimoe_engine_options)UNIMOE_ENGINE_OPTIONS_INIT;
  options.threads = 257;
  EXPECT(unimoe_engine_open(&options, &other) == UNIMOE_ERROR_ARGUMENT);
  options.threads = 0;
  options.fast_prompt = 2;
  EXPECT(unimoe_engine_open(&options, &other) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(message_is("argument: options.fast_prompt: expected 0 or 1, found 2"));
  options.struct_size = 40; /* of a header that had no such field: the field is not looked at */
  EXPECT(unimoe_engine_open(&options, &other) == UNIMOE_OK);
  unimoe_engine_close(other);
  other = (unimoe_engine *)&failures;

  unimoe_stream *stream = (unimoe_stream *)&failures;
  unimoe_request request = UNIMOE_REQUEST_INIT;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_ARGUMENT && !stream);
  request.text = " \n";
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
  request.text = "\xff\xfe";
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(message_is("argument: request.text: expected UTF-8, found other bytes"));
  request.text = "#."; /* has nothing to say but its characters' names */
  request.longest = 0.1;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
  request.characters = 2;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_ARGUMENT);
  request.characters = 1;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  unimoe_stream_release(stream);
  request.characters = 0;
  request.longest = -1;
  request.text = "Hello.";
  request.task = 9;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_ARGUMENT);
  request.task = UNIMOE_TASK_MUSIC;
  request.sample_rate = 1;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
  request.sample_rate = 0;
  request.top_p = 1.5f;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
  request.top_p = -1;
  request.longest = 1e12;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST && !stream);

  unimoe_voice *voice = (unimoe_voice *)&failures;
  float silence[16000] = {0};
  EXPECT(unimoe_voice_open(engine, "nobody", &voice) == UNIMOE_ERROR_VOICE && !voice);
  EXPECT(unimoe_voice_open(engine, "argument", &voice) == UNIMOE_ERROR_VOICE);
  EXPECT(unimoe_voice_remove(engine, "argument") == UNIMOE_ERROR_VOICE);
  EXPECT(unimoe_voice_open(engine, NULL, NULL) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(unimoe_voice_open(engine, "../default", &voice) == UNIMOE_ERROR_VOICE);
  EXPECT(unimoe_voice_create(engine, silence, 16000, 1, 16000, "silence", &voice) == UNIMOE_ERROR_AUDIO);
  EXPECT(unimoe_voice_create(engine, silence, UINT64_MAX, 2, 16000, "huge", &voice) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(unimoe_voice_create_from_file(engine, "/nowhere.wav", "nothing", &voice) != UNIMOE_OK && !voice);
}

/* All samples of a request; the caller frees them. */
static float *render(unimoe_engine *engine, const unimoe_request *request, uint32_t *total) {
  unimoe_stream *stream;
  *total = 0;
  if (unimoe_stream_start(engine, request, &stream)) return NULL;
  float *samples = malloc(sizeof(float) * 1000000);
  uint32_t count;
  while (samples && unimoe_stream_wait_read(stream, samples + *total, 1000, 60000, &count) == UNIMOE_OK && count)
    *total += count;
  unimoe_stream_release(stream);
  return samples;
}

typedef struct rendering {
  unimoe_engine *engine;
  unimoe_request request;
  float *samples;
  uint32_t count;
} rendering;

static void *render_thread(void *argument) {
  rendering *job = argument;
  job->samples = render(job->engine, &job->request, &job->count);
  return NULL;
}

static void check_streams(unimoe_engine *engine) {
  int ends[8] = {0};
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.task = UNIMOE_TASK_MUSIC;
  request.text = "two seconds of noise";
  request.shortest = request.longest = 2;
  request.sample_rate = 44100;
  request.end = count_end;
  request.user = ends;

  rendering jobs[4];
  pthread_t threads[4];
  for (int i = 0; i < 4; i++) {
    jobs[i] = (rendering){engine, request, NULL, 0};
    jobs[i].request.seed = (uint64_t)(i / 2);
    jobs[i].request.user = NULL;
    jobs[i].request.end = NULL;
    EXPECT(!pthread_create(&threads[i], NULL, render_thread, &jobs[i]));
  }
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  EXPECT(jobs[0].count > 85000 && jobs[0].count <= 88200);
  EXPECT(jobs[0].count == jobs[1].count);
  EXPECT(jobs[0].samples && jobs[1].samples &&
         !memcmp(jobs[0].samples, jobs[1].samples, jobs[0].count * sizeof(float)));
  EXPECT(jobs[2].samples && memcmp(jobs[0].samples, jobs[2].samples, jobs[0].count * sizeof(float)) != 0);
  for (int i = 0; i < 4; i++) free(jobs[i].samples);

  /* Gate: silence before it opens, all samples after it, silence after the end. */
  unimoe_stream *stream;
  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  request.start_after = 10;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  float block[512] = {0};
  do {
    EXPECT(unimoe_stream_get_state(stream, &state) == UNIMOE_OK);
    if (!state.is_started) {
      uint32_t early = unimoe_stream_read(stream, block, 512);
      unimoe_stream_get_state(stream, &state);
      EXPECT(early == 0 || state.is_started);
      if (early) break;
    }
    nanosleep(&(struct timespec){0, 5000000}, NULL);
  } while (!state.is_started);
  EXPECT(unimoe_stream_wait(stream, 60000) == UNIMOE_OK);
  EXPECT(ends[UNIMOE_END_LENGTH] == 1);
  while (unimoe_stream_read(stream, block, 512)) {}
  block[0] = 1;
  EXPECT(unimoe_stream_read(stream, block, 512) == 0 && block[0] == 0);
  EXPECT(unimoe_stream_get_state(stream, &state) == UNIMOE_OK);
  EXPECT(state.phase == UNIMOE_PHASE_ENDED && state.end == UNIMOE_END_LENGTH && state.underruns == 0);
  EXPECT(state.frames_produced == state.frames_read && state.frames_ready == 0);
  unimoe_stream_release(stream);

  /* Cancel: one end, within a tenth of a second; what was not read is gone; again does no harm. */
  request.shortest = request.longest = 15;
  memset(ends, 0, sizeof ends);
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  uint32_t count;
  EXPECT(unimoe_stream_wait_read(stream, block, 512, 60000, &count) == UNIMOE_OK && count == 512);
  double start = now();
  unimoe_stream_cancel(stream), unimoe_stream_cancel(stream);
  EXPECT(unimoe_stream_wait(stream, 60000) == UNIMOE_OK);
  fprintf(stderr, "cancelled in %.1f ms\n", (now() - start) * 1e3);
  EXPECT(unimoe_stream_read(stream, block, 512) == 0);
  EXPECT(ends[UNIMOE_END_CANCELLED] == 1);
  unimoe_stream_release(stream);
  EXPECT(ends[UNIMOE_END_CANCELLED] == 1);

  /* A reader that never comes does not stop a release; a time limit is kept. */
  request.buffer = 0.2;
  memset(ends, 0, sizeof ends);
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  EXPECT(unimoe_stream_wait(stream, 50) == UNIMOE_ERROR_TIMEOUT);
  unimoe_stream_release(stream);
  EXPECT(ends[UNIMOE_END_CANCELLED] == 1);
}

/* A callback that slows generation down to some hundred code frames per second. */
static void dawdle(void *user, unimoe_phase phase, uint32_t done, uint32_t expected) {
  (void)user, (void)phase, (void)done, (void)expected;
  nanosleep(&(struct timespec){0, 5000000}, NULL);
}

typedef struct waiting {
  unimoe_stream *stream;
  float *samples;
  uint32_t count;
  unimoe_status status;
} waiting;

static void *wait_for_all(void *argument) {
  waiting *job = argument;
  job->status = unimoe_stream_wait_read(job->stream, job->samples, 1000000, -1, &job->count);
  return NULL;
}

/* Waiting reads: no frames, time limits that pass although samples keep coming, and a cancel from another thread. */
static void check_waiting_reads(unimoe_engine *engine) {
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.task = UNIMOE_TASK_MUSIC;
  request.text = "slow";
  request.shortest = request.longest = 15;
  request.progress = dawdle;
  float *samples = malloc(sizeof(float) * 1000000);
  unimoe_stream *stream;
  uint32_t count = 7;
  EXPECT(samples && unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  if (!samples || !stream) {
    free(samples);
    return;
  }
  EXPECT(unimoe_stream_wait_read(stream, samples, 0, -1, &count) == UNIMOE_OK && count == 0);
  EXPECT(unimoe_stream_wait_read(stream, samples, 1, 0, NULL) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(unimoe_stream_wait_read(stream, NULL, 1, 0, &count) == UNIMOE_ERROR_ARGUMENT && count == 0);
  EXPECT(unimoe_stream_wait_read(stream, samples, 1, INT32_MIN, &count) == UNIMOE_OK && count == 1);
  double start = now();
  EXPECT(unimoe_stream_wait_read(stream, samples, 1000000, 300, &count) == UNIMOE_ERROR_TIMEOUT);
  EXPECT(count < 1000000 && now() - start < 1.5);
  EXPECT(unimoe_stream_wait_read(stream, samples, 1000000, 0, &count) == UNIMOE_ERROR_TIMEOUT);

  waiting job = {stream, samples, 0, UNIMOE_ERROR_SYSTEM};
  pthread_t thread;
  EXPECT(!pthread_create(&thread, NULL, wait_for_all, &job));
  nanosleep(&(struct timespec){0, 100000000}, NULL);
  start = now();
  unimoe_stream_cancel(stream);
  pthread_join(thread, NULL);
  EXPECT(now() - start < 0.5 && job.status == UNIMOE_OK && job.count < 1000000);
  unimoe_stream_release(stream);
  free(samples);
}

/* What a stream's own callbacks do with the stream. */
typedef struct inside {
  unimoe_engine *engine;
  unimoe_stream *_Atomic stream;
  int releases_in_audio, closes_in_end;
  _Atomic int refused, done, ends;
} inside;

static void audio_inside(void *user, const float *samples, uint32_t frames) {
  inside *job = user;
  float sample;
  uint32_t count;
  (void)samples, (void)frames;
  while (!job->stream) nanosleep(&(struct timespec){0, 1000000}, NULL);
  if (job->done++) return;
  job->refused += unimoe_stream_wait(job->stream, -1) == UNIMOE_ERROR_ARGUMENT;
  job->refused += unimoe_stream_wait_read(job->stream, &sample, 1, -1, &count) == UNIMOE_ERROR_ARGUMENT;
  if (job->releases_in_audio) unimoe_stream_release(job->stream);
}

static void end_inside(void *user, unimoe_end end, unimoe_status status) {
  inside *job = user;
  (void)end, (void)status;
  if (!job->releases_in_audio) unimoe_stream_release(job->stream);
  if (job->closes_in_end) unimoe_engine_close(job->engine);
  job->ends++;
}

/* A stream may be released, waited for and its engine closed by the callback that it calls, without a deadlock. */
static void check_calls_from_callbacks(void) {
  for (int variant = 0; variant < 3; variant++) {
    inside job = {.closes_in_end = variant == 0, .releases_in_audio = variant == 1};
    EXPECT(unimoe_engine_open(NULL, &job.engine) == UNIMOE_OK);
    if (!job.engine) return;
    unimoe_request request = UNIMOE_REQUEST_INIT;
    request.task = UNIMOE_TASK_MUSIC;
    request.text = "short";
    request.shortest = request.longest = 1;
    request.audio = audio_inside;
    request.end = end_inside;
    request.user = &job;
    unimoe_stream *stream;
    EXPECT(unimoe_stream_start(job.engine, &request, &stream) == UNIMOE_OK);
    job.stream = stream;
    for (double start = now(); !job.ends && now() - start < 60;) nanosleep(&(struct timespec){0, 1000000}, NULL);
    EXPECT(job.ends == 1 && job.refused == 2);
    if (!job.closes_in_end) unimoe_engine_close(job.engine);
  }
}

/* Numbers that are no numbers, and numbers without end. */
static void check_odd_numbers(unimoe_engine *engine) {
  unimoe_stream *stream;
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.task = UNIMOE_TASK_MUSIC;
  request.text = "odd";
  request.longest = INFINITY;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST && !stream);
  request.longest = 1;
  request.guidance = INFINITY;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
  request.guidance = -1;
  request.sample_rate = INT32_MIN;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
  request.sample_rate = INT32_MAX;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
  request.sample_rate = 384000;
  request.struct_size = 119;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_ARGUMENT);
  request.struct_size = sizeof request;
  request.top_k = INT32_MAX;
  const double odd[] = {NAN, INFINITY, -INFINITY, 1e308, 5e-324};
  for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
    request.buffer = request.start_after = odd[i];
    request.shortest = isnan(odd[i]) ? NAN : -INFINITY;
    request.guidance = request.temperature = request.top_p = isnan(odd[i]) ? NAN : -INFINITY;
    EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
    if (!stream) continue;
    unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
    EXPECT(unimoe_stream_get_state(stream, &state) == UNIMOE_OK && state.start_gate >= 0 && state.start_gate < 2);
    unimoe_stream_release(stream);
  }
}

/* Speaks a text to the end; returns the number of its samples. */
static uint64_t frames_of(unimoe_engine *engine, const unimoe_request *request) {
  unimoe_stream *stream;
  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  EXPECT(unimoe_stream_start(engine, request, &stream) == UNIMOE_OK);
  if (!stream) return 0;
  EXPECT(unimoe_stream_wait(stream, -1) == UNIMOE_OK && unimoe_stream_get_state(stream, &state) == UNIMOE_OK);
  unimoe_stream_release(stream);
  return state.frames_produced;
}

/* A text of several pieces: as the header says, and as programs of earlier headers have it. */
static void check_long_text(unimoe_engine *engine) {
  unimoe_stream *stream;
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.text =
      "The first of these sentences is as long as a piece of the text that this model speaks in one go. "
      "The second of these sentences is as long as a piece of the text that this model speaks in one go. "
      "And the third of these sentences is as long as a piece of the text that this model speaks in one go.";
  EXPECT(request.long_text == 1);
  const uint64_t whole = frames_of(engine, &request);
  EXPECT(whole > 0 && frames_of(engine, &request) == whole);
  unimoe_request early = request;
  early.struct_size = offsetof(unimoe_request, long_text); /* of a header that ended before it */
  const uint64_t together = frames_of(engine, &early);
  request.long_text = 0;
  EXPECT(together != whole && frames_of(engine, &request) == together);
  request.long_text = 2;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_ARGUMENT && !stream);
  EXPECT(message_is("argument: request.long_text: expected 0 or 1, found 2"));
  request.long_text = 1;
  request.longest = 1.5;
  unimoe_model_info info = UNIMOE_MODEL_INFO_INIT;
  EXPECT(unimoe_engine_info(engine, &info) == UNIMOE_OK);
  EXPECT(frames_of(engine, &request) == (uint64_t)(1.5 * info.sample_rate));
}

/* What the model's own file says, if it does; whoever runs this has read it. */
static double said(const char *variable) {
  const char *value = getenv(variable);
  return value ? strtod(value, NULL) : 0;
}

/* A struct from an older header ends earlier; one from a newer header has more. Both are read as far as both know. */
static void check_struct_sizes(unimoe_engine *engine) {
  struct {
    unimoe_model_info info;
    uint32_t guard;
  } room = {UNIMOE_MODEL_INFO_INIT, 0xabcdef01};
  room.info.struct_size = sizeof room;
  EXPECT(unimoe_engine_info(engine, &room.info) == UNIMOE_OK && room.guard == 0xabcdef01);
  EXPECT(room.info.struct_size == sizeof room && room.info.sample_rate > 0 && room.info.codebooks > 0);
  EXPECT(room.info.longest_text == said("LONGEST_TEXT") && room.info.longest_voice == said("LONGEST_VOICE"));
  EXPECT(room.info.codebook_size > 0);
  room.info.longest_text = -5;
  room.info.struct_size = 40; /* of a header that ended before longest_text */
  EXPECT(unimoe_engine_info(engine, &room.info) == UNIMOE_OK && room.info.longest_text == -5);
  room.info.struct_size = 4;
  EXPECT(unimoe_engine_info(engine, &room.info) == UNIMOE_ERROR_ARGUMENT);
}

/* Closing an engine ends its streams, whose handles stay usable. */
static void check_close(void) {
  unimoe_engine *engine;
  unimoe_stream *stream;
  int ends[8] = {0};
  EXPECT(unimoe_engine_open(NULL, &engine) == UNIMOE_OK);
  if (!engine) return;
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.task = UNIMOE_TASK_MUSIC;
  request.text = "long";
  request.shortest = request.longest = 15;
  request.end = count_end;
  request.user = ends;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  unimoe_engine_close(engine);
  EXPECT(ends[UNIMOE_END_CANCELLED] == 1);
  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  EXPECT(unimoe_stream_get_state(stream, &state) == UNIMOE_OK && state.end == UNIMOE_END_CANCELLED);
  unimoe_stream_release(stream);
}

int main(void) {
  unimoe_engine *engine;
  check_versions();
  check_null_handles();
  if (unimoe_engine_open(NULL, &engine)) return expect(0, "the default model opens", __LINE__), 1;
  check_bad_input(engine);
  check_struct_sizes(engine);
  check_streams(engine);
  check_waiting_reads(engine);
  check_odd_numbers(engine);
  check_long_text(engine);
  unimoe_engine_close(engine);
  check_close();
  check_calls_from_callbacks();
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
