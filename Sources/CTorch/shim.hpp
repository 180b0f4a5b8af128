// What every file of the shim shares: the one guarded door, and tensors crossing it.
#pragma once

#include <ATen/ATen.h>
#include <torch/version.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <vector>

#include "blocked/onednn.hpp"
#include "ctorch.h"

// Where the two libtorches differ.
#define TORCH_AT_LEAST(major, minor) \
  (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

// A tensor as it crosses the interface. A feature map may be held in channel blocks (blocked/layout.hpp):
// outside, it has the shape and the elements of [batch, channel, height, width] all the same.
struct ctorch_tensor {
  at::Tensor values;
  bool is_blocked = false;
  // Made when a convolution first uses the tensor for its weights, and gone with the handle.
  mutable c10::intrusive_ptr<onednn::WeightOrders> orders;

  ctorch_tensor() = default;
  ctorch_tensor(at::Tensor values, bool is_blocked = false)
      : values(std::move(values)), is_blocked(is_blocked) {}
};

// graph.cpp: ends what the calling thread is recording for a GPU, if it does; false if it does not.
bool abandon_recording(const char *reason) noexcept;

// Runs `body` and turns whatever it throws into a status and a message. No exception leaves the shim.
//
// What cannot be recorded ends the recording, and is then run like anything else: whoever records learns of it
// at the end, and nobody in between has to know.
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
  if (!abandon_recording(*message)) return CTORCH_FAILED;
  free(*message);
  return guarded(message, body);
}

// Hands a tensor to the caller. Throws for an undefined one, which some operators return for an undefined one.
inline ctorch_tensor *released(ctorch_tensor tensor) {
  TORCH_CHECK(tensor.values.defined(), "there is no tensor");
  return new ctorch_tensor(std::move(tensor));
}

// What is behind a borrowed handle; an undefined tensor for null.
inline const ctorch_tensor &borrowed(const ctorch_tensor *handle) {
  static const ctorch_tensor none;
  return handle == nullptr ? none : *handle;
}

// The same in the usual layout, whichever it is held in.
at::Tensor plain(const ctorch_tensor *handle);

inline c10::optional<at::Tensor> plain_if_present(const ctorch_tensor *handle) {
  if (handle == nullptr) return c10::nullopt;
  return plain(handle);
}

template <class Handle>
std::vector<at::Tensor> plain_list(Handle *const *handles, int32_t count) {
  std::vector<at::Tensor> tensors;
  tensors.reserve(count);
  for (int32_t i = 0; i < count; ++i) tensors.push_back(plain(handles[i]));
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

// tensor.cpp: the calling thread's stream beside the one that it computes on, always the same for a purpose:
// memory that was freed on a stream is had again there.
enum class SideStream { copying, recording };
c10::Stream side_stream(at::Device device, SideStream purpose);

// allocator.cpp: gives the memory of tensors on the CPU to a pool of our own.
void use_pooling_allocator();

// Starts the thread that watches for other programs on the cores; see waiting.cpp.
void shorten_waiting_on_busy_machines();

// Tells it how many threads compute from now on.
void count_threads_that_compute();
