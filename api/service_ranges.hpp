#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace troupe::api {

/// Where Services get their addresses and node ports from.
struct ServiceRanges {
  std::uint32_t network = 0x0a600000;  ///< 10.96.0.0, in host order.
  int prefix_bits = 16;
  std::pair<std::int64_t, std::int64_t> node_ports{30000, 32767};  ///< Both inclusive.

  std::uint32_t addresses() const { return 1U << static_cast<unsigned>(32 - prefix_bits); }
  bool contains(std::uint32_t address) const { return (address & ~(addresses() - 1)) == network; }
  std::string cidr() const;  ///< "10.96.0.0/16"

  /// From "10.96.0.0/16" (12 to 29 bits, IPv4) and "30000-32767". kInvalidArgument names what is wrong.
  static Result<ServiceRanges> parse(std::string_view cidr, std::string_view ports);
};

}  // namespace troupe::api
