// Rows of samples as TIFF packs them, and as numbers.

#ifndef CTIFF_SAMPLES_H
#define CTIFF_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

#include "ctiff.h"

/// Unsigned samples of up to 32 bits. Those of 8, 16, 24 and 32 bits are in the machine's byte order, all
/// others are packed from the highest bit on.
void ctiff_unpack(const uint8_t *row, size_t count, uint32_t bits, uint32_t *numbers);

/// The other way round. Clear `row` before.
void ctiff_pack(const uint32_t *numbers, size_t count, uint32_t bits, uint8_t *row);

/// Samples of any kind as float32.
void ctiff_unpack_float(const uint8_t *row, size_t count, ctiff_sample_kind kind, uint32_t bits,
                        float *numbers);

/// The other way round: whole numbers are rounded and brought into the range of their type. Floats of 24 bits
/// are not written. Clear `row` before.
void ctiff_pack_float(const float *numbers, size_t count, ctiff_sample_kind kind, uint32_t bits, uint8_t *row);

/// The largest number of a whole type.
static inline uint32_t ctiff_largest(ctiff_sample_kind kind, uint32_t bits) {
  uint32_t all = bits >= 32 ? UINT32_MAX : ((uint32_t)1 << bits) - 1;
  return kind == CTIFF_SIGNED ? all >> 1 : all;
}

/// Bytes of a row.
static inline size_t ctiff_row_bytes(size_t count, uint32_t bits) { return (count * bits + 7) / 8; }

#endif
