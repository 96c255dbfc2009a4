/* unimoe_audio.h: speech and music from text, for C and C++ audio software.
 *
 * An engine holds a model. A voice is a reference recording that speech is made in. A stream is one request on its
 * way: it is generated on a thread of its own, and its samples are pulled by unimoe_stream_read (in an audio callback)
 * or unimoe_stream_wait_read (elsewhere), or pushed to a callback.
 *
 * Threads. Each function's comment ends with who may call it:
 *   [thread-safe]   any thread at any time, several at once; may lock, allocate, read files and compute.
 *   [waiting]       as thread-safe, but may block until its time limit: not for a thread that must answer.
 *   [audio-thread]  also an audio callback: never waits, allocates, locks or logs. One thread at a time per stream.
 * Your callbacks are called on the library's threads; they may call every [thread-safe] function. A [waiting] one never
 * waits for the stream whose callback calls it: unimoe_stream_release and unimoe_engine_close then return although that
 * stream's callbacks are still to come, unimoe_stream_wait and unimoe_stream_wait_read fail with ARGUMENT.
 *
 * Ownership. Handles from ..._open, ..._start and ..._create are given back exactly once, to ..._close or ..._release;
 * every function takes a null handle as an error or, where it gives back, as nothing to do. While one thread gives a
 * handle back, no other may be in a call on it. What a function is given, it copies before it returns. Strings are
 * UTF-8 and end with a zero byte.
 *
 * Compatibility. Every struct begins with struct_size, set by its ..._INIT. Fields that a struct lacks because it was
 * compiled with an older header take their defaults: a program built with 1.x runs with every later 1.y.
 *
 * The library never prints, exits, installs signal handlers, or changes the locale or the scheduling of a thread.
 * Whatever thread of yours starts them, its own threads are ordinary ones: SCHED_OTHER, rounding to the nearest, stacks of
 * their own size, no signals but those of their own faults. In your threads its work neither depends on how they round
 * nor changes it. A thread that pthread_cancel ends goes on to the end of the call that it is in.
 *
 * Your part. A model's files are mapped: replace them by renaming others over them. One that is cut short in place, while
 * an engine has it open, ends the process by SIGBUS. Where the system refuses memory for a model, a buffer or a thread, or
 * threads themselves, calls fail with SYSTEM; where it refuses the few bytes of a string, the process ends: leave some
 * room below RLIMIT_AS. A forked child may use the engines and voices that it inherits and start streams of its own; the
 * parent's streams stay in the parent: in the child, calls on them fail with ARGUMENT, and releasing them does nothing.
 */
#ifndef UNIMOE_AUDIO_H
#define UNIMOE_AUDIO_H

#include <stddef.h>
#include <stdint.h>

#define UNIMOE_AUDIO_VERSION_MAJOR 0
#define UNIMOE_AUDIO_VERSION_MINOR 4
#define UNIMOE_AUDIO_VERSION_PATCH 0

/* Whether the header is of this version or a later one. */
#define UNIMOE_AUDIO_VERSION_AT_LEAST(major, minor, patch) \
  (UNIMOE_AUDIO_VERSION_MAJOR > (major) ||                 \
   (UNIMOE_AUDIO_VERSION_MAJOR == (major) &&               \
    (UNIMOE_AUDIO_VERSION_MINOR > (minor) ||               \
     (UNIMOE_AUDIO_VERSION_MINOR == (minor) && UNIMOE_AUDIO_VERSION_PATCH >= (patch)))))

/* ---- Attributes -------------------------------------------------------------------------------------------------
 * What compilers check of what the comments say; nothing where they cannot. With clang from version 20 on,
 * -Wfunction-effects proves that your audio callback, declared nonblocking, calls [audio-thread] functions alone. */

#ifdef __has_attribute
#define UNIMOE_HAS_ATTRIBUTE(name) __has_attribute(name)
#else
#define UNIMOE_HAS_ATTRIBUTE(name) 0
#endif

