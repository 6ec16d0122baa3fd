#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "storage/disk.hpp"
#include "storage/log_format.hpp"

namespace troupe::storage {

/// One file of the log. Whoever reads from it holds a shared_ptr; it is recycled only when nobody does.
struct Segment {
  /// Where a frame begins, every so often: a watch that resumes need not read the segment from its start.
  struct Mark {
    Revision revision = 0;
    Position position = 0;
    std::uint64_t chain = 0;
  };

  std::uint64_t number = 0;
  std::string path;
  std::unique_ptr<File> file;
  Revision first_revision = 0;
  std::uint64_t chain = 0;
  std::int64_t begun_ms = 0;
  std::mutex marks_mutex;
  std::vector<Mark> marks;
};
using SegmentPtr = std::shared_ptr<Segment>;

std::string segment_path(const std::string& dir, std::uint64_t number);
/// The number in a segment's file name; nothing for other names.
std::optional<std::uint64_t> segment_number(const std::string& name);

/// Keeps segments ready ahead of the log, on a thread of its own: full of zeros or recycled, under their final name,
/// with the directory synced, so that the log's step into the next one costs nothing extra.
class SegmentSupply {
 public:
  struct Options {
    std::string dir;
    std::uint64_t segment_bytes = 0;
    std::size_t ahead = 4;  ///< At least 2: the last one is kept for batches that only erase.
    std::shared_ptr<Disk> disk;
  };

  SegmentSupply(Options options, std::uint64_t next_number, std::vector<SegmentPtr> ready);
  ~SegmentSupply();
  void start();
  void stop();

  /// The next segment in order; waits for it to be made. kNoSpace, kIo: it cannot be made. `last_too`: may take the
  /// one that is kept back.
  Result<SegmentPtr> take(bool last_too);
  /// Gives back a segment whose content nobody needs; it is used again once its last reader is gone.
  void recycle(SegmentPtr segment);
  /// Space may have come back: try again what failed.
  void retry();
  std::size_t ready() const;
  /// Bytes of segments that wait to be used.
  std::uint64_t bytes() const;
  /// Makes one segment on the caller's thread; for the first one of a new store, before start().
  Status make_one();

 private:
  void run();
  void rest(std::chrono::steady_clock::duration took);
  Result<SegmentPtr> make(std::uint64_t number);
  Result<SegmentPtr> reuse(const SegmentPtr& old, std::uint64_t number);

  Options options_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<SegmentPtr> ready_;
  std::deque<SegmentPtr> old_;
  std::uint64_t next_number_;
  std::optional<Error> failed_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace troupe::storage
