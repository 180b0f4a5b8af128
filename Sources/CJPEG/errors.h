// libjpeg's error manager, with the place to jump to and what was seen so far.

#ifndef CJPEG_ERRORS_H
#define CJPEG_ERRORS_H

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>

#include "cjpeg.h"

typedef struct {
  struct jpeg_error_mgr manager;  // first: libjpeg hands back a pointer to it
  jmp_buf jump;
  char *message;
  codec_status status;  // what the jump reports
  int input_ended;      // libjpeg asked for more bytes than there are
  int reject_damage;    // image data that is missing or damaged ends the decoding
  int needs_a_row;      // image data that ends before the first row of blocks does ends it, too
  int is_damaged;       // image data is missing or damaged
} cjpeg_errors;

/// Prepares `errors` to write to `message` and returns the manager for libjpeg.
struct jpeg_error_mgr *cjpeg_errors_prepare(cjpeg_errors *errors, char *message);

/// Leaves libjpeg with a message of our own. Does not return.
void cjpeg_errors_fail(cjpeg_errors *errors, codec_status status, const char *message);

#endif
