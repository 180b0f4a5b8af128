#include <stdlib.h>

#include <zlib.h>

#include "cpng.h"

codec_status cpng_inflate(const uint8_t *bytes, size_t count, size_t limit, uint8_t **text, size_t *text_count,
                          char *message) {
  z_stream stream = {0};
  if (count > UINT32_MAX || limit > UINT32_MAX) return codec_fail(message, CODEC_BROKEN, "too large");
  if (inflateInit(&stream) != Z_OK) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  uint8_t *target = NULL;
  size_t capacity = 0;
  int result = Z_OK;
  // zlib only reads through this pointer, but its type is not const.
  stream.next_in = (Bytef *)bytes;
  stream.avail_in = (uInt)count;
  while (result == Z_OK && capacity < limit) {
    size_t wanted = capacity * 2 + 4096;
    if (wanted > limit) wanted = limit;
    uint8_t *larger = realloc(target, wanted);
    if (!larger) {
      result = Z_MEM_ERROR;
      break;
    }
    target = larger;
    stream.next_out = target + capacity;
    stream.avail_out = (uInt)(wanted - capacity);
    capacity = wanted;
    result = inflate(&stream, Z_NO_FLUSH);
  }
  *text_count = stream.total_out;
  inflateEnd(&stream);
  if (result == Z_STREAM_END) {
    *text = target;
    return CODEC_OK;
  }
  free(target);
  if (result == Z_MEM_ERROR) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  return codec_fail(message, CODEC_BROKEN, result == Z_OK ? "too large" : "damaged");
}
