// Loops over libtorch's own threads.
#pragma once

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdint>

// The OpenMP runtime that libtorch and oneDNN share: whichever it is, it has these entry points of GCC's.
struct OpenMP {
  using Start = void (*)(void (*)(void *), void *, unsigned, unsigned);
  using Number = int (*)();
  using SetNumber = void (*)(int);

  // Why loops run on one thread; null where they run on all.
  const char *obstacle = nullptr;
  Start start = find<Start>("GOMP_parallel", "the OpenMP runtime has no GOMP_parallel");
  Number thread_number = find<Number>("omp_get_thread_num", "the OpenMP runtime has no omp_get_thread_num");
  Number thread_count = find<Number>("omp_get_num_threads", "the OpenMP runtime has no omp_get_num_threads");
  Number in_parallel = find<Number>("omp_in_parallel", "the OpenMP runtime has no omp_in_parallel");
  // For what the calling thread starts; inside a parallel loop, until its part ends.
  SetNumber set_thread_count =
      find<SetNumber>("omp_set_num_threads", "the OpenMP runtime has no omp_set_num_threads");

 private:
  template <class Function>
  Function find(const char *name, const char *otherwise) {
    const auto found = reinterpret_cast<Function>(dlsym(RTLD_DEFAULT, name));
    if (found == nullptr) obstacle = otherwise;
    return found;
  }
};

inline const OpenMP &openmp() {
  static const OpenMP found;
  return found;
}

// Calls body(begin, end) for parts of [0, count) that cover it, one for each thread; `body` must not throw.
//
// at::parallel_for is an inline that only compilers with OpenMP headers make parallel, which Swift's is not.
template <class Body>
void parallel_for(int64_t count, const Body &body) {
  const OpenMP &runtime = openmp();
  const int64_t parts = std::min<int64_t>(at::get_num_threads(), count);
  if (parts <= 1 || runtime.obstacle != nullptr || runtime.in_parallel()) {
    if (count > 0) body(int64_t{0}, count);
    return;
  }
  struct Loop {
    const Body &body;
    int64_t count, parts;
    const OpenMP &runtime;
  } loop{body, count, parts, runtime};
  const auto run_part = [](void *data) {
    const Loop &loop = *static_cast<Loop *>(data);
    // There may be fewer threads than were asked for.
    for (int64_t part = loop.runtime.thread_number(); part < loop.parts; part += loop.runtime.thread_count()) {
      loop.body(loop.count * part / loop.parts, loop.count * (part + 1) / loop.parts);
    }
  };
  runtime.start(run_part, &loop, static_cast<unsigned>(parts), 0);
}
