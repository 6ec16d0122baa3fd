#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "storage/disk.hpp"
#include "storage/log_format.hpp"
#include "storage/segments.hpp"

namespace troupe::storage {

/// A place in the log between two frames, and what proves it.
struct LogPoint {
  Position end = 0;         ///< Where the next frame begins; 0: before the first segment.
  Position last_frame = 0;  ///< Where the frame before it begins; 0: there is none.
  std::uint64_t chain = 0;  ///< That frame's checksum.
  Revision revision = 0;    ///< The newest one before this point.
};

struct LogOptions {
  std::string dir;
  std::uint64_t segment_bytes = 64u << 20;
  std::size_t segments_ahead = 4;
  std::uint64_t store_id[2] = {};
  Position ended = 0;  ///< Where it was stopped in order, and nothing behind it was acknowledged; 0: nobody knows.
  std::shared_ptr<Disk> disk;
  std::function<std::int64_t()> now_ms;
};

/// Room for one operation, aligned to 8; grows as needed and is used again.
class ReadBuffer {
 public:
  std::span<std::byte> resize(std::size_t bytes) {
    if (words_.size() * 8 < bytes) words_.resize((bytes + 7) / 8);
    return {reinterpret_cast<std::byte*>(words_.data()), bytes};
  }

 private:
  std::vector<std::uint64_t> words_;
};

/// The append-only log. One thread appends; any thread reads what is durable.
class Log {
 public:
  /// A frame during recovery or a scan, lent for the call. An error ends it.
  using FrameVisitor = std::function<Status(const FrameHeader&, const std::vector<LoggedOp>&)>;

  /// Opens or begins the log and shows every batch behind `from`. What was written but never synced is cut.
  /// kCorrupt: another store's files, or acknowledged frames are missing.
  static Result<std::unique_ptr<Log>> open(LogOptions options, const LogPoint& from, const FrameVisitor& replay);
  ~Log();

  // ---- By the one writing thread -----------------------------------------------------------------------------
  /// True when a frame of this many bytes, header included, fits behind what is built.
  bool fits(std::size_t frame_bytes) const {
    return next_.end + frame_bytes <= (current_->number + 1) * options_.segment_bytes;
  }
  /// Steps into the next segment; everything built must be flushed. kNoSpace: there is none and none can be made;
  /// `last_too` allows the one that is kept back for erasing. kUnavailable: stopping. Other errors are fatal.
  Status roll(bool last_too);
  void begin(FrameHeader::Kind kind, Revision revision);
  Position add(std::string_view key, const Record& record, Position previous, std::uint32_t previous_bytes) {
    return builder_.add(key, record, previous, previous_bytes);
  }
  void end();
  /// Writes and syncs what was built: durable on success. kNoSpace: nothing of it will ever be seen. Everything else
  /// is fatal: nothing is known about the disk.
  Status flush();
  bool dirty() const { return !builder_.bytes().empty(); }
  std::uint64_t current_segment() const { return current_->number; }
  std::uint64_t segment_of(Position position) const { return position / options_.segment_bytes; }
  std::size_t largest_frame() const { return options_.segment_bytes - SegmentHeader::kBytes; }
  /// Everything appended so far (also unsynced) ends here.
  const LogPoint& point() const { return next_; }

  // ---- By any thread -----------------------------------------------------------------------------------------
  /// The operation at `position`, in `buffer`. kCompacted: its segment is gone. kCorrupt, kIo.
  Result<LoggedOp> read(Position position, ReadBuffer& buffer) const;
  /// Shows batches with after < revision <= until until the visitor stops it by returning false. kCompacted, kCorrupt.
  Status scan(Revision after, Revision until,
              const std::function<bool(const FrameHeader&, const std::vector<LoggedOp>&)>& visit) const;
  /// The last revision in the newest segment that is wholly older than `time_ms`; 0: none.
  Revision last_revision_before(std::int64_t time_ms) const;
  /// The revision before the first one of the newest `segments` segments; 0: there are not more.
  Revision last_revision_beyond(std::size_t segments) const;
  /// Segments that hold a revision above `revision` stay, and `extra` ones before them; the others are recycled.
  /// `applied`: nothing from there on is given away.
  void drop_before(Revision revision, std::size_t extra, Position applied);
  /// Everything before it is durable.
  Position durable() const { return durable_.load(std::memory_order_acquire); }
  /// Disk space, also of segments that wait.
  std::uint64_t bytes() const;
  SegmentSupply& supply() { return *supply_; }

 private:
  friend class LogRecovery;
  explicit Log(LogOptions options) : options_(std::move(options)) {}
  Status begin_segment(SegmentPtr segment);
  SegmentPtr find(std::uint64_t number) const;
  void mark(Segment& segment, const Segment::Mark& mark);

  LogOptions options_;
  std::unique_ptr<SegmentSupply> supply_;
  mutable std::mutex mutex_;
  std::deque<SegmentPtr> segments_;  ///< Numbers without a gap; the last one is written to.
  SegmentPtr current_;
  LogPoint next_;    ///< Behind what is built.
  LogPoint synced_;  ///< Behind what is durable.
  std::atomic<Position> durable_{0};
  Position marked_ = 0;
  FrameBuilder builder_;
};

/// Walks the frames of one segment through a window.
class FrameWalk {
 public:
  FrameWalk(Segment& segment, std::uint64_t segment_bytes, Position position, std::uint64_t chain)
      : segment_(segment), segment_bytes_(segment_bytes), position_(position), chain_(chain) {}
  /// The next frame's header; nothing when no frame follows that proves its place. kIo.
  Result<const FrameHeader*> next();
  /// The operations of the frame that next() gave. kCorrupt, kIo.
  Status operations(std::vector<LoggedOp>& out);
  /// Steps behind that frame.
  void advance();
  Position position() const { return position_; }
  std::uint64_t chain() const { return chain_; }

 private:
  Result<std::span<const std::byte>> window(std::size_t bytes);
  Segment& segment_;
  std::uint64_t segment_bytes_;
  Position position_;
  std::uint64_t chain_;
  FrameHeader header_;
  ReadBuffer buffer_;
  Position window_at_ = 0;
  std::size_t window_bytes_ = 0;
};

}  // namespace troupe::storage
