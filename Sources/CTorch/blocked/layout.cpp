#include "blocked/layout.hpp"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>

#include "blocked/kernels.hpp"
#include "blocked/onednn.hpp"
#include "parallel.hpp"
#include "shim.hpp"

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Of a map that is not padded.
blocks::Plane plane_of(const at::Tensor &x, int64_t padding) { return {x.size(2), x.size(3), padding}; }

at::Tensor resized(const at::Tensor &x, int64_t difference) {
  return at::empty({x.size(0), x.size(1), x.size(2) + difference, x.size(3) + difference, x.size(4)},
                   x.options());
}

// Calls body(plane's number) for every plane of a map, on all threads.
template <class Body>
void for_each_plane(const at::Tensor &x, const Body &body) {
  parallel_for(x.size(0) * x.size(1), [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) body(i);
  });
}

struct BlockedReflectionPad : torch::autograd::Function<BlockedReflectionPad> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, int64_t padding) {
    context->saved_data["padding"] = padding;
    const at::Tensor x = input.contiguous(), y = resized(x, 2 * padding);
    const auto plane = plane_of(x, padding);
    const float *in = x.data_ptr<float>();
    float *out = y.data_ptr<float>();
    for_each_plane(x, [&](int64_t i) {
      blocks::pad(in + i * plane.size(), out + i * plane.padded_size(), plane);
    });
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const int64_t padding = context->saved_data["padding"].toInt();
    return {fold(gradients[0], padding), at::Tensor()};
  }

  static at::Tensor fold(const at::Tensor &gradient, int64_t padding);
};

// The gradient of the padding, which is linear: its own gradient is the padding again.
struct BlockedFold : torch::autograd::Function<BlockedFold> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &gradient, int64_t padding) {
    context->saved_data["padding"] = padding;
    const at::Tensor g = gradient.contiguous(), result = resized(g, -2 * padding);
    const auto plane = plane_of(result, padding);
    const float *in = g.data_ptr<float>();
    float *out = result.data_ptr<float>();
    for_each_plane(result, [&](int64_t i) {
      blocks::fold(in + i * plane.padded_size(), out + i * plane.size(), plane);
    });
    return result;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    return {BlockedReflectionPad::apply(gradients[0], context->saved_data["padding"].toInt()), at::Tensor()};
  }
};

at::Tensor BlockedReflectionPad::fold(const at::Tensor &gradient, int64_t padding) {
  return BlockedFold::apply(gradient, padding);
}

static_assert(sizeof(blocks::Statistics) == 2 * blocks::kLanes * sizeof(float),
              "statistics are kept as a tensor of 32 numbers for each plane");

