#include "CVersion.h"

#include "../../include/unimoe_audio.h"

#define TEXT_OF(value) #value
#define TEXT(value) TEXT_OF(value)

const char *unimoe_audio_version_text(void) {
  return TEXT(UNIMOE_AUDIO_VERSION_MAJOR) "." TEXT(UNIMOE_AUDIO_VERSION_MINOR) "." TEXT(UNIMOE_AUDIO_VERSION_PATCH);
}
