#pragma once

#include <simdjson.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "schema/codec/typed_decoder.hpp"

namespace troupe::schema {

/// A JSON object read in one pass over simdjson's index of its text: the places of all brackets, colons and commas and
/// of the first bytes of strings, numbers and words. No tree is made, and a string without escapes is a view into the
/// text. A Value is a position in the index; what is read moves the cursor behind itself.
///
/// Reads what is well formed and expected. On anything else gave_up() becomes true and what was read is worthless: the
/// caller parses again in the thorough way, which finds the words for what is wrong.
class IndexedJson {
 public:
  struct Value {
    std::uint32_t at = 0;
  };

  /// False when simdjson refuses the text or it is no object. The text must stay, and the parser must not be used.
  bool open(simdjson::dom::parser& parser, std::string_view json) {
    if (parser.capacity() < json.size() && parser.allocate(json.size() * 2, parser.max_depth())) return false;
    parser_ = parser.implementation.get();
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(json.data());
    if (parser_ == nullptr || parser_->stage1(bytes, json.size(), simdjson::stage1_mode::regular)) return false;
    index_ = parser_->structural_indexes.get();
    size_ = parser_->n_structural_indexes;
    text_ = json.data();
    if (size_ < 2 || text_[index_[0]] != '{' || text_[index_[size_ - 1]] != '}') return false;
    make_room();
    escapes_ = std::memchr(json.data(), '\\', json.size()) != nullptr;
    if (escapes_) hold(json);
    cursor_ = 0;
    gave_up_ = false;
    return match_brackets(note_bytes());
  }
  Value root() const { return {}; }
  bool gave_up() const { return gave_up_; }
  /// Nothing stands behind what was read.
  bool at_end() const { return cursor_ == size_; }

  // What TypedDecoder asks of a source.

  JsonKind kind(const Value& v) {
    const char c = byte(v.at);
    if (c == '"') return JsonKind::kString;
    if (c == '{') return JsonKind::kObject;
    if (c == '[') return JsonKind::kArray;
    if (c == 't' || c == 'f') return JsonKind::kBool;
    if (c == 'n') return JsonKind::kNull;
    const std::uint32_t cursor = cursor_;
    std::int64_t whole = 0;
    double number = 0;
    const bool is_whole = get_int(v, whole);
    if (!is_whole && !get_number(v, number)) give_up();
    cursor_ = cursor;
    return is_whole ? JsonKind::kInt : JsonKind::kDouble;
  }
  bool is_null(const Value& v) { return byte(v.at) == 'n' && word(v.at, "null"); }
  bool is_object(const Value& v) const { return byte(v.at) == '{'; }
  bool is_array(const Value& v) const { return byte(v.at) == '['; }

  bool get_bool(const Value& v, bool& out) {
    out = byte(v.at) == 't';
    return (out || byte(v.at) == 'f') && word(v.at, out ? "true" : "false");
  }
  [[gnu::always_inline]] bool get_string(const Value& v, std::string_view& out) {
    if (byte(v.at) != '"') return false;
    cursor_ = v.at + 1;
    out = string_at(v.at);
    return true;
  }
  /// Of at most 18 digits; a longer one counts as a number that is none.
  bool get_int(const Value& v, std::int64_t& out) {
    const std::string_view text = token(v.at);
    const bool negative = text[0] == '-';
    const std::size_t digits = text.size() - (negative ? 1 : 0);
    if (digits == 0 || digits > 18 || (digits > 1 && text[negative ? 1 : 0] == '0')) return false;
    std::int64_t value = 0;
    for (const char c : text.substr(negative ? 1 : 0)) {
      const auto digit = static_cast<unsigned>(c - '0');
      if (digit > 9) return false;
      value = value * 10 + digit;
    }
    out = negative ? -value : value;
    cursor_ = v.at + 1;
    return true;
  }
  bool get_number(const Value& v, double& out) {
    std::int64_t whole = 0;
    if (get_int(v, whole)) {
      out = static_cast<double>(whole);
      return true;
    }
    const std::string_view text = token(v.at);
    if (byte(v.at) == '"' || !is_fraction(text)) return false;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size()) return false;
    cursor_ = v.at + 1;
    return true;
  }

