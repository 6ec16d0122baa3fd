#include "schema/codec/quantity.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <limits>

namespace troupe::schema {

namespace {

struct Suffix {
  std::string_view text;
  std::int32_t exponent;  // of 10, or of 2 for the binary ones
};
constexpr std::array<Suffix, 10> kDecimal = {
    {{"n", -9}, {"u", -6}, {"m", -3}, {"", 0}, {"k", 3}, {"M", 6}, {"G", 9}, {"T", 12}, {"P", 15}, {"E", 18}}};
constexpr std::array<Suffix, 6> kBinary = {{{"Ki", 10}, {"Mi", 20}, {"Gi", 30}, {"Ti", 40}, {"Pi", 50}, {"Ei", 60}}};
constexpr std::int32_t kNano = -9;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The parts of a quantity's text.
struct Parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  std::string_view suffix;
};

std::string_view take_digits(std::string_view& text) {
  std::size_t n = 0;
  while (n < text.size() && is_digit(text[n])) ++n;
  const std::string_view digits = text.substr(0, n);
  text.remove_prefix(n);
  return digits;
}

/// False when something follows that no suffix can be. Missing digits count as 0, as in Kubernetes.
bool split(std::string_view text, Parts& parts) {
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  parts.whole = take_digits(text);
  if (!text.empty() && text[0] == '.') {
    text.remove_prefix(1);
    parts.fraction = take_digits(text);
  }
  parts.suffix = text;
  std::size_t n = std::min(text.find_first_not_of("eEinumkKMGTP"), text.size());
  if (n < text.size() && (text[n] == '-' || text[n] == '+')) ++n;
  text.remove_prefix(n);
  take_digits(text);
  return text.empty();
}

struct Scale {
  Quantity::Format format = Quantity::Format::kDecimalSi;
  std::int64_t exponent = 0;
};

std::optional<Scale> read_suffix(std::string_view suffix) {
  for (const auto& s : kDecimal) {
    if (s.text == suffix) return Scale{Quantity::Format::kDecimalSi, s.exponent};
  }
  for (const auto& s : kBinary) {
    if (s.text == suffix) return Scale{Quantity::Format::kBinarySi, s.exponent};
  }
  if (suffix.size() < 2 || (suffix[0] != 'e' && suffix[0] != 'E')) return std::nullopt;
  suffix.remove_prefix(1);
  const bool plus = suffix[0] == '+';
  if (plus) suffix.remove_prefix(1);
  Scale scale{Quantity::Format::kDecimalExponent, 0};
  const auto [end, error] = std::from_chars(suffix.data(), suffix.data() + suffix.size(), scale.exponent);
  if (error != std::errc{} || end != suffix.data() + suffix.size() || (plus && suffix[0] == '-')) return std::nullopt;
  return scale;
}

/// Kubernetes writes some texts back as they came though they are not quite canonical ("+1", "1E3", "5."): those that
/// its fast path reads and whose digits need no other suffix. Clients compare texts, so the same ones stay here.
bool stays_as_written(std::string_view text) {
  Parts parts;
  if (!split(text, parts)) return false;
  const auto scale = read_suffix(parts.suffix);
  parts.whole.remove_prefix(std::min(parts.whole.find_first_not_of('0'), parts.whole.size()));
  if (!scale || parts.whole.empty()) return false;
  const auto digits = static_cast<std::int64_t>(parts.whole.size() + parts.fraction.size());
  if (scale->format != Quantity::Format::kBinarySi) {
    const std::int64_t exponent = scale->exponent - static_cast<std::int64_t>(parts.fraction.size());
    const std::string all = std::string(parts.whole).append(parts.fraction);
    return digits <= 18 && exponent >= kNano && exponent % 3 == 0 && !all.ends_with("000");
  }
  if (!parts.fraction.empty() || 14 - digits - scale->exponent * 3 / 10 < 0) return false;
  std::uint64_t value = 0;
  std::from_chars(parts.whole.data(), parts.whole.data() + parts.whole.size(), value);
  return value % 8 != 0;
}

auto malformed(std::string_view text, std::string_view why) {
  std::string shown(text.substr(0, 64));
  return fail(ErrorCode::kInvalidArgument, "\"" + shown + "\" is no quantity: " + std::string(why));
}

}  // namespace

