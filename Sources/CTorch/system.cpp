#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <cstdlib>
#include <string>

#include "address_space.hpp"
#include "blocked/onednn.hpp"
#include "parallel.hpp"
#include "shim.hpp"

void ctorch_initialize(void) {
#if defined(__x86_64__) && !TORCH_AT_LEAST(2, 0)
  // 1.13 uses AVX-512 in its own kernels only when asked, and asks back nothing: on a CPU without it the
  // process would die. Newer versions choose by themselves. Read before the first operator runs.
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("fma")) {
    setenv("ATEN_CPU_CAPABILITY", "avx512", /*overwrite=*/0);
  }
#endif
  spare_address_space();
  use_pooling_allocator();
  shorten_waiting_on_busy_machines();
}

const char *ctorch_version(void) { return TORCH_VERSION; }

void ctorch_set_thread_count(int32_t count) {
  at::set_num_threads(count);
  count_threads_that_compute();
}

const char *ctorch_loop_obstacle(void) { return openmp().obstacle; }

int32_t ctorch_thread_count(void) { return at::get_num_threads(); }

char *ctorch_cpu_capability(void) {
  // 1.13 tells it only inside this text.
  const std::string text = at::show_config(), label = "CPU capability usage: ";
  const auto found = text.find(label);
  if (found == std::string::npos) return strdup("unknown");
  const auto start = found + label.size();
  return strdup(text.substr(start, text.find('\n', start) - start).c_str());
}

const char *ctorch_convolution_library(void) {
  static const std::string name = "oneDNN " + onednn::version();
  return onednn::is_available() ? name.c_str() : nullptr;
}

bool ctorch_convolves_by_winograd(int64_t batch, int64_t channels, int64_t height, int64_t width) {
  onednn::Convolution c{};
  c.batch = batch;
  c.in_channels = c.out_channels = channels;
  c.in_height = height;
  c.in_width = width;
  c.out_height = height - 2;
  c.out_width = width - 2;
  c.kernel_height = c.kernel_width = 3;
  c.stride = 1;
  const auto winograd = onednn::Arithmetic::float32_winograd;
  // A kernel that cannot be made is one that there is none of.
  char *message = nullptr;
  bool is_used = false;
  guarded(&message, [&] {
    is_used = c.out_height > 0 && c.out_width > 0 &&
              onednn::fastest(c, onednn::Pass::forward, /*allow_bfloat16=*/false) == winograd &&
              onednn::has_kernel(c, onednn::Pass::forward, winograd);
  });
  ctorch_free(message);
  return is_used;
}

int64_t ctorch_weight_orders_made(void) { return onednn::orders_made(); }

int64_t ctorch_weight_orders_memory(void) { return onednn::bytes_of_orders(); }

bool ctorch_cpu_has_bfloat16(void) {
#if defined(__x86_64__)
  __builtin_cpu_init();
  return __builtin_cpu_supports("avx512bf16");
#else
  return false;
#endif
}

bool ctorch_mps_is_available(void) { return at::hasMPS(); }

ctorch_status ctorch_synchronize(ctorch_device device, char **message) {
  return guarded(message, [&] {
    if (device.type == CTORCH_CPU) return;
    const c10::impl::VirtualGuardImpl guard(device_of(device).type());
    guard.getStream(device_of(device)).synchronize();
  });
}
