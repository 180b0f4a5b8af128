// C interface over zlib: gzip archives to the bytes in them, piece by piece, and the entries of zip archives.
//
// The caller decides how much comes out of each call, so an archive that would inflate to more than
// it should costs no memory. Nothing is printed; what is kept between calls is in the inflater.

#ifndef CZLIB_H
#define CZLIB_H

#include <stddef.h>
#include <stdint.h>

#include "ccodec.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct czlib_inflater czlib_inflater;

/// At the beginning of an archive. On success the caller owns `*inflater`. `message`
/// (CODEC_MESSAGE_CAPACITY bytes) is set on failure only, here and below.
codec_status czlib_inflater_create(czlib_inflater **inflater, char *message);

/// Frees an inflater; NULL is allowed.
void czlib_inflater_release(czlib_inflater *inflater);

/// Goes on inflating from `source` into `target`, until one of the two is used up, and sets how much
/// of both was. Members that follow each other are one text (RFC 1952, section 2.2); zeros after a
/// member are padding. A member's checksum is known to be right when something is asked for beyond
/// its end.
///
/// `source_count` 0 says that the archive ends here: then `*produced` is 0 after the last byte, and
/// an archive that lacks something gives CODEC_TRUNCATED. After a failure the inflater is good for
/// nothing but its release.
codec_status czlib_inflate(czlib_inflater *inflater, const uint8_t *source, size_t source_count,
                           size_t *consumed, uint8_t *target, size_t target_count, size_t *produced,
                           char *message);

/// Inflates a stream without any header (RFC 1951), as zip archives hold it, which has to fill `target` exactly
/// and to end with `source`: CODEC_TRUNCATED if it gives less, CODEC_BROKEN if it would give more.
codec_status czlib_inflate_raw(const uint8_t *source, size_t source_count, uint8_t *target, size_t target_count,
                               char *message);

/// The CRC-32 that gzip and zip archives hold.
uint32_t czlib_checksum(const uint8_t *bytes, size_t count);

#ifdef __cplusplus
}
#endif

#endif
