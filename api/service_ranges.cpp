#include "api/service_ranges.hpp"

#include <charconv>
#include <optional>

#include "api/validation/formats.hpp"

namespace troupe::api {

namespace {

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string ServiceRanges::cidr() const { return ipv4_text(network) + "/" + std::to_string(prefix_bits); }

Result<ServiceRanges> ServiceRanges::parse(std::string_view cidr, std::string_view ports) {
  ServiceRanges ranges;
  const std::size_t slash = cidr.find('/');
  const auto network = parse_ipv4(cidr.substr(0, slash));
  const auto bits = slash == std::string_view::npos ? std::nullopt : number(cidr.substr(slash + 1));
  if (!network || !bits || *bits < 12 || *bits > 29) {
    return fail(ErrorCode::kInvalidArgument,
                "the range of service addresses '" + std::string(cidr) + "' is no IPv4 network of 12 to 29 bits");
  }
  ranges.prefix_bits = static_cast<int>(*bits);
  ranges.network = *network & ~(ranges.addresses() - 1);
  const std::size_t dash = ports.find('-');
  const auto low = number(ports.substr(0, dash));
  const auto high = dash == std::string_view::npos ? std::nullopt : number(ports.substr(dash + 1));
  if (!low || !high || *low < 1 || *high > 65535 || *low > *high) {
    return fail(ErrorCode::kInvalidArgument,
                "the range of node ports '" + std::string(ports) + "' is not of the form 30000-32767");
  }
  ranges.node_ports = {*low, *high};
  return ranges;
}

}  // namespace troupe::api
