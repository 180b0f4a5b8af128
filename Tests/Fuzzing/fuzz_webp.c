// What CWebP does with one input: libFuzzer's entry point, and that of run_files.c.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cwebp.h"

// Larger images are left to the limit on pixels, which callers check from the header.
#define LARGEST_IMAGE (1u << 20)

// Encodes decoded pixels with metadata. Without loss, decoding the result gives the same pixels.
static void encode_again(const uint8_t *pixels, size_t capacity, const codec_header *header, int is_lossy) {
  char message[CODEC_MESSAGE_CAPACITY];
  static const uint8_t exif[] = {0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  codec_source source = {.pixels = pixels,
                         .height = header->height,
                         .width = header->width,
                         .channels = header->channels,
                         .bit_depth = header->bit_depth,
                         .is_lossy = is_lossy,
                         .exif = exif,
                         .exif_count = sizeof exif};
  uint8_t *bytes = NULL;
  size_t count = 0;
  if (cwebp_encode(&source, 50, &bytes, &count, message) != CODEC_OK) abort();
  codec_header again_header = {0};
  if (cwebp_read_header(bytes, count, &again_header, message) != CODEC_OK) abort();
  // Alpha that is opaque everywhere is not written.
  if (again_header.channels == header->channels) {
    uint8_t *again = malloc(capacity);
    if (!again) abort();
    if (cwebp_decode(bytes, count, 0, again, capacity, message) != CODEC_OK) abort();
    if (!is_lossy && memcmp(pixels, again, capacity) != 0) abort();
    free(again);
  }
  codec_header_release(&again_header);
  codec_free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char message[CODEC_MESSAGE_CAPACITY];
  codec_header header = {0};
  codec_status status = cwebp_read_header(bytes, count, &header, message);
  if (status == CODEC_OK && (uint64_t)header.height * header.width <= LARGEST_IMAGE) {
    size_t capacity = (size_t)header.height * header.width * header.channels;
    for (int accept_damage = 0; accept_damage < 2; accept_damage += 1) {
      uint8_t *pixels = malloc(capacity);
      if (!pixels) abort();
      status = cwebp_decode(bytes, count, accept_damage, pixels, capacity, message);
      int is_there = status == CODEC_OK || status == CODEC_PARTIAL;
      if (is_there && capacity <= 1 << 16) encode_again(pixels, capacity, &header, (int)(count % 2));
      free(pixels);
    }
  }
  codec_header_release(&header);
  return 0;
}
