/* What programs check with: a fact that does not hold is printed with its line and the last error, and counted. */
#ifndef EXPECT_H
#define EXPECT_H

#include <stdio.h>
#include <string.h>
#include <unimoe_audio.h>

static int failures;

static void expect(int holds, const char *fact, int line) {
  if (holds) return;
  char message[512];
  unimoe_error_message(message, sizeof message);
  fprintf(stderr, "line %d: %s (last error: %s)\n", line, fact, message);
  failures++;
}
#define EXPECT(condition) expect((condition), #condition, __LINE__)

#endif
