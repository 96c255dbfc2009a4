// Puts RealtimeSanitizer between JACK and the process callback: what runs below a function marked nonblocking is
// reported as soon as it allocates, locks or waits. The linker sends the client's jack_set_process_callback here.
#include <jack/jack.h>

static JackProcessCallback watched;

static int watched_cycle(jack_nframes_t frames, void *context) [[clang::nonblocking]] {
  return watched(frames, context);
}

int __real_jack_set_process_callback(jack_client_t *client, JackProcessCallback callback, void *context);

int __wrap_jack_set_process_callback(jack_client_t *client, JackProcessCallback callback, void *context) {
  watched = callback;
  return __real_jack_set_process_callback(client, watched_cycle, context);
}

/// Runs `body` as an audio thread's work. [audio-thread]
void realtime_watch(void (*body)(void *), void *context) [[clang::nonblocking]] { body(context); }
