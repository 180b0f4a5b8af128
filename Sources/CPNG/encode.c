#include <stdlib.h>
#include <string.h>

#include "errors.h"

// Lives in the caller of the function that calls setjmp, so that its fields are defined after a
// jump.
typedef struct {
  cpng_errors errors;
  png_structp png;
  png_infop info;
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} encoder;

static void write_bytes(png_structp png, png_bytep source, size_t count) {
  encoder *encoder = png_get_io_ptr(png);
  if (count > encoder->capacity - encoder->count) {
    size_t capacity = encoder->capacity * 2 + count + (1 << 16);
    uint8_t *bytes = realloc(encoder->bytes, capacity);
    if (!bytes) cpng_errors_fail(&encoder->errors, CODEC_OUT_OF_MEMORY, "out of memory");
    encoder->bytes = bytes;
    encoder->capacity = capacity;
  }
  memcpy(encoder->bytes + encoder->count, source, count);
  encoder->count += count;
}

static void flush_nothing(png_structp png) { (void)png; }

static void describe(encoder *encoder, const codec_source *source) {
  static const int color_types[5] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                     PNG_COLOR_TYPE_RGB_ALPHA};
  png_set_IHDR(encoder->png, encoder->info, source->width, source->height, (int)source->bit_depth,
               color_types[source->channels], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (source->icc_profile) {
    png_set_iCCP(encoder->png, encoder->info, "ICC profile", PNG_COMPRESSION_TYPE_BASE, source->icc_profile,
                 (png_uint_32)source->icc_profile_count);
  } else if (source->srgb_intent >= 0) {
    png_set_sRGB(encoder->png, encoder->info, source->srgb_intent);
  }
  if (source->gamma > 0) png_set_gAMA_fixed(encoder->png, encoder->info, source->gamma);
  if (source->exif) {
    // libpng only reads through this pointer, but its type is not const.
    png_set_eXIf_1(encoder->png, encoder->info, (png_uint_32)source->exif_count, (png_bytep)source->exif);
  }
}

static void set_density(encoder *encoder, codec_density density) {
  double scale = 1;
  int unit = PNG_RESOLUTION_METER;
  switch (density.unit) {
    case CODEC_DENSITY_UNKNOWN: return;
    case CODEC_DENSITY_ASPECT: unit = PNG_RESOLUTION_UNKNOWN; break;
    case CODEC_DENSITY_INCH: scale = 1 / 0.0254; break;
    case CODEC_DENSITY_CENTIMETER: scale = 100; break;
    case CODEC_DENSITY_METER: break;
  }
  double x = density.x * scale + 0.5, y = density.y * scale + 0.5;
  if (x > PNG_UINT_31_MAX || y > PNG_UINT_31_MAX) return;
  png_set_pHYs(encoder->png, encoder->info, (png_uint_32)x, (png_uint_32)y, unit);
}

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// Those that libpng need not know.
static void write_chunks(encoder *encoder, const codec_source *source) {
  size_t offset = 0;
  while (source->chunks_count - offset >= 8) {
    const uint8_t *chunk = source->chunks + offset;
    size_t length = big_endian(chunk);
    if (length > source->chunks_count - offset - 8) return;
    png_write_chunk(encoder->png, chunk + 4, chunk + 8, length);
    offset += 8 + length;
  }
}

static void write_xmp(encoder *encoder, const codec_source *source) {
  // The keyword, a zero each for the compression, the language and the translated keyword.
  static const uint8_t start[] = "XML:com.adobe.xmp\0\0\0\0";
  static const uint8_t type[4] = {'i', 'T', 'X', 't'};
  png_write_chunk_start(encoder->png, type, (png_uint_32)(sizeof start + source->xmp_count));
  png_write_chunk_data(encoder->png, start, sizeof start);
  png_write_chunk_data(encoder->png, source->xmp, source->xmp_count);
  png_write_chunk_end(encoder->png);
}

static codec_status encode(encoder *encoder, const codec_source *source, int compression_level) {
  if (setjmp(encoder->errors.jump)) return encoder->errors.status;
  if (source->channels < 1 || source->channels > 4 || (source->bit_depth != 8 && source->bit_depth != 16))
    cpng_errors_fail(&encoder->errors, CODEC_BROKEN, "a PNG has 1 to 4 channels of 8 or 16 bits");
  encoder->png =
      png_create_write_struct(PNG_LIBPNG_VER_STRING, &encoder->errors, cpng_on_error, cpng_on_warning);
  if (encoder->png) encoder->info = png_create_info_struct(encoder->png);
  if (!encoder->info) cpng_errors_fail(&encoder->errors, CODEC_OUT_OF_MEMORY, "out of memory");
  png_set_user_limits(encoder->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_benign_errors(encoder->png, 1);  // a profile that libpng does not like is left out
  png_set_write_fn(encoder->png, encoder, write_bytes, flush_nothing);
  png_set_compression_level(encoder->png, compression_level);
  describe(encoder, source);
  set_density(encoder, source->density);
  png_write_info(encoder->png, encoder->info);
  if (source->xmp) write_xmp(encoder, source);
  write_chunks(encoder, source);
  const uint16_t one = 1;
  if (source->bit_depth == 16 && *(const uint8_t *)&one == 1) png_set_swap(encoder->png);
  size_t stride = (size_t)source->width * source->channels * (source->bit_depth / 8);
  for (uint32_t row = 0; row < source->height; row += 1)
    png_write_row(encoder->png, (const uint8_t *)source->pixels + row * stride);
  png_write_end(encoder->png, NULL);
  return CODEC_OK;
}

codec_status cpng_encode(const codec_source *source, int compression_level, uint8_t **bytes, size_t *count,
                         char *message) {
  encoder encoder;
  memset(&encoder, 0, sizeof encoder);
  encoder.errors.message = message;
  codec_status status = encode(&encoder, source, compression_level);
  png_destroy_write_struct(&encoder.png, &encoder.info);
  if (status == CODEC_OK) {
    *bytes = encoder.bytes;
    *count = encoder.count;
  } else {
    free(encoder.bytes);
  }
  return status;
}
