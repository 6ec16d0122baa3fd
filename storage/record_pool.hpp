#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace troupe::storage {

/// Memory for records, which are made on one thread and given up on another, thousands at a time. The general allocator
/// does badly at that: a thread's arena grows by a system call for nearly every record of 2 kB, and shrinks likewise.
/// Blocks of a size class share slabs; empty slabs are kept up to a bound and then go back to the system. A pool that
/// got large takes huge pages: most of a look at one record among 100,000 was the walk through the page tables. Any
/// thread.
class RecordPool {
 public:
  static constexpr std::size_t kSlab = 256u << 10;
  static constexpr std::size_t kHugePage = 2u << 20;
  static constexpr std::size_t kLarge = 16u << 20;  ///< From here on slabs come by huge pages.
  static constexpr std::size_t kStep = 128;         ///< Between size classes, in bytes.
  static constexpr std::size_t kLargest = 16384;    ///< Larger blocks come from the general allocator.

  /// Keeps at most `spare_bytes` of empty slabs.
  explicit RecordPool(std::size_t spare_bytes) : spare_most_(spare_bytes / kSlab) {}
  /// Everything must have been given back.
  ~RecordPool();
  RecordPool(const RecordPool&) = delete;
  RecordPool& operator=(const RecordPool&) = delete;

  /// `bytes` aligned to 16, uninitialised. Throws std::bad_alloc.
  void* take(std::size_t bytes);
  /// `bytes` as they were asked for.
  void give_back(void* block, std::size_t bytes) noexcept;
  /// Bytes of slabs that are held, used or empty.
  std::size_t held_bytes() const;

 private:
  struct Free {
    Free* next;
  };
  struct alignas(64) Slab {
    Slab* before = nullptr;
    Slab* after = nullptr;
    Free* free = nullptr;     ///< Blocks that came back.
    std::uint32_t fresh = 0;  ///< Blocks from here on were never used.
    std::uint32_t used = 0;
    std::uint32_t most = 0;
  };
  struct alignas(64) Class {
    std::mutex mutex;
    Slab* open = nullptr;  ///< Slabs with room, most recently touched first.
  };

  static std::size_t class_of(std::size_t bytes) { return bytes == 0 ? 1 : (bytes + kStep - 1) / kStep; }
  Slab* new_slab(std::size_t block_bytes);
  void retire(Slab* slab) noexcept;
  void* fresh_slab();
  static void link(Class& group, Slab* slab) noexcept;
  static void unlink(Class& group, Slab* slab) noexcept;

  const std::size_t spare_most_;
  std::array<Class, kLargest / kStep + 1> classes_;
  mutable std::mutex spare_mutex_;
  std::vector<void*> spare_;
  std::size_t slabs_ = 0;
};

/// Of the process's one pool, which outlives everything. Under AddressSanitizer the general allocator, the only one in
/// which it sees a use after free.
void* take_block(std::size_t bytes);
void give_back_block(void* block, std::size_t bytes) noexcept;

}  // namespace troupe::storage
