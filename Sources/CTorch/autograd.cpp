#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/variable.h>

#include "shim.hpp"

namespace {

void set_autocast(at::DeviceType type, bool enabled) {
#if TORCH_AT_LEAST(2, 4)
  at::autocast::set_autocast_dtype(type, at::kBFloat16);
  at::autocast::set_autocast_enabled(type, enabled);
#else
  if (type == at::kCUDA) {
    at::autocast::set_autocast_gpu_dtype(at::kBFloat16);
    at::autocast::set_enabled(enabled);
  } else {
    at::autocast::set_autocast_cpu_dtype(at::kBFloat16);
    at::autocast::set_cpu_enabled(enabled);
  }
#endif
}

at::DeviceType autocast_device(ctorch_device_type type) {
  TORCH_CHECK(type == CTORCH_CPU || type == CTORCH_CUDA, "autocast is for the CPU and for CUDA");
  return type == CTORCH_CUDA ? at::kCUDA : at::kCPU;
}

}  // namespace

bool ctorch_set_gradients_enabled(bool enabled) {
  const bool previous = c10::GradMode::is_enabled();
  c10::GradMode::set_enabled(enabled);
  return previous;
}

ctorch_status ctorch_set_requires_gradient(ctorch_tensor *tensor, bool required, char **message) {
  return guarded(message, [&] { borrowed(tensor).values.set_requires_grad(required); });
}

bool ctorch_requires_gradient(const ctorch_tensor *tensor) { return tensor->values.requires_grad(); }

ctorch_status ctorch_backward(const ctorch_tensor *loss, char **message) {
  // What an abandoned recording has begun cannot be begun again, nor has it to be: its values are nobody's.
  bool is_begun = false;
  return guarded(message, [&] {
    if (is_begun) return;
    is_begun = true;
    borrowed(loss).values.backward();
  });
}

ctorch_status ctorch_gradient(const ctorch_tensor *tensor, ctorch_tensor **result, char **message) {
  *result = nullptr;
  return guarded(message, [&] {
    const at::Tensor gradient = borrowed(tensor).values.grad();
    if (gradient.defined()) *result = released({gradient, tensor->is_blocked});
  });
}

ctorch_status ctorch_drop_gradient(ctorch_tensor *tensor, char **message) {
  return guarded(message, [&] { borrowed(tensor).values.mutable_grad() = at::Tensor(); });
}

ctorch_status ctorch_set_gradient(ctorch_tensor *tensor, const ctorch_tensor *gradient, char **message) {
  return guarded(message, [&] {
    const at::Tensor &values = borrowed(tensor).values, slopes = plain(gradient);
    TORCH_CHECK(slopes.defined() && values.sizes() == slopes.sizes(), "a gradient of another size");
    values.mutable_grad() = slopes;
  });
}

ctorch_status ctorch_gradient_of(const ctorch_tensor *output, const ctorch_tensor *input, bool create_graph,
                                 ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const at::Tensor &out = borrowed(output).values;
    return ctorch_tensor(torch::autograd::grad({out}, {borrowed(input).values}, {at::ones_like(out)},
                                               c10::nullopt, create_graph)[0],
                         borrowed(input).is_blocked);
  });
}

ctorch_status ctorch_autocast_begin(ctorch_device_type type, char **message) {
  return guarded(message, [&] {
    set_autocast(autocast_device(type), true);
    at::autocast::increment_nesting();
  });
}

ctorch_status ctorch_autocast_end(ctorch_device_type type, char **message) {
  return guarded(message, [&] {
    const at::DeviceType device = autocast_device(type);
    if (at::autocast::decrement_nesting() > 0) return;
    set_autocast(device, false);
    at::autocast::clear_cache();
  });
}
