#pragma once

#include <cstddef>

namespace troupe::kernel {

/// Memory for what there may be a million of: actors, their places in a supervisor and in the registry, messages. As
/// malloc it belongs to the process. Pieces of one size lie in slabs of 2 MiB, whose pages are asked for many at once;
/// each thread has some pieces at hand, so what one thread takes and another gives costs no lock each. A slab that
/// holds nothing goes back to the machine, but for one of a size. Any thread; under a sanitizer it is malloc, so that
/// misuse is found.
class Slabs {
 public:
  /// Aligned to 16; never null (throws std::bad_alloc). Over `kLargest` bytes: plain operator new.
  static void* take(std::size_t bytes);
  /// `bytes` as they were asked for.
  static void give(void* piece, std::size_t bytes) noexcept;
  /// Bytes that slabs hold of the machine now, used or not.
  static std::size_t reserved();

  static constexpr std::size_t kLargest = 2048;
};

}  // namespace troupe::kernel