/* [audio-thread]: never waits, allocates or locks. */
#if UNIMOE_HAS_ATTRIBUTE(nonblocking)
#define UNIMOE_NONBLOCKING __attribute__((nonblocking))
#else
#define UNIMOE_NONBLOCKING
#endif

/* The result has to be looked at: what the call was to give may not be there. */
#if UNIMOE_HAS_ATTRIBUTE(warn_unused_result)
#define UNIMOE_NODISCARD __attribute__((warn_unused_result))
#else
#define UNIMOE_NODISCARD
#endif

/* Pointers that may be null, which the comments say the meaning of, and such as never are. Null for any other is an error,
 * which the call reports. */
#ifdef __clang__
#define UNIMOE_NULLABLE _Nullable
#define UNIMOE_NONNULL _Nonnull
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wnullability-extension"
#pragma clang diagnostic ignored "-Wnullability-completeness"
#else
#define UNIMOE_NULLABLE
#define UNIMOE_NONNULL
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status ---------------------------------------------------------------------------------------------------- */

/* What a call came to: UNIMOE_OK or an error, grouped by whose it is. */
typedef int32_t unimoe_status;

#define UNIMOE_OK 0
/* 1xx: the call */
#define UNIMOE_ERROR_ARGUMENT 100 /* a null pointer, an unknown constant, a struct_size that no header had */
#define UNIMOE_ERROR_REQUEST 101  /* a text, length or sampling value out of range */
#define UNIMOE_ERROR_TIMEOUT 102  /* the time limit passed first */
/* 2xx: what was given */
#define UNIMOE_ERROR_MODEL 200 /* no such model, or a broken one */
#define UNIMOE_ERROR_AUDIO 201 /* an unreadable sound file or signal */
#define UNIMOE_ERROR_VOICE 202 /* no such voice, a broken one, or a name that is taken or not allowed */
/* 3xx: the machine */
#define UNIMOE_ERROR_SYSTEM 300 /* a file, memory, a thread or a library */
/* 4xx: nobody's error */
#define UNIMOE_ERROR_CANCELLED 400 /* cancelled by its owner */

/* A few words for a status, such as "timeout"; never null, valid for ever. [audio-thread] */
const char *UNIMOE_NONNULL unimoe_status_string(unimoe_status status) UNIMOE_NONBLOCKING;

/* Copies what the calling thread's last failed call said: one line that names file, field, what was expected and what
 * was found. Writes at most `size` bytes, a zero byte included; returns the bytes of the whole message without it.
 * `buffer` may be null when `size` is 0. [thread-safe] */
size_t unimoe_error_message(char *UNIMOE_NULLABLE buffer, size_t size);

/* ---- Version --------------------------------------------------------------------------------------------------- */

/* The library's version as major << 16 | minor << 8 | patch. [audio-thread] */
uint32_t unimoe_version(void) UNIMOE_NONBLOCKING;
/* The library's version as text, such as "0.4.0"; valid for ever. [audio-thread] */
const char *UNIMOE_NONNULL unimoe_version_string(void) UNIMOE_NONBLOCKING;

/* ---- Engine ---------------------------------------------------------------------------------------------------- */

typedef struct unimoe_engine unimoe_engine;

typedef int32_t unimoe_log_level;
#define UNIMOE_LOG_ERROR 0
#define UNIMOE_LOG_WARNING 1
#define UNIMOE_LOG_INFO 2
#define UNIMOE_LOG_DEBUG 3

/* Receives one line of an engine's log, without a line end. Called on any thread that uses the engine, one at a time,
 * never an audio thread. `message` is valid during the call. It must not call a [waiting] function: another stream's end
 * may be waiting to be logged. */
typedef void (*unimoe_log_callback)(void *UNIMOE_NULLABLE user, unimoe_log_level level,
                                    const char *UNIMOE_NONNULL message);

