#include "schema/codec/yaml_scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <optional>

namespace troupe::schema {

namespace {

using Kind = YamlScalar::Kind;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

template <std::size_t N>
bool is_one_of(std::string_view text, const std::array<std::string_view, N>& words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

constexpr std::array<std::string_view, 11> kTrue = {"y",    "Y",    "yes", "Yes", "YES", "true",
                                                    "True", "TRUE", "on",  "On",  "ON"};
constexpr std::array<std::string_view, 11> kFalse = {"n",     "N",     "no",  "No",  "NO", "false",
                                                     "False", "FALSE", "off", "Off", "OFF"};
constexpr std::array<std::string_view, 5> kNull = {"", "~", "null", "Null", "NULL"};
constexpr std::array<std::string_view, 3> kNan = {".nan", ".NaN", ".NAN"};
constexpr std::array<std::string_view, 6> kInfinity = {".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"};
constexpr std::array<std::string_view, 3> kMinusInfinity = {"-.inf", "-.Inf", "-.INF"};

YamlScalar make_float(double value) {
  YamlScalar scalar;
  scalar.kind = Kind::kFloat;
  scalar.number = value;
  return scalar;
}

std::optional<YamlScalar> read_word(std::string_view text) {
  YamlScalar scalar;
  if (is_one_of(text, kNull)) {
    scalar.kind = Kind::kNull;
    return scalar;
  }
  if (is_one_of(text, kTrue) || is_one_of(text, kFalse)) {
    scalar.kind = Kind::kBool;
    scalar.boolean = is_one_of(text, kTrue);
    return scalar;
  }
  if (is_one_of(text, kNan)) return make_float(std::numeric_limits<double>::quiet_NaN());
  if (is_one_of(text, kInfinity)) return make_float(std::numeric_limits<double>::infinity());
  if (is_one_of(text, kMinusInfinity)) return make_float(-std::numeric_limits<double>::infinity());
  return std::nullopt;
}

/// Sign, base by prefix (0x, 0o, 0b, 0), digits: Go's strconv with base 0.
std::optional<YamlScalar> read_int(std::string_view text) {
  const bool negative = !text.empty() && text[0] == '-';
  const bool has_sign = negative || (!text.empty() && text[0] == '+');
  std::string_view digits = text.substr(has_sign ? 1 : 0);
  int base = 10;
  if (digits.size() > 1 && digits[0] == '0') {
    const char mark = static_cast<char>(digits[1] | 0x20);
    base = mark == 'x' ? 16 : mark == 'b' ? 2 : 8;
    digits.remove_prefix(base != 8 || mark == 'o' ? 2 : 1);
  }
  std::uint64_t magnitude = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), magnitude, base);
  if (digits.empty() || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  YamlScalar scalar;
  scalar.kind = Kind::kInt;
  if (magnitude <= kMax + (negative ? 1 : 0)) {
    scalar.integer = static_cast<std::int64_t>(negative ? -magnitude : magnitude);
    return scalar;
  }
  if (has_sign) return std::nullopt;  // a sign is no part of an unsigned number
  scalar.beyond_int64 = true;
  scalar.number = static_cast<double>(magnitude);
  return scalar;
}

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_float(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
  const std::size_t whole = skip_digits(text, at) - at;
  at += whole;
  if (at < text.size() && text[at] == '.') {
    const std::size_t fraction = skip_digits(text, at + 1) - at - 1;
    if (whole + fraction == 0) return false;
    at += 1 + fraction;
  } else if (whole == 0) {
    return false;
  }
  if (at == text.size()) return true;
  if ((text[at] | 0x20) != 'e') return false;
  ++at;
  if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
  return at < text.size() && skip_digits(text, at) == text.size();
}

std::optional<YamlScalar> read_float(const std::string& text) {
  if (!is_float(text)) return std::nullopt;
  const double value = std::strtod(text.c_str(), nullptr);
  if (!std::isfinite(value)) return std::nullopt;
  return make_float(value);
}

/// One or two digits followed by `stop`, or the end when it is 0.
bool take_number(std::string_view& text, unsigned low, unsigned high) {
  std::size_t n = 0;
  unsigned value = 0;
  while (n < 2 && n < text.size() && is_digit(text[n])) value = value * 10 + static_cast<unsigned>(text[n++] - '0');
  text.remove_prefix(n);
  return n > 0 && value >= low && value <= high;
}

bool take(std::string_view& text, char c) {
  if (text.empty() || text[0] != c) return false;
  text.remove_prefix(1);
  return true;
}

bool is_zone(std::string_view text) {
  if (text == "Z") return true;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
  return is_digit(text[1]) && is_digit(text[2]) && is_digit(text[4]) && is_digit(text[5]);
}

/// The dates that go-yaml knows: 2001-1-2, with a time after a space, or after T and with a zone.
bool is_timestamp(std::string_view text) {
  if (skip_digits(text, 0) != 4 || text.size() < 5) return false;
  text.remove_prefix(4);
  if (!take(text, '-') || !take_number(text, 1, 12) || !take(text, '-') || !take_number(text, 1, 31)) return false;
  if (text.empty()) return true;
  const bool with_zone = text[0] == 'T' || text[0] == 't';
  if (!with_zone && text[0] != ' ') return false;
  text.remove_prefix(1);
  while (!with_zone && take(text, ' ')) continue;
  if (!take_number(text, 0, 23) || !take(text, ':') || !take_number(text, 0, 59)) return false;
  if (!take(text, ':') || !take_number(text, 0, 59)) return false;
  if (!text.empty() && (text[0] == '.' || text[0] == ',')) {
    const std::size_t end = skip_digits(text, 1);
    if (end == 1) return false;
    text.remove_prefix(end);
  }
  return with_zone ? is_zone(text) : text.empty();
}

}  // namespace

YamlScalar resolve_yaml_scalar(std::string_view text) {
  if (auto word = read_word(text)) return *word;
  const char first = text[0];  // an empty text is a word
  if (first == '.') return read_float(std::string(text)).value_or(YamlScalar{});
  if (!is_digit(first) && first != '-' && first != '+') return {};
  if (is_timestamp(text)) {
    YamlScalar scalar;
    scalar.kind = Kind::kTimestamp;
    return scalar;
  }
  std::string plain(text);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  if (auto integer = read_int(plain)) return *integer;
  return read_float(plain).value_or(YamlScalar{});
}

bool is_base60_number(std::string_view text) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) text.remove_prefix(1);
  if (text.empty() || !is_digit(text[0]) || text.find(':') == std::string_view::npos) return false;
  std::size_t at = 0;
  while (at < text.size() && (is_digit(text[at]) || text[at] == '_')) ++at;
  while (at < text.size() && text[at] == ':') {
    const std::size_t begin = ++at;
    at = skip_digits(text, at);
    const std::size_t digits = at - begin;
    if (digits == 0 || digits > 2 || (digits == 2 && text[begin] > '5')) return false;
  }
  if (at < text.size() && text[at] == '.') {
    ++at;
    while (at < text.size() && (is_digit(text[at]) || text[at] == '_')) ++at;
  }
  return at == text.size();
}

std::string yaml_float_text(double value, bool as_float32) {
  // Beyond a float's range the text is that of infinity, as in Go. (A plain conversion would be undefined.)
  if (as_float32 && std::fabs(value) > std::numeric_limits<float>::max()) {
    value = std::copysign(std::numeric_limits<double>::infinity(), value);
  }
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
  std::array<char, 400> buffer;
  const auto print = [&](std::chars_format format) {
    const auto result =
        as_float32 ? std::to_chars(buffer.data(), buffer.data() + buffer.size(), static_cast<float>(value), format)
                   : std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format);
    return std::string(buffer.data(), result.ptr);
  };
  const std::string scientific = print(std::chars_format::scientific);
  const std::size_t e = scientific.find('e');
  const int exponent = std::atoi(scientific.c_str() + e + 1);
  const auto digits = static_cast<int>(
      std::count_if(scientific.begin(), scientific.begin() + static_cast<std::ptrdiff_t>(e), is_digit));
  // Go's shortest %g turns to exponents from 21 digits on, as %v does.
  const int limit = std::max(digits, 21);
  return exponent < -4 || exponent >= limit ? scientific : print(std::chars_format::fixed);
}

}  // namespace troupe::schema
