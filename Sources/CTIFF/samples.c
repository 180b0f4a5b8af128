#include "samples.h"

#include <math.h>
#include <string.h>

void ctiff_unpack(const uint8_t *row, size_t count, uint32_t bits, uint32_t *numbers) {
  switch (bits) {
    case 8:
      for (size_t index = 0; index < count; index += 1) numbers[index] = row[index];
      return;
    case 16:
      for (size_t index = 0; index < count; index += 1) {
        uint16_t number;
        memcpy(&number, row + 2 * index, 2);
        numbers[index] = number;
      }
      return;
    case 24:
      for (size_t index = 0; index < count; index += 1) {
        const uint8_t *bytes = row + 3 * index;
        numbers[index] = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16;
      }
      return;
    case 32: memcpy(numbers, row, 4 * count); return;
    default: break;
  }
  uint64_t held = 0;
  uint32_t held_bits = 0;
  for (size_t index = 0; index < count; index += 1) {
    while (held_bits < bits) {
      held = held << 8 | *row++;
      held_bits += 8;
    }
    held_bits -= bits;
    numbers[index] = (uint32_t)(held >> held_bits) & ctiff_largest(CTIFF_UNSIGNED, bits);
  }
}

void ctiff_pack(const uint32_t *numbers, size_t count, uint32_t bits, uint8_t *row) {
  switch (bits) {
    case 8:
      for (size_t index = 0; index < count; index += 1) row[index] = (uint8_t)numbers[index];
      return;
    case 16:
      for (size_t index = 0; index < count; index += 1) {
        uint16_t number = (uint16_t)numbers[index];
        memcpy(row + 2 * index, &number, 2);
      }
      return;
    case 24:
      for (size_t index = 0; index < count; index += 1)
        for (int byte = 0; byte < 3; byte += 1)
          row[3 * index + (size_t)byte] = (uint8_t)(numbers[index] >> 8 * byte);
      return;
    case 32: memcpy(row, numbers, 4 * count); return;
    default: break;
  }
  uint64_t held = 0;
  uint32_t held_bits = 0;
  for (size_t index = 0; index < count; index += 1) {
    held = held << bits | (numbers[index] & ctiff_largest(CTIFF_UNSIGNED, bits));
    held_bits += bits;
    while (held_bits >= 8) {
      held_bits -= 8;
      *row++ = (uint8_t)(held >> held_bits);
    }
  }
  if (held_bits > 0) *row = (uint8_t)(held << (8 - held_bits));
}

// IEEE 754 binary16, and the 24 bits of Adobe's technical note 3, which have 7 bits of exponent and 16 of
// fraction.
static float small_float(uint32_t number, uint32_t exponent_bits, uint32_t fraction_bits) {
  uint32_t fraction = number & ((1u << fraction_bits) - 1);
  int exponent = (int)(number >> fraction_bits & ((1u << exponent_bits) - 1));
  int largest = (1 << exponent_bits) - 1, bias = largest / 2;
  float scale = (float)(1u << fraction_bits), value;
  if (exponent == largest)
    value = fraction ? NAN : INFINITY;
  else if (exponent == 0)
    value = ldexpf((float)fraction / scale, 1 - bias);
  else
    value = ldexpf(1 + (float)fraction / scale, exponent - bias);
  return number >> (exponent_bits + fraction_bits) & 1 ? -value : value;
}

// The nearest binary16, of two the even one.
static uint16_t half_float(float number) {
  uint16_t sign = signbit(number) ? 0x8000 : 0;
  float size = fabsf(number);
  if (isnan(number)) return sign | 0x7E00;
  if (size >= 65520) return sign | 0x7C00;
  int exponent;
  frexpf(size, &exponent);
  if (size < 0x1p-14f) exponent = -13;  // of numbers without a leading one
  uint32_t fraction = (uint32_t)lrintf(ldexpf(size, 11 - exponent));
  // A fraction that rounds up to the next power of two carries into the exponent.
  return sign | (uint16_t)(((uint32_t)(exponent + 13) << 10) + fraction);
}

static void unpack_number(const uint8_t *row, size_t count, uint32_t bits, float *numbers) {
  if (bits == 32) {
    memcpy(numbers, row, 4 * count);
    return;
  }
  for (size_t index = 0; index < count; index += 1) {
    uint32_t number;
    double value;
    switch (bits) {
      case 16:
        ctiff_unpack(row + 2 * index, 1, 16, &number);
        numbers[index] = small_float(number, 5, 10);
        break;
      case 24:
        ctiff_unpack(row + 3 * index, 1, 24, &number);
        numbers[index] = small_float(number, 7, 16);
        break;
      default:
        memcpy(&value, row + 8 * index, 8);
        numbers[index] = (float)value;
        break;
    }
  }
}

void ctiff_unpack_float(const uint8_t *row, size_t count, ctiff_sample_kind kind, uint32_t bits,
                        float *numbers) {
  if (kind == CTIFF_FLOAT) {
    unpack_number(row, count, bits, numbers);
    return;
  }
  // A float is as large as a whole number of 32 bits.
  ctiff_unpack(row, count, bits, (uint32_t *)(void *)numbers);
  uint32_t sign = kind == CTIFF_SIGNED ? (uint32_t)1 << (bits - 1) : 0;
  for (size_t index = 0; index < count; index += 1) {
    uint32_t number;
    memcpy(&number, numbers + index, 4);
    numbers[index] = (float)((int64_t)number - (number & sign ? (int64_t)1 << bits : 0));
  }
}

static uint32_t whole(float number, ctiff_sample_kind kind, uint32_t bits) {
  double largest = ctiff_largest(kind, bits), smallest = kind == CTIFF_SIGNED ? -largest - 1 : 0;
  double rounded = isnan(number) ? 0 : round(number);
  if (rounded > largest) rounded = largest;
  if (rounded < smallest) rounded = smallest;
  return (uint32_t)(int64_t)rounded;
}

void ctiff_pack_float(const float *numbers, size_t count, ctiff_sample_kind kind, uint32_t bits, uint8_t *row) {
  if (kind == CTIFF_FLOAT && bits == 32) {
    memcpy(row, numbers, 4 * count);
    return;
  }
  if (kind == CTIFF_FLOAT) {
    for (size_t index = 0; index < count; index += 1) {
      uint16_t half = bits == 16 ? half_float(numbers[index]) : 0;
      double value = numbers[index];
      if (bits == 16)
        memcpy(row + 2 * index, &half, 2);
      else
        memcpy(row + 8 * index, &value, 8);
    }
    return;
  }
  uint32_t block[256];
  // Blocks of a multiple of 8 samples end with a byte.
  for (size_t first = 0; first < count; first += 256) {
    size_t length = count - first < 256 ? count - first : 256;
    for (size_t index = 0; index < length; index += 1) block[index] = whole(numbers[first + index], kind, bits);
    ctiff_pack(block, length, bits, row + first * bits / 8);
  }
}
