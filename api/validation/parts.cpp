#include "api/validation/parts.hpp"

#include <algorithm>

#include "api/names.hpp"
#include "api/object_codec.hpp"
#include "api/validation/formats.hpp"

namespace troupe::api {

using schema::Node;

std::string shown(const Node* value) {
  if (value == nullptr) return "null";
  std::string json;
  append_json(*value, json);
  return json;
}

std::span<const Node> items_of(const Node* object, std::string_view list) {
  const Node* found = member(object, list);
  return found != nullptr ? found->items() : std::span<const Node>();
}

std::optional<std::int64_t> number_member(const Node* object, std::string_view name) {
  const Node* found = member(object, name);
  if (found == nullptr || !found->is_int()) return std::nullopt;
  return found->as_int();
}

std::string_view text_of(const Node& item) { return item.is_string() ? item.as_string() : std::string_view(); }

bool is_blank(const Node* value) {
  if (value == nullptr || value->is_null()) return true;
  return (value->is_array() || value->is_object()) && value->size() == 0;
}

void check_path_segment(std::string_view text, const At& at, Faults& faults) {
  if (text == "." || text == "..") return faults.invalid(at, text, "may not be '" + std::string(text) + "'");
  for (const std::string_view part : {"/", "%"}) {
    if (text.find(part) == std::string_view::npos) continue;
    faults.invalid(at, text, "may not contain '" + std::string(part) + "'");
  }
}

void check_host(std::string_view text, const At& at, Faults& faults) {
  if (text.find('*') == std::string_view::npos) return check_dns_subdomain(text, at, faults);
  if (text.size() <= 253 && text.starts_with("*.") && is_dns_subdomain(text.substr(2))) return;
  if (text.size() > 253) faults.invalid(at, text, "must be no more than 253 bytes");
  faults.invalid(at, text,
                 "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must "
                 "consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character "
                 "(e.g. '*.example.com', regex used for validation is "
                 "'\\*\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
}

void check_domain_path(std::string_view text, const At& at, Faults& faults) {
  if (text.empty()) return faults.required(at);
  const std::size_t slash = text.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == text.size()) {
    return faults.invalid(at, text, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  }
  check_dns_subdomain(text.substr(0, slash), at, faults);
  const auto in_path = [](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || std::string_view("/-._~%!$&'()*+,;=:").find(c) != std::string_view::npos;
  };
  const std::string_view path = text.substr(slash + 1);
  if (std::all_of(path.begin(), path.end(), in_path)) return;
  faults.invalid(at, path, "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
}

}  // namespace troupe::api
