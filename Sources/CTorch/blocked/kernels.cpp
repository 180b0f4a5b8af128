#include "blocked/kernels.hpp"

#include <cmath>
#include <cstring>

// The compiler makes one version of each loop for every instruction set and picks at start, before
// ThreadSanitizer is set up.
#if defined(__x86_64__) && defined(__linux__) && !__has_feature(thread_sanitizer)
#define VECTORIZED [[gnu::target_clones("avx512f", "avx2", "default")]]
#else
#define VECTORIZED
#endif

namespace blocks {
namespace {

// Where the source of padded position `i` lies: 0 1 2 3 padded by 2 reads 2 1 0 1 2 3 2 1.
int64_t reflected(int64_t i, int64_t padding, int64_t size) {
  const int64_t distance = i < padding ? padding - i : i - padding;
  return distance < size ? distance : 2 * (size - 1) - distance;
}

// Fills the left and right border of one padded row from its inside.
void pad_row(float *row, const Plane &plane) {
  const int64_t p = plane.padding, w = plane.width;
  for (int64_t j = 0; j < p; ++j) {
    std::memcpy(row + j * kLanes, row + (p + reflected(j, p, w)) * kLanes, kLanes * sizeof(float));
    const int64_t right = p + w + j;
    std::memcpy(row + right * kLanes, row + (p + reflected(right, p, w)) * kLanes, kLanes * sizeof(float));
  }
}

// Fills the rows above and below from those inside, whose borders are complete.
void pad_rows(float *y, const Plane &plane) {
  const int64_t p = plane.padding, row = plane.padded_width() * kLanes;
  for (int64_t i = 0; i < p; ++i) {
    std::memcpy(y + i * row, y + (p + reflected(i, p, plane.height)) * row, row * sizeof(float));
    const int64_t below = p + plane.height + i;
    std::memcpy(y + below * row, y + (p + reflected(below, p, plane.height)) * row, row * sizeof(float));
  }
}

VECTORIZED void add_to(float *sum, const float *x, int64_t count) {
  for (int64_t i = 0; i < count; ++i) sum[i] += x[i];
}

// One row of the folded gradient: the padded rows that row `i` was copied to, then the columns.
// `scratch` holds a padded row.
void fold_row(const float *gradient, int64_t i, float *scratch, float *result, const Plane &plane) {
  const int64_t p = plane.padding, w = plane.width, h = plane.height, row = plane.padded_width() * kLanes;
  std::memcpy(scratch, gradient + (i + p) * row, row * sizeof(float));
  for (int64_t k = 0; k < p; ++k) {
    const int64_t below = p + h + k;
    if (reflected(k, p, h) == i) add_to(scratch, gradient + k * row, row);
    if (reflected(below, p, h) == i) add_to(scratch, gradient + below * row, row);
  }
  std::memcpy(result, scratch + p * kLanes, w * kLanes * sizeof(float));
  for (int64_t k = 0; k < p; ++k) {
    const int64_t right = p + w + k;
    add_to(result + reflected(k, p, w) * kLanes, scratch + k * kLanes, kLanes);
    add_to(result + reflected(right, p, w) * kLanes, scratch + right * kLanes, kLanes);
  }
}

// h = g through the leaky ReLU, in place, and one row's sums of h and h n.
VECTORIZED void add_gradient_moments(const float *__restrict x, const float *__restrict mean,
                                     const float *__restrict scale, float slope, int64_t width,
                                     float *__restrict h, float *__restrict sums, float *__restrict products) {
  float sum[kLanes] = {}, product[kLanes] = {};
  for (int64_t j = 0; j < width; ++j) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float n = (x[j * kLanes + lane] - mean[lane]) * scale[lane];
      const float through = h[j * kLanes + lane] * (n > 0 ? 1.0f : slope);
      h[j * kLanes + lane] = through;
      sum[lane] += through;
      product[lane] += through * n;
    }
  }
  std::memcpy(sums, sum, sizeof sum);
  std::memcpy(products, product, sizeof product);
}

// h = r (h - mean of h - n mean of h n), in place.
VECTORIZED void finish_gradient_row(const float *__restrict x, const float *__restrict mean,
                                    const float *__restrict scale, const float *__restrict mean_h,
                                    const float *__restrict mean_hn, int64_t width, float *__restrict h) {
  for (int64_t j = 0; j < width; ++j) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float n = (x[j * kLanes + lane] - mean[lane]) * scale[lane];
      h[j * kLanes + lane] = scale[lane] * (h[j * kLanes + lane] - mean_h[lane] - n * mean_hn[lane]);
    }
  }
}

// Sums of rows: float32 within one, float64 from row to row.
struct Sums {
  double first[kLanes] = {}, second[kLanes] = {};

  void add(const float *a, const float *b) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      first[lane] += a[lane];
      second[lane] += b[lane];
    }
  }
};

