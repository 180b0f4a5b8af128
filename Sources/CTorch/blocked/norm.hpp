// The layers between convolutions, for maps in channel blocks.
#pragma once

#include <ATen/ATen.h>

namespace blocks {

at::Tensor reflection_pad(const at::Tensor &x, int64_t top, int64_t bottom, int64_t left, int64_t right);

// leaky(instance norm(x)) padded by reflection; with `residual` (undefined for none) added before the padding.
at::Tensor instance_norm(const at::Tensor &x, double eps, double slope, const at::Tensor &residual,
                         int64_t padding);

// The gradient of leaky(instance norm(x)), in either layout, from operators that autograd can differentiate
// once more, for the gradient penalty: r (g - mean(g) - n mean(g n)) with r = 1 / sqrt(variance + eps), the
// norm n, and g = `gradient` through the ReLU.
at::Tensor instance_norm_gradient(const at::Tensor &x, const at::Tensor &gradient, double eps, double slope);

}  // namespace blocks
