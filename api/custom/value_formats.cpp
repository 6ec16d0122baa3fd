#include "api/custom/value_formats.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "api/custom/pattern.hpp"
#include "schema/codec/json_text.hpp"
#include "schema/codec/time.hpp"

namespace troupe::api::custom {

namespace {

bool is_address(std::string_view text, int family) {
  unsigned char bytes[16];
  return inet_pton(family, std::string(text).c_str(), bytes) == 1;
}

bool is_cidr(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return false;
  const std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc() || end != digits.data() + digits.size()) return false;
  const std::string_view address = text.substr(0, slash);
  return (is_address(address, AF_INET) && bits <= 32) || (is_address(address, AF_INET6) && bits <= 128);
}

bool matches(std::string_view text, std::string_view pattern) {
  const auto compiled = Pattern::compile(pattern);
  return compiled && compiled->matches(text);
}

bool is_uuid(std::string_view text, char version) {
  std::string pattern = "(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?";
  pattern += version == 0 ? "[0-9a-f]{4}" : std::string(1, version) + "[0-9a-f]{3}";
  pattern += version == '4' || version == '5' ? "-?[89ab][0-9a-f]{3}" : "-?[0-9a-f]{4}";
  return matches(text, pattern + "-?[0-9a-f]{12}$");
}

}  // namespace

bool has_format(std::string_view text, std::string_view format) {
  if (format == "date-time" || format == "datetime") return schema::parse_time(text).has_value();
  if (format == "date") {
    return text.size() == 10 && schema::parse_time(std::string(text) + "T00:00:00Z").has_value();
  }
  if (format == "ipv4") return is_address(text, AF_INET);
  if (format == "ipv6") return is_address(text, AF_INET6);
  if (format == "cidr") return is_cidr(text);
  if (format == "uuid") return is_uuid(text, 0);
  if (format == "uuid3") return is_uuid(text, '3');
  if (format == "uuid4") return is_uuid(text, '4');
  if (format == "uuid5") return is_uuid(text, '5');
  if (format == "byte") return schema::decode_base64(text).has_value();
  if (format == "mac") return matches(text, "^([0-9A-Fa-f]{2}[:.-]){5}[0-9A-Fa-f]{2}$");
  if (format == "email") return matches(text, "^[^@\\s<>]+@[^@\\s<>]+$");
  if (format == "uri") return matches(text, "^[A-Za-z][A-Za-z0-9+.-]*:[^\\s]+$|^/[^\\s]*$");
  if (format == "duration") {
    return matches(text,
                   "^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w)"
                   "(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w))*$|^0$");
  }
  if (format == "hostname") {
    return text.size() <= 253 && matches(text,
                                         "^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
                                         "(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\\.?$");
  }
  return true;
}

}  // namespace troupe::api::custom
