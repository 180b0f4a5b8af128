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

const c10::TensorImpl *implementation(const ctorch_tensor *tensor) {
  return reinterpret_cast<const c10::TensorImpl *>(tensor);
}

}  // namespace

void ctorch_free(char *message) { free(message); }

void ctorch_tensor_release(ctorch_tensor *tensor) {
  auto pointer = TensorPointer::reclaim(reinterpret_cast<c10::TensorImpl *>(tensor));
}

int32_t ctorch_rank(const ctorch_tensor *tensor) {
  return static_cast<int32_t>(implementation(tensor)->dim());
}

int64_t ctorch_size(const ctorch_tensor *tensor, int32_t axis) {
  return implementation(tensor)->sizes()[axis];
}

ctorch_dtype ctorch_get_dtype(const ctorch_tensor *tensor) {
  switch (borrowed(tensor).scalar_type()) {
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
  const at::Device device = borrowed(tensor).device();
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

ctorch_status ctorch_copy_bytes(const ctorch_tensor *tensor, void *bytes, size_t length, char **message) {
  return guarded(message, [&] {
    const at::Tensor source = borrowed(tensor).detach().to(at::kCPU).contiguous();
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

ctorch_status ctorch_item(const ctorch_tensor *tensor, double *value, char **message) {
  return guarded(message, [&] { *value = borrowed(tensor).item().toDouble(); });
}

ctorch_status ctorch_to_dtype(const ctorch_tensor *tensor, ctorch_dtype dtype, ctorch_tensor **result,
                              char **message) {
  return guarded_tensor(result, message, [&] { return borrowed(tensor).to(scalar_type(dtype)); });
}

ctorch_status ctorch_to_device(const ctorch_tensor *tensor, ctorch_device device, ctorch_tensor **result,
                               char **message) {
  return guarded_tensor(result, message, [&] { return borrowed(tensor).to(device_of(device)); });
}

ctorch_status ctorch_reshape(const ctorch_tensor *tensor, const int64_t *shape, int32_t rank,
                             ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message,
                        [&] { return borrowed(tensor).reshape(at::IntArrayRef(shape, rank)); });
}

ctorch_status ctorch_permute(const ctorch_tensor *tensor, const int64_t *axes, int32_t rank,
                             ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message,
                        [&] { return borrowed(tensor).permute(at::IntArrayRef(axes, rank)); });
}

ctorch_status ctorch_narrow(const ctorch_tensor *tensor, int64_t axis, int64_t start, int64_t length,
                            ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return borrowed(tensor).narrow(axis, start, length); });
}

ctorch_status ctorch_concatenate(const ctorch_tensor *const *tensors, int32_t count, int64_t axis,
                                 ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return at::cat(borrowed_list(tensors, count), axis); });
}

ctorch_status ctorch_contiguous(const ctorch_tensor *tensor, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return borrowed(tensor).contiguous(); });
}

ctorch_status ctorch_clone(const ctorch_tensor *tensor, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return borrowed(tensor).clone(); });
}

ctorch_status ctorch_detach(const ctorch_tensor *tensor, ctorch_tensor **result, char **message) {
  return guarded_tensor(result, message, [&] { return borrowed(tensor).detach(); });
}

ctorch_status ctorch_copy_in_place(ctorch_tensor *target, const ctorch_tensor *source, char **message) {
  return guarded(message, [&] {
    const at::Tensor into = borrowed(target), from = borrowed(source);
    TORCH_CHECK(into.sizes() == from.sizes(), "the sizes ", into.sizes(), " and ", from.sizes(), " differ");
    into.copy_(from);
  });
}
