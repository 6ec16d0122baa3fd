#pragma once

#include <string_view>

namespace troupe::api::custom {

/// True when the text is of an OpenAPI format: date-time, date, ipv4, ipv6, cidr, uuid (3, 4, 5), email, hostname, uri,
/// byte, mac, duration. Formats that Kubernetes does not know accept everything.
bool has_format(std::string_view text, std::string_view format);

}  // namespace troupe::api::custom
