#include <ATen/autocast_mode.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>
#include <array>
#include <exception>
#include <tuple>
#include <vector>

#include "blocked/layout.hpp"
#include "blocked/onednn.hpp"
#include "blocked/rows.hpp"
#include "parallel.hpp"
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

  at::Tensor forward(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias) const {
    return is_transposed ? at::conv_transpose2d(x, weight, bias, stride, padding, output_padding)
                         : at::conv2d(x, weight, bias, stride, padding);
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

// The weights' gradient from a batch of images and the gradients of the maps they became, [batch, ...] both;
// gradient_of(images, gradients) computes it for a batch of any size.
//
// oneDNN's bfloat16 kernels divide it among threads that wait for one another at every image, in a loop that
// never sleeps: beside another program that takes a core, ten times as slow. So each thread gets images of its
// own, and a sum is all they have to wait for.
template <class GradientOf>
at::Tensor weight_gradient(const at::Tensor &images, const at::Tensor &gradients,
                           const GradientOf &gradient_of) {
  const int64_t shares = at::get_num_threads();
  const int64_t batch = images.size(0);
  if (images.scalar_type() != at::kBFloat16 || shares == 1 || batch < shares || openmp().obstacle != nullptr) {
    return gradient_of(images, gradients);
  }
  const at::Tensor x = images.detach(), g = gradients.detach();
  std::vector<at::Tensor> sums(shares);
  std::vector<std::exception_ptr> failures(shares);
  parallel_for(shares, [&](int64_t begin, int64_t end) {
    // The first use of libtorch in a thread sets the number of threads; kernels divide their work by it.
    at::internal::lazy_init_num_threads();
    openmp().set_thread_count(1);
    for (int64_t share = begin; share < end; ++share) {
      try {
        const int64_t first = batch * share / shares, next = batch * (share + 1) / shares;
        sums[share] = gradient_of(x.narrow(0, first, next - first), g.narrow(0, first, next - first));
      } catch (...) {
        failures[share] = std::current_exception();
      }
    }
  });
  for (const std::exception_ptr &failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
  // Kernels are chosen by shape; there may be none for a share.
  if (std::any_of(sums.begin(), sums.end(), [](const at::Tensor &sum) { return !sum.defined(); })) return {};
  const at::Tensor sum = sums[0].to(at::kFloat);
  for (int64_t share = 1; share < shares; ++share) sum.add_(sums[share]);
  return sum.to(sums[0].scalar_type());
}

// A convolution on the CPU in libtorch's own layout, with the weights' gradient by shares. The transposed one
// is run as what it is, the data gradient of a convolution: libtorch's own goes over a matrix product and a
// scatter, which takes twice as long; under bfloat16, 1.13's computes something else altogether.
struct PlainConvolution : torch::autograd::Function<PlainConvolution> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                            const c10::optional<at::Tensor> &bias, Geometry geometry) {
    context->save_for_backward({x, weight});
    context->saved_data["has_bias"] = bias.has_value();
    geometry.save(context);
    if (!geometry.is_transposed) return geometry.forward(x, weight, bias.value_or(at::Tensor()));
    at::Tensor y = transposed(x, weight, geometry);
    return bias ? y.add_(bias->view({1, -1, 1, 1})) : y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const Geometry geometry = Geometry::saved(context);
    const at::Tensor g = gradients[0].contiguous();
    at::Tensor of_x, of_weight;
    const bool wants_bias = context->saved_data["has_bias"].toBool() && context->needs_input_grad(2);
    const at::Tensor of_bias = wants_bias ? g.sum({0, 2, 3}) : at::Tensor();
    if (c10::GradMode::is_enabled()) {
      // Asked for a gradient that can be differentiated again: libtorch's own operator can.
      std::tie(of_x, of_weight, std::ignore) = geometry.backward(g, x, weight, {true, true, false});
      return {of_x, of_weight, of_bias, at::Tensor()};
    }
    if (context->needs_input_grad(0)) {
      of_x = geometry.is_transposed ? at::conv2d(g, weight, {}, geometry.stride, geometry.padding)
                                    : std::get<0>(of_convolution(g, x, weight, geometry, {true, false, false}));
    }
    if (context->needs_input_grad(1)) {
      const at::Tensor &image = geometry.is_transposed ? g : x, &map = geometry.is_transposed ? x : g;
      of_weight = weight_gradient(image, map, [&](const at::Tensor &image, const at::Tensor &map) {
        return std::get<1>(of_convolution(map, image, weight, geometry, {false, true, false}));
      });
    }
    return {of_x, of_weight, of_bias, at::Tensor()};
  }

 private:
  static at::Tensor transposed(const at::Tensor &x, const at::Tensor &weight, Geometry geometry) {
    // Only its sizes are read.
    const at::Tensor image_like =
        at::empty({x.size(0), weight.size(1), geometry.result(x.size(2), weight.size(2)),
                   geometry.result(x.size(3), weight.size(3))},
                  x.options());
    return std::get<0>(of_convolution(x, image_like, weight, geometry, {true, false, false}));
  }

  // Gradients of the convolution, also where this is the transposed one.
  static std::tuple<at::Tensor, at::Tensor, at::Tensor> of_convolution(const at::Tensor &gradient,
                                                                       const at::Tensor &image,
                                                                       const at::Tensor &weight,
                                                                       Geometry geometry,
                                                                       std::array<bool, 3> wanted) {
    return Geometry{geometry.stride, geometry.padding, 0, false}.backward(gradient, image, weight, wanted);
  }
};

