#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/version.h>

#include "shim.hpp"

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Instance norm without parameters followed by a leaky ReLU: y = n > 0 ? n : slope * n with
// n = (x - mean) / sqrt(variance + eps), mean and variance over each channel of each image.
// As two operators, autograd keeps n and the ReLU's output, and an in-place ReLU on the norm's view makes
// it copy slices; here it keeps only x and y.
struct InstanceNormLeakyRelu : torch::autograd::Function<InstanceNormLeakyRelu> {
  // Every channel of every image becomes a channel of one image, which is batch norm's case.
  static std::vector<int64_t> as_channels(const at::Tensor &x) {
    return {1, x.size(0) * x.size(1), x.size(2), x.size(3)};
  }

  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, double eps, double slope) {
    at::Tensor output, mean, inverse_deviation;
    std::tie(output, mean, inverse_deviation) = at::native_batch_norm(
        x.contiguous().view(as_channels(x)), {}, {}, {}, {}, /*training=*/true, /*momentum=*/0.0, eps);
    at::Tensor y = output.view(x.sizes());
    if (slope == 0) {
      y.clamp_min_(0);
    } else {
      at::leaky_relu_(y, slope);
    }
    context->save_for_backward({x, mean, inverse_deviation, y});
    context->saved_data["eps"] = eps;
    context->saved_data["slope"] = slope;
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &y = saved[3];
    const double eps = context->saved_data["eps"].toDouble();
    const double slope = context->saved_data["slope"].toDouble();
    // y has the sign of n, so the ReLU's derivative can be read off y.
    const at::Tensor through_relu =
        slope == 0 ? at::threshold_backward(gradients[0], y, 0)
                   : at::leaky_relu_backward(gradients[0], y, slope, /*self_is_result=*/true);
    if (c10::GradMode::is_enabled()) {
      return {differentiable_gradient(x, through_relu, eps), at::Tensor(), at::Tensor()};
    }
    const auto shape = as_channels(x);
    const auto gradient = at::native_batch_norm_backward(
        through_relu.contiguous().view(shape), x.contiguous().view(shape), {}, {}, {}, saved[1], saved[2],
        /*train=*/true, eps, {true, false, false});
    return {std::get<0>(gradient).view(x.sizes()), at::Tensor(), at::Tensor()};
  }

  // The gradient of instance norm from operators that autograd can differentiate once more, for the
  // gradient penalty: r (g - mean(g) - n mean(g n)) with r = 1 / sqrt(variance + eps).
  static at::Tensor differentiable_gradient(const at::Tensor &x, const at::Tensor &g, double eps) {
    const at::Tensor centred = x - x.mean({2, 3}, true);
    const at::Tensor r = at::rsqrt(at::square(centred).mean({2, 3}, true) + eps);
    const at::Tensor n = centred * r;
    return r * (g - g.mean({2, 3}, true) - n * (g * n).mean({2, 3}, true));
  }
};

