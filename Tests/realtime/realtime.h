#include <unimoe_audio.h>

/* Runs `body` as an audio thread's work. */
void realtime_watch(void (*body)(void *), void *context);
/* A request of its defaults. */
static inline unimoe_request realtime_request(void) { return (unimoe_request)UNIMOE_REQUEST_INIT; }
