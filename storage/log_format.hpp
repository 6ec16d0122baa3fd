#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "storage/record.hpp"

/// What stands in a log segment. Little-endian; everything is a multiple of 8 bytes.
///
///   segment          segment_bytes (64 MiB), recycled: what an earlier use left behind the end is recognised as old
///   ├── SegmentHeader    padded to 4,096 bytes
///   └── frame ...        one batch (one revision), or one copied record
///       ├── FrameHeader
///       └── operation ...
///           ├── OpHeader
///           ├── key
///           └── record   RecordHeader, payload, padding
///
/// A position is a byte of the endless log: segment number * segment_bytes + offset. Checksums are XXH3 (64 bits):
/// an operation's over itself with its position as the seed, a frame's over its header, which holds a digest of its
/// operations' checksums and the checksum of the frame before. So a frame proves that it follows its predecessor:
/// neither a hole nor bytes of an earlier use or of an earlier life of the same position can pass.
namespace troupe::storage {

using Position = std::uint64_t;

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed = 0);

struct SegmentHeader {
  static constexpr std::uint64_t kMagic = 0x31474f4c50555254;  // "TRUPLOG1"
  static constexpr std::size_t kBytes = 4096;
  std::uint64_t checksum = 0;  ///< Over all that follows.
  std::uint64_t magic = kMagic;
  std::uint64_t segment_bytes = 0;
  std::uint64_t store[2] = {};  ///< Which store it belongs to.
  std::uint64_t number = 0;     ///< From 1.
  std::uint64_t chain = 0;      ///< Checksum of the last frame before this segment.
  Position durable = 0;         ///< Everything before this position was on disk when this was written.
  Revision first_revision = 0;  ///< The next one to commit when the segment was begun.
  std::int64_t begun_ms = 0;    ///< Unix time, for compaction by age.
};

struct FrameHeader {
  static constexpr std::uint32_t kMagic = 0x4d415246;  // "FRAM"
  enum Kind : std::uint32_t { kBatch = 1, kCopy = 2 };
  std::uint64_t checksum = 0;  ///< Over the header behind this field.
  std::uint32_t magic = kMagic;
  std::uint32_t kind = kBatch;
  std::uint64_t size = 0;  ///< Whole frame, in bytes.
  Position position = 0;
  std::uint64_t chain = 0;    ///< Checksum of the frame before.
  std::uint64_t content = 0;  ///< Digest of the operations' checksums.
  Position durable = 0;       ///< As in the segment header: a frame that says more than what is found proves a loss.
  Revision revision = 0;      ///< kCopy: 0.
  std::int64_t time_ms = 0;
  std::uint64_t operations = 0;
};

struct OpHeader {
  std::uint64_t checksum = 0;  ///< Over everything behind this field, with the position as seed.
  Position previous = 0;       ///< The version before this one; 0: none.
  std::uint32_t key_bytes = 0;
  std::uint32_t record_bytes = 0;    ///< RecordHeader and padded payload.
  std::uint32_t previous_bytes = 0;  ///< Stored bytes of the living object before; 0: there was none.
  std::uint32_t reserved = 0;
  std::size_t size() const { return sizeof(OpHeader) + key_bytes + record_bytes; }
};
static_assert(sizeof(SegmentHeader) == 80 && sizeof(FrameHeader) == 80 && sizeof(OpHeader) == 32);

/// An operation in a buffer, checked.
struct LoggedOp {
  Position position = 0;
  OpHeader header;
  std::string_view key;
  RecordView record;
};

/// Checks an operation that begins at `bytes` (aligned to 8). kCorrupt.
Result<LoggedOp> read_op(std::span<const std::byte> bytes, Position position);
/// The header alone, unchecked except for sizes that cannot be. kCorrupt.
Result<OpHeader> peek_op(std::span<const std::byte> bytes);

/// Checks a whole frame, of which `bytes` (aligned to 8) has at least header.size; lends its operations. kCorrupt.
Status read_frame(std::span<const std::byte> bytes, const FrameHeader& header, std::vector<LoggedOp>& operations);

bool valid(const SegmentHeader& header);
void seal(SegmentHeader& header);
/// Only the header: its checksum, magic and position.
bool valid(const FrameHeader& header, Position position);

/// Puts frames together in one buffer.
class FrameBuilder {
 public:
  /// Begins the frame that will stand at `position`.
  void begin(FrameHeader::Kind kind, Position position, Revision revision);
  /// Gives the operation's position.
  Position add(std::string_view key, const Record& record, Position previous, std::uint32_t previous_bytes);
  /// Finishes the frame; gives its checksum, the next one's `chain`.
  std::uint64_t end(std::uint64_t chain, Position durable, std::int64_t time_ms);
  std::span<const std::byte> bytes() const { return std::span(buffer_).first(used_); }
  /// Zeros behind what was built, not part of it.
  void pad(std::size_t bytes) { std::memset(grow(bytes), 0, bytes); }
  void clear() { used_ = 0; }

 private:
  std::byte* grow(std::size_t bytes);
  std::vector<std::byte> buffer_;
  std::size_t used_ = 0;
  std::size_t frame_at_ = 0;
  FrameHeader frame_;
};

inline std::size_t op_bytes(std::size_t key_bytes, const Record& record) {
  return sizeof(OpHeader) + key_bytes + record.stored_bytes();
}

}  // namespace troupe::storage
