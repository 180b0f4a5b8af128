#include "blocked/rows.hpp"

#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>

#include "blocked/layout.hpp"
#include "blocked/onednn.hpp"
#include "parallel.hpp"

namespace {

using blocks::kLanes;
using onednn::Pass;
using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// A kernel of h rows for k results is h * k kernels of one row: y[k, i, j] = sum over r of z[k h + r, i + r, j].
// Blocks of 16 results are then nearly full where k alone would fill a fifth of one: for the 7x7 convolution
// to 3 channels that is 32 rows' products instead of 16 whole kernels', 0.29 of the arithmetic.
at::Tensor rows_of(const at::Tensor &weight) {
  return weight.permute({0, 2, 1, 3}).reshape({weight.size(0) * weight.size(2), weight.size(1), 1, weight.size(3)});
}

// The same for a gradient, back to [out_channels, in_channels, kernel_height, kernel_width].
at::Tensor from_rows(const at::Tensor &rows, const at::Tensor &weight) {
  return rows.view({weight.size(0), weight.size(2), weight.size(1), weight.size(3)}).permute({0, 2, 1, 3});
}

onednn::Convolution describe(const at::Tensor &x, const at::Tensor &weight, int64_t padding) {
  onednn::Convolution c{};
  c.batch = x.size(0);
  c.in_channels = weight.size(1);
  c.in_height = c.out_height = x.size(2);
  c.in_width = x.size(3);
  c.out_channels = weight.size(0) * weight.size(2);
  c.out_width = x.size(3) + 2 * padding - weight.size(3) + 1;
  c.kernel_height = 1;
  c.kernel_width = weight.size(3);
  c.stride = 1;
  c.padding_left = c.padding_right = padding;
  return c;
}

struct RowConvolution : torch::autograd::Function<RowConvolution> {
  static at::Tensor forward(AutogradContext *context, const at::Tensor &x, const at::Tensor &weight,
                            int64_t padding, bool allow_bfloat16) {
    const auto convolution = describe(x, weight, padding);
    const auto arithmetic = onednn::fastest(convolution, Pass::forward, allow_bfloat16);
    const at::Tensor source = arithmetic == onednn::Arithmetic::bfloat16 ? x.to(at::kBFloat16) : x;
    context->save_for_backward({source, weight});
    context->saved_data["padding"] = padding;
    context->saved_data["allow_bfloat16"] = allow_bfloat16;
    const at::Tensor rows = onednn::forward(convolution, arithmetic, source, rows_of(weight));
    if (!rows.defined()) {
      const c10::impl::ExcludeDispatchKeyGuard without_autocast(c10::DispatchKey::AutocastCPU);
      return at::conv2d(blocks::from_blocks(x), weight, {}, 1, padding);
    }
    return summed(rows, weight, x.size(2) + 2 * padding - weight.size(2) + 1, padding);
  }

  static variable_list backward(AutogradContext *context, variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1];
    const int64_t padding = context->saved_data["padding"].toInt();
    const bool allow_bfloat16 = context->saved_data["allow_bfloat16"].toBool();
    const bool wants_x = context->needs_input_grad(0), wants_weight = context->needs_input_grad(1);
    at::Tensor of_x, of_weight;
    if (!c10::GradMode::is_enabled()) {
      const auto convolution = describe(x, weight, padding);
      const auto arithmetic = onednn::fastest(convolution, Pass::data, allow_bfloat16);
      const at::Tensor rows = spread(gradients[0].contiguous(), weight, x.size(2), padding);
      if (wants_x) of_x = onednn::data_gradient(convolution, arithmetic, rows, rows_of(weight));
      if (wants_weight) {
        of_weight = onednn::weight_gradient(convolution, arithmetic, x, rows);
        if (of_weight.defined()) of_weight = from_rows(of_weight, weight);
      }
    }
    if ((wants_x && !of_x.defined()) || (wants_weight && !of_weight.defined())) {
      const std::vector<int64_t> ones{1, 1}, paddings{padding, padding}, none{0, 0};
      std::tie(of_x, of_weight, std::ignore) = at::convolution_backward(
          gradients[0], blocks::from_blocks(x.to(at::kFloat)), weight, c10::nullopt, ones, paddings, ones,
          /*transposed=*/false, none, /*groups=*/1, {wants_x, wants_weight, false});
      if (of_x.defined()) of_x = blocks::to_blocks(of_x);
    }
    return {of_x, of_weight, at::Tensor(), at::Tensor()};
  }

