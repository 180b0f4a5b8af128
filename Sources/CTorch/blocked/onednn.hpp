// Convolutions of oneDNN itself, in its channel-blocked layout, for what libtorch does not ask it for:
// Winograd kernels, and layers that pass blocked tensors on without reordering them in between.
#pragma once

#include <ATen/ATen.h>

#include <string>

#include "blocked/kernels.hpp"

namespace onednn {

// The loaded library, such as "2.6.3"; empty where there is none of the version this was compiled for.
const std::string &version();

// Whether this machine has the AVX-512 kernels that make channel blocks worth while.
bool is_available();

// A two-dimensional convolution without dilation or groups. A transposed convolution is the data pass of one.
struct Convolution {
  int64_t batch, in_channels, in_height, in_width;
  int64_t out_channels, out_height, out_width;
  int64_t kernel_height, kernel_width, stride;
  int64_t padding_top, padding_left, padding_bottom, padding_right;
};

enum class Pass { forward, data, weights };

enum class Arithmetic { float32_direct, float32_winograd, bfloat16 };

// The fastest arithmetic for a pass, by fixed rules, so that results depend on nothing else.
Arithmetic fastest(const Convolution &convolution, Pass pass, bool allow_bfloat16);

// Whether there is a kernel for it.
bool has_kernel(const Convolution &convolution, Pass pass, Arithmetic arithmetic);

// The three passes. Images are [batch, channels / 16, height, width, 16], channels rounded up; `x` with
// 1 to 4 channels is [batch, channels, height, width] as a convolution's input (forward and weights).
// Weights are [out_channels, in_channels, kernel_height, kernel_width]. Everything is float32 but the
// inputs of a bfloat16 pass, which are converted where they are not.
//
// Each returns an undefined tensor where oneDNN has no optimized kernel for it, and throws c10::Error where
// one fails.
at::Tensor forward(const Convolution &convolution, Arithmetic arithmetic, const at::Tensor &x,
                   const at::Tensor &weight);
at::Tensor data_gradient(const Convolution &convolution, Arithmetic arithmetic, const at::Tensor &y_gradient,
                         const at::Tensor &weight);
at::Tensor weight_gradient(const Convolution &convolution, Arithmetic arithmetic, const at::Tensor &x,
                           const at::Tensor &y_gradient);

}  // namespace onednn
