// Convolutions of oneDNN itself, in its channel-blocked layout, for what libtorch does not ask it for:
// Winograd kernels, and layers that pass blocked tensors on without reordering them in between.
#pragma once

#include <ATen/ATen.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <memory>
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

// A convolution's weights in the orders that its kernels read them in, until the weights change. It belongs
// to the weights' handle, and to the graphs that will run backward through them.
class WeightOrders : public torch::CustomClassHolder {
 public:
  WeightOrders();
  ~WeightOrders() override;
  struct State;
  State &state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// For the graph's memory of a forward pass.
inline c10::intrusive_ptr<WeightOrders> saved_orders(const c10::IValue &value) {
  return c10::static_intrusive_pointer_cast<WeightOrders>(value.toCapsule());
}

// What a pass is convolved with: [out_channels, in_channels, kernel_height, kernel_width].
struct Weights {
  at::Tensor values;
  // Where to keep them in the kernel's order; null for nowhere.
  c10::intrusive_ptr<WeightOrders> orders;
  // What is made of `values` first; null for nothing.
  at::Tensor (*arrange)(const at::Tensor &values) = nullptr;
};

// How often the calling thread has put weights into a kernel's order, and the bytes of those that are kept.
int64_t orders_made();
int64_t bytes_of_orders();

// Working memory that threads keep for their next convolution, in bytes.
int64_t bytes_of_scratchpads();

// The three passes. Images are [batch, channels / 16, height, width, 16], channels rounded up; `x` with
// 1 to 4 channels is [batch, channels, height, width] as a convolution's input (forward and weights).
// The gradient of the weights is [out_channels, in_channels, kernel_height, kernel_width]. Everything is
// float32 but the inputs of a bfloat16 pass, which are converted where they are not.
//
// Each returns an undefined tensor where oneDNN has no optimized kernel for it, and throws c10::Error where
// one fails.
at::Tensor forward(const Convolution &convolution, Arithmetic arithmetic, const at::Tensor &x,
                   const Weights &weights);
at::Tensor data_gradient(const Convolution &convolution, Arithmetic arithmetic, const at::Tensor &y_gradient,
                         const Weights &weights);
at::Tensor weight_gradient(const Convolution &convolution, Arithmetic arithmetic, const at::Tensor &x,
                           const at::Tensor &y_gradient);

}  // namespace onednn
