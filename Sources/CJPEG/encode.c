#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "xmp.h"

// The segments of a profile are numbered in one byte, and each holds so many of its bytes.
#define MAXIMUM_PROFILE_BYTES (255u * 65519u)

// A destination that grows. libjpeg's own memory destination leaks its buffer when encoding fails.
typedef struct {
  struct jpeg_destination_mgr manager;  // first: libjpeg hands back a pointer to it
  uint8_t *bytes;
  size_t count;  // set when encoding is complete
  size_t capacity;
} memory_destination;

typedef struct {
  cjpeg_errors errors;
  struct jpeg_compress_struct info;
  memory_destination destination;
} encoder;

static void grow(j_compress_ptr info, size_t capacity) {
  memory_destination *destination = (memory_destination *)info->dest;
  size_t used = destination->capacity;
  uint8_t *bytes = realloc(destination->bytes, capacity);
  if (!bytes) cjpeg_errors_fail((cjpeg_errors *)info->err, CODEC_OUT_OF_MEMORY, "out of memory");
  destination->bytes = bytes;
  destination->capacity = capacity;
  destination->manager.next_output_byte = bytes + used;
  destination->manager.free_in_buffer = capacity - used;
}

static void start_destination(j_compress_ptr info) { grow(info, 1 << 16); }

// libjpeg calls this when the buffer is full; free_in_buffer is not to be trusted here.
static boolean double_destination(j_compress_ptr info) {
  grow(info, ((memory_destination *)info->dest)->capacity * 2);
  return TRUE;
}

static void finish_destination(j_compress_ptr info) {
  memory_destination *destination = (memory_destination *)info->dest;
  destination->count = destination->capacity - destination->manager.free_in_buffer;
}

static void set_up(encoder *encoder, const codec_source *source, int quality, int columns_per_chroma,
                   int rows_per_chroma) {
  struct jpeg_compress_struct *info = &encoder->info;
  info->image_height = source->height;
  info->image_width = source->width;
  info->input_components = (int)source->channels;
  info->in_color_space = source->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(info);
  jpeg_set_quality(info, quality, TRUE);
  info->optimize_coding = TRUE;
  if (source->channels == 3) {
    info->comp_info[0].h_samp_factor = columns_per_chroma == 2 ? 2 : 1;
    info->comp_info[0].v_samp_factor = rows_per_chroma == 2 ? 2 : 1;
  }
}

static void write_exif(encoder *encoder, const codec_source *source) {
  static const char signature[6] = "Exif\0";  // the sixth byte is a zero, too
  jpeg_write_m_header(&encoder->info, JPEG_APP0 + 1, (unsigned int)(sizeof signature + source->exif_count));
  for (size_t index = 0; index < sizeof signature; index += 1)
    jpeg_write_m_byte(&encoder->info, signature[index]);
  for (size_t index = 0; index < source->exif_count; index += 1)
    jpeg_write_m_byte(&encoder->info, source->exif[index]);
}

static void write_xmp(encoder *encoder, const codec_source *source) {
  jpeg_write_m_header(&encoder->info, JPEG_APP0 + 1,
                      (unsigned int)(CJPEG_XMP_SIGNATURE_COUNT + source->xmp_count));
  for (size_t index = 0; index < CJPEG_XMP_SIGNATURE_COUNT; index += 1)
    jpeg_write_m_byte(&encoder->info, CJPEG_XMP_SIGNATURE[index]);
  for (size_t index = 0; index < source->xmp_count; index += 1)
    jpeg_write_m_byte(&encoder->info, source->xmp[index]);
}

// Whole numbers in an inch or a centimeter are what a JPEG holds, up to 65535.
static void set_density(encoder *encoder, codec_density density) {
  double scale = 1;
  UINT8 unit = 0;
  switch (density.unit) {
    case CODEC_DENSITY_UNKNOWN: return;
    case CODEC_DENSITY_ASPECT: break;
    case CODEC_DENSITY_INCH: unit = 1; break;
    case CODEC_DENSITY_CENTIMETER: unit = 2; break;
    case CODEC_DENSITY_METER: {
      int is_whole = density.x % 100 == 0 && density.y % 100 == 0;
      unit = is_whole ? 2 : 1;
      scale = is_whole ? 0.01 : 0.0254;
    }
  }
  double x = density.x * scale + 0.5, y = density.y * scale + 0.5;
  if (x < 1 || y < 1 || x >= 65536 || y >= 65536) return;
  encoder->info.density_unit = unit;
  encoder->info.X_density = (UINT16)x;
  encoder->info.Y_density = (UINT16)y;
}

static codec_status encode(encoder *encoder, const codec_source *source, int quality, int columns_per_chroma,
                           int rows_per_chroma) {
  if (setjmp(encoder->errors.jump)) return encoder->errors.status;
  struct jpeg_compress_struct *info = &encoder->info;
  if ((source->channels != 1 && source->channels != 3) || source->bit_depth != 8)
    cjpeg_errors_fail(&encoder->errors, CODEC_BROKEN, "a JPEG has 1 or 3 channels of 8 bits");
  if (source->icc_profile_count > MAXIMUM_PROFILE_BYTES)
    cjpeg_errors_fail(&encoder->errors, CODEC_BROKEN, "its ICC profile has more than 16 MB");
  if (source->exif_count > CJPEG_EXIF_LIMIT)
    cjpeg_errors_fail(&encoder->errors, CODEC_BROKEN, "its EXIF block has more than 64 KB");
  if (source->xmp_count > CJPEG_XMP_LIMIT)
    cjpeg_errors_fail(&encoder->errors, CODEC_BROKEN, "its XMP has more than 64 KB");
  jpeg_create_compress(info);
  encoder->destination.manager.init_destination = start_destination;
  encoder->destination.manager.empty_output_buffer = double_destination;
  encoder->destination.manager.term_destination = finish_destination;
  info->dest = &encoder->destination.manager;
  set_up(encoder, source, quality, columns_per_chroma, rows_per_chroma);
  set_density(encoder, source->density);
  jpeg_start_compress(info, TRUE);
  if (source->exif) write_exif(encoder, source);
  if (source->xmp) write_xmp(encoder, source);
  if (source->icc_profile)
    jpeg_write_icc_profile(info, source->icc_profile, (unsigned int)source->icc_profile_count);
  size_t stride = (size_t)source->width * source->channels;
  while (info->next_scanline < info->image_height) {
    // libjpeg only reads through this pointer, but its type is not const.
    JSAMPROW row = (JSAMPROW)((const uint8_t *)source->pixels + info->next_scanline * stride);
    jpeg_write_scanlines(info, &row, 1);
  }
  jpeg_finish_compress(info);
  return CODEC_OK;
}

codec_status cjpeg_encode(const codec_source *source, int quality, int columns_per_chroma, int rows_per_chroma,
                          uint8_t **bytes, size_t *count, char *message) {
  encoder encoder;
  memset(&encoder, 0, sizeof encoder);
  encoder.info.err = cjpeg_errors_prepare(&encoder.errors, message);
  codec_status status = encode(&encoder, source, quality, columns_per_chroma, rows_per_chroma);
  jpeg_destroy_compress(&encoder.info);
  if (status == CODEC_OK) {
    *bytes = encoder.destination.bytes;
    *count = encoder.destination.count;
  } else {
    free(encoder.destination.bytes);
  }
  return status;
}
