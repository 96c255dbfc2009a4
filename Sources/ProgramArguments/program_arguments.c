#include "program_arguments.h"

static size_t argument_count;
static char **arguments;

// glibc calls what runs before main with the arguments of main.
__attribute__((constructor)) static void keep_arguments(int count, char **values) {
  if (count <= 0 || values == NULL) return;
  argument_count = (size_t)count;
  arguments = values;
}

size_t program_argument_count(void) { return argument_count; }

const char *program_argument(size_t index) { return index < argument_count ? arguments[index] : NULL; }
