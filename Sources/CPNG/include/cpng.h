// C interface over libpng: a whole PNG file in memory to pixels and back.
//
// libpng reports errors by longjmp. Every jump starts and lands inside the function of this shim
// which called libpng, so none crosses a caller's frame. Nothing is printed, and nothing is kept
// between calls.

#ifndef CPNG_H
#define CPNG_H

#include <stddef.h>
#include <stdint.h>

#include "ccodec.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Reads everything up to the image data. Fill `header` with zeros before, and release it after, also on
/// failure. `message` (CODEC_MESSAGE_CAPACITY bytes) is set to libpng's words on failure only.
///
/// Palettes come expanded, transparency (tRNS) as an alpha channel, 1, 2 and 4 bits as 8. Gamma, intent and
/// ICC profile are the gAMA, sRGB and iCCP chunks, and the density is pHYs. EXIF and XMP are not looked for:
/// their chunks may stand anywhere.
codec_status cpng_read_header(const uint8_t *bytes, size_t count, codec_header *header, char *message);

/// Decodes into `pixels`: row-major, interleaved, bytes or native-endian 16-bit words as the header
/// says; fails where `capacity` is not exactly their size in bytes. With `accept_damage` not 0,
/// pixels that are missing or damaged are left at 0, and the status is CODEC_PARTIAL, if there is a whole row;
/// checksums are not looked at.
codec_status cpng_decode(const uint8_t *bytes, size_t count, int accept_damage, void *pixels, size_t capacity,
                         char *message);

/// Encodes to memory. On success the caller owns `*bytes` and frees it with codec_free.
///
/// `compression_level` is zlib's, 0 to 9. Where there is an ICC profile, sRGB is not written. The chunks of
/// `source` come after all others.
codec_status cpng_encode(const codec_source *source, int compression_level, uint8_t **bytes, size_t *count,
                         char *message);

/// Inflates a zlib stream (RFC 1950), such as the text of a zTXt chunk; fails where it would have more than
/// `limit` bytes. On success the caller owns `*text` and frees it with codec_free.
codec_status cpng_inflate(const uint8_t *bytes, size_t count, size_t limit, uint8_t **text, size_t *text_count,
                          char *message);

#ifdef __cplusplus
}
#endif

#endif
