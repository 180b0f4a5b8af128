// The memory of tensors on the CPU. libtorch takes every feature map from the system and gives it back at
// once; the system then clears it page by page, which takes a third of a training step's time.

#include <c10/core/Allocator.h>
#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <utility>

#include "address_space.hpp"
#include "shim.hpp"

namespace {

constexpr size_t kPage = 4096;
constexpr size_t kHugePage = 2 << 20;
// Smaller tensors stay with malloc, which keeps memory of that size itself. Of larger ones it gives back what
// is at its end, which took a fifth of the step of a fully connected GAN.
constexpr size_t kSmallest = 16 << 10;
constexpr size_t kRegion = 128 << 20;
// Larger tensors come from the system and go back to it: keeping them could double what a program holds.
constexpr size_t kLargest = kRegion / 2;

size_t rounded_up(size_t size, size_t unit) { return (size + unit - 1) / unit * unit; }

// Memory from the system, in huge pages where it has them; null if there is none.
char *map_memory(size_t size) {
  void *found = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (found == MAP_FAILED) return nullptr;
  // Cut to a huge page's boundary.
  char *const begin = static_cast<char *>(found);
  char *const aligned = reinterpret_cast<char *>(rounded_up(reinterpret_cast<size_t>(begin), kHugePage));
  if (aligned > begin) munmap(begin, aligned - begin);
  if (aligned < begin + kHugePage) munmap(aligned + size, begin + kHugePage - aligned);
#ifdef MADV_HUGEPAGE
  madvise(aligned, size, MADV_HUGEPAGE);
#endif
  return aligned;
}

// Regions of memory cut into pieces: the smallest free piece that is large enough is taken, and free
// neighbors become one piece again. Large tensors have regions of their own.
class Pool {
 public:
  // Null if there is no memory.
  void *take(size_t size) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return size > kLargest ? take_region(rounded_up(size, kHugePage)) : take_piece(rounded_up(size, kPage));
  }

  // Bytes that are free and stay with the program.
  size_t free_size() {
    const std::lock_guard<std::mutex> lock(mutex_);
    size_t sum = 0;
    for (const auto &piece : free_) sum += piece.first;
    return sum;
  }

  // False for memory that is not the pool's.
  bool give_back(void *pointer) {
    const std::lock_guard<std::mutex> lock(mutex_);
    auto piece = pieces_.find(static_cast<char *>(pointer));
    if (piece == pieces_.end()) return false;
    if (piece->second.size > kLargest) {
      munmap(piece->first, piece->second.size);
      pieces_.erase(piece);
      return true;
    }
    piece->second.is_free = true;
    const auto next = std::next(piece);
    if (next != pieces_.end()) absorb(piece, next);
    if (piece != pieces_.begin()) {
      const auto previous = std::prev(piece);
      if (previous->second.is_free && previous->second.region == piece->second.region) {
        free_.erase({previous->second.size, previous->first});
        absorb(previous, piece);
        piece = previous;
      }
    }
    free_.insert({piece->second.size, piece->first});
    return true;
  }

 private:
  struct Piece {
    size_t size;
    char *region;
    bool is_free;
  };
  using Pieces = std::map<char *, Piece>;

  void *take_region(size_t size) {
    char *const region = map_memory(size);
    if (region != nullptr) pieces_[region] = {size, region, false};
    return region;
  }

  void *take_piece(size_t size) {
    auto best = free_.lower_bound({size, nullptr});
    if (best == free_.end()) {
      char *const region = map_memory(kRegion);
      if (region == nullptr) return nullptr;
      pieces_[region] = {kRegion, region, true};
      best = free_.insert({kRegion, region}).first;
    }
    char *const begin = best->second;
    Piece &piece = pieces_[begin];
    free_.erase(best);
    if (piece.size > size) {
      pieces_[begin + size] = {piece.size - size, piece.region, true};
      free_.insert({piece.size - size, begin + size});
    }
    piece.size = size;
    piece.is_free = false;
    return begin;
  }

  // Joins `second` to `first` if both are free and of one region; `first` is not in the free list.
  void absorb(Pieces::iterator first, Pieces::iterator second) {
    if (!second->second.is_free || second->second.region != first->second.region) return;
    free_.erase({second->second.size, second->first});
    first->second.size += second->second.size;
    pieces_.erase(second);
  }

  std::mutex mutex_;
  Pieces pieces_;
  std::set<std::pair<size_t, char *>> free_;
};

Pool &pool() {
  static auto *const made = new Pool();  // tensors may outlive static destruction
  return *made;
}

// Whatever memory the allocator handed out.
void give_back(void *pointer) {
  if (!pool().give_back(pointer)) c10::GetDefaultCPUAllocator()->raw_deallocate(pointer);
}

// Version 2.2 has copy_data; 2.3 has taken the const away.
#if TORCH_AT_LEAST(2, 3)
#define ALLOCATE_CONST
#else
#define ALLOCATE_CONST const
#endif

class PoolingAllocator final : public at::Allocator {
 public:
  at::DataPtr allocate(size_t size) ALLOCATE_CONST override {
    void *const memory = size < kSmallest ? nullptr : pool().take(size);
    // Small tensors too: a small network has no others before its kernels are made.
    if (address_space_is_short()) {
      if (memory != nullptr) give_back(memory);
      TORCH_CHECK(false, "DefaultCPUAllocator: not enough memory: you tried to allocate ", size, " bytes.");
    }
    // Small, or there may be room for the tensor where there is none for a region; if not, libtorch's allocator
    // says so.
    if (memory == nullptr) return c10::GetDefaultCPUAllocator()->allocate(size);
    return {memory, memory, give_back, at::Device(at::kCPU)};
  }

  at::DeleterFnPtr raw_deleter() const override { return give_back; }

#if TORCH_AT_LEAST(2, 2)
  void copy_data(void *target, const void *source, std::size_t count) const override {
    default_copy_data(target, source, count);
  }
#endif
};

}  // namespace

void use_pooling_allocator() {
  static auto *const allocator = new PoolingAllocator();
  // A higher priority than libtorch's own allocator has.
  c10::SetCPUAllocator(allocator, /*priority=*/1);
}

uint64_t ctorch_reusable_memory(void) { return pool().free_size() + onednn::bytes_of_scratchpads(); }

void ctorch_discard_values(const ctorch_tensor *tensor) {
  const at::Tensor &values = borrowed(tensor).values;
  if (!values.device().is_cpu() || values.storage().use_count() != 1) return;
  const auto first = reinterpret_cast<size_t>(values.storage().data());
  const size_t begin = rounded_up(first, kPage), end = (first + values.storage().nbytes()) / kPage * kPage;
  if (begin < end) madvise(reinterpret_cast<void *>(begin), end - begin, MADV_DONTNEED);
}
