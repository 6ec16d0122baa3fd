#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.hpp"
#include "schema/codec/short_copy_internal.hpp"

namespace troupe::schema {

/// The stored form of an object is one Cap'n Proto segment: the root pointer in word 0, then the object, little-endian.
/// These classes read and write it by offset, without Cap'n Proto's headers; a capnp::SegmentArrayMessageReader over
/// the same words reads the same. Reading checks every pointer against the segment: damaged bytes read as absent, never
/// outside. Far pointers (messages of several segments) do not occur in the stored form.
using Words = std::span<const std::uint64_t>;

class ListView;

/// A struct in a segment. Fields past its sections, and all fields of a default-constructed one, read as zero and null.
class StructView {
 public:
  StructView() = default;
  /// The object that a segment holds.
  static StructView root(Words segment);

  bool bit(std::uint32_t at) const { return at / 64 < data_words_ && (data_[at / 64] >> (at % 64) & 1U) != 0; }
  /// `byte` is a multiple of sizeof(T).
  template <class T>
  T number(std::uint32_t byte) const {
    T value{};
    if (byte / 8 < data_words_) std::memcpy(&value, reinterpret_cast<const char*>(data_) + byte, sizeof value);
    return value;
  }
  bool has(std::uint32_t pointer) const { return pointer < pointer_count_ && data_[data_words_ + pointer] != 0; }
  /// Absent: a view whose data() is null. Text comes without its NUL.
  std::string_view text(std::uint32_t pointer) const;
  std::string_view bytes(std::uint32_t pointer) const;
  StructView nested(std::uint32_t pointer) const;
  ListView list(std::uint32_t pointer) const;

  std::uint32_t data_words() const { return data_words_; }
  std::uint32_t pointer_count() const { return pointer_count_; }

 private:
  friend class ListView;
  StructView(Words segment, const std::uint64_t* data, std::uint16_t data_words, std::uint16_t pointer_count)
      : segment_(segment), data_(data), data_words_(data_words), pointer_count_(pointer_count) {}
  static StructView follow(Words segment, const std::uint64_t* pointer);

  Words segment_;
  const std::uint64_t* data_ = nullptr;  // pointers lie behind the data
  std::uint16_t data_words_ = 0;
  std::uint16_t pointer_count_ = 0;
};

/// A list in a segment.
class ListView {
 public:
  ListView() = default;
  std::uint32_t size() const { return count_; }
  bool empty() const { return count_ == 0; }

  /// Each is for a list of that element; `i` < size().
  bool bit(std::uint32_t i) const;
  template <class T>
  T number(std::uint32_t i) const {
    T value{};
    if (step_bits_ == sizeof(T) * 8) {
      std::memcpy(&value, reinterpret_cast<const char*>(data_) + std::size_t{i} * sizeof(T), sizeof value);
    }
    return value;
  }
  std::string_view text(std::uint32_t i) const;
  std::string_view bytes(std::uint32_t i) const;
  StructView item(std::uint32_t i) const;

 private:
  friend class StructView;
  static ListView follow(Words segment, const std::uint64_t* pointer);
  static ListView composite(Words segment, const std::uint64_t* tag, std::uint32_t words);

  Words segment_;
  const std::uint64_t* data_ = nullptr;
  std::uint32_t count_ = 0;
  std::uint32_t step_bits_ = 0;
  std::uint16_t data_words_ = 0;  // composite: of each element
  std::uint16_t pointer_count_ = 0;
  bool composite_ = false;
  bool pointers_ = false;
};

/// Writes a segment front to back into memory that is kept between objects. Positions are indexes of words, so they
/// stay right when the memory moves. Growing past `max_bytes` sets full() and further writes go to a scratch word.
class StoredBuilder {
 public:
  struct Struct {
    std::uint32_t at = 0;
    std::uint16_t data_words = 0;
    std::uint16_t pointer_count = 0;
    std::uint32_t pointer(std::uint32_t index) const { return at + data_words + index; }
  };
  struct List {
    std::uint32_t at = 0;    ///< First element.
    std::uint32_t step = 0;  ///< Words an element, of a struct list.
    std::uint16_t data_words = 0;
    std::uint16_t pointer_count = 0;
    Struct item(std::uint32_t i) const { return {at + i * step, data_words, pointer_count}; }
  };

  explicit StoredBuilder(std::size_t max_bytes = 64UL << 20) : max_words_(max_bytes / 8) {}
  /// Starts a new object and returns its root.
  Struct start(std::uint16_t data_words, std::uint16_t pointer_count);
  bool full() const { return full_; }
  Words words() const { return {words_.get(), size_}; }

