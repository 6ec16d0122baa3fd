#include "schema/codec/proto_wire.hpp"

#include <algorithm>

namespace troupe::schema {

bool ProtoReader::long_varint(std::uint64_t& value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (at_ == end_) return stop();
    const auto byte = static_cast<unsigned char>(*at_++);
    value |= std::uint64_t{byte & 0x7fU} << shift;
    if (byte < 0x80) return true;
  }
  return stop();
}

bool ProtoReader::next() {
  if (at_ == end_) return false;
  std::uint64_t key = 0;
  if (!varint(key)) return false;
  number_ = static_cast<std::uint32_t>(key >> 3U);
  type_ = static_cast<WireType>(key & 7U);
  if (number_ == 0 || key >> 3U > 0x1fffffff) return stop();
  switch (type_) {
    case WireType::kVarint:
      return varint(scalar_);
    case WireType::kFixed64:
    case WireType::kFixed32: {
      const std::size_t length = type_ == WireType::kFixed64 ? 8 : 4;
      if (static_cast<std::size_t>(end_ - at_) < length) return stop();
      scalar_ = 0;
      std::memcpy(&scalar_, at_, length);
      at_ += length;
      return true;
    }
    case WireType::kBytes: {
      std::uint64_t length = 0;
      if (!varint(length)) return false;
      if (length > static_cast<std::uint64_t>(end_ - at_)) return stop();
      bytes_ = {at_, static_cast<std::size_t>(length)};
      at_ += length;
      return true;
    }
    default:
      return stop();
  }
}

void BackBuffer::grow(std::size_t n) {
  const std::size_t used = size();
  const std::size_t capacity = std::max<std::size_t>({1024, capacity_ * 2, used + n});
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (used != 0) std::memcpy(larger.get() + capacity - used, memory_.get() + begin_, used);
  memory_ = std::move(larger);
  capacity_ = capacity;
  begin_ = capacity - used;
}

}  // namespace troupe::schema
