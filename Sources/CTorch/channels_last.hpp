// Feature maps in which the channels of a pixel lie together, [batch, height, width, channel] in memory: the
// order that tensor cores read. libtorch's convolutions keep it on GPUs, where the weights have it; its
// reflection padding and instance norm do not, so that these are here.
#pragma once

#include <ATen/ATen.h>

namespace channels_last {

// Whether a map is in this order and is to stay so: on GPUs, and where a test asks for it on the CPU.
bool keeps(const at::Tensor &x);

// at::reflection_pad2d.
at::Tensor reflection_pad(const at::Tensor &x, int64_t top, int64_t bottom, int64_t left, int64_t right);

// Instance norm without parameters, then y = n > 0 ? n : slope * n.
at::Tensor instance_norm(const at::Tensor &x, double eps, double slope);

}  // namespace channels_last
