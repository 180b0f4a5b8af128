// What CPNG does with one input: libFuzzer's entry point, and that of run_files.c.

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

#include "cpng.h"

// Larger images are left to the limit on pixels, which callers check from the header.
#define LARGEST_IMAGE (1u << 20)

// Encodes decoded pixels with the file's own metadata and decodes the result: nothing may be lost.
static void encode_again(const uint8_t *pixels, size_t capacity, const codec_header *header, int compression) {
  char message[CODEC_MESSAGE_CAPACITY];
  static const uint8_t exif[] = {0x49, 0x49, 42, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  codec_source source = {.pixels = pixels,
                         .height = header->height,
                         .width = header->width,
                         .channels = header->channels,
                         .bit_depth = header->bit_depth,
                         .gamma = header->gamma,
                         .srgb_intent = header->srgb_intent,
                         .exif = exif,
                         .exif_count = sizeof exif,
                         .icc_profile = header->icc_profile,
                         .icc_profile_count = header->icc_profile_count};
  uint8_t *bytes = NULL;
  size_t count = 0;
  if (cpng_encode(&source, compression, &bytes, &count, message) != CODEC_OK) abort();
  uint8_t *again = malloc(capacity);
  if (!again) abort();
  if (cpng_decode(bytes, count, 0, again, capacity, message) != CODEC_OK) abort();
  if (memcmp(pixels, again, capacity) != 0) abort();
  free(again);
  codec_free(bytes);
}

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

// Puts the right checksum behind every chunk: with a wrong one libpng looks no further.
static void repair_checksums(uint8_t *bytes, size_t count) {
  size_t offset = 8;  // behind the signature
  while (offset + 12 <= count) {
    size_t length = big_endian(bytes + offset);
    if (length > count - offset - 12) break;
    uint8_t *type = bytes + offset + 4;
    uint32_t checksum = (uint32_t)crc32(0, type, (uInt)(length + 4));
    for (int index = 0; index < 4; index += 1)
      type[4 + length + index] = (uint8_t)(checksum >> (24 - 8 * index));
    offset += 12 + length;
  }
}

static void read_and_write(const uint8_t *bytes, size_t count) {
  char message[CODEC_MESSAGE_CAPACITY];
  codec_header header = {0};
  codec_status status = cpng_read_header(bytes, count, &header, message);
  if (status == CODEC_OK && (uint64_t)header.height * header.width <= LARGEST_IMAGE) {
    size_t capacity = (size_t)header.height * header.width * header.channels * (header.bit_depth / 8);
    for (int accept_damage = 0; accept_damage < 2; accept_damage += 1) {
      uint8_t *pixels = malloc(capacity);
      if (!pixels) abort();
      status = cpng_decode(bytes, count, accept_damage, pixels, capacity, message);
      if (status == CODEC_OK || status == CODEC_PARTIAL)
        encode_again(pixels, capacity, &header, (int)(count % 10));
      free(pixels);
    }
  }
  codec_header_release(&header);
}

static void inflate_all(const uint8_t *bytes, size_t count) {
  char message[CODEC_MESSAGE_CAPACITY];
  uint8_t *text = NULL;
  size_t text_count = 0;
  if (cpng_inflate(bytes, count, 1 << 16, &text, &text_count, message) == CODEC_OK) codec_free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  read_and_write(bytes, count);
  inflate_all(bytes, count);
  uint8_t *repaired = malloc(count);
  if (count > 0 && !repaired) abort();
  if (count > 0) memcpy(repaired, bytes, count);
  repair_checksums(repaired, count);
  read_and_write(repaired, count);
  free(repaired);
  return 0;
}
