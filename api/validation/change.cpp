#include "api/validation/change.hpp"

#include <algorithm>
#include <span>
#include <string>

#include "api/validation/change_parts.hpp"
#include "api/validation/change_pod.hpp"
#include "api/validation/parts.hpp"

namespace troupe::api {

using schema::Node;

namespace {

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
};

std::string_view reason_of(const Fixed& fixed) {
  return fixed.field == "roleRef" ? "cannot change roleRef" : kImmutable;
}

void check_fixed(const Node& now, const Node& old, const Resource& resource, Faults& faults) {
  for (const Fixed& fixed : kFixed) {
    if (fixed.group != resource.group || fixed.kind != resource.kind) continue;
    const At root;
    if (fixed.parent.empty()) {
      keep_member(&now, &old, fixed.field, root, faults, reason_of(fixed));
    } else {
      keep_member(member(now, fixed.parent), member(old, fixed.parent), fixed.field, At(root, fixed.parent), faults);
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

/// The scopes of a quota stay, in whatever order.
void check_quota(const Node& now, const Node& old, Faults& faults) {
  const Node* spec = member(now, "spec");
  const auto scopes = items_of(spec, "scopes");
  const auto before = items_of(member(old, "spec"), "scopes");
  const auto holds_all = [](std::span<const Node> list, std::span<const Node> wanted) {
    return std::all_of(wanted.begin(), wanted.end(), [&](const Node& each) {
      return std::any_of(list.begin(), list.end(), [&](const Node& other) { return schema::same_value(each, other); });
    });
  };
  if (holds_all(scopes, before) && holds_all(before, scopes)) return;
  const At root;
  const At at(root, "spec");
  faults.invalid_json(At(at, "scopes"), shown(member(spec, "scopes")), kImmutable);
}

void check_priority(const Node& now, const Node& old, Faults& faults) {
  const At root;
  for (const std::string_view field : {"value", "preemptionPolicy"}) {
    if (same_member(&now, &old, field)) continue;
    faults.forbidden(At(root, field), "may not be changed in an update.");
  }
}

}  // namespace

void keep_member(const Node* now, const Node* old, std::string_view name, const At& at, Faults& faults,
                 std::string_view why) {
  if (!same_member(now, old, name)) faults.invalid_json(At(at, name), shown(member(now, name)), why);
}

bool differs_beyond(const Node* now, const Node* old, std::span<const std::string_view> free) {
  for (const auto& [a, b] : {std::pair(now, old), std::pair(old, now)}) {
    if (a == nullptr) continue;
    for (const schema::Member& each : a->members()) {
      if (std::find(free.begin(), free.end(), each.key) == free.end() && !same_member(a, b, each.key)) return true;
    }
  }
  return false;
}

void check_change(const Node& now, const Node& old, const Resource& resource, std::string_view subresource,
                  Faults& faults) {
  check_fixed(now, old, resource, faults);
  const std::string_view kind = resource.kind;
  if (resource.group.empty()) {
    static constexpr std::string_view kMapData[] = {"data", "binaryData"};
    static constexpr std::string_view kSecretData[] = {"data"};
    if (kind == "Pod") return check_pod_change(now, old, subresource, faults);
    if (kind == "ConfigMap") return check_config(now, old, kMapData, faults);
    if (kind == "Secret") return check_config(now, old, kSecretData, faults);
    if (kind == "Service") return check_service_change(now, old, faults);
    if (kind == "PersistentVolumeClaim") return check_claim_change(now, old, faults);
    if (kind == "PersistentVolume") return check_volume_change(now, old, faults);
    if (kind == "ResourceQuota") return check_quota(now, old, faults);
  }
  if (resource.group == "batch" && kind == "Job") return check_job_change(now, old, faults);
  if (resource.group == "apps" && kind == "StatefulSet") return check_stateful_set(now, old, faults);
  if (resource.group == "storage.k8s.io" && kind == "StorageClass") return check_storage_class_change(now, old, faults);
  if (resource.group == "scheduling.k8s.io" && kind == "PriorityClass") return check_priority(now, old, faults);
}

}  // namespace troupe::api
