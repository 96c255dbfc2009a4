/* Which file a loaded symbol came from; C, because Swift's Glibc module lacks dladdr. */
#ifndef UNIMOE_LOADED_FILE_H
#define UNIMOE_LOADED_FILE_H

#ifdef __cplusplus
extern "C" {
#endif

/* The path of the library or program that `symbol` lies in, owned by the loader; NULL if in none. [thread-safe] */
const char *umk_loaded_file(const void *symbol);

#ifdef __cplusplus
}
#endif
#endif
