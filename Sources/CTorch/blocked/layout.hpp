// Feature maps in channel blocks: [batch, channels / 16, height, width, 16], the layout oneDNN's kernels
// compute in. Five axes mark them; every other feature map has four. Elementwise operators and sums of
// maps need to know nothing of it.
#pragma once

#include <ATen/ATen.h>

inline bool is_blocked(const at::Tensor &x) { return x.dim() == 5; }

// [batch, channel, height, width] to blocks and back; the number of channels has to be a multiple of 16.
at::Tensor to_blocks(const at::Tensor &x);
at::Tensor from_blocks(const at::Tensor &x);

at::Tensor blocked_reflection_pad(const at::Tensor &x, int64_t padding);

// leaky(instance norm(x)) padded by reflection; with `residual` (undefined for none) added before the padding.
at::Tensor blocked_instance_norm(const at::Tensor &x, double eps, double slope, const at::Tensor &residual,
                                 int64_t padding);
