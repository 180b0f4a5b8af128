// What CJPEG does with one input: libFuzzer's entry point, and that of run_files.c.

#include <stdint.h>
#include <stdlib.h>

#include "cjpeg.h"

// Larger images are left to the limit on pixels, which callers check from the header.
#define LARGEST_IMAGE (1u << 20)

static uint32_t scaled(uint32_t size, uint32_t eighths) {
  return (uint32_t)(((uint64_t)size * eighths + 7) / 8);
}

// Encodes decoded pixels with the file's own metadata and reads the result back.
static void encode_again(const uint8_t *pixels, uint32_t height, uint32_t width, const codec_header *header,
                         uint32_t variant) {
  char message[CODEC_MESSAGE_CAPACITY];
  codec_source source = {.pixels = pixels,
                         .height = height,
                         .width = width,
                         .channels = header->channels,
                         .bit_depth = header->bit_depth,
                         .exif = header->exif_count > CJPEG_EXIF_LIMIT ? NULL : header->exif,
                         .exif_count = header->exif_count > CJPEG_EXIF_LIMIT ? 0 : header->exif_count,
                         .icc_profile = header->icc_profile,
                         .icc_profile_count = header->icc_profile_count};
  uint8_t *bytes = NULL;
  size_t count = 0;
  if (cjpeg_encode(&source, (int)(variant * 13 % 100), 1 + (int)(variant & 1), 1 + (int)(variant >> 1 & 1),
                   &bytes, &count, message) != CODEC_OK)
    abort();
  codec_header again = {0};
  if (cjpeg_read_header(bytes, count, &again, message) != CODEC_OK) abort();
  if (again.height != height || again.width != width) abort();
  if (again.exif_count != source.exif_count) abort();
  if (again.icc_profile_count != source.icc_profile_count) abort();
  codec_header_release(&again);
  codec_free(bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t count) {
  char message[CODEC_MESSAGE_CAPACITY];
  codec_header header = {0};
  codec_status status = cjpeg_read_header(bytes, count, &header, message);
  if (status == CODEC_OK && (uint64_t)header.height * header.width <= LARGEST_IMAGE) {
    uint32_t eighths = 1 + (uint32_t)(count % 8);
    uint32_t height = scaled(header.height, eighths), width = scaled(header.width, eighths);
    size_t capacity = (size_t)height * width * header.channels;
    for (int accept_damage = 0; accept_damage < 2; accept_damage += 1) {
      uint8_t *pixels = malloc(capacity);
      if (!pixels) abort();
      status = cjpeg_decode(bytes, count, eighths, accept_damage, pixels, capacity, message);
      if (status == CODEC_OK || status == CODEC_PARTIAL)
        encode_again(pixels, height, width, &header, (uint32_t)(count / 8));
      free(pixels);
    }
  }
  codec_header_release(&header);
  return 0;
}
