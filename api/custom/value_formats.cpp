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
  if (text.find('\0') != std::string_view::npos) return false;
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

/// Each is made once: a body may hold very many texts of a format.
struct Patterns {
  static Pattern of(const std::string& text) { return Pattern::compile(text).value(); }
  static Pattern uuid(const std::string& third, const std::string& fourth) {
    return of("(?i)^[0-9a-f]{8}-?[0-9a-f]{4}-?" + third + "-?" + fourth + "-?[0-9a-f]{12}$");
  }

  const Pattern any_uuid = uuid("[0-9a-f]{4}", "[0-9a-f]{4}");
  const Pattern uuid3 = uuid("3[0-9a-f]{3}", "[0-9a-f]{4}");
  const Pattern uuid4 = uuid("4[0-9a-f]{3}", "[89ab][0-9a-f]{3}");
  const Pattern uuid5 = uuid("5[0-9a-f]{3}", "[89ab][0-9a-f]{3}");
  const Pattern mac = of("^([0-9A-Fa-f]{2}[:.-]){5}[0-9A-Fa-f]{2}$");
  const Pattern email = of("^[^@\\s<>]+@[^@\\s<>]+$");
  const Pattern uri = of("^[A-Za-z][A-Za-z0-9+.-]*:[^\\s]+$|^/[^\\s]*$");
  const Pattern duration =
      of("^[+-]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w)"
         "(([0-9]+(\\.[0-9]*)?|\\.[0-9]+)(ns|us|µs|μs|ms|s|m|h|d|w))*$|^0$");
  const Pattern hostname =
      of("^[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
         "(\\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*\\.?$");
};

}  // namespace

bool has_format(std::string_view text, std::string_view format) {
  if (format == "date-time" || format == "datetime") return schema::parse_time(text).has_value();
  if (format == "date") {
    return text.size() == 10 && schema::parse_time(std::string(text) + "T00:00:00Z").has_value();
  }
  if (format == "ipv4") return is_address(text, AF_INET);
  if (format == "ipv6") return is_address(text, AF_INET6);
  if (format == "cidr") return is_cidr(text);
  if (format == "byte") return schema::decode_base64(text).has_value();
  static const Patterns kPatterns;
  if (format == "uuid") return kPatterns.any_uuid.matches(text);
  if (format == "uuid3") return kPatterns.uuid3.matches(text);
  if (format == "uuid4") return kPatterns.uuid4.matches(text);
  if (format == "uuid5") return kPatterns.uuid5.matches(text);
  if (format == "mac") return kPatterns.mac.matches(text);
  if (format == "email") return kPatterns.email.matches(text);
  if (format == "uri") return kPatterns.uri.matches(text);
  if (format == "duration") return kPatterns.duration.matches(text);
  if (format == "hostname") return text.size() <= 253 && kPatterns.hostname.matches(text);
  return true;
}

}  // namespace troupe::api::custom