Quantity Quantity::from_int(std::int64_t value, Format format) {
  Quantity q;
  q.negative_ = value < 0;
  q.magnitude_ = BigUint(value < 0 ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value));
  q.format_ = format;
  return q;
}

Result<Quantity> Quantity::parse(std::string_view text) {
  if (text.empty()) return malformed(text, "it is empty");
  if (text.size() > kMaxTextLength) return malformed(text, "longer than 256 characters");
  Parts parts;
  if (!split(text, parts)) return malformed(text, "expected digits and a suffix such as m, k, Mi or e3");
  const auto scale = read_suffix(parts.suffix);
  if (!scale) return malformed(text, "unknown suffix \"" + std::string(parts.suffix) + "\"");
  Quantity q;
  q.magnitude_.append_digits(parts.whole);
  q.magnitude_.append_digits(parts.fraction);
  q.format_ = scale->format;
  if (q.magnitude_.is_zero()) return q;
  if (scale->exponent > kMaxExponent || scale->exponent < -kMaxExponent) {
    return malformed(text, "the exponent is beyond 512");
  }
  q.negative_ = parts.negative;
  q.exponent_ = -static_cast<std::int32_t>(parts.fraction.size());
  if (scale->format == Format::kBinarySi) {
    for (std::int64_t i = 0; i < scale->exponent; i += 10) q.magnitude_.multiply(1024);
  } else {
    q.exponent_ += static_cast<std::int32_t>(scale->exponent);
  }
  q.round_up(kNano);
  if (scale->format == Format::kBinarySi) {
    Quantity limit = from_int(std::numeric_limits<std::int64_t>::max(), Format::kBinarySi);
    limit.negative_ = q.negative_;
    if (q.negative_ ? q < limit : q > limit) q = limit;
  }
  return q;
}

int Quantity::sign() const {
  if (is_zero()) return 0;
  return negative_ ? -1 : 1;
}

void Quantity::round_up(std::int32_t exponent) {
  if (exponent_ >= exponent || is_zero()) return;
  if (magnitude_.divide_pow10(static_cast<std::uint32_t>(exponent - exponent_))) magnitude_.add(BigUint(1));
  exponent_ = exponent;
}

std::int64_t Quantity::scaled_value(std::int32_t exponent) const {
  constexpr auto kMax = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  Quantity q = *this;
  q.round_up(exponent);
  if (q.exponent_ > exponent) q.magnitude_.multiply_pow10(static_cast<std::uint32_t>(q.exponent_ - exponent));
  const auto magnitude = q.magnitude_.to_uint64();
  if (!magnitude || *magnitude > kMax) {
    return negative_ ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
  }
  const auto value = static_cast<std::int64_t>(*magnitude);
  return negative_ ? -value : value;
}

double Quantity::approximate() const {
  const std::string text = (negative_ ? "-" : "") + magnitude_.to_string() + "e" + std::to_string(exponent_);
  return std::strtod(text.c_str(), nullptr);
}

std::strong_ordering Quantity::compare(const Quantity& other) const {
  if (sign() != other.sign()) return sign() <=> other.sign();
  BigUint a = magnitude_;
  BigUint b = other.magnitude_;
  if (exponent_ > other.exponent_) a.multiply_pow10(static_cast<std::uint32_t>(exponent_ - other.exponent_));
  if (exponent_ < other.exponent_) b.multiply_pow10(static_cast<std::uint32_t>(other.exponent_ - exponent_));
  return sign() < 0 ? b.compare(a) : a.compare(b);
}

