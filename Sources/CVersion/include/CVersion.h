/* The version of everything that is built here, as the public header says it. */
#ifndef CVERSION_H
#define CVERSION_H

/* Such as "0.4.0"; valid for ever. */
const char *unimoe_audio_version_text(void);

#endif
