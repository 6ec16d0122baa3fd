#include <algorithm>
#include <string>

#include "api/object_codec.hpp"
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

namespace {

bool is_container_resource(std::string_view name) {
  return name == "cpu" || name == "memory" || name == "ephemeral-storage" || name.starts_with("hugepages-");
}

bool is_extended(std::string_view name) {
  return name.find('/') != std::string_view::npos && name.find("kubernetes.io/") == std::string_view::npos;
}

void check_amounts(const Node* amounts, const At& at, Faults& faults, bool container) {
  if (amounts == nullptr) return;
  for (const schema::Member& each : amounts->members()) {
    const At where = At::key(at, each.key);
    check_qualified_name(each.key, where, faults);
    if (container && each.key.find('/') == std::string_view::npos && !is_container_resource(each.key)) {
      if (each.key != "storage" && each.key != "pods") {
        faults.invalid(where, each.key, "must be a standard resource type or fully qualified");
      }
      faults.invalid(where, each.key, "must be a standard resource for containers");
    }
    const auto amount = quantity_of(&each.value);
    if (!amount) continue;
    if (amount->sign() < 0) faults.invalid(where, amount->to_string(), "must be greater than or equal to 0");
    if (is_extended(each.key) && amount->milli_value() % 1000 != 0) {
      faults.invalid(where, amount->to_string(), "must be an integer");
    }
  }
}

/// Each amount of `low` is at most that of `high` where both name it.
void check_at_most(const Node* low, const Node* high, const At& at, std::string_view what, Faults& faults) {
  if (low == nullptr || high == nullptr) return;
  for (const schema::Member& each : low->members()) {
    const auto amount = quantity_of(&each.value);
    const auto most = quantity_member(high, each.key);
    if (!amount || !most || !(*amount > *most)) continue;
    faults.invalid(At::key(at, each.key), amount->to_string(), std::string(what) + " " + most->to_string());
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
  check_amounts(limits, limits_at, subject.faults, true);
  check_amounts(requests, requests_at, subject.faults, true);
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
    } else if (limit && is_extended(each.key) && *amount != *limit) {
      subject.faults.invalid(requests_at, amount->to_string(),
                             "must be equal to " + std::string(each.key) + " limit of " + limit->to_string());
    } else if (!limit && (is_extended(each.key) || each.key.starts_with("hugepages-"))) {
      subject.faults.required(limits_at, "Limit must be set for non overcommitable resources");
    }
  }
}

void check_quota_spec(const Subject& subject) {
  const Node* hard = member(subject.value, "hard");
  const At at(subject.at, "hard");
  check_amounts(hard, at, subject.faults, false);
}

void check_limit_item(const Subject& subject) {
  const Node& item = subject.value;
  const std::string_view type = text_member(item, "type");
  if (type.empty()) subject.faults.required(At(subject.at, "type"));
  const bool pod = type == "Pod";
  for (const std::string_view name : {"default", "defaultRequest"}) {
    const Node* given = member(item, name);
    if (pod && given != nullptr && given->size() != 0) {
      subject.faults.forbidden(At(subject.at, name), "may not be specified when `type` is 'Pod'");
    }
  }
  for (const std::string_view name : {"max", "min", "default", "defaultRequest"}) {
    check_amounts(member(item, name), At(subject.at, name), subject.faults, false);
  }
  const auto compare = [&](std::string_view low, std::string_view high, std::string_view at, std::string_view what) {
    check_at_most(member(item, low), member(item, high), At(subject.at, at), what, subject.faults);
  };
  compare("min", "max", "min", "must be less than or equal to max value");
  compare("default", "max", "default", "must be less than or equal to max value");
  compare("defaultRequest", "max", "defaultRequest", "must be less than or equal to max value");
  compare("defaultRequest", "default", "defaultRequest", "must be less than or equal to default limit");
}

void check_claim_spec(const Subject& subject) {
  const Node* modes = member(subject.value, "accessModes");
  const At at(subject.at, "accessModes");
  if (modes == nullptr || modes->size() == 0) {
    subject.faults.required(at, "at least 1 access mode is required");
  } else {
    static const std::vector<std::string_view> kModes = {"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce",
                                                         "ReadWriteOncePod"};
    for (const Node& mode : modes->items()) {
      const std::string_view text = mode.is_string() ? mode.as_string() : std::string_view();
      if (std::find(kModes.begin(), kModes.end(), text) == kModes.end()) subject.faults.unsupported(at, text, kModes);
    }
  }
  const At resources(subject.at, "resources");
  const At requests = At::key(resources, "storage");
  const auto storage = quantity_member(member(member(subject.value, "resources"), "requests"), "storage");
  if (!storage) return subject.faults.required(requests);
  if (storage->sign() <= 0) subject.faults.invalid(requests, storage->to_string(), "must be greater than zero");
}

void check_volume_spec(const Subject& subject) {
  const Node* modes = member(subject.value, "accessModes");
  if (modes == nullptr || modes->size() == 0) subject.faults.required(At(subject.at, "accessModes"));
  const Node* capacity = member(subject.value, "capacity");
  const At at(subject.at, "capacity");
  if (capacity == nullptr || capacity->size() == 0) return subject.faults.required(at);
  const auto storage = quantity_member(capacity, "storage");
  if (!storage) {
    std::string json;
    append_json(*capacity, json);
    return subject.faults.unsupported(at, json, {"storage"});
  }
  if (storage->sign() <= 0)
    subject.faults.invalid(At::key(at, "storage"), storage->to_string(), "must be greater than zero");
}

}  // namespace troupe::api
