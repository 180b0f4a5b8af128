// What the C interfaces over libjpeg, libpng, libtiff, libwebp and zlib have in common: how they tell of a
// failure, and what goes into a codec and comes out of it.

#ifndef CCODEC_H
#define CCODEC_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Bytes that a message buffer needs, the final zero included.
#define CODEC_MESSAGE_CAPACITY 256

typedef enum {
  CODEC_OK = 0,
  /// The data ends before what is in it does.
  CODEC_TRUNCATED,
  /// The data is damaged, of another format, or of a kind that the library does not take.
  CODEC_BROKEN,
  CODEC_OUT_OF_MEMORY,
  /// A part of the image data is missing or damaged, and the rest is there. Only where that was asked for.
  CODEC_PARTIAL
} codec_status;

/// Writes `text` to `message` (CODEC_MESSAGE_CAPACITY bytes), cut where it is too long, and returns `status`.
codec_status codec_fail(char *message, codec_status status, const char *text);

/// What a density counts pixels in.
typedef enum {
  CODEC_DENSITY_UNKNOWN = 0,  // there is none
  CODEC_DENSITY_ASPECT,       // only the ratio of the two numbers means something
  CODEC_DENSITY_INCH,
  CODEC_DENSITY_CENTIMETER,
  CODEC_DENSITY_METER
} codec_density_unit;

/// Pixels in a unit of length.
typedef struct {
  uint32_t x;
  uint32_t y;
  codec_density_unit unit;
} codec_density;

/// What stands in front of an image's data. Size, channels and depth are those of the decoded pixels.
typedef struct {
  uint32_t height;
  uint32_t width;
  uint32_t channels;    // 1 gray, 2 gray and alpha, 3 RGB, 4 RGBA; of a TIFF what its layout says
  uint32_t bit_depth;   // 8 or 16; of a TIFF also 32, which is float32
  int32_t gamma;        // 100000 / exponent; 0 where the file does not say
  int32_t srgb_intent;  // sRGB's rendering intent, 0 to 3; -1 where the file does not say
  uint8_t *exif;        // a TIFF structure; NULL where there is none
  size_t exif_count;
  uint8_t *icc_profile;  // NULL where there is none
  size_t icc_profile_count;
  uint8_t *xmp;  // a packet of XML; NULL where there is none
  size_t xmp_count;
  codec_density density;
  int32_t is_lossy;  // whether the pixels are stored with a loss
} codec_header;

/// Frees what `header` points to and clears it.
void codec_header_release(codec_header *header);

/// What is encoded.
typedef struct {
  const void *pixels;  // row-major, interleaved, bytes, native-endian 16-bit words or float32
  uint32_t height;
  uint32_t width;
  uint32_t channels;    // as in codec_header
  uint32_t bit_depth;   // as in codec_header
  int32_t gamma;        // as in codec_header
  int32_t srgb_intent;  // as in codec_header
  const uint8_t *exif;  // a TIFF structure; NULL for none
  size_t exif_count;
  const uint8_t *icc_profile;  // NULL for none
  size_t icc_profile_count;
  const uint8_t *xmp;  // NULL for none
  size_t xmp_count;
  codec_density density;
  int32_t is_lossy;       // a format that has both ways stores the pixels with a loss
  const uint8_t *chunks;  // of a PNG: each one's length (big-endian), type and data; NULL for none
  size_t chunks_count;
} codec_source;

/// Frees an encoded file.
void codec_free(uint8_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
