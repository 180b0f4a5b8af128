// Feature maps in channel blocks: [batch, channels / 16, height, width, 16] in float32 on the CPU, the layout
// that oneDNN's kernels compute in. Nobody outside the shim sees it: layers that have kernels for blocks keep
// them, elementwise operators need to know nothing of them, and everything else asks for `plain`.
#pragma once

#include <ATen/ATen.h>

#include <vector>

#include "blocked/kernels.hpp"
#include "shim.hpp"

namespace blocks {

inline bool fill_blocks(int64_t channels) { return channels > 0 && channels % kLanes == 0; }

// [batch, channel, height, width] to blocks and back; the number of channels has to be a multiple of 16.
at::Tensor to_blocks(const at::Tensor &x);
at::Tensor from_blocks(const at::Tensor &x);

// A map in the usual layout, seen with the axes of blocks.
at::Tensor view_as_blocks(const at::Tensor &x);

// A tensor that can be in blocks, in blocks: one of a single element broadcasts as it is.
at::Tensor to_blocks(const ctorch_tensor &x);

// The logical sizes of a tensor.
std::vector<int64_t> sizes(const ctorch_tensor &x);

// Whether to compute an operator on several tensors in blocks: where all of them can be, and most of their
// elements are already.
bool broadcast_in_blocks(const ctorch_tensor &a, const ctorch_tensor &b);
bool concatenate_in_blocks(const std::vector<const ctorch_tensor *> &tensors);

// Whether a blocked map has these axes where the usual layout has them, which is so for all but the channels'.
bool are_outside_blocks(at::IntArrayRef axes);

// An axis of [batch, channel, height, width] counted from the front.
inline int64_t axis_of_map(int64_t axis) { return axis < 0 ? axis + 4 : axis; }

}  // namespace blocks
