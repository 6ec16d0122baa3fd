#pragma once

#include <cstddef>
#include <cstring>

namespace troupe::schema {

/// Above this many bytes copy_short calls memcpy.
inline constexpr std::size_t kShortCopy = 32;

/// memcpy for what is short as a rule (field names, values): two copies of a fixed size that overlap, no call.
inline void copy_short(char* to, const char* from, std::size_t size) {
  if (size > kShortCopy) {
    std::memcpy(to, from, size);
  } else if (size >= 16) {
    std::memcpy(to, from, 16);
    std::memcpy(to + size - 16, from + size - 16, 16);
  } else if (size >= 8) {
    std::memcpy(to, from, 8);
    std::memcpy(to + size - 8, from + size - 8, 8);
  } else if (size >= 4) {
    std::memcpy(to, from, 4);
    std::memcpy(to + size - 4, from + size - 4, 4);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
}

}  // namespace troupe::schema
