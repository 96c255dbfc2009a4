void realtime_watch(void (*body)(void *), void *context);
