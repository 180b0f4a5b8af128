#include "czlib.h"
#include "step.h"

// The largest window there is; a negative number stands for a stream without a header.
#define RAW_WINDOW_BITS (-15)

codec_status czlib_inflate_raw(const uint8_t *source, size_t source_count, uint8_t *target, size_t target_count,
                               char *message) {
  z_stream stream = {0};
  if (inflateInit2(&stream, RAW_WINDOW_BITS) != Z_OK)
    return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  size_t consumed = 0, produced = 0;
  int code;
  // Until the stream ends, or one of the two is used up.
  do code = inflate_step(&stream, source, source_count, &consumed, target, target_count, &produced);
  while (code == Z_OK);
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
