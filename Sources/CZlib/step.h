// One call of zlib's inflate on arrays that may be longer than zlib counts.
#pragma once

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

static inline uInt clamped(size_t count) { return count < UINT_MAX ? (uInt)count : UINT_MAX; }

// Goes on where `consumed` and `produced` say, and moves them; returns zlib's code.
static inline int inflate_step(z_stream *stream, const uint8_t *source, size_t source_count, size_t *consumed,
                               uint8_t *target, size_t target_count, size_t *produced) {
  // zlib before 1.2.5.2 has a pointer to bytes that are not const; it does not write to them.
  stream->next_in = (Bytef *)source + *consumed;
  stream->avail_in = clamped(source_count - *consumed);
  stream->next_out = target + *produced;
  stream->avail_out = clamped(target_count - *produced);
  const uInt input = stream->avail_in, room = stream->avail_out;
  const int code = inflate(stream, Z_NO_FLUSH);
  *consumed += input - stream->avail_in;
  *produced += room - stream->avail_out;
  return code;
}
