// Several processes that train together: libtorch's own groups of them (c10d), its key-value store that they
// meet at, Gloo for tensors on the CPU, and NCCL for those on GPUs where this is built with it.

#define USE_DISTRIBUTED 1
#define USE_C10D_GLOO 1
#ifdef CYCLEGAN_NCCL
#define USE_CUDA 1
#define USE_C10D_NCCL 1
#endif

#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#ifdef CYCLEGAN_NCCL
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "shim.hpp"

namespace {

using Milliseconds = std::chrono::milliseconds;
#if TORCH_AT_LEAST(2, 0)
using Group = c10d::Backend;
#else
using Group = c10d::ProcessGroup;
#endif
using c10d::Work;

c10::intrusive_ptr<c10d::Store> connected_store(const ctorch_launch &launch, bool hosts, bool waits) {
  c10d::TCPStoreOptions options;
  options.port = launch.port;
  options.isServer = hosts;
  options.waitWorkers = waits;
  if (waits) options.numWorkers = launch.count;
  options.timeout = Milliseconds(launch.timeout_ms);
  return c10::make_intrusive<c10d::TCPStore>(launch.host, options);
}

c10::intrusive_ptr<Group> gloo_group(const ctorch_launch &launch, c10::intrusive_ptr<c10d::Store> store) {
  auto options = c10d::ProcessGroupGloo::Options::create(Milliseconds(launch.timeout_ms));
  options->devices.push_back(launch.interface == nullptr
                                 ? c10d::ProcessGroupGloo::createDefaultDevice()
                                 : c10d::ProcessGroupGloo::createDeviceForInterface(launch.interface));
  return c10::make_intrusive<c10d::ProcessGroupGloo>(std::move(store), launch.rank, launch.count,
                                                     std::move(options));
}

#ifdef CYCLEGAN_NCCL
c10::intrusive_ptr<Group> nccl_group(const ctorch_launch &launch,
                                     const c10::intrusive_ptr<c10d::Store> &store) {
  auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = Milliseconds(launch.timeout_ms);
  auto own = c10::make_intrusive<c10d::PrefixStore>("nccl", store);
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(own, launch.rank, launch.count, options);
}
#endif

}  // namespace

struct ctorch_processes {
  // A connection of its own for messages, which never waits behind a collective operation.
  c10::intrusive_ptr<c10d::Store> board;
  c10::intrusive_ptr<Group> gloo;
  // Null where tensors on GPUs are summed on the CPU.
  c10::intrusive_ptr<Group> nccl;
  std::atomic<bool> gives_up{false};

  // Waits for an operation, unless another process is known to have failed: what waits for that one would wait
  // until the timeout.
  void finish(const c10::intrusive_ptr<Work> &work) const {
    constexpr auto kPeriod = Milliseconds(1000);
#ifdef CYCLEGAN_NCCL
    // NCCL's `wait` with a time ends the group when that is over; it ends its operations itself after the
    // timeout.
    if (dynamic_cast<c10d::ProcessGroupNCCL::WorkNCCL *>(work.get()) != nullptr) {
      while (!work->isCompleted()) {
        if (gives_up) throw std::runtime_error("another process has failed");
        std::this_thread::sleep_for(Milliseconds(1));
      }
      work->wait();
      return;
    }
#endif
    for (;;) {
      try {
        work->wait(kPeriod);
        return;
      } catch (const c10::Error &) {
        if (work->isCompleted()) throw;
      }
      if (gives_up) throw std::runtime_error("another process has failed");
    }
  }

  // Starts adding up a tensor over all processes, in place.
  c10::intrusive_ptr<Work> start_sum(at::Tensor tensor) const {
    std::vector<at::Tensor> tensors{std::move(tensor)};
    return (tensors[0].is_cuda() ? nccl : gloo)->allreduce(tensors);
  }

  // Where a tensor's sum is formed: on its device, or on the CPU.
  at::Device device_of_sum(const at::Tensor &tensor) const {
    return nccl && tensor.is_cuda() ? tensor.device() : at::Device(at::kCPU);
  }

  at::Tensor sum(const at::Tensor &tensor) const {
    at::Tensor total = tensor.detach()
                           .to(device_of_sum(tensor), at::kFloat, /*non_blocking=*/false, /*copy=*/true)
                           .contiguous();
    finish(start_sum(total));
    return total.to(tensor.device());
  }
};

namespace {

// d(sum over all losses)/dx of one process is the sum over all processes of what each of them finds for its own
// loss.
class SumOverProcesses : public torch::autograd::Function<SumOverProcesses> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext *context, const at::Tensor &x, int64_t processes) {
    context->saved_data["processes"] = processes;
    return reinterpret_cast<const ctorch_processes *>(processes)->sum(x);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext *context,
                                                 torch::autograd::variable_list gradients) {
    const int64_t processes = context->saved_data["processes"].toInt();
    return {reinterpret_cast<const ctorch_processes *>(processes)->sum(gradients[0]), at::Tensor()};
  }
};

