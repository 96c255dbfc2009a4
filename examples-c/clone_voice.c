/* Makes a voice of a recording, stores it, and says a sentence in it.
 *
 *   clone_voice recording.wav "what is said in it" NAME "What it shall say."
 *
 * Build: cc clone_voice.c $(pkg-config --cflags --libs unimoe-audio) -o clone_voice
 */
#include <stdio.h>
#include <stdlib.h>
#include <unimoe_audio.h>

static int fail(const char *what) {
  char message[512];
  unimoe_error_message(message, sizeof message);
  fprintf(stderr, "%s: %s\n", what, message);
  return EXIT_FAILURE;
}

/* Samples may also be pushed to a function instead of being read. */
static void take(void *user, const float *samples, uint32_t frames) {
  double *energy = user;
  for (uint32_t i = 0; i < frames; i++) *energy += (double)samples[i] * (double)samples[i];
}

static void log_line(void *user, unimoe_log_level level, const char *message) {
  (void)user;
  fprintf(stderr, "[%d] %s\n", (int)level, message);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    fprintf(stderr, "usage: %s RECORDING TRANSCRIPT NAME TEXT\n", argv[0]);
    return EXIT_FAILURE;
  }
  unimoe_engine_options options = UNIMOE_ENGINE_OPTIONS_INIT;
  options.log = log_line;
  options.log_level = UNIMOE_LOG_INFO;
  unimoe_engine *engine;
  if (unimoe_engine_open(&options, &engine)) return fail("model");

  unimoe_voice *voice;
  if (unimoe_voice_create_from_file(engine, argv[1], argv[2], &voice)) return fail("recording");
  if (unimoe_voice_save(voice, argv[3], 1)) return fail("voice");
  unimoe_voice_release(voice);

  /* Any program of the user can now open the voice by its name. */
  if (unimoe_voice_open(engine, argv[3], &voice)) return fail("voice");
  char name[65];
  for (uint32_t i = 0; unimoe_voice_name(engine, i, name, sizeof name) > 0; i++) printf("voice: %s\n", name);

  double energy = 0;
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.text = argv[4];
  request.voice = voice;
  request.audio = take;
  request.user = &energy;
  unimoe_stream *stream;
  if (unimoe_stream_start(engine, &request, &stream)) return fail("request");
  unimoe_voice_release(voice); /* the stream keeps what it needs */
  if (unimoe_stream_wait(stream, -1)) return fail("stream");

  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  unimoe_stream_get_state(stream, &state);
  printf("%llu samples at %d Hz, energy %.1f\n", (unsigned long long)state.frames_produced, (int)state.sample_rate,
         energy);
  unimoe_stream_release(stream);
  unimoe_engine_close(engine);
  return state.frames_produced > 0 && energy > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
