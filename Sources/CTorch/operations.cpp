#include "shim.hpp"

ctorch_status ctorch_add(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                         char **message) {
  return guarded_tensor(result, message, [&] { return at::add(borrowed(a), borrowed(b)); });
}

ctorch_status ctorch_subtract(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                              char **message) {
  return guarded_tensor(result, message, [&] { return at::sub(borrowed(a), borrowed(b)); });
}

ctorch_status ctorch_multiply(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                              char **message) {
  return guarded_tensor(result, message, [&] { return at::mul(borrowed(a), borrowed(b)); });
}

ctorch_status ctorch_divide(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **result,
                            char **message) {
  return guarded_tensor(result, message, [&] { return at::div(borrowed(a), borrowed(b)); });
}

ctorch_status ctorch_add_scalar(const ctorch_tensor *a, double b, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::add(borrowed(a), b); });
}

ctorch_status ctorch_multiply_scalar(const ctorch_tensor *a, double b, ctorch_tensor **result,
                                     char **message) {
  return guarded_tensor(result, message, [&] { return at::mul(borrowed(a), b); });
}

ctorch_status ctorch_abs(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::abs(borrowed(x)); });
}

ctorch_status ctorch_square(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::square(borrowed(x)); });
}

ctorch_status ctorch_sqrt(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::sqrt(borrowed(x)); });
}

ctorch_status ctorch_round(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::round(borrowed(x)); });
}

ctorch_status ctorch_clamp(const ctorch_tensor *x, double minimum, double maximum, ctorch_tensor **result,
                           char **message) {
  return guarded_tensor(result, message, [&] { return at::clamp(borrowed(x), minimum, maximum); });
}

ctorch_status ctorch_tanh(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::tanh(borrowed(x)); });
}

ctorch_status ctorch_relu(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::relu(borrowed(x)); });
}

ctorch_status ctorch_sigmoid(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::sigmoid(borrowed(x)); });
}

ctorch_status ctorch_leaky_relu(const ctorch_tensor *x, double slope, ctorch_tensor **result,
                                char **message) {
  return guarded_tensor(result, message, [&] { return at::leaky_relu(borrowed(x), slope); });
}

ctorch_status ctorch_sum(const ctorch_tensor *x, const int64_t *axes, int32_t count, bool keep,
                         ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    if (count == 0) return at::sum(borrowed(x));
    return at::sum(borrowed(x), at::IntArrayRef(axes, count), keep);
  });
}

ctorch_status ctorch_mean(const ctorch_tensor *x, const int64_t *axes, int32_t count, bool keep,
                          ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    if (count == 0) return at::mean(borrowed(x));
    return at::mean(borrowed(x), at::IntArrayRef(axes, count), keep);
  });
}

ctorch_status ctorch_l1_loss(const ctorch_tensor *x, const ctorch_tensor *target, ctorch_tensor **result,
                             char **message) {
  return guarded_tensor(result, message, [&] { return at::l1_loss(borrowed(x), borrowed(target)); });
}

ctorch_status ctorch_mse_loss(const ctorch_tensor *x, const ctorch_tensor *target, ctorch_tensor **result,
                              char **message) {
  return guarded_tensor(result, message, [&] { return at::mse_loss(borrowed(x), borrowed(target)); });
}

ctorch_status ctorch_binary_cross_entropy_with_logits(const ctorch_tensor *x, const ctorch_tensor *target,
                                                      ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::binary_cross_entropy_with_logits(borrowed(x), borrowed(target));
  });
}
