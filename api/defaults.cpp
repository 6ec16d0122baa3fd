#include <algorithm>
#include <array>
#include <span>

#include "api/custom/definition_rules.hpp"
#include "api/defaults_pod.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/strategy.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api {

using schema::Document;
using schema::Node;

namespace {

/// One default. `path` leads to the object that holds `key`: a part "x?" only when it is there, "x[]" is every item of
/// a list, any other is made when absent. `when` names a field of that object and the text it must have ("type=A|B").
struct Default {
  std::string_view group;
  std::string_view kind;
  std::string_view path;
  std::string_view key;
  std::string_view json;
  std::string_view when;
};

constexpr std::string_view kCore;
constexpr std::string_view kApps = "apps";
constexpr std::string_view kBatch = "batch";
constexpr std::string_view kRbac = "rbac.authorization.k8s.io";
constexpr std::string_view kNet = "networking.k8s.io";
constexpr std::string_view kStore = "storage.k8s.io";
constexpr std::string_view kHooks = "admissionregistration.k8s.io";

constexpr Default kDefaults[] = {
    {kCore, "Service", "spec", "type", R"("ClusterIP")", ""},
    {kCore, "Service", "spec", "sessionAffinity", R"("None")", ""},
    {kCore, "Service", "spec", "internalTrafficPolicy", R"("Cluster")", "type=ClusterIP|NodePort|LoadBalancer"},
    {kCore, "Service", "spec", "externalTrafficPolicy", R"("Cluster")", "type=NodePort|LoadBalancer"},
    {kCore, "Service", "spec", "allocateLoadBalancerNodePorts", "true", "type=LoadBalancer"},
    {kCore, "Service", "spec", "sessionAffinityConfig", R"({"clientIP":{"timeoutSeconds":10800}})",
     "sessionAffinity=ClientIP"},
    {kCore, "Service", "spec.ports[]", "protocol", R"("TCP")", ""},
    {kCore, "Endpoints", "subsets[].ports[]", "protocol", R"("TCP")", ""},
    {kCore, "Secret", "", "type", R"("Opaque")", ""},
    {kCore, "ReplicationController", "spec", "replicas", "1", ""},
    {kCore, "PersistentVolumeClaim", "spec", "volumeMode", R"("Filesystem")", ""},
    {kCore, "PersistentVolume", "spec", "persistentVolumeReclaimPolicy", R"("Retain")", ""},
    {kCore, "PersistentVolume", "spec", "volumeMode", R"("Filesystem")", ""},
    {kCore, "PersistentVolume", "spec.hostPath?", "type", R"("")", ""},
    {kApps, "Deployment", "spec", "replicas", "1", ""},
    {kApps, "Deployment", "spec", "revisionHistoryLimit", "10", ""},
    {kApps, "Deployment", "spec", "progressDeadlineSeconds", "600", ""},
    {kApps, "Deployment", "spec.strategy", "type", R"("RollingUpdate")", ""},
    {kApps, "Deployment", "spec.strategy", "rollingUpdate", "{}", "type=RollingUpdate"},
    {kApps, "Deployment", "spec.strategy.rollingUpdate?", "maxUnavailable", R"("25%")", ""},
    {kApps, "Deployment", "spec.strategy.rollingUpdate?", "maxSurge", R"("25%")", ""},
    {kApps, "ReplicaSet", "spec", "replicas", "1", ""},
    {kApps, "StatefulSet", "spec", "replicas", "1", ""},
    {kApps, "StatefulSet", "spec", "revisionHistoryLimit", "10", ""},
    {kApps, "StatefulSet", "spec", "podManagementPolicy", R"("OrderedReady")", ""},
    {kApps, "StatefulSet", "spec.updateStrategy", "type", R"("RollingUpdate")", ""},
    {kApps, "StatefulSet", "spec.updateStrategy", "rollingUpdate", "{}", "type=RollingUpdate"},
    {kApps, "StatefulSet", "spec.updateStrategy.rollingUpdate?", "partition", "0", ""},
    {kApps, "StatefulSet", "spec.persistentVolumeClaimRetentionPolicy", "whenDeleted", R"("Retain")", ""},
    {kApps, "StatefulSet", "spec.persistentVolumeClaimRetentionPolicy", "whenScaled", R"("Retain")", ""},
    {kApps, "StatefulSet", "spec.volumeClaimTemplates[]", "apiVersion", R"("v1")", ""},
    {kApps, "StatefulSet", "spec.volumeClaimTemplates[]", "kind", R"("PersistentVolumeClaim")", ""},
    {kApps, "StatefulSet", "spec.volumeClaimTemplates[].spec", "volumeMode", R"("Filesystem")", ""},
    {kApps, "StatefulSet", "spec.volumeClaimTemplates[].status", "phase", R"("Pending")", ""},
    {kApps, "DaemonSet", "spec", "revisionHistoryLimit", "10", ""},
    {kApps, "DaemonSet", "spec.updateStrategy", "type", R"("RollingUpdate")", ""},
    {kApps, "DaemonSet", "spec.updateStrategy", "rollingUpdate", "{}", "type=RollingUpdate"},
    {kApps, "DaemonSet", "spec.updateStrategy.rollingUpdate?", "maxUnavailable", "1", ""},
    {kApps, "DaemonSet", "spec.updateStrategy.rollingUpdate?", "maxSurge", "0", ""},
    {kBatch, "Job", "spec", "backoffLimit", "6", ""},
    {kBatch, "Job", "spec", "suspend", "false", ""},
    {kBatch, "Job", "spec", "manualSelector", "false", ""},
    {kBatch, "Job", "spec", "completionMode", R"("NonIndexed")", ""},
    {kBatch, "CronJob", "spec", "concurrencyPolicy", R"("Allow")", ""},
    {kBatch, "CronJob", "spec", "suspend", "false", ""},
    {kBatch, "CronJob", "spec", "successfulJobsHistoryLimit", "3", ""},
    {kBatch, "CronJob", "spec", "failedJobsHistoryLimit", "1", ""},
    {"autoscaling", "HorizontalPodAutoscaler", "spec", "minReplicas", "1", ""},
    {"discovery.k8s.io", "EndpointSlice", "ports[]", "name", R"("")", ""},
    {"discovery.k8s.io", "EndpointSlice", "ports[]", "protocol", R"("TCP")", ""},
    {kNet, "NetworkPolicy", "spec.ingress[].ports[]", "protocol", R"("TCP")", ""},
    {kNet, "NetworkPolicy", "spec.egress[].ports[]", "protocol", R"("TCP")", ""},
    {kNet, "IngressClass", "spec.parameters?", "scope", R"("Cluster")", ""},
    {"scheduling.k8s.io", "PriorityClass", "", "preemptionPolicy", R"("PreemptLowerPriority")", ""},
    {kRbac, "RoleBinding", "roleRef", "apiGroup", R"("rbac.authorization.k8s.io")", ""},
    {kRbac, "RoleBinding", "subjects[]", "apiGroup", R"("rbac.authorization.k8s.io")", "kind=User|Group"},
    {kRbac, "ClusterRoleBinding", "roleRef", "apiGroup", R"("rbac.authorization.k8s.io")", ""},
    {kRbac, "ClusterRoleBinding", "subjects[]", "apiGroup", R"("rbac.authorization.k8s.io")", "kind=User|Group"},
    {kStore, "StorageClass", "", "reclaimPolicy", R"("Delete")", ""},
    {kStore, "StorageClass", "", "volumeBindingMode", R"("Immediate")", ""},
    {kStore, "CSIDriver", "spec", "attachRequired", "true", ""},
    {kStore, "CSIDriver", "spec", "podInfoOnMount", "false", ""},
    {kStore, "CSIDriver", "spec", "storageCapacity", "false", ""},
    {kStore, "CSIDriver", "spec", "fsGroupPolicy", R"("ReadWriteOnceWithFSType")", ""},
    {kStore, "CSIDriver", "spec", "volumeLifecycleModes", R"(["Persistent"])", ""},
    {kStore, "CSIDriver", "spec", "requiresRepublish", "false", ""},
    {kStore, "CSIDriver", "spec", "seLinuxMount", "false", ""},
    {kHooks, "ValidatingWebhookConfiguration", "webhooks[]", "failurePolicy", R"("Fail")", ""},
    {kHooks, "ValidatingWebhookConfiguration", "webhooks[]", "matchPolicy", R"("Equivalent")", ""},
    {kHooks, "ValidatingWebhookConfiguration", "webhooks[]", "namespaceSelector", "{}", ""},
    {kHooks, "ValidatingWebhookConfiguration", "webhooks[]", "objectSelector", "{}", ""},
    {kHooks, "ValidatingWebhookConfiguration", "webhooks[]", "timeoutSeconds", "10", ""},
    {kHooks, "ValidatingWebhookConfiguration", "webhooks[].rules[]", "scope", R"("*")", ""},
    {kHooks, "ValidatingWebhookConfiguration", "webhooks[].clientConfig.service?", "port", "443", ""},
    {kHooks, "MutatingWebhookConfiguration", "webhooks[]", "failurePolicy", R"("Fail")", ""},
    {kHooks, "MutatingWebhookConfiguration", "webhooks[]", "matchPolicy", R"("Equivalent")", ""},
    {kHooks, "MutatingWebhookConfiguration", "webhooks[]", "namespaceSelector", "{}", ""},
    {kHooks, "MutatingWebhookConfiguration", "webhooks[]", "objectSelector", "{}", ""},
    {kHooks, "MutatingWebhookConfiguration", "webhooks[]", "timeoutSeconds", "10", ""},
    {kHooks, "MutatingWebhookConfiguration", "webhooks[]", "reinvocationPolicy", R"("Never")", ""},
    {kHooks, "MutatingWebhookConfiguration", "webhooks[].rules[]", "scope", R"("*")", ""},
    {kHooks, "MutatingWebhookConfiguration", "webhooks[].clientConfig.service?", "port", "443", ""},
};

struct PodPlace {
  std::string_view group;
  std::string_view kind;
  std::string_view path;
};
constexpr PodPlace kPods[] = {
    {kCore, "Pod", "spec"},
    {kCore, "PodTemplate", "template.spec"},
    {kCore, "ReplicationController", "spec.template.spec"},
    {kApps, "Deployment", "spec.template.spec"},
    {kApps, "ReplicaSet", "spec.template.spec"},
    {kApps, "StatefulSet", "spec.template.spec"},
    {kApps, "DaemonSet", "spec.template.spec"},
    {kBatch, "Job", "spec.template.spec"},
    {kBatch, "CronJob", "spec.jobTemplate.spec.template.spec"},
};

bool holds(const Node& object, std::string_view when) {
  if (when.empty()) return true;
  const std::size_t equals = when.find('=');
  const std::string_view text = text_member(object, when.substr(0, equals));
  std::string_view values = when.substr(equals + 1);
  while (!values.empty()) {
    const std::size_t bar = std::min(values.find('|'), values.size());
    if (values.substr(0, bar) == text) return true;
    values.remove_prefix(std::min(bar + 1, values.size()));
  }
  return false;
}

ApiStatus fill(Document& document, Node& object, std::string_view path, const Default& each) {
  if (!object.is_object()) return {};
  if (path.empty()) {
    if (member(object, each.key) != nullptr || !holds(object, each.when)) return {};
    return set_json(document, object, each.key, each.json);
  }
  const std::size_t dot = std::min(path.find('.'), path.size());
  std::string_view part = path.substr(0, dot);
  path.remove_prefix(std::min(dot + 1, path.size()));
  if (part.ends_with("[]")) {
    Node* list = object.find(part.substr(0, part.size() - 2));
    if (list == nullptr) return {};
    for (Node& item : list->items()) {
      if (auto filled = fill(document, item, path, each); !filled) return filled;
    }
    return {};
  }
  const bool optional = part.ends_with('?');
  if (optional) part.remove_suffix(1);
  if (optional && member(object, part) == nullptr) return {};
  auto next = object_member(document, object, part);
  if (!next) return refuse(next.error());
  return fill(document, **next, path, each);
}

/// A port is its own target.
ApiStatus fill_target_ports(Document& document, Node& root) {
  Node* spec = root.find("spec");
  Node* ports = spec != nullptr ? spec->find("ports") : nullptr;
  if (ports == nullptr) return {};
  for (Node& port : ports->items()) {
    const std::string number = text_at(port, "port");
    if (number.empty() || member(port, "targetPort") != nullptr) continue;
    if (auto set = set_json(document, port, "targetPort", number); !set) return set;
  }
  return {};
}

/// Where neither says how many, one pod completes the job.
ApiStatus fill_job(Document& document, Node& root) {
  Node* spec = root.find("spec");
  if (spec == nullptr || !spec->is_object()) return {};
  const bool parallel = member(*spec, "parallelism") != nullptr;
  if (member(*spec, "completions") == nullptr && !parallel) {
    if (auto set = set_json(document, *spec, "completions", "1"); !set) return set;
  }
  if (!parallel) {
    if (auto set = set_json(document, *spec, "parallelism", "1"); !set) return set;
  }
  if (member(*spec, "podReplacementPolicy") != nullptr) return {};
  const bool failures = member(*spec, "podFailurePolicy") != nullptr;
  return set_json(document, *spec, "podReplacementPolicy", failures ? R"("Failed")" : R"("TerminatingOrFailed")");
}

/// Of a ReplicationController the template's labels are its selector, and of these three kinds its own labels.
ApiStatus fill_from_template(Document& document, Node& root, bool selector) {
  Node* spec = root.find("spec");
  const Node* labels = member(member(member(spec, "template"), "metadata"), "labels");
  if (labels == nullptr || labels->size() == 0) return {};
  const auto copy_to = [&](Node& object, std::string_view key) -> ApiStatus {
    const Node* there = member(object, key);
    if (there != nullptr && there->size() != 0) return {};
    auto copied = document.copy(*labels);
    if (!copied) return refuse(too_large(copied.error().message));
    return set_node(document, object, key, *copied);
  };
  if (selector) {
    if (auto set = copy_to(*spec, "selector"); !set) return set;
  }
  auto metadata = object_member(document, root, "metadata");
  if (!metadata) return refuse(metadata.error());
  return copy_to(**metadata, "labels");
}

/// A policy is about what comes in, and about what goes out when it says something of that.
ApiStatus fill_policy_types(Document& document, Node& root) {
  auto spec = object_member(document, root, "spec");
  if (!spec) return refuse(spec.error());
  const Node* types = member(**spec, "policyTypes");
  if (types != nullptr && types->size() != 0) return {};
  const Node* egress = member(**spec, "egress");
  const bool both = egress != nullptr && egress->size() != 0;
  return set_json(document, **spec, "policyTypes", both ? R"(["Ingress","Egress"])" : R"(["Ingress"])");
}

/// Copies the amounts of `from` into `to` where that says nothing.
ApiStatus fill_amounts(Document& document, Node& item, std::string_view to, std::string_view from) {
  const Node* source = member(item, from);
  if (source == nullptr || source->size() == 0) return {};
  auto target = object_member(document, item, to);
  if (!target) return refuse(target.error());
  for (const schema::Member& each : source->members()) {
    if (member(**target, each.key) != nullptr) continue;
    if (auto set = set_node(document, **target, each.key, each.value); !set) return set;
  }
  return {};
}

ApiStatus fill_limits(Document& document, Node& root) {
  Node* spec = root.find("spec");
  Node* items = spec != nullptr ? spec->find("limits") : nullptr;
  if (items == nullptr) return {};
  for (Node& item : items->items()) {
    if (text_member(item, "type") != "Container") continue;
    for (const auto& [to, from] : {std::pair<std::string_view, std::string_view>{"default", "max"},
                                   {"defaultRequest", "default"},
                                   {"defaultRequest", "min"}}) {
      if (auto filled = fill_amounts(document, item, to, from); !filled) return filled;
    }
  }
  return {};
}

ApiStatus fill_special(Document& document, Node& root, const Resource& resource) {
  const std::string_view kind = resource.kind;
  if (resource.group == kCore) {
    if (kind == "Service") return fill_target_ports(document, root);
    if (kind == "ReplicationController") return fill_from_template(document, root, true);
    if (kind == "LimitRange") return fill_limits(document, root);
    if (kind == "Secret") return fold_string_data(document, root);
  }
  if (resource.group == kBatch && kind == "Job") return fill_job(document, root);
  if (resource.group == kNet && kind == "NetworkPolicy") return fill_policy_types(document, root);
  return {};
}

}  // namespace

