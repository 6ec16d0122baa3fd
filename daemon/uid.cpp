#include "daemon/uid.hpp"

#include <array>
#include <cstdio>

namespace troupe::daemon {

std::string new_uid(kernel::Random& random) {
  const std::uint64_t high = (random.next() & ~0xf000ULL) | 0x4000ULL;
  const std::uint64_t low = (random.next() & ~(3ULL << 62U)) | (2ULL << 62U);
  std::array<char, 40> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%08x-%04x-%04x-%04x-%012llx", static_cast<unsigned>(high >> 32U),
                static_cast<unsigned>((high >> 16U) & 0xffffU), static_cast<unsigned>(high & 0xffffU),
                static_cast<unsigned>(low >> 48U), static_cast<unsigned long long>(low & 0xffffffffffffULL));
  return buffer.data();
}

}  // namespace troupe::daemon
