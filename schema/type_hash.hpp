#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace troupe::schema {

/// Mixes a name's length, first, last and middle bytes: enough to tell the fields of one type apart, and cheaper than
/// reading every byte. A type's seed is chosen so that no two of its names share a slot.
inline std::uint32_t hash_name(std::string_view name, std::uint32_t seed) {
  auto h = static_cast<std::uint32_t>(name.size());
  if (name.size() >= 4) {
    std::uint32_t head = 0;
    std::uint32_t tail = 0;
    std::uint32_t middle = 0;
    std::memcpy(&head, name.data(), 4);
    std::memcpy(&tail, name.data() + name.size() - 4, 4);
    std::memcpy(&middle, name.data() + name.size() / 2 - 2, 4);
    h ^= head * seed;
    h ^= (tail * 0x9E3779B1U) ^ (h >> 15U);
    h ^= middle * 0x85EBCA6BU;
    h *= seed;
  } else {
    for (const char c : name) h = (h ^ static_cast<unsigned char>(c)) * seed;
  }
  return h ^ (h >> 13U);
}

}  // namespace troupe::schema
