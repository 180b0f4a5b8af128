// C interface over libjpeg-turbo: a whole JPEG file in memory to pixels and back.
//
// libjpeg reports errors by longjmp. Every jump starts and lands inside the function of this shim
// which called libjpeg, so none crosses a caller's frame. Nothing is printed, and nothing is kept
// between calls.

#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

#include "ccodec.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes of a TIFF structure that go into one EXIF segment: 65535, less 2 for the length itself and 6
/// for "Exif\0\0".
#define CJPEG_EXIF_LIMIT 65527

/// Bytes of XMP that go into one segment: 65535, less 2 for the length itself and 29 for the signature.
#define CJPEG_XMP_LIMIT 65504

/// Reads everything up to the image data. Fill `header` with zeros before, and release it after, also on
/// failure. `message` (CODEC_MESSAGE_CAPACITY bytes) is set to libjpeg's words on failure only.
///
/// Pixels come as 1 channel (gray) or 3 (RGB; CMYK and YCCK are converted) of 8 bits. The EXIF block is that
/// of the first segment, without its "Exif\0\0"; an ICC profile of which a segment is missing is left out.
codec_status cjpeg_read_header(const uint8_t *bytes, size_t count, codec_header *header, char *message);

/// Decodes into `pixels`: row-major, interleaved, 8 bits, ceil(height * eighths / 8) rows of
/// ceil(width * eighths / 8) pixels; fails where `capacity` is not exactly their size in bytes.
///
/// `eighths` (1 to 8) is the DCT scale: the inverse transform itself makes the smaller image.
/// Damaged or missing image data fails unless `accept_damage` is not 0; then its place is gray or
/// smeared, and the status is CODEC_PARTIAL. A file that ends before its first row of blocks does fails anyway.
codec_status cjpeg_decode(const uint8_t *bytes, size_t count, uint32_t eighths, int accept_damage,
                          uint8_t *pixels, size_t capacity, char *message);

/// Encodes to memory. On success the caller owns `*bytes` and frees it with codec_free.
///
/// `source` has 1 or 3 channels of 8 bits and at most CJPEG_EXIF_LIMIT bytes of EXIF and
/// CJPEG_XMP_LIMIT of XMP; gamma, intent and chunks are not written, and the density is rounded to whole pixels
/// in an inch or a centimeter. `quality` is 1 to 100, clamped; so many columns and rows (1 or 2) share a color
/// sample.
codec_status cjpeg_encode(const codec_source *source, int quality, int columns_per_chroma, int rows_per_chroma,
                          uint8_t **bytes, size_t *count, char *message);

#ifdef __cplusplus
}
#endif

#endif
