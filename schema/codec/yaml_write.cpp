#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "schema/codec/json_text.hpp"
#include "schema/codec/yaml.hpp"
#include "schema/codec/yaml_scalar.hpp"

namespace troupe::schema {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 128;
}

/// The order in which go-yaml writes keys: letters before other characters, runs of digits by their number.
bool key_less(std::string_view a, std::string_view b) {
  bool digits = false;
  for (std::size_t i = 0; i < a.size() && i < b.size(); ++i) {
    if (a[i] == b[i]) {
      digits = is_digit(a[i]);
      continue;
    }
    const bool a_letter = is_letter(a[i]);
    const bool b_letter = is_letter(b[i]);
    if (a_letter && b_letter) return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
    if (a_letter || b_letter) return digits ? a_letter : b_letter;
    std::uint64_t a_number = 0;
    std::uint64_t b_number = 0;
    if (a[i] == '0' || b[i] == '0') {
      for (std::size_t j = i; j-- > 0 && is_digit(a[j]);) {
        if (a[j] == '0') continue;
        a_number = b_number = 1;
        break;
      }
    }
    std::size_t a_end = i;
    std::size_t b_end = i;
    for (; a_end < a.size() && is_digit(a[a_end]); ++a_end)
      a_number = a_number * 10 + static_cast<unsigned>(a[a_end] - '0');
    for (; b_end < b.size() && is_digit(b[b_end]); ++b_end)
      b_number = b_number * 10 + static_cast<unsigned>(b[b_end] - '0');
    if (a_number != b_number) return a_number < b_number;
    if (a_end != b_end) return a_end < b_end;
    return static_cast<unsigned char>(a[i]) < static_cast<unsigned char>(b[i]);
  }
  return a.size() < b.size();
}

/// Which ways a text can be written so that it reads back the same (libyaml's analysis of a scalar).
struct Style {
  bool plain = true;
  bool single = true;
  bool block = true;
};

/// Length of a printable character, or 0.
std::size_t printable(std::string_view text) {
  const std::size_t length = utf8_length(text);
  const auto at = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  if (length == 1) return at(0) >= 0x20 && at(0) <= 0x7e ? 1 : 0;
  if (length == 2) return at(0) == 0xc2 && at(1) < 0xa0 ? 0 : 2;
  if (length != 3) return 0;
  if (at(0) == 0xef && at(1) == 0xbb && at(2) == 0xbf) return 0;
  if (at(0) == 0xef && at(1) == 0xbf && at(2) >= 0xbe) return 0;
  return at(0) == 0xe2 && at(1) == 0x80 && (at(2) == 0xa8 || at(2) == 0xa9) ? 0 : 3;
}

/// True when the character makes the text no plain one.
bool is_indicator(std::string_view text, std::size_t i) {
  const char c = text[i];
  const bool before_space = i + 1 == text.size() || text[i + 1] == ' ' || text[i + 1] == '\n' || text[i + 1] == '\t';
  if (i == 0) {
    if (std::string_view("#,[]{}&*!|>'\"%@`").find(c) != std::string_view::npos) return true;
    if (c == '-' || c == '?' || c == ':') return before_space;
    return false;
  }
  if (c == ':') return before_space;
  return c == '#' && (text[i - 1] == ' ' || text[i - 1] == '\n' || text[i - 1] == '\t');
}

Style analyze(std::string_view text) {
  Style style;
  bool special = false;
  bool lines = false;
  bool space_before_line = false;
  bool line_before_space = false;
  bool indicator = text.substr(0, 3) == "---" || text.substr(0, 3) == "...";
  for (std::size_t i = 0; i < text.size();) {
    if (text[i] == '\n') {
      lines = true;
      space_before_line = space_before_line || (i > 0 && text[i - 1] == ' ');
      ++i;
      continue;
    }
    line_before_space = line_before_space || (text[i] == ' ' && i > 0 && text[i - 1] == '\n');
    indicator = indicator || is_indicator(text, i);
    const std::size_t length = printable(text.substr(i));
    special = special || length == 0;
    i += std::max<std::size_t>(length, 1);
  }
  const bool leading = !text.empty() && (text.front() == ' ' || text.front() == '\n');
  const bool trailing_space = !text.empty() && text.back() == ' ';
  const bool trailing = trailing_space || (!text.empty() && text.back() == '\n');
  const bool unreadable = special || space_before_line;
  style.plain = !text.empty() && !leading && !trailing && !line_before_space && !unreadable && !lines && !indicator;
  style.single = !line_before_space && !unreadable;
  style.block = !trailing_space && !unreadable;
  return style;
}

class Writer {
 public:
  explicit Writer(ByteBuffer& out) : out_(out) {}

  /// After "key:" or "-", or at the start of the document.
  enum class After { kNothing, kKey, kDash };

  void value(const Node& node, std::size_t indent, After after) {
    if (node.is_object() && node.size() != 0) return object(node, indent, after);
    if (node.is_array() && node.size() != 0) return array(node, indent, after);
    if (after != After::kNothing) out_.push(' ');
    scalar(node, indent);
    out_.push('\n');
  }

