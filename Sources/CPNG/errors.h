// Where libpng's errors jump to, and what they leave behind.

#ifndef CPNG_ERRORS_H
#define CPNG_ERRORS_H

#include <setjmp.h>

#include <png.h>

#include "cpng.h"

typedef struct {
  jmp_buf jump;
  char *message;
  codec_status status;  // what the jump reports
  int is_damaged;       // a checksum is wrong, and the data was taken all the same
} cpng_errors;

/// libpng's error and warning functions; the error pointer of the png struct is a `cpng_errors`.
void cpng_on_error(png_structp png, png_const_charp message);
void cpng_on_warning(png_structp png, png_const_charp message);

/// Leaves libpng with a message of our own. Does not return.
void cpng_errors_fail(cpng_errors *errors, codec_status status, const char *message);

#endif
