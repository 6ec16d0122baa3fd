#pragma once

#include <string>
#include <string_view>

namespace troupe::api {

/// "web-0.example": lower-case letters, digits, '-' and '.', each part begins and ends with a letter or digit; <= 253.
bool is_dns_subdomain(std::string_view text);

/// "web-0": one such part of at most 63.
bool is_dns_label(std::string_view text);

/// As a DNS label that begins with a letter (names of Services before 1.34).
bool is_dns_1035_label(std::string_view text);

/// Letters, digits, '-', '_', '.', beginning and ending with a letter or digit.
bool is_qualified_part(std::string_view text);

/// What is wrong with an object's name, or "". Roles and their bindings may have any name that is one path part.
std::string object_name_fault(std::string_view group, std::string_view plural, std::string_view name);

}  // namespace troupe::api