// Tensors that travel together, behind one another.
struct Bucket {
  std::vector<at::Tensor> tensors;
  at::Tensor flat;
  c10::intrusive_ptr<Work> work;

  void start(const ctorch_processes &processes) {
    std::vector<at::Tensor> parts;
    for (const at::Tensor &tensor : tensors) parts.push_back(tensor.reshape({-1}));
    flat = at::cat(parts).to(processes.device_of_sum(tensors[0]));
    work = processes.start_sum(flat);
  }

  void finish(const ctorch_processes &processes) {
    processes.finish(work);
    const at::Tensor sums = flat.to(tensors[0].device());
    int64_t offset = 0;
    for (at::Tensor &tensor : tensors) {
      tensor.copy_(sums.narrow(0, offset, tensor.numel()).view(tensor.sizes()));
      offset += tensor.numel();
    }
  }
};

}  // namespace

struct ctorch_pending_sum {
  std::vector<Bucket> buckets;
};

bool ctorch_processes_can_use_nccl(void) {
#ifdef CYCLEGAN_NCCL
  return at::hasCUDA();
#else
  return false;
#endif
}

ctorch_status ctorch_processes_join(const ctorch_launch *launch, ctorch_processes **result, char **message) {
  *result = nullptr;
  return guarded(message, [&] {
    auto store = connected_store(*launch, /*hosts=*/launch->rank == 0, /*waits=*/true);
    auto processes = std::make_unique<ctorch_processes>();
    processes->board = connected_store(*launch, /*hosts=*/false, /*waits=*/false);
    processes->gloo = gloo_group(*launch, store);
    if (launch->uses_nccl) {
#ifdef CYCLEGAN_NCCL
      processes->nccl = nccl_group(*launch, store);
#else
      TORCH_CHECK(false, "this program is built without NCCL");
#endif
    }
    *result = processes.release();
  });
}

void ctorch_processes_give_up(ctorch_processes *processes) { processes->gives_up = true; }

void ctorch_processes_leave(ctorch_processes *processes) { delete processes; }

ctorch_status ctorch_processes_begin_sum(const ctorch_processes *processes, ctorch_tensor *const *tensors,
                                         int32_t count, int64_t bucket_size, ctorch_pending_sum **result,
                                         char **message) {
  *result = nullptr;
  return guarded(message, [&] {
    const c10::NoGradGuard guard;
    auto pending = std::make_unique<ctorch_pending_sum>();
    std::vector<Bucket> &buckets = pending->buckets;
    int64_t size = 0;
    for (at::Tensor &tensor : plain_list(tensors, count)) {
      if (buckets.empty() || size + tensor.numel() > bucket_size) {
        if (!buckets.empty()) buckets.back().start(*processes);
        buckets.emplace_back();
        size = 0;
      }
      size += tensor.numel();
      buckets.back().tensors.push_back(std::move(tensor));
    }
    if (!buckets.empty()) buckets.back().start(*processes);
    *result = pending.release();
  });
}

ctorch_status ctorch_pending_sum_finish(ctorch_pending_sum *pending, const ctorch_processes *processes,
                                        char **message) {
  return guarded(message, [&] {
    const c10::NoGradGuard guard;
    for (Bucket &bucket : pending->buckets) bucket.finish(*processes);
  });
}

void ctorch_pending_sum_release(ctorch_pending_sum *pending) { delete pending; }

ctorch_status ctorch_processes_sum_differentiably(const ctorch_processes *processes,
                                                  const ctorch_tensor *tensor, ctorch_tensor **result,
                                                  char **message) {
  return guarded_tensor(result, message, [&] {
    return ctorch_tensor(SumOverProcesses::apply(plain(tensor), reinterpret_cast<int64_t>(processes)));
  });
}

ctorch_status ctorch_processes_sum_numbers(const ctorch_processes *processes, double *values, int32_t count,
                                           char **message) {
  return guarded(message,
                 [&] { processes->finish(processes->start_sum(at::from_blob(values, {count}, at::kDouble))); });
}

ctorch_status ctorch_processes_broadcast(const ctorch_processes *processes, int32_t from, void *bytes,
                                         size_t length, char **message) {
  return guarded(message, [&] {
    if (length == 0) return;
    std::vector<at::Tensor> tensors{at::from_blob(bytes, {static_cast<int64_t>(length)}, at::kByte)};
    c10d::BroadcastOptions options;
    options.rootRank = from;
    processes->finish(processes->gloo->broadcast(tensors, options));
  });
}

ctorch_status ctorch_processes_post(const ctorch_processes *processes, const char *key, const char *text,
                                    char **message) {
  return guarded(message, [&] {
    const std::string value(text);
    processes->board->set(key, std::vector<uint8_t>(value.begin(), value.end()));
  });
}

ctorch_status ctorch_processes_posted(const ctorch_processes *processes, const char *key, char **text,
                                      char **message) {
  *text = nullptr;
  return guarded(message, [&] {
    if (!processes->board->check({key})) return;
    const auto value = processes->board->get(key);
    *text = strdup(std::string(value.begin(), value.end()).c_str());
  });
}
