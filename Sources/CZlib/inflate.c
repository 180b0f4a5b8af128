#include "czlib.h"

#include <stdlib.h>

#include "step.h"

// The largest window there is, and 16 for gzip alone: neither raw data nor the zlib format.
#define GZIP_WINDOW_BITS (15 + 16)

struct czlib_inflater {
  z_stream stream;
  int is_between_members;  // before the first, after the last, or in the padding of one
  int has_finished_member;
};

static codec_status failure(const z_stream *stream, int code, char *message) {
  if (code == Z_MEM_ERROR) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  return codec_fail(message, CODEC_BROKEN, stream->msg ? stream->msg : zError(code));
}

codec_status czlib_inflater_create(czlib_inflater **inflater, char *message) {
  *inflater = NULL;
  czlib_inflater *created = calloc(1, sizeof *created);
  if (!created) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  created->is_between_members = 1;
  int code = inflateInit2(&created->stream, GZIP_WINDOW_BITS);
  if (code != Z_OK) {
    codec_status status = failure(&created->stream, code, message);
    free(created);
    return status;
  }
  *inflater = created;
  return CODEC_OK;
}

void czlib_inflater_release(czlib_inflater *inflater) {
  if (!inflater) return;
  inflateEnd(&inflater->stream);
  free(inflater);
}

codec_status czlib_inflate(czlib_inflater *inflater, const uint8_t *source, size_t source_count,
                           size_t *consumed, uint8_t *target, size_t target_count, size_t *produced,
                           char *message) {
  z_stream *stream = &inflater->stream;
  *consumed = *produced = 0;
  for (;;) {
    if (inflater->is_between_members) {
      if (inflater->has_finished_member)
        while (*consumed < source_count && source[*consumed] == 0) *consumed += 1;
      if (*consumed == source_count) {
        if (source_count > 0 || inflater->has_finished_member) return CODEC_OK;
        return codec_fail(message, CODEC_TRUNCATED, "the archive is empty");
      }
    }
    if (*produced == target_count) return CODEC_OK;
    if (inflater->is_between_members) {
      int code = inflateReset(stream);
      if (code != Z_OK) return failure(stream, code, message);
      inflater->is_between_members = 0;
    }
    int code = inflate_step(stream, source, source_count, consumed, target, target_count, produced);
    if (code == Z_STREAM_END) {
      inflater->is_between_members = inflater->has_finished_member = 1;
    } else if (code == Z_BUF_ERROR) {
      // No progress: it needs more of `source`.
      if (source_count > 0) return CODEC_OK;
      return codec_fail(message, CODEC_TRUNCATED, "the archive ends early");
    } else if (code != Z_OK) {
      return failure(stream, code, message);
    }
  }
}
