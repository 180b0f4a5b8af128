#include "channels_last.hpp"

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>

#include <vector>

#include "blocked/norm.hpp"
#include "shim.hpp"

namespace channels_last {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

thread_local bool keeps_on_cpu = false;

at::Tensor in_order(const at::Tensor &x) { return x.contiguous(at::MemoryFormat::ChannelsLast); }

// As memory lies: [batch, height, width, channel].
at::Tensor rows_of_pixels(const at::Tensor &x) { return in_order(x).permute({0, 2, 3, 1}); }
at::Tensor as_map(const at::Tensor &rows) { return rows.permute({0, 3, 1, 2}); }

struct Margin {
  int64_t before, after;
};

at::Tensor mirrored(const at::Tensor &x, int64_t axis, Margin margin) {
  const int64_t size = x.size(axis);
  TORCH_CHECK(margin.before < size && margin.after < size, "an axis of ", size, " cannot be mirrored by ",
              margin.before, " and ", margin.after);
  if (margin.before == 0 && margin.after == 0) return x;
  std::vector<at::Tensor> parts;
  for (int64_t i = margin.before; i > 0; --i) parts.push_back(x.narrow(axis, i, 1));
  parts.push_back(x);
  for (int64_t i = 1; i <= margin.after; ++i) parts.push_back(x.narrow(axis, size - 1 - i, 1));
  return at::cat(parts, axis);
}

// The gradient by x from that by mirrored(x).
at::Tensor folded(const at::Tensor &gradient, int64_t axis, Margin margin) {
  if (margin.before == 0 && margin.after == 0) return gradient;
  const int64_t size = gradient.size(axis) - margin.before - margin.after;
  const at::Tensor sum = gradient.narrow(axis, margin.before, size).clone(at::MemoryFormat::Contiguous);
  const auto add = [&](int64_t to, int64_t from) {
    sum.narrow(axis, to, 1).add_(gradient.narrow(axis, from, 1));
  };
  for (int64_t i = 1; i <= margin.before; ++i) add(i, margin.before - i);
  for (int64_t i = 1; i <= margin.after; ++i) add(size - 1 - i, margin.before + size - 1 + i);
  return sum;
}

constexpr int64_t kHeight = 1, kWidth = 2;

struct ReflectionPad : torch::autograd::Function<ReflectionPad> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, Margin vertical, Margin horizontal) {
    context->saved_data["margins"] =
        std::vector<int64_t>{vertical.before, vertical.after, horizontal.before, horizontal.after};
    return as_map(mirrored(mirrored(rows_of_pixels(x), kHeight, vertical), kWidth, horizontal));
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto m = context->saved_data["margins"].toIntVector();
    const at::Tensor rows = rows_of_pixels(gradients[0]);
    return {as_map(folded(folded(rows, kWidth, {m[2], m[3]}), kHeight, {m[0], m[1]})), at::Tensor(),
            at::Tensor()};
  }
};

// An image alone is batch norm's case, which has kernels for this order.
struct InstanceNorm : torch::autograd::Function<InstanceNorm> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &input, double eps, double slope) {
    const at::Tensor x = in_order(input);
    std::vector<at::Tensor> outputs, saved{x, at::Tensor()};
    for (int64_t i = 0; i < x.size(0); ++i) {
      at::Tensor y, mean, inverse_deviation;
      std::tie(y, mean, inverse_deviation) =
          at::native_batch_norm(x.narrow(0, i, 1), {}, {}, {}, {}, /*training=*/true, /*momentum=*/0.0, eps);
      outputs.push_back(std::move(y));
      saved.push_back(std::move(mean));
      saved.push_back(std::move(inverse_deviation));
    }
    at::Tensor y = in_order(outputs.size() == 1 ? outputs[0] : at::cat(outputs, 0));
    if (slope == 0) {
      y.clamp_min_(0);
    } else if (slope != 1) {
      at::leaky_relu_(y, slope);
    }
    // The sign of y is that of n, from which the activation's derivative can be read.
    if (slope != 1) saved[1] = y;
    context->save_for_backward(saved);
    context->saved_data["eps"] = eps;
    context->saved_data["slope"] = slope;
    return y;
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &y = saved[1];
    const double eps = context->saved_data["eps"].toDouble();
    const double slope = context->saved_data["slope"].toDouble();
    if (c10::GradMode::is_enabled()) {
      // Asked for a gradient that can be differentiated again.
      return {blocks::instance_norm_gradient(x, gradients[0], eps, slope), at::Tensor(), at::Tensor()};
    }
    at::Tensor g = in_order(gradients[0]);
    if (slope == 0) {
      g = at::threshold_backward(g, y, 0);
    } else if (slope != 1) {
      g = at::leaky_relu_backward(g, y, slope, /*self_is_result=*/true);
    }
    g = in_order(g);
    std::vector<at::Tensor> parts;
    for (int64_t i = 0; i < x.size(0); ++i) {
      parts.push_back(std::get<0>(at::native_batch_norm_backward(g.narrow(0, i, 1), x.narrow(0, i, 1), {}, {},
                                                                 {}, saved[2 + 2 * i], saved[3 + 2 * i],
                                                                 /*train=*/true, eps, {true, false, false})));
    }
    return {parts.size() == 1 ? parts[0] : at::cat(parts, 0), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

bool keeps(const at::Tensor &x) {
  return x.defined() && x.dim() == 4 && (x.is_cuda() || keeps_on_cpu) &&
         x.suggest_memory_format() == at::MemoryFormat::ChannelsLast;
}

at::Tensor reflection_pad(const at::Tensor &x, int64_t top, int64_t bottom, int64_t left, int64_t right) {
  return ReflectionPad::apply(x, Margin{top, bottom}, Margin{left, right});
}

at::Tensor instance_norm(const at::Tensor &x, double eps, double slope) {
  return InstanceNorm::apply(x, eps, slope);
}

}  // namespace channels_last

void ctorch_keep_channels_last_on_cpu(bool keeps) { channels_last::keeps_on_cpu = keeps; }

ctorch_status ctorch_channels_last(const ctorch_tensor *tensor, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message,
                        [&] { return plain(tensor).contiguous(at::MemoryFormat::ChannelsLast); });
}

bool ctorch_is_channels_last(const ctorch_tensor *tensor) {
  return !tensor->is_blocked && tensor->values.dim() == 4 &&
         tensor->values.suggest_memory_format() == at::MemoryFormat::ChannelsLast;
}
