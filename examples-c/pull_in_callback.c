/* Plays a request through a simulated audio callback: every 5.3 ms a thread asks for 256 frames at 48 kHz, as a sound
 * card would. Prints how long generation had to be ahead, and whether the sound ever ran dry.
 *
 *   pull_in_callback "Good evening."
 *
 * Build: cc pull_in_callback.c $(pkg-config --cflags --libs unimoe-audio) -pthread -o pull_in_callback
 */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unimoe_audio.h>

enum { RATE = 48000, PERIOD = 256 };

typedef struct player {
  unimoe_stream *stream;
  uint64_t cycles, heard;
  double slowest; /* seconds, of a read */
} player;

static int fail(const char *what) {
  char message[512];
  unimoe_error_message(message, sizeof message);
  fprintf(stderr, "%s: %s\n", what, message);
  return EXIT_FAILURE;
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

/* What a real callback does: read, and nothing that could wait. */
static void callback(player *player, float *out, uint32_t frames) {
  double start = now();
  player->heard += unimoe_stream_read(player->stream, out, frames);
  double seconds = now() - start;
  if (seconds > player->slowest) player->slowest = seconds;
  player->cycles++;
}

static void *audio_thread(void *argument) {
  player *player = argument;
  float out[PERIOD];
  struct timespec next;
  clock_gettime(CLOCK_MONOTONIC, &next);
  for (;;) {
    callback(player, out, PERIOD);
    unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
    unimoe_stream_get_state(player->stream, &state); /* the simulation's own: a real callback would not ask */
    if (state.phase == UNIMOE_PHASE_ENDED && state.frames_ready == 0) return NULL;
    next.tv_nsec += PERIOD * 1000000000L / RATE;
    if (next.tv_nsec >= 1000000000L) next.tv_sec++, next.tv_nsec -= 1000000000L;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &next, NULL);
  }
}

int main(int argc, char **argv) {
  unimoe_engine *engine;
  if (unimoe_engine_open(NULL, &engine)) return fail("model");
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.text = argc > 1 ? argv[1] : "Good evening, and welcome to the show.";
  request.sample_rate = RATE;
  player player = {0};
  if (unimoe_stream_start(engine, &request, &player.stream)) return fail("request");

  pthread_t thread;
  if (pthread_create(&thread, NULL, audio_thread, &player)) return EXIT_FAILURE;
  pthread_join(thread, NULL);

  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  unimoe_stream_get_state(player.stream, &state);
  printf("%.2f s heard in %llu cycles; the gate waited for %.2f s of sound at %.1f times real time\n",
         (double)player.heard / RATE, (unsigned long long)player.cycles, state.start_gate, state.measured_speed);
  printf("slowest read %.1f us; underruns %llu\n", player.slowest * 1e6, (unsigned long long)state.underruns);
  unimoe_stream_release(player.stream);
  unimoe_engine_close(engine);
  return state.underruns ? EXIT_FAILURE : EXIT_SUCCESS;
}
