// A page of a file that is open for reading.

#ifndef CTIFF_PAGE_H
#define CTIFF_PAGE_H

#include "errors.h"

/// How stored samples become pixels.
typedef enum {
  CTIFF_AS_STORED,
  CTIFF_WHITE_IS_ZERO,
  CTIFF_PALETTE,
  CTIFF_CMYK,
  CTIFF_BY_LIBTIFF  // libtiff converts whole images to RGB
} ctiff_conversion;

typedef struct {
  ctiff_errors errors;
  const ctiff_input *input;
  uint64_t offset;
  int passed_end;  // whether something behind the end of the file was asked for
  TIFF *tiff;

  // Of the page.
  uint32_t height, width;
  uint32_t samples;        // stored for each pixel
  uint32_t alpha;          // the index of the sample; `samples` where there is none
  uint32_t bits;           // of a stored sample
  ctiff_sample_kind kind;  // the same
  ctiff_conversion conversion;
  uint32_t channels;      // of the pixels
  uint32_t sample_bytes;  // the same: 1, 2 or 4
  ctiff_layout layout;
} ctiff_reader;

/// What becomes of strips that are not compressed and hold much: libtiff reads them in pieces, as if they were
/// several, or as they are, and with them as much at a time.
typedef enum { CTIFF_WHOLE, CTIFF_DIVIDED } ctiff_large_strips;

/// Opens a file at a page and finds out what it is. Close it, also on failure.
codec_status ctiff_open(ctiff_reader *reader, const ctiff_input *input, uint64_t directory,
                        ctiff_large_strips large_strips, char *message);

void ctiff_close(ctiff_reader *reader);

/// The status of what libtiff refused, with its words.
codec_status ctiff_reader_fail(const ctiff_reader *reader, char *message);

#endif
