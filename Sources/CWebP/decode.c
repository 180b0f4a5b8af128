#include <string.h>

#include <webp/decode.h>

#include "cwebp.h"

static codec_status fail(char *message, VP8StatusCode code) {
  switch (code) {
    case VP8_STATUS_OUT_OF_MEMORY: return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED: return codec_fail(message, CODEC_TRUNCATED, "the file ends early");
    case VP8_STATUS_UNSUPPORTED_FEATURE: return codec_fail(message, CODEC_BROKEN, "unsupported feature");
    default: return codec_fail(message, CODEC_BROKEN, "damaged bitstream");
  }
}

codec_status cwebp_read_header(const uint8_t *bytes, size_t count, codec_header *header, char *message) {
  WebPBitstreamFeatures features;
  VP8StatusCode code = WebPGetFeatures(bytes, count, &features);
  if (code != VP8_STATUS_OK) return fail(message, code);
  header->height = (uint32_t)features.height;
  header->width = (uint32_t)features.width;
  header->channels = features.has_alpha ? 4 : 3;
  header->bit_depth = 8;
  header->srgb_intent = -1;
  header->is_lossy = features.format == 1;  // an animation may be of both kinds, and is of neither here
  return CODEC_OK;
}

// Where the pixels of one frame go.
typedef struct {
  uint8_t *pixels;
  size_t capacity;
  size_t stride;
  int channels;
} target;

// Decodes a still image or a frame.
static codec_status decode_frame(const uint8_t *bytes, size_t count, int accept_damage, target target,
                                 char *message) {
  WebPDecoderConfig config;
  if (!WebPInitDecoderConfig(&config)) return codec_fail(message, CODEC_BROKEN, "another version of libwebp");
  config.output.colorspace = target.channels == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = target.pixels;
  config.output.u.RGBA.stride = (int)target.stride;
  config.output.u.RGBA.size = target.capacity;
  if (!accept_damage) {
    VP8StatusCode code = WebPDecode(bytes, count, &config);
    return code == VP8_STATUS_OK ? CODEC_OK : fail(message, code);
  }
  WebPIDecoder *decoder = WebPIDecode(NULL, 0, &config);
  if (!decoder) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  VP8StatusCode code = WebPIUpdate(decoder, bytes, count);
  int row_count = 0;
  if (!WebPIDecGetRGB(decoder, &row_count, NULL, NULL, NULL)) row_count = 0;
  WebPIDelete(decoder);
  if (code == VP8_STATUS_OK) return CODEC_OK;
  return row_count > 0 && code != VP8_STATUS_OUT_OF_MEMORY ? CODEC_PARTIAL : fail(message, code);
}

static size_t little_endian(const uint8_t *bytes, int count) {
  size_t value = 0;
  for (int index = count - 1; index >= 0; index -= 1) value = value << 8 | bytes[index];
  return value;
}

// A frame's header: its place in steps of 2 pixels, its size, its duration and its flags.
#define FRAME_HEADER_COUNT 16

// The first frame, as far as it is there. NULL where the file ends before it, or nothing is in it. libwebpdemux
// finds whole frames only.
static const uint8_t *find_frame(const uint8_t *bytes, size_t count, size_t *frame_count) {
  size_t offset = 12;  // behind RIFF, a length and WEBP
  while (count > offset && count - offset >= 8) {
    size_t left = count - offset - 8;
    size_t length = little_endian(bytes + offset + 4, 4);
    if (memcmp(bytes + offset, "ANMF", 4) == 0) {
      *frame_count = length < left ? length : left;
      return *frame_count > FRAME_HEADER_COUNT ? bytes + offset + 8 : NULL;
    }
    if (length >= left) return NULL;
    offset += 8 + length + length % 2;
  }
  return NULL;
}

// The first frame, at its place on the canvas.
static codec_status decode_animation(const uint8_t *bytes, size_t count, int accept_damage, target canvas,
                                     char *message) {
  size_t frame_count = 0;
  const uint8_t *frame = find_frame(bytes, count, &frame_count);
  if (!frame) return codec_fail(message, CODEC_TRUNCATED, "the file ends early");
  const uint8_t *image = frame + FRAME_HEADER_COUNT;
  size_t image_count = frame_count - FRAME_HEADER_COUNT;
  WebPBitstreamFeatures features;
  VP8StatusCode code = WebPGetFeatures(image, image_count, &features);
  if (code != VP8_STATUS_OK) return fail(message, code);
  size_t left = 2 * little_endian(frame, 3), top = 2 * little_endian(frame + 3, 3);
  size_t channels = (size_t)canvas.channels, height = canvas.capacity / canvas.stride;
  if ((left + (size_t)features.width) * channels > canvas.stride || top + (size_t)features.height > height)
    return codec_fail(message, CODEC_BROKEN, "a frame lies outside the canvas");
  size_t offset = top * canvas.stride + left * channels;
  canvas.pixels += offset;
  canvas.capacity -= offset;
  return decode_frame(image, image_count, accept_damage, canvas, message);
}

codec_status cwebp_decode(const uint8_t *bytes, size_t count, int accept_damage, uint8_t *pixels,
                          size_t capacity, char *message) {
  WebPBitstreamFeatures features;
  VP8StatusCode code = WebPGetFeatures(bytes, count, &features);
  if (code != VP8_STATUS_OK) return fail(message, code);
  target target = {.pixels = pixels, .capacity = capacity, .channels = features.has_alpha ? 4 : 3};
  target.stride = (size_t)features.width * (size_t)target.channels;
  if (target.stride * (size_t)features.height != capacity)
    return codec_fail(message, CODEC_BROKEN, "the pixel buffer has the wrong size");
  if (features.has_animation || accept_damage) memset(pixels, 0, capacity);
  return features.has_animation ? decode_animation(bytes, count, accept_damage, target, message)
                                : decode_frame(bytes, count, accept_damage, target, message);
}
