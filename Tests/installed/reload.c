/* Loads and unloads the library three times and uses it each time: what a plug-in host does. */
#include <dlfcn.h>
#include <stdio.h>
#include <unimoe_audio.h>

int main(int argc, char **argv) {
  for (int round = 0; round < 3; round++) {
    void *library = dlopen(argc > 1 ? argv[1] : "libunimoe-audio.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library) return fprintf(stderr, "%s\n", dlerror()), 1;
    unimoe_status (*open_engine)(const unimoe_engine_options *, unimoe_engine **);
    void (*close_engine)(unimoe_engine *);
    *(void **)&open_engine = dlsym(library, "unimoe_engine_open");
    *(void **)&close_engine = dlsym(library, "unimoe_engine_close");
    unimoe_engine *engine;
    if (!open_engine || !close_engine || open_engine(NULL, &engine)) return fprintf(stderr, "round %d\n", round), 1;
    close_engine(engine);
    if (dlclose(library)) return fprintf(stderr, "%s\n", dlerror()), 1;
  }
  return 0;
}
