// Loops over channel blocks: padding, and instance norm with its ReLU.
//
// A plane is one block of one image, [height, width, 16] float32 without gaps; a padded plane has `padding`
// reflected rows and columns more on every side.
#pragma once

#include <cstdint>

namespace blocks {

// Channels of a block: one AVX-512 register of float32.
constexpr int64_t kLanes = 16;

struct Plane {
  int64_t height, width, padding;

  int64_t size() const { return height * width * kLanes; }
  int64_t padded_width() const { return width + 2 * padding; }
  int64_t padded_size() const { return (height + 2 * padding) * padded_width() * kLanes; }
};

// For each of the 16 channels: mean and 1 / sqrt(variance + eps) over the plane.
struct Statistics {
  float mean[kLanes], inverse_deviation[kLanes];
};

Statistics statistics(const float *x, const Plane &plane, double eps);

// y = leaky(n) with n = (x - mean) * inverse_deviation, or leaky(n) + residual, padded by reflection; leaky
// multiplies what is negative by `slope`. `residual` may be null.
void normalize(const float *x, const Statistics &statistics, float slope, const float *residual, float *y,
               const Plane &plane);

// The gradient of `normalize` by x: r (h - mean(h) - n mean(h n)) with h = g through the leaky ReLU and the
// padding, r = inverse_deviation.
void normalize_gradient(const float *x, const Statistics &statistics, float slope, const float *gradient,
                        float *result, const Plane &plane);

// y = x padded by reflection.
void pad(const float *x, float *y, const Plane &plane);

// The gradient of `pad`: what was copied to the border is added where it came from.
void fold(const float *gradient, float *result, const Plane &plane);

}  // namespace blocks
