// What CTIFF does with one input: libFuzzer's entry point, and that of run_files.c.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ctiff.h"

// Larger images are left to the limit on pixels, which callers check from the header.
#define LARGEST_IMAGE (1u << 18)

typedef struct {
  const uint8_t *bytes;
  size_t count;
} memory;

static size_t read_memory(void *context, uint64_t offset, void *buffer, size_t count) {
  const memory *memory = context;
  if (offset >= memory->count) return 0;
  size_t left = memory->count - (size_t)offset;
  size_t got = count < left ? count : left;
  memcpy(buffer, memory->bytes + offset, got);
  return got;
}

static uint64_t number(const uint8_t *bytes, size_t count, int is_big_endian) {
  uint64_t value = 0;
  for (size_t index = 0; index < count; index += 1)
    value = value << 8 | bytes[is_big_endian ? index : count - 1 - index];
  return value;
}

// Where the directory that a file's header leads to, or the one behind it, stands; 0 where there is none.
static uint64_t find_directory(const uint8_t *bytes, size_t count, int is_second) {
  if (count < 16) return 0;
  int is_big_endian = bytes[0] == 'M', is_big = number(bytes + 2, 2, is_big_endian) == 43;
  uint64_t directory = number(bytes + (is_big ? 8 : 4), is_big ? 8 : 4, is_big_endian);
  if (!is_second) return directory;
  size_t counter = is_big ? 8 : 2;
  if (directory > count - 8) return 0;
  uint64_t entries = number(bytes + directory, counter, is_big_endian);
  uint64_t link = directory + counter + entries * (is_big ? 20 : 12);
  if (entries > count || link > count - 8) return 0;
  return number(bytes + link, is_big ? 8 : 4, is_big_endian);
}

// Encodes decoded pixels in the form they had. Decoding the result gives the same pixels, but for floats of 16
// bits and alpha of whole numbers of few bits, which are rounded.
static void encode_again(const void *pixels, size_t capacity, const codec_header *header,
                         const ctiff_layout *layout) {
  char message[CODEC_MESSAGE_CAPACITY];
  // The second of two pages behind as many bytes as it pleases.
  ctiff_page page = {.form = layout->form, .has_alpha = layout->has_alpha, .number = 1, .count = 2};
  page.is_big = capacity % 2;
  page.start = capacity % 3 ? 16 + capacity : 0;
  page.source.pixels = pixels;
  page.source.height = header->height;
  page.source.width = header->width;
  page.source.channels = header->channels;
  page.source.bit_depth = header->bit_depth;
  page.source.density.unit = CODEC_DENSITY_INCH;
  page.source.density.x = page.source.density.y = 300;
  if (page.form.kind == CTIFF_FLOAT && page.form.bits == 24) page.form.bits = 32;
  // A tile may be larger than all that is worth waiting for.
  if ((uint64_t)page.form.tile_width * page.form.tile_height > LARGEST_IMAGE) page.form.tile_width = 0;
  uint8_t *bytes = NULL;
  size_t count = 0;
  if (ctiff_encode(&page, &bytes, &count, message) != CODEC_OK) {
    // Sides of tiles that are no multiples of 16 are read and not written.
    if (page.form.tile_width % 16 || page.form.tile_height % 16) return;
    abort();
  }
  // The file that it would be in.
  size_t header_count = page.is_big ? 16 : 8, gap = page.start ? (size_t)page.start - header_count : 0;
  uint8_t *file = calloc(count + gap, 1);
  if (!file) abort();
  memcpy(file, bytes, header_count);
  memcpy(file + header_count + gap, bytes + header_count, count - header_count);
  memory memory = {file, count + gap};
  ctiff_input input = {read_memory, &memory, count + gap};
  uint64_t directory = find_directory(file, count + gap, 0);
  if (directory < page.start) abort();
  codec_header again_header = {0};
  ctiff_layout again_layout = {0};
  if (ctiff_read_header(&input, directory, &again_header, &again_layout, message) != CODEC_OK) abort();
  if (again_header.channels != header->channels || again_header.bit_depth != header->bit_depth) abort();
  uint8_t *again = malloc(capacity);
  if (!again) abort();
  if (ctiff_decode(&input, directory, 0, again, capacity, message) != CODEC_OK) abort();
  int is_exact = layout->form.kind == CTIFF_UNSIGNED && layout->form.bits <= 16 && !layout->has_alpha;
  if (is_exact && memcmp(pixels, again, capacity) != 0) abort();
  free(again);
  free(file);
  codec_header_release(&again_header);
  codec_free(bytes);
}