typedef struct unimoe_engine_options {
  uint32_t struct_size;
  /* Threads that compute, in the whole process; 0 leaves one per processor that the affinity mask and the quotas of
   * control groups allow. No more than four per processor take part. Range: 0..256. */
  int32_t threads;
  /* The checkpoint directory, which is used or refused. Null takes that of $UNIMOE_AUDIO_MODEL, used or refused too, or else
   * the first there is of $XDG_DATA_HOME/unimoe-audio/models/default, the one installed beside the library and
   * models/default of the source tree that the library was built in. */
  const char *UNIMOE_NULLABLE model;
  /* Receives the log; null keeps it silent. */
  unimoe_log_callback UNIMOE_NULLABLE log;
  void *UNIMOE_NULLABLE log_user;
  /* The most detailed level that is logged. */
  unimoe_log_level log_level;
  uint32_t reserved;
  /* 1: compute prompts with activations rounded to bfloat16, about twice as fast where the model's weights are bfloat16
   * and the processor has AVX-512 BF16 or AMX, and as with 0 elsewhere. What the model knows of a prompt is then as exact
   * as in one run in bfloat16, so other codes may be drawn; on one machine the same request still gives the same samples.
   * 0: exact. Where the processor has AMX, 1 asks Linux for its use in this process: signal stacks (sigaltstack) that are
   * made after that need sysconf(_SC_MINSIGSTKSZ) bytes, more than the constant MINSIGSTKSZ. */
  int32_t fast_prompt;
  uint32_t reserved_2;
  /* A file of words and how to say them, a word and its phonemes a line, as "Nguyen W IH1 N"; heard with models that have
   * a lexicon. Null takes none. Fails with ARGUMENT, naming the line, if it is not such a file. */
  const char *UNIMOE_NULLABLE words;
} unimoe_engine_options;

#define UNIMOE_ENGINE_OPTIONS_INIT \
  {(uint32_t)sizeof(unimoe_engine_options), 0, NULL, NULL, NULL, UNIMOE_LOG_WARNING, 0, 0, 0, NULL}

/* Opens a model and stores the engine in *engine; null on failure. `options` may be null. The weights are mapped, not
 * read: opening is quick, and two engines of one model share its memory.
 * Fails with MODEL, SYSTEM, ARGUMENT. [thread-safe] */
UNIMOE_NODISCARD unimoe_status unimoe_engine_open(const unimoe_engine_options *UNIMOE_NULLABLE options,
                                                  unimoe_engine **engine);

/* Cancels the engine's streams, waits for their threads and gives the engine back. Handles of its streams and voices
 * stay valid and are still to be released; streams then have ended. Null is nothing to do. [waiting] */
void unimoe_engine_close(unimoe_engine *UNIMOE_NULLABLE engine);

typedef struct unimoe_model_info {
  uint32_t struct_size;
  int32_t sample_rate; /* Hz, of what the model makes before resampling */
  double code_rate;    /* code frames per second of sound */
  int32_t codebooks;
  int32_t layers;
  int32_t routed_experts;
  int32_t null_experts;
  int32_t shared_experts;
  int32_t reserved;
  /* Since 0.3: */
  int32_t longest_text;  /* characters of the longest text that it speaks well in one go; 0 if it does not say */
  int32_t codebook_size; /* entries of each codebook */
  double longest_voice;  /* seconds of the longest voice recording that it follows; 0 if it does not say */
  double longest_music;  /* seconds of the longest music that it keeps in shape; 0 if it does not say */
  /* 1 for a model with plan channels, else 0: whether it tells when words are said (unimoe_stream_next_mark) and takes a
   * speed, losing no word however long the text; and whether it plays notes, which are composed from the caption. */
  int32_t tells_words;
  int32_t plays_notes;
} unimoe_model_info;

#define UNIMOE_MODEL_INFO_INIT {(uint32_t)sizeof(unimoe_model_info), 0, 0.0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0, 0}

