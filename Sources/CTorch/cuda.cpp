// What there is of CUDA on this machine, and how it computes. The driver is asked itself, by functions that
// every driver has: of a machine whose GPU cannot be used libtorch only says that there is none.

#include <ATen/Context.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdlib>
#include <string>

#include "shim.hpp"

#if TORCH_AT_LEAST(2, 11)
#include <ATen/DeviceAccelerator.h>
#endif
#ifdef CYCLEGAN_CUDA
#include <c10/cuda/CUDACachingAllocator.h>
#endif

namespace {

// Functions of a library under the names that cuda.h and cuda_runtime_api.h declare; null where it lacks them.
template <class Function>
Function *symbol(void *library, const char *name) {
  return library == nullptr ? nullptr : reinterpret_cast<Function *>(dlsym(library, name));
}

// The driver's library, which a machine without a driver lacks.
void *driver() {
  static void *const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  return library;
}

// 0 is success.
bool starts_driver() {
  static const bool has_started = [] {
    auto *const init = symbol<int(unsigned)>(driver(), "cuInit");
    return init != nullptr && init(0) == 0;
  }();
  return has_started;
}

int32_t driver_version() {
  int version = 0;
  auto *const get = symbol<int(int *)>(driver(), "cuDriverGetVersion");
  return get != nullptr && get(&version) == 0 ? version : 0;
}

int32_t driver_device_count() {
  int count = 0;
  auto *const get = symbol<int(int *)>(driver(), "cuDeviceGetCount");
  return starts_driver() && get != nullptr && get(&count) == 0 ? count : 0;
}

// What a build without it throws at becomes 0.
template <class Question>
int32_t version_or_zero(const Question &question) {
  long version = 0;
  char *message = nullptr;
  guarded(&message, [&] { version = question(); });
  ctorch_free(message);
  return static_cast<int32_t>(version);
}

#if TORCH_AT_LEAST(2, 11)
// What freed tensors have left behind for any others.
uint64_t reusable_bytes(c10::DeviceIndex device, const at::CachingDeviceAllocator::DeviceStats &statistics) {
#ifdef CYCLEGAN_CUDA
  // What is free in a recording's pool is the recording's.
  uint64_t sum = 0;
  const auto found = c10::cuda::CUDACachingAllocator::snapshot({0, 0}, /*include_traces=*/false);
  for (const auto &segment : found.segments) {
    const auto &[first, second] = segment.owner_private_pool_id;
    if (segment.device != device || first != 0 || second != 0) continue;
    sum += segment.total_size - segment.active_size;
  }
  return sum;
#else
  // Without recordings there are no pools.
  const auto &reserved = statistics.reserved_bytes[0], &allocated = statistics.allocated_bytes[0];
  return static_cast<uint64_t>(std::max<int64_t>(reserved.current - allocated.current, 0));
#endif
}
#endif

bool has_cuda_kernels() { return c10::impl::hasDeviceGuardImpl(at::kCUDA); }

}  // namespace

ctorch_cuda_facts ctorch_cuda_find(void) {
  ctorch_cuda_facts facts{};
  facts.is_in_build = has_cuda_kernels();
  facts.driver_version = driver_version();
  facts.device_count = driver_device_count();
  if (!facts.is_in_build) return facts;
  facts.version = version_or_zero([] { return at::detail::getCUDAHooks().versionCUDART(); });
  facts.cudnn_version = version_or_zero([] { return at::detail::getCUDAHooks().versionCuDNN(); });
  facts.usable_count = ctorch_cuda_device_count();
  return facts;
}

char *ctorch_cuda_configuration(void) {
  std::string text;
  char *message = nullptr;
  if (has_cuda_kernels()) guarded(&message, [&] { text = at::detail::getCUDAHooks().showConfig(); });
  ctorch_free(message);
  return strdup(text.c_str());
}

