#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "xmp.h"

// A progressive file of a few kilobytes can hold thousands of scans, each as slow as a whole image.
// Encoders write about ten.
#define MAXIMUM_SCANS 500

#define ROWS_AT_ONCE 8

// Lives in the caller of the function that calls setjmp, so that its fields are defined after a
// jump.
typedef struct {
  cjpeg_errors errors;
  struct jpeg_decompress_struct info;
  struct jpeg_progress_mgr progress;
} decoder;

static void stop_at_scan_limit(j_common_ptr info) {
  if (((j_decompress_ptr)info)->input_scan_number > MAXIMUM_SCANS)
    cjpeg_errors_fail((cjpeg_errors *)info->err, CODEC_BROKEN, "it has more than 500 scans");
}

static void open_decoder(decoder *decoder, const uint8_t *bytes, size_t count) {
  jpeg_create_decompress(&decoder->info);
  decoder->progress.progress_monitor = stop_at_scan_limit;
  decoder->info.progress = &decoder->progress;
  jpeg_mem_src(&decoder->info, bytes, count);
}

static uint32_t decoded_channels(decoder *decoder) {
  switch (decoder->info.jpeg_color_space) {
    case JCS_GRAYSCALE: return 1;
    case JCS_RGB:
    case JCS_YCbCr:
    case JCS_CMYK:
    case JCS_YCCK: return 3;
    default: cjpeg_errors_fail(&decoder->errors, CODEC_BROKEN, "it has not 1, 3 or 4 components"); return 0;
  }
}

static uint8_t *copy(decoder *decoder, const uint8_t *bytes, size_t count) {
  uint8_t *result = malloc(count);
  if (!result) cjpeg_errors_fail(&decoder->errors, CODEC_OUT_OF_MEMORY, "out of memory");
  memcpy(result, bytes, count);
  return result;
}

static void copy_exif(decoder *decoder, codec_header *header) {
  static const char signature[6] = "Exif\0";  // the sixth byte is a zero, too
  for (jpeg_saved_marker_ptr marker = decoder->info.marker_list; marker; marker = marker->next) {
    if (marker->marker != JPEG_APP0 + 1 || marker->data_length <= sizeof signature) continue;
    if (memcmp(marker->data, signature, sizeof signature) != 0) continue;
    size_t count = marker->data_length - sizeof signature;
    header->exif = copy(decoder, marker->data + sizeof signature, count);
    header->exif_count = count;
    return;
  }
}

static void copy_xmp(decoder *decoder, codec_header *header) {
  for (jpeg_saved_marker_ptr marker = decoder->info.marker_list; marker; marker = marker->next) {
    if (marker->marker != JPEG_APP0 + 1 || marker->data_length <= CJPEG_XMP_SIGNATURE_COUNT) continue;
    if (memcmp(marker->data, CJPEG_XMP_SIGNATURE, CJPEG_XMP_SIGNATURE_COUNT) != 0) continue;
    header->xmp_count = marker->data_length - CJPEG_XMP_SIGNATURE_COUNT;
    header->xmp = copy(decoder, marker->data + CJPEG_XMP_SIGNATURE_COUNT, header->xmp_count);
    return;
  }
}

static codec_density stored_density(decoder *decoder) {
  static const codec_density_unit units[3] = {CODEC_DENSITY_ASPECT, CODEC_DENSITY_INCH,
                                              CODEC_DENSITY_CENTIMETER};
  struct jpeg_decompress_struct *info = &decoder->info;
  int is_known = info->saw_JFIF_marker && info->density_unit < 3 && info->X_density && info->Y_density;
  // One by one is what is written where nothing is known.
  if (!is_known || (info->density_unit == 0 && info->X_density == info->Y_density)) return (codec_density){0};
  return (codec_density){info->X_density, info->Y_density, units[info->density_unit]};
}

static codec_status read_header(decoder *decoder, const uint8_t *bytes, size_t count, codec_header *header) {
  if (setjmp(decoder->errors.jump)) return decoder->errors.status;
  open_decoder(decoder, bytes, count);
  jpeg_save_markers(&decoder->info, JPEG_APP0 + 1, 0xFFFF);
  jpeg_save_markers(&decoder->info, JPEG_APP0 + 2, 0xFFFF);
  jpeg_read_header(&decoder->info, TRUE);
  header->height = decoder->info.image_height;
  header->width = decoder->info.image_width;
  header->channels = decoded_channels(decoder);
  header->bit_depth = 8;
  header->srgb_intent = -1;
  header->is_lossy = 1;
  copy_exif(decoder, header);
  copy_xmp(decoder, header);
  header->density = stored_density(decoder);
  JOCTET *profile = NULL;
  unsigned int profile_count = 0;
  if (jpeg_read_icc_profile(&decoder->info, &profile, &profile_count)) {
    header->icc_profile = profile;
    header->icc_profile_count = profile_count;
  }
  return CODEC_OK;
}

