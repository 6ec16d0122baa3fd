#pragma once

#include <cstddef>
#include <new>

namespace troupe::kernel {

/// Memory for what there may be a million of: actors, their places in a supervisor and in the registry, messages. As
/// malloc it belongs to the process. Pieces of one size lie in slabs of 2 MiB, whose pages are asked for many at once;
/// each thread has some pieces at hand, so what one thread takes and another gives costs no lock each. A slab that
/// holds nothing goes back to the machine, but for one of a size. Any thread.
class SlabMemory {
 public:
  /// Aligned to 16; never null (throws std::bad_alloc). Over `kLargest` bytes: plain operator new.
  static void* take(std::size_t bytes);
  /// `bytes` as they were asked for.
  static void give(void* piece, std::size_t bytes) noexcept;
  /// Bytes that slabs hold of the machine now, used or not.
  static std::size_t reserved();

  static constexpr std::size_t kLargest = 2048;
};

/// SlabMemory, but malloc under a sanitizer, which finds misuse only there.
struct Slabs {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  static void* take(std::size_t bytes) { return ::operator new(bytes); }
  static void give(void* piece, std::size_t) noexcept { ::operator delete(piece); }
#else
  static void* take(std::size_t bytes) { return SlabMemory::take(bytes); }
  static void give(void* piece, std::size_t bytes) noexcept { SlabMemory::give(piece, bytes); }
#endif
};

}  // namespace troupe::kernel