void Quantity::add(const Quantity& other) {
  if (is_zero()) format_ = other.format_;
  BigUint theirs = other.magnitude_;
  if (exponent_ > other.exponent_) {
    magnitude_.multiply_pow10(static_cast<std::uint32_t>(exponent_ - other.exponent_));
    exponent_ = other.exponent_;
  } else {
    theirs.multiply_pow10(static_cast<std::uint32_t>(other.exponent_ - exponent_));
  }
  if (negative_ == other.negative_) {
    magnitude_.add(theirs);
  } else if (std::is_gteq(magnitude_.compare(theirs))) {
    magnitude_.subtract(theirs);
  } else {
    theirs.subtract(magnitude_);
    magnitude_ = std::move(theirs);
    negative_ = other.negative_;
  }
}

void Quantity::subtract(const Quantity& other) {
  Quantity negated = other;
  negated.negate();
  add(negated);
}

std::string Quantity::decimal_text(bool exponent_form) const {
  std::string digits = magnitude_.to_string();
  std::int32_t exponent = exponent_;
  while (digits.size() > 1 && digits.back() == '0') {
    digits.pop_back();
    ++exponent;
  }
  // Down to a multiple of three; SI suffixes end at E, and what is above stays in the digits.
  std::int32_t target = exponent - ((exponent % 3) + 3) % 3;
  if (!exponent_form) target = std::min(target, kDecimal.back().exponent);
  digits.append(static_cast<std::size_t>(exponent - target), '0');
  if (negative_) digits.insert(0, 1, '-');
  if (exponent_form) return target == 0 ? digits : digits + "e" + std::to_string(target);
  for (const auto& s : kDecimal) {
    if (s.exponent == target) return digits.append(s.text);
  }
  return digits + "e" + std::to_string(target);  // finer than nano: only arithmetic on parsed values could, and cannot
}

std::string Quantity::binary_text() const {
  BigUint value = magnitude_;
  if (exponent_ > 0) value.multiply_pow10(static_cast<std::uint32_t>(exponent_));
  if (exponent_ < 0) value.divide_pow10(static_cast<std::uint32_t>(-exponent_));
  std::string_view suffix;
  for (const auto& s : kBinary) {
    BigUint next = value;
    if (next.divide(1024) != 0) break;
    value = std::move(next);
    suffix = s.text;
  }
  return (negative_ ? "-" : "") + value.to_string() + std::string(suffix);
}

std::string Quantity::to_string() const {
  if (is_zero()) return "0";
  if (format_ == Format::kDecimalExponent) return decimal_text(true);
  if (format_ == Format::kDecimalSi) return decimal_text(false);
  Quantity size = *this;
  size.negative_ = false;
  BigUint whole = magnitude_;
  const bool fractional = exponent_ < 0 && whole.divide_pow10(static_cast<std::uint32_t>(-exponent_));
  if (fractional || size < from_int(1024)) return decimal_text(false);
  return binary_text();
}

bool is_plainly_canonical_quantity(std::string_view text) {
  std::size_t n = 0;
  std::uint32_t low = 0;
  while (n < text.size() && is_digit(text[n])) low = low * 10 + static_cast<std::uint32_t>(text[n++] - '0');
  if (n == 0 || n > 9 || text[0] == '0') return false;
  const std::string_view suffix = text.substr(n);
  if (suffix.size() == 2) return suffix[1] == 'i' && suffix.find_first_of("KMG") == 0 && low % 1024 != 0;
  if (suffix.size() > 1 || (suffix.size() == 1 && suffix.find_first_of("numkMGTP") != 0)) return false;
  return n < 3 || text.substr(n - 3, 3) != "000";
}

Result<std::string> canonical_quantity(std::string_view text) {
  if (is_plainly_canonical_quantity(text)) return std::string(text);
  auto quantity = Quantity::parse(text);
  if (!quantity) return fail(quantity.error());
  return stays_as_written(text) ? std::string(text) : quantity->to_string();
}

}  // namespace troupe::schema
