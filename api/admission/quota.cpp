#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "api/admission/admission.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"
#include "api/validation/quantities.hpp"

namespace troupe::api {

using schema::Node;
using schema::Quantity;

namespace {

using Amounts = std::map<std::string, Quantity, std::less<>>;

void add(Amounts& to, const std::string& name, const Quantity& amount) {
  auto [at, is_new] = to.emplace(name, amount);
  if (!is_new) at->second.add(amount);
}

/// What the containers of a pod ask for together; init containers count where one alone needs more.
void add_pod(const Node& pod, Amounts& usage) {
  const std::string_view phase = text_member(member(pod, "status"), "phase");
  if (phase == "Succeeded" || phase == "Failed") return;
  add(usage, "pods", Quantity::from_int(1));
  const Node* spec = member(pod, "spec");
  for (const std::string_view part : {"requests", "limits"}) {
    Amounts sum;
    if (const Node* containers = member(spec, "containers"); containers != nullptr) {
      for (const Node& container : containers->items()) {
        const Node* amounts = member(member(container, "resources"), part);
        if (amounts == nullptr) continue;
        for (const schema::Member& each : amounts->members()) {
          if (auto amount = quantity_of(&each.value)) add(sum, std::string(each.key), *amount);
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
      add(usage, std::string(part) + "." + name, amount);
      if (part == "requests" && (name == "cpu" || name == "memory" || name == "ephemeral-storage")) {
        add(usage, name, amount);
      }
    }
  }
}

void add_service(const Node& service, Amounts& usage) {
  const Node* spec = member(service, "spec");
  const std::string_view type = text_member(spec, "type");
  const Node* ports = member(spec, "ports");
  if (type == "NodePort" || type == "LoadBalancer") {
    add(usage, "services.nodeports",
        Quantity::from_int(static_cast<std::int64_t>(ports != nullptr ? ports->size() : 0)));
  }
  if (type == "LoadBalancer") add(usage, "services.loadbalancers", Quantity::from_int(1));
}

/// What one object uses of a quota, by the quota's names.
Amounts usage_of(const Node& object, const Resource& resource) {
  Amounts usage;
  const std::string plural = resource.qualified();
  add(usage, "count/" + plural, Quantity::from_int(1));
  if (!resource.group.empty()) return usage;
  if (plural == "pods") {
    add_pod(object, usage);
    return usage;
  }
  for (const std::string_view known :
       {"services", "configmaps", "secrets", "persistentvolumeclaims", "replicationcontrollers", "resourcequotas"}) {
    if (plural == known) add(usage, plural, Quantity::from_int(1));
  }
  if (plural == "services") add_service(object, usage);
  if (plural == "persistentvolumeclaims") {
    const Node* requests = member(member(member(object, "spec"), "resources"), "requests");
    if (auto storage = quantity_member(requests, "storage")) add(usage, "requests.storage", *storage);
  }
  return usage;
}

/// Quotas with scopes are about pods; which of them these are.
bool in_scope(const Node& quota, const Node& object, bool is_pod) {
  const Node* scopes = member(member(quota, "spec"), "scopes");
  if (scopes == nullptr || scopes->size() == 0) return true;
  if (!is_pod) return false;
  const Node* spec = member(object, "spec");
  Amounts usage;
  add_pod(object, usage);
  const bool ends = member(spec, "activeDeadlineSeconds") != nullptr;
  const bool best_effort = std::none_of(usage.begin(), usage.end(), [](const auto& each) {
    return each.first.starts_with("requests.") || each.first.starts_with("limits.");
  });
  return std::all_of(scopes->items().begin(), scopes->items().end(), [&](const Node& scope) {
    const std::string_view name = scope.is_string() ? scope.as_string() : std::string_view();
    if (name == "Terminating") return ends;
    if (name == "NotTerminating") return !ends;
    if (name == "BestEffort") return best_effort;
    if (name == "NotBestEffort") return !best_effort;
    return name == "PriorityClass" && !text_member(spec, "priorityClassName").empty();
  });
}

std::string listed(const Amounts& amounts) {
  std::string out;
  for (const auto& [name, amount] : amounts) out += (out.empty() ? "" : ",") + name + "=" + amount.to_string();
  return out;
}

/// The objects of the kind that is created count anew; what other kinds use stands in the quota's status.
ApiStatus charge(Admission& admission, Found& quota, const std::vector<Found>& others) {
  Node& root = quota.document.root();
  const Resource& resource = *admission.call->resource;
  const bool is_pod = resource.qualified() == "pods";
  const Node* hard = member(member(root, "spec"), "hard");
  if (hard == nullptr || !in_scope(root, admission.object.root(), is_pod)) return {};
  const Amounts wanted = usage_of(admission.object.root(), resource);
  Amounts used;
  for (const Found& each : others) {
    if (!in_scope(root, each.document.root(), is_pod)) continue;
    for (const auto& [name, amount] : usage_of(each.document.root(), resource)) add(used, name, amount);
  }
  Amounts requested;
  Amounts before;
  Amounts limited;
  auto status = object_member(quota.document, root, "status");
  if (!status) return refuse(status.error());
  auto shown = object_member(quota.document, **status, "used");
  if (!shown) return refuse(shown.error());
  bool counts = false;
  for (const schema::Member& each : hard->members()) {
    const std::string name(each.key);
    const auto most = quantity_of(&each.value);
    const auto asked = wanted.find(name);
    if (asked == wanted.end() || !most) continue;
    counts = true;
    Quantity had = used.contains(name) ? used.at(name) : Quantity::from_int(0);
    Quantity after = had;
    after.add(asked->second);
    if (after > *most && !asked->second.is_zero()) {
      requested.emplace(name, asked->second);
      before.emplace(name, had);
      limited.emplace(name, *most);
    }
    if (auto set = set_text(quota.document, **shown, name, after.to_string()); !set) return set;
  }
  const std::string quota_name(names_of(root).name);
  if (!requested.empty()) {
    return refuse(
        forbidden(admission.call->about(), "exceeded quota: " + quota_name + ", requested: " + listed(requested) +
                                               ", used: " + listed(before) + ", limited: " + listed(limited)));
  }
  if (!counts) return {};
  auto copied = quota.document.copy(*hard);
  if (!copied) return refuse(too_large(copied.error().message));
  if (auto set = set_node(quota.document, **status, "hard", *copied); !set) return set;
  const Resource* quotas = admission.call->services.routes.find("", "v1", "resourcequotas");
  schema::Diagnostics ignored;
  auto record = to_record(quota.document, *quotas, ignored);
  if (!record) return refuse(record.error());
  // Whoever counts at the same time wins or counts again: no two take the last place.
  admission.extra.put(quota.key, std::move(*record), storage::Condition::at(quota.revision));
  return {};
}

/// A quota of compute resources is about pods that say what they need.
ApiStatus require_amounts(const Admission& admission, const Node& quota) {
  if (admission.call->resource->qualified() != "pods") return {};
  const Node* hard = member(member(quota, "spec"), "hard");
  const Node* containers = member(member(admission.object.root(), "spec"), "containers");
  if (hard == nullptr || containers == nullptr || !in_scope(quota, admission.object.root(), true)) return {};
  std::string missing;
  for (const schema::Member& each : hard->members()) {
    std::string_view name = each.key;
    std::string_view part = "requests";
    if (name.starts_with("limits.")) part = "limits";
    if (const std::size_t dot = name.find('.'); dot != std::string_view::npos) name.remove_prefix(dot + 1);
    if (name != "cpu" && name != "memory") continue;
    std::string where;
    for (const Node& container : containers->items()) {
      if (member(member(member(container, "resources"), part), name) != nullptr) continue;
      where += (where.empty() ? "" : ",") + std::string(text_member(container, "name"));
    }
    if (!where.empty()) missing += (missing.empty() ? "" : "; ") + std::string(each.key) + " for: " + where;
  }
  if (missing.empty()) return {};
  return refuse(forbidden(admission.call->about(),
                          "failed quota: " + std::string(names_of(quota).name) + ": must specify " + missing));
}

}  // namespace

void admit_quota(const AdmissionPtr& admission, const Admitted& done) {
  const std::string space = admission->call->info.name_space;
  read_all(*admission->call, {"", "v1", "resourcequotas", space},
           [admission, space, done](ApiResult<std::vector<Found>> found) {
             if (!found) return done(refuse(found.error()));
             if (found->empty()) return done({});
             auto quotas = std::make_shared<std::vector<Found>>(std::move(*found));
             const Resource& resource = *admission->call->resource;
             const Place place{resource.group, resource.version, resource.plural, space};
             read_all(*admission->call, place, [admission, quotas, done](ApiResult<std::vector<Found>> others) {
               if (!others) return done(refuse(others.error()));
               for (Found& quota : *quotas) {
                 if (auto told = require_amounts(*admission, quota.document.root()); !told)
                   return done(std::move(told));
                 if (auto charged = charge(*admission, quota, *others); !charged) return done(std::move(charged));
               }
               done({});
             });
           });
}

}  // namespace troupe::api
