#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <vector>

#include "api/validation/formats.hpp"
#include "api/validation/parts.hpp"
#include "api/validation/quantities.hpp"
#include "api/validation/rules.hpp"

/// ResourceQuotas and LimitRanges.
namespace troupe::api {

using schema::Node;

namespace {

/// Things that are counted.
constexpr std::array<std::string_view, 9> kCounted = {
    "pods",       "resourcequotas",         "services",           "replicationcontrollers", "secrets",
    "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers"};
/// Things that are measured.
constexpr std::array<std::string_view, 10> kMeasured = {"cpu",
                                                        "memory",
                                                        "ephemeral-storage",
                                                        "requests.cpu",
                                                        "requests.memory",
                                                        "requests.storage",
                                                        "requests.ephemeral-storage",
                                                        "limits.cpu",
                                                        "limits.memory",
                                                        "limits.ephemeral-storage"};
/// What the pods of a scope are measured by.
constexpr std::array<std::string_view, 6> kOfPods = {"cpu",           "memory",       "limits.cpu",
                                                     "limits.memory", "requests.cpu", "requests.memory"};
constexpr std::array<std::string_view, 6> kPodScopes = {"Terminating",   "NotTerminating", "BestEffort",
                                                        "NotBestEffort", "PriorityClass",  "CrossNamespacePodAffinity"};

bool contains(std::span<const std::string_view> list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

bool has_slash(std::string_view name) { return name.find('/') != std::string_view::npos; }

bool is_huge(std::string_view name) {
  return name.starts_with("hugepages-") || name.starts_with("requests.hugepages-");
}

bool is_quota_resource(std::string_view name) {
  return contains(kCounted, name) || contains(kMeasured, name) || is_huge(name);
}

void check_resource_name(std::string_view name, const At& at, Faults& faults) {
  check_qualified_name(name, at, faults);
  if (has_slash(name) || is_quota_resource(name) || name == "storage") return;
  faults.invalid(at, name, "must be a standard resource type or fully qualified");
}

void check_hard(const Node* hard, const At& at, Faults& faults) {
  if (hard == nullptr) return;
  for (const schema::Member& each : hard->members()) {
    const At where = At::key(at, each.key);
    check_resource_name(each.key, where, faults);
    if (!has_slash(each.key) && !is_quota_resource(each.key)) {
      faults.invalid(where, each.key, "must be a standard resource for quota");
    }
    check_amount(each.value, contains(kCounted, each.key) || is_extended_resource(each.key), where, faults);
  }
}

bool is_scope(std::string_view scope) { return contains(kPodScopes, scope) || scope == "VolumeAttributesClass"; }

/// A scope of pods bounds what pods are measured by; the best-effort ones have no measure.
bool fits_scope(std::string_view scope, std::string_view resource) {
  if (!is_quota_resource(resource) || !is_scope(scope)) return true;
  if (scope == "VolumeAttributesClass") {
    return resource == "persistentvolumeclaims" || resource == "requests.storage";
  }
  return resource == "pods" || (scope != "BestEffort" && contains(kOfPods, resource));
}

void check_conflicts(const std::vector<std::string_view>& scopes, const Node* shown_scopes, const At& at,
                     Faults& faults) {
  for (const auto& [one, other] : {std::pair<std::string_view, std::string_view>{"BestEffort", "NotBestEffort"},
                                   {"Terminating", "NotTerminating"}}) {
    if (contains(scopes, one) && contains(scopes, other)) {
      faults.invalid_json(at, shown(shown_scopes), "conflicting scopes");
    }
  }
}

void check_scopes(const Subject& subject, const Node* hard) {
  const Node* scopes = member(subject.value, "scopes");
  const At at(subject.at, "scopes");
  std::vector<std::string_view> seen;
  for (const Node& each : items_of(subject.value, "scopes")) {
    const std::string_view scope = text_of(each);
    if (!is_scope(scope)) subject.faults.invalid(at, *scopes, "unsupported scope");
    const bool is_new = is_scope(scope) && !contains(seen, scope);
    for (std::size_t i = 0; is_new && hard != nullptr && i < hard->members().size(); ++i) {
      if (!fits_scope(scope, hard->members()[i].key)) {
        subject.faults.invalid(at, *scopes, "unsupported scope applied to resource");
      }
    }
    if (is_new) seen.push_back(scope);
  }
  check_conflicts(seen, scopes, at, subject.faults);
}

void check_scope_values(const Node& term, const At& at, Faults& faults) {
  const std::string_view scope = text_member(term, "scopeName");
  const std::string_view op = text_member(term, "operator");
  const std::size_t values = items_of(term, "values").size();
  if (contains(kPodScopes, scope) && scope != "PriorityClass" && op != "Exists") {
    faults.invalid(At(at, "operator"), op,
                   "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
                   "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or "
                   "ResourceQuotaScopeCrossNamespacePodAffinity");
  }
  if (op == "In" || op == "NotIn") {
    if (values != 0) return;
    faults.required(At(at, "values"),
                    "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector");
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (values == 0) return;
    faults.invalid(At(at, "values"), *member(term, "values"),
                   "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector");
  } else {
    faults.invalid(At(at, "operator"), op, "not a valid selector operator");
  }
}

void check_scope_selector(const Subject& subject, const Node* hard) {
  const Node* selector = member(subject.value, "scopeSelector");
  const At selector_at(subject.at, "scopeSelector");
  const At at(selector_at, "matchExpressions");
  std::vector<std::string_view> seen;
  for (const Node& term : items_of(selector, "matchExpressions")) {
    const std::string_view scope = text_member(term, "scopeName");
    if (!is_scope(scope)) subject.faults.invalid(At(at, "scopeName"), scope, "unsupported scope");
    const bool is_new = is_scope(scope) && !contains(seen, scope);
    for (std::size_t i = 0; is_new && hard != nullptr && i < hard->members().size(); ++i) {
      if (!fits_scope(scope, hard->members()[i].key)) {
        subject.faults.invalid(at, *selector, "unsupported scope applied to resource");
      }
    }
    check_scope_values(term, at, subject.faults);
    if (is_new) seen.push_back(scope);
  }
  check_conflicts(seen, member(subject.value, "scopes"), at, subject.faults);
}

/// Told when `low` is more than `high`: "min value 2 is greater than max value 1".
struct Order {
  std::string_view low;
  std::string_view high;
  std::string_view at;     ///< The field that is blamed
  std::string_view shown;  ///< and the one whose amount is shown.
  std::string_view low_word;
  std::string_view high_word;
};
constexpr Order kOrders[] = {
    {"min", "max", "min", "min", "min value", "max value"},
    {"min", "defaultRequest", "defaultRequest", "defaultRequest", "min value", "default request value"},
    {"defaultRequest", "max", "defaultRequest", "defaultRequest", "default request value", "max value"},
    {"defaultRequest", "default", "defaultRequest", "defaultRequest", "default request value", "default limit value"},
    {"min", "default", "default", "min", "min value", "default value"},
    {"default", "max", "default", "max", "default value", "max value"},
};

void check_orders(const Subject& subject) {
  for (const Order& order : kOrders) {
    const Node* low = member(subject.value, order.low);
    const Node* high = member(subject.value, order.high);
    if (low == nullptr || high == nullptr) continue;
    const At at(subject.at, order.at);
    for (const schema::Member& each : low->members()) {
      const auto less = quantity_of(&each.value);
      const auto more = quantity_member(high, each.key);
      if (!less || !more || !(*less > *more)) continue;
      const auto blamed = order.shown == order.low ? less : more;
      subject.faults.invalid(At::key(at, each.key), blamed->to_string(),
                             std::string(order.low_word) + " " + less->to_string() + " is greater than " +
                                 std::string(order.high_word) + " " + more->to_string());
    }
  }
}

void check_limit_names(const Subject& subject, std::string_view type) {
  for (const std::string_view field : {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"}) {
    const Node* amounts = member(subject.value, field);
    if (amounts == nullptr || (type == "Pod" && field.starts_with("default"))) continue;
    const At at(subject.at, field);
    for (const schema::Member& each : amounts->members()) {
      const At where = At::key(at, each.key);
      if (type == "Pod" || type == "Container") {
        check_container_resource_name(each.key, where, subject.faults);
      } else {
        check_resource_name(each.key, where, subject.faults);
      }
      const auto amount = quantity_of(&each.value);
      if (field == "maxLimitRequestRatio" && amount && amount->milli_value() < 1000) {
        subject.faults.invalid(where, amount->to_string(), "ratio " + amount->to_string() + " is less than 1");
      }
    }
  }
}

}  // namespace

void check_quota_spec(const Subject& subject) {
  const Node* hard = member(subject.value, "hard");
  check_hard(hard, At(subject.at, "hard"), subject.faults);
  check_scopes(subject, hard);
  check_scope_selector(subject, hard);
}

void check_limits(const Subject& subject) {
  std::set<std::string_view> seen;
  const At list(subject.at, "limits");
  const auto limits = items_of(subject.value, "limits");
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const std::string_view type = text_member(limits[i], "type");
    const At item(list, i);
    if (!seen.insert(type).second) subject.faults.duplicate(At(item, "type"), type);
  }
}

void check_limit_item(const Subject& subject) {
  const Node& item = subject.value;
  const std::string_view type = text_member(item, "type");
  const At at(subject.at, "type");
  check_qualified_name(type, at, subject.faults);
  if (!has_slash(type) && type != "Pod" && type != "Container" && type != "PersistentVolumeClaim") {
    subject.faults.invalid(at, type, "must be a standard limit type or fully qualified");
  }
  for (const std::string_view name : {"default", "defaultRequest"}) {
    if (type == "Pod" && !is_blank(member(item, name))) {
      subject.faults.forbidden(At(subject.at, name), "may not be specified when `type` is 'Pod'");
    }
  }
  check_limit_names(subject, type);
  const bool bounded =
      member(member(item, "min"), "storage") != nullptr || member(member(item, "max"), "storage") != nullptr;
  if (type == "PersistentVolumeClaim" && !bounded) {
    subject.faults.required(At(subject.at, "limits"),
                            "either minimum or maximum storage value is required, but neither was provided");
  }
  check_orders(subject);
}

}  // namespace troupe::api
