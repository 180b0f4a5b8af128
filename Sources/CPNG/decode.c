#include <stdlib.h>
#include <string.h>

#include "errors.h"
#include "repair.h"

// Compressed chunks in front of the image data (a color profile) may not grow beyond this.
#define MAXIMUM_CHUNK_BYTES (16 << 20)
#define MAXIMUM_CHUNKS 1000

// Lives in the caller of the function that calls setjmp, so that its fields are defined after a
// jump.
typedef struct {
  cpng_errors errors;
  png_structp png;
  png_infop info;
  const uint8_t *next;
  size_t left;
  cpng_repair repair;
  uint32_t row_count;  // rows of any pass that are complete
} decoder;

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  decoder *decoder = png_get_io_ptr(png);
  size_t own = count < decoder->left ? count : decoder->left;
  memcpy(target, decoder->next, own);
  // libpng reads the length and the type of a chunk at once.
  if (decoder->next == decoder->repair.cut_chunk && own == 8) memcpy(target, decoder->repair.length, 4);
  decoder->next += own;
  decoder->left -= own;
  if (own == count) return;
  if (count - own > decoder->repair.end_count)
    cpng_errors_fail(&decoder->errors, CODEC_TRUNCATED, "the file ends early");
  memcpy(target + own, decoder->repair.end, count - own);
  decoder->repair.end += count - own;
  decoder->repair.end_count -= count - own;
}

static void limit_resources(png_structp png) {
  // The caller checks the number of pixels.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_malloc_max(png, MAXIMUM_CHUNK_BYTES);
  png_set_chunk_cache_max(png, MAXIMUM_CHUNKS);
  // Chunks that nobody asks for are skipped without being inflated.
  static const png_byte skipped[] = "tEXt\0zTXt\0iTXt\0sPLT\0hIST\0pCAL\0sCAL\0tIME\0eXIf";
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, skipped, sizeof skipped / 5);
#if defined(PNG_SKIP_sRGB_CHECK_PROFILE) && defined(PNG_SET_OPTION_SUPPORTED)
  // The check compares checksums, and would only warn.
  png_set_option(png, PNG_SKIP_sRGB_CHECK_PROFILE, PNG_OPTION_ON);
#endif
}

static void expand_to_whole_samples(decoder *decoder) {
  png_set_expand(decoder->png);
  if (png_get_bit_depth(decoder->png, decoder->info) == 16) {
    const uint16_t one = 1;
    if (*(const uint8_t *)&one == 1) png_set_swap(decoder->png);  // PNG is big-endian
  }
}

// Reads up to the image data and asks for the pixel layout that codec_header describes.
static void open_decoder(decoder *decoder, const uint8_t *bytes, size_t count, int accept_damage) {
  decoder->next = bytes;
  decoder->left = decoder->repair.end ? decoder->repair.count : count;
  decoder->png =
      png_create_read_struct(PNG_LIBPNG_VER_STRING, &decoder->errors, cpng_on_error, cpng_on_warning);
  if (decoder->png) decoder->info = png_create_info_struct(decoder->png);
  if (!decoder->info) cpng_errors_fail(&decoder->errors, CODEC_OUT_OF_MEMORY, "out of memory");
  limit_resources(decoder->png);
  png_set_read_fn(decoder->png, decoder, read_bytes);
  if (accept_damage) png_set_crc_action(decoder->png, PNG_CRC_WARN_USE, PNG_CRC_DEFAULT);
  png_read_info(decoder->png, decoder->info);
  expand_to_whole_samples(decoder);
}

static void copy_profile(decoder *decoder, codec_header *header) {
  png_charp name = NULL;
  png_bytep profile = NULL;
  int compression = 0;
  png_uint_32 count = 0;
  if (!png_get_iCCP(decoder->png, decoder->info, &name, &compression, &profile, &count)) return;
  header->icc_profile = malloc(count);
  if (!header->icc_profile) cpng_errors_fail(&decoder->errors, CODEC_OUT_OF_MEMORY, "out of memory");
  memcpy(header->icc_profile, profile, count);
  header->icc_profile_count = count;
}