  /// Items of an array; less when it is malformed or has both plain items and nested ones, then reading gives up.
  std::size_t count(const Value& v) const { return inside_[v.at].items; }

  template <class F>
  void for_each_member(const Value& v, F&& f) {
    const char* const bytes = bytes_.get();
    std::uint32_t at = v.at + 1;
    cursor_ = at + 1;
    if (bytes[at] == '}') return;
    for (;; ++at) {
      if (bytes[at] != '"' || bytes[at + 1] != ':') return give_up();
      const Value value{at + 2};
      cursor_ = value.at;
      if (!f(string_at(at), value)) return give_up();
      at = behind(value);
      if (gave_up_) return;
      if (bytes[at] == ',') continue;
      return close(at, '}');
    }
  }
  template <class F>
  void for_each_item(const Value& v, F&& f) {
    const char* const bytes = bytes_.get();
    std::uint32_t at = v.at + 1;
    cursor_ = at + 1;
    if (bytes[at] == ']') return;
    for (;; ++at) {
      const Value value{at};
      cursor_ = at;
      if (!f(value)) return give_up();
      at = behind(value);
      if (gave_up_) return;
      if (bytes[at] == ',') continue;
      return close(at, ']');
    }
  }

  std::uint32_t place() const { return cursor_; }
  void go_to(std::uint32_t place) { cursor_ = place; }
  /// Passed over is not checked.
  void unread() { give_up(); }

 private:
  /// Of a bracket and the one that closes it.
  struct Inside {
    std::uint32_t end;    // position of the closing one
    std::uint32_t items;  // of a list
  };
  static constexpr std::uint32_t kMaxDepth = 1024;

  char byte(std::uint32_t at) const { return bytes_[at]; }
  void give_up() { gave_up_ = true; }
  void close(std::uint32_t at, char bracket) {
    if (byte(at) != bracket) return give_up();
    cursor_ = at + 1;
  }

  void make_room() {
    if (size_ < room_) return;
    room_ = size_ * 2;
    bytes_ = std::make_unique_for_overwrite<char[]>(room_ + 4);
    brackets_ = std::make_unique_for_overwrite<std::uint32_t[]>(room_ + 1);
    inside_ = std::make_unique_for_overwrite<Inside[]>(room_ + 4);
  }

  /// The byte at each position, and the positions of all brackets; returns how many.
  std::uint32_t note_bytes() {
    static constexpr auto kIsBracket = [] {
      std::array<std::uint8_t, 256> is{};
      for (const unsigned char c : {'{', '}', '[', ']'}) is[c] = 1;
      return is;
    }();
    // Local, so that they stay in registers: a write through char* may change any member.
    const char* const text = text_;
    const std::uint32_t* const index = index_;
    char* const bytes = bytes_.get();
    std::uint32_t* bracket = brackets_.get();
    for (std::uint32_t i = 0, size = size_; i < size; ++i) {
      const char c = text[index[i]];
      bytes[i] = c;
      *bracket = i;
      bracket += kIsBracket[static_cast<unsigned char>(c)];
    }
    // Whoever reads past the end meets '{', which is never right there, and so stops.
    for (std::uint32_t i = size_; i < size_ + 3; ++i) {
      bytes_[i] = '{';
      inside_[i] = {i, 0};
      index_[i] = index_[0];
    }
    return static_cast<std::uint32_t>(bracket - brackets_.get());
  }

  /// Where each bracket closes and how many items are directly inside. False when they do not match in number.
  bool match_brackets(std::uint32_t brackets) {
    std::array<Inside, kMaxDepth> open;  // .end: where it began
    std::uint32_t depth = 0;
    Inside now{0, 0};
    for (std::uint32_t i = 0; i < brackets; ++i) {
      const std::uint32_t at = brackets_[i];
      if ((bytes_[at] | 0x20) == '{') {
        if (++depth == kMaxDepth) return false;
        open[depth] = now;
        now = {at, 0};
      } else {
        if (depth == 0) return false;
        // Nothing nested: items and commas take turns.
        inside_[now.end] = {at, now.items != 0 ? now.items : (at - now.end) / 2};
        now = open[depth--];
        ++now.items;
      }
    }
    return depth == 0;
  }

