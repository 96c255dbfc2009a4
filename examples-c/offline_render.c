/* Renders a sentence or a caption to a WAV file, as fast as the machine can.
 *
 *   offline_render speech "Good evening." out.wav
 *   offline_render music "slow sad piano" out.wav
 *
 * Build: cc offline_render.c $(pkg-config --cflags --libs unimoe-audio) -o offline_render
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unimoe_audio.h>

static int fail(const char *what) {
  char message[512];
  unimoe_error_message(message, sizeof message);
  fprintf(stderr, "%s: %s\n", what, message);
  return EXIT_FAILURE;
}

static void put32(FILE *file, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8) fputc((int)(value >> shift & 255), file);
}

static void put16(FILE *file, uint32_t value) {
  fputc((int)(value & 255), file);
  fputc((int)(value >> 8 & 255), file);
}

/* A header for 16-bit mono; written again with the true size at the end. */
static void put_header(FILE *file, uint32_t rate, uint32_t bytes) {
  if (fseek(file, 0, SEEK_SET)) return;
  fputs("RIFF", file), put32(file, 36 + bytes), fputs("WAVEfmt ", file), put32(file, 16);
  put16(file, 1), put16(file, 1), put32(file, rate), put32(file, rate * 2), put16(file, 2), put16(file, 16);
  fputs("data", file), put32(file, bytes);
}

static void put_sample(FILE *file, float sample) {
  float scaled = sample * 32767;
  if (scaled > 32767) scaled = 32767;
  if (scaled < -32768) scaled = -32768;
  put16(file, (uint32_t)(int32_t)scaled & 0xffff);
}

static void show(void *user, unimoe_phase phase, uint32_t done, uint32_t expected) {
  (void)user;
  if (phase == UNIMOE_PHASE_GENERATE) fprintf(stderr, "\r%u of at most %u code frames", done, expected);
}

int main(int argc, char **argv) {
  if (argc != 4 || (strcmp(argv[1], "speech") != 0 && strcmp(argv[1], "music") != 0)) {
    fprintf(stderr, "usage: %s speech|music TEXT FILE.wav\n", argv[0]);
    return EXIT_FAILURE;
  }
  unimoe_engine *engine;
  if (unimoe_engine_open(NULL, &engine)) return fail("model");

  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.task = strcmp(argv[1], "music") == 0 ? UNIMOE_TASK_MUSIC : UNIMOE_TASK_SPEECH;
  request.text = argv[2];
  request.sample_rate = 48000;
  request.progress = show;
  unimoe_stream *stream;
  if (unimoe_stream_start(engine, &request, &stream)) return fail("request");

  FILE *file = fopen(argv[3], "wb");
  if (!file) {
    perror(argv[3]);
    return EXIT_FAILURE;
  }
  put_header(file, 48000, 0);
  float samples[4096];
  uint32_t count, total = 0;
  while (unimoe_stream_wait_read(stream, samples, 4096, -1, &count) == UNIMOE_OK && count > 0) {
    for (uint32_t i = 0; i < count; i++) put_sample(file, samples[i]);
    total += count;
  }
  put_header(file, 48000, total * 2);
  int broken = ferror(file) | fclose(file);

  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  unimoe_stream_get_state(stream, &state);
  fprintf(stderr, "\n%.2f s of sound, %.1f times as fast as it plays\n", total / 48000.0, state.measured_speed);
  if (state.end == UNIMOE_END_FAILED) {
    char message[512];
    unimoe_stream_error_message(stream, message, sizeof message);
    fprintf(stderr, "generation: %s\n", message);
  } else if (state.end == UNIMOE_END_LENGTH) {
    fprintf(stderr, "cut at the longest length: the end of the text may be missing\n");
  }
  unimoe_stream_release(stream);
  unimoe_engine_close(engine);
  return broken || state.end == UNIMOE_END_FAILED ? EXIT_FAILURE : EXIT_SUCCESS;
}