/* Tells facts of the model; fills as much of *info as its struct_size covers. Fails with ARGUMENT. [thread-safe] */
unimoe_status unimoe_engine_info(const unimoe_engine *engine, unimoe_model_info *info);

/* ---- Voices ---------------------------------------------------------------------------------------------------- */

typedef struct unimoe_voice unimoe_voice;

/* Makes a voice of a recording in memory, 0.2 to 30 seconds long, and what is said in it: `frames` frames of `channels`
 * interleaved samples in -1..1 at `sample_rate` Hz. Beyond longest_voice (unimoe_engine_info) the model may lose the
 * voice, as it may below one second. Computes for about a tenth of the recording's duration. Silence before and after the
 * words is left out.
 * Fails with AUDIO, VOICE (a transcript without words, or of more than can be said in that time), ARGUMENT.
 * [thread-safe] */
UNIMOE_NODISCARD unimoe_status unimoe_voice_create(unimoe_engine *engine, const float *samples, uint64_t frames,
                                                   int32_t channels, int32_t sample_rate, const char *transcript,
                                                   unimoe_voice **voice);

/* Makes a voice of a sound file (WAV, FLAC or OGG). Fails as above. [thread-safe] */
UNIMOE_NODISCARD unimoe_status unimoe_voice_create_from_file(unimoe_engine *engine, const char *path,
                                                             const char *transcript, unimoe_voice **voice);

/* Opens a stored voice: the user's of that name, else the model's own. A null name takes the voice "default", which
 * the user may have one of, else the model's first.
 * Fails with VOICE. [thread-safe] */
UNIMOE_NODISCARD unimoe_status unimoe_voice_open(unimoe_engine *engine, const char *UNIMOE_NULLABLE name,
                                                 unimoe_voice **voice);

/* Stores a voice for the user under a name (letters, digits, '-', '_', '.'; at most 64 bytes). A name that is taken is
 * an error unless `replace` is not 0. Fails with VOICE, SYSTEM. [thread-safe] */
UNIMOE_NODISCARD unimoe_status unimoe_voice_save(const unimoe_voice *voice, const char *name, int32_t replace);

/* Removes a voice that the user stored. Fails with VOICE, SYSTEM. [thread-safe] */
unimoe_status unimoe_voice_remove(unimoe_engine *engine, const char *name);

/* Copies the name of stored voice `index`, counted from 0 in alphabetic order, as unimoe_error_message does; returns 0
 * when there is none of that index. [thread-safe] */
size_t unimoe_voice_name(unimoe_engine *engine, uint32_t index, char *UNIMOE_NULLABLE buffer, size_t size);

/* Gives a voice back. Streams that were started with it keep what they need. Null is nothing to do. [thread-safe] */
void unimoe_voice_release(unimoe_voice *UNIMOE_NULLABLE voice);

/* ---- Requests and streams -------------------------------------------------------------------------------------- */

typedef struct unimoe_stream unimoe_stream;

/* What is made. */
typedef int32_t unimoe_task;
#define UNIMOE_TASK_SPEECH 1
#define UNIMOE_TASK_MUSIC 2

/* What a stream is doing. */
typedef int32_t unimoe_phase;
#define UNIMOE_PHASE_QUEUED 0 /* not begun: its thread starts, or it waits for streams that play */
#define UNIMOE_PHASE_PREFILL 1
#define UNIMOE_PHASE_GENERATE 2
#define UNIMOE_PHASE_DECODE 3
#define UNIMOE_PHASE_ENDED 4

/* Why a stream ended. */
typedef int32_t unimoe_end;
#define UNIMOE_END_NONE 0      /* it has not */
#define UNIMOE_END_COMPLETE 1  /* the model ended by itself */
#define UNIMOE_END_LENGTH 2    /* the longest length was reached */
#define UNIMOE_END_WATCHDOG 3  /* endless silence or repetition was cut off */
#define UNIMOE_END_CANCELLED 4 /* it was cancelled */
#define UNIMOE_END_FAILED 5    /* an error; see unimoe_stream_error_message */

