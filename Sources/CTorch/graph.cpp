// Work that a GPU is given once and repeats as a whole. Of a step at batch 1 launching the kernels one by one
// takes longer than the kernels do.

#include <c10/core/DeviceGuard.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <functional>
#include <memory>
#include <string>

#include "shim.hpp"

#ifdef CYCLEGAN_CUDA
#include <ATen/core/CachingHostAllocator.h>
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>

// Made and ended while its device is the current one: CUDAGraph asks for the stream of that.
struct ctorch_graph {
  at::cuda::CUDAGraph graph;
  at::Device device;
  // Of memory that nobody else gets as long as the recording exists.
  c10::cuda::MempoolId_t pool = at::cuda::graph_pool_handle();
  // What the thread launched into before the recording, and what it does meanwhile.
  c10::Stream previous, stream;
  // Why the recording has ended before its time.
  std::string failure;

  ctorch_graph(at::Device device, c10::Stream previous, c10::Stream stream)
      : device(device), previous(previous), stream(stream) {}
};

namespace {

// What this thread is recording; null for nothing.
thread_local ctorch_graph *recording = nullptr;

bool succeeds(const std::function<void()> &body) {
  char *message = nullptr;
  const ctorch_status status = guarded(&message, body);
  ctorch_free(message);
  return status == CTORCH_OK;
}

// Of a recording that has failed CUDAGraph gives nothing back: both allocators would go on asking it whether
// memory is to come from its pool, also when it is gone, and the pool would stay. It throws at what has been
// done already, or was never begun, which depends on where the recording has failed.
void give_up_pool(ctorch_graph &graph) {
  // With a pool to tell of the recording is whole, and releases it when it goes.
  if (succeeds([&] { graph.graph.pool(); })) return;
  using namespace c10::cuda;
  succeeds([&] { CUDACachingAllocator::endAllocateToPool(graph.device.index(), graph.pool); });
  succeeds([&] { CUDACachingAllocator::releasePool(graph.device.index(), graph.pool); });
#if TORCH_AT_LEAST(2, 11)
  succeeds([&] { at::getHostAllocator(at::kCUDA)->end_allocate_to_pool(graph.pool); });
  succeeds([&] { at::getHostAllocator(at::kCUDA)->release_pool(graph.pool); });
#endif
}

// Throws what libtorch or the driver say about the recorded work.
void end_recording() {
  ctorch_graph &graph = *recording;
  recording = nullptr;
  const c10::DeviceGuard on(graph.device);
  // The recording has to end on its own stream.
  try {
    graph.graph.capture_end();
  } catch (...) {
    c10::impl::VirtualGuardImpl(at::kCUDA).exchangeStream(graph.previous);
    give_up_pool(graph);
    throw;
  }
  c10::impl::VirtualGuardImpl(at::kCUDA).exchangeStream(graph.previous);
}

}  // namespace

bool abandon_recording(const char *reason) noexcept {
  if (recording == nullptr) return false;
  recording->failure = reason;
  succeeds([] { end_recording(); });
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
    const at::Device gpu = device_of(device);
    const c10::DeviceGuard on(gpu);
    const c10::impl::VirtualGuardImpl guard(at::kCUDA);
    auto made =
        std::make_unique<ctorch_graph>(gpu, guard.getStream(gpu), side_stream(gpu, SideStream::recording));
    made->previous.synchronize();
    // The recording gets memory of its own, which must not be lacking because freed tensors keep it.
    c10::cuda::CUDACachingAllocator::emptyCache();
    guard.exchangeStream(made->stream);
    try {
      // Of this thread alone: others read images meanwhile.
      made->graph.capture_begin(made->pool, cudaStreamCaptureModeThreadLocal);
    } catch (...) {
      guard.exchangeStream(made->previous);
      give_up_pool(*made);
      throw;
    }
    *result = recording = made.release();
  });
}

ctorch_status ctorch_graph_end(ctorch_graph *graph, char **message) {
  *message = nullptr;
  // So that Tests/GPU can see what a recording leaves behind that fails when all is recorded.
  if (graph != nullptr && std::getenv("CYCLEGAN_SPOIL_RECORDINGS") != nullptr) {
    succeeds([&] { graph->stream.synchronize(); });
  }
  // Not an operator: nothing is left to abandon.
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

void ctorch_graph_give_back(void) {
  succeeds([] { c10::cuda::CUDACachingAllocator::emptyCache(); });
}

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

void ctorch_graph_give_back(void) {}

#endif
