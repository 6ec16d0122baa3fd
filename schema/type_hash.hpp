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

}  // namespace troupe::schema
