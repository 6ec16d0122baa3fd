#pragma once

#include <string_view>

#include "api/validation/faults.hpp"

namespace troupe::api {

/// An address that others may reach: neither unspecified, loopback nor link-local. What is no address is told too.
void check_outside_ip(std::string_view text, const At& at, Faults& faults);
/// Both are networks ("10.0.0.0/8") of one family, and `inner` is a part of `outer`, not the whole.
bool is_strictly_inside(std::string_view inner, std::string_view outer);

}  // namespace troupe::api
