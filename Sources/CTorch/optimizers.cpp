#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "shim.hpp"

namespace {

// Operators on lists do not count up the versions of what they write into, and weights in the order of kernels
// are kept by version (blocked/onednn.hpp).
void mark_changed(const std::vector<at::Tensor> &tensors) {
  for (const at::Tensor &tensor : tensors) tensor.unsafeGetTensorImpl()->bump_version();
}

// The kernel for the CPU came later than the one for CUDA.
bool has_fused_adam(at::Device device) {
  const auto found = c10::Dispatcher::singleton().findSchema({"aten::_fused_adam_", ""});
  const auto key = device.is_cuda()            ? c10::DispatchKey::CUDA
                   : device.type() == at::kMPS ? c10::DispatchKey::MPS
                                               : c10::DispatchKey::CPU;
  return found && found->hasKernelForDispatchKey(key);
}

}  // namespace

// Adam (arXiv 1412.6980, algorithm 1) without weight decay, over whole lists of tensors:
// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
// p = p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps).
ctorch_status ctorch_adam_step(ctorch_tensor *const *parameters, const ctorch_tensor *const *gradients,
                               ctorch_tensor *const *first_moments, ctorch_tensor *const *second_moments,
                               int32_t count, int64_t step, double learning_rate, double beta1, double beta2,
                               double eps, char **message) {
  return guarded(message, [&] {
    const c10::NoGradGuard guard;
    auto p = plain_list(parameters, count), g = plain_list(gradients, count);
    auto m = plain_list(first_moments, count), v = plain_list(second_moments, count);
    if (count == 0) return;
    // The fused kernel trusts its caller.
    for (int32_t i = 0; i < count; ++i) {
      TORCH_CHECK(p[i].sizes() == g[i].sizes() && p[i].sizes() == m[i].sizes() && p[i].sizes() == v[i].sizes(),
                  "the sizes of parameter ", i, ", its gradient and its moments differ");
    }
    if (has_fused_adam(p[0].device())) {
      // It wants lists that lie in memory alike, also along axes of length 1, where autograd does not care.
      for (int32_t i = 0; i < count; ++i) {
        if (g[i].strides() != p[i].strides()) g[i] = at::empty_like(p[i]).copy_(g[i]);
      }
      const auto steps = std::vector<at::Tensor>(
          count, at::full({}, static_cast<double>(step), at::TensorOptions().device(p[0].device())));
      at::_fused_adam_(p, g, m, v, /*max_exp_avg_sqs=*/{}, steps, learning_rate, beta1, beta2,
                       /*weight_decay=*/0, eps, /*amsgrad=*/false, /*maximize=*/false, {}, {});
    } else {
      at::_foreach_mul_(m, beta1);
      at::_foreach_add_(m, g, 1 - beta1);
      at::_foreach_mul_(v, beta2);
      at::_foreach_addcmul_(v, g, g, 1 - beta2);
      auto denominator = at::_foreach_sqrt(v);
      at::_foreach_div_(denominator, std::sqrt(1 - std::pow(beta2, step)));
      at::_foreach_add_(denominator, eps);
      at::_foreach_addcdiv_(p, m, denominator, -learning_rate / (1 - std::pow(beta1, step)));
    }
    mark_changed(p);
  });
}

// RMSprop (Tieleman and Hinton 2012) without momentum: v = a v + (1 - a) g^2, p = p - lr * g / (sqrt(v) + eps).
ctorch_status ctorch_rmsprop_step(ctorch_tensor *const *parameters, const ctorch_tensor *const *gradients,
                                  ctorch_tensor *const *mean_squares, int32_t count, double learning_rate,
                                  double alpha, double eps, char **message) {
  return guarded(message, [&] {
    const c10::NoGradGuard guard;
    auto p = plain_list(parameters, count), g = plain_list(gradients, count);
    auto v = plain_list(mean_squares, count);
    if (count == 0) return;
    // Other sizes would be broadcast.
    for (int32_t i = 0; i < count; ++i) {
      TORCH_CHECK(p[i].sizes() == g[i].sizes() && p[i].sizes() == v[i].sizes(), "the sizes of parameter ", i,
                  ", its gradient and its mean square differ");
    }
    at::_foreach_mul_(v, alpha);
    at::_foreach_addcmul_(v, g, g, 1 - alpha);
    auto denominator = at::_foreach_sqrt(v);
    at::_foreach_add_(denominator, eps);
    at::_foreach_addcdiv_(p, g, denominator, -learning_rate);
    mark_changed(p);
  });
}

ctorch_status ctorch_clip_norm(ctorch_tensor *const *tensors, int32_t count, double largest, char **message) {
  return guarded(message, [&] {
    const c10::NoGradGuard guard;
    auto all = plain_list(tensors, count);
    if (count == 0) return;
    const at::Tensor norm = at::stack(at::_foreach_norm(all, 2)).norm();
    const at::Tensor factor = at::clamp_max(largest / (norm + 1e-6), 1);
    for (at::Tensor &tensor : all) tensor.mul_(factor);
  });
}

ctorch_status ctorch_clamp_in_place(ctorch_tensor *const *tensors, int32_t count, double largest,
                                    char **message) {
  return guarded(message, [&] {
    const c10::NoGradGuard guard;
    for (at::Tensor &tensor : plain_list(tensors, count)) tensor.clamp_(-largest, largest);
  });
}

ctorch_status ctorch_average_in_place(ctorch_tensor *const *averages, const ctorch_tensor *const *values,
                                      int32_t count, double decay, char **message) {
  return guarded(message, [&] {
    const c10::NoGradGuard guard;
    auto means = plain_list(averages, count), news = plain_list(values, count);
    if (count == 0) return;
    for (int32_t i = 0; i < count; ++i) {
      TORCH_CHECK(means[i].sizes() == news[i].sizes(), "the sizes of average ", i, " and its value differ");
    }
    at::_foreach_mul_(means, decay);
    at::_foreach_add_(means, news, 1 - decay);
    mark_changed(means);
  });
}
