// C interface over libjpeg-turbo: a whole JPEG file in memory to pixels and back.
//
// libjpeg reports errors by longjmp. Every jump starts and lands inside the function of this shim
// which called libjpeg, so none crosses a caller's frame. Nothing is printed, and nothing is kept
// between calls.

#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes of a TIFF structure that go into one EXIF segment: 65535, less 2 for the length itself and 6
/// for "Exif\0\0".
#define CJPEG_EXIF_LIMIT 65527

/// Bytes that a message buffer needs, the final zero included.
#define CJPEG_MESSAGE_CAPACITY 256

typedef enum {
  CJPEG_OK = 0,
  /// The file ends before its image data does.
  CJPEG_TRUNCATED,
  /// The file is damaged, is no JPEG, or is of a kind that libjpeg does not decode.
  CJPEG_BROKEN,
  CJPEG_OUT_OF_MEMORY
} cjpeg_status;

/// What stands in front of the image data.
typedef struct {
  uint32_t height;
  uint32_t width;
  /// Channels of the decoded pixels: 1 (gray) or 3 (RGB; CMYK and YCCK are converted).
  uint32_t channels;
  /// The TIFF structure of the first EXIF segment, without its "Exif\0\0"; NULL where there is
  /// none.
  uint8_t *exif;
  size_t exif_count;
  /// The ICC profile, its segments joined; NULL where there is none or a segment is missing.
  uint8_t *icc_profile;
  size_t icc_profile_count;
} cjpeg_header;

/// Reads everything up to the image data. Fill `header` with zeros before, and release it after,
/// also on failure. `message` (CJPEG_MESSAGE_CAPACITY bytes) is set to libjpeg's words on failure
/// only.
cjpeg_status cjpeg_read_header(const uint8_t *bytes, size_t count, cjpeg_header *header, char *message);

/// Frees what `header` points to and clears it.
void cjpeg_header_release(cjpeg_header *header);

/// Decodes into `pixels`: row-major, interleaved, 8 bits, ceil(height * eighths / 8) rows of
/// ceil(width * eighths / 8) pixels; fails where `capacity` is not exactly their size in bytes.
///
/// `eighths` (1 to 8) is the DCT scale: the inverse transform itself makes the smaller image.
/// Damaged or missing image data fails unless `accept_damage` is not 0; then its place is gray or
/// smeared.
cjpeg_status cjpeg_decode(const uint8_t *bytes, size_t count, uint32_t eighths, int accept_damage,
                          uint8_t *pixels, size_t capacity, char *message);

/// What cjpeg_encode writes.
typedef struct {
  const uint8_t *pixels;  // row-major, interleaved, 8 bits
  uint32_t height;
  uint32_t width;
  uint32_t channels;       // 1 or 3
  int quality;             // 1 to 100, clamped
  int columns_per_chroma;  // 1 or 2 pixels that share a color sample
  int rows_per_chroma;     // 1 or 2
  const uint8_t *exif;     // a TIFF structure of at most CJPEG_EXIF_LIMIT bytes; NULL for none
  size_t exif_count;
  const uint8_t *icc_profile;  // NULL for none
  size_t icc_profile_count;
} cjpeg_source;

/// Encodes to memory. On success the caller owns `*bytes` and frees it with cjpeg_free.
cjpeg_status cjpeg_encode(const cjpeg_source *source, uint8_t **bytes, size_t *count, char *message);

void cjpeg_free(uint8_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