struct BlockedInstanceNorm : torch::autograd::Function<BlockedInstanceNorm> {
  // `x` is contiguous: a copy made in here would be cut off from what a second derivative has to reach.
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, double eps, double slope,
                            const at::Tensor &residual, bool has_residual, int64_t padding) {
    const at::Tensor y = resized(x, 2 * padding);
    const at::Tensor added = has_residual ? residual.contiguous() : at::Tensor();
    const at::Tensor statistics =
        at::empty({x.size(0), x.size(1), 2 * blocks::kLanes}, x.options());
    const auto plane = plane_of(x, padding);
    const float *in = x.data_ptr<float>();
    const float *rest = added.defined() ? added.data_ptr<float>() : nullptr;
    float *out = y.data_ptr<float>();
    auto *found = reinterpret_cast<blocks::Statistics *>(statistics.data_ptr<float>());
    for_each_plane(x, [&](int64_t i) {
      const float *from = in + i * plane.size();
      found[i] = blocks::statistics(from, plane, eps);
      blocks::normalize(from, found[i], static_cast<float>(slope), rest ? rest + i * plane.size() : nullptr,
                        out + i * plane.padded_size(), plane);
    });
    context->save_for_backward({x, statistics});
    context->saved_data["eps"] = eps;
    context->saved_data["slope"] = slope;
    context->saved_data["padding"] = padding;
    context->saved_data["has_residual"] = has_residual;
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &statistics = saved[1];
    const double eps = context->saved_data["eps"].toDouble();
    const double slope = context->saved_data["slope"].toDouble();
    const int64_t padding = context->saved_data["padding"].toInt();
    const bool has_residual = context->saved_data["has_residual"].toBool();
    if (c10::GradMode::is_enabled()) {
      const at::Tensor g = padding == 0 ? gradients[0] : BlockedReflectionPad::fold(gradients[0], padding);
      return {differentiable_gradient(x, g, eps, slope), at::Tensor(), at::Tensor(),
              has_residual ? g : at::Tensor(), at::Tensor(), at::Tensor()};
    }
    const at::Tensor g = gradients[0].contiguous(), result = at::empty_like(x);
    const auto plane = plane_of(x, padding);
    const float *in = x.data_ptr<float>(), *slopes = g.data_ptr<float>();
    float *out = result.data_ptr<float>();
    const auto *found = reinterpret_cast<const blocks::Statistics *>(statistics.data_ptr<float>());
    for_each_plane(x, [&](int64_t i) {
      blocks::normalize_gradient(in + i * plane.size(), found[i], static_cast<float>(slope),
                                 slopes + i * plane.padded_size(), out + i * plane.size(), plane);
    });
    at::Tensor of_residual;
    if (has_residual) of_residual = padding == 0 ? g : BlockedReflectionPad::fold(g, padding);
    return {result, at::Tensor(), at::Tensor(), of_residual, at::Tensor(), at::Tensor()};
  }

  // From operators that autograd can differentiate once more, for the gradient penalty.
  static at::Tensor differentiable_gradient(const at::Tensor &x, const at::Tensor &gradient, double eps,
                                            double slope) {
    const at::Tensor centerd = x - x.mean({2, 3}, true);
    const at::Tensor r = at::rsqrt(at::square(centerd).mean({2, 3}, true) + eps);
    const at::Tensor n = centerd * r;
    const at::Tensor g = gradient * at::where(n > 0, 1.0, slope).to(gradient.scalar_type());
    return r * (g - g.mean({2, 3}, true) - n * (g * n).mean({2, 3}, true));
  }
};

void check_blocked(const at::Tensor &x) {
  TORCH_CHECK(is_blocked(x) && x.size(4) == onednn::kBlock && x.scalar_type() == at::kFloat,
              "the map of shape ", x.sizes(), " is not in channel blocks");
}

}  // namespace

at::Tensor to_blocks(const at::Tensor &x) {
  TORCH_CHECK(x.dim() == 4 && x.size(1) % onednn::kBlock == 0, "a map of shape ", x.sizes(),
              " cannot be put into channel blocks");
  return x.reshape({x.size(0), x.size(1) / onednn::kBlock, onednn::kBlock, x.size(2), x.size(3)})
      .permute({0, 1, 3, 4, 2})
      .contiguous();
}

at::Tensor from_blocks(const at::Tensor &x) {
  check_blocked(x);
  return x.permute({0, 1, 4, 2, 3}).reshape({x.size(0), x.size(1) * x.size(4), x.size(2), x.size(3)});
}

at::Tensor blocked_reflection_pad(const at::Tensor &x, int64_t padding) {
  check_blocked(x);
  TORCH_CHECK(padding >= 0 && padding < x.size(2) && padding < x.size(3), "a map of ", x.size(2), "x",
              x.size(3), " cannot be padded by ", padding, " reflected pixels");
  return BlockedReflectionPad::apply(x, padding);
}

at::Tensor blocked_instance_norm(const at::Tensor &x, double eps, double slope, const at::Tensor &residual,
                                 int64_t padding) {
  check_blocked(x);
  TORCH_CHECK(x.size(2) * x.size(3) > 1, "a channel of one pixel has no variance");
  TORCH_CHECK(padding >= 0 && (padding == 0 || (padding < x.size(2) && padding < x.size(3))), "a map of ",
              x.size(2), "x", x.size(3), " cannot be padded by ", padding, " reflected pixels");
  if (residual.defined()) {
    check_blocked(residual);
    TORCH_CHECK(residual.sizes() == x.sizes(), "the sum of maps of shapes ", x.sizes(), " and ",
                residual.sizes());
  }
  // Autograd takes no undefined tensor for an argument.
  const bool has_residual = residual.defined();
  return BlockedInstanceNorm::apply(x.contiguous(), eps, slope, has_residual ? residual : x, has_residual, padding);
}

ctorch_status ctorch_to_channel_blocks(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return to_blocks(borrowed(x)); });
}

ctorch_status ctorch_from_channel_blocks(const ctorch_tensor *x, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const at::Tensor input = borrowed(x);
    return is_blocked(input) ? from_blocks(input) : input;
  });
}
