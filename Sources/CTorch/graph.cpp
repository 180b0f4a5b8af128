// Work that a GPU is given once and repeats as a whole. Of a step at batch 1 launching the kernels one by one
// takes longer than the kernels do.

#include <c10/core/impl/VirtualGuardImpl.h>

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>

#include "shim.hpp"

#ifdef CYCLEGAN_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>

struct ctorch_graph {
  at::cuda::CUDAGraph graph;
  at::Device device;
  // What the thread launched into before the recording.
  c10::Stream previous;
  // Why the recording has ended before its time.
  std::string failure;

  ctorch_graph(at::Device device, c10::Stream previous) : device(device), previous(previous) {}
};

namespace {

// What this thread is recording; null for nothing.
thread_local ctorch_graph *recording = nullptr;

// Throws what libtorch or the driver say about the recorded work.
void end_recording() {
  ctorch_graph &graph = *recording;
  recording = nullptr;
  // The recording has to end on its own stream.
  try {
    graph.graph.capture_end();
  } catch (...) {
    c10::impl::VirtualGuardImpl(at::kCUDA).exchangeStream(graph.previous);
    throw;
  }
  c10::impl::VirtualGuardImpl(at::kCUDA).exchangeStream(graph.previous);
}

}  // namespace

bool abandon_recording(const char *reason) noexcept {
  if (recording == nullptr) return false;
  recording->failure = reason;
  char *message = nullptr;
  guarded(&message, [] { end_recording(); });
  ctorch_free(message);
  return true;
}

const char *ctorch_graph_obstacle(ctorch_device device) {
  return device.type == CTORCH_CUDA ? nullptr : "only CUDA devices repeat recorded work";
}

ctorch_status ctorch_graph_begin(ctorch_device device, ctorch_graph **result, char **message) {
  *result = nullptr;
  return guarded(message, [&] {
    TORCH_CHECK(recording == nullptr, "this thread is recording already");
    TORCH_CHECK(device.type == CTORCH_CUDA, ctorch_graph_obstacle(device));
    const c10::impl::VirtualGuardImpl guard(at::kCUDA);
    const at::Device on = device_of(device);
    auto made = std::make_unique<ctorch_graph>(on, guard.getStream(on));
    made->previous.synchronize();
    // The recording gets memory of its own, which must not be lacking because freed tensors keep it.
    c10::cuda::CUDACachingAllocator::emptyCache();
    guard.exchangeStream(guard.getStreamFromGlobalPool(on, /*isHighPriority=*/false));
    try {
      // Of this thread alone: others read images meanwhile.
      made->graph.capture_begin({0, 0}, cudaStreamCaptureModeThreadLocal);
    } catch (...) {
      guard.exchangeStream(made->previous);
      throw;
    }
    *result = recording = made.release();
  });
}

ctorch_status ctorch_graph_end(ctorch_graph *graph, char **message) {
  // Not an operator: nothing is left to abandon.
  *message = nullptr;
  if (graph == nullptr || recording != graph) {
    *message = strdup(graph == nullptr ? "nothing was recorded" : graph->failure.c_str());
    return CTORCH_FAILED;
  }
  return guarded(message, [] { end_recording(); });
}

ctorch_status ctorch_graph_replay(ctorch_graph *graph, char **message) {
  return guarded(message, [&] {
    TORCH_CHECK(graph != nullptr, "nothing was recorded");
    graph->graph.replay();
  });
}

void ctorch_graph_release(ctorch_graph *graph) { delete graph; }

#else

struct ctorch_graph {};

bool abandon_recording(const char *) noexcept { return false; }

const char *ctorch_graph_obstacle(ctorch_device device) {
  return device.type == CTORCH_CUDA ? "this program was built without CUDA's headers (NVIDIA)"
                                    : "only CUDA devices repeat recorded work";
}

ctorch_status ctorch_graph_begin(ctorch_device device, ctorch_graph **result, char **message) {
  *result = nullptr;
  *message = strdup(ctorch_graph_obstacle(device));
  return CTORCH_FAILED;
}

ctorch_status ctorch_graph_end(ctorch_graph *, char **message) {
  *message = strdup("nothing was recorded");
  return CTORCH_FAILED;
}

ctorch_status ctorch_graph_replay(ctorch_graph *, char **message) {
  *message = strdup("nothing was recorded");
  return CTORCH_FAILED;
}

void ctorch_graph_release(ctorch_graph *graph) { delete graph; }

#endif
