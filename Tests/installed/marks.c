/* What the header promises of marks, on a model that tells words: in order, at times of the stream's samples, with places
 * in the text as it was given; speeds that are taken and refused.
 * usage: marks LIBRARY BROKEN-MODEL MODEL */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unimoe_audio.h>

#include "expect.h"

enum { MOST = 64 };

typedef struct sung {
  unimoe_mark marks[MOST];
  int count;
  uint64_t frames;
} sung;

/* Speaks to the end, and takes all marks. */
static sung sing(unimoe_engine *engine, const unimoe_request *request) {
  sung result = {0};
  unimoe_stream *stream;
  EXPECT(unimoe_stream_start(engine, request, &stream) == UNIMOE_OK);
  if (!stream) return result;
  float samples[256];
  uint32_t count;
  do {
    EXPECT(unimoe_stream_wait_read(stream, samples, 256, -1, &count) == UNIMOE_OK);
    result.frames += count;
  } while (count == 256);
  EXPECT(unimoe_stream_wait(stream, -1) == UNIMOE_OK);
  for (; result.count < MOST; result.count++) {
    result.marks[result.count] = (unimoe_mark)UNIMOE_MARK_INIT;
    if (!unimoe_stream_next_mark(stream, &result.marks[result.count])) break;
  }
  unimoe_mark none = UNIMOE_MARK_INIT;
  EXPECT(!unimoe_stream_next_mark(stream, &none) && none.kind == 0);
  unimoe_stream_release(stream);
  return result;
}

static const char *text = "Dr. Smith paid $5 at the station.";
static const char *places[] = {"Dr.", "Smith", "paid", "$5", "$5", "at", "the", "station"};
enum { WORDS = sizeof places / sizeof *places };

static void check_words(unimoe_engine *engine, unimoe_request request) {
  sung sung = sing(engine, &request);
  EXPECT(sung.count == 2 * WORDS);
  for (int i = 0; i < sung.count; i++) {
    const unimoe_mark *mark = &sung.marks[i];
    EXPECT(mark->struct_size == sizeof *mark && mark->kind == (i % 2 ? UNIMOE_MARK_WORD_END : UNIMOE_MARK_WORD_START));
    EXPECT(mark->word == (uint32_t)i / 2);
    const char *place = places[i / 2];
    EXPECT(mark->text_end - mark->text_start == strlen(place));
    EXPECT(!strncmp(text + mark->text_start, place, strlen(place)));
    EXPECT(i == 0 || mark->frame > sung.marks[i - 1].frame || (i % 2 == 0 && mark->frame == sung.marks[i - 1].frame));
    /* The codec's strides may cost the last code frame a few samples. */
    EXPECT(mark->frame <= sung.frames + 16);
  }
  request.sample_rate = 48000; /* three times the model's */
  struct sung again = sing(engine, &request);
  EXPECT(again.count == sung.count);
  for (int i = 0; i < again.count; i++) EXPECT(again.marks[i].frame == 3 * sung.marks[i].frame);
}

static void check_struct_sizes(unimoe_engine *engine, const unimoe_request *request) {
  unimoe_stream *stream;
  EXPECT(unimoe_stream_start(engine, request, &stream) == UNIMOE_OK);
  EXPECT(unimoe_stream_wait(stream, -1) == UNIMOE_OK);
  EXPECT(!unimoe_stream_next_mark(stream, NULL));
  unimoe_mark small = UNIMOE_MARK_INIT;
  small.struct_size = 8;
  EXPECT(!unimoe_stream_next_mark(stream, &small) && small.kind == 0);
  struct {
    unimoe_mark mark;
    char later[8];
  } large = {UNIMOE_MARK_INIT, "future!"};
  large.mark.struct_size = sizeof large;
  EXPECT(unimoe_stream_next_mark(stream, &large.mark) == 1 && large.mark.word == 0 && large.mark.text_end == 3);
  EXPECT(large.mark.struct_size == sizeof large && !strcmp(large.later, "future!"));
  unimoe_stream_release(stream);
}

