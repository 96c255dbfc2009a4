/* A stream that fails on its way: its status, its end and its message, of a model whose weights are no numbers.
 * usage: failure LIBRARY BROKEN-MODEL */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unimoe_audio.h>

static int failures;

#define EXPECT(condition) \
  ((condition) ? (void)0 : (void)(fprintf(stderr, "line %d: %s\n", __LINE__, #condition), failures++))

typedef struct ending {
  int count;
  unimoe_end end;
  unimoe_status error;
  char message[512];
} ending;

static void keep_end(void *user, unimoe_end end, unimoe_status error) {
  ending *seen = user;
  seen->count++;
  seen->end = end;
  seen->error = error;
  unimoe_error_message(seen->message, sizeof seen->message);
}

int main(int argc, char **argv) {
  if (argc < 3 || !argv[2]) return fprintf(stderr, "usage: failure LIBRARY BROKEN-MODEL\n"), EXIT_FAILURE;
  unimoe_engine *engine;
  unimoe_engine_options options = UNIMOE_ENGINE_OPTIONS_INIT;
  options.model = argv[2];
  if (unimoe_engine_open(&options, &engine)) return fprintf(stderr, "the model does not open\n"), EXIT_FAILURE;

  ending seen = {0};
  unimoe_stream *stream;
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.task = UNIMOE_TASK_MUSIC;
  request.text = "broken";
  request.end = keep_end;
  request.user = &seen;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  if (!stream) return EXIT_FAILURE;
  EXPECT(unimoe_stream_wait(stream, 60000) == UNIMOE_OK);
  EXPECT(seen.count == 1 && seen.end == UNIMOE_END_FAILED && seen.error == UNIMOE_ERROR_MODEL);
  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  EXPECT(unimoe_stream_get_state(stream, &state) == UNIMOE_OK);
  EXPECT(state.end == UNIMOE_END_FAILED && state.error == UNIMOE_ERROR_MODEL && state.is_started);

  /* The whole message, a cut one, none; the callback saw the same, and another call's failure does not change it. */
  char message[512] = "", cut[8] = "1234567";
  size_t length = unimoe_stream_error_message(stream, message, sizeof message);
  EXPECT(length > 0 && length == strlen(message));
  EXPECT(strstr(message, argv[2]) && strstr(message, "expected finite numbers"));
  EXPECT(!strcmp(message, seen.message));
  EXPECT(unimoe_stream_wait(NULL, 0) == UNIMOE_ERROR_ARGUMENT);
  EXPECT(unimoe_stream_error_message(stream, cut, sizeof cut) == length && !strncmp(cut, message, 7) && !cut[7]);
  EXPECT(unimoe_stream_error_message(stream, NULL, 0) == length);
  unimoe_stream_release(stream);

  /* A cancelled stream has not failed. */
  options.model = NULL;
  unimoe_engine_close(engine);
  if (unimoe_engine_open(&options, &engine)) return fprintf(stderr, "the default model does not open\n"), EXIT_FAILURE;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_OK);
  unimoe_stream_cancel(stream);
  EXPECT(unimoe_stream_wait(stream, 60000) == UNIMOE_OK && seen.count == 2 && seen.end == UNIMOE_END_CANCELLED);
  EXPECT(unimoe_stream_error_message(stream, message, sizeof message) == 0 && !message[0]);
  EXPECT(unimoe_stream_error_message(NULL, message, sizeof message) == 0 && !message[0]);
  unimoe_stream_release(stream);
  unimoe_engine_close(engine);
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
