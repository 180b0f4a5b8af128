#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "samples.h"

codec_status ctiff_read_header(const ctiff_input *input, uint64_t directory, codec_header *header,
                               ctiff_layout *layout, char *message) {
  ctiff_reader reader;
  codec_status status = ctiff_open(&reader, input, directory, CTIFF_WHOLE, message);
  if (status == CODEC_OK) {
    header->height = reader.height;
    header->width = reader.width;
    header->channels = reader.channels;
    header->bit_depth = 8 * reader.sample_bytes;
    header->srgb_intent = -1;
    header->is_lossy = reader.layout.form.compression == COMPRESSION_JPEG;
    *layout = reader.layout;
  }
  ctiff_close(&reader);
  return status;
}

// A part of a page that consists of whole tiles or strips, or all of it.
typedef struct {
  uint32_t top, left, height, width;
} window;

// Where samples go, and what is needed on the way.
typedef struct {
  ctiff_reader *reader;
  window window;
  uint8_t *pixels;    // of the window
  uint32_t channels;  // of a pixel there; those of CMYK are converted after
  uint16_t *map[3];   // a palette's red, green and blue
  int map_shift;      // 8 where the palette has 16 bits
  void *numbers;      // of a row: 32-bit words or floats
  uint8_t *block;     // a row or a tile as libtiff gives it
  size_t block_bytes;
} decoder;

// The channel that a sample becomes: alpha is the last.
static uint32_t channel_of(const ctiff_reader *reader, uint32_t sample) {
  if (sample == reader->alpha) return reader->samples - 1;
  return sample > reader->alpha ? sample - 1 : sample;
}

static void place_float(decoder *decoder, const uint8_t *row, float *target, size_t count, uint32_t first,
                        uint32_t stored) {
  const ctiff_reader *reader = decoder->reader;
  float *numbers = decoder->numbers;
  ctiff_unpack_float(row, count * stored, reader->kind, reader->bits, numbers);
  int is_inverted = reader->conversion == CTIFF_WHITE_IS_ZERO;
  float largest = reader->kind == CTIFF_FLOAT ? 1 : (float)ctiff_largest(reader->kind, reader->bits);
  for (uint32_t index = 0; index < stored; index += 1) {
    uint32_t sample = first + index;
    float *place = target + channel_of(reader, sample);
    for (size_t pixel = 0; pixel < count; pixel += 1, place += decoder->channels) {
      float number = numbers[pixel * stored + index];
      if (sample == reader->alpha)
        number /= largest;
      else if (is_inverted)
        number = largest - number;
      *place = number;
    }
  }
}

static inline void put(uint8_t *target, size_t index, uint32_t sample_bytes, uint32_t number) {
  if (sample_bytes == 1)
    target[index] = (uint8_t)number;
  else
    ((uint16_t *)(void *)target)[index] = (uint16_t)number;
}

// Puts a sample of each pixel, of which the first is an index into the palette, where its color or alpha goes.
static void place_color(decoder *decoder, const uint32_t *numbers, uint32_t stride, uint8_t *target,
                        size_t count, uint32_t sample) {
  const ctiff_reader *reader = decoder->reader;
  uint32_t largest = ctiff_largest(CTIFF_UNSIGNED, reader->bits), channels = reader->channels;
  for (size_t pixel = 0; sample == 0 && pixel < count; pixel += 1)
    for (int color = 0; color < 3; color += 1)
      target[channels * pixel + (size_t)color] =
          (uint8_t)(decoder->map[color][numbers[pixel * stride]] >> decoder->map_shift);
  for (size_t pixel = 0; sample == reader->alpha && pixel < count; pixel += 1)
    target[channels * pixel + 3] = (uint8_t)((numbers[pixel * stride] * 255 + largest / 2) / largest);
}

