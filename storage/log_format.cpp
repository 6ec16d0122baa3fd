#include "storage/log_format.hpp"

#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <string>

#include "storage/keyspace.hpp"

namespace troupe::storage {
namespace {

template <class T>
std::uint64_t header_checksum(const T& header) {
  const auto* bytes = reinterpret_cast<const std::byte*>(&header);
  return checksum({bytes + sizeof(header.checksum), sizeof(T) - sizeof(header.checksum)});
}

std::uint64_t fold(std::uint64_t digest, std::uint64_t op) {
  return checksum({reinterpret_cast<const std::byte*>(&op), sizeof op}, digest);
}

}  // namespace

std::uint64_t checksum(std::span<const std::byte> bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

bool valid(const SegmentHeader& header) {
  return header.magic == SegmentHeader::kMagic && header.checksum == header_checksum(header);
}
void seal(SegmentHeader& header) { header.checksum = header_checksum(header); }

bool valid(const FrameHeader& header, Position position) {
  return header.magic == FrameHeader::kMagic && header.position == position && header.size % 8 == 0 &&
         header.size >= sizeof(FrameHeader) && header.checksum == header_checksum(header);
}

Result<OpHeader> peek_op(std::span<const std::byte> bytes) {
  OpHeader header;
  if (bytes.size() < sizeof header) return fail(ErrorCode::kCorrupt, "log operation is cut off");
  std::memcpy(&header, bytes.data(), sizeof header);
  if (header.key_bytes == 0 || header.key_bytes > kMaxKeyBytes || header.key_bytes % 8 != 0 ||
      header.record_bytes < sizeof(RecordHeader) || header.record_bytes % 8 != 0 ||
      header.record_bytes > sizeof(RecordHeader) + padded(kMaxPayload)) {
    return fail(ErrorCode::kCorrupt, "log operation has impossible sizes");
  }
  return header;
}

Result<LoggedOp> read_op(std::span<const std::byte> bytes, Position position) {
  auto header = peek_op(bytes);
  if (!header) return fail(std::move(header.error()));
  if (header->size() > bytes.size()) return fail(ErrorCode::kCorrupt, "log operation is cut off");
  const auto body = bytes.subspan(sizeof(std::uint64_t), header->size() - sizeof(std::uint64_t));
  if (checksum(body, position) != header->checksum) {
    return fail(ErrorCode::kCorrupt, "log operation at " + std::to_string(position) + " fails its checksum");
  }
  LoggedOp op;
  op.position = position;
  op.header = *header;
  op.key = {reinterpret_cast<const char*>(bytes.data()) + sizeof(OpHeader), header->key_bytes};
  auto record = view_record(bytes.subspan(sizeof(OpHeader) + header->key_bytes, header->record_bytes));
  if (!record) return fail(std::move(record.error()));
  op.record = *record;
  return op;
}

Status read_frame(std::span<const std::byte> bytes, const FrameHeader& header, std::vector<LoggedOp>& operations) {
  operations.clear();
  const auto bad = [&header](std::string_view why) {
    return fail(ErrorCode::kCorrupt, "log frame at " + std::to_string(header.position) + " " + std::string(why));
  };
  if (header.size > bytes.size()) return bad("is cut off");
  std::uint64_t content = 0;
  std::uint64_t at = sizeof(FrameHeader);
  for (std::uint64_t i = 0; i < header.operations; ++i) {
    auto op = read_op(bytes.subspan(at, header.size - at), header.position + at);
    if (!op) return fail(std::move(op.error()));
    content = fold(content, op->header.checksum);
    at += op->header.size();
    operations.push_back(*op);
  }
  if (at != header.size || content != header.content) return bad("does not hold what its header says");
  return {};
}

std::byte* FrameBuilder::grow(std::size_t bytes) {
  if (used_ + bytes > buffer_.size()) buffer_.resize(std::max(buffer_.size() * 2, used_ + bytes));
  std::byte* at = buffer_.data() + used_;
  used_ += bytes;
  return at;
}

void FrameBuilder::begin(FrameHeader::Kind kind, Position position, Revision revision) {
  frame_at_ = used_;
  frame_ = {};
  frame_.kind = kind;
  frame_.position = position;
  frame_.revision = revision;
  grow(sizeof(FrameHeader));
}

Position FrameBuilder::add(std::string_view key, const Record& record, Position previous,
                           std::uint32_t previous_bytes) {
  const Position position = frame_.position + (used_ - frame_at_);
  OpHeader header;
  header.previous = previous;
  header.key_bytes = static_cast<std::uint32_t>(key.size());
  header.record_bytes = static_cast<std::uint32_t>(record.stored_bytes());
  header.previous_bytes = previous_bytes;
  std::byte* at = grow(header.size());
  std::memcpy(at, &header, sizeof header);
  std::memcpy(at + sizeof header, key.data(), key.size());
  std::memcpy(at + sizeof header + key.size(), record.stored().data(), record.stored_bytes());
  const std::uint64_t sum = checksum({at + sizeof(std::uint64_t), header.size() - sizeof(std::uint64_t)}, position);
  std::memcpy(at, &sum, sizeof sum);
  frame_.content = fold(frame_.content, sum);
  ++frame_.operations;
  return position;
}

std::uint64_t FrameBuilder::end(std::uint64_t chain, Position durable, std::int64_t time_ms) {
  frame_.size = used_ - frame_at_;
  frame_.chain = chain;
  frame_.durable = durable;
  frame_.time_ms = time_ms;
  frame_.checksum = header_checksum(frame_);
  std::memcpy(buffer_.data() + frame_at_, &frame_, sizeof frame_);
  return frame_.checksum;
}

}  // namespace troupe::storage
