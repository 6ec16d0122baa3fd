#include <algorithm>

#include "api/admission/quota.hpp"
#include "api/validation/faults.hpp"
#include "api/validation/quantities.hpp"

namespace troupe::api {

using schema::Node;
using schema::Quantity;

namespace {

/// What the containers of a pod ask for together; init containers count where one alone needs more.
void add_pod(const Node& pod, Amounts& usage) {
  const std::string_view phase = text_member(member(pod, "status"), "phase");
  if (phase == "Succeeded" || phase == "Failed") return;
  add_amount(usage, "pods", Quantity::from_int(1));
  const Node* spec = member(pod, "spec");
  for (const std::string_view part : {"requests", "limits"}) {
    Amounts sum;
    if (const Node* containers = member(spec, "containers"); containers != nullptr) {
      for (const Node& container : containers->items()) {
        const Node* amounts = member(member(container, "resources"), part);
        if (amounts == nullptr) continue;
        for (const schema::Member& each : amounts->members()) {
          if (auto amount = quantity_of(&each.value)) add_amount(sum, std::string(each.key), *amount);
        }
      }
    }
    if (const Node* first = member(spec, "initContainers"); first != nullptr) {
      for (const Node& container : first->items()) {
        const Node* amounts = member(member(container, "resources"), part);
        if (amounts == nullptr) continue;
        for (const schema::Member& each : amounts->members()) {
          const auto amount = quantity_of(&each.value);
          const std::string name(each.key);
          if (amount && (!sum.contains(name) || sum.at(name) < *amount)) sum[name] = *amount;
        }
      }
    }
    for (const auto& [name, amount] : sum) {
      add_amount(usage, std::string(part) + "." + name, amount);
      if (part == "requests" && (name == "cpu" || name == "memory" || name == "ephemeral-storage")) {
        add_amount(usage, name, amount);
      }
    }
  }
}

void add_service(const Node& service, Amounts& usage) {
  const Node* spec = member(service, "spec");
  const std::string_view type = text_member(spec, "type");
  const Node* ports = member(spec, "ports");
  if (type == "NodePort" || type == "LoadBalancer") {
    add_amount(usage, "services.nodeports",
               Quantity::from_int(static_cast<std::int64_t>(ports != nullptr ? ports->size() : 0)));
  }
  if (type == "LoadBalancer") add_amount(usage, "services.loadbalancers", Quantity::from_int(1));
}

bool is_best_effort(const Node& pod) {
  Amounts usage;
  add_pod(pod, usage);
  return std::none_of(usage.begin(), usage.end(), [](const auto& each) {
    return each.first.starts_with("requests.") || each.first.starts_with("limits.");
  });
}

/// A term of an affinity that names other namespaces.
bool reaches_other_namespaces(const Node* spec) {
  const Node* affinity = member(spec, "affinity");
  for (const std::string_view kind : {"podAffinity", "podAntiAffinity"}) {
    for (const std::string_view list :
         {"requiredDuringSchedulingIgnoredDuringExecution", "preferredDuringSchedulingIgnoredDuringExecution"}) {
      const Node* terms = member(member(affinity, kind), list);
      if (terms == nullptr) continue;
      for (const Node& each : terms->items()) {
        const Node* weighed = member(&each, "podAffinityTerm");
        const Node* term = weighed != nullptr ? weighed : &each;
        const Node* named = member(term, "namespaces");
        if ((named != nullptr && named->size() != 0) || member(term, "namespaceSelector") != nullptr) return true;
      }
    }
  }
  return false;
}

/// The pod is of the scope, whatever its value.
bool has_scope(std::string_view scope, const Node& pod) {
  const Node* spec = member(pod, "spec");
  if (scope == "Terminating") return member(spec, "activeDeadlineSeconds") != nullptr;
  if (scope == "NotTerminating") return member(spec, "activeDeadlineSeconds") == nullptr;
  if (scope == "BestEffort") return is_best_effort(pod);
  if (scope == "NotBestEffort") return !is_best_effort(pod);
  if (scope == "CrossNamespacePodAffinity") return reaches_other_namespaces(spec);
  return scope == "PriorityClass" && !text_member(spec, "priorityClassName").empty();
}

bool meets(const Node& requirement, const Node& pod) {
  const std::string_view scope = text_member(&requirement, "scopeName");
  const std::string_view op = text_member(&requirement, "operator");
  if (op == "Exists") return has_scope(scope, pod);
  if (op == "DoesNotExist") return !has_scope(scope, pod);
  const Node* values = member(&requirement, "values");
  const std::string_view value = text_member(member(pod, "spec"), "priorityClassName");
  const bool listed =
      values != nullptr && std::any_of(values->items().begin(), values->items().end(),
                                       [&](const Node& each) { return each.is_string() && each.as_string() == value; });
  return scope == "PriorityClass" && (op == "In" ? listed : !listed);
}

}  // namespace

void add_amount(Amounts& to, const std::string& name, const Quantity& amount) {
  auto [at, is_new] = to.emplace(name, amount);
  if (!is_new) at->second.add(amount);
}

Amounts quota_usage(const Node& object, const Resource& resource) {
  Amounts usage;
  const std::string plural = resource.qualified();
  add_amount(usage, "count/" + plural, Quantity::from_int(1));
  if (!resource.group.empty()) return usage;
  if (plural == "pods") {
    add_pod(object, usage);
    return usage;
  }
  for (const std::string_view known :
       {"services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas"}) {
    if (plural == known) add_amount(usage, plural, Quantity::from_int(1));
  }
  if (plural == "services") add_service(object, usage);
  if (plural == "persistentvolumeclaims") {
    const Node* requests = member(member(member(object, "spec"), "resources"), "requests");
    if (auto storage = quantity_member(requests, "storage")) add_amount(usage, "requests.storage", *storage);
  }
  return usage;
}

bool quota_covers(const Node& quota, const Node& object, const Resource& resource) {
  const Node* spec = member(quota, "spec");
  const Node* scopes = member(spec, "scopes");
  const Node* selector = member(member(spec, "scopeSelector"), "matchExpressions");
  const bool scoped = (scopes != nullptr && scopes->size() != 0) || (selector != nullptr && selector->size() != 0);
  if (!scoped) return true;
  if (!resource.group.empty() || resource.plural != "pods") return false;
  const bool all =
      scopes == nullptr || std::all_of(scopes->items().begin(), scopes->items().end(), [&](const Node& scope) {
        return scope.is_string() && has_scope(scope.as_string(), object);
      });
  return all && (selector == nullptr || std::all_of(selector->items().begin(), selector->items().end(),
                                                    [&](const Node& each) { return meets(each, object); }));
}

}  // namespace troupe::api
