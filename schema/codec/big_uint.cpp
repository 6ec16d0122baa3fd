#include <algorithm>
#include <array>
#include <charconv>

#include "schema/codec/quantity.hpp"

namespace troupe::schema {

namespace {

constexpr std::array<std::uint32_t, 10> kPow10 = {1,       10,        100,        1'000,       10'000,
                                                  100'000, 1'000'000, 10'000'000, 100'000'000, 1'000'000'000};

}  // namespace

BigUint::BigUint(std::uint64_t value) {
  for (; value != 0; value /= kBase) limbs_.push_back(static_cast<std::uint32_t>(value % kBase));
}

void BigUint::trim() {
  while (!limbs_.empty() && limbs_.back() == 0) limbs_.pop_back();
}

void BigUint::append_digits(std::string_view digits) {
  while (!digits.empty()) {
    const std::size_t n = std::min<std::size_t>(digits.size(), 9);
    std::uint32_t part = 0;
    std::from_chars(digits.data(), digits.data() + n, part);
    multiply(kPow10[n]);
    add(BigUint(part));
    digits.remove_prefix(n);
  }
}

void BigUint::multiply(std::uint32_t factor) {
  std::uint64_t carry = 0;
  for (auto& limb : limbs_) {
    const std::uint64_t product = std::uint64_t{limb} * factor + carry;
    limb = static_cast<std::uint32_t>(product % kBase);
    carry = product / kBase;
  }
  for (; carry != 0; carry /= kBase) limbs_.push_back(static_cast<std::uint32_t>(carry % kBase));
  trim();
}

std::uint32_t BigUint::divide(std::uint32_t divisor) {
  std::uint64_t remainder = 0;
  for (auto it = limbs_.rbegin(); it != limbs_.rend(); ++it) {
    const std::uint64_t current = remainder * kBase + *it;
    *it = static_cast<std::uint32_t>(current / divisor);
    remainder = current % divisor;
  }
  trim();
  return static_cast<std::uint32_t>(remainder);
}

void BigUint::multiply_pow10(std::uint32_t exponent) {
  if (is_zero()) return;
  limbs_.insert(limbs_.begin(), exponent / 9, 0);
  multiply(kPow10[exponent % 9]);
}

bool BigUint::divide_pow10(std::uint32_t exponent) {
  const std::size_t whole = std::min<std::size_t>(exponent / 9, limbs_.size());
  const auto cut = limbs_.begin() + static_cast<std::ptrdiff_t>(whole);
  bool inexact = std::any_of(limbs_.begin(), cut, [](std::uint32_t limb) { return limb != 0; });
  limbs_.erase(limbs_.begin(), cut);
  if (divide(kPow10[exponent % 9]) != 0) inexact = true;
  return inexact;
}

void BigUint::add(const BigUint& other) {
  if (limbs_.size() < other.limbs_.size()) limbs_.resize(other.limbs_.size(), 0);
  std::uint32_t carry = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    std::uint32_t sum = limbs_[i] + carry + (i < other.limbs_.size() ? other.limbs_[i] : 0);
    carry = sum >= kBase ? 1 : 0;
    limbs_[i] = carry != 0 ? sum - kBase : sum;
  }
  if (carry != 0) limbs_.push_back(1);
}

void BigUint::subtract(const BigUint& other) {
  std::uint32_t borrow = 0;
  for (std::size_t i = 0; i < limbs_.size(); ++i) {
    const std::uint32_t take = (i < other.limbs_.size() ? other.limbs_[i] : 0) + borrow;
    borrow = limbs_[i] < take ? 1 : 0;
    limbs_[i] = borrow != 0 ? limbs_[i] + kBase - take : limbs_[i] - take;
  }
  trim();
}

std::strong_ordering BigUint::compare(const BigUint& other) const {
  if (limbs_.size() != other.limbs_.size()) return limbs_.size() <=> other.limbs_.size();
  for (std::size_t i = limbs_.size(); i-- > 0;) {
    if (limbs_[i] != other.limbs_[i]) return limbs_[i] <=> other.limbs_[i];
  }
  return std::strong_ordering::equal;
}

std::string BigUint::to_string() const {
  if (is_zero()) return "0";
  std::string text = std::to_string(limbs_.back());
  for (std::size_t i = limbs_.size() - 1; i-- > 0;) {
    const std::string part = std::to_string(limbs_[i]);
    text.append(9 - part.size(), '0').append(part);
  }
  return text;
}

std::optional<std::uint64_t> BigUint::to_uint64() const {
  if (limbs_.size() > 3) return std::nullopt;
  std::uint64_t value = 0;
  for (std::size_t i = limbs_.size(); i-- > 0;) {
    const bool over = __builtin_mul_overflow(value, std::uint64_t{kBase}, &value) ||
                      __builtin_add_overflow(value, std::uint64_t{limbs_[i]}, &value);
    if (over) return std::nullopt;
  }
  return value;
}

}  // namespace troupe::schema
