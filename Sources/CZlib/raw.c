#include "czlib.h"

#include <limits.h>

#include <zlib.h>

// The largest window there is; a negative number stands for a stream without a header.
#define RAW_WINDOW_BITS (-15)

static uInt clamped(size_t count) { return count < UINT_MAX ? (uInt)count : UINT_MAX; }

// Inflates until the stream ends, or one of the two is used up.
static int inflate_all(z_stream *stream, const uint8_t *source, size_t source_count, uint8_t *target,
                       size_t target_count, size_t *consumed, size_t *produced) {
  *consumed = *produced = 0;
  for (;;) {
    // zlib before 1.2.5.2 has a pointer to bytes that are not const; it does not write to them.
    stream->next_in = (Bytef *)source + *consumed;
    stream->avail_in = clamped(source_count - *consumed);
    stream->next_out = target + *produced;
    stream->avail_out = clamped(target_count - *produced);
    const uInt input = stream->avail_in, room = stream->avail_out;
    int code = inflate(stream, Z_NO_FLUSH);
    *consumed += input - stream->avail_in;
    *produced += room - stream->avail_out;
    if (code != Z_OK) return code;
  }
}

codec_status czlib_inflate_raw(const uint8_t *source, size_t source_count, uint8_t *target, size_t target_count,
                               char *message) {
  z_stream stream = {0};
  if (inflateInit2(&stream, RAW_WINDOW_BITS) != Z_OK)
    return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  size_t consumed, produced;
  int code = inflate_all(&stream, source, source_count, target, target_count, &consumed, &produced);
  codec_status status = CODEC_OK;
  if (code == Z_MEM_ERROR) {
    status = codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  } else if (code == Z_BUF_ERROR && produced == target_count && consumed < source_count) {
    status = codec_fail(message, CODEC_BROKEN, "it holds more than it says");
  } else if (code == Z_BUF_ERROR) {
    status = codec_fail(message, CODEC_TRUNCATED, "it ends early");
  } else if (code != Z_STREAM_END) {
    status = codec_fail(message, CODEC_BROKEN, stream.msg ? stream.msg : zError(code));
  } else if (produced != target_count) {
    status = codec_fail(message, CODEC_TRUNCATED, "it holds less than it says");
  } else if (consumed != source_count) {
    status = codec_fail(message, CODEC_BROKEN, "something follows its end");
  }
  inflateEnd(&stream);
  return status;
}

uint32_t czlib_checksum(const uint8_t *bytes, size_t count) {
  uLong checksum = crc32(0, Z_NULL, 0);
  while (count > 0) {
    checksum = crc32(checksum, bytes, clamped(count));
    bytes += clamped(count);
    count -= clamped(count);
  }
  return (uint32_t)checksum;
}
