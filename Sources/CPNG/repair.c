#include "repair.h"

#include <string.h>

// The checksum of a chunk, and the last chunk. A wrong checksum is only warned of when the rows are there.
static const uint8_t checksum_and_end[16] = {0,   0,   0,   0,   0,    0,    0,    0,
                                             'I', 'E', 'N', 'D', 0xAE, 0x42, 0x60, 0x82};

static uint32_t big_endian(const uint8_t *bytes) {
  return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static cpng_repair ending(size_t count, int with_checksum) {
  cpng_repair repair = {.count = count};
  repair.end = checksum_and_end + (with_checksum ? 0 : 4);
  repair.end_count = sizeof checksum_and_end - (with_checksum ? 0 : 4);
  return repair;
}

cpng_repair cpng_find_repair(const uint8_t *bytes, size_t count) {
  size_t offset = 8;  // behind the signature
  while (count >= offset + 8) {
    const uint8_t *chunk = bytes + offset;
    size_t length = big_endian(chunk), left = count - offset - 8;
    if (left < length) {
      cpng_repair repair = ending(count, 1);
      repair.cut_chunk = chunk;
      for (int index = 0; index < 4; index += 1) repair.length[index] = (uint8_t)(left >> (24 - 8 * index));
      return repair;
    }
    if (left < length + 4) return ending(offset + 8 + length, 1);
    if (memcmp(chunk + 4, "IEND", 4) == 0) return (cpng_repair){0};
    offset += 12 + length;
  }
  return offset <= count ? ending(offset, 0) : (cpng_repair){0};
}