// A convolution, or a transposed one, whose result and, but for images of few channels, input are in
// channel blocks. Each pass runs in whichever arithmetic is fastest for its shape.
struct BlockedConvolution : torch::autograd::Function<BlockedConvolution> {
  // `x` is contiguous: a copy made in here would be cut off from what a second derivative has to reach. That
  // is so for the bfloat16 copy, whose weights' gradient cannot be differentiated by `x`.
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                            const c10::intrusive_ptr<onednn::WeightOrders> &orders, Geometry geometry,
                            bool allow_bfloat16) {
    const auto convolution = describe(x, weight, geometry);
    const auto pass = geometry.is_transposed ? Pass::data : Pass::forward;
    const auto arithmetic = onednn::fastest(convolution, pass, allow_bfloat16);
    // What the weights' pass will read is kept in the type it will read.
    const bool keeps_half =
        arithmetic == onednn::Arithmetic::bfloat16 &&
        onednn::fastest(convolution, Pass::weights, allow_bfloat16) == onednn::Arithmetic::bfloat16;
    const at::Tensor source = keeps_half ? x.to(at::kBFloat16) : x;
    const onednn::Weights weights{weight, orders};
    at::Tensor y = geometry.is_transposed ? onednn::data_gradient(convolution, arithmetic, source, weights)
                                          : onednn::forward(convolution, arithmetic, source, weights);
    if (!y.defined()) y = to_blocks(in_plain_layout(x, weight, geometry));
    context->save_for_backward({source, weight});
    context->saved_data["orders"] = c10::IValue::make_capsule(orders);
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
        const onednn::Weights weights{weight, onednn::saved_orders(context->saved_data["orders"])};
        of_x = geometry.is_transposed ? onednn::forward(convolution, for_data, g, weights)
                                      : onednn::data_gradient(convolution, for_data, g, weights);
        if (of_x.defined() && !has_blocks(x)) of_x = from_blocks(of_x).narrow(1, 0, x.size(1));
      }
      if (wants_weight) {
        const at::Tensor &image = geometry.is_transposed ? g : x, &map = geometry.is_transposed ? x : g;
        of_weight = weight_gradient(image, map, [&](const at::Tensor &image, const at::Tensor &map) {
          auto share = convolution;
          share.batch = image.size(0);
          return onednn::weight_gradient(share, for_weights, image, map);
        });
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
    return {of_x, of_weight, at::Tensor(), at::Tensor(), at::Tensor()};
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
    TORCH_CHECK(covers && out_height > 0 && out_width > 0, "a map of ", height, "x", width,
                " is too small for the kernel of ", kernel_height, "x", kernel_width);
    onednn::Convolution c{};
    c.batch = x.size(0);
    c.out_channels = weight.size(0);
    c.in_channels = weight.size(1);
    std::tie(c.in_height, c.in_width) =
        geometry.is_transposed ? std::make_tuple(out_height, out_width) : std::make_tuple(height, width);
    std::tie(c.out_height, c.out_width) =
        geometry.is_transposed ? std::make_tuple(height, width) : std::make_tuple(out_height, out_width);
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
    return geometry.forward(plain_float(x), weight, {});
  }
};

bool autocasts_on_cpu() {
#if TORCH_AT_LEAST(2, 4)
  return at::autocast::is_autocast_enabled(at::kCPU);
#else
  return at::autocast::is_cpu_enabled();
#endif
}