static void place_whole(decoder *decoder, const uint8_t *row, uint8_t *target, size_t count, uint32_t first,
                        uint32_t stored) {
  const ctiff_reader *reader = decoder->reader;
  uint32_t *numbers = decoder->numbers;
  ctiff_unpack(row, count * stored, reader->bits, numbers);
  uint32_t largest = ctiff_largest(CTIFF_UNSIGNED, reader->bits);
  uint32_t full = reader->sample_bytes == 1 ? 255 : 65535;
  if (reader->conversion == CTIFF_PALETTE) {
    for (uint32_t index = 0; index < stored; index += 1)
      place_color(decoder, numbers + index, stored, target, count, first + index);
    return;
  }
  int is_inverted = reader->conversion == CTIFF_WHITE_IS_ZERO;
  for (uint32_t index = 0; index < stored; index += 1) {
    uint32_t sample = first + index, channel = channel_of(reader, sample);
    int is_alpha = sample == reader->alpha;
    int is_spread = largest != full && (is_alpha || reader->bits < 8);
    for (size_t pixel = 0; pixel < count; pixel += 1) {
      uint32_t number = numbers[pixel * stored + index];
      if (is_inverted && !is_alpha) number = largest - number;
      if (is_spread) number = (number * full + largest / 2) / largest;
      put(target, pixel * decoder->channels + channel, reader->sample_bytes, number);
    }
  }
}

// Puts samples that libtiff has decoded into the pixels: `stored` of them for each of `count` pixels, the first
// of which is sample number `first`.
static void place(decoder *decoder, const uint8_t *row, uint32_t y, uint32_t x, size_t count, uint32_t first,
                  uint32_t stored) {
  const ctiff_reader *reader = decoder->reader;
  const window *window = &decoder->window;
  size_t pixel = ((size_t)(y - window->top) * window->width + (x - window->left)) * decoder->channels;
  uint8_t *target = decoder->pixels + pixel * reader->sample_bytes;
  int is_plain = reader->conversion == CTIFF_AS_STORED || reader->conversion == CTIFF_CMYK;
  if (is_plain && stored == decoder->channels && reader->alpha + 1 >= reader->samples &&
      reader->bits == 8 * reader->sample_bytes && reader->kind != CTIFF_SIGNED &&
      (reader->kind == CTIFF_FLOAT) == (reader->sample_bytes == 4)) {
    memcpy(target, row, count * stored * reader->sample_bytes);
    return;
  }
  if (reader->sample_bytes == 4)
    place_float(decoder, row, (float *)(void *)target, count, first, stored);
  else
    place_whole(decoder, row, target, count, first, stored);
}

// The first numbers of a plane that is stored by itself, and how many there are.
static uint32_t plane_count(const ctiff_reader *reader) {
  return reader->layout.form.is_planar ? reader->samples : 1;
}

// - Returns: whether all rows were there; `row_count` is raised by those of the first plane that were.
static int decode_strips(decoder *decoder, int accept_damage, size_t *row_count) {
  ctiff_reader *reader = decoder->reader;
  uint32_t planes = plane_count(reader), stored = reader->samples / planes;
  uint32_t strip = reader->layout.form.rows_per_strip;
  uint32_t end = decoder->window.top + decoder->window.height;
  int is_whole = 1;
  for (uint32_t plane = 0; plane < planes; plane += 1) {
    for (uint32_t y = decoder->window.top; y < end; y += 1) {
      int is_there = TIFFReadScanline(reader->tiff, decoder->block, y, (uint16_t)plane) == 1;
      if (!is_there || reader->errors.words[0]) {
        is_whole = 0;
        if (!accept_damage) return 0;
      }
      if (is_there) {
        place(decoder, decoder->block, y, 0, reader->width, plane, stored);
        if (plane == 0) *row_count += 1;
      } else {
        // The next strip may be there.
        y = strip > 0 && y / strip < UINT32_MAX / strip - 1 ? (y / strip + 1) * strip - 1 : end;
        if (y >= end) break;
      }
    }
  }
  return is_whole;
}

