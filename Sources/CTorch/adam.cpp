#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <cmath>

#include "shim.hpp"

// Adam (arXiv 1412.6980, algorithm 1) without weight decay, over whole lists of tensors:
// m = b1 m + (1 - b1) g, v = b2 v + (1 - b2) g^2,
// p = p - lr / (1 - b1^t) * m / (sqrt(v) / sqrt(1 - b2^t) + eps).
ctorch_status ctorch_adam_step(ctorch_tensor *const *parameters, const ctorch_tensor *const *gradients,
                               ctorch_tensor *const *first_moments, ctorch_tensor *const *second_moments,
                               int32_t count, int64_t step, double learning_rate, double beta1, double beta2,
                               double eps, char **message) {
  return guarded(message, [&] {
    const bool previous = c10::GradMode::is_enabled();
    c10::GradMode::set_enabled(false);
    struct Restore {
      bool mode;
      ~Restore() { c10::GradMode::set_enabled(mode); }
    } restore{previous};

    auto p = borrowed_list(parameters, count), g = borrowed_list(gradients, count);
    auto m = borrowed_list(first_moments, count), v = borrowed_list(second_moments, count);
    if (count == 0) return;
    // The fused kernel trusts its caller.
    for (int32_t i = 0; i < count; ++i) {
      TORCH_CHECK(p[i].sizes() == g[i].sizes() && p[i].sizes() == m[i].sizes() && p[i].sizes() == v[i].sizes(),
                  "the sizes of parameter ", i, ", its gradient and its moments differ");
    }
#if TORCH_VERSION_MAJOR >= 2
    const auto steps = std::vector<at::Tensor>(
        count, at::full({}, static_cast<double>(step), at::TensorOptions().device(p[0].device())));
    at::_fused_adam_(p, g, m, v, /*max_exp_avg_sqs=*/{}, steps, learning_rate, beta1, beta2,
                     /*weight_decay=*/0, eps, /*amsgrad=*/false, /*maximize=*/false, {}, {});
#else
    // 1.13 has the fused kernel for CUDA only.
    at::_foreach_mul_(m, beta1);
    at::_foreach_add_(m, g, 1 - beta1);
    at::_foreach_mul_(v, beta2);
    at::_foreach_addcmul_(v, g, g, 1 - beta2);
    auto denominator = at::_foreach_sqrt(v);
    at::_foreach_div_(denominator, std::sqrt(1 - std::pow(beta2, step)));
    at::_foreach_add_(denominator, eps);
    at::_foreach_addcdiv_(p, m, denominator, -learning_rate / (1 - std::pow(beta1, step)));
#endif
  });
}