  // y[k, i, j] = sum of z[k h + r, i + r - padding, j] over the kernel's rows r.
  static at::Tensor summed(const at::Tensor &rows, const at::Tensor &weight, int64_t height, int64_t padding) {
    const int64_t results = weight.size(0), kernel_height = weight.size(2);
    const int64_t in_height = rows.size(2), width = rows.size(3), plane = in_height * width * kLanes;
    const at::Tensor y = at::zeros({rows.size(0), results, height, width}, rows.options());
    const float *z = rows.data_ptr<float>();
    float *out = y.data_ptr<float>();
    const int64_t planes = rows.size(1);
    parallel_for(rows.size(0) * height, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) {
        const int64_t image = line / height, i = line % height;
        for (int64_t channel = 0; channel < results * kernel_height; ++channel) {
          const int64_t k = channel / kernel_height, from = i + channel % kernel_height - padding;
          if (from < 0 || from >= in_height) continue;
          const float *source = z + (image * planes + channel / kLanes) * plane + from * width * kLanes +
                                channel % kLanes;
          float *target = out + ((image * results + k) * height + i) * width;
          for (int64_t j = 0; j < width; ++j) target[j] += source[j * kLanes];
        }
      }
    });
    return y;
  }

  // The gradient of `summed`: every row kernel sees the result's gradient, shifted.
  static at::Tensor spread(const at::Tensor &gradient, const at::Tensor &weight, int64_t in_height,
                           int64_t padding) {
    const int64_t results = weight.size(0), kernel_height = weight.size(2);
    const int64_t height = gradient.size(2), width = gradient.size(3);
    const int64_t planes = (results * kernel_height + kLanes - 1) / kLanes;
    const at::Tensor rows = at::empty({gradient.size(0), planes, in_height, width, kLanes}, gradient.options());
    const float *g = gradient.data_ptr<float>();
    float *out = rows.data_ptr<float>();
    parallel_for(gradient.size(0) * planes * in_height, [&](int64_t begin, int64_t end) {
      for (int64_t line = begin; line < end; ++line) {
        const int64_t from = line % in_height, plane = line / in_height % planes;
        const int64_t image = line / in_height / planes;
        float *target = out + line * width * kLanes;
        for (int64_t lane = 0; lane < kLanes; ++lane) {
          const int64_t channel = plane * kLanes + lane, i = from - channel % kernel_height + padding;
          const bool is_inside = channel < results * kernel_height && i >= 0 && i < height;
          if (!is_inside) {
            for (int64_t j = 0; j < width; ++j) target[j * kLanes + lane] = 0;
            continue;
          }
          const float *source = g + ((image * results + channel / kernel_height) * height + i) * width;
          for (int64_t j = 0; j < width; ++j) target[j * kLanes + lane] = source[j];
        }
      }
    });
    return rows;
  }
};

}  // namespace

bool can_convolve_rows(const at::Tensor &weight, int64_t stride) {
  return stride == 1 && weight.dim() == 4 && weight.size(0) * weight.size(2) <= 2 * kLanes;
}

at::Tensor row_convolution(const at::Tensor &x, const at::Tensor &weight, const at::Tensor &bias,
                           int64_t padding, bool allow_bfloat16) {
  TORCH_CHECK(x.size(1) * kLanes == weight.size(1), "the input has ", x.size(1) * kLanes,
              " channels, the weight takes ", weight.size(1));
  TORCH_CHECK(x.size(2) + 2 * padding >= weight.size(2) && x.size(3) + 2 * padding >= weight.size(3),
              "a map of ", x.size(2), "x", x.size(3), " is smaller than the kernel of ", weight.size(2), "x",
              weight.size(3));
  const at::Tensor y = RowConvolution::apply(x.contiguous(), weight, padding, allow_bfloat16);
  return bias.defined() ? y + bias.view({1, -1, 1, 1}) : y;
}
