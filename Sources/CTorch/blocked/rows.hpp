// Convolutions with few results, such as the last one of a generator, without computing blocks of 16.
#pragma once

#include <ATen/ATen.h>

#include "blocked/onednn.hpp"

// Whether the weights' rows fit into two blocks: out_channels * kernel_height <= 32, stride 1.
bool can_convolve_rows(const at::Tensor &weight, int64_t stride);

// at::conv2d(from_blocks(x), weights, bias, 1, padding), in plain layout; `bias` may be undefined.
at::Tensor row_convolution(const at::Tensor &x, const onednn::Weights &weights, const at::Tensor &bias,
                           int64_t padding, bool allow_bfloat16);
