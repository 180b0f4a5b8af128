#include "errors.h"

#include <string.h>

void cpng_errors_fail(cpng_errors *errors, codec_status status, const char *message) {
  errors->status = codec_fail(errors->message, status, message);
  longjmp(errors->jump, 1);
}

void cpng_on_error(png_structp png, png_const_charp message) {
  // libpng has one kind of error; of its own messages only this one speaks of memory.
  codec_status status = strcmp(message, "Out of memory") == 0 ? CODEC_OUT_OF_MEMORY : CODEC_BROKEN;
  cpng_errors_fail(png_get_error_ptr(png), status, message);
}

// Warnings speak of chunks beside the pixels, such as a color profile that libpng then leaves out, and of the
// pixels' own chunks where wrong checksums are taken.
void cpng_on_warning(png_structp png, png_const_charp message) {
  cpng_errors *errors = png_get_error_ptr(png);
  if (strstr(message, "IDAT: CRC error")) errors->is_damaged = 1;
}
