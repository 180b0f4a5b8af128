#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>

#include <array>
#include <tuple>

#include "blocked/layout.hpp"
#include "blocked/onednn.hpp"
#include "blocked/rows.hpp"
#include "shim.hpp"

namespace {

using onednn::Pass;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;
using Sizes = std::vector<int64_t>;
using blocks::fill_blocks;
using blocks::from_blocks;
using blocks::kLanes;
using blocks::to_blocks;

// How a convolution reads its image.
struct Geometry {
  int64_t stride, padding, output_padding;
  // The data pass of a convolution instead of its forward pass.
  bool is_transposed;

  void save(AutogradContext *context) const {
    context->saved_data["geometry"] = std::vector<int64_t>{stride, padding, output_padding, is_transposed};
  }

  static Geometry saved(AutogradContext *context) {
    const auto values = context->saved_data["geometry"].toIntVector();
    return {values[0], values[1], values[2], values[3] != 0};
  }

  // The side of the result for one axis.
  int64_t result(int64_t side, int64_t kernel) const {
    return is_transposed ? (side - 1) * stride - 2 * padding + kernel + output_padding
                         : (side + 2 * padding - kernel) / stride + 1;
  }

  // libtorch's gradients by x, the weight and the bias.
  std::tuple<at::Tensor, at::Tensor, at::Tensor> backward(const at::Tensor &gradient, const at::Tensor &x,
                                                          const at::Tensor &weight,
                                                          std::array<bool, 3> wanted) const {
    return at::convolution_backward(gradient, x, weight, c10::nullopt, Sizes{stride, stride},
                                    Sizes{padding, padding}, Sizes{1, 1}, is_transposed,
                                    Sizes{output_padding, output_padding}, /*groups=*/1, wanted);
  }
};

// The transposed convolution on the CPU as what it is, the data gradient of a convolution. libtorch's own
// goes over a matrix product and a scatter, which takes twice as long; under bfloat16, 1.13's computes
// something else altogether.
struct ConvTranspose2d : torch::autograd::Function<ConvTranspose2d> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                            Geometry geometry) {
    context->save_for_backward({x, weight});
    geometry.save(context);
    // Only its sizes are read.
    const at::Tensor output_like =
        at::empty({x.size(0), weight.size(1), geometry.result(x.size(2), weight.size(2)),
                   geometry.result(x.size(3), weight.size(3))},
                  x.options());
    return std::get<0>(of_convolution(x, output_like, weight, geometry, {true, false, false}));
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const Geometry geometry = Geometry::saved(context);
    const at::Tensor g = gradients[0].contiguous();
    at::Tensor of_x, of_weight;
    if (c10::GradMode::is_enabled()) {
      // Asked for a gradient that can be differentiated again: libtorch's own operator can.
      std::tie(of_x, of_weight, std::ignore) = geometry.backward(g, x, weight, {true, true, false});
    } else {
      if (context->needs_input_grad(0)) of_x = at::conv2d(g, weight, {}, geometry.stride, geometry.padding);
      if (context->needs_input_grad(1)) {
        of_weight = std::get<1>(of_convolution(x, g, weight, geometry, {false, true, false}));
      }
    }
    return {of_x, of_weight, at::Tensor()};
  }

  // Gradients of the convolution from the transposed one's result to its input.
  static std::tuple<at::Tensor, at::Tensor, at::Tensor> of_convolution(
      const at::Tensor &gradient, const at::Tensor &x, const at::Tensor &weight, Geometry geometry,
      std::array<bool, 3> wanted) {
    return Geometry{geometry.stride, geometry.padding, 0, false}.backward(gradient, x, weight, wanted);
  }
};

