// What makes libpng take a file that ends early as far as it goes.

#ifndef CPNG_REPAIR_H
#define CPNG_REPAIR_H

#include <stddef.h>
#include <stdint.h>

/// libpng asks for image data in blocks of a chunk's length, and does without a block that is not whole. So the
/// chunk in which the file ends is given the length that is there, and an end to follow it.
typedef struct {
  size_t count;              // bytes of the file that are used
  const uint8_t *cut_chunk;  // the chunk in which the file ends; NULL where it ends between two
  uint8_t length[4];         // of `cut_chunk`, as far as it goes
  const uint8_t *end;        // what is read behind `count` bytes; NULL where the file is whole
  size_t end_count;
} cpng_repair;

/// Looks at the lengths of all chunks.
cpng_repair cpng_find_repair(const uint8_t *bytes, size_t count);

#endif
