// C interface over libpng: a whole PNG file in memory to pixels and back.
//
// libpng reports errors by longjmp. Every jump starts and lands inside the function of this shim
// which called libpng, so none crosses a caller's frame. Nothing is printed, and nothing is kept
// between calls.

#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes that a message buffer needs, the final zero included.
#define CPNG_MESSAGE_CAPACITY 256

typedef enum {
  CPNG_OK = 0,
  /// The file ends before its image data does.
  CPNG_TRUNCATED,
  /// The file is damaged or is no PNG.
  CPNG_BROKEN,
  CPNG_OUT_OF_MEMORY
} cpng_status;

/// What stands in front of the image data. Size and channels are those of the decoded pixels:
/// palettes expanded, transparency (tRNS) made an alpha channel, 1, 2 and 4 bits expanded to 8.
typedef struct {
  uint32_t height;
  uint32_t width;
  uint32_t channels;     // 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA
  uint32_t bit_depth;    // 8 or 16
  int32_t gamma;         // the gAMA chunk: 100000 / exponent; 0 where there is none
  int32_t srgb_intent;   // the sRGB chunk: rendering intent 0 to 3; -1 where there is none
  uint8_t *icc_profile;  // the iCCP chunk, inflated; NULL where there is none
  size_t icc_profile_count;
} cpng_header;

/// Reads everything up to the image data. Fill `header` with zeros before, and release it after,
/// also on failure. `message` (CPNG_MESSAGE_CAPACITY bytes) is set to libpng's words on failure
/// only.
cpng_status cpng_read_header(const uint8_t *bytes, size_t count, cpng_header *header, char *message);

/// Frees what `header` points to and clears it.
void cpng_header_release(cpng_header *header);

/// Decodes into `pixels`: row-major, interleaved, bytes or native-endian 16-bit words as the header
/// says; fails where `capacity` is not exactly their size in bytes. With `accept_damage` not 0,
/// pixels that are missing or damaged are left at 0, and only a file without a whole header fails.
cpng_status cpng_decode(const uint8_t *bytes, size_t count, int accept_damage, void *pixels, size_t capacity,
                        char *message);

/// What cpng_encode writes.
typedef struct {
  const void *pixels;  // row-major, interleaved, bytes or native-endian 16-bit words
  uint32_t height;
  uint32_t width;
  uint32_t channels;      // 1 to 4
  uint32_t bit_depth;     // 8 or 16
  int compression_level;  // zlib's, 0 to 9
  int32_t gamma;          // as in cpng_header
  int32_t srgb_intent;    // as in cpng_header
  const uint8_t *exif;    // a TIFF structure; NULL for none
  size_t exif_count;
  const uint8_t *icc_profile;  // NULL for none; where there is one, sRGB is not written
  size_t icc_profile_count;
} cpng_source;

/// Encodes to memory. On success the caller owns `*bytes` and frees it with cpng_free.
cpng_status cpng_encode(const cpng_source *source, uint8_t **bytes, size_t *count, char *message);

void cpng_free(uint8_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