/* Receives the next samples, mono, valid during the call. On the stream's thread; while it runs, generation waits. */
typedef void (*unimoe_audio_callback)(void *UNIMOE_NULLABLE user, const float *UNIMOE_NONNULL samples, uint32_t frames);
/* Receives progress; `expected` is the most code frames that can come. On the stream's thread. */
typedef void (*unimoe_progress_callback)(void *UNIMOE_NULLABLE user, unimoe_phase phase, uint32_t done,
                                         uint32_t expected);
/* Called exactly once per stream, after everything else, also for a cancelled one. On the stream's thread, perhaps before
 * unimoe_stream_start has returned: for a failed stream, unimoe_error_message says in the callback what
 * unimoe_stream_error_message says for good. A start that fails because the engine is being closed reports a cancelled
 * end too. */
typedef void (*unimoe_end_callback)(void *UNIMOE_NULLABLE user, unimoe_end end, unimoe_status error);

typedef struct unimoe_request {
  uint32_t struct_size;
  unimoe_task task;
  /* The text to speak, of any length (see long_text), or the caption of the music. */
  const char *text;
  /* The voice to speak in; null takes the model's default voice. Ignored for music. */
  const unimoe_voice *UNIMOE_NULLABLE voice;
  /* The same request and seed give the same samples. */
  uint64_t seed;
  /* Hz of the samples that the stream gives; 0 takes the model's rate. Range: 1000..384000. */
  int32_t sample_rate;
  /* Draw at random (1) or take the likeliest code (0); -1 takes the model's default, as does NAN or a negative number in
   * the next ones. top_k: codes to keep, 0 keeps all. top_p: 0..1. */
  int32_t sampling;
  float guidance;
  float temperature;
  int32_t top_k;
  float top_p;
  /* Seconds; a negative number takes the model's default, for the longest also a cap from the text. Of a text of several
   * pieces (long_text) the shortest is each piece's; the longest is that of the whole, which is faded out there. */
  double shortest;
  double longest;
  /* Seconds of sound that the stream can hold before generation waits for a reader; 0 holds all, up to 16,777,216
   * samples; of a text of several pieces (long_text) a minute, beyond which generation waits for the reader. */
  double buffer;
  /* Seconds of sound that must be ready before unimoe_stream_read gives the first sample; a negative number lets the
   * measured speed decide, so that no underrun follows: the speed beside the streams that play, which must be able to
   * spare it. unimoe_stream_wait_read does not wait for it. */
  double start_after;
  /* Push instead of pull: with `audio` set, samples go to it, and reads give none. */
  unimoe_audio_callback UNIMOE_NULLABLE audio;
  unimoe_progress_callback UNIMOE_NULLABLE progress;
  unimoe_end_callback UNIMOE_NULLABLE end;
  void *UNIMOE_NULLABLE user;
  /* Speak the text character by character (1): letters by name, signs as "dot" or "hash", as a screen reader does while
   * somebody types; or its words (0). Without it a text needs a letter or a digit. Ignored for music. Since 0.3. */
  int32_t characters;
  /* Read figures, dates, abbreviations and signs of the text as they are said in English, "$5" as "five dollars" (0); or
   * leave the text as it is written (1). Ignored for music and where characters are spoken. Since 0.3. */
  int32_t verbatim;
  /* Speaking rate of a model that tells words: 0.7..1.5, above 1 is faster, pitch stays. Negative, or NAN, takes the model's
   * default; with a number, other models and music are refused with REQUEST, as with the next one. Since 0.3. */
  double speed;
  /* How much the durations of sounds are spread: 0 the steadiest, 1 as the model has them. Negative, or NAN, takes the
   * model's default. Since 0.3. */
  double spread;
  /* The notes of music: the `notes_size` bytes of a MIDI file (format 0 or 1), or of a score's JSON as `unimoe-audio score`
   * prints it, played in the caption's sound and as long as they last. Read before unimoe_stream_start returns. Null
   * leaves the notes to `own_notes`. Speech, and models that play no notes (plays_notes of unimoe_engine_info), are refused
   * with REQUEST; bytes that are no notes with AUDIO (MIDI) or MODEL (JSON). Since 0.3. */
  const void *UNIMOE_NULLABLE notes;
  size_t notes_size;
  /* Who makes the notes of music where none are given: the composer, from the caption and the seed (0), or the model (1),
   * which speech, and models that play no notes, are refused with REQUEST. Since 0.3. */
  int32_t own_notes;
  int32_t reserved;
  /* Speak a text that is longer than the model speaks well in one go (longest_text of unimoe_engine_info) in pieces (1),
   * as UNIMOE_REQUEST_INIT says: whole sentences, joined at silences, piece n from 0 with the seed plus n; sound begins
   * with the first piece, and memory does not grow with the text. Or make it in one go (0), as for programs that were
   * built before 0.4: the model then loses words of a long text, unless it tells words. Ignored for music. Since 0.4. */
  int32_t long_text;
  uint32_t reserved_2;
} unimoe_request;

