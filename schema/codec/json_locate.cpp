#include <algorithm>
#include <string>
#include <vector>

#include "schema/codec/json.hpp"
#include "schema/codec/json_text.hpp"

namespace troupe::schema {

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// A slow and strict reader of JSON that only finds the first error. Nesting is kept in a list, not on the stack.
class Locator {
 public:
  explicit Locator(std::string_view text) : text_(text) {}

  /// The reason; at() is then where. Empty when the text is well formed.
  std::string run() {
    std::string reason;
    while (reason.empty() && (value_is_next_ || !open_.empty())) reason = value_is_next_ ? value() : after_value();
    if (!reason.empty()) return reason;
    skip_space();
    return at_ == text_.size() ? "" : "text after the end of the value";
  }
  std::size_t at() const { return at_; }

 private:
  bool done() const { return at_ >= text_.size(); }
  char peek() const { return done() ? '\0' : text_[at_]; }
  void skip_space() {
    while (!done() && is_space(text_[at_])) ++at_;
  }

  std::string value() {
    value_is_next_ = false;
    skip_space();
    if (done()) return "the text ends where a value is expected";
    const char c = peek();
    if (c == '{' || c == '[') return open(c);
    if (c == '"') return string();
    if (c == '-' || is_digit(c)) return number();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return "";
      }
    }
    return "expected a value";
  }

  std::string open(char bracket) {
    ++at_;
    skip_space();
    if (peek() == (bracket == '{' ? '}' : ']')) {
      ++at_;
      return "";
    }
    open_.push_back(bracket);
    return item();
  }

  /// Up to the value of the next item of what is open.
  std::string item() {
    value_is_next_ = true;
    return open_.back() == '{' ? key() : "";
  }

  std::string key() {
    skip_space();
    if (peek() != '"') return "expected a key in double quotes";
    if (std::string reason = string(); !reason.empty()) return reason;
    skip_space();
    if (peek() != ':') return "expected ':' after a key";
    ++at_;
    return "";
  }

  std::string after_value() {
    skip_space();
    const bool object = open_.back() == '{';
    if (peek() == (object ? '}' : ']')) {
      ++at_;
      open_.pop_back();
      return "";
    }
    if (done()) return object ? "the text ends inside an object" : "the text ends inside a list";
    if (peek() != ',') return object ? "expected ',' or '}'" : "expected ',' or ']'";
    ++at_;
    return item();
  }

  std::string string() {
    for (++at_; !done(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        ++at_;
        return "";
      }
      if (static_cast<unsigned char>(c) < 0x20) return "a control character in a string";
      if (c == '\\' && !escape()) return "an escape that JSON does not have";
    }
    return "the text ends inside a string";
  }

  bool escape() {
    ++at_;
    if (peek() != 'u') return !done() && std::string_view("\"\\/bfnrt").find(peek()) != std::string_view::npos;
    for (int i = 0; i < 4; ++i) {
      ++at_;
      if (done() || std::string_view("0123456789abcdefABCDEF").find(peek()) == std::string_view::npos) return false;
    }
    return true;
  }

  bool digits() {
    const std::size_t before = at_;
    while (is_digit(peek())) ++at_;
    return at_ != before;
  }

  std::string number() {
    if (peek() == '-') ++at_;
    const bool zero = peek() == '0';
    if (!digits()) return "expected a digit";
    if (zero && is_digit(text_[at_ - 1]) && text_[at_ - 1] != '0') return "a number that begins with 0";
    if (peek() == '.') {
      ++at_;
      if (!digits()) return "expected a digit after the point";
    }
    if (peek() == 'e' || peek() == 'E') {
      ++at_;
      if (peek() == '+' || peek() == '-') ++at_;
      if (!digits()) return "expected a digit in the exponent";
    }
    return "";
  }

  std::string_view text_;
  std::size_t at_ = 0;
  bool value_is_next_ = true;
  std::vector<char> open_;
};

}  // namespace

bool is_json(std::string_view text) { return Locator(text).run().empty(); }

std::string locate_json_error(std::string_view json) {
  if (json.empty()) return "the text is empty";
  Locator locator(json);
  const std::string reason = locator.run();
  if (reason.empty()) return "a number is beyond what 64 bits can hold, or a string is malformed";
  const std::string_view before = json.substr(0, std::min(locator.at(), json.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const std::size_t column =
      before.size() - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1);
  return "line " + std::to_string(line) + ", column " + std::to_string(column + 1) + ": " + reason;
}

std::optional<std::string_view> next_json(std::string_view& stream) {
  const auto begin = std::find_if_not(stream.begin(), stream.end(), is_space);
  stream.remove_prefix(static_cast<std::size_t>(begin - stream.begin()));
  if (stream.empty()) return std::nullopt;
  std::size_t depth = 0;
  bool in_string = false;
  std::size_t i = 0;
  for (; i < stream.size(); ++i) {
    const char c = stream[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') in_string = true;
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0 && --depth == 0) break;
    if (depth == 0 && i > 0 && is_space(c)) break;
  }
  const std::string_view value = stream.substr(0, std::min(i + 1, stream.size()));
  stream.remove_prefix(value.size());
  return value;
}

}  // namespace troupe::schema