static int decode_tiles(decoder *decoder, int accept_damage, size_t *row_count) {
  ctiff_reader *reader = decoder->reader;
  uint32_t planes = plane_count(reader), stored = reader->samples / planes;
  uint32_t tile_height = reader->layout.form.tile_height, tile_width = reader->layout.form.tile_width;
  size_t row_bytes = (size_t)TIFFTileRowSize(reader->tiff);
  uint32_t bottom = decoder->window.top + decoder->window.height;
  uint32_t right = decoder->window.left + decoder->window.width;
  int is_whole = 1;
  for (uint32_t plane = 0; plane < planes; plane += 1) {
    for (uint32_t y = decoder->window.top; y < bottom;) {
      uint32_t rows = reader->height - y < tile_height ? reader->height - y : tile_height;
      int has_all = 1;
      for (uint32_t x = decoder->window.left; x < right;) {
        uint32_t columns = reader->width - x < tile_width ? reader->width - x : tile_width;
        int is_there = TIFFReadTile(reader->tiff, decoder->block, x, y, 0, (uint16_t)plane) >= 0;
        if (!is_there || reader->errors.words[0]) {
          is_whole = 0;
          if (!accept_damage) return 0;
        }
        has_all = has_all && is_there;
        for (uint32_t row = 0; is_there && row < rows; row += 1)
          place(decoder, decoder->block + row * row_bytes, y + row, x, columns, plane, stored);
        x += columns;
      }
      if (plane == 0 && has_all) *row_count += rows;
      y += rows;
    }
  }
  return is_whole;
}

// Colors of two inks each, as Pillow converts CMYK: (1 - ink) * (1 - black).
static void convert_cmyk(const ctiff_reader *reader, const uint8_t *stored, size_t count, uint8_t *pixels) {
  uint32_t samples = reader->samples, full = reader->sample_bytes == 1 ? 255 : 65535;
  for (size_t pixel = 0; pixel < count; pixel += 1) {
    uint32_t numbers[5];
    for (uint32_t sample = 0; sample < samples; sample += 1) {
      size_t index = pixel * samples + sample;
      numbers[sample] =
          reader->sample_bytes == 1 ? stored[index] : ((const uint16_t *)(const void *)stored)[index];
    }
    uint32_t paper = full - numbers[3];
    for (uint32_t color = 0; color < 3; color += 1) {
      uint32_t ink = (uint32_t)(((uint64_t)numbers[color] * paper + full / 2) / full);
      put(pixels, pixel * reader->channels + color, reader->sample_bytes, paper - ink);
    }
    if (samples == 5) put(pixels, pixel * reader->channels + 3, reader->sample_bytes, numbers[4]);
  }
}

// Memory for a row or a tile, which is not larger than its image by much, and for its numbers.
static codec_status allocate(decoder *decoder, char *message) {
  ctiff_reader *reader = decoder->reader;
  uint32_t stored = reader->samples / plane_count(reader);
  size_t row_pixels = reader->width;
  uint64_t bytes;
  if (TIFFIsTiled(reader->tiff)) {
    const ctiff_form *form = &reader->layout.form;
    bytes = TIFFTileSize64(reader->tiff);
    uint64_t image = (uint64_t)reader->height * reader->width * reader->channels * reader->sample_bytes;
    uint64_t least =
        (uint64_t)form->tile_height * ctiff_row_bytes((size_t)form->tile_width * stored, reader->bits);
    if (least == 0 || bytes < least || bytes / 4 > image + (16 << 20))
      return codec_fail(message, CODEC_BROKEN, "tiles of an impossible size");
    row_pixels = form->tile_width;
  } else {
    bytes = TIFFScanlineSize64(reader->tiff);
    if (bytes < ctiff_row_bytes(row_pixels * stored, reader->bits))
      return codec_fail(message, CODEC_BROKEN, "rows of an impossible size");
  }
  if (bytes == 0) return ctiff_reader_fail(reader, message);
  decoder->block_bytes = (size_t)bytes;
  decoder->block = calloc(decoder->block_bytes, 1);
  decoder->numbers = malloc(4 * row_pixels * stored);
  if (!decoder->block || !decoder->numbers) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  return CODEC_OK;
}

