#include "blocked/layout.hpp"

#include <algorithm>

namespace blocks {
namespace {

bool is_single(const at::Tensor &x) { return x.defined() && x.dim() <= 4 && x.numel() == 1; }

bool can_be_blocked(const ctorch_tensor &x) {
  if (x.is_blocked) return true;
  return x.values.defined() && x.values.device().is_cpu() && x.values.scalar_type() == at::kFloat &&
         (is_single(x.values) || (x.values.dim() == 4 && fill_blocks(x.values.size(1))));
}

// Whether all of them can be in blocks, and most of their elements are already.
bool prefer_blocks(const std::vector<const ctorch_tensor *> &tensors) {
  int64_t blocked = 0, others = 0;
  for (const ctorch_tensor *tensor : tensors) {
    if (!can_be_blocked(borrowed(tensor))) return false;
    (tensor->is_blocked ? blocked : others) += tensor->values.numel();
  }
  return blocked > others;
}

}  // namespace

at::Tensor to_blocks(const at::Tensor &x) {
  TORCH_CHECK(x.dim() == 4 && fill_blocks(x.size(1)), "a map of shape ", x.sizes(),
              " cannot be put into channel blocks");
  return view_as_blocks(x).contiguous();
}

at::Tensor view_as_blocks(const at::Tensor &x) {
  return x.view({x.size(0), x.size(1) / kLanes, kLanes, x.size(2), x.size(3)}).permute({0, 1, 3, 4, 2});
}

at::Tensor from_blocks(const at::Tensor &x) {
  return x.permute({0, 1, 4, 2, 3}).reshape({x.size(0), x.size(1) * x.size(4), x.size(2), x.size(3)});
}

at::Tensor to_blocks(const ctorch_tensor &x) {
  return x.is_blocked || is_single(x.values) ? x.values : to_blocks(x.values);
}

std::vector<int64_t> sizes(const ctorch_tensor &x) {
  if (!x.is_blocked) return x.values.sizes().vec();
  return {x.values.size(0), x.values.size(1) * kLanes, x.values.size(2), x.values.size(3)};
}

bool broadcast_in_blocks(const ctorch_tensor &a, const ctorch_tensor &b) {
  if (!prefer_blocks({&a, &b})) return false;
  // One block of channels would be broadcast to several.
  return is_single(a.values) || is_single(b.values) || sizes(a)[1] == sizes(b)[1];
}

bool concatenate_in_blocks(const std::vector<const ctorch_tensor *> &tensors) {
  return prefer_blocks(tensors) && std::none_of(tensors.begin(), tensors.end(), [](const ctorch_tensor *tensor) {
           return is_single(tensor->values);
         });
}

bool are_outside_blocks(at::IntArrayRef axes) {
  return std::all_of(axes.begin(), axes.end(), [](int64_t axis) {
    return axis >= -4 && axis < 4 && axis_of_map(axis) != 1;
  });
}

}  // namespace blocks

at::Tensor plain(const ctorch_tensor *handle) {
  const ctorch_tensor &tensor = borrowed(handle);
  return tensor.is_blocked ? blocks::from_blocks(tensor.values) : tensor.values;
}
