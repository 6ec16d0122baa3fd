#pragma once

#include <cstddef>
#include <functional>

namespace troupe::storage {

/// How a thread's fdatasync writes back. LMDB's commit puts its dirty pages into the page cache and then syncs all of
/// them at once; the log's own small syncs wait behind that burst (p99 5 ms). In pieces with a rest after each, they
/// do not (p99 0.8 ms): docs/adr/0001-store-layout.md.
struct Pacing {
  std::size_t piece = 256u << 10;  ///< Bytes of the file that are written back at a time.
  int rest_percent = 300;          ///< Rest after a piece, as a share of the time it took; 0: hurry.
  /// If set, asked before each rest instead: what was no hurry at the start of a sync may be one before its end.
  std::function<int()> rest_now;
};

/// While it lives, each fdatasync on this thread first writes the file back in pieces. It works on libraries too
/// (LMDB), because this library defines fdatasync in front of libc's; on all other threads that one only passes on.
class PacedSync {
 public:
  explicit PacedSync(const Pacing& pacing);
  ~PacedSync();
  PacedSync(const PacedSync&) = delete;
  PacedSync& operator=(const PacedSync&) = delete;
};

}  // namespace troupe::storage