#define UNIMOE_REQUEST_INIT          \
  {(uint32_t)sizeof(unimoe_request), \
   UNIMOE_TASK_SPEECH,               \
   NULL,                             \
   NULL,                             \
   0,                                \
   0,                                \
   -1,                               \
   -1.0f,                            \
   -1.0f,                            \
   -1,                               \
   -1.0f,                            \
   -1.0,                             \
   -1.0,                             \
   0.0,                              \
   -1.0,                             \
   NULL,                             \
   NULL,                             \
   NULL,                             \
   NULL,                             \
   0,                                \
   0,                                \
   -1.0,                             \
   -1.0,                             \
   NULL,                             \
   0,                                \
   0,                                \
   0,                                \
   1,                                \
   0}

/* Starts a request and stores its stream in *stream; null on failure. What can be wrong with the request is told here.
 * Several streams run at once and share the machine. Where it is too slow for that, those that play go first: while one
 * whose gate the measured speed has opened could not keep up otherwise, the engine's other streams wait between their
 * steps, and before their prompt. So a stream that plays is not run dry by one that was started later. Streams that are
 * pushed, or read by unimoe_stream_wait_read, cannot run dry: they take what is left. Fails with REQUEST, VOICE, SYSTEM, ARGUMENT. [thread-safe] */
UNIMOE_NODISCARD unimoe_status unimoe_stream_start(unimoe_engine *engine, const unimoe_request *request,
                                                   unimoe_stream **stream);

/* Writes exactly `frames` samples: what is ready, then silence. Returns how many were the stream's. 0 also before the
 * start gate opens, after the end and for a null stream. An incomplete read after the first sample and before the end
 * counts as an underrun. [audio-thread] */
uint32_t unimoe_stream_read(unimoe_stream *stream, float *samples, uint32_t frames) UNIMOE_NONBLOCKING;

/* What happens in a text while it is spoken. */
typedef int32_t unimoe_mark_kind;
#define UNIMOE_MARK_WORD_START 1 /* a word begins */
#define UNIMOE_MARK_WORD_END 2   /* a word has ended */

typedef struct unimoe_mark {
  uint32_t struct_size;
  unimoe_mark_kind kind;
  uint32_t word; /* the word's place among those that are said, from 0 */
  uint32_t reserved;
  /* Where the word stands in the text as the request gave it: its first byte and the one behind it. Several words that an
   * expression is said as, "five dollars" for "$5", have one place. Of a text with `characters` the character's. */
  uint64_t text_start;
  uint64_t text_end;
  uint64_t frame; /* the stream's sample at which it happens, counted from 0, at the stream's rate */
} unimoe_mark;

