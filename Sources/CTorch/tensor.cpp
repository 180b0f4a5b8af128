#include <c10/core/DeviceGuard.h>
#include <c10/core/Event.h>
#include <c10/core/StreamGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <map>
#include <utility>

#include "blocked/layout.hpp"
#include "shim.hpp"

namespace {

at::ScalarType scalar_type(ctorch_dtype dtype) {
  switch (dtype) {
    case CTORCH_FLOAT32: return at::kFloat;
    case CTORCH_FLOAT64: return at::kDouble;
    case CTORCH_FLOAT16: return at::kHalf;
    case CTORCH_BFLOAT16: return at::kBFloat16;
    case CTORCH_UINT8: return at::kByte;
    case CTORCH_INT64: return at::kLong;
    default: TORCH_CHECK(false, "dtype ", static_cast<int>(dtype), " is not one of the shim's");
  }
}

// Copies to a GPU by a stream of its own, from memory that it reads while this thread and its other streams go
// on.
at::Tensor uploaded(const at::Tensor &pinned, at::Device to) {
  const c10::DeviceGuard on(to);
  const c10::Stream computing = c10::impl::VirtualGuardImpl(to.type()).getStream(to);
  const c10::Stream copying = side_stream(to, SideStream::copying);
  at::Tensor tensor;
  {
    const c10::StreamGuard side(copying);
    tensor = pinned.to(to, /*non_blocking=*/true);
  }
  c10::Event copied(to.type());
  copied.record(copying);
  copied.block(computing);
  // Its memory is not for others until those have read it that compute.
  tensor.record_stream(computing);
  return tensor;
}

}  // namespace

c10::Stream side_stream(at::Device device, SideStream purpose) {
  thread_local std::map<std::pair<c10::DeviceIndex, SideStream>, c10::Stream> streams;
  const auto key = std::make_pair(device.index(), purpose);
  const auto found = streams.find(key);
  if (found != streams.end()) return found->second;
  const c10::impl::VirtualGuardImpl guard(device.type());
  return streams.emplace(key, guard.getStreamFromGlobalPool(device, /*isHighPriority=*/false)).first->second;
}

void ctorch_free(void *message) { free(message); }

void ctorch_tensor_release(ctorch_tensor *tensor) { delete tensor; }

int32_t ctorch_rank(const ctorch_tensor *tensor) {
  return tensor->is_blocked ? 4 : static_cast<int32_t>(tensor->values.dim());
}

int64_t ctorch_size(const ctorch_tensor *tensor, int32_t axis) {
  return tensor->values.size(axis) * (tensor->is_blocked && axis == 1 ? blocks::kLanes : 1);
}

ctorch_dtype ctorch_get_dtype(const ctorch_tensor *tensor) {
  switch (tensor->values.scalar_type()) {
    case at::kFloat: return CTORCH_FLOAT32;
    case at::kDouble: return CTORCH_FLOAT64;
    case at::kHalf: return CTORCH_FLOAT16;
    case at::kBFloat16: return CTORCH_BFLOAT16;
    case at::kByte: return CTORCH_UINT8;
    case at::kLong: return CTORCH_INT64;
    default: return CTORCH_OTHER_DTYPE;
  }
}

ctorch_device ctorch_get_device(const ctorch_tensor *tensor) {
  const at::Device device = tensor->values.device();
  if (device.is_cuda()) return {CTORCH_CUDA, device.index()};
  if (device.type() == at::kMPS) return {CTORCH_MPS, 0};
  return {CTORCH_CPU, 0};
}

ctorch_status ctorch_from_bytes(const void *bytes, ctorch_dtype dtype, const int64_t *shape, int32_t rank,
                                ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    at::Tensor tensor = at::empty(at::IntArrayRef(shape, rank), scalar_type(dtype));
    if (tensor.numel() > 0) std::memcpy(tensor.data_ptr(), bytes, tensor.nbytes());
    return tensor;
  });
}

ctorch_status ctorch_from_bytes_on(ctorch_device device, const void *bytes, ctorch_dtype dtype,
                                   const int64_t *shape, int32_t rank, ctorch_tensor **result, char **message) {
  if (device.type != CTORCH_CUDA) {
    const ctorch_status status = ctorch_from_bytes(bytes, dtype, shape, rank, result, message);
    if (status != CTORCH_OK || device.type == CTORCH_CPU) return status;
    return guarded(message, [&] { (*result)->values = (*result)->values.to(device_of(device)); });
  }
  return guarded_tensor(result, message, [&] {
    const at::Device to = device_of(device);
    const c10::DeviceGuard on(to);
    const at::Tensor pinned = at::empty(at::IntArrayRef(shape, rank),
                                        at::TensorOptions().dtype(scalar_type(dtype)).pinned_memory(true));
    if (pinned.numel() > 0) std::memcpy(pinned.data_ptr(), bytes, pinned.nbytes());
    return ctorch_tensor(uploaded(pinned, to));
  });
}

