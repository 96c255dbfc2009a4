// What Swift cannot call as JACK declares it: a variadic function, string macros, global variables, and functions whose
// safety in the process callback has to be written down for the compiler.
#include <jack/jack.h>
#include <jack/metadata.h>
#include <jack/midiport.h>
#include <jack/uuid.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <time.h>

#define CJACK_REAL_TIME_SAFE __attribute__((swift_attr("@_noLocks"), swift_attr("@_noAllocation")))

/// jack_client_open; `server` is the server's name, or null for JACK's default. [supervisor thread]
static inline jack_client_t *cjack_client_open(const char *name, jack_options_t options, jack_status_t *status,
                                               const char *server) {
  if (server == NULL) return jack_client_open(name, options, status);
  return jack_client_open(name, (jack_options_t)(options | JackServerName), status, server);
}

/// jack_port_get_buffer: a look-up in shared memory, which JACK promises to be safe in the process callback. [audio-thread]
static inline CJACK_REAL_TIME_SAFE void *cjack_port_buffer(jack_port_t *port, jack_nframes_t frames) {
  return jack_port_get_buffer(port, frames);
}

/// How many MIDI events a cycle's buffer of an input port has. [audio-thread]
static inline CJACK_REAL_TIME_SAFE uint32_t cjack_midi_count(void *buffer) { return jack_midi_get_event_count(buffer); }

/// The note that an event of a cycle's MIDI buffer switches on, whatever its channel, and its frame in the cycle; -1 for an
/// event that switches on none. [audio-thread]
static inline CJACK_REAL_TIME_SAFE int cjack_note_on(void *buffer, uint32_t index, uint32_t *frame) {
  jack_midi_event_t event;
  if (jack_midi_event_get(&event, buffer, index) != 0 || event.size < 3) return -1;
  if ((event.buffer[0] & 0xf0) != 0x90 || event.buffer[2] == 0) return -1;
  *frame = event.time;
  return event.buffer[1] & 0x7f;
}

/// The transport's frame at the beginning of the running cycle; -1 while it does not roll. [audio-thread]
static inline CJACK_REAL_TIME_SAFE int64_t cjack_rolling_frame(const jack_client_t *client) {
  jack_position_t position;
  return jack_transport_query(client, &position) == JackTransportRolling ? (int64_t)position.frame : -1;
}

static inline const char *cjack_audio_type(void) { return JACK_DEFAULT_AUDIO_TYPE; }
static inline const char *cjack_midi_type(void) { return JACK_DEFAULT_MIDI_TYPE; }
static inline const char *cjack_pretty_name_key(void) { return JACK_METADATA_PRETTY_NAME; }
static inline const char *cjack_order_key(void) { return JACK_METADATA_ORDER; }

/// Nanoseconds of the monotonic clock: reads a shared page. [any]
static inline CJACK_REAL_TIME_SAFE int64_t cjack_monotonic_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// Nanoseconds of processor time that the calling thread used: a system call that never waits. [any]
static inline CJACK_REAL_TIME_SAFE int64_t cjack_thread_nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/// A descriptor that polls as readable once something was written to it; -1 on failure. [any]
static inline int cjack_event_descriptor(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
