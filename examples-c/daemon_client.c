/* Asks a running unimoe-audiod to say something, and prints what it answers until the sound has ended. The protocol is
 * described in unimoe-audio-protocol(7); it takes nothing but a socket.
 *
 *   daemon_client "Good evening."
 *
 * Build: cc daemon_client.c -o daemon_client
 */
#define _POSIX_C_SOURCE 200809L
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { LONGEST = 1 << 20 };

static int all(ssize_t (*step)(int, void *, size_t), int socket, void *bytes, size_t count) {
  while (count > 0) {
    ssize_t done = step(socket, bytes, count);
    if (done <= 0) return 0;
    bytes = (char *)bytes + done, count -= (size_t)done;
  }
  return 1;
}

static ssize_t write_some(int socket, void *bytes, size_t count) { return write(socket, bytes, count); }

/* A message: its length in four bytes, the least significant first, then JSON. */
static int send_message(int socket, char *json) {
  size_t length = strlen(json);
  unsigned char head[4];
  for (int i = 0; i < 4; i++) head[i] = (unsigned char)(length >> 8 * i);
  return all(write_some, socket, head, 4) && all(write_some, socket, json, length);
}

static int receive_message(int socket, char *json) {
  unsigned char head[4];
  if (!all(read, socket, head, 4)) return 0;
  uint32_t length = head[0] | (uint32_t)head[1] << 8 | (uint32_t)head[2] << 16 | (uint32_t)head[3] << 24;
  if (length > LONGEST || !all(read, socket, json, length)) return 0;
  json[length] = 0;
  return 1;
}

/* Text as a JSON string. */
static void quote(const char *text, char *out, size_t size) {
  char *end = out + size - 8;
  *out++ = '"';
  for (; *text && out < end; text++) {
    if (*text == '"' || *text == '\\') *out++ = '\\', *out++ = *text;
    else if ((unsigned char)*text < 32) out += sprintf(out, "\\u%04x", (unsigned)(unsigned char)*text);
    else *out++ = *text;
  }
  *out++ = '"', *out = 0;
}

int main(int argc, char **argv) {
  const char *folder = getenv("XDG_RUNTIME_DIR");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  snprintf(address.sun_path, sizeof address.sun_path, "%s/unimoe-audio/control", folder ? folder : "/run");
  int server = socket(AF_UNIX, SOCK_STREAM, 0);
  if (server < 0 || connect(server, (struct sockaddr *)&address, sizeof address)) {
    perror(address.sun_path);
    return EXIT_FAILURE;
  }
  static char text[32000], command[33000], answer[LONGEST + 1];
  quote(argc > 1 ? argv[1] : "Good evening.", text, sizeof text);
  snprintf(command, sizeof command, "{\"type\":\"speak\",\"id\":2,\"text\":%s}", text);
  char hello[] = "{\"type\":\"hello\",\"id\":1,\"protocol\":1,\"client\":\"daemon_client\"}";
  if (!send_message(server, hello) || !send_message(server, command)) return perror("send"), EXIT_FAILURE;

  /* A real client would parse the JSON; here it is enough to know the words that end a request. */
  static const char *const ends[] = {"completed", "length", "watchdog", "cancelled", "failed"};
  while (receive_message(server, answer)) {
    puts(answer);
    if (strstr(answer, "\"type\":\"error\"")) return EXIT_FAILURE;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
      char event[32];
      snprintf(event, sizeof event, "\"event\":\"%s\"", ends[i]);
      if (strstr(answer, event)) return close(server), i < 2 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
  }
  fprintf(stderr, "the daemon went away\n");
  return EXIT_FAILURE;
}
