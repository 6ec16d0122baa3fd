#include "kernel/slabs.hpp"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>

namespace troupe::kernel {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)

void* Slabs::take(std::size_t bytes) { return ::operator new(bytes); }
void Slabs::give(void* piece, std::size_t) noexcept { ::operator delete(piece); }
std::size_t Slabs::reserved() { return 0; }

#else

namespace {

constexpr std::size_t kSlab = std::size_t{2} << 20;
constexpr std::size_t kStep = 16;
constexpr std::size_t kSizes = Slabs::kLargest / kStep;
constexpr std::size_t kShards = 8;

std::atomic<std::size_t> reserved_bytes{0};

struct Free {
  Free* next;
};
struct Slab;

/// Slabs of one size for some threads: those that have room in a list, the first is taken from.
struct Shelf {
  std::mutex mutex;
  Slab* with_room = nullptr;
  std::size_t count = 0;
  std::size_t empty = 0;  // at most one: what comes and goes at the edge of a slab does not map one each time
};

struct alignas(64) Slab {
  Shelf* shelf;
  Slab* next;
  Slab* previous;
  Free* free;
  std::size_t fresh;  // offset of what was never used
  std::size_t piece;
  std::size_t used;
};

Shelf& shelf_of(std::size_t size) {
  static std::array<std::array<Shelf, kSizes>, kShards> shelves;
  static std::atomic<std::size_t> threads{0};
  thread_local const std::size_t shard = threads.fetch_add(1, std::memory_order_relaxed) % kShards;
  return shelves[shard][(size - 1) / kStep];
}

Slab* slab_of(void* piece) {
  return reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(piece) & ~static_cast<std::uintptr_t>(kSlab - 1));
}

/// Aligned to its size: twice as much is asked for, and the ends are given back.
Slab* map_slab(bool large_page) {
  void* memory = mmap(nullptr, 2 * kSlab, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(memory);
  const std::size_t before = (kSlab - reinterpret_cast<std::uintptr_t>(begin) % kSlab) % kSlab;
  if (before != 0) munmap(begin, before);
  munmap(begin + before + kSlab, kSlab - before);
  if (large_page) madvise(begin + before, kSlab, MADV_HUGEPAGE);
  reserved_bytes.fetch_add(kSlab, std::memory_order_relaxed);
  return new (begin + before) Slab;
}

void link(Shelf& shelf, Slab* slab) {
  slab->previous = nullptr;
  slab->next = shelf.with_room;
  if (slab->next != nullptr) slab->next->previous = slab;
  shelf.with_room = slab;
}

void unlink(Shelf& shelf, Slab* slab) {
  (slab->previous != nullptr ? slab->previous->next : shelf.with_room) = slab->next;
  if (slab->next != nullptr) slab->next->previous = slab->previous;
}

bool is_full(const Slab& slab) { return slab.free == nullptr && slab.fresh + slab.piece > kSlab; }

Slab* add_slab(Shelf& shelf, std::size_t size) {
  Slab* slab = map_slab(shelf.count != 0);
  slab->shelf = &shelf;
  slab->free = nullptr;
  slab->fresh = sizeof(Slab);
  slab->piece = (size + kStep - 1) / kStep * kStep;
  slab->used = 0;
  ++shelf.count;
  ++shelf.empty;
  link(shelf, slab);
  return slab;
}

}  // namespace

void* Slabs::take(std::size_t bytes) {
  if (bytes == 0 || bytes > kLargest) return ::operator new(bytes);
  Shelf& shelf = shelf_of(bytes);
  const std::lock_guard lock(shelf.mutex);
  Slab* slab = shelf.with_room != nullptr ? shelf.with_room : add_slab(shelf, bytes);
  void* piece = slab->free;
  if (piece != nullptr) {
    slab->free = slab->free->next;
  } else {
    piece = reinterpret_cast<std::byte*>(slab) + slab->fresh;
    slab->fresh += slab->piece;
  }
  if (slab->used++ == 0) --shelf.empty;
  if (is_full(*slab)) unlink(shelf, slab);
  return piece;
}

void Slabs::give(void* piece, std::size_t bytes) noexcept {
  if (bytes == 0 || bytes > kLargest) return ::operator delete(piece);
  Slab* slab = slab_of(piece);
  Shelf& shelf = *slab->shelf;
  const std::lock_guard lock(shelf.mutex);
  if (is_full(*slab)) link(shelf, slab);
  slab->free = new (piece) Free{slab->free};
  if (--slab->used != 0 || ++shelf.empty == 1) return;
  --shelf.empty;
  unlink(shelf, slab);
  --shelf.count;
  munmap(slab, kSlab);
  reserved_bytes.fetch_sub(kSlab, std::memory_order_relaxed);
}

std::size_t Slabs::reserved() { return reserved_bytes.load(std::memory_order_relaxed); }

#endif

}  // namespace troupe::kernel
