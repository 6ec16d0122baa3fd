#include "api/validation/addresses.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <string>

#include "api/validation/formats.hpp"

namespace troupe::api {

namespace {

constexpr std::size_t kV4 = 4;
constexpr std::size_t kV6 = 16;

struct Address {
  std::array<unsigned char, kV6> bytes{};
  std::size_t size = 0;  ///< 4 or 16.
};

std::optional<Address> parse_address(std::string_view text) {
  const std::string copy(text);
  Address address;
  if (inet_pton(AF_INET, copy.c_str(), address.bytes.data()) == 1) {
    address.size = kV4;
    return address;
  }
  if (inet_pton(AF_INET6, copy.c_str(), address.bytes.data()) != 1) return std::nullopt;
  address.size = kV6;
  return address;
}

struct Network {
  Address address;
  unsigned bits = 0;
};

std::optional<Network> parse_network(std::string_view text) {
  if (!is_cidr(text)) return std::nullopt;
  const std::size_t slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  Network network{*address, 0};
  std::from_chars(text.data() + slash + 1, text.data() + text.size(), network.bits);
  return network;
}

bool is_loopback(const Address& a) {
  if (a.size == kV4) return a.bytes[0] == 127;
  return a.bytes[kV6 - 1] == 1 &&
         std::all_of(a.bytes.begin(), a.bytes.end() - 1, [](unsigned char b) { return b == 0; });
}

bool is_unspecified(const Address& a) {
  return std::all_of(a.bytes.begin(), a.bytes.end(), [](unsigned char b) { return b == 0; });
}

bool is_link_local(const Address& a) {
  if (a.size == kV4) return a.bytes[0] == 169 && a.bytes[1] == 254;
  return a.bytes[0] == 0xfe && (a.bytes[1] & 0xc0U) == 0x80U;
}

bool is_link_local_multicast(const Address& a) {
  if (a.size == kV4) return a.bytes[0] == 224 && a.bytes[1] == 0 && a.bytes[2] == 0;
  return a.bytes[0] == 0xff && (a.bytes[1] & 0x0fU) == 0x02U;
}

}  // namespace

void check_outside_ip(std::string_view text, const At& at, Faults& faults) {
  const auto address = parse_address(text);
  if (!address) return check_ip(text, at, faults);
  if (is_unspecified(*address)) {
    return faults.invalid(at, text, "may not be unspecified (" + std::string(text) + ")");
  }
  if (is_loopback(*address)) faults.invalid(at, text, "may not be in the loopback range (127.0.0.0/8, ::1/128)");
  if (is_link_local(*address)) {
    faults.invalid(at, text, "may not be in the link-local range (169.254.0.0/16, fe80::/10)");
  }
  if (is_link_local_multicast(*address)) {
    faults.invalid(at, text, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)");
  }
}

bool is_strictly_inside(std::string_view inner, std::string_view outer) {
  const auto part = parse_network(inner);
  const auto whole = parse_network(outer);
  if (!part || !whole || part->address.size != whole->address.size || whole->bits >= part->bits) return false;
  for (unsigned bit = 0; bit < whole->bits; ++bit) {
    const unsigned mask = 0x80U >> (bit % 8U);
    if ((part->address.bytes[bit / 8U] & mask) != (whole->address.bytes[bit / 8U] & mask)) return false;
  }
  return true;
}

}  // namespace troupe::api