codec_status cjpeg_read_header(const uint8_t *bytes, size_t count, codec_header *header, char *message) {
  decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  decoder.info.err = cjpeg_errors_prepare(&decoder.errors, message);
  codec_status status = read_header(&decoder, bytes, count, header);
  jpeg_destroy_decompress(&decoder.info);
  return status;
}

// Adobe stores CMYK inverted (255 is no ink), and Pillow takes every CMYK JPEG to be so. With c, m,
// y, k the stored values, red is k - (255 - c) * k / 255, rounded: c * k / 255 up to that rounding.
static void convert_inverted_cmyk(const uint8_t *cmyk, uint8_t *rgb, uint32_t width) {
  for (uint32_t x = 0; x < width; x += 1, cmyk += 4, rgb += 3) {
    unsigned key = cmyk[3];
    for (int channel = 0; channel < 3; channel += 1) {
      unsigned product = (255u - cmyk[channel]) * key;
      rgb[channel] = (uint8_t)(key - (product + 127) / 255);
    }
  }
}

static void read_cmyk_rows(decoder *decoder, uint8_t *pixels, size_t stride) {
  struct jpeg_decompress_struct *info = &decoder->info;
  JSAMPARRAY row = info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, info->output_width * 4, 1);
  while (info->output_scanline < info->output_height) {
    uint8_t *target = pixels + info->output_scanline * stride;
    jpeg_read_scanlines(info, row, 1);
    convert_inverted_cmyk(row[0], target, info->output_width);
  }
}

static void read_rows(decoder *decoder, uint8_t *pixels, size_t stride) {
  struct jpeg_decompress_struct *info = &decoder->info;
  while (info->output_scanline < info->output_height) {
    JSAMPROW rows[ROWS_AT_ONCE];
    JDIMENSION left = info->output_height - info->output_scanline;
    JDIMENSION wanted = left < ROWS_AT_ONCE ? left : ROWS_AT_ONCE;
    for (JDIMENSION row = 0; row < wanted; row += 1)
      rows[row] = pixels + (info->output_scanline + row) * stride;
    jpeg_read_scanlines(info, rows, wanted);
  }
}

static codec_status decode(decoder *decoder, const uint8_t *bytes, size_t count, uint32_t eighths,
                           int accept_damage, uint8_t *pixels, size_t capacity) {
  if (setjmp(decoder->errors.jump)) return decoder->errors.status;
  struct jpeg_decompress_struct *info = &decoder->info;
  open_decoder(decoder, bytes, count);
  jpeg_read_header(info, TRUE);
  uint32_t channels = decoded_channels(decoder);
  int is_cmyk = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
  info->out_color_space = channels == 1 ? JCS_GRAYSCALE : is_cmyk ? JCS_CMYK : JCS_RGB;
  info->scale_num = eighths;
  info->scale_denom = 8;
  decoder->errors.reject_damage = !accept_damage;
  decoder->errors.needs_a_row = 1;
  jpeg_start_decompress(info);
  size_t stride = (size_t)info->output_width * channels;
  if (stride * info->output_height != capacity)
    cjpeg_errors_fail(&decoder->errors, CODEC_BROKEN, "the pixel buffer has the wrong size");
  if (is_cmyk)
    read_cmyk_rows(decoder, pixels, stride);
  else
    read_rows(decoder, pixels, stride);
  // Reads on to the end marker, so that a file without one is noticed.
  if (!accept_damage) jpeg_finish_decompress(info);
  return decoder->errors.is_damaged ? CODEC_PARTIAL : CODEC_OK;
}

codec_status cjpeg_decode(const uint8_t *bytes, size_t count, uint32_t eighths, int accept_damage,
                          uint8_t *pixels, size_t capacity, char *message) {
  decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  decoder.info.err = cjpeg_errors_prepare(&decoder.errors, message);
  codec_status status = decode(&decoder, bytes, count, eighths, accept_damage, pixels, capacity);
  jpeg_destroy_decompress(&decoder.info);
  return status;
}