// The transposed convolution on the CPU as what it is, the data gradient of a convolution. libtorch's own
// goes over a matrix product and a scatter, which takes twice as long; under bfloat16, 1.13's computes
// something else altogether.
struct ConvTranspose2d : torch::autograd::Function<ConvTranspose2d> {
  using Sizes = std::vector<int64_t>;

  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                            int64_t stride, int64_t padding, int64_t output_padding) {
    context->save_for_backward({x, weight});
    context->saved_data["stride"] = stride;
    context->saved_data["padding"] = padding;
    context->saved_data["output_padding"] = output_padding;
    const auto side = [&](int64_t axis) {
      return (x.size(axis) - 1) * stride - 2 * padding + weight.size(axis) + output_padding;
    };
    // Only its sizes are read.
    const at::Tensor output_like = at::empty({x.size(0), weight.size(1), side(2), side(3)}, x.options());
    return std::get<0>(at::convolution_backward(x, output_like, weight, c10::nullopt, Sizes{stride, stride},
                                                Sizes{padding, padding}, Sizes{1, 1}, /*transposed=*/false,
                                                Sizes{0, 0}, /*groups=*/1, {true, false, false}));
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const int64_t stride = context->saved_data["stride"].toInt();
    const int64_t padding = context->saved_data["padding"].toInt();
    const Sizes strides{stride, stride}, paddings{padding, padding}, none{0, 0}, dilation{1, 1};
    const at::Tensor g = gradients[0].contiguous();
    at::Tensor of_x, of_weight;
    if (c10::GradMode::is_enabled()) {
      // Asked for a gradient that can be differentiated again: libtorch's own operator can.
      const int64_t more = context->saved_data["output_padding"].toInt();
      std::tie(of_x, of_weight, std::ignore) =
          at::convolution_backward(g, x, weight, c10::nullopt, strides, paddings, dilation,
                                   /*transposed=*/true, Sizes{more, more}, /*groups=*/1, {true, true, false});
    } else {
      if (context->needs_input_grad(0)) of_x = at::conv2d(g, weight, {}, stride, padding);
      if (context->needs_input_grad(1)) {
        of_weight = std::get<1>(at::convolution_backward(x, g, weight, c10::nullopt, strides, paddings,
                                                         dilation, /*transposed=*/false, none, /*groups=*/1,
                                                         {false, true, false}));
      }
    }
    return {of_x, of_weight, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

bool autocasts_on_cpu() {
#if TORCH_VERSION_MAJOR > 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR >= 4)
  return at::autocast::is_autocast_enabled(at::kCPU);
#else
  return at::autocast::is_cpu_enabled();
#endif
}

at::Tensor conv_transpose2d(at::Tensor x, at::Tensor weight, const at::Tensor &bias, int64_t stride,
                            int64_t padding, int64_t output_padding) {
  if (x.device().is_cpu() && autocasts_on_cpu()) {
    x = at::autocast::cached_cast(at::kBFloat16, x, at::kCPU);
    weight = at::autocast::cached_cast(at::kBFloat16, weight, at::kCPU);
  }
  const bool has_kernel = x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16;
  if (!x.device().is_cpu() || !has_kernel || x.dim() != 4 || weight.dim() != 4) {
    return at::conv_transpose2d(x, weight, bias, stride, padding, output_padding);
  }
  TORCH_CHECK(x.size(1) == weight.size(0), "the input has ", x.size(1), " channels, the weight takes ",
              weight.size(0));
  at::Tensor y = ConvTranspose2d::apply(x.contiguous(), weight, stride, padding, output_padding);
  return bias.defined() ? y.add_(bias.view({1, -1, 1, 1})) : y;
}

}  // namespace

ctorch_status ctorch_conv2d(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                            int64_t stride, int64_t padding, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::conv2d(borrowed(x), borrowed(weight), borrowed_if_present(bias), stride, padding);
  });
}

ctorch_status ctorch_conv_transpose2d(const ctorch_tensor *x, const ctorch_tensor *weight,
                                      const ctorch_tensor *bias, int64_t stride, int64_t padding,
                                      int64_t output_padding, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return conv_transpose2d(borrowed(x), borrowed(weight), borrowed(bias), stride, padding, output_padding);
  });
}

ctorch_status ctorch_reflection_pad2d(const ctorch_tensor *x, int64_t top, int64_t bottom, int64_t left,
                                      int64_t right, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::reflection_pad2d(borrowed(x), {left, right, top, bottom});
  });
}

ctorch_status ctorch_instance_norm(const ctorch_tensor *x, double eps, ctorch_tensor **result,
                                   char **message) {
  return guarded_tensor(result, message, [&] {
    return at::instance_norm(borrowed(x), {}, {}, {}, {}, /*use_input_stats=*/true, /*momentum=*/0.1, eps,
                             /*cudnn_enabled=*/true);
  });
}

ctorch_status ctorch_instance_norm_leaky_relu(const ctorch_tensor *x, double eps, double slope,
                                              ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const at::Tensor input = borrowed(x);
    TORCH_CHECK(input.dim() == 4, "the input has ", input.dim(), " axes, not 4");
    TORCH_CHECK(input.size(2) * input.size(3) > 1, "a channel of one pixel has no variance");
    return InstanceNormLeakyRelu::apply(input, eps, slope);
  });
}

ctorch_status ctorch_batch_norm(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                                ctorch_tensor *running_mean, ctorch_tensor *running_variance, bool training,
                                double momentum, double eps, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::batch_norm(borrowed(x), borrowed_if_present(weight), borrowed_if_present(bias),
                          borrowed_if_present(running_mean), borrowed_if_present(running_variance), training,
                          momentum, eps, /*cudnn_enabled=*/true);
  });
}

ctorch_status ctorch_dropout(const ctorch_tensor *x, double probability, ctorch_tensor **result,
                             char **message) {
  return guarded_tensor(result, message,
                        [&] { return at::dropout(borrowed(x), probability, /*train=*/true); });
}
