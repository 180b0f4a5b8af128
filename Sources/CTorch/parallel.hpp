// Loops over libtorch's own threads.
#pragma once

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <cstdint>

// Calls body(begin, end) for parts of [0, count) that cover it, one for each thread; `body` must not throw.
//
// at::parallel_for is an inline that only compilers with OpenMP headers make parallel, which Swift's is not.
// libtorch and oneDNN share one OpenMP runtime, and whichever it is has this entry point of GCC's.
template <class Body>
void parallel_for(int64_t count, const Body &body) {
  using Start = void (*)(void (*)(void *), void *, unsigned, unsigned);
  using Number = int (*)();
  static const auto start = reinterpret_cast<Start>(dlsym(RTLD_DEFAULT, "GOMP_parallel"));
  static const auto thread_number = reinterpret_cast<Number>(dlsym(RTLD_DEFAULT, "omp_get_thread_num"));
  static const auto thread_count = reinterpret_cast<Number>(dlsym(RTLD_DEFAULT, "omp_get_num_threads"));
  static const auto in_parallel = reinterpret_cast<Number>(dlsym(RTLD_DEFAULT, "omp_in_parallel"));

  const int64_t parts = std::min<int64_t>(at::get_num_threads(), count);
  if (parts <= 1 || !start || !thread_number || !thread_count || !in_parallel ||
      in_parallel()) {
    if (count > 0) body(int64_t{0}, count);
    return;
  }
  struct Loop {
    const Body &body;
    int64_t count, parts;
    Number thread_number, thread_count;
  } loop{body, count, parts, thread_number, thread_count};
  const auto run_part = [](void *data) {
    const Loop &loop = *static_cast<Loop *>(data);
    // There may be fewer threads than were asked for.
    for (int64_t part = loop.thread_number(); part < loop.parts; part += loop.thread_count()) {
      loop.body(loop.count * part / loop.parts, loop.count * (part + 1) / loop.parts);
    }
  };
  start(run_part, &loop, static_cast<unsigned>(parts), 0);
}