bool ctorch_cuda_describe(int32_t index, ctorch_gpu *gpu) {
  *gpu = {};
  auto *const get_device = symbol<int(int *, int)>(driver(), "cuDeviceGet");
  auto *const get_name = symbol<int(char *, int, int)>(driver(), "cuDeviceGetName");
  auto *const get_attribute = symbol<int(int *, int, int)>(driver(), "cuDeviceGetAttribute");
  auto *const get_memory = symbol<int(size_t *, int)>(driver(), "cuDeviceTotalMem_v2");
  int device = 0;
  if (!starts_driver() || !get_device || !get_name || !get_attribute || !get_memory ||
      get_device(&device, index) != 0) {
    return false;
  }
  // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR
  constexpr int kMajor = 75, kMinor = 76;
  size_t memory = 0;
  const bool knows_all = get_name(gpu->name, sizeof(gpu->name) - 1, device) == 0 &&
                         get_attribute(&gpu->major, kMajor, device) == 0 &&
                         get_attribute(&gpu->minor, kMinor, device) == 0 && get_memory(&memory, device) == 0;
  gpu->memory = memory;
  return knows_all;
}

bool ctorch_cuda_memory(int32_t index, ctorch_gpu_memory *memory) {
  *memory = {};
  // The CUDA runtime is loaded beside a CUDA libtorch.
  auto *const get_info = symbol<int(size_t *, size_t *)>(RTLD_DEFAULT, "cudaMemGetInfo");
  if (get_info == nullptr || index >= ctorch_cuda_device_count()) return false;
  char *message = nullptr;
  const ctorch_status status = guarded(&message, [&] {
    const auto device = static_cast<c10::DeviceIndex>(index);
    const c10::DeviceGuard guard(at::Device(at::kCUDA, device));
    size_t free = 0, total = 0;
    TORCH_CHECK(get_info(&free, &total) == 0, "the CUDA runtime does not tell");
    memory->free = free;
    memory->most_used = total - free;
#if TORCH_AT_LEAST(2, 11)
    // Older versions tell of it only through CUDA's headers.
    const auto statistics = at::accelerator::getDeviceStats(device);
    memory->most_used = static_cast<uint64_t>(statistics.reserved_bytes[0].peak);
    memory->reusable = reusable_bytes(device, statistics);
#endif
  });
  ctorch_free(message);
  return status == CTORCH_OK;
}

int32_t ctorch_cuda_device_count(void) {
  if (!at::hasCUDA() || !has_cuda_kernels()) return 0;
  return c10::impl::VirtualGuardImpl(at::kCUDA).deviceCount();
}

bool ctorch_cuda_has_bfloat16(int32_t index) {
  // Its units came with compute capability 8 (Ampere).
  ctorch_gpu gpu;
  return ctorch_cuda_describe(index, &gpu) && gpu.major >= 8;
}

void ctorch_cuda_compute_deterministically(void) {
  // Read when the first product is computed.
  setenv("CUBLAS_WORKSPACE_CONFIG", ":4096:8", /*overwrite=*/0);
  at::globalContext().setDeterministicCuDNN(true);
  at::globalContext().setBenchmarkCuDNN(false);
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
}

void ctorch_cuda_seek_fastest(void) {
  if (!at::globalContext().deterministicCuDNN()) at::globalContext().setBenchmarkCuDNN(true);
}

void ctorch_cuda_allow_tf32(bool allowed) {
#if TORCH_AT_LEAST(2, 11)
  // The functions below warn there of being replaced.
  const auto precision = allowed ? at::Float32Precision::TF32 : at::Float32Precision::IEEE;
  for (const auto operation : {at::Float32Op::CONV, at::Float32Op::MATMUL}) {
    at::globalContext().setFloat32Precision(at::Float32Backend::CUDA, operation, precision);
  }
#else
  at::globalContext().setAllowTF32CuDNN(allowed);
  at::globalContext().setAllowTF32CuBLAS(allowed);
#endif
}
