#include "blocked/norm.hpp"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>

#include <algorithm>

#include "blocked/kernels.hpp"
#include "parallel.hpp"

namespace blocks {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Of a map that is not padded.
Plane plane_of(const at::Tensor &x, int64_t padding) { return {x.size(2), x.size(3), padding}; }

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

struct ReflectionPad : torch::autograd::Function<ReflectionPad> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, int64_t padding) {
    context->saved_data["padding"] = padding;
    const at::Tensor x = input.contiguous(), y = resized(x, 2 * padding);
    const auto plane = plane_of(x, padding);
    const float *in = x.data_ptr<float>();
    float *out = y.data_ptr<float>();
    for_each_plane(x, [&](int64_t i) { pad(in + i * plane.size(), out + i * plane.padded_size(), plane); });
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const int64_t padding = context->saved_data["padding"].toInt();
    return {fold(gradients[0], padding), at::Tensor()};
  }

  static at::Tensor fold(const at::Tensor &gradient, int64_t padding);
};

// The gradient of the padding, which is linear: its own gradient is the padding again.
struct Fold : torch::autograd::Function<Fold> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &gradient, int64_t padding) {
    context->saved_data["padding"] = padding;
    const at::Tensor g = gradient.contiguous(), result = resized(g, -2 * padding);
    const auto plane = plane_of(result, padding);
    const float *in = g.data_ptr<float>();
    float *out = result.data_ptr<float>();
    for_each_plane(result,
                   [&](int64_t i) { fold(in + i * plane.padded_size(), out + i * plane.size(), plane); });
    return result;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    return {ReflectionPad::apply(gradients[0], context->saved_data["padding"].toInt()), at::Tensor()};
  }
};

at::Tensor ReflectionPad::fold(const at::Tensor &gradient, int64_t padding) {
  return Fold::apply(gradient, padding);
}

static_assert(sizeof(Statistics) == 2 * kLanes * sizeof(float),
              "statistics are kept as a tensor of 32 numbers for each plane");

struct InstanceNorm : torch::autograd::Function<InstanceNorm> {
  // `x` is contiguous: a copy made in here would be cut off from what a second derivative has to reach.
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, double eps, double slope,
                            const at::Tensor &residual, bool has_residual, int64_t padding) {
    const at::Tensor y = resized(x, 2 * padding);
    const at::Tensor added = has_residual ? residual.contiguous() : at::Tensor();
    const at::Tensor statistics = at::empty({x.size(0), x.size(1), 2 * kLanes}, x.options());
    const auto plane = plane_of(x, padding);
    const float *in = x.data_ptr<float>();
    const float *rest = added.defined() ? added.data_ptr<float>() : nullptr;
    float *out = y.data_ptr<float>();
    auto *found = reinterpret_cast<Statistics *>(statistics.data_ptr<float>());
    for_each_plane(x, [&](int64_t i) {
      const float *from = in + i * plane.size();
      found[i] = blocks::statistics(from, plane, eps);
      normalize(from, found[i], static_cast<float>(slope), rest ? rest + i * plane.size() : nullptr,
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
      const at::Tensor g = padding == 0 ? gradients[0] : ReflectionPad::fold(gradients[0], padding);
      return {instance_norm_gradient(x, g, eps, slope), at::Tensor(), at::Tensor(),
              has_residual ? g : at::Tensor(),          at::Tensor(), at::Tensor()};
    }
    const at::Tensor g = gradients[0].contiguous(), result = at::empty_like(x);
    const auto plane = plane_of(x, padding);
    const float *in = x.data_ptr<float>(), *slopes = g.data_ptr<float>();
    float *out = result.data_ptr<float>();
    const auto *found = reinterpret_cast<const Statistics *>(statistics.data_ptr<float>());
    for_each_plane(x, [&](int64_t i) {
      normalize_gradient(in + i * plane.size(), found[i], static_cast<float>(slope),
                         slopes + i * plane.padded_size(), out + i * plane.size(), plane);
    });
    at::Tensor of_residual;
    if (has_residual) of_residual = padding == 0 ? g : ReflectionPad::fold(g, padding);
    return {result, at::Tensor(), at::Tensor(), of_residual, at::Tensor(), at::Tensor()};
  }
};

// Which position of an axis each position of the padded one shows.
at::Tensor reflected_positions(int64_t size, int64_t before, int64_t after) {
  const at::Tensor distance = at::arange(-before, size + after).abs();
  return size - 1 - (size - 1 - distance).abs();
}

}  // namespace

at::Tensor reflection_pad(const at::Tensor &x, int64_t top, int64_t bottom, int64_t left, int64_t right) {
  const int64_t height = x.size(2), width = x.size(3);
  TORCH_CHECK(std::min({top, bottom, left, right}) >= 0 && std::max(top, bottom) < height &&
                  std::max(left, right) < width,
              "a map of ", height, "x", width, " cannot be padded by ", top, ", ", bottom, ", ", left, " and ",
              right, " reflected pixels");
  if (top == bottom && top == left && top == right) return ReflectionPad::apply(x, top);
  return x.index_select(2, reflected_positions(height, top, bottom))
      .index_select(3, reflected_positions(width, left, right));
}

at::Tensor instance_norm_gradient(const at::Tensor &x, const at::Tensor &gradient, double eps, double slope) {
  const at::Tensor centered = x - x.mean({2, 3}, true);
  const at::Tensor r = at::rsqrt(at::square(centered).mean({2, 3}, true) + eps);
  const at::Tensor n = centered * r;
  const at::Tensor g = gradient * at::where(n > 0, 1.0, slope).to(gradient.scalar_type());
  return r * (g - g.mean({2, 3}, true) - n * (g * n).mean({2, 3}, true));
}

at::Tensor instance_norm(const at::Tensor &x, double eps, double slope, const at::Tensor &residual,
                         int64_t padding) {
  TORCH_CHECK(x.size(2) * x.size(3) > 1, "a channel of one pixel has no variance");
  TORCH_CHECK(padding >= 0 && (padding == 0 || (padding < x.size(2) && padding < x.size(3))), "a map of ",
              x.size(2), "x", x.size(3), " cannot be padded by ", padding, " reflected pixels");
  // Autograd takes no undefined tensor for an argument.
  const bool has_residual = residual.defined();
  TORCH_CHECK(!has_residual || residual.sizes() == x.sizes(), "the map and what is added to it differ in size");
  return InstanceNorm::apply(x.contiguous(), eps, slope, has_residual ? residual : x, has_residual, padding);
}

}  // namespace blocks
