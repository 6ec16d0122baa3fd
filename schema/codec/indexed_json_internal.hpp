#pragma once

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <simdjson.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace troupe::schema {

/// A JSON object read by simdjson's index of its text: the places of all brackets, colons and commas and of the first
/// bytes of strings, numbers and words. No tree is made, and a string without escapes is a view into the text.
///
/// A value is a position in the index; what reads one says whether it was well formed and, of words, what stands
/// behind. Nothing is said about what is wrong: the caller parses again in the thorough way, which finds the words for
/// it. Made by a JsonIndex, which owns the memory.
class IndexedJson {
 public:
  using At = std::uint32_t;
  /// Behind no value: the object itself begins there.
  static constexpr At kNowhere = 0;
  /// So many bytes behind the text and behind every string can be read.
  static constexpr std::size_t kPadding = simdjson::SIMDJSON_PADDING;

  /// Positions; those up to two behind the last one can be looked at and hold a '{'.
  At size() const { return size_; }

  /// The first byte of what stands at a position.
  char byte(At at) const { return bytes_[at]; }
  const char* text(At at) const { return text_ + index_[at]; }
  /// Where a bracket closes, and how many values are inside: of a list its items; of an object without lists or objects
  /// in it twice its members. Too few when some values are nested and some are not; anything when it is malformed.
  At end(At bracket) const { return ends_[bracket]; }
  std::uint32_t items(At bracket) const {
    // Nothing nested: items and commas take turns.
    return nested_[bracket] != 0 ? nested_[bracket] : (ends_[bracket] - bracket) / 2;
  }

  /// What stands behind the word, or kNowhere when it is another one.
  At word(At at, std::string_view expected) const {
    const std::string_view found = token(at);
    return found == expected ? at + 1 : kNowhere;
  }
  [[gnu::always_inline]] bool string(At at, std::string_view& out) {
    const char* const begin = text_ + index_[at];
    const char* const end = text_ + index_[at + 1] - 1;  // what comes next stands behind the other quote
    if (*begin != '"') return false;
    if (*end != '"' || end <= begin || end >= escape_) [[unlikely]] {
      out = unusual_string(begin + 1, end);
      return out.data() != nullptr;
    }
    out = {begin + 1, static_cast<std::size_t>(end - begin - 1)};
    return true;
  }
  /// Of at most 18 digits; a longer one counts as a number that is none.
  [[gnu::always_inline]] bool integer(At at, std::int64_t& out) const {
    const char* digit = text_ + index_[at];
    const char* const end = text_ + index_[at + 1];
    const bool negative = *digit == '-';
    digit += negative ? 1 : 0;
    const char* const first = digit;
    std::uint64_t value = 0;
    for (unsigned d = 0; (d = static_cast<unsigned>(*digit - '0')) <= 9; ++digit) value = value * 10 + d;
    const auto digits = digit - first;
    if (digits == 0 || digits > 18 || (digits > 1 && *first == '0')) return false;
    while (digit < end && is_space(*digit)) ++digit;
    out = negative ? -static_cast<std::int64_t>(value) : static_cast<std::int64_t>(value);
    return digit == end;
  }
  /// Any number.
  bool number(At at, double& out) const {
    std::int64_t whole = 0;
    if (integer(at, whole)) {
      out = static_cast<double>(whole);
      return true;
    }
    const std::string_view text = token(at);
    if (!is_fraction(text)) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size();
  }

  /// Strings that were passed over will be read: until one of the other two calls they may come in any order.
  const char* read_in_any_order() { return std::exchange(escape_, escape_ == text_end_ ? text_end_ : text_); }
  /// `before`: what that returned. In order again, from where it was called.
  void read_again(const char* before) { escape_ = before; }
  /// In order again, from `at` on.
  void read_on(const char* before, At at) {
    escape_ = before == text_ || before >= text(at) ? before : next_escape(text(at));
  }

 private:
  friend class JsonIndex;

  static bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

  const char* next_escape(const char* from) const {
    const void* found = std::memchr(from, '\\', static_cast<std::size_t>(text_end_ - from));
    return found == nullptr ? text_end_ : static_cast<const char*>(found);
  }
  /// From `at` to what comes next, without the white space between.
  std::string_view token(At at) const {
    const char* begin = text_ + index_[at];
    const char* end = text_ + index_[at + 1];
    while (end > begin + 1 && is_space(end[-1])) --end;
    return {begin, end > begin ? static_cast<std::size_t>(end - begin) : 1};
  }

  /// White space behind it, or escapes, or no string: then a view of null.
  [[gnu::noinline]] std::string_view unusual_string(const char* begin, const char* end) {
    while (end >= begin && is_space(*end)) --end;
    if (end < begin || *end != '"') return {};
    std::string_view found(begin, static_cast<std::size_t>(end - begin));
    if (escape_ >= end) return found;
    if (found.find('\\') != std::string_view::npos) found = unescape(found);
    if (escape_ != text_) escape_ = next_escape(end);
    return found;
  }
  std::string_view unescape(std::string_view raw) {
    if (raw.size() + kPadding > strings_left_) return {};
    const std::uint8_t* end = parser_->parse_string(reinterpret_cast<const std::uint8_t*>(raw.data()),
                                                    reinterpret_cast<std::uint8_t*>(strings_));
    if (end == nullptr) return {};
    const auto size = static_cast<std::size_t>(reinterpret_cast<const char*>(end) - strings_);
    strings_left_ -= size;
    return {std::exchange(strings_, strings_ + size), size};
  }

  /// A number with a fraction or an exponent, or a long one.
  static bool is_fraction(std::string_view text) {
    std::size_t i = text[0] == '-' ? 1 : 0;
    const auto digits = [&] {
      const std::size_t from = i;
      while (i < text.size() && text[i] >= '0' && text[i] <= '9') ++i;
      return i - from;
    };
    const bool zero = i < text.size() && text[i] == '0';
    const std::size_t whole = digits();
    if (whole == 0 || (zero && whole > 1)) return false;
    if (i < text.size() && text[i] == '.' && (++i, digits() == 0)) return false;
    if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
      ++i;
      if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
      if (digits() == 0) return false;
    }
    return i == text.size();
  }

  const char* text_ = nullptr;
  const char* text_end_ = nullptr;
  const char* escape_ = nullptr;  // no string that ends before it has an escape; the text's end when there is none
  const std::uint32_t* index_ = nullptr;
  const char* bytes_ = nullptr;  // the text's at each position
  const At* ends_ = nullptr;
  const std::uint32_t* nested_ = nullptr;
  std::uint32_t size_ = 0;
  simdjson::internal::dom_parser_implementation* parser_ = nullptr;
  char* strings_ = nullptr;  // free, for what is made of escapes
  std::size_t strings_left_ = 0;
};

