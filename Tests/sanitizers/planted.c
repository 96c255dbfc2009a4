/* Makes the library write where it must not: over the end of a buffer, and to one buffer from two threads. A sanitizer
 * that says nothing here does not see the library. */
#include <pthread.h>
#include <stdlib.h>
#include <unimoe_audio.h>

static void *write_silence(void *buffer) {
  for (int round = 0; round < 1000; round++) unimoe_stream_read(NULL, buffer, 4);
  return NULL;
}

int main(void) {
  pthread_t thread;
  float *shared = malloc(4 * sizeof *shared), *narrow = malloc(3 * sizeof *narrow);
  if (!shared || !narrow || pthread_create(&thread, NULL, write_silence, shared)) abort();
  write_silence(shared);
  pthread_join(thread, NULL);
  write_silence(narrow);
  free(shared), free(narrow);
  return 0;
}