// A row's worth of scratch memory.
struct Row {
  float *const values;
  explicit Row(int64_t pixels) : values(new float[pixels * kLanes]) {}
  Row(const Row &) = delete;
  ~Row() { delete[] values; }
};

}  // namespace

VECTORIZED void add_moments(const float *__restrict x, const float *__restrict shift, int64_t width,
                            float *__restrict sums, float *__restrict squares) {
  float sum[kLanes] = {}, square[kLanes] = {};
  for (int64_t j = 0; j < width; ++j) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float d = x[j * kLanes + lane] - shift[lane];
      sum[lane] += d;
      square[lane] += d * d;
    }
  }
  std::memcpy(sums, sum, sizeof sum);
  std::memcpy(squares, square, sizeof square);
}

VECTORIZED void normalize_row(const float *__restrict x, const float *__restrict mean,
                              const float *__restrict scale, float slope, int64_t width, float *__restrict y) {
  for (int64_t j = 0; j < width; ++j) {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      const float n = (x[j * kLanes + lane] - mean[lane]) * scale[lane];
      y[j * kLanes + lane] = n > 0 ? n : n * slope;
    }
  }
}

Statistics statistics(const float *x, const Plane &plane, double eps) {
  const int64_t row = plane.width * kLanes;
  float sums[kLanes], squares[kLanes], shift[kLanes] = {};
  // The mean of the first row is near the mean of all, so that the squares do not cancel.
  add_moments(x, shift, plane.width, sums, squares);
  for (int64_t lane = 0; lane < kLanes; ++lane) shift[lane] = sums[lane] / static_cast<float>(plane.width);
  Sums total;
  for (int64_t i = 0; i < plane.height; ++i) {
    add_moments(x + i * row, shift, plane.width, sums, squares);
    total.add(sums, squares);
  }
  Statistics result;
  const double count = static_cast<double>(plane.height) * static_cast<double>(plane.width);
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    const double offset = total.first[lane] / count;
    const double variance = total.second[lane] / count - offset * offset;
    result.mean[lane] = static_cast<float>(shift[lane] + offset);
    result.inverse_deviation[lane] = static_cast<float>(1 / std::sqrt((variance > 0 ? variance : 0) + eps));
    if (std::isnan(variance)) result.inverse_deviation[lane] = NAN;
  }
  return result;
}

void normalize(const float *x, const Statistics &statistics, float slope, const float *residual, float *y,
               const Plane &plane) {
  const int64_t row = plane.width * kLanes, padded_row = plane.padded_width() * kLanes;
  for (int64_t i = 0; i < plane.height; ++i) {
    float *const out = y + (i + plane.padding) * padded_row;
    float *const inside = out + plane.padding * kLanes;
    normalize_row(x + i * row, statistics.mean, statistics.inverse_deviation, slope, plane.width, inside);
    if (residual) add_to(inside, residual + i * row, row);
    pad_row(out, plane);
  }
  pad_rows(y, plane);
}

void normalize_gradient(const float *x, const Statistics &statistics, float slope, const float *gradient,
                        float *result, const Plane &plane) {
  const int64_t row = plane.width * kLanes;
  const Row scratch(plane.padded_width());
  Sums total;
  for (int64_t i = 0; i < plane.height; ++i) {
    float sums[kLanes], products[kLanes];
    fold_row(gradient, i, scratch.values, result + i * row, plane);
    add_gradient_moments(x + i * row, statistics.mean, statistics.inverse_deviation, slope, plane.width,
                         result + i * row, sums, products);
    total.add(sums, products);
  }
  float mean_h[kLanes], mean_hn[kLanes];
  const double count = static_cast<double>(plane.height) * static_cast<double>(plane.width);
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    mean_h[lane] = static_cast<float>(total.first[lane] / count);
    mean_hn[lane] = static_cast<float>(total.second[lane] / count);
  }
  for (int64_t i = 0; i < plane.height; ++i) {
    finish_gradient_row(x + i * row, statistics.mean, statistics.inverse_deviation, mean_h, mean_hn,
                        plane.width, result + i * row);
  }
}

void pad(const float *x, float *y, const Plane &plane) {
  const int64_t row = plane.width * kLanes, padded_row = plane.padded_width() * kLanes;
  for (int64_t i = 0; i < plane.height; ++i) {
    float *const out = y + (i + plane.padding) * padded_row;
    std::memcpy(out + plane.padding * kLanes, x + i * row, row * sizeof(float));
    pad_row(out, plane);
  }
  pad_rows(y, plane);
}

void fold(const float *gradient, float *result, const Plane &plane) {
  const Row scratch(plane.padded_width());
  for (int64_t i = 0; i < plane.height; ++i) {
    fold_row(gradient, i, scratch.values, result + i * plane.width * kLanes, plane);
  }
}

}  // namespace blocks