#define UNIMOE_MARK_INIT {(uint32_t)sizeof(unimoe_mark), 0, 0, 0, 0, 0, 0}

/* Gives the next mark of a stream, in order: 1 and *mark, or 0 where none is known yet, none will come, `stream` or `mark`
 * is null or struct_size is that of no header. Marks are known before their sound is: compare `frame` with the samples
 * that were read. Models that tell words (tells_words of unimoe_engine_info) mark speech; others have no marks. One
 * thread at a time, which need not be the one that reads. Since 0.3. [audio-thread] */
int32_t unimoe_stream_next_mark(unimoe_stream *stream, unimoe_mark *mark) UNIMOE_NONBLOCKING;

/* Waits until `frames` samples are ready or the stream has ended, and writes them to `samples`; *count says how many.
 * OK with fewer than `frames` is the end. Fails with TIMEOUT after `milliseconds` (a negative number waits for ever),
 * having written what there was. Not together with unimoe_stream_read on another thread. [waiting] */
unimoe_status unimoe_stream_wait_read(unimoe_stream *stream, float *samples, uint32_t frames, int32_t milliseconds,
                                      uint32_t *count);

/* Stops generation and silences the stream; samples not yet read are dropped. Returns at once; a waiting read returns
 * within 20 ms, the end callback follows within 100 ms. Once is enough, twice does no harm. [audio-thread] */
void unimoe_stream_cancel(unimoe_stream *UNIMOE_NULLABLE stream) UNIMOE_NONBLOCKING;

/* Waits until the end callback has returned: at most `milliseconds`, a negative number for ever.
 * Fails with TIMEOUT, ARGUMENT. [waiting] */
unimoe_status unimoe_stream_wait(unimoe_stream *stream, int32_t milliseconds);

typedef struct unimoe_stream_state {
  uint32_t struct_size;
  unimoe_phase phase;
  unimoe_end end;
  unimoe_status error;
  uint32_t code_frames_done;
  uint32_t code_frames_expected;
  int32_t sample_rate;
  int32_t is_started;       /* whether the start gate has opened */
  uint64_t frames_produced; /* samples generated so far, at the stream's rate */
  uint64_t frames_read;     /* samples that reads gave */
  uint64_t frames_ready;    /* samples that a read would give now, the gate apart */
  uint64_t underruns;       /* incomplete reads after the start and before the end */
  uint64_t frames_missing;  /* silence that they put in */
  double predicted_speed;   /* seconds of sound per second of work that was expected at the start, beside the streams
                              * that played then; 0 if the engine had not made such a task yet */
  double measured_speed;    /* the same as measured so far; 0 before the first samples */
  double start_gate;        /* seconds of sound that the gate waited or waits for */
  double first_audio;       /* seconds from the start to the first sample produced; 0 before it */
} unimoe_stream_state;

#define UNIMOE_STREAM_STATE_INIT \
  {(uint32_t)sizeof(unimoe_stream_state), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, 0.0, 0.0}

/* Tells how a stream is doing; fills as much of *state as its struct_size covers. Fails with ARGUMENT. [thread-safe] */
unimoe_status unimoe_stream_get_state(const unimoe_stream *stream, unimoe_stream_state *state);

/* Copies what made the stream fail, as unimoe_error_message does: one line that names file, field, what was expected and
 * what was found. Returns 0, and copies an empty string, for a null stream and one that has not failed. Since 0.2.
 * [thread-safe] */
size_t unimoe_stream_error_message(const unimoe_stream *stream, char *UNIMOE_NULLABLE buffer, size_t size);

/* Cancels the stream if it runs and gives it back; waits for its end, except in the stream's own callbacks. Null is
 * nothing to do. [waiting] */
void unimoe_stream_release(unimoe_stream *UNIMOE_NULLABLE stream);

#ifdef __cplusplus
}
#endif

#ifdef __clang__
#pragma clang diagnostic pop
#endif
#endif
