#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace troupe::schema {

/// Mixes a name's length and its first, middle and last eight bytes: enough to tell the fields of one type apart, and
/// cheaper than reading every byte. A type's seed is chosen so that no two of its names share a slot.
inline std::uint32_t hash_name(std::string_view name, std::uint32_t seed) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  std::uint64_t h = name.size() * kOdd + seed;
  const auto mix = [&h](const char* at, std::size_t bytes) {
    std::uint64_t part = 0;
    std::memcpy(&part, at, bytes);
    h = (h ^ part) * kOdd;
    h ^= h >> 29U;
  };
  if (name.size() >= 8) {
    mix(name.data(), 8);
    mix(name.data() + name.size() - 8, 8);
    if (name.size() > 16) mix(name.data() + name.size() / 2 - 4, 8);
  } else if (name.size() >= 4) {
    mix(name.data(), 4);
    mix(name.data() + name.size() - 4, 4);
  } else {
    for (const char& c : name) mix(&c, 1);
  }
  return static_cast<std::uint32_t>(h >> 32U);
}

/// a == b for names, which are short: words that overlap, no call.
inline bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  const auto differ = [&](std::size_t at, auto word) {
    auto other = word;
    std::memcpy(&word, a.data() + at, sizeof word);
    std::memcpy(&other, b.data() + at, sizeof other);
    return word != other;
  };
  const std::size_t size = a.size();
  if (size < 4) {
    for (std::size_t i = 0; i < size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }
  if (size < 8) return !differ(0, std::uint32_t{0}) && !differ(size - 4, std::uint32_t{0});
  for (std::size_t i = 0; i + 8 < size; i += 8) {
    if (differ(i, std::uint64_t{0})) return false;
  }
  return !differ(size - 8, std::uint64_t{0});
}

}  // namespace troupe::schema