  /// A copy with room behind it, which simdjson wants where it resolves escapes; and memory for what it makes of them.
  void hold(std::string_view json) {
    const std::size_t needed = json.size() + simdjson::SIMDJSON_PADDING;
    if (needed > capacity_) {
      capacity_ = needed * 2;
      held_ = std::make_unique<char[]>(capacity_);
      strings_ = std::make_unique<char[]>(capacity_);
    }
    std::memcpy(held_.get(), json.data(), json.size());
    std::memset(held_.get() + json.size(), 0, simdjson::SIMDJSON_PADDING);
    text_ = held_.get();
    strings_used_ = 0;
  }

  /// From `at` to what comes next, without the white space between.
  std::string_view token(std::uint32_t at) const {
    const char* begin = text_ + index_[at];
    const char* end = text_ + index_[at + 1];
    while (end > begin + 1 && (end[-1] == ' ' || end[-1] == '\n' || end[-1] == '\r' || end[-1] == '\t')) --end;
    return {begin, end > begin ? static_cast<std::size_t>(end - begin) : 1};
  }
  /// Always true; gives up when it is another word.
  bool word(std::uint32_t at, std::string_view text) {
    cursor_ = at + 1;
    const std::string_view found = token(at);
    if (found.size() != text.size() || std::memcmp(found.data(), text.data(), text.size()) != 0) give_up();
    return true;
  }

  /// The string whose quote is at `at`: what comes next in the index stands behind its other quote.
  [[gnu::always_inline]] std::string_view string_at(std::uint32_t at) {
    const char* begin = text_ + index_[at] + 1;
    const char* end = text_ + index_[at + 1] - 1;
    if (*end != '"' || end < begin || escapes_) return unusual_string(begin, end);
    return {begin, static_cast<std::size_t>(end - begin)};
  }
  /// White space behind it, or escapes, or no string.
  [[gnu::noinline]] std::string_view unusual_string(const char* begin, const char* end) {
    while (*end != '"') --end;
    if (end < begin) {
      give_up();
      return {};
    }
    const std::string_view raw(begin, static_cast<std::size_t>(end - begin));
    return raw.find('\\') == std::string_view::npos ? raw : unescape(raw);
  }
  std::string_view unescape(std::string_view raw) {
    char* to = strings_.get() + strings_used_;
    if (raw.size() + simdjson::SIMDJSON_PADDING > capacity_ - strings_used_) {
      give_up();
      return {};
    }
    const std::uint8_t* end =
        parser_->parse_string(reinterpret_cast<const std::uint8_t*>(raw.data()), reinterpret_cast<std::uint8_t*>(to));
    if (end == nullptr) {
      give_up();
      return {};
    }
    const auto size = static_cast<std::size_t>(reinterpret_cast<const char*>(end) - to);
    strings_used_ += size;
    return {to, size};
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

  /// The position behind a value, read or not.
  std::uint32_t behind(const Value& v) const {
    if (cursor_ != v.at) return cursor_;
    return (byte(v.at) == '{' || byte(v.at) == '[' ? inside_[v.at].end : v.at) + 1;
  }

  const char* text_ = nullptr;
  std::uint32_t* index_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t cursor_ = 0;
  bool gave_up_ = false;
  bool escapes_ = false;
  simdjson::internal::dom_parser_implementation* parser_ = nullptr;
  std::uint32_t room_ = 0;
  std::unique_ptr<char[]> bytes_;
  std::unique_ptr<std::uint32_t[]> brackets_;
  std::unique_ptr<Inside[]> inside_;
  std::unique_ptr<char[]> held_;
  std::unique_ptr<char[]> strings_;
  std::size_t capacity_ = 0;
  std::size_t strings_used_ = 0;
};

}  // namespace troupe::schema