 private:
  void indentation(std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) out_.push(' ');
  }

  void object(const Node& node, std::size_t indent, After after) {
    std::vector<const Member*> members;
    for (const Member& member : node.members()) members.push_back(&member);
    std::stable_sort(members.begin(), members.end(),
                     [](const Member* a, const Member* b) { return key_less(a->key, b->key); });
    const std::size_t inner = after == After::kNothing ? indent : indent + 2;
    if (after == After::kKey) out_.push('\n');
    bool first = true;
    for (const Member* member : members) {
      if (first && after == After::kDash) {
        out_.push(' ');
      } else {
        indentation(inner);
      }
      first = false;
      text(member->key, inner, true);
      out_.push(':');
      value(member->value, inner, After::kKey);
    }
  }

  /// The dashes of a list under a key stand as deep as the key.
  void array(const Node& node, std::size_t indent, After after) {
    const std::size_t inner = after == After::kDash ? indent + 2 : indent;
    if (after == After::kKey) out_.push('\n');
    bool first = true;
    for (const Node& item : node.items()) {
      if (first && after == After::kDash) {
        out_.push(' ');
      } else {
        indentation(inner);
      }
      first = false;
      out_.push('-');
      value(item, inner, After::kDash);
    }
  }

  void scalar(const Node& node, std::size_t indent) {
    switch (node.kind()) {
      case Node::Kind::kNull:
        return out_.append("null");
      case Node::Kind::kBool:
        return out_.append(node.as_bool() ? "true" : "false");
      case Node::Kind::kInt:
        return append_int(out_, node.as_int());
      case Node::Kind::kDouble:
        return number(node.as_double());
      case Node::Kind::kString:
        return text(node.as_string(), indent, false);
      case Node::Kind::kArray:
        return out_.append("[]");
      case Node::Kind::kObject:
        return out_.append("{}");
    }
  }

  void number(double value) {
    if (value == std::trunc(value) && std::fabs(value) < 9.2e18)
      return append_int(out_, static_cast<std::int64_t>(value));
    out_.append(yaml_float_text(value, false));
  }

  void text(std::string_view value, std::size_t indent, bool is_key) {
    const Style style = analyze(value);
    const bool as_string = resolve_yaml_scalar(value).kind == YamlScalar::Kind::kString && !is_base60_number(value) &&
                           value != "<<";  // plain, it would be read as a merge key
    if (value.find('\n') != std::string_view::npos) {
      return style.block && !is_key ? literal(value, indent) : double_quoted(value);
    }
    if (!as_string) return double_quoted(value);
    if (style.plain) return out_.append(value);
    style.single ? single_quoted(value) : double_quoted(value);
  }

  void literal(std::string_view value, std::size_t indent) {
    out_.push('|');
    if (value[0] == ' ' || value[0] == '\n') out_.push('2');
    const bool ends_line = value.back() == '\n';
    if (!ends_line) out_.push('-');
    if (ends_line && (value.size() == 1 || value[value.size() - 2] == '\n')) out_.push('+');
    std::string_view rest = ends_line ? value.substr(0, value.size() - 1) : value;
    for (bool more = true; more;) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      out_.push('\n');
      if (end != 0) indentation(indent + 2);
      out_.append(rest.substr(0, end));
      more = end < rest.size();
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }

  void single_quoted(std::string_view value) {
    out_.push('\'');
    for (const char c : value) {
      if (c == '\'') out_.push('\'');
      out_.push(c);
    }
    out_.push('\'');
  }

  void double_quoted(std::string_view value) {
    out_.push('"');
    while (!value.empty()) {
      const std::size_t length = printable(value);
      if (value[0] == '"' || value[0] == '\\') out_.push('\\');
      if (length == 0) {
        value.remove_prefix(escape(value));
      } else {
        out_.append(value.substr(0, length));
        value.remove_prefix(length);
      }
    }
    out_.push('"');
  }

  /// Writes what cannot be printed and returns how many bytes that was.
  std::size_t escape(std::string_view value) {
    constexpr std::string_view kShort = "\a\b\t\n\v\f\r\x1b";
    constexpr std::string_view kNames = "abtnvfre";
    if (const std::size_t at = kShort.find(value[0]); at != std::string_view::npos) {
      out_.push('\\');
      out_.push(kNames[at]);
      return 1;
    }
    if (value[0] == '\0') {
      out_.append("\\0");
      return 1;
    }
    const std::size_t length = std::max<std::size_t>(utf8_length(value), 1);
    std::uint32_t code = static_cast<unsigned char>(value[0]);
    if (length > 1) code &= 0xffU >> (length + 1);
    for (std::size_t i = 1; i < length; ++i) code = code << 6U | (static_cast<unsigned char>(value[i]) & 0x3fU);
    hex(code);
    return length;
  }

  void hex(std::uint32_t code) {
    constexpr std::string_view kDigits = "0123456789ABCDEF";
    if (code == 0x85) return out_.append("\\N");
    if (code == 0x2028) return out_.append("\\L");
    if (code == 0x2029) return out_.append("\\P");
    const unsigned width = code <= 0xff ? 2 : code <= 0xffff ? 4 : 8;
    out_.push('\\');
    out_.push(width == 2 ? 'x' : width == 4 ? 'u' : 'U');
    for (unsigned i = width; i-- > 0;) out_.push(kDigits[code >> (4 * i) & 15U]);
  }

  ByteBuffer& out_;
};

}  // namespace

void encode_yaml(const Node& node, ByteBuffer& out) { Writer(out).value(node, 0, Writer::After::kNothing); }

}  // namespace troupe::schema