// A convolution in libtorch's own layout.
at::Tensor convolve_plain(at::Tensor x, at::Tensor weight, at::Tensor bias, Geometry geometry) {
  if (x.device().is_cpu() && autocasts_on_cpu()) {
    for (at::Tensor *tensor : {&x, &weight, &bias}) {
      if (tensor->defined()) *tensor = at::autocast::cached_cast(at::kBFloat16, *tensor, at::kCPU);
    }
  }
  const bool is_ours =
      x.device().is_cpu() && x.dim() == 4 && weight.dim() == 4 &&
      (x.scalar_type() == at::kBFloat16 || (geometry.is_transposed && x.scalar_type() == at::kFloat));
  if (!is_ours) return geometry.forward(x, weight, bias);
  const int64_t channels = geometry.is_transposed ? weight.size(0) : weight.size(1);
  TORCH_CHECK(x.size(1) == channels, "the input has ", x.size(1), " channels, the weight takes ", channels);
  return PlainConvolution::apply(x.contiguous(), weight,
                                 bias.defined() ? c10::make_optional(bias) : c10::nullopt, geometry);
}

// Whether the first convolution of a network puts its result into blocks: where an image of few channels comes
// in, which the kernels take as it is. A kernel of 1x1 is a matrix product, which gains nothing. Without
// gradients, larger maps go in as well: tiles of one that was put together in the usual layout.
bool begins_blocks(const at::Tensor &x, const at::Tensor &weight) {
  return onednn::is_available() && x.device().is_cpu() && x.dim() == 4 && x.scalar_type() == at::kFloat &&
         weight.dim() == 4 && weight.scalar_type() == at::kFloat && weight.size(2) * weight.size(3) > 1 &&
         (x.size(1) <= 4 || (fill_blocks(x.size(1)) && !c10::GradMode::is_enabled()));
}

at::Tensor with_bias(const at::Tensor &blocked, const at::Tensor &bias) {
  return bias.defined() ? blocked + bias.view({-1, 1, 1, kLanes}) : blocked;
}

// Where a layer's weights are kept in the orders of kernels.
c10::intrusive_ptr<onednn::WeightOrders> orders_of(const ctorch_tensor *weight) {
  if (!weight->orders) weight->orders = c10::make_intrusive<onednn::WeightOrders>();
  return weight->orders;
}

ctorch_tensor conv2d(const ctorch_tensor &x, const ctorch_tensor *handle, const at::Tensor &bias,
                     int64_t stride, int64_t padding) {
  const at::Tensor weight = plain(handle);
  const Geometry geometry{stride, padding, 0, false};
  if (!x.is_blocked && !begins_blocks(x.values, weight)) {
    return convolve_plain(x.values, weight, bias, geometry);
  }
  const bool gives_blocks = weight.dim() == 4 && fill_blocks(weight.size(0));
  const bool goes_by_rows = !gives_blocks && can_convolve_rows(weight, stride);
  if (!gives_blocks && !(x.is_blocked && goes_by_rows)) {
    return convolve_plain(plain(&x), weight, bias, geometry);
  }

  const int64_t channels = blocks::sizes(x)[1];
  TORCH_CHECK(channels == weight.size(1), "the input has ", channels, " channels, the weight takes ",
              weight.size(1));
  const at::Tensor input =
      (x.is_blocked || !fill_blocks(channels) ? x.values : to_blocks(x.values)).contiguous();
  if (goes_by_rows)
    return row_convolution(input, {weight, orders_of(handle)}, bias, padding, autocasts_on_cpu());
  return {with_bias(BlockedConvolution::apply(input, weight, orders_of(handle), geometry, autocasts_on_cpu()),
                    bias),
          true};
}

ctorch_tensor conv_transpose2d(const ctorch_tensor &input, const ctorch_tensor *handle, const at::Tensor &bias,
                               int64_t stride, int64_t padding, int64_t output_padding) {
  const at::Tensor weight = plain(handle);
  const Geometry geometry{stride, padding, output_padding, true};
  if (input.is_blocked && weight.dim() == 4 && fill_blocks(weight.size(1))) {
    const int64_t channels = blocks::sizes(input)[1];
    TORCH_CHECK(channels == weight.size(0), "the input has ", channels, " channels, the weight takes ",
                weight.size(0));
    return {with_bias(BlockedConvolution::apply(input.values.contiguous(), weight, orders_of(handle), geometry,
                                                autocasts_on_cpu()),
                      bias),
            true};
  }
  return convolve_plain(plain(&input), weight, bias, geometry);
}

}  // namespace

ctorch_status ctorch_conv2d(const ctorch_tensor *x, const ctorch_tensor *weight, const ctorch_tensor *bias,
                            int64_t stride, int64_t padding, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message,
                        [&] { return conv2d(borrowed(x), weight, plain(bias), stride, padding); });
}

ctorch_status ctorch_conv_transpose2d(const ctorch_tensor *x, const ctorch_tensor *weight,
                                      const ctorch_tensor *bias, int64_t stride, int64_t padding,
                                      int64_t output_padding, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return conv_transpose2d(borrowed(x), weight, plain(bias), stride, padding, output_padding);
  });
}