// A convolution, or a transposed one, whose result and, but for images of few channels, input are in
// channel blocks. Each pass runs in whichever arithmetic is fastest for its shape.
struct BlockedConvolution : torch::autograd::Function<BlockedConvolution> {
  // `x` is contiguous: a copy made in here would be cut off from what a second derivative has to reach. That
  // is so for the bfloat16 copy, whose weights' gradient cannot be differentiated by `x`.
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                            Geometry geometry, bool allow_bfloat16) {
    const auto convolution = describe(x, weight, geometry);
    const auto pass = geometry.is_transposed ? Pass::data : Pass::forward;
    const auto arithmetic = onednn::fastest(convolution, pass, allow_bfloat16);
    // What the weights' pass will read is kept in the type it will read.
    const bool keeps_half =
        arithmetic == onednn::Arithmetic::bfloat16 &&
        onednn::fastest(convolution, Pass::weights, allow_bfloat16) == onednn::Arithmetic::bfloat16;
    const at::Tensor source = keeps_half ? x.to(at::kBFloat16) : x;
    at::Tensor y = geometry.is_transposed ? onednn::data_gradient(convolution, arithmetic, source, weight)
                                          : onednn::forward(convolution, arithmetic, source, weight);
    if (!y.defined()) y = to_blocks(in_plain_layout(x, weight, geometry));
    context->save_for_backward({source, weight});
    context->saved_data["allow_bfloat16"] = allow_bfloat16;
    geometry.save(context);
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const Geometry geometry = Geometry::saved(context);
    const bool allow_bfloat16 = context->saved_data["allow_bfloat16"].toBool();
    const bool wants_x = context->needs_input_grad(0), wants_weight = context->needs_input_grad(1);
    at::Tensor of_x, of_weight;
    if (!c10::GradMode::is_enabled()) {
      const auto convolution = describe(x, weight, geometry);
      const auto data_pass = geometry.is_transposed ? Pass::forward : Pass::data;
      const auto for_data = onednn::fastest(convolution, data_pass, allow_bfloat16);
      const auto for_weights = onednn::fastest(convolution, Pass::weights, allow_bfloat16);
      at::Tensor g = gradients[0].contiguous();
      // Converted once where both passes want it.
      if (for_weights == onednn::Arithmetic::bfloat16 &&
          (!wants_x || for_data == onednn::Arithmetic::bfloat16)) {
        g = g.to(at::kBFloat16);
      }
      if (wants_x) {
        of_x = geometry.is_transposed ? onednn::forward(convolution, for_data, g, weight)
                                      : onednn::data_gradient(convolution, for_data, g, weight);
        if (of_x.defined() && !has_blocks(x)) of_x = from_blocks(of_x).narrow(1, 0, x.size(1));
      }
      if (wants_weight) {
        of_weight = geometry.is_transposed ? onednn::weight_gradient(convolution, for_weights, g, x)
                                           : onednn::weight_gradient(convolution, for_weights, x, g);
      }
    }
    if ((wants_x && !of_x.defined()) || (wants_weight && !of_weight.defined())) {
      // libtorch's operator, also where the gradient has to be differentiable again.
      at::Tensor plain_x, plain_weight;
      std::tie(plain_x, plain_weight, std::ignore) =
          geometry.backward(from_blocks(gradients[0]), plain_float(x), weight,
                            {wants_x && !of_x.defined(), wants_weight && !of_weight.defined(), false});
      if (plain_x.defined()) of_x = has_blocks(x) ? to_blocks(plain_x) : plain_x;
      if (plain_weight.defined()) of_weight = plain_weight;
    }
    return {of_x, of_weight, at::Tensor(), at::Tensor()};
  }

  // Its input is in blocks, or an image of few channels.
  static bool has_blocks(const at::Tensor &x) { return x.dim() == 5; }

  static onednn::Convolution describe(const at::Tensor &x, const at::Tensor &weight, Geometry geometry) {
    const int64_t height = x.size(2), width = x.size(3);
    const int64_t kernel_height = weight.size(2), kernel_width = weight.size(3);
    const int64_t out_height = geometry.result(height, kernel_height);
    const int64_t out_width = geometry.result(width, kernel_width);
    // A transposed convolution puts whole kernels down, however small the map.
    const bool covers = geometry.is_transposed || (height + 2 * geometry.padding >= kernel_height &&
                                                   width + 2 * geometry.padding >= kernel_width);
    TORCH_CHECK(covers && out_height > 0 && out_width > 0,
                "a map of ", height, "x", width, " is too small for the kernel of ", kernel_height, "x",
                kernel_width);
    onednn::Convolution c{};
    c.batch = x.size(0);
    c.out_channels = weight.size(0);
    c.in_channels = weight.size(1);
    std::tie(c.in_height, c.in_width) = geometry.is_transposed ? std::make_tuple(out_height, out_width)
                                                               : std::make_tuple(height, width);
    std::tie(c.out_height, c.out_width) = geometry.is_transposed ? std::make_tuple(height, width)
                                                                 : std::make_tuple(out_height, out_width);
    c.kernel_height = kernel_height;
    c.kernel_width = kernel_width;
    c.stride = geometry.stride;
    c.padding_top = c.padding_left = geometry.padding;
    // What the last kernel position reaches beyond the image; less than on the other side where the
    // stride does not divide.
    c.padding_bottom = (c.out_height - 1) * c.stride + kernel_height - c.in_height - geometry.padding;
    c.padding_right = (c.out_width - 1) * c.stride + kernel_width - c.in_width - geometry.padding;
    return c;
  }

  static at::Tensor plain_float(const at::Tensor &x) {
    return has_blocks(x) ? from_blocks(x.to(at::kFloat)) : x.to(at::kFloat);
  }

  static at::Tensor in_plain_layout(const at::Tensor &x, const at::Tensor &weight, Geometry geometry) {
    // Blocked maps are float32, in autocast as well.
    const c10::impl::ExcludeDispatchKeyGuard without_autocast(c10::DispatchKey::AutocastCPU);
    return geometry.is_transposed
               ? at::conv_transpose2d(plain_float(x), weight, {}, geometry.stride, geometry.padding,
                                      geometry.output_padding)
               : at::conv2d(plain_float(x), weight, {}, geometry.stride, geometry.padding);
  }
};

