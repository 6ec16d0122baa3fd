#include "schema/codec/stored.hpp"

#include <algorithm>
#include <array>
#include <bit>

namespace troupe::schema {

static_assert(std::endian::native == std::endian::little, "the stored form is read in place");

namespace {

enum ElementSize : std::uint32_t { kVoid, kBit, kByte, kTwoBytes, kFourBytes, kEightBytes, kPointer, kComposite };
constexpr std::array<std::uint32_t, 7> kElementBits = {0, 1, 8, 16, 32, 64, 64};

/// Where a pointer's target begins, or null when that is outside the segment.
const std::uint64_t* target_of(Words segment, const std::uint64_t* pointer) {
  const std::int64_t offset = static_cast<std::int32_t>(*pointer & 0xffffffffU) >> 2;
  const std::int64_t at = pointer + 1 - segment.data() + offset;
  if (at < 0 || at > static_cast<std::int64_t>(segment.size())) return nullptr;
  return segment.data() + at;
}

std::uint64_t words_behind(Words segment, const std::uint64_t* at) {
  return static_cast<std::uint64_t>(segment.data() + segment.size() - at);
}

std::string_view bytes_at(Words segment, const std::uint64_t* pointer) {
  if ((*pointer & 3U) != 1 || (*pointer >> 32U & 7U) != kByte) return {};
  const std::uint64_t* target = target_of(segment, pointer);
  const std::uint64_t count = *pointer >> 35U;
  if (target == nullptr || (count + 7) / 8 > words_behind(segment, target)) return {};
  return {reinterpret_cast<const char*>(target), count};
}

std::string_view text_at(Words segment, const std::uint64_t* pointer) {
  const std::string_view bytes = bytes_at(segment, pointer);
  if (bytes.empty() || bytes.back() != '\0') return {};
  return bytes.substr(0, bytes.size() - 1);
}

}  // namespace

StructView StructView::root(Words segment) { return segment.empty() ? StructView() : follow(segment, segment.data()); }

StructView StructView::follow(Words segment, const std::uint64_t* pointer) {
  if (*pointer == 0 || (*pointer & 3U) != 0) return {};
  const auto data_words = static_cast<std::uint16_t>(*pointer >> 32U);
  const auto pointers = static_cast<std::uint16_t>(*pointer >> 48U);
  const std::uint64_t* target = target_of(segment, pointer);
  if (target == nullptr || std::uint64_t{data_words} + pointers > words_behind(segment, target)) return {};
  return {segment, target, data_words, pointers};
}

std::string_view StructView::text(std::uint32_t pointer) const {
  return pointer < pointer_count_ ? text_at(segment_, data_ + data_words_ + pointer) : std::string_view();
}
std::string_view StructView::bytes(std::uint32_t pointer) const {
  return pointer < pointer_count_ ? bytes_at(segment_, data_ + data_words_ + pointer) : std::string_view();
}
StructView StructView::nested(std::uint32_t pointer) const {
  return pointer < pointer_count_ ? follow(segment_, data_ + data_words_ + pointer) : StructView();
}
ListView StructView::list(std::uint32_t pointer) const {
  return pointer < pointer_count_ ? ListView::follow(segment_, data_ + data_words_ + pointer) : ListView();
}

ListView ListView::follow(Words segment, const std::uint64_t* pointer) {
  if ((*pointer & 3U) != 1) return {};
  const std::uint64_t* target = target_of(segment, pointer);
  if (target == nullptr) return {};
  const auto size = static_cast<std::uint32_t>(*pointer >> 32U & 7U);
  const auto count = static_cast<std::uint32_t>(*pointer >> 35U);
  if (size == kComposite) return composite(segment, target, count);
  if (std::uint64_t{count} * kElementBits[size] > words_behind(segment, target) * 64) return {};
  ListView list;
  list.segment_ = segment;
  list.data_ = target;
  list.count_ = size == kVoid ? 0 : count;
  list.step_bits_ = kElementBits[size];
  list.pointers_ = size == kPointer;
  return list;
}

ListView ListView::composite(Words segment, const std::uint64_t* tag, std::uint32_t words) {
  if (words_behind(segment, tag) < std::uint64_t{words} + 1) return {};
  ListView list;
  list.segment_ = segment;
  list.data_ = tag + 1;
  list.count_ = static_cast<std::uint32_t>(*tag & 0xffffffffU) >> 2U;
  list.data_words_ = static_cast<std::uint16_t>(*tag >> 32U);
  list.pointer_count_ = static_cast<std::uint16_t>(*tag >> 48U);
  list.composite_ = true;
  const std::uint64_t step = std::uint64_t{list.data_words_} + list.pointer_count_;
  // Elements of no size would make a loop over a short message endless: there are never more than its words.
  if (list.count_ * std::max<std::uint64_t>(step, 1) > std::max<std::uint64_t>(words, step == 0 ? segment.size() : 0))
    return {};
  return list;
}

bool ListView::bit(std::uint32_t i) const { return step_bits_ == 1 && (data_[i / 64] >> (i % 64) & 1U) != 0; }
std::string_view ListView::text(std::uint32_t i) const {
  return pointers_ ? text_at(segment_, data_ + i) : std::string_view();
}
std::string_view ListView::bytes(std::uint32_t i) const {
  return pointers_ ? bytes_at(segment_, data_ + i) : std::string_view();
}
StructView ListView::item(std::uint32_t i) const {
  if (pointers_) return StructView::follow(segment_, data_ + i);
  if (!composite_) return {};
  return {segment_, data_ + std::size_t{i} * (data_words_ + pointer_count_), data_words_, pointer_count_};
}

void StoredBuilder::grow(std::uint64_t words) {
  const std::uint64_t capacity = std::max<std::uint64_t>({1024, std::uint64_t{capacity_} * 2, size_ + words});
  auto larger = std::make_unique_for_overwrite<std::uint64_t[]>(capacity + kSlack);
  if (size_ != 0) std::memcpy(larger.get(), words_.get(), std::size_t{size_} * 8);
  words_ = std::move(larger);
  capacity_ = static_cast<std::uint32_t>(capacity);
  text_limit_ = static_cast<std::uint32_t>(std::min(capacity, max_words_));
}

StoredBuilder::Struct StoredBuilder::start(std::uint16_t data_words, std::uint16_t pointer_count) {
  size_ = 0;
  full_ = false;
  allocate(1);
  return init_struct(0, data_words, pointer_count);
}

/// A list of no elements: what is given out when the object is over its bound. The caller looks at full().
StoredBuilder::List StoredBuilder::refuse() {
  full_ = true;
  return {};
}

/// What set_text leaves to it: long texts, and those that do not fit.
void StoredBuilder::set_long_text(std::uint32_t pointer, std::string_view text) {
  const std::uint64_t words = text.size() / 8 + 1;
  if (size_ + words > max_words_) {
    full_ = true;
    return;
  }
  if (words > capacity_ - size_) grow(words);
  words_[size_ + words - 1] = 0;
  if (!text.empty()) std::memcpy(words_.get() + size_, text.data(), text.size());
  set_list_pointer(pointer, size_, kByte, text.size() + 1);
  size_ += static_cast<std::uint32_t>(words);
}

void StoredBuilder::set_bytes(std::uint32_t pointer, std::string_view bytes) {
  const std::uint64_t words = (bytes.size() + 7) / 8;
  if (words > max_words_ || size_ > max_words_ - words) {
    full_ = true;
    return;
  }
  const std::uint32_t at = allocate(words);
  if (!bytes.empty()) std::memcpy(words_.get() + at, bytes.data(), bytes.size());
  set_list_pointer(pointer, at, kByte, bytes.size());
}

StoredBuilder::List StoredBuilder::init_struct_list(std::uint32_t pointer, std::uint32_t count,
                                                    std::uint16_t data_words, std::uint16_t pointer_count) {
  const std::uint32_t step = std::uint32_t{data_words} + pointer_count;
  const std::uint64_t words = std::uint64_t{count} * step;
  if (words > max_words_ || size_ > max_words_ - words) return refuse();
  const std::uint32_t tag = allocate(words + 1);
  words_[tag] = std::uint64_t{count} << 2U | std::uint64_t{data_words} << 32U | std::uint64_t{pointer_count} << 48U;
  set_list_pointer(pointer, tag, kComposite, words);
  return {tag + 1, step, data_words, pointer_count};
}

StoredBuilder::List StoredBuilder::init_pointer_list(std::uint32_t pointer, std::uint32_t count) {
  if (count > max_words_ || size_ > max_words_ - count) return refuse();
  const std::uint32_t at = allocate(count);
  set_list_pointer(pointer, at, kPointer, count);
  return {at, 1, 0, 0};
}

StoredBuilder::List StoredBuilder::init_bit_list(std::uint32_t pointer, std::uint32_t count) {
  const std::uint64_t words = (std::uint64_t{count} + 63) / 64;
  if (words > max_words_ || size_ > max_words_ - words) return refuse();
  const std::uint32_t at = allocate(words);
  set_list_pointer(pointer, at, kBit, count);
  return {at, 0, 0, 0};
}

StoredBuilder::List StoredBuilder::init_number_list(std::uint32_t pointer, std::uint32_t count,
                                                    std::uint32_t element_bytes) {
  const std::uint64_t words = (std::uint64_t{count} * element_bytes + 7) / 8;
  if (words > max_words_ || size_ > max_words_ - words) return refuse();
  const std::uint32_t at = allocate(words);
  set_list_pointer(pointer, at, element_bytes == 4 ? kFourBytes : kEightBytes, count);
  return {at, 0, 0, 0};
}

}  // namespace troupe::schema
