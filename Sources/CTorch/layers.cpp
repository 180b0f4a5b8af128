#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>

#include "blocked/layout.hpp"
#include "blocked/norm.hpp"
#include "channels_last.hpp"
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
    if (c10::GradMode::is_enabled()) {
      return {blocks::instance_norm_gradient(x, gradients[0], eps, slope), at::Tensor(), at::Tensor()};
    }
    // y has the sign of n, so the ReLU's derivative can be read off y.
    const at::Tensor through_relu =
        slope == 0 ? at::threshold_backward(gradients[0], y, 0)
                   : at::leaky_relu_backward(gradients[0], y, slope, /*self_is_result=*/true);
    const auto shape = as_channels(x);
    const auto gradient = at::native_batch_norm_backward(
        through_relu.contiguous().view(shape), x.contiguous().view(shape), {}, {}, {}, saved[1], saved[2],
        /*train=*/true, eps, {true, false, false});
    return {std::get<0>(gradient).view(x.sizes()), at::Tensor(), at::Tensor()};
  }
};

// What an operator on [batch, channel, height, width] makes of a map in blocks. A block of 16 channels is an
// image whose channels lie next to each other, which libtorch has kernels for.
template <class Operator>
at::Tensor as_maps(const at::Tensor &blocked, const Operator &apply) {
  const at::Tensor maps =
      blocked.reshape({-1, blocked.size(2), blocked.size(3), blocked.size(4)}).permute({0, 3, 1, 2});
  const at::Tensor result = apply(maps).permute({0, 2, 3, 1});
  return result.reshape({blocked.size(0), blocked.size(1), result.size(1), result.size(2), result.size(3)});
}

// Of a map in either of libtorch's layouts.
at::Tensor reflection_pad(const at::Tensor &x, int64_t top, int64_t bottom, int64_t left, int64_t right) {
  return channels_last::keeps(x) ? channels_last::reflection_pad(x, top, bottom, left, right)
                                 : at::reflection_pad2d(x, {left, right, top, bottom});
}

at::Tensor instance_norm(const at::Tensor &x, double eps, double slope) {
  if (channels_last::keeps(x)) return channels_last::instance_norm(x, eps, slope);
  return slope == 1 ? at::instance_norm(x, {}, {}, {}, {}, /*use_input_stats=*/true,
                                        /*momentum=*/0.1, eps, /*cudnn_enabled=*/true)
                    : InstanceNormLeakyRelu::apply(x, eps, slope);
}

}  // namespace

ctorch_status ctorch_reflection_pad2d(const ctorch_tensor *x, int64_t top, int64_t bottom, int64_t left,
                                      int64_t right, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const ctorch_tensor &input = borrowed(x);
    return input.is_blocked
               ? ctorch_tensor(blocks::reflection_pad(input.values, top, bottom, left, right), true)
               : ctorch_tensor(reflection_pad(input.values, top, bottom, left, right));
  });
}

ctorch_status ctorch_double_bilinear(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const ctorch_tensor &input = borrowed(x);
    const auto doubled = [](const at::Tensor &map) {
      return at::upsample_bilinear2d(map, {2 * map.size(2), 2 * map.size(3)}, /*align_corners=*/false, 2.0,
                                     2.0);
    };
    if (!input.is_blocked) return ctorch_tensor(doubled(input.values));
    return ctorch_tensor(as_maps(input.values, doubled), true);
  });
}

ctorch_status ctorch_smooth(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const ctorch_tensor &input = borrowed(x);
    const auto smooth = [](const at::Tensor &padded) {
      // Four passes over a map of float32: there is nothing to gain from fewer digits.
      const c10::impl::ExcludeDispatchKeyGuard without_autocast(
          c10::DispatchKeySet({c10::DispatchKey::AutocastCPU, c10::DispatchKey::AutocastCUDA}));
      // Made on the device, which nobody has to wait for.
      const at::Tensor line = at::full({3}, 0.25, padded.options().dtype(at::kFloat));
      line.select(0, 1).fill_(0.5);
      const int64_t channels = padded.size(1);
      const at::Tensor kernel = at::outer(line, line).to(padded.scalar_type());
      const int64_t stride = 1, padding = 0, dilation = 1;
      return at::conv2d(padded, kernel.expand({channels, 1, 3, 3}).contiguous(), {}, stride, padding, dilation,
                        channels);
    };
    if (!input.is_blocked) return ctorch_tensor(smooth(reflection_pad(input.values, 1, 1, 1, 1)));
    const at::Tensor padded = blocks::reflection_pad(input.values, 1, 1, 1, 1);
    return ctorch_tensor(as_maps(padded, smooth), true);
  });
}

ctorch_status ctorch_instance_norm(const ctorch_tensor *x, double eps, double slope,
                                   const ctorch_tensor *residual, int64_t padding, ctorch_tensor **result,
                                   char **message) {
  return guarded_tensor(result, message, [&] {
    if (borrowed(x).is_blocked) {
      // Beside a layer that does not run in blocks it may be bfloat16.
      const at::Tensor rest = residual ? blocks::to_blocks(borrowed(residual)).to(at::kFloat) : at::Tensor();
      return ctorch_tensor(blocks::instance_norm(borrowed(x).values, eps, slope, rest, padding), true);
    }
    const at::Tensor input = plain(x), rest = plain(residual);
    TORCH_CHECK(input.dim() == 4, "the input has ", input.dim(), " axes, not 4");
    TORCH_CHECK(input.size(2) * input.size(3) > 1, "a channel of one pixel has no variance");
    at::Tensor y = instance_norm(input, eps, slope);
    if (rest.defined()) y = y + rest;
    return ctorch_tensor(padding == 0 ? y : reflection_pad(y, padding, padding, padding, padding));
  });
}

// libtorch's, which knows only the usual layout.
ctorch_status ctorch_batch_norm(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                                ctorch_tensor *running_mean, ctorch_tensor *running_variance, bool training,
                                double momentum, double eps, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return at::batch_norm(plain(x), plain_if_present(weight), plain_if_present(bias),
                          plain_if_present(running_mean), plain_if_present(running_variance), training,
                          momentum, eps, /*cudnn_enabled=*/true);
  });
}

ctorch_status ctorch_linear(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                            ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message,
                        [&] { return at::linear(plain(x), plain(weight), plain_if_present(bias)); });
}
