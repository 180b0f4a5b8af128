// C interface over libwebp: a whole WebP file in memory to pixels and back.
//
// Nothing is printed, and nothing is kept between calls.

#ifndef CWEBP_H
#define CWEBP_H

#include <stddef.h>
#include <stdint.h>

#include "ccodec.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Pixels a side that a WebP holds.
#define CWEBP_SIDE_LIMIT 16383

/// Reads the size and the kind from what stands before the image data. Fill `header` with zeros before, and
/// release it after, also on failure. `message` (CODEC_MESSAGE_CAPACITY bytes) is set on failure only, here and
/// below.
///
/// Pixels come as 3 or 4 channels of 8 bits. EXIF, ICC profile and XMP are not looked for: they are chunks of
/// their own, which stand behind the image data.
codec_status cwebp_read_header(const uint8_t *bytes, size_t count, codec_header *header, char *message);

/// Decodes into `pixels`: row-major, interleaved, 8 bits; fails where `capacity` is not exactly their size in
/// bytes.
///
/// Of an animation the first frame comes on its canvas, which is transparent or black where the frame does not
/// reach. With `accept_damage` not 0, rows that are missing or damaged are left at 0, and the status is
/// CODEC_PARTIAL, if there is a whole row.
codec_status cwebp_decode(const uint8_t *bytes, size_t count, int accept_damage, uint8_t *pixels,
                          size_t capacity, char *message);

/// Encodes to memory. On success the caller owns `*bytes` and frees it with codec_free.
///
/// `source` has 3 or 4 channels of 8 bits; gamma, intent, density and chunks are not written. `quality`, 0 to
/// 100, counts for a lossy source; the others keep every sample, those under transparent pixels included.
codec_status cwebp_encode(const codec_source *source, int quality, uint8_t **bytes, size_t *count,
                          char *message);

#ifdef __cplusplus
}
#endif

#endif
