#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/validation/faults.hpp"

/// The formats of text in Kubernetes' objects, with its words for what is wrong. Each reports to `faults` at `at`.
namespace troupe::api {

void check_dns_label(std::string_view text, const At& at, Faults& faults);
void check_dns_1035_label(std::string_view text, const At& at, Faults& faults);
void check_dns_subdomain(std::string_view text, const At& at, Faults& faults);
/// A name of a port: at most 15 of a-z, 0-9 and '-', at least one letter, no '-' at an end or beside another.
void check_port_name(std::string_view text, const At& at, Faults& faults);
/// A key of a ConfigMap or Secret.
void check_config_key(std::string_view text, const At& at, Faults& faults);
/// "example.com/name" or "name".
void check_qualified_name(std::string_view text, const At& at, Faults& faults);
/// A map of labels.
void check_labels(const schema::Node* labels, const At& at, Faults& faults);
void check_ip(std::string_view text, const At& at, Faults& faults);
void check_cidr(std::string_view text, const At& at, Faults& faults);
/// An absolute path.
void check_range(const schema::Node* value, std::int64_t low, std::int64_t high, const At& at, Faults& faults);
void check_not_negative(const schema::Node* value, const At& at, Faults& faults);
/// A number of a port, or a name of one.
void check_port_or_name(const schema::Node* value, const At& at, Faults& faults);
/// A whole number or a percentage, neither negative; over 100% only when `over_full`.
void check_int_or_percent(const schema::Node* value, bool over_full, const At& at, Faults& faults);

bool is_ip(std::string_view text);
bool is_cidr(std::string_view text);
/// The number of "10.96.0.1", in host order.
std::optional<std::uint32_t> parse_ipv4(std::string_view text);
std::string ipv4_text(std::uint32_t address);

}  // namespace troupe::api
