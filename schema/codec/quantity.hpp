#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace troupe::schema {

/// A non-negative whole number of any size: just enough arithmetic for quantities.
class BigUint {
 public:
  BigUint() = default;
  explicit BigUint(std::uint64_t value);

  /// Appends decimal digits; everything else must have been refused before.
  void append_digits(std::string_view digits);
  bool is_zero() const { return limbs_.empty(); }
  void multiply(std::uint32_t factor);
  /// Divides in place and returns the remainder. `divisor` is not 0 and at most 10⁹.
  std::uint32_t divide(std::uint32_t divisor);
  void multiply_pow10(std::uint32_t exponent);
  /// Divides by 10^exponent; true when digits other than zero were cut off.
  bool divide_pow10(std::uint32_t exponent);
  void add(const BigUint& other);
  /// `other` must not be greater.
  void subtract(const BigUint& other);
  std::strong_ordering compare(const BigUint& other) const;
  std::string to_string() const;
  /// Nothing when it does not fit.
  std::optional<std::uint64_t> to_uint64() const;

 private:
  static constexpr std::uint32_t kBase = 1'000'000'000;
  void trim();
  std::vector<std::uint32_t> limbs_;  // least significant first, no leading zeros
};

/// An amount with a suffix ("100m", "1.5Gi", "1e3"): exact decimal value and the family of suffixes it was written
/// with, which its canonical text keeps. Values finer than 10⁻⁹ are rounded away from zero when parsed.
class Quantity {
 public:
  enum class Format : std::uint8_t { kDecimalSi, kBinarySi, kDecimalExponent };

  /// Longest text and largest decimal exponent that are accepted.
  static constexpr std::size_t kMaxTextLength = 256;
  static constexpr std::int64_t kMaxExponent = 512;

  Quantity() = default;
  static Quantity from_int(std::int64_t value, Format format = Format::kDecimalSi);
  /// kInvalidArgument with the reason when the text is no quantity.
  static Result<Quantity> parse(std::string_view text);

  Format format() const { return format_; }
  int sign() const;
  bool is_zero() const { return magnitude_.is_zero(); }
  /// Whole units, rounded up; saturates at the ends of int64.
  std::int64_t value() const { return scaled_value(0); }
  /// Thousandths, rounded up; saturates at the ends of int64.
  std::int64_t milli_value() const { return scaled_value(-3); }
  double approximate() const;

  void add(const Quantity& other);
  void subtract(const Quantity& other);
  void negate() { negative_ = !negative_; }
  std::strong_ordering compare(const Quantity& other) const;
  friend bool operator==(const Quantity& a, const Quantity& b) { return std::is_eq(a.compare(b)); }
  friend std::strong_ordering operator<=>(const Quantity& a, const Quantity& b) { return a.compare(b); }

  /// The canonical text: no fraction, the largest suffix that keeps the value.
  std::string to_string() const;

 private:
  std::int64_t scaled_value(std::int32_t exponent) const;
  void round_up(std::int32_t exponent);
  std::string decimal_text(bool exponent_form) const;
  std::string binary_text() const;

  BigUint magnitude_;
  std::int32_t exponent_ = 0;  // value = ±magnitude_ · 10^exponent_
  bool negative_ = false;
  Format format_ = Format::kDecimalSi;
};

/// True when `text` is certainly a canonical quantity already: the quick test of the decoders. False says nothing.
bool is_plainly_canonical_quantity(std::string_view text);

/// The form of `text` that Kubernetes stores: canonical, or as written where it leaves it so ("+1", "1E3").
/// kInvalidArgument when it is no quantity.
Result<std::string> canonical_quantity(std::string_view text);

}  // namespace troupe::schema
