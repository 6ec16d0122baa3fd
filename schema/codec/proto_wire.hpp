#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

namespace troupe::schema {

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kGroup = 3, kEndGroup = 4, kFixed32 = 5 };

/// Reads protobuf fields front to back. A malformed field sets failed() and ends the reading.
class ProtoReader {
 public:
  explicit ProtoReader(std::string_view bytes) : at_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  /// The next field's number and type, with its value: false at the end or when malformed.
  bool next();
  bool failed() const { return failed_; }
  std::uint32_t number() const { return number_; }
  WireType type() const { return type_; }
  std::uint64_t scalar() const { return scalar_; }   ///< kVarint, kFixed64, kFixed32
  std::string_view bytes() const { return bytes_; }  ///< kBytes
  /// The next bare number: for packed lists.
  bool varint(std::uint64_t& value) {
    if (at_ == end_ || static_cast<unsigned char>(*at_) >= 0x80) return long_varint(value);
    value = static_cast<unsigned char>(*at_++);
    return true;
  }
  bool at_end() const { return at_ == end_; }

 private:
  bool long_varint(std::uint64_t& value);
  bool stop() {
    failed_ = true;
    at_ = end_;
    return false;
  }

  const char* at_;
  const char* end_;
  std::uint64_t scalar_ = 0;
  std::string_view bytes_;
  std::uint32_t number_ = 0;
  WireType type_ = WireType::kVarint;
  bool failed_ = false;
};

/// Bytes written back to front, so that a message's length is known when its tag is written. clear() keeps the memory.
class BackBuffer {
 public:
  std::string_view view() const { return {memory_.get() + begin_, capacity_ - begin_}; }
  std::size_t size() const { return capacity_ - begin_; }
  void clear() { begin_ = capacity_; }

  void push(char c) {
    if (begin_ == 0) grow(1);
    memory_[--begin_] = c;
  }
  void bytes(std::string_view text) {
    if (text.empty()) return;
    if (begin_ < text.size()) grow(text.size());
    begin_ -= text.size();
    std::memcpy(memory_.get() + begin_, text.data(), text.size());
  }
  void varint(std::uint64_t value) {
    const std::size_t length = value == 0 ? 1 : (static_cast<std::size_t>(std::bit_width(value)) + 6) / 7;
    if (begin_ < length) grow(length);
    begin_ -= length;
    char* to = memory_.get() + begin_;
    for (std::size_t i = 0; i + 1 < length; ++i, value >>= 7U) *to++ = static_cast<char>(value | 0x80U);
    *to = static_cast<char>(value);
  }
  void tag(std::uint32_t number, WireType type) {
    varint(std::uint64_t{number} << 3U | static_cast<std::uint64_t>(type));
  }
  /// A whole field.
  void number_field(std::uint32_t number, std::uint64_t value) {
    varint(value);
    tag(number, WireType::kVarint);
  }
  void bytes_field(std::uint32_t number, std::string_view value) {
    bytes(value);
    close(number, size() - value.size());
  }
  /// Length and tag of a message whose content was written since the buffer had `size_before` bytes.
  void close(std::uint32_t number, std::size_t size_before) {
    varint(size() - size_before);
    tag(number, WireType::kBytes);
  }

 private:
  void grow(std::size_t n);

  std::unique_ptr<char[]> memory_;
  std::size_t begin_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace troupe::schema
