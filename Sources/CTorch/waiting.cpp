// How long threads that compute wait for one another before they sleep.
//
// libgomp's threads spin for some milliseconds first. That is right while each has a core of its own. Beside
// another busy program the thread that is waited for may not be running, and those that spin keep its core from
// it: a training step takes ten times as long. libgomp spins much less while it has more threads than there are
// cores (its manual, GOMP_SPINCOUNT), so while others are found to use the cores, it is given a few more, which
// sleep.

#include <ATen/Parallel.h>
#include <sched.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "address_space.hpp"
#include "parallel.hpp"
#include "shim.hpp"

namespace {

using Clock = std::chrono::steady_clock;

// Asking libtorch in a new thread would set things up there.
std::atomic<int> threads_that_compute{1};

// Threads of libgomp's that do nothing.
class SleepingTeam {
 public:
  explicit SleepingTeam(unsigned size) : leader_([this, size] { lead(size); }) {}

  ~SleepingTeam() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_over_ = true;
    }
    over_.notify_one();
    leader_.join();
  }

 private:
  // The team lasts as long as the thread that has started it.
  void lead(unsigned size) {
    openmp().start([](void *) {}, nullptr, size, 0);
    std::unique_lock<std::mutex> lock(mutex_);
    over_.wait(lock, [this] { return is_over_; });
  }

  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread leader_;
};

// Threads, with the leader, that a team needs for libgomp to count more than there are cores; 0 if it should
// not be tried.
unsigned team_size() {
  // libgomp ends the process if it cannot make a thread, so there should never be many.
  constexpr int kLargest = 8;
  const int computing = threads_that_compute.load(std::memory_order_relaxed);
  int cores = static_cast<int>(std::thread::hardware_concurrency());
#ifdef __linux__
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof mask, &mask) == 0) cores = CPU_COUNT(&mask);
#endif
  // The leader is not counted.
  const int size = std::max(2, cores - computing + 2);
  return computing > 1 && size <= kLargest ? static_cast<unsigned>(size) : 0;
}

// Whether so many threads can be made at once, as libgomp makes them.
bool can_make_threads(unsigned count) {
  std::mutex gate;
  std::vector<std::thread> threads;
  bool made = true;
  {
    const std::lock_guard<std::mutex> closed(gate);
    try {
      while (threads.size() < count)
        threads.emplace_back([&gate] { const std::lock_guard<std::mutex> open(gate); });
    } catch (const std::system_error &) {
      made = false;
    }
  }
  for (std::thread &thread : threads) thread.join();
  return made;
}

std::unique_ptr<SleepingTeam> make_team() {
  const unsigned size = team_size();
  // What tensors leave is enough for the stacks of so few threads.
  if (size == 0 || address_space_is_short() || !can_make_threads(size)) return nullptr;
  try {
    return std::make_unique<SleepingTeam>(size);
  } catch (const std::system_error &) {
    return nullptr;
  }
}

// For how long each thread has been ready to run while others had the cores, in nanoseconds, as the kernel's
// Documentation/scheduler/sched-stats.rst says; empty where it does not tell.
std::map<std::string, uint64_t> waits_for_a_core() {
  namespace fs = std::filesystem;
  std::map<std::string, uint64_t> waits;
  std::error_code failed;
  for (fs::directory_iterator thread("/proc/self/task", failed), end; !failed && thread != end;
       thread.increment(failed)) {
    std::ifstream file(thread->path() / "schedstat");
    uint64_t running = 0, waiting = 0;
    if (file >> running >> waiting) waits[thread->path().filename()] = waiting;
  }
  return waits;
}

// Looks ten times a second whether others use the cores, until the process ends.
class Watch {
 public:
  Watch() : thread_([this] { watch(); }) {}

  ~Watch() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      is_over_ = true;
    }
    over_.notify_one();
    thread_.join();
  }

 private:
  // Of the time, the thread that waits longest for a core waits 2 to 7 % where the process has them to itself,
  // its loading threads included; beside a program that takes a core, 38 % while it spins and 22 % while it
  // does not. (Switches between threads tell less: loading small images makes as many.)
  void watch() {
    constexpr double kBusy = .15, kQuiet = .1;
    constexpr auto kPeriod = std::chrono::milliseconds(100);
    constexpr int kQuietPeriods = 10;
    std::unique_ptr<SleepingTeam> team;
    int quiet_periods = 0;
    auto waits = waits_for_a_core();
    auto time = Clock::now();
    std::unique_lock<std::mutex> lock(mutex_);
    while (!over_.wait_for(lock, kPeriod, [this] { return is_over_; })) {
      const auto waits_before = std::exchange(waits, waits_for_a_core());
      const auto time_before = std::exchange(time, Clock::now());
      uint64_t longest = 0;
      for (const auto &[thread, wait] : waits) {
        const auto before = waits_before.find(thread);
        if (before != waits_before.end()) longest = std::max(longest, wait - before->second);
      }
      const double share = longest / std::chrono::duration<double, std::nano>(time - time_before).count();
      quiet_periods = share < kQuiet ? quiet_periods + 1 : 0;
      if (share > kBusy && !team) team = make_team();
      if (quiet_periods >= kQuietPeriods) team.reset();
    }
  }

  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace

bool ctorch_can_make_threads(int32_t count) {
  return can_make_threads(static_cast<unsigned>(std::max(count, 0)));
}

void count_threads_that_compute() { threads_that_compute = at::get_num_threads(); }

void shorten_waiting_on_busy_machines() {
  // Whoever sets these has chosen.
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (openmp().obstacle != nullptr) return;
  try {
    static Watch watch;
  } catch (const std::system_error &) {
    // Without the thread there is only more waiting.
  }
}
