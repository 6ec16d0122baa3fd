#pragma once

#include <cstdint>

namespace troupe::storage::testing {

/// What a recorded call did. kSync is fsync and fdatasync, also of a directory.
enum class DiskCallKind : std::uint32_t {
  kOpen = 1,  ///< `first`: the path. It is created when it was not there.
  kWrite,     ///< `first`: the bytes.
  kTruncate,  ///< `offset`: the new size.
  kSync,
  kRename,  ///< `first` to `second`.
  kRemove,
  kMakeDirectory,
  kAnswer,  ///< `first`: text that went out to whoever waits.
};

/// In front of each call in the record; `first` and `second` follow.
struct DiskCall {
  DiskCallKind kind = DiskCallKind::kOpen;
  std::int32_t fd = -1;
  std::uint64_t offset = 0;
  std::uint32_t first_bytes = 0;
  std::uint32_t second_bytes = 0;
  std::uint32_t synchronous = 0;  ///< kWrite through O_DSYNC: durable when the call returns.
  std::uint32_t reserved = 0;
};

}  // namespace troupe::storage::testing
