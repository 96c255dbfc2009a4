#define _GNU_SOURCE
#include "loaded_file.h"

#include <dlfcn.h>
#include <stddef.h>

const char *umk_loaded_file(const void *symbol) {
  Dl_info info;
  return dladdr(symbol, &info) ? info.dli_fname : NULL;
}