  void set_bit(const Struct& s, std::uint32_t at, bool value) {
    std::uint64_t& word = words_[s.at + at / 64];
    const std::uint64_t mask = std::uint64_t{1} << (at % 64);
    word = value ? word | mask : word & ~mask;
  }
  template <class T>
  void set_number(const Struct& s, std::uint32_t byte, T value) {
    std::memcpy(reinterpret_cast<char*>(words_.get() + s.at) + byte, &value, sizeof value);
  }
  /// `pointer` is a word index, as Struct::pointer gives it, or `List::at` + i of a pointer list.
  void set_text(std::uint32_t pointer, std::string_view text);
  /// The same where at least kReadable bytes can be read from the text's begin on.
  void set_readable_text(std::uint32_t pointer, std::string_view text);
  static constexpr std::size_t kReadable = 40;
  void set_bytes(std::uint32_t pointer, std::string_view bytes);
  void set_null(std::uint32_t pointer) { words_[pointer] = 0; }
  Struct init_struct(std::uint32_t pointer, std::uint16_t data_words, std::uint16_t pointer_count);
  /// The struct already there, or a new one.
  Struct get_or_init_struct(std::uint32_t pointer, std::uint16_t data_words, std::uint16_t pointer_count);
  List init_struct_list(std::uint32_t pointer, std::uint32_t count, std::uint16_t data_words,
                        std::uint16_t pointer_count);
  List init_pointer_list(std::uint32_t pointer, std::uint32_t count);
  List init_bit_list(std::uint32_t pointer, std::uint32_t count);
  /// Elements of 4 or 8 bytes.
  List init_number_list(std::uint32_t pointer, std::uint32_t count, std::uint32_t element_bytes);
  /// The memory of element 0 of a bit or number list.
  char* elements(const List& list) { return reinterpret_cast<char*>(words_.get() + list.at); }
  const std::uint64_t* at(std::uint32_t word) const { return words_.get() + word; }
  std::uint64_t* at(std::uint32_t word) { return words_.get() + word; }

 private:
  static constexpr std::uint32_t kByte = 2;  // the size of a list's elements, as Cap'n Proto numbers them
  static constexpr std::uint64_t kByteList = 1U | std::uint64_t{kByte} << 32U;

  // Behind the capacity are so many words that writing short things needs no exact end.
  static constexpr std::uint32_t kSlack = 8;

  std::uint32_t allocate(std::uint64_t words) {
    if (words > capacity_ - size_) grow(words);
    const std::uint32_t at = size_;
    std::uint64_t* const to = words_.get() + at;
    for (std::uint64_t i = 0; i < words; i += kSlack) std::memset(to + i, 0, std::size_t{kSlack} * 8);
    size_ += static_cast<std::uint32_t>(words);
    return at;
  }
  void set_list_pointer(std::uint32_t pointer, std::uint32_t target, std::uint32_t element_size, std::uint64_t count) {
    const std::uint64_t offset = std::uint64_t{target - pointer - 1} << 2U & 0xffffffffU;
    words_[pointer] = offset | 1U | std::uint64_t{element_size} << 32U | count << 35U;
  }
  void set_long_text(std::uint32_t pointer, std::string_view text);
  List refuse();
  void grow(std::uint64_t words);

  std::unique_ptr<std::uint64_t[]> words_;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = 0;
  std::uint32_t text_limit_ = 0;  // the lower of capacity_ and max_words_
  std::uint64_t max_words_;
  bool full_ = false;
};

inline StoredBuilder::Struct StoredBuilder::init_struct(std::uint32_t pointer, std::uint16_t data_words,
                                                        std::uint16_t pointer_count) {
  // One struct may pass the bound, so that the caller always gets one to write to; it stops at the next look.
  if (size_ > max_words_) full_ = true;
  const std::uint32_t words = std::uint32_t{data_words} + pointer_count;
  const std::uint32_t at = allocate(words);
  const std::uint32_t offset = words == 0 ? ~std::uint32_t{0} : at - pointer - 1;
  words_[pointer] = (offset << 2U) | std::uint64_t{data_words} << 32U | std::uint64_t{pointer_count} << 48U;
  return {at, data_words, pointer_count};
}

inline StoredBuilder::Struct StoredBuilder::get_or_init_struct(std::uint32_t pointer, std::uint16_t data_words,
                                                               std::uint16_t pointer_count) {
  if (words_[pointer] == 0) return init_struct(pointer, data_words, pointer_count);
  const auto offset = static_cast<std::int32_t>(words_[pointer] & 0xffffffffU) >> 2;
  return {static_cast<std::uint32_t>(static_cast<std::int64_t>(pointer) + 1 + offset), data_words, pointer_count};
}

inline void StoredBuilder::set_text(std::uint32_t pointer, std::string_view text) {
  const std::uint64_t words = text.size() / 8 + 1;  // with the NUL
  if (text.size() > kShortCopy || words > capacity_ - size_ || size_ + words > max_words_) {
    return set_long_text(pointer, text);
  }
  words_[size_ + words - 1] = 0;
  copy_short(reinterpret_cast<char*>(words_.get() + size_), text.data(), text.size());
  set_list_pointer(pointer, size_, kByte, text.size() + 1);
  size_ += static_cast<std::uint32_t>(words);
}

inline void StoredBuilder::set_readable_text(std::uint32_t pointer, std::string_view text) {
  constexpr std::size_t kCopied = 32;
  const auto words = static_cast<std::uint32_t>(text.size() / 8 + 1);  // with the NUL
  const std::uint32_t at = size_;
  if (text.size() > kCopied || at + words > text_limit_) [[unlikely]]
    return set_long_text(pointer, text);
  std::uint64_t* const segment = words_.get();
  std::uint64_t last = 0;
  std::memcpy(&last, text.data() + text.size() / 8 * 8, 8);
  std::memcpy(segment + at, text.data(), kCopied);
  segment[at + words - 1] = last & ((std::uint64_t{1} << text.size() % 8 * 8) - 1);
  const std::uint32_t offset = (at - pointer - 1) << 2U;
  segment[pointer] = offset | kByteList | (text.size() + 1) << 35U;
  size_ = at + words;
}

}  // namespace troupe::schema
