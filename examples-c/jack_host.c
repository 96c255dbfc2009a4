/* A JACK client with the engine inside: speaks each line of standard input on its port.
 *
 *   echo "Good evening." | jack_host [PORT-TO-CONNECT-TO]
 *
 * Build: cc jack_host.c $(pkg-config --cflags --libs unimoe-audio jack) -o jack_host
 */
#define _DEFAULT_SOURCE
#include <jack/jack.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <unimoe_audio.h>

typedef struct host {
  jack_port_t *port;
  _Atomic(unimoe_stream *) stream; /* what sounds now; null between two lines */
  atomic_uint cycles;
  atomic_int is_gone; /* the server has ended */
} host;

static int fail(const char *what) {
  char message[512];
  unimoe_error_message(message, sizeof message);
  fprintf(stderr, "%s: %s\n", what, message);
  return EXIT_FAILURE;
}

/* The audio thread: a read fills the whole period, with silence where there is no sound. */
static int process(jack_nframes_t frames, void *user) {
  host *host = user;
  unimoe_stream_read(atomic_load(&host->stream), jack_port_get_buffer(host->port, frames), frames);
  atomic_fetch_add(&host->cycles, 1);
  return 0;
}

static void gone(void *user) { atomic_store(&((host *)user)->is_gone, 1); }

/* Takes the stream out of the audio thread's hands: after two more cycles it holds no old pointer. */
static void withdraw(host *host) {
  atomic_store(&host->stream, NULL);
  unsigned start = atomic_load(&host->cycles);
  for (int tries = 0; atomic_load(&host->cycles) - start < 2 && tries < 1000; tries++) usleep(1000);
}

static int speak(unimoe_engine *engine, host *host, const char *line, int rate) {
  unimoe_request request = UNIMOE_REQUEST_INIT;
  request.text = line;
  request.sample_rate = rate;
  unimoe_stream *stream;
  if (unimoe_stream_start(engine, &request, &stream)) return fail("request");
  atomic_store(&host->stream, stream);
  unimoe_stream_state state = UNIMOE_STREAM_STATE_INIT;
  do {
    usleep(10000);
    unimoe_stream_get_state(stream, &state);
  } while (!atomic_load(&host->is_gone) && (state.phase != UNIMOE_PHASE_ENDED || state.frames_ready > 0));
  withdraw(host);
  printf("%.2f s, %llu underruns\n", (double)state.frames_read / rate, (unsigned long long)state.underruns);
  unimoe_stream_release(stream);
  return state.end == UNIMOE_END_FAILED || atomic_load(&host->is_gone) ? EXIT_FAILURE : EXIT_SUCCESS;
}

int main(int argc, char **argv) {
  unimoe_engine *engine;
  if (unimoe_engine_open(NULL, &engine)) return fail("model");
  host host = {0};
  jack_client_t *client = jack_client_open("jack_host", JackNoStartServer, NULL);
  if (!client) return fprintf(stderr, "no JACK server\n"), EXIT_FAILURE;
  host.port = jack_port_register(client, "speech", JACK_DEFAULT_AUDIO_TYPE, JackPortIsOutput, 0);
  jack_set_process_callback(client, process, &host);
  jack_on_shutdown(client, gone, &host);
  if (!host.port || jack_activate(client)) return fprintf(stderr, "JACK refused the client\n"), EXIT_FAILURE;
  if (argc > 1 && jack_connect(client, jack_port_name(host.port), argv[1]))
    fprintf(stderr, "%s: cannot be connected\n", argv[1]);

  int status = EXIT_SUCCESS;
  char line[4096];
  while (status == EXIT_SUCCESS && fgets(line, sizeof line, stdin)) {
    line[strcspn(line, "\n")] = 0;
    if (*line) status = speak(engine, &host, line, (int)jack_get_sample_rate(client));
  }
  jack_client_close(client);
  unimoe_engine_close(engine);
  return status;
}