static void check_speeds(unimoe_engine *engine, unimoe_engine *plain, unimoe_request request) {
  unimoe_stream *stream;
  double wrong[] = {0.69, 1.51, INFINITY};
  for (int i = 0; i < 3; i++) {
    request.speed = wrong[i];
    EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST && !stream);
  }
  request.speed = NAN;
  sung usual = sing(engine, &request);
  request.speed = 1;
  EXPECT(sing(engine, &request).frames == usual.frames);
  request.speed = 0.7;
  EXPECT(sing(engine, &request).frames != usual.frames);
  request.speed = -1;
  request.spread = 1.5;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
  request.spread = 0;
  EXPECT(sing(engine, &request).count == 2 * WORDS);
  request.speed = 1;
  EXPECT(unimoe_stream_start(plain, &request, &stream) == UNIMOE_ERROR_REQUEST);
  char message[256];
  unimoe_error_message(message, sizeof message);
  EXPECT(strstr(message, "speed: expected none: only speech of a model with plan channels has one") != NULL);
}

/* A middle C of two beats of a MIDI file's 120 a minute. */
static const unsigned char middle_c[] = {'M', 'T', 'h',  'd',  0,    0,   0, 6, 0,    0,    0, 1,
                                         0,   96,  'M',  'T',  'r',  'k', 0, 0, 0,    13,   0, 0x90,
                                         60,  100, 0x81, 0x40, 0x80, 60,  0, 0, 0xff, 0x2f, 0};

static void check_notes(unimoe_engine *engine, unimoe_engine *plain) {
  unimoe_request request = UNIMOE_REQUEST_INIT;
  unimoe_stream *stream;
  request.task = UNIMOE_TASK_MUSIC;
  request.text = "A piano.";
  request.notes = middle_c;
  request.notes_size = sizeof middle_c;
  uint64_t one = sing(engine, &request).frames;
  EXPECT(one >= 16000 && one < 5 * 16000); /* a second of sound, and its end */
  EXPECT(unimoe_stream_start(plain, &request, &stream) == UNIMOE_ERROR_REQUEST && !stream);
  request.notes_size = 20;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_AUDIO && !stream);
  request.notes_size = sizeof middle_c;
  request.own_notes = 1;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_ARGUMENT);
  request.notes = NULL;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_ARGUMENT);
  request.notes_size = 0;
  request.longest = 0.5;
  EXPECT(sing(engine, &request).frames > 0);
  request.task = UNIMOE_TASK_SPEECH;
  EXPECT(unimoe_stream_start(engine, &request, &stream) == UNIMOE_ERROR_REQUEST);
}

static void check_plain(unimoe_engine *plain) {
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.text = "Good evening.";
  EXPECT(sing(plain, &request).count == 0);
  unimoe_model_info info = UNIMOE_MODEL_INFO_INIT;
  EXPECT(unimoe_engine_info(plain, &info) == UNIMOE_OK && !info.tells_words && !info.plays_notes);
}

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  unimoe_engine *engine, *plain;
  unimoe_engine_options options = UNIMOE_ENGINE_OPTIONS_INIT;
  options.model = argv[3];
  if (unimoe_engine_open(NULL, &plain)) return expect(0, "the default model opens", __LINE__), 1;
  if (unimoe_engine_open(&options, &engine)) return expect(0, "the model with a plan opens", __LINE__), 1;
  unimoe_model_info info = UNIMOE_MODEL_INFO_INIT;
  EXPECT(unimoe_engine_info(engine, &info) == UNIMOE_OK && info.tells_words == 1 && info.plays_notes == 1);
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.text = text;
  request.seed = 7;
  check_words(engine, request);
  check_struct_sizes(engine, &request);
  check_speeds(engine, plain, request);
  check_notes(engine, plain);
  check_plain(plain);
  unimoe_engine_close(engine);
  unimoe_engine_close(plain);
  return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