// Decodes block by block, from the last to the first; whole pages give the same.
static void decode_parts(const ctiff_input *input, uint64_t directory, const codec_header *header,
                         const uint8_t *whole) {
  char message[CODEC_MESSAGE_CAPACITY];
  ctiff_parts *parts = NULL;
  uint32_t block_height = 0, block_width = 0;
  codec_status status = ctiff_open_parts(input, directory, &parts, &block_height, &block_width, message);
  if (status != CODEC_OK || !parts) return;
  size_t pixel = (size_t)header->channels * header->bit_depth / 8;
  uint32_t rows = (header->height - 1) / block_height, columns = (header->width - 1) / block_width;
  // Each may be read through a long strip or a large tile.
  uint32_t most = 64;
  for (uint32_t row = rows + 1; row-- > 0 && most > 0;)
    for (uint32_t column = columns + 1; column-- > 0 && most > 0; most -= 1) {
      uint32_t top = row * block_height, left = column * block_width;
      uint32_t height = header->height - top < block_height ? header->height - top : block_height;
      uint32_t width = header->width - left < block_width ? header->width - left : block_width;
      size_t capacity = (size_t)height * width * pixel;
      uint8_t *part = malloc(capacity);
      if (!part) abort();
      status = ctiff_decode_part(parts, top, left, height, width, whole == NULL, part, capacity, message);
      if (whole) {
        if (status != CODEC_OK) abort();
        for (uint32_t y = 0; y < height; y += 1)
          if (memcmp(part + y * width * pixel, whole + ((size_t)(top + y) * header->width + left) * pixel,
                     width * pixel) != 0)
            abort();
      }
      free(part);
    }
  ctiff_close_parts(parts);
}

static void decode(const ctiff_input *input, uint64_t directory, const codec_header *header,
                   const ctiff_layout *layout) {
  char message[CODEC_MESSAGE_CAPACITY];
  size_t capacity = (size_t)header->height * header->width * header->channels * header->bit_depth / 8;
  for (int accept_damage = 0; accept_damage < 2; accept_damage += 1) {
    void *pixels = calloc(capacity, 1);
    if (!pixels) abort();
    codec_status status = ctiff_decode(input, directory, accept_damage, pixels, capacity, message);
    int is_there = status == CODEC_OK || status == CODEC_PARTIAL;
    if (is_there && capacity <= 1 << 16) encode_again(pixels, capacity, header, layout);
    if (!accept_damage) decode_parts(input, directory, header, status == CODEC_OK ? pixels : NULL);
    free(pixels);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char message[CODEC_MESSAGE_CAPACITY];
  memory memory = {bytes, count};
  ctiff_input input = {read_memory, &memory, count};
  uint64_t directories[2] = {0, find_directory(bytes, count, 1)};
  for (int page = 0; page < 2; page += 1) {
    if (page == 1 && directories[1] == 0) break;
    codec_header header = {0};
    ctiff_layout layout = {0};
    codec_status status = ctiff_read_header(&input, directories[page], &header, &layout, message);
    if (status == CODEC_OK && (uint64_t)header.height * header.width * header.channels <= LARGEST_IMAGE)
      decode(&input, directories[page], &header, &layout);
    codec_header_release(&header);
  }
  return 0;
}
