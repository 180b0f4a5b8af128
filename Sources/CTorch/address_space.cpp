// Under a limit of the address space (ulimit -v), libraries around libtorch do not notice that memory has run
// out: OpenBLAS asks for ever, oneDNN writes code to address 0, C++ aborts. So the program ends before they are
// loaded where there is too little for them, and tensors leave them a reserve.

#include "address_space.hpp"

#ifdef __linux__

#include <fcntl.h>
#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

constexpr uint64_t kMebibyte = 1 << 20;

// Over the libraries' own size: 300 MiB were measured that they take for a moment while they are loaded, and
// less than this leaves no room for the smallest network.
constexpr uint64_t kNeededToStart = 512 * kMebibyte;
// What is left to all but tensors: code of kernels, OpenBLAS's buffers, the threads' stacks.
constexpr uint64_t kReserve = 192 * kMebibyte;

// No limit is the largest number.
uint64_t limit() {
  rlimit limits{};
  return getrlimit(RLIMIT_AS, &limits) == 0 && limits.rlim_cur != RLIM_INFINITY ? limits.rlim_cur : UINT64_MAX;
}

// In bytes; 0 where the system does not tell. Uses nothing that has to be set up: it is called before libraries
// are.
uint64_t size_in_use() {
  const int file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
  if (file < 0) return 0;
  char text[64] = {};
  const ssize_t count = read(file, text, sizeof text - 1);
  close(file);
  uint64_t pages = 0;
  for (ssize_t i = 0; i < count && text[i] >= '0' && text[i] <= '9'; ++i) pages = pages * 10 + (text[i] - '0');
  return pages * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// Writes a number, as printf may not be used yet.
char *decimal(uint64_t number, char *end) {
  *--end = '\0';
  do {
    *--end = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  return end;
}

void say(const char *text) {
  if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

[[maybe_unused]] void check_before_loading() {
  const uint64_t limited = limit();
  if (limited == UINT64_MAX) return;
  const uint64_t needed = size_in_use() + kNeededToStart;
  if (limited >= needed) return;
  char number[32];
  say("error: out of memory: the address space is limited (ulimit -v) to ");
  say(decimal(limited / kMebibyte, number + sizeof number));
  say(" MiB; at least ");
  say(decimal(needed / kMebibyte + 1, number + sizeof number));
  say(" MiB are needed to start\n");
  _exit(EXIT_FAILURE);
}

}  // namespace

// The loader calls this before it lets any library set itself up. A sanitizer would have to be set up first.
#if !__has_feature(thread_sanitizer) && !__has_feature(address_sanitizer)
__attribute__((section(".preinit_array"), used)) void (*const check_address_space)() = check_before_loading;
#endif

bool address_space_is_short() {
  // Asked for each tensor.
  static const uint64_t limited = limit();
  return limited != UINT64_MAX && size_in_use() + kReserve > limited;
}

void spare_address_space() {
  // By default each thread reserves 64 MiB of its own.
  if (limit() != UINT64_MAX) mallopt(M_ARENA_MAX, 1);
}

#else

bool address_space_is_short() { return false; }

void spare_address_space() {}

#endif
