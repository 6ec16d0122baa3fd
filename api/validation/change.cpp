#include "api/validation/change.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "api/object_codec.hpp"
#include "api/validation/change_pod.hpp"
#include "api/validation/quantities.hpp"

namespace troupe::api {

using schema::Node;

namespace {

constexpr std::string_view kImmutable = "field is immutable";

std::string json_of(const Node* value) {
  std::string json = "null";
  if (value != nullptr) {
    json.clear();
    append_json(*value, json);
  }
  return json;
}

void keep(const Node* now, const Node* old, std::string_view name, const At& at, Faults& faults,
          std::string_view why = kImmutable) {
  if (!same_member(now, old, name)) faults.invalid_json(At(at, name), json_of(member(now, name)), why);
}

/// A field that no update may change: where it is, by group and kind.
struct Fixed {
  std::string_view group;
  std::string_view kind;
  std::string_view parent;  ///< "" or "spec".
  std::string_view field;
};

constexpr Fixed kFixed[] = {
    {"", "Secret", "", "type"},
    {"apps", "Deployment", "spec", "selector"},
    {"apps", "ReplicaSet", "spec", "selector"},
    {"apps", "DaemonSet", "spec", "selector"},
    {"batch", "Job", "spec", "completions"},
    {"batch", "Job", "spec", "selector"},
    {"batch", "Job", "spec", "template"},
    {"batch", "Job", "spec", "completionMode"},
    {"batch", "Job", "spec", "podFailurePolicy"},
    {"batch", "Job", "spec", "backoffLimitPerIndex"},
    {"", "PersistentVolume", "spec", "volumeMode"},
    {"discovery.k8s.io", "EndpointSlice", "", "addressType"},
    {"events.k8s.io", "Event", "", "regarding"},
    {"events.k8s.io", "Event", "", "reason"},
    {"events.k8s.io", "Event", "", "note"},
    {"events.k8s.io", "Event", "", "deprecatedSource"},
    {"events.k8s.io", "Event", "", "deprecatedFirstTimestamp"},
    {"events.k8s.io", "Event", "", "deprecatedLastTimestamp"},
    {"events.k8s.io", "Event", "", "deprecatedCount"},
    {"events.k8s.io", "Event", "", "type"},
    {"events.k8s.io", "Event", "", "eventTime"},
    {"events.k8s.io", "Event", "", "action"},
    {"events.k8s.io", "Event", "", "related"},
    {"events.k8s.io", "Event", "", "reportingController"},
    {"events.k8s.io", "Event", "", "reportingInstance"},
    {"node.k8s.io", "RuntimeClass", "", "handler"},
    {"networking.k8s.io", "IPAddress", "spec", "parentRef"},
    {"networking.k8s.io", "IngressClass", "spec", "controller"},
    {"rbac.authorization.k8s.io", "RoleBinding", "", "roleRef"},
    {"rbac.authorization.k8s.io", "ClusterRoleBinding", "", "roleRef"},
    {"resource.k8s.io", "ResourceClaim", "", "spec"},
    {"storage.k8s.io", "VolumeAttachment", "", "spec"},
    {"certificates.k8s.io", "CertificateSigningRequest", "", "spec"},
    {"", "ResourceQuota", "spec", "scopes"},
    {"", "ResourceQuota", "spec", "scopeSelector"},
};

std::string_view reason_of(const Fixed& fixed) {
  return fixed.field == "roleRef" ? "cannot change roleRef" : kImmutable;
}

void check_fixed(const Node& now, const Node& old, const Resource& resource, Faults& faults) {
  for (const Fixed& fixed : kFixed) {
    if (fixed.group != resource.group || fixed.kind != resource.kind) continue;
    const At root;
    if (fixed.parent.empty()) {
      keep(&now, &old, fixed.field, root, faults, reason_of(fixed));
    } else {
      keep(member(now, fixed.parent), member(old, fixed.parent), fixed.field, At(root, fixed.parent), faults);
    }
  }
}

void check_config(const Node& now, const Node& old, std::span<const std::string_view> data, Faults& faults) {
  if (!true_member(&old, "immutable")) return;
  static constexpr std::string_view kWhy = "field is immutable when `immutable` is set";
  const At root;
  if (!true_member(&now, "immutable")) faults.forbidden(At(root, "immutable"), kWhy);
  for (const std::string_view field : data) {
    if (!same_member(&now, &old, field)) faults.forbidden(At(root, field), kWhy);
  }
}

/// Every field of the spec but the named ones is as it was.
bool differs_beyond(const Node* now, const Node* old, std::span<const std::string_view> free) {
  for (const auto& [a, b] : {std::pair(now, old), std::pair(old, now)}) {
    if (a == nullptr) continue;
    for (const schema::Member& each : a->members()) {
      if (std::find(free.begin(), free.end(), each.key) == free.end() && !same_member(a, b, each.key)) return true;
    }
  }
  return false;
}

void check_stateful_set(const Node& now, const Node& old, Faults& faults) {
  static constexpr std::string_view kFree[] = {"replicas",
                                               "ordinals",
                                               "template",
                                               "updateStrategy",
                                               "revisionHistoryLimit",
                                               "persistentVolumeClaimRetentionPolicy",
                                               "minReadySeconds"};
  if (!differs_beyond(member(now, "spec"), member(old, "spec"), kFree)) return;
  const At root;
  faults.forbidden(At(root, "spec"),
                   "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', "
                   "'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and "
                   "'minReadySeconds' are forbidden");
}

void check_claim(const Node& now, const Node& old, Faults& faults) {
  static constexpr std::string_view kFree[] = {"resources", "volumeAttributesClassName", "volumeName"};
  const Node* spec = member(now, "spec");
  const Node* before = member(old, "spec");
  const At root;
  const At at(root, "spec");
  const bool rebound = member(before, "volumeName") != nullptr && !same_member(spec, before, "volumeName");
  const bool resized = !same_member(spec, before, "resources");
  const bool bound = text_member(member(old, "status"), "phase") == "Bound";
  if (rebound || differs_beyond(spec, before, kFree) || (resized && !bound)) {
    faults.forbidden(at,
                     "spec is immutable after creation except resources.requests and volumeAttributesClassName for "
                     "bound claims");
    return;
  }
  const auto wanted = quantity_member(member(member(spec, "resources"), "requests"), "storage");
  const auto had = quantity_member(member(member(before, "resources"), "requests"), "storage");
  if (wanted && had && *wanted < *had) {
    const At resources(at, "resources");
    const At requests(resources, "requests");
    faults.forbidden(At(requests, "storage"), "field can not be less than status.capacity");
  }
}

/// The addresses of a service stay unless it becomes, or was, an ExternalName.
void check_service(const Node& now, const Node& old, Faults& faults) {
  const Node* spec = member(now, "spec");
  const Node* before = member(old, "spec");
  if (text_member(before, "type") == "ExternalName" || text_member(spec, "type") == "ExternalName") return;
  const std::string_view had = text_member(before, "clusterIP");
  const std::string_view has = text_member(spec, "clusterIP");
  if (had.empty() || had == has) return;
  const At root;
  const At at(root, "spec");
  const At list(at, "clusterIPs");
  const std::string json = json_of(member(spec, "clusterIPs"));
  if (has.empty()) {
    faults.invalid_json(At(list, 0), json, "primary clusterIP can not be unset");
  } else {
    faults.invalid_json(At(list, 0), json, "may not change once set");
  }
}

void check_storage_class(const Node& now, const Node& old, Faults& faults) {
  const At root;
  for (const auto& [field, what] : {std::pair<std::string_view, std::string_view>{"parameters", "parameters"},
                                    {"provisioner", "provisioner"},
                                    {"reclaimPolicy", "reclaimPolicy"}}) {
    if (!same_member(&now, &old, field)) {
      faults.forbidden(At(root, field), "updates to " + std::string(what) + " are forbidden.");
    }
  }
  keep(&now, &old, "volumeBindingMode", root, faults);
}

void check_priority(const Node& now, const Node& old, Faults& faults) {
  const At root;
  for (const std::string_view field : {"value", "preemptionPolicy"}) {
    if (same_member(&now, &old, field)) continue;
    faults.forbidden(At(root, field), "may not be changed in an update.");
  }
}

void check_replica_selector(const Node& now, const Node& old, const Resource& resource, Faults& faults) {
  if (resource.kind != "Job") return check_fixed(now, old, resource, faults);
  // A suspended job that never started may still get another template.
  const Node* before = member(old, "spec");
  const bool idle = true_member(before, "suspend") && text_member(member(old, "status"), "startTime").empty();
  if (!idle || same_member(member(now, "spec"), before, "template")) return check_fixed(now, old, resource, faults);
  const At root;
  for (const std::string_view field : {"completions", "selector", "completionMode", "podFailurePolicy"}) {
    keep(member(now, "spec"), before, field, At(root, "spec"), faults);
  }
}

}  // namespace

void check_change(const Node& now, const Node& old, const Resource& resource, std::string_view subresource,
                  Faults& faults) {
  check_replica_selector(now, old, resource, faults);
  const std::string_view kind = resource.kind;
  if (resource.group.empty()) {
    static constexpr std::string_view kMapData[] = {"data", "binaryData"};
    static constexpr std::string_view kSecretData[] = {"data"};
    if (kind == "Pod") return check_pod_change(now, old, subresource, faults);
    if (kind == "ConfigMap") return check_config(now, old, kMapData, faults);
    if (kind == "Secret") return check_config(now, old, kSecretData, faults);
    if (kind == "Service") return check_service(now, old, faults);
    if (kind == "PersistentVolumeClaim") return check_claim(now, old, faults);
  }
  if (resource.group == "apps" && kind == "StatefulSet") return check_stateful_set(now, old, faults);
  if (resource.group == "storage.k8s.io" && kind == "StorageClass") return check_storage_class(now, old, faults);
  if (resource.group == "scheduling.k8s.io" && kind == "PriorityClass") return check_priority(now, old, faults);
}

}  // namespace troupe::api