ctorch_status ctorch_copy_bytes(const ctorch_tensor *tensor, void *bytes, size_t length, char **message) {
  return guarded(message, [&] {
    const at::Tensor source = plain(tensor).detach().to(at::kCPU).contiguous();
    TORCH_CHECK(source.nbytes() == length, "the tensor has ", source.nbytes(), " bytes, not ", length);
    if (length > 0) std::memcpy(bytes, source.data_ptr(), length);
  });
}

ctorch_status ctorch_full(double value, ctorch_dtype dtype, const int64_t *shape, int32_t rank,
                          ctorch_device device, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    const auto options = at::TensorOptions().dtype(scalar_type(dtype)).device(device_of(device));
    return at::full(at::IntArrayRef(shape, rank), value, options);
  });
}

ctorch_status ctorch_full_like(const ctorch_tensor *tensor, double value, ctorch_tensor **result,
                               char **message) {
  return guarded_tensor(result, message, [&] {
    return at::full_like(plain(tensor).detach(), value, {}, at::MemoryFormat::Preserve);
  });
}

ctorch_status ctorch_item(const ctorch_tensor *tensor, double *value, char **message) {
  return guarded(message, [&] { *value = plain(tensor).item().toDouble(); });
}

// Blocks are float32 on the CPU.
ctorch_status ctorch_to_dtype(const ctorch_tensor *tensor, ctorch_dtype dtype, ctorch_tensor **result,
                              char **message) {
  return guarded_tensor(result, message, [&] {
    if (borrowed(tensor).is_blocked && dtype == CTORCH_FLOAT32) return *tensor;
    return ctorch_tensor(plain(tensor).to(scalar_type(dtype)));
  });
}

ctorch_status ctorch_to_device(const ctorch_tensor *tensor, ctorch_device device, ctorch_tensor **result,
                               char **message) {
  return guarded_tensor(result, message, [&] {
    if (borrowed(tensor).is_blocked && device.type == CTORCH_CPU) return *tensor;
    const at::Tensor source = plain(tensor);
    const at::Device to = device_of(device);
    // Nobody waits for numbers on their way to a GPU.
    if (!to.is_cuda() || !source.is_cpu() || source.requires_grad()) return ctorch_tensor(source.to(to));
    const c10::DeviceGuard on(to);
    return ctorch_tensor(uploaded(source.contiguous(source.suggest_memory_format()).pin_memory(), to));
  });
}

ctorch_status ctorch_reshape(const ctorch_tensor *tensor, const int64_t *shape, int32_t rank,
                             ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return plain(tensor).reshape(at::IntArrayRef(shape, rank)); });
}

ctorch_status ctorch_permute(const ctorch_tensor *tensor, const int64_t *axes, int32_t rank,
                             ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return plain(tensor).permute(at::IntArrayRef(axes, rank)); });
}

ctorch_status ctorch_narrow(const ctorch_tensor *tensor, int64_t axis, int64_t start, int64_t length,
                            ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    if (!borrowed(tensor).is_blocked || !blocks::are_outside_blocks(axis)) {
      return ctorch_tensor(plain(tensor).narrow(axis, start, length));
    }
    return ctorch_tensor(tensor->values.narrow(blocks::axis_of_map(axis), start, length), true);
  });
}

ctorch_status ctorch_concatenate(const ctorch_tensor *const *tensors, int32_t count, int64_t axis,
                                 ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    std::vector<at::Tensor> parts;
    const std::vector<const ctorch_tensor *> given(tensors, tensors + count);
    if (!blocks::concatenate_in_blocks(given)) return ctorch_tensor(at::cat(plain_list(tensors, count), axis));
    for (const ctorch_tensor *tensor : given) parts.push_back(blocks::to_blocks(*tensor));
    return ctorch_tensor(at::cat(parts, blocks::axis_of_map(axis)), true);
  });
}

ctorch_status ctorch_contiguous(const ctorch_tensor *tensor, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return plain(tensor).contiguous(); });
}

ctorch_status ctorch_clone(const ctorch_tensor *tensor, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return ctorch_tensor(borrowed(tensor).values.clone(), borrowed(tensor).is_blocked);
  });
}

ctorch_status ctorch_detach(const ctorch_tensor *tensor, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] {
    return ctorch_tensor(borrowed(tensor).values.detach(), borrowed(tensor).is_blocked);
  });
}

ctorch_status ctorch_copy_in_place(ctorch_tensor *target, const ctorch_tensor *source, char **message) {
  return guarded(message, [&] {
    const ctorch_tensor &into = borrowed(target), &from = borrowed(source);
    TORCH_CHECK(blocks::sizes(into) == blocks::sizes(from), "the sizes ", blocks::sizes(into), " and ",
                blocks::sizes(from), " differ");
    if (into.is_blocked == from.is_blocked) {
      into.values.copy_(from.values);
    } else if (from.is_blocked) {
      blocks::view_as_blocks(into.values).copy_(from.values);
    } else {
      into.values.copy_(blocks::view_as_blocks(from.values));
    }
  });
}
