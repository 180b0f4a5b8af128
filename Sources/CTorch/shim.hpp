// What every file of the shim shares: the one guarded door, and tensors crossing it.
#pragma once

#include <ATen/ATen.h>

#include <cstring>
#include <exception>
#include <vector>

#include "ctorch.h"

// Runs `body` and turns whatever it throws into a status and a message. No exception leaves the shim.
template <class Body>
ctorch_status guarded(char **message, Body &&body) noexcept {
  *message = nullptr;
  try {
    body();
    return CTORCH_OK;
  } catch (const c10::Error &error) {
    *message = strdup(error.what_without_backtrace());
  } catch (const std::exception &error) {
    *message = strdup(error.what());
  } catch (...) {
    *message = strdup("unknown C++ exception");
  }
  return CTORCH_FAILED;
}

using TensorPointer = c10::intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

// Hands the tensor's reference count of one to the caller. Throws for an undefined tensor, which some
// operators return for an undefined one.
inline ctorch_tensor *released(at::Tensor tensor) {
  TORCH_CHECK(tensor.defined(), "there is no tensor");
  return reinterpret_cast<ctorch_tensor *>(tensor.unsafeReleaseTensorImpl());
}

// A tensor of our own for a borrowed handle; an undefined one for null.
inline at::Tensor borrowed(const ctorch_tensor *handle) {
  if (handle == nullptr) return at::Tensor();
  auto *implementation = reinterpret_cast<c10::TensorImpl *>(const_cast<ctorch_tensor *>(handle));
  return at::Tensor(TensorPointer::unsafe_reclaim_from_nonowning(implementation));
}

inline c10::optional<at::Tensor> borrowed_if_present(const ctorch_tensor *handle) {
  if (handle == nullptr) return c10::nullopt;
  return borrowed(handle);
}

template <class Handle>
std::vector<at::Tensor> borrowed_list(Handle *const *handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t i = 0; i < count; ++i) tensors.push_back(borrowed(handles[i]));
  return tensors;
}

// The form of nearly every function here: one tensor out.
template <class Body>
ctorch_status guarded_tensor(ctorch_tensor **result, char **message, Body &&body) noexcept {
  *result = nullptr;
  return guarded(message, [&] { *result = released(body()); });
}

inline at::Device device_of(ctorch_device device) {
  switch (device.type) {
    case CTORCH_CUDA: return at::Device(at::kCUDA, static_cast<c10::DeviceIndex>(device.index));
    case CTORCH_MPS: return at::Device(at::kMPS);
    default: return at::Device(at::kCPU);
  }
}
