// The words that the program was started with, from the C library that was given them. Swift's own CommandLine reads them
// from /proc, and finds none where that is not mounted or hidden. In C, because only what runs before main gets them there
// without a main of its own.
#ifndef PROGRAM_ARGUMENTS_H
#define PROGRAM_ARGUMENTS_H

#include <stddef.h>

/// The number of words, the program's name included; 0 if the C library told none. [any thread]
size_t program_argument_count(void);

/// A word by its place, from 0; null past the last. The program's own memory, constant. [any thread]
const char *program_argument(size_t index);

#endif