ApiStatus set_json(Document& document, Node& object, std::string_view key, std::string_view json) {
  auto parsed = parse_json(json);
  if (!parsed) return refuse(parsed.error());
  auto copied = document.copy(parsed->root());
  if (!copied) return refuse(too_large(copied.error().message));
  return set_node(document, object, key, *copied);
}

ApiStatus apply_kind_defaults(Document& object, const Resource& resource) {
  Node& root = object.root();
  for (const Default& each : kDefaults) {
    if (each.group != resource.group || each.kind != resource.kind) continue;
    if (auto filled = fill(object, root, each.path, each); !filled) return filled;
  }
  if (auto filled = fill_special(object, root, resource); !filled) return filled;
  if (custom::is_definition(resource)) return custom::default_definition(object);
  for (const PodPlace& place : kPods) {
    if (place.group != resource.group || place.kind != resource.kind) continue;
    Node* node = &root;
    for (std::string_view path = place.path; !path.empty();) {
      const std::size_t dot = std::min(path.find('.'), path.size());
      auto next = object_member(object, *node, path.substr(0, dot));
      if (!next) return refuse(next.error());
      node = *next;
      path.remove_prefix(std::min(dot + 1, path.size()));
    }
    return apply_pod_defaults(object, *node);
  }
  return {};
}

}  // namespace troupe::api
