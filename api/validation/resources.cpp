#include <cstdint>
#include <limits>
#include <string>

#include "api/validation/formats.hpp"
#include "api/validation/quantities.hpp"
#include "api/validation/rules.hpp"

namespace troupe::api {

using schema::Node;
using schema::Quantity;

std::optional<Quantity> quantity_of(const Node* value) {
  if (value == nullptr) return std::nullopt;
  if (value->is_int()) return Quantity::from_int(value->as_int());
  if (!value->is_string()) return std::nullopt;
  auto parsed = Quantity::parse(value->as_string());
  if (!parsed) return std::nullopt;
  return *parsed;
}

std::optional<Quantity> quantity_member(const Node* object, std::string_view name) {
  return quantity_of(member(object, name));
}

bool is_container_resource(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
}

bool is_extended_resource(std::string_view name) {
  const bool native = name.find('/') == std::string_view::npos || name.find("kubernetes.io/") != std::string_view::npos;
  return !native && !name.starts_with("requests.");
}

void check_container_resource_name(std::string_view name, const At& at, Faults& faults) {
  check_qualified_name(name, at, faults);
  if (name.find('/') != std::string_view::npos || is_container_resource(name)) return;
  if (name != "storage" && name != "pods") {
    faults.invalid(at, name, "must be a standard resource type or fully qualified");
  }
  faults.invalid(at, name, "must be a standard resource for containers");
}

void check_amount(const Node& value, bool whole, const At& at, Faults& faults) {
  const auto amount = quantity_of(&value);
  if (!amount) return;
  if (amount->sign() < 0) faults.invalid(at, amount->to_string(), "must be greater than or equal to 0");
  const std::int64_t thousandths = amount->milli_value();  // ends at the most that it can say
  const bool all_told = thousandths != std::numeric_limits<std::int64_t>::max();
  if (whole && all_told && thousandths % 1000 != 0) faults.invalid(at, amount->to_string(), "must be an integer");
}

namespace {

void check_amounts(const Node* amounts, const At& at, Faults& faults) {
  if (amounts == nullptr) return;
  for (const schema::Member& each : amounts->members()) {
    const At where = At::key(at, each.key);
    check_container_resource_name(each.key, where, faults);
    check_amount(each.value, is_extended_resource(each.key), where, faults);
  }
}

/// Huge pages alone start nothing.
void check_huge_pages(const Subject& subject, const Node* limits, const Node* requests) {
  bool huge = false;
  for (const Node* amounts : {limits, requests}) {
    if (amounts == nullptr) continue;
    for (const schema::Member& each : amounts->members()) {
      if (each.key == "cpu" || each.key == "memory") return;
      huge = huge || each.key.starts_with("hugepages-");
    }
  }
  if (huge) subject.faults.forbidden(subject.at, "HugePages require cpu or memory");
}

}  // namespace

void check_resources(const Subject& subject) {
  const Node* limits = member(subject.value, "limits");
  const Node* requests = member(subject.value, "requests");
  const At limits_at(subject.at, "limits");
  const At requests_at(subject.at, "requests");
  check_amounts(limits, limits_at, subject.faults);
  check_amounts(requests, requests_at, subject.faults);
  check_huge_pages(subject, limits, requests);
  if (requests == nullptr) return;
  for (const schema::Member& each : requests->members()) {
    const auto amount = quantity_of(&each.value);
    const auto limit = quantity_member(limits, each.key);
    if (!amount) continue;
    if (limit && *amount > *limit) {
      subject.faults.invalid(
          requests_at, amount->to_string(),
          "must be less than or equal to " + std::string(each.key) + " limit of " + limit->to_string());
    } else if (limit && is_extended_resource(each.key) && *amount != *limit) {
      subject.faults.invalid(requests_at, amount->to_string(),
                             "must be equal to " + std::string(each.key) + " limit of " + limit->to_string());
    } else if (!limit && (is_extended_resource(each.key) || each.key.starts_with("hugepages-"))) {
      subject.faults.required(limits_at, "Limit must be set for non overcommitable resources");
    }
  }
}

}  // namespace troupe::api
