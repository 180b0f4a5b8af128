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

// Encodes decoded pixels in the form they had. Decoding the result gives the same pixels, but for floats of 16
// bits and alpha of whole numbers of few bits, which are rounded.
static void encode_again(const void *pixels, size_t capacity, const codec_header *header,
                         const ctiff_layout *layout) {
  char message[CODEC_MESSAGE_CAPACITY];
  ctiff_page page = {.form = layout->form, .has_alpha = layout->has_alpha};
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
  ctiff_page pages[2] = {page, page};
  size_t page_count = 1 + capacity % 2;
  uint8_t *bytes = NULL;
  size_t count = 0;
  if (ctiff_encode(pages, page_count, &bytes, &count, message) != CODEC_OK) {
    // Sides of tiles that are no multiples of 16 are read and not written.
    if (page.form.tile_width % 16 || page.form.tile_height % 16) return;
    abort();
  }
  memory memory = {bytes, count};
  ctiff_input input = {read_memory, &memory, count};
  codec_header again_header = {0};
  ctiff_layout again_layout = {0};
  if (ctiff_read_header(&input, 0, &again_header, &again_layout, message) != CODEC_OK) abort();
  if (again_layout.page_count != page_count || again_header.channels != header->channels ||
      again_header.bit_depth != header->bit_depth)
    abort();
  uint8_t *again = malloc(capacity);
  if (!again) abort();
  if (ctiff_decode(&input, (uint32_t)page_count - 1, 0, again, capacity, message) != CODEC_OK) abort();
  int is_exact = layout->form.kind == CTIFF_UNSIGNED && layout->form.bits <= 16 && !layout->has_alpha;
  if (is_exact && memcmp(pixels, again, capacity) != 0) abort();
  free(again);
  codec_header_release(&again_header);
  codec_free(bytes);
}

static void decode(const ctiff_input *input, uint32_t page, const codec_header *header,
                   const ctiff_layout *layout) {
  char message[CODEC_MESSAGE_CAPACITY];
  size_t capacity = (size_t)header->height * header->width * header->channels * header->bit_depth / 8;
  for (int accept_damage = 0; accept_damage < 2; accept_damage += 1) {
    void *pixels = calloc(capacity, 1);
    if (!pixels) abort();
    codec_status status = ctiff_decode(input, page, accept_damage, pixels, capacity, message);
    int is_there = status == CODEC_OK || status == CODEC_PARTIAL;
    if (is_there && capacity <= 1 << 16) encode_again(pixels, capacity, header, layout);
    free(pixels);
  }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char message[CODEC_MESSAGE_CAPACITY];
  memory memory = {bytes, count};
  ctiff_input input = {read_memory, &memory, count};
  for (uint32_t page = 0; page < 2; page += 1) {
    codec_header header = {0};
    ctiff_layout layout = {0};
    codec_status status = ctiff_read_header(&input, page, &header, &layout, message);
    if (status == CODEC_OK && (uint64_t)header.height * header.width * header.channels <= LARGEST_IMAGE)
      decode(&input, page, &header, &layout);
    codec_header_release(&header);
  }
  return 0;
}