/// Makes an IndexedJson, with memory that is kept between texts.
class JsonIndex {
 public:
  using At = IndexedJson::At;

  /// False when simdjson refuses the text or it is no object. The text, with IndexedJson::kPadding zeros behind it,
  /// must stay, and the parser must not be used.
  bool open(simdjson::dom::parser& parser, std::string_view json, IndexedJson& out) {
    if (parser.capacity() < json.size() && parser.allocate(json.size() * 2, parser.max_depth())) return false;
    out.parser_ = parser.implementation.get();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(json.data());
    if (out.parser_ == nullptr || out.parser_->stage1(bytes, json.size(), simdjson::stage1_mode::regular)) return false;
    std::uint32_t* const index = out.parser_->structural_indexes.get();
    const std::uint32_t size = out.parser_->n_structural_indexes;
    if (size < 2 || json[index[0]] != '{' || json[index[size - 1]] != '}') return false;
    make_room(size);
    note_bytes(json.data(), index, size);
    if (!match_brackets(size)) return false;
    end_with_brackets(index, size);
    out.text_ = json.data();
    out.text_end_ = json.data() + json.size();
    out.escape_ = out.next_escape(out.text_);
    out.index_ = index;
    out.size_ = size;
    out.bytes_ = bytes_.get();
    out.ends_ = ends_.get();
    out.nested_ = nested_.get();
    if (out.escape_ != out.text_end_) hold_strings(json.size(), out);
    return true;
  }

 private:
  static constexpr std::uint32_t kMaxDepth = 1024;
  static constexpr std::uint32_t kBlock = 16;
  static constexpr std::uint32_t kBehind = 3;                // positions behind the last one
  static constexpr char kClosing = '}' & ~'{' & ']' & ~'[';  // a bit that only closing brackets have
  static_assert(kClosing != 0);

