#include "api/validation/formats.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "api/names.hpp"
#include "api/selectors.hpp"

namespace troupe::api {

using schema::Node;

namespace {

constexpr std::string_view kLabelRule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with "
    "an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kDns1035Rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, "
    "and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is "
    "'[a-z]([-a-z0-9]*[a-z0-9])?')";
constexpr std::string_view kSubdomainRule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and "
    "end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

std::string at_most(std::size_t length) { return "must be no more than " + std::to_string(length) + " bytes"; }

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

void check_dns_label(std::string_view text, const At& at, Faults& faults) {
  if (text.size() > 63) faults.invalid(at, text, at_most(63));
  if (!is_dns_label(text.substr(0, 63))) faults.invalid(at, text, kLabelRule);
}

void check_dns_1035_label(std::string_view text, const At& at, Faults& faults) {
  if (text.size() > 63) faults.invalid(at, text, at_most(63));
  if (!is_dns_1035_label(text.substr(0, 63))) faults.invalid(at, text, kDns1035Rule);
}

void check_dns_subdomain(std::string_view text, const At& at, Faults& faults) {
  if (text.size() > 253) return faults.invalid(at, text, at_most(253));
  if (!is_dns_subdomain(text)) faults.invalid(at, text, kSubdomainRule);
}

void check_port_name(std::string_view text, const At& at, Faults& faults) {
  if (text.size() > 15) faults.invalid(at, text, "must be no more than 15 characters");
  if (!std::all_of(text.begin(), text.end(), [](char c) { return is_lower(c) || is_digit(c) || c == '-'; })) {
    faults.invalid(at, text, "must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  }
  if (std::none_of(text.begin(), text.end(), is_lower)) {
    faults.invalid(at, text, "must contain at least one letter (a-z)");
  }
  if (text.find("--") != std::string_view::npos) faults.invalid(at, text, "must not contain consecutive hyphens");
  if (!text.empty() && (text.front() == '-' || text.back() == '-')) {
    faults.invalid(at, text, "must not begin or end with a hyphen");
  }
}

void check_config_key(std::string_view text, const At& at, Faults& faults) {
  if (text.size() > 253) faults.invalid(at, text, at_most(253));
  const bool good = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' || c == '.';
  });
  if (!good) {
    return faults.invalid(
        at, text,
        "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. "
        "'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
  }
  if (text == "." || text == "..") return faults.invalid(at, text, "must not be '" + std::string(text) + "'");
  if (text.starts_with("..")) faults.invalid(at, text, "must not start with '..'");
}

void check_qualified_name(std::string_view text, const At& at, Faults& faults) {
  if (auto fault = label_key_fault(text); !fault.empty()) faults.invalid(at, text, fault);
}

void check_labels(const Node* labels, const At& at, Faults& faults) {
  if (labels == nullptr) return;
  for (const schema::Member& label : labels->members()) {
    check_qualified_name(label.key, at, faults);
    if (!label.value.is_string()) continue;
    const std::string_view value = label.value.as_string();
    if (auto fault = label_value_fault(value); !fault.empty()) faults.invalid(At::key(at, label.key), value, fault);
  }
}

bool is_ip(std::string_view text) {
  std::array<unsigned char, sizeof(in6_addr)> address{};
  const std::string copy(text);
  return inet_pton(AF_INET, copy.c_str(), address.data()) == 1 ||
         inet_pton(AF_INET6, copy.c_str(), address.data()) == 1;
}

bool is_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !is_ip(text.substr(0, slash))) return false;
  int bits = -1;
  const std::string_view rest = text.substr(slash + 1);
  const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), bits);
  const int most = text.substr(0, slash).find(':') == std::string_view::npos ? 32 : 128;
  return error == std::errc() && end == rest.data() + rest.size() && bits >= 0 && bits <= most;
}

std::optional<std::uint32_t> parse_ipv4(std::string_view text) {
  in_addr address{};
  if (inet_pton(AF_INET, std::string(text).c_str(), &address) != 1) return std::nullopt;
  return ntohl(address.s_addr);
}

std::string ipv4_text(std::uint32_t address) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) {
    out += std::to_string((address >> static_cast<unsigned>(shift)) & 255U);
    if (shift != 0) out += ".";
  }
  return out;
}

void check_ip(std::string_view text, const At& at, Faults& faults) {
  if (!is_ip(text)) faults.invalid(at, text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
}

void check_cidr(std::string_view text, const At& at, Faults& faults) {
  if (!is_cidr(text)) faults.invalid(at, text, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
}

void check_range(const Node* value, std::int64_t low, std::int64_t high, const At& at, Faults& faults) {
  if (value == nullptr || !value->is_int() || (value->as_int() >= low && value->as_int() <= high)) return;
  faults.invalid(at, *value, "must be between " + std::to_string(low) + " and " + std::to_string(high) + ", inclusive");
}

void check_not_negative(const Node* value, const At& at, Faults& faults) {
  if (value == nullptr || !value->is_int() || value->as_int() >= 0) return;
  faults.invalid(at, *value, "must be greater than or equal to 0");
}

void check_port_or_name(const Node* value, const At& at, Faults& faults) {
  if (value == nullptr) return;
  if (value->is_string()) return check_port_name(value->as_string(), at, faults);
  check_range(value, 1, 65535, at, faults);
}

void check_int_or_percent(const Node* value, bool over_full, const At& at, Faults& faults) {
  if (value == nullptr) return;
  if (value->is_int()) return check_not_negative(value, at, faults);
  if (!value->is_string()) return;
  const std::string_view text = value->as_string();
  const bool percent =
      text.size() > 1 && text.size() < 11 && text.back() == '%' && std::all_of(text.begin(), text.end() - 1, is_digit);
  if (!percent) {
    return faults.invalid(
        at, text,
        "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used "
        "for validation is '[0-9]+%')");
  }
  if (!over_full && (text.size() > 4 || (text.size() == 4 && text > "100%"))) {
    faults.invalid(at, text, "must not be greater than 100%");
  }
}

}  // namespace troupe::api
