#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "api/validation/faults.hpp"

/// What checks of several kinds need of a document.
namespace troupe::api {

/// A value as JSON, "null" where there is none.
std::string shown(const schema::Node* value);
/// The items of a list member; none when it is absent.
std::span<const schema::Node> items_of(const schema::Node* object, std::string_view list);
inline std::span<const schema::Node> items_of(const schema::Node& object, std::string_view list) {
  return items_of(&object, list);
}
/// A whole number that is there.
std::optional<std::int64_t> number_member(const schema::Node* object, std::string_view name);
/// The text of an item of a list of texts.
std::string_view text_of(const schema::Node& item);
/// Absent, null, or without items or members.
bool is_blank(const schema::Node* value);

/// A name that is one part of a path: neither "." nor "..", without '/' and '%'.
void check_path_segment(std::string_view text, const At& at, Faults& faults);
/// "*.example.com", or a plain subdomain where there is no '*'.
void check_host(std::string_view text, const At& at, Faults& faults);
/// "example.com/path".
void check_domain_path(std::string_view text, const At& at, Faults& faults);

}  // namespace troupe::api
