#include <c10/core/GradMode.h>

#include <algorithm>

#include "blocked/layout.hpp"
#include "shim.hpp"

namespace {

// One result for each element: it keeps the layout of `x`.
template <class Operation>
ctorch_status elementwise(const ctorch_tensor *x, ctorch_tensor **result, char **message,
                          const Operation &operation) {
  return guarded_tensor(result, message,
                        [&] { return ctorch_tensor(operation(borrowed(x).values), borrowed(x).is_blocked); });
}

// The same of two tensors, with broadcasting.
template <class Operation>
ctorch_status elementwise(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                          char **message, const Operation &operation) {
  return guarded_tensor(result, message, [&] {
    if (blocks::broadcast_in_blocks(borrowed(a), borrowed(b))) {
      return ctorch_tensor(operation(blocks::to_blocks(borrowed(a)), blocks::to_blocks(borrowed(b))), true);
    }
    return ctorch_tensor(operation(plain(a), plain(b)));
  });
}

// A reduction: over all elements where no axes are given.
template <class Operation>
ctorch_status reduced(const ctorch_tensor *x, const int64_t *axes, int32_t count, bool keep,
                      ctorch_tensor **result, char **message, const Operation &operation) {
  return guarded_tensor(result, message, [&] {
    std::vector<int64_t> over(axes, axes + count);
    const bool in_blocks = borrowed(x).is_blocked && count > 0 && keep && blocks::are_outside_blocks(over);
    if (in_blocks) std::transform(over.begin(), over.end(), over.begin(), blocks::axis_of_map);
    return ctorch_tensor(operation(in_blocks ? borrowed(x).values : plain(x), over), in_blocks);
  });
}

}  // namespace

ctorch_status ctorch_add(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                         char **message) {
  return elementwise(a, b, result, message,
                     [](const at::Tensor &x, const at::Tensor &y) { return at::add(x, y); });
}

ctorch_status ctorch_subtract(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                              char **message) {
  return elementwise(a, b, result, message,
                     [](const at::Tensor &x, const at::Tensor &y) { return at::sub(x, y); });
}

ctorch_status ctorch_multiply(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                              char **message) {
  return elementwise(a, b, result, message,
                     [](const at::Tensor &x, const at::Tensor &y) { return at::mul(x, y); });
}

ctorch_status ctorch_divide(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                            char **message) {
  return elementwise(a, b, result, message,
                     [](const at::Tensor &x, const at::Tensor &y) { return at::div(x, y); });
}

ctorch_status ctorch_add_scalar(const ctorch_tensor *a, double b, ctorch_tensor **result, char **message) {
  return elementwise(a, result, message, [&](const at::Tensor &values) { return at::add(values, b); });
}

ctorch_status ctorch_multiply_scalar(const ctorch_tensor *a, double b, ctorch_tensor **result, char **message) {
  return elementwise(a, result, message, [&](const at::Tensor &values) { return at::mul(values, b); });
}

ctorch_status ctorch_abs(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message, [&](const at::Tensor &values) { return at::abs(values); });
}

ctorch_status ctorch_square(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message, [&](const at::Tensor &values) { return at::square(values); });
}

ctorch_status ctorch_sqrt(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message, [&](const at::Tensor &values) { return at::sqrt(values); });
}

ctorch_status ctorch_exp(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message, [&](const at::Tensor &values) { return at::exp(values); });
}

ctorch_status ctorch_round(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message, [&](const at::Tensor &values) { return at::round(values); });
}

ctorch_status ctorch_clamp(const ctorch_tensor *x, double minimum, double maximum, ctorch_tensor **result,
                           char **message) {
  return elementwise(x, result, message,
                     [&](const at::Tensor &values) { return at::clamp(values, minimum, maximum); });
}

ctorch_status ctorch_tanh(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message, [&](const at::Tensor &values) { return at::tanh(values); });
}

ctorch_status ctorch_relu(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message, [&](const at::Tensor &values) { return at::relu(values); });
}

ctorch_status ctorch_sigmoid(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message, [&](const at::Tensor &values) { return at::sigmoid(values); });
}

ctorch_status ctorch_leaky_relu(const ctorch_tensor *x, double slope, ctorch_tensor **result, char **message) {
  return elementwise(x, result, message,
                     [&](const at::Tensor &values) { return at::leaky_relu(values, slope); });
}

ctorch_status ctorch_sum(const ctorch_tensor *x, const int64_t *axes, int32_t count, bool keep,
                         ctorch_tensor **result, char **message) {
  return reduced(x, axes, count, keep, result, message, [&](const at::Tensor &values, at::IntArrayRef over) {
    return over.empty() ? at::sum(values) : at::sum(values, over, keep);
  });
}

ctorch_status ctorch_mean(const ctorch_tensor *x, const int64_t *axes, int32_t count, bool keep,
                          ctorch_tensor **result, char **message) {
  return reduced(x, axes, count, keep, result, message, [&](const at::Tensor &values, at::IntArrayRef over) {
    return over.empty() ? at::mean(values) : at::mean(values, over, keep);
  });
}

ctorch_status ctorch_maximum(const ctorch_tensor *x, int64_t axis, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return std::get<0>(at::max(plain(x), axis)); });
}

ctorch_status ctorch_log_sum_exp(const ctorch_tensor *x, int64_t axis, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::logsumexp(plain(x), {axis}, /*keepdim=*/true); });
}

ctorch_status ctorch_sort(const ctorch_tensor *x, int64_t axis, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return std::get<0>(at::sort(plain(x), axis)); });
}

ctorch_status ctorch_are_finite(const ctorch_tensor *const *tensors, int32_t count, bool *result,
                                char **message) {
  return guarded(message, [&] {
    const c10::NoGradGuard guard;
    *result = true;
    for (int32_t i = 0; i < count && *result; ++i) *result = at::isfinite(plain(tensors[i])).all().item<bool>();
  });
}

ctorch_status ctorch_l1_loss(const ctorch_tensor *x, const ctorch_tensor *target, ctorch_tensor **result,
                             char **message) {
  return guarded_tensor(result, message, [&] { return at::l1_loss(plain(x), plain(target)); });
}

ctorch_status ctorch_mse_loss(const ctorch_tensor *x, const ctorch_tensor *target, ctorch_tensor **result,
                              char **message) {
  return guarded_tensor(result, message, [&] { return at::mse_loss(plain(x), plain(target)); });
}

ctorch_status ctorch_binary_cross_entropy_with_logits(const ctorch_tensor *x, const ctorch_tensor *target,
                                                      ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message,
                        [&] { return at::binary_cross_entropy_with_logits(plain(x), plain(target)); });
}

ctorch_status ctorch_binary_cross_entropies_with_logits(const ctorch_tensor *x, const ctorch_tensor *target,
                                                        ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::binary_cross_entropy_with_logits(plain(x), plain(target), {}, {}, at::Reduction::None);
  });
}
