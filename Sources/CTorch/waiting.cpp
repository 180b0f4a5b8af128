// How long threads that compute wait for one another before they sleep.
//
// libgomp's threads spin for some milliseconds first. That is right while each has a core of its own. Beside
// another busy program the thread that is waited for may not be running, and those that spin keep its core from
// it: a training step takes ten times as long. libgomp spins much less while it has more threads than there are
// cores (its manual, GOMP_SPINCOUNT), so while others are found to use the cores, it is given a few more, which
// sleep.

#include <ATen/Parallel.h>
#include <sched.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

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

std::unique_ptr<SleepingTeam> make_team() {
  const unsigned size = team_size();
  if (size == 0) return nullptr;
  try {
    for (unsigned i = 0; i < size; ++i) std::thread([] {}).join();
    return std::make_unique<SleepingTeam>(size);
  } catch (const std::system_error &) {
    return nullptr;
  }
}

// How often this process has lost a core to another one.
long involuntary_switches() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_nivcsw;
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
  // With the cores to itself a process counts about 20 switches a second; beside one that takes a core, over
  // 200 while it spins and over 800 while it does not.
  void watch() {
    constexpr double kBusy = 150, kQuiet = 50;
    constexpr auto kPeriod = std::chrono::milliseconds(100);
    constexpr int kQuietPeriods = 10;
    std::unique_ptr<SleepingTeam> team;
    int quiet_periods = 0;
    long switches = involuntary_switches();
    auto time = Clock::now();
    std::unique_lock<std::mutex> lock(mutex_);
    while (!over_.wait_for(lock, kPeriod, [this] { return is_over_; })) {
      const long switches_before = switches;
      const auto time_before = time;
      switches = involuntary_switches();
      time = Clock::now();
      const double rate =
          (switches - switches_before) / std::chrono::duration<double>(time - time_before).count();
      quiet_periods = rate < kQuiet ? quiet_periods + 1 : 0;
      if (rate > kBusy && !team) team = make_team();
      if (quiet_periods >= kQuietPeriods) team.reset();
    }
  }

  std::mutex mutex_;
  std::condition_variable over_;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace

void count_threads_that_compute() { threads_that_compute = at::get_num_threads(); }

void shorten_waiting_on_busy_machines() {
  // Whoever sets these has chosen.
  if (std::getenv("GOMP_SPINCOUNT") != nullptr || std::getenv("OMP_WAIT_POLICY") != nullptr) return;
  if (openmp().obstacle != nullptr) return;
  count_threads_that_compute();
  try {
    static Watch watch;
  } catch (const std::system_error &) {
    // Without the thread there is only more waiting.
  }
}