bool autocasts_on_cpu() {
#if TORCH_AT_LEAST(2, 4)
  return at::autocast::is_autocast_enabled(at::kCPU);
#else
  return at::autocast::is_cpu_enabled();
#endif
}

// Whether the first convolution of a network puts its result into blocks: where an image of few channels comes in,
// which the kernels take as it is. A kernel of 1x1 is a matrix product, which gains nothing. Without gradients,
// larger maps go in as well: tiles of one that was put together in the usual layout.
bool begins_blocks(const at::Tensor &x, const at::Tensor &weight) {
  return onednn::is_available() && x.device().is_cpu() && x.dim() == 4 && x.scalar_type() == at::kFloat &&
         weight.dim() == 4 && weight.scalar_type() == at::kFloat && weight.size(2) * weight.size(3) > 1 &&
         (x.size(1) <= 4 || (fill_blocks(x.size(1)) && !c10::GradMode::is_enabled()));
}

at::Tensor with_bias(const at::Tensor &blocked, const at::Tensor &bias) {
  return bias.defined() ? blocked + bias.view({-1, 1, 1, kLanes}) : blocked;
}

ctorch_tensor conv2d(const ctorch_tensor &x, const at::Tensor &weight, const at::Tensor &bias, int64_t stride,
                     int64_t padding) {
  if (!x.is_blocked && !begins_blocks(x.values, weight)) {
    return at::conv2d(x.values, weight, bias, stride, padding);
  }
  const bool gives_blocks = weight.dim() == 4 && fill_blocks(weight.size(0));
  const bool goes_by_rows = !gives_blocks && can_convolve_rows(weight, stride);
  if (!x.is_blocked && !gives_blocks) return at::conv2d(x.values, weight, bias, stride, padding);
  if (!gives_blocks && !goes_by_rows) return at::conv2d(from_blocks(x.values), weight, bias, stride, padding);

  const int64_t channels = blocks::sizes(x)[1];
  TORCH_CHECK(channels == weight.size(1), "the input has ", channels, " channels, the weight takes ",
              weight.size(1));
  const at::Tensor input = (x.is_blocked || !fill_blocks(channels) ? x.values : to_blocks(x.values)).contiguous();
  if (goes_by_rows) return row_convolution(input, weight, bias, padding, autocasts_on_cpu());
  return {with_bias(BlockedConvolution::apply(input, weight, Geometry{stride, padding, 0, false},
                                              autocasts_on_cpu()),
                    bias),
          true};
}

ctorch_tensor conv_transpose2d(const ctorch_tensor &input, at::Tensor weight, const at::Tensor &bias,
                               int64_t stride, int64_t padding, int64_t output_padding) {
  const Geometry geometry{stride, padding, output_padding, true};
  if (input.is_blocked && weight.dim() == 4 && fill_blocks(weight.size(1))) {
    const int64_t channels = blocks::sizes(input)[1];
    TORCH_CHECK(channels == weight.size(0), "the input has ", channels, " channels, the weight takes ",
                weight.size(0));
    return {with_bias(BlockedConvolution::apply(input.values.contiguous(), weight, geometry, autocasts_on_cpu()),
                      bias),
            true};
  }
  at::Tensor x = plain(&input);
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
  at::Tensor y = ConvTranspose2d::apply(x.contiguous(), weight, geometry);
  return bias.defined() ? y.add_(bias.view({1, -1, 1, 1})) : y;
}

}  // namespace

ctorch_status ctorch_conv2d(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                            int64_t stride, int64_t padding, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message,
                        [&] { return conv2d(borrowed(x), plain(weight), plain(bias), stride, padding); });
}

ctorch_status ctorch_conv_transpose2d(const ctorch_tensor *x, const ctorch_tensor *weight,
                                      const ctorch_tensor *bias, int64_t stride, int64_t padding,
                                      int64_t output_padding, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return conv_transpose2d(borrowed(x), plain(weight), plain(bias), stride, padding, output_padding);
  });
}
