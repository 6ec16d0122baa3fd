#include "kernel/slabs.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <mutex>
#include <new>
#include <utility>

namespace troupe::kernel {

namespace {

constexpr std::size_t kSlab = std::size_t{2} << 20;
constexpr std::size_t kAhead = std::size_t{256} << 10;
constexpr std::size_t kStep = 16;
constexpr std::size_t kSizes = SlabMemory::kLargest / kStep;
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

std::array<std::array<Shelf, kSizes>, kShards> shelves;
std::atomic<std::size_t> threads_so_far{0};

struct alignas(64) Slab {
  Shelf* shelf;
  Slab* next;
  Slab* previous;
  Free* free;
  std::size_t fresh;  // offset of what was never used
  std::size_t ready;  // up to here pages were asked for; those of a shelf's first slab come as they are touched
  std::size_t piece;
  std::size_t used;
};

Slab* slab_of(void* piece) {
  return reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(piece) & ~static_cast<std::uintptr_t>(kSlab - 1));
}

/// Aligned to its size: twice as much is asked for, and the ends are given back.
Slab* map_slab() {
  void* memory = mmap(nullptr, 2 * kSlab, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(memory);
  const std::size_t before = (kSlab - reinterpret_cast<std::uintptr_t>(begin) % kSlab) % kSlab;
  if (before != 0) munmap(begin, before);
  munmap(begin + before + kSlab, kSlab - before);
  reserved_bytes.fetch_add(kSlab, std::memory_order_relaxed);
  return new (begin + before) Slab;
}

/// Many pages at once cost less than a fault for each.
void prepare(Slab* slab) {
#ifdef MADV_POPULATE_WRITE
  madvise(reinterpret_cast<std::byte*>(slab) + slab->ready, kAhead, MADV_POPULATE_WRITE);  // if not, they fault
#endif
  slab->ready += kAhead;
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
  Slab* slab = map_slab();
  slab->shelf = &shelf;
  slab->free = nullptr;
  slab->fresh = sizeof(Slab);
  slab->ready = shelf.count == 0 ? kSlab : 0;
  slab->piece = size;
  slab->used = 0;
  ++shelf.count;
  ++shelf.empty;
  link(shelf, slab);
  return slab;
}

void* take_from(Shelf& shelf, std::size_t size) {
  Slab* slab = shelf.with_room != nullptr ? shelf.with_room : add_slab(shelf, size);
  void* piece = slab->free;
  if (piece != nullptr) {
    slab->free = slab->free->next;
  } else {
    piece = reinterpret_cast<std::byte*>(slab) + slab->fresh;
    slab->fresh += slab->piece;
    if (slab->fresh > slab->ready) prepare(slab);
  }
  if (slab->used++ == 0) --shelf.empty;
  if (is_full(*slab)) unlink(shelf, slab);
  return piece;
}

void give_to(Shelf& shelf, Slab* slab, void* piece) {
  if (is_full(*slab)) link(shelf, slab);
  slab->free = new (piece) Free{slab->free};
  if (--slab->used != 0 || ++shelf.empty == 1) return;
  --shelf.empty;
  unlink(shelf, slab);
  --shelf.count;
  munmap(slab, kSlab);
  reserved_bytes.fetch_sub(kSlab, std::memory_order_relaxed);
}

/// What a thread has at hand, by size, so that it takes a shelf's lock once for many pieces: those that one thread
/// takes and another gives go round in batches. Constant at first and never destroyed: the fast path checks nothing.
struct AtHand {
  struct Pile {
    Free* first = nullptr;
    std::size_t count = 0;
  };
  std::array<Pile, kSizes> piles{};
  std::size_t shard = kShards;  // not chosen yet
  bool thread_ends = false;

  void put(std::size_t index, void* piece) {
    Pile& pile = piles[index];
    pile.first = new (piece) Free{pile.first};
    ++pile.count;
  }
  void* get(std::size_t index) {
    Pile& pile = piles[index];
    --pile.count;
    return std::exchange(pile.first, pile.first->next);
  }
};

constinit thread_local AtHand at_hand;

constexpr std::size_t size_of(std::size_t index) { return (index + 1) * kStep; }
constexpr std::size_t batch_of(std::size_t index) { return std::clamp<std::size_t>(8192 / size_of(index), 2, 32); }

/// Gives back all but `kept`. Neighbours are mostly of one shelf: its lock is kept for them.
void shrink(std::size_t index, std::size_t kept) {
  std::unique_lock<std::mutex> lock;
  while (at_hand.piles[index].count > kept) {
    void* piece = at_hand.get(index);
    Slab* slab = slab_of(piece);
    Shelf& shelf = *slab->shelf;
    if (lock.mutex() != &shelf.mutex) {
      lock = {};
      lock = std::unique_lock(shelf.mutex);
    }
    give_to(shelf, slab, piece);
  }
}

/// What is given later, at the very end of a thread, goes to the shelves at once.
struct ThreadsEnd {
  bool watched = true;
  ~ThreadsEnd() {
    at_hand.thread_ends = true;
    for (std::size_t i = 0; i < kSizes; ++i) shrink(i, 0);
  }
};

void choose_shard() {
  thread_local ThreadsEnd end;
  if (end.watched) at_hand.shard = threads_so_far.fetch_add(1, std::memory_order_relaxed) % kShards;
}

void refill(std::size_t index) {
  if (at_hand.shard == kShards) choose_shard();
  Shelf& shelf = shelves[at_hand.shard][index];
  const std::lock_guard lock(shelf.mutex);
  for (std::size_t n = at_hand.thread_ends ? 1 : batch_of(index); n != 0; --n)
    at_hand.put(index, take_from(shelf, size_of(index)));
}

}  // namespace

void* SlabMemory::take(std::size_t bytes) {
  if (bytes == 0 || bytes > kLargest) return ::operator new(bytes);
  const std::size_t index = (bytes - 1) / kStep;
  if (at_hand.piles[index].count == 0) refill(index);
  return at_hand.get(index);
}

void SlabMemory::give(void* piece, std::size_t bytes) noexcept {
  if (bytes == 0 || bytes > kLargest) return ::operator delete(piece);
  const std::size_t index = (bytes - 1) / kStep;
  at_hand.put(index, piece);
  if (at_hand.shard == kShards) choose_shard();
  const std::size_t most = at_hand.thread_ends ? 0 : 2 * batch_of(index);
  if (at_hand.piles[index].count > most) shrink(index, most / 2);
}

std::size_t SlabMemory::reserved() { return reserved_bytes.load(std::memory_order_relaxed); }

}  // namespace troupe::kernel
