/* The C library's [audio-thread] functions as a host's callback calls them, under RealtimeSanitizer, while the engine
 * generates the streams on every core. Half of the streams are read to their ends, half are cancelled by the callback. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unimoe_audio.h>

enum { STREAMS = 8, FRAMES = 64, RATE = 48000 };

typedef struct host {
  unimoe_stream *streams[STREAMS];
  float mix[FRAMES], block[FRAMES];
  uint64_t periods, read, cancelled, marks;
} host;

static void process(host *host) [[clang::nonblocking]] {
  for (int i = 0; i < FRAMES; i++) host->mix[i] = 0;
  for (int stream = 0; stream < STREAMS; stream++) {
    host->read += unimoe_stream_read(host->streams[stream], host->block, FRAMES);
    unimoe_mark mark = UNIMOE_MARK_INIT;
    while (unimoe_stream_next_mark(host->streams[stream], &mark)) host->marks++;
    for (int i = 0; i < FRAMES; i++) host->mix[i] += host->block[i];
    /* Before the gate, while it plays, and again after the end. */
    if (stream % 2 && host->periods % 1500 == (uint64_t)stream * 100) {
      unimoe_stream_cancel(host->streams[stream]);
      host->cancelled++;
    }
  }
  if (!unimoe_status_string(UNIMOE_ERROR_TIMEOUT) || !unimoe_version() || !unimoe_version_string()) host->read = 0;
#ifdef REALTIME_PLANTED_ALLOCATION
  unimoe_stream_wait(NULL, 0); /* makes an error's message */
#endif
#ifdef REALTIME_PLANTED_LOCK
  unimoe_stream_wait(host->streams[0], 0);
#endif
  host->periods++;
}

/* Whether all streams have ended and nothing is left to read. */
static int is_over(const host *host) {
  for (int stream = 0; stream < STREAMS; stream++) {
    unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
    unimoe_stream_get_state(host->streams[stream], &state);
    if (state.end == UNIMOE_END_FAILED) return fprintf(stderr, "a stream failed\n"), exit(2), 0;
    if (state.phase != UNIMOE_PHASE_ENDED || state.frames_ready) return 0;
  }
  return 1;
}

/* A stream that marks its words, of a model that tells them. */
static int start_speech(unimoe_engine *engine, unimoe_stream **stream) {
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.text = "The cat sat on the mat. Good morning, and good evening to you.";
  request.sample_rate = RATE;
  return unimoe_stream_start(engine, &request, stream);
}

/* usage: library MODEL, which tells words */
int main(int argc, char **argv) {
  static host host;
  unimoe_engine *engine, *telling;
  unimoe_engine_options options = UNIMOE_ENGINE_OPTIONS_INIT;
  options.model = argc > 1 ? argv[1] : NULL;
  if (unimoe_engine_open(NULL, &engine)) return fprintf(stderr, "no engine\n"), 2;
  if (unimoe_engine_open(&options, &telling)) return fprintf(stderr, "no engine that tells words\n"), 2;
  if (start_speech(telling, &host.streams[0])) return fprintf(stderr, "no speech\n"), 2;
  for (int stream = 1; stream < STREAMS; stream++) {
    unimoe_request request = UNIMOE_REQUEST_INIT;
    request.task = UNIMOE_TASK_MUSIC;
    request.text = "slow sad piano";
    request.seed = (uint64_t)stream;
    request.sample_rate = RATE;
    request.shortest = request.longest = stream % 2 ? 15 : 2;
    request.start_after = 0.2 * stream;
    if (unimoe_stream_start(engine, &request, &host.streams[stream])) return fprintf(stderr, "no stream\n"), 2;
  }
  while (host.periods % 100 || !is_over(&host)) {
    process(&host);
    nanosleep(&(struct timespec){0, 1000000000L / RATE * FRAMES}, NULL);
  }
  for (int stream = 0; stream < STREAMS; stream++) unimoe_stream_release(host.streams[stream]);
  unimoe_engine_close(engine);
  unimoe_engine_close(telling);
  printf("library: %llu periods of %d streams, %llu samples read, %llu cancels, %llu marks\n",
         (unsigned long long)host.periods, STREAMS, (unsigned long long)host.read, (unsigned long long)host.cancelled,
         (unsigned long long)host.marks);
  /* Thirteen words begin and end. */
  return host.read > 4 * RATE && host.cancelled >= STREAMS / 2 && host.marks == 26 ? 0 : 2;
}
