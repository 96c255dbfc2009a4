/* Speaks a text and shows each word at the moment at which it is heard. The model has to tell words: one with plan
 * channels.
 *
 *   karaoke "Dr. Lee paid $5, and left."
 *
 * Build: cc karaoke.c $(pkg-config --cflags --libs unimoe-audio) -o karaoke
 */
#include <stdio.h>
#include <stdlib.h>
#include <unimoe_audio.h>

enum { RATE = 48000, PERIOD = 480 };

static int fail(const char *what) {
  char message[512];
  unimoe_error_message(message, sizeof message);
  fprintf(stderr, "%s: %s\n", what, message);
  return EXIT_FAILURE;
}

/* A word lights up where it begins; one of an expression that is lit already, as "dollars" of "$5", does not again. */
static void show(const char *text, const unimoe_mark *mark, unimoe_mark *lit) {
  if (mark->kind != UNIMOE_MARK_WORD_START) return;
  if (mark->text_start == lit->text_start && mark->text_end == lit->text_end) return;
  *lit = *mark;
  printf("%8.2f  %.*s\n", (double)mark->frame / RATE, (int)(mark->text_end - mark->text_start),
         text + mark->text_start);
}

int main(int argc, char **argv) {
  const char *text = argc > 1 ? argv[1] : "Dr. Smith paid $5 at the station, and we were home.";
  unimoe_engine *engine;
  if (unimoe_engine_open(NULL, &engine)) return fail("model");
  unimoe_model_info info = UNIMOE_MODEL_INFO_INIT;
  if (unimoe_engine_info(engine, &info)) return fail("model");
  if (!info.tells_words) return fputs("model: it does not tell when it says which word\n", stderr), EXIT_FAILURE;

  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.text = text;
  request.sample_rate = RATE;
  request.speed = 0.9; /* a little slower, to sing along */
  unimoe_stream *stream;
  if (unimoe_stream_start(engine, &request, &stream)) return fail("request");

  /* A sound card would take these samples; what is heard is what it has taken. */
  float samples[PERIOD];
  uint64_t heard = 0;
  uint32_t count;
  unimoe_mark mark = UNIMOE_MARK_INIT, lit = UNIMOE_MARK_INIT;
  int has_mark = 0;
  do {
    if (unimoe_stream_wait_read(stream, samples, PERIOD, -1, &count)) return fail("stream");
    heard += count;
    /* Marks are known before they are heard: the next one waits for its moment. */
    while ((has_mark = has_mark ? has_mark : unimoe_stream_next_mark(stream, &mark)) && mark.frame <= heard) {
      show(text, &mark, &lit);
      has_mark = 0;
    }
  } while (count == PERIOD);

  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  if (unimoe_stream_wait(stream, -1)) return fail("stream");
  unimoe_stream_get_state(stream, &state);
  unimoe_stream_release(stream);
  unimoe_engine_close(engine);
  return state.end == UNIMOE_END_COMPLETE ? EXIT_SUCCESS : EXIT_FAILURE;
}