static codec_status find_palette(decoder *decoder, char *message) {
  ctiff_reader *reader = decoder->reader;
  if (reader->conversion != CTIFF_PALETTE) return CODEC_OK;
  uint16_t **map = decoder->map;
  if (!TIFFGetField(reader->tiff, TIFFTAG_COLORMAP, &map[0], &map[1], &map[2]))
    return codec_fail(message, CODEC_BROKEN, "the palette is missing");
  // Old programs write palettes of 8 bits.
  for (int color = 0; color < 3; color += 1)
    for (size_t index = 0; index < (size_t)1 << reader->bits; index += 1)
      if (map[color][index] > 255) decoder->map_shift = 8;
  return CODEC_OK;
}

// Fills in what is the same for all windows. End it, also on failure.
static codec_status begin(decoder *decoder, ctiff_reader *reader, char *message) {
  memset(decoder, 0, sizeof *decoder);
  decoder->reader = reader;
  // libjpeg only warns of missing data.
  reader->errors.counts_warnings = reader->layout.form.compression == COMPRESSION_JPEG;
  codec_status status = allocate(decoder, message);
  return status == CODEC_OK ? find_palette(decoder, message) : status;
}

static void end(decoder *decoder) {
  free(decoder->block);
  free(decoder->numbers);
}

static codec_status decode_samples(decoder *decoder, int accept_damage, char *message) {
  ctiff_reader *reader = decoder->reader;
  size_t row_count = 0;
  int is_whole = TIFFIsTiled(reader->tiff) ? decode_tiles(decoder, accept_damage, &row_count)
                                           : decode_strips(decoder, accept_damage, &row_count);
  if (is_whole) return CODEC_OK;
  return accept_damage && row_count > 0 ? CODEC_PARTIAL : ctiff_reader_fail(reader, message);
}

static codec_status decode_by_libtiff(ctiff_reader *reader, int accept_damage, uint8_t *pixels, char *message) {
  size_t count = (size_t)reader->height * reader->width;
  if (accept_damage) memset(pixels, 0, 3 * count);
  uint32_t *raster = malloc(4 * count);
  if (!raster) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  // In the file's own orientation, so that nothing is turned.
  int is_whole = TIFFReadRGBAImageOriented(reader->tiff, reader->width, reader->height, raster,
                                           (int)reader->layout.orientation, !accept_damage);
  is_whole = is_whole && !reader->errors.words[0];
  for (size_t pixel = 0; pixel < count; pixel += 1) {
    pixels[3 * pixel] = (uint8_t)TIFFGetR(raster[pixel]);
    pixels[3 * pixel + 1] = (uint8_t)TIFFGetG(raster[pixel]);
    pixels[3 * pixel + 2] = (uint8_t)TIFFGetB(raster[pixel]);
  }
  free(raster);
  if (is_whole) return CODEC_OK;
  return accept_damage ? CODEC_PARTIAL : ctiff_reader_fail(reader, message);
}

static int has_size(const ctiff_reader *reader, size_t pixel_count, size_t capacity) {
  return pixel_count <= SIZE_MAX / 4 / CTIFF_SAMPLE_LIMIT &&
         pixel_count * reader->channels * reader->sample_bytes == capacity;
}

static codec_status decode_window(decoder *decoder, window window, int accept_damage, uint8_t *pixels,
                                  size_t capacity, char *message) {
  ctiff_reader *reader = decoder->reader;
  size_t count = (size_t)window.height * window.width;
  if (!has_size(reader, count, capacity))
    return codec_fail(message, CODEC_BROKEN, "the pixel buffer has the wrong size");
  if (accept_damage) memset(pixels, 0, capacity);
  decoder->window = window;
  decoder->pixels = pixels;
  decoder->channels = reader->channels;
  uint8_t *inks = NULL;
  if (reader->conversion == CTIFF_CMYK) {
    inks = calloc(count * reader->samples, reader->sample_bytes);
    if (!inks) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
    decoder->pixels = inks;
    decoder->channels = reader->samples;
  }
  codec_status status = decode_samples(decoder, accept_damage, message);
  if (inks && (accept_damage || status == CODEC_OK)) convert_cmyk(reader, inks, count, pixels);
  free(inks);
  return status;
}

