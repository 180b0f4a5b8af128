// Instance norm in two steps, for images of which only parts are there at a time.

#include <algorithm>
#include <tuple>
#include <vector>

#include "blocked/kernels.hpp"
#include "parallel.hpp"
#include "shim.hpp"

namespace {

using blocks::kLanes;

// A map of one image on the CPU as planes of rows: a channel each, or 16 where the map is in blocks.
struct Planes {
  at::Tensor x;
  bool is_blocked;
  int64_t lanes, count, height, width;

  explicit Planes(const ctorch_tensor &map) : x(map.values), is_blocked(map.is_blocked) {
    TORCH_CHECK(x.dim() == (is_blocked ? 5 : 4) && x.size(0) == 1, "a map of shape ", x.sizes(),
                " is not one image's");
    lanes = is_blocked ? kLanes : 1;
    x = x.to(at::kCPU, at::kFloat);
    if (x.stride(3) != lanes || (is_blocked && x.stride(4) != 1)) x = x.contiguous();
    count = x.size(1);
    height = x.size(2);
    width = x.size(3);
  }

  int64_t channels() const { return count * lanes; }

  const float *row(int64_t plane, int64_t i) const {
    return x.data_ptr<float>() + plane * x.stride(1) + i * x.stride(2);
  }

  // A plane's numbers, one for each of 16 lanes: those of its channels, or its only channel's 16 times.
  void spread(const float *of_channels, int64_t plane, float *lanes_of_plane) const {
    for (int64_t lane = 0; lane < kLanes; ++lane) {
      lanes_of_plane[lane] = of_channels[is_blocked ? plane * kLanes + lane : plane];
    }
  }
};

// Sums of (x - shift) and its square over one plane, in lanes, and of what is left of each row after the last
// full 16 elements.
struct Moments {
  double sums[kLanes] = {}, squares[kLanes] = {};

  Moments(const Planes &planes, int64_t plane, const float *shift) {
    const int64_t elements = planes.width * planes.lanes, groups = elements / kLanes;
    for (int64_t i = 0; i < planes.height; ++i) {
      const float *const x = planes.row(plane, i);
      float sum[kLanes], square[kLanes];
      blocks::add_moments(x, shift, groups, sum, square);
      for (int64_t j = groups * kLanes; j < elements; ++j) {
        const float d = x[j] - shift[0];
        sum[0] += d;
        square[0] += d * d;
      }
      for (int64_t lane = 0; lane < kLanes; ++lane) {
        sums[lane] += sum[lane];
        squares[lane] += square[lane];
      }
    }
  }
};

// What a plane's values lie around, so that the squares do not cancel: its first row's mean.
void find_shift(const Planes &planes, int64_t plane, float *shift) {
  const float *const x = planes.row(plane, 0);
  double sums[kLanes] = {};
  for (int64_t j = 0; j < planes.width * planes.lanes; ++j) sums[planes.is_blocked ? j % kLanes : 0] += x[j];
  for (int64_t lane = 0; lane < kLanes; ++lane) {
    shift[lane] = static_cast<float>(sums[planes.is_blocked ? lane : 0] / static_cast<double>(planes.width));
  }
}

// Only the numbers of channels leave the device.
void moments_on_device(const at::Tensor &x, double *means, double *squares) {
  TORCH_CHECK(x.dim() == 4 && x.size(0) == 1, "a map of shape ", x.sizes(), " is not one image's");
  at::Tensor variance, mean;
  std::tie(variance, mean) = at::var_mean(x.to(at::kFloat), at::IntArrayRef{0, 2, 3}, /*unbiased=*/false);
  const int64_t channels = x.size(1);
  const at::Tensor numbers = at::cat({mean, variance}).to(at::kCPU, at::kDouble).contiguous();
  const double *const values = numbers.data_ptr<double>();
  const double count = static_cast<double>(x.size(2)) * static_cast<double>(x.size(3));
  for (int64_t channel = 0; channel < channels; ++channel) {
    means[channel] = values[channel];
    squares[channel] = values[channels + channel] * count;
  }
}

}  // namespace

ctorch_status ctorch_channel_moments(const ctorch_tensor *x, double *means, double *squares, char **message) {
  return guarded(message, [&] {
    if (!borrowed(x).values.device().is_cpu()) return moments_on_device(borrowed(x).values, means, squares);
    const Planes planes(borrowed(x));
    const double count = static_cast<double>(planes.height) * static_cast<double>(planes.width);
    parallel_for(planes.count, [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        float shift[kLanes];
        find_shift(planes, plane, shift);
        Moments found(planes, plane, shift);
        if (!planes.is_blocked) {
          for (int64_t lane = 1; lane < kLanes; ++lane) {
            found.sums[0] += found.sums[lane];
            found.squares[0] += found.squares[lane];
          }
        }
        for (int64_t lane = 0; lane < planes.lanes; ++lane) {
          const int64_t channel = plane * planes.lanes + lane;
          const double offset = found.sums[lane] / count;
          means[channel] = shift[lane] + offset;
          squares[channel] = found.squares[lane] - offset * found.sums[lane];
        }
      }
    });
  });
}

ctorch_status ctorch_normalize_channels(const ctorch_tensor *x, const float *means, const float *scales,
                                        double slope, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const at::Device device = borrowed(x).values.device();
    if (!device.is_cpu()) {
      const auto numbers = [&](const float *values) {
        const int64_t channels = borrowed(x).values.size(1);
        return at::from_blob(const_cast<float *>(values), {1, channels, 1, 1}).clone().to(device);
      };
      return ctorch_tensor(at::leaky_relu((plain(x) - numbers(means)) * numbers(scales), slope));
    }
    const Planes planes(borrowed(x));
    const at::Tensor y = at::empty(planes.x.sizes(), planes.x.options());
    float *const out = y.data_ptr<float>();
    const int64_t elements = planes.width * planes.lanes, groups = elements / kLanes;
    const float leak = static_cast<float>(slope);
    parallel_for(planes.count, [&](int64_t begin, int64_t end) {
      for (int64_t plane = begin; plane < end; ++plane) {
        float mean[kLanes], scale[kLanes];
        planes.spread(means, plane, mean);
        planes.spread(scales, plane, scale);
        for (int64_t i = 0; i < planes.height; ++i) {
          const float *const from = planes.row(plane, i);
          float *const to = out + (plane * planes.height + i) * elements;
          blocks::normalize_row(from, mean, scale, leak, groups, to);
          for (int64_t j = groups * kLanes; j < elements; ++j) {
            const float n = (from[j] - mean[0]) * scale[0];
            to[j] = n > 0 ? n : n * leak;
          }
        }
      }
    });
    return ctorch_tensor(y, planes.is_blocked);
  });
}
