#include "ccodec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

codec_status codec_fail(char *message, codec_status status, const char *text) {
  snprintf(message, CODEC_MESSAGE_CAPACITY, "%s", text);
  return status;
}

void codec_header_release(codec_header *header) {
  free(header->exif);
  free(header->icc_profile);
  free(header->xmp);
  memset(header, 0, sizeof *header);
}

void codec_free(uint8_t *bytes) { free(bytes); }