static codec_status decode_page(ctiff_reader *reader, int accept_damage, uint8_t *pixels, size_t capacity,
                                char *message) {
  if (reader->conversion == CTIFF_BY_LIBTIFF) {
    if (!has_size(reader, (size_t)reader->height * reader->width, capacity))
      return codec_fail(message, CODEC_BROKEN, "the pixel buffer has the wrong size");
    return decode_by_libtiff(reader, accept_damage, pixels, message);
  }
  decoder decoder;
  window whole = {0, 0, reader->height, reader->width};
  codec_status status = begin(&decoder, reader, message);
  if (status == CODEC_OK) status = decode_window(&decoder, whole, accept_damage, pixels, capacity, message);
  end(&decoder);
  return status;
}

codec_status ctiff_decode(const ctiff_input *input, uint64_t directory, int accept_damage, void *pixels,
                          size_t capacity, char *message) {
  ctiff_reader reader;
  codec_status status = ctiff_open(&reader, input, directory, CTIFF_WHOLE, message);
  if (status == CODEC_OK) status = decode_page(&reader, accept_damage, pixels, capacity, message);
  ctiff_close(&reader);
  return status;
}

struct ctiff_parts {
  ctiff_reader reader;
  decoder decoder;
};

static uint32_t least(uint32_t one, uint32_t other) { return one < other ? one : other; }

// The size of tiles or strips, within the page.
static window block(const ctiff_reader *reader) {
  const ctiff_form *form = &reader->layout.form;
  int is_tiled = TIFFIsTiled(reader->tiff);
  uint32_t height = is_tiled ? form->tile_height : form->rows_per_strip;
  window block = {0, 0, least(height, reader->height),
                  is_tiled ? least(form->tile_width, reader->width) : reader->width};
  return block;
}

codec_status ctiff_open_parts(const ctiff_input *input, uint64_t directory, ctiff_parts **parts,
                              uint32_t *block_height, uint32_t *block_width, char *message) {
  *parts = NULL;
  ctiff_parts *opened = calloc(1, sizeof *opened);
  if (!opened) return codec_fail(message, CODEC_OUT_OF_MEMORY, "out of memory");
  codec_status status = ctiff_open(&opened->reader, input, directory, CTIFF_DIVIDED, message);
  window size = {0};
  if (status == CODEC_OK && opened->reader.conversion != CTIFF_BY_LIBTIFF) {
    size = block(&opened->reader);
    status = begin(&opened->decoder, &opened->reader, message);
  }
  if (status != CODEC_OK || size.height == 0 || size.width == 0) {
    ctiff_close_parts(opened);
    return status;
  }
  *block_height = size.height;
  *block_width = size.width;
  *parts = opened;
  return CODEC_OK;
}

// Whether a range is one of whole blocks within `whole`.
static int is_aligned(uint32_t first, uint32_t count, uint32_t block, uint32_t whole) {
  return count > 0 && first < whole && count <= whole - first && first % block == 0 &&
         (count % block == 0 || first + count == whole);
}

codec_status ctiff_decode_part(ctiff_parts *parts, uint32_t top, uint32_t left, uint32_t height, uint32_t width,
                               int accept_damage, void *pixels, size_t capacity, char *message) {
  ctiff_reader *reader = &parts->reader;
  window size = block(reader), window = {top, left, height, width};
  if (!is_aligned(top, height, size.height, reader->height) ||
      !is_aligned(left, width, size.width, reader->width))
    return codec_fail(message, CODEC_BROKEN, "a part that is not made of blocks");
  // What was wrong with another part is none of this one's business.
  reader->errors.words[0] = 0;
  reader->passed_end = 0;
  return decode_window(&parts->decoder, window, accept_damage, pixels, capacity, message);
}

void ctiff_close_parts(ctiff_parts *parts) {
  if (!parts) return;
  end(&parts->decoder);
  ctiff_close(&parts->reader);
  free(parts);
}
