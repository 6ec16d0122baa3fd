#include "storage/record_pool.hpp"

#include <sys/mman.h>

#include <cstdint>
#include <new>

namespace troupe::storage {
namespace {

/// Aligned to their size, so that a block finds its slab.
std::byte* map_aligned(std::size_t bytes) {
  void* wide = ::mmap(nullptr, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (wide == MAP_FAILED) throw std::bad_alloc();
  auto* begin = static_cast<std::byte*>(wide);
  const std::size_t skip = (bytes - reinterpret_cast<std::uintptr_t>(begin) % bytes) % bytes;
  if (skip != 0) ::munmap(begin, skip);
  ::munmap(begin + skip + bytes, bytes - skip);
  return begin + skip;
}

}  // namespace

RecordPool::~RecordPool() {
  for (Class& group : classes_) {
    while (group.open != nullptr) {
      Slab* slab = group.open;
      unlink(group, slab);
      ::munmap(slab, kSlab);
    }
  }
  for (void* slab : spare_) ::munmap(slab, kSlab);
}

void RecordPool::link(Class& group, Slab* slab) noexcept {
  slab->before = nullptr;
  slab->after = group.open;
  if (group.open != nullptr) group.open->before = slab;
  group.open = slab;
}

void RecordPool::unlink(Class& group, Slab* slab) noexcept {
  (slab->before == nullptr ? group.open : slab->before->after) = slab->after;
  if (slab->after != nullptr) slab->after->before = slab->before;
}

void* RecordPool::fresh_slab() {
  constexpr std::size_t kSlabs = kHugePage / kSlab;
  std::lock_guard lock(spare_mutex_);
  if (spare_.empty()) {
    spare_.reserve(spare_most_ + kSlabs);  // so that giving back never allocates
    const bool large = slabs_ * kSlab >= kLarge && spare_most_ >= kSlabs;
    const std::size_t bytes = large ? kHugePage : kSlab;
    std::byte* space = map_aligned(bytes);
    if (large) (void)::madvise(space, bytes, MADV_HUGEPAGE);  // a system without them gives small ones
    for (std::size_t at = bytes; at != 0; at -= kSlab) spare_.push_back(space + at - kSlab);
    slabs_ += bytes / kSlab;
  }
  void* slab = spare_.back();
  spare_.pop_back();
  return slab;
}

RecordPool::Slab* RecordPool::new_slab(std::size_t block_bytes) {
  auto* slab = ::new (fresh_slab()) Slab;
  slab->most = static_cast<std::uint32_t>((kSlab - sizeof(Slab)) / block_bytes);
  return slab;
}

void RecordPool::retire(Slab* slab) noexcept {
  {
    std::lock_guard lock(spare_mutex_);
    if (spare_.size() < spare_most_) {
      spare_.push_back(slab);
      return;
    }
    --slabs_;
  }
  ::munmap(slab, kSlab);
}

void* RecordPool::take(std::size_t bytes) {
  if (bytes > kLargest) return ::operator new(bytes);
  const std::size_t index = class_of(bytes);
  const std::size_t block_bytes = index * kStep;
  Class& group = classes_[index];
  std::lock_guard lock(group.mutex);
  if (group.open == nullptr) link(group, new_slab(block_bytes));
  Slab* slab = group.open;
  void* block;
  if (slab->free != nullptr) {
    block = slab->free;
    slab->free = slab->free->next;
  } else {
    block = reinterpret_cast<std::byte*>(slab + 1) + slab->fresh++ * block_bytes;
  }
  if (++slab->used == slab->most) unlink(group, slab);
  return block;
}

void RecordPool::give_back(void* block, std::size_t bytes) noexcept {
  if (bytes > kLargest) return ::operator delete(block);
  auto* slab = reinterpret_cast<Slab*>(reinterpret_cast<std::uintptr_t>(block) & ~std::uintptr_t{kSlab - 1});
  Class& group = classes_[class_of(bytes)];
  {
    std::lock_guard lock(group.mutex);
    slab->free = ::new (block) Free{slab->free};
    if (slab->used-- == slab->most) link(group, slab);
    // The last one stays: a thread that takes and gives one block must not map and unmap each time.
    if (slab->used != 0 || (group.open == slab && slab->after == nullptr)) return;
    unlink(group, slab);
  }
  retire(slab);
}

#if defined(__SANITIZE_ADDRESS__)
void* take_block(std::size_t bytes) { return ::operator new(bytes); }
void give_back_block(void* block, std::size_t) noexcept { ::operator delete(block); }
#else
namespace {

/// Empty slabs that are kept: what the follower gives up at a time is soon taken again.
constexpr std::size_t kSpareBytes = 32u << 20;
/// Never destroyed: a record may outlive everything.
RecordPool& pool() {
  static RecordPool& pool = *new RecordPool(kSpareBytes);
  return pool;
}

}  // namespace

void* take_block(std::size_t bytes) { return pool().take(bytes); }
void give_back_block(void* block, std::size_t bytes) noexcept { pool().give_back(block, bytes); }
#endif

std::size_t RecordPool::held_bytes() const {
  std::lock_guard lock(spare_mutex_);
  return slabs_ * kSlab;
}

}  // namespace troupe::storage
