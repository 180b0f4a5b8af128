#include "errors.h"

#include <stdio.h>
#include <string.h>

void cpng_errors_fail(cpng_errors *errors, cpng_status status, const char *message) {
  snprintf(errors->message, CPNG_MESSAGE_CAPACITY, "%s", message);
  errors->status = status;
  longjmp(errors->jump, 1);
}

void cpng_on_error(png_structp png, png_const_charp message) {
  // libpng has one kind of error; of its own messages only this one speaks of memory.
  cpng_status status = strcmp(message, "Out of memory") == 0 ? CPNG_OUT_OF_MEMORY : CPNG_BROKEN;
  cpng_errors_fail(png_get_error_ptr(png), status, message);
}

// Warnings speak of chunks beside the pixels, such as a color profile that libpng then leaves out.
void cpng_on_warning(png_structp png, png_const_charp message) {
  (void)png;
  (void)message;
}
