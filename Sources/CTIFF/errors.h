// How libtiff's words come to the caller.

#ifndef CTIFF_ERRORS_H
#define CTIFF_ERRORS_H

#include <tiffio.h>

#include "ctiff.h"

typedef struct {
  char words[CODEC_MESSAGE_CAPACITY];  // of the first error; empty without one
  int counts_warnings;                 // whether warnings are errors
} ctiff_errors;

/// Options for opening a file whose messages go to `errors`; NULL without memory. No block of more than
/// `limit` bytes is asked for.
TIFFOpenOptions *ctiff_options(ctiff_errors *errors, tmsize_t limit);

/// The status that the words stand for, with the words in `message`.
codec_status ctiff_fail(const ctiff_errors *errors, char *message);

#endif