// What png_set_expand makes of the stored pixels. libpng itself says so only after
// png_read_update_info, which allocates rows: too early for a width that nobody has checked.
static uint32_t expanded_channels(decoder *decoder) {
  png_byte type = png_get_color_type(decoder->png, decoder->info);
  uint32_t colors = type & PNG_COLOR_MASK_COLOR ? 3 : 1;
  int has_alpha = type & PNG_COLOR_MASK_ALPHA || png_get_valid(decoder->png, decoder->info, PNG_INFO_tRNS);
  return has_alpha ? colors + 1 : colors;
}

static codec_density stored_density(decoder *decoder) {
  png_uint_32 x = 0, y = 0;
  int unit = PNG_RESOLUTION_UNKNOWN;
  if (!png_get_pHYs(decoder->png, decoder->info, &x, &y, &unit) || x == 0 || y == 0) return (codec_density){0};
  return (codec_density){x, y, unit == PNG_RESOLUTION_METER ? CODEC_DENSITY_METER : CODEC_DENSITY_ASPECT};
}

static codec_status read_header(decoder *decoder, const uint8_t *bytes, size_t count, codec_header *header) {
  if (setjmp(decoder->errors.jump)) return decoder->errors.status;
  open_decoder(decoder, bytes, count, 0);
  png_fixed_point gamma = 0;
  int intent = -1;
  if (!png_get_sRGB(decoder->png, decoder->info, &intent)) intent = -1;
  if (!png_get_gAMA_fixed(decoder->png, decoder->info, &gamma)) gamma = 0;
  copy_profile(decoder, header);
  header->height = png_get_image_height(decoder->png, decoder->info);
  header->width = png_get_image_width(decoder->png, decoder->info);
  header->channels = expanded_channels(decoder);
  header->bit_depth = png_get_bit_depth(decoder->png, decoder->info) == 16 ? 16 : 8;
  header->gamma = gamma;
  header->srgb_intent = intent;
  header->density = stored_density(decoder);
  return CODEC_OK;
}

codec_status cpng_read_header(const uint8_t *bytes, size_t count, codec_header *header, char *message) {
  decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  decoder.errors.message = message;
  codec_status status = read_header(&decoder, bytes, count, header);
  png_destroy_read_struct(&decoder.png, &decoder.info, NULL);
  return status;
}

static codec_status decode(decoder *decoder, const uint8_t *bytes, size_t count, int accept_damage,
                           uint8_t *pixels, size_t capacity) {
  if (setjmp(decoder->errors.jump)) {
    int keep = accept_damage && decoder->row_count > 0 && decoder->errors.status != CODEC_OUT_OF_MEMORY;
    return keep ? CODEC_PARTIAL : decoder->errors.status;
  }
  if (accept_damage) decoder->repair = cpng_find_repair(bytes, count);
  open_decoder(decoder, bytes, count, accept_damage);
  int passes = png_set_interlace_handling(decoder->png);
  png_read_update_info(decoder->png, decoder->info);
  uint32_t height = png_get_image_height(decoder->png, decoder->info);
  size_t stride = png_get_rowbytes(decoder->png, decoder->info);
  if (stride * height != capacity)
    cpng_errors_fail(&decoder->errors, CODEC_BROKEN, "the pixel buffer has the wrong size");
  // Later passes of an interlaced image leave the pixels of earlier ones, so rows start out
  // defined.
  if (passes > 1 || accept_damage) memset(pixels, 0, capacity);
  for (int pass = 0; pass < passes; pass += 1) {
    for (uint32_t row = 0; row < height; row += 1) {
      png_read_row(decoder->png, pixels + row * stride, NULL);
      decoder->row_count += 1;
    }
  }
  return decoder->errors.is_damaged ? CODEC_PARTIAL : CODEC_OK;
}

codec_status cpng_decode(const uint8_t *bytes, size_t count, int accept_damage, void *pixels, size_t capacity,
                         char *message) {
  decoder decoder;
  memset(&decoder, 0, sizeof decoder);
  decoder.errors.message = message;
  codec_status status = decode(&decoder, bytes, count, accept_damage, pixels, capacity);
  png_destroy_read_struct(&decoder.png, &decoder.info, NULL);
  return status;
}