  void make_room(std::uint32_t size) {
    if (size < room_) return;
    room_ = size * 2;
    bytes_ = std::make_unique_for_overwrite<char[]>(room_ + kBlock + kBehind);
    ends_ = std::make_unique_for_overwrite<At[]>(room_ + kBehind);
    nested_ = std::make_unique_for_overwrite<std::uint32_t[]>(room_ + kBehind);
  }

  void note_bytes(const char* text, const std::uint32_t* index, std::uint32_t size) {
    char* const bytes = bytes_.get();
    for (std::uint32_t i = 0; i < size; ++i) bytes[i] = text[index[i]];
    std::memset(bytes + size, 0, kBlock);
  }
  /// Whoever reads past the end meets '{', which is never right there, and so stops.
  void end_with_brackets(std::uint32_t* index, std::uint32_t size) {
    for (std::uint32_t i = size; i < size + kBehind; ++i) {
      bytes_[i] = '{';
      ends_[i] = i;
      nested_[i] = 0;
      index[i] = index[0];
    }
  }

  /// A bit for each of kBlock bytes that is a bracket.
  static std::uint32_t brackets(const char* bytes) {
    constexpr char kSquareToCurly = 0x20;
#ifdef __SSE2__
    const __m128i block =
        _mm_or_si128(_mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes)), _mm_set1_epi8(kSquareToCurly));
    const __m128i is =
        _mm_or_si128(_mm_cmpeq_epi8(block, _mm_set1_epi8('{')), _mm_cmpeq_epi8(block, _mm_set1_epi8('}')));
    return static_cast<std::uint32_t>(_mm_movemask_epi8(is));
#else
    std::uint32_t bits = 0;
    for (std::uint32_t i = 0; i < kBlock; ++i) {
      const int c = bytes[i] | kSquareToCurly;
      bits |= (c == '{' || c == '}' ? 1U : 0U) << i;
    }
    return bits;
#endif
  }

  /// Where each bracket closes and how many are directly inside. False when they do not match in number.
  bool match_brackets(std::uint32_t size) {
    // Those that are open; [0] is for what is outside of all. No branch on the bracket: which comes next is hard to
    // foretell. No two arrays in one: what is written in halves and read as one waits for the memory.
    std::array<At, kMaxDepth + 1> open_at;
    std::array<std::uint32_t, kMaxDepth + 1> open_nested;
    open_at[0] = 0;
    open_nested[0] = 0;
    std::uint32_t depth = 0;
    const char* const bytes = bytes_.get();
    At* const ends = ends_.get();
    std::uint32_t* const nested = nested_.get();
    for (std::uint32_t block = 0; block < size; block += kBlock) {
      for (std::uint32_t bits = brackets(bytes + block); bits != 0; bits &= bits - 1) {
        const At at = block + static_cast<At>(__builtin_ctz(bits));
        const std::uint32_t closes = (static_cast<std::uint32_t>(bytes[at]) & kClosing) / kClosing;
        const At top = open_at[depth];
        const At of = at ^ ((at ^ top) & (0 - closes));  // of one that opens: written again when it closes
        ends[of] = at;
        nested[of] = open_nested[depth];
        open_at[depth + 1] = at;
        open_nested[depth + 1] = 0;
        depth += 1 - 2 * closes;
        if (depth >= kMaxDepth) return false;
        open_nested[depth] += closes;
      }
    }
    return depth == 0;
  }

  /// Memory for what is made of escapes.
  void hold_strings(std::size_t size, IndexedJson& out) {
    if (size + IndexedJson::kPadding > strings_room_) {
      strings_room_ = (size + IndexedJson::kPadding) * 2;
      strings_ = std::make_unique<char[]>(strings_room_ + IndexedJson::kPadding);
    }
    out.strings_ = strings_.get();
    out.strings_left_ = strings_room_;
  }

  std::uint32_t room_ = 0;
  std::unique_ptr<char[]> bytes_;
  std::unique_ptr<At[]> ends_;
  std::unique_ptr<std::uint32_t[]> nested_;
  std::unique_ptr<char[]> strings_;
  std::size_t strings_room_ = 0;
};

}  // namespace troupe::schema
