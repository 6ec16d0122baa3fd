#include "api/strategy.hpp"

#include <algorithm>

#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

/// One default: the path of an object, a member of it, and its value as JSON. The object is made when `make` says so.
struct Default {
  std::string_view path;
  std::string_view key;
  std::string_view json;
};

constexpr Default kPodSpec[] = {
    {"", "restartPolicy", R"("Always")"},   {"", "terminationGracePeriodSeconds", "30"},
    {"", "dnsPolicy", R"("ClusterFirst")"}, {"", "schedulerName", R"("default-scheduler")"},
    {"", "securityContext", "{}"},          {"", "enableServiceLinks", "true"},
};
constexpr Default kContainer[] = {
    {"", "terminationMessagePath", R"("/dev/termination-log")"},
    {"", "terminationMessagePolicy", R"("File")"},
};
constexpr Default kProbe[] = {
    {"", "timeoutSeconds", "1"},
    {"", "periodSeconds", "10"},
    {"", "successThreshold", "1"},
    {"", "failureThreshold", "3"},
};
constexpr Default kHttpGet[] = {{"", "path", R"("/")"}, {"", "scheme", R"("HTTP")"}};
constexpr Default kService[] = {
    {"spec", "type", R"("ClusterIP")"},
    {"spec", "sessionAffinity", R"("None")"},
    {"spec", "internalTrafficPolicy", R"("Cluster")"},
};
constexpr Default kDeployment[] = {
    {"spec", "replicas", "1"},
    {"spec", "revisionHistoryLimit", "10"},
    {"spec", "progressDeadlineSeconds", "600"},
    {"spec.strategy", "type", R"("RollingUpdate")"},
};
constexpr Default kReplicas[] = {{"spec", "replicas", "1"}};
constexpr Default kStatefulSet[] = {
    {"spec", "replicas", "1"},
    {"spec", "revisionHistoryLimit", "10"},
    {"spec", "podManagementPolicy", R"("OrderedReady")"},
    {"spec.updateStrategy", "type", R"("RollingUpdate")"},
};
constexpr Default kDaemonSet[] = {
    {"spec", "revisionHistoryLimit", "10"},
    {"spec.updateStrategy", "type", R"("RollingUpdate")"},
};
constexpr Default kJob[] = {
    {"spec", "completions", "1"},
    {"spec", "parallelism", "1"},
    {"spec", "backoffLimit", "6"},
    {"spec", "suspend", "false"},
    {"spec", "completionMode", R"("NonIndexed")"},
};
constexpr Default kCronJob[] = {
    {"spec", "concurrencyPolicy", R"("Allow")"},
    {"spec", "suspend", "false"},
    {"spec", "successfulJobsHistoryLimit", "3"},
    {"spec", "failedJobsHistoryLimit", "1"},
};
constexpr Default kSecret[] = {{"", "type", R"("Opaque")"}};

struct KindDefaults {
  std::string_view group;
  std::string_view kind;
  std::span<const Default> defaults;
  std::string_view pod_spec;  ///< Where its pod spec is; "-" when it has none.
};

constexpr KindDefaults kKinds[] = {
    {"", "Pod", {}, "spec"},
    {"", "Service", kService, "-"},
    {"", "Secret", kSecret, "-"},
    {"", "ReplicationController", kReplicas, "spec.template.spec"},
    {"apps", "Deployment", kDeployment, "spec.template.spec"},
    {"apps", "ReplicaSet", kReplicas, "spec.template.spec"},
    {"apps", "StatefulSet", kStatefulSet, "spec.template.spec"},
    {"apps", "DaemonSet", kDaemonSet, "spec.template.spec"},
    {"batch", "Job", kJob, "spec.template.spec"},
    {"batch", "CronJob", kCronJob, "spec.jobTemplate.spec.template.spec"},
};

ApiStatus set_json(Document& document, Node& object, std::string_view key, std::string_view json) {
  auto parsed = parse_json(json);
  if (!parsed) return refuse(parsed.error());
  auto copied = document.copy(parsed->root());
  if (!copied) return refuse(too_large(copied.error().message));
  return set_node(document, object, key, *copied);
}

/// The object at a path, made when it is absent; an error when something else is there.
ApiResult<Node*> object_at(Document& document, Node& root, std::string_view path) {
  Node* node = &root;
  while (!path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    auto next = object_member(document, *node, path.substr(0, dot));
    if (!next) return next;
    node = *next;
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return node;
}

ApiStatus fill(Document& document, Node& root, std::span<const Default> defaults) {
  for (const Default& each : defaults) {
    auto object = object_at(document, root, each.path);
    if (!object) return refuse(object.error());
    const Node* there = (*object)->find(each.key);
    if (there != nullptr && !there->is_null()) continue;
    if (auto set = set_json(document, **object, each.key, each.json); !set) return set;
  }
  return {};
}

/// `image` without a tag, or with :latest, is looked for each time.
std::string_view pull_policy(std::string_view image) {
  const std::size_t slash = image.rfind('/');
  const std::string_view last = slash == std::string_view::npos ? image : image.substr(slash + 1);
  if (last.find('@') != std::string_view::npos) return R"("IfNotPresent")";
  const std::size_t colon = last.find(':');
  const bool latest = colon == std::string_view::npos || last.substr(colon + 1) == "latest";
  return latest ? R"("Always")" : R"("IfNotPresent")";
}

ApiStatus fill_container(Document& document, Node& container) {
  if (!container.is_object()) return {};
  if (auto filled = fill(document, container, kContainer); !filled) return filled;
  if (const std::string image = text_at(container, "image"); !image.empty()) {
    const Default policy[] = {{"", "imagePullPolicy", pull_policy(image)}};
    if (auto filled = fill(document, container, policy); !filled) return filled;
  }
  for (const std::string_view name : {"livenessProbe", "readinessProbe", "startupProbe"}) {
    Node* probe = container.find(name);
    if (probe == nullptr || !probe->is_object()) continue;
    if (auto filled = fill(document, *probe, kProbe); !filled) return filled;
    Node* http = probe->find("httpGet");
    if (http == nullptr || !http->is_object()) continue;
    if (auto filled = fill(document, *http, kHttpGet); !filled) return filled;
  }
  return {};
}

ApiStatus fill_pod_spec(Document& document, Node& spec) {
  if (auto filled = fill(document, spec, kPodSpec); !filled) return filled;
  for (const std::string_view list : {"initContainers", "containers"}) {
    Node* containers = spec.find(list);
    if (containers == nullptr) continue;
    for (Node& container : containers->items()) {
      if (auto filled = fill_container(document, container); !filled) return filled;
    }
  }
  return {};
}

ApiStatus fill_rolling_update(Document& document, Node& root) {
  if (text_at(root, "spec.strategy.type") != "RollingUpdate") return {};
  static constexpr Default kRolling[] = {{"spec.strategy.rollingUpdate", "maxUnavailable", R"("25%")"},
                                         {"spec.strategy.rollingUpdate", "maxSurge", R"("25%")"}};
  return fill(document, root, kRolling);
}

ApiStatus fill_ports(Document& document, Node& root) {
  Node* spec = root.find("spec");
  Node* ports = spec != nullptr ? spec->find("ports") : nullptr;
  if (ports == nullptr) return {};
  for (Node& port : ports->items()) {
    const std::string number = text_at(port, "port");
    if (!port.is_object() || number.empty()) continue;
    const Default target[] = {{"", "targetPort", number}, {"", "protocol", R"("TCP")"}};
    if (auto filled = fill(document, port, target); !filled) return filled;
  }
  return {};
}

/// Guaranteed when all containers limit what they request, BestEffort when none names anything, else Burstable.
std::string_view qos_class(const Node& pod) {
  const Node* spec = pod.find("spec");
  const Node* containers = spec != nullptr ? spec->find("containers") : nullptr;
  if (containers == nullptr) return "BestEffort";
  bool any = false;
  bool guaranteed = true;
  for (const Node& container : containers->items()) {
    for (const std::string_view what : {"cpu", "memory"}) {
      const std::string limit = text_at(container, "resources.limits." + std::string(what));
      const std::string request = text_at(container, "resources.requests." + std::string(what));
      any = any || !limit.empty() || !request.empty();
      guaranteed = guaranteed && !limit.empty() && (request.empty() || request == limit);
    }
  }
  return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

}  // namespace

ApiStatus prepare_birth(Document& object, const Resource& resource) {
  Node& root = object.root();
  if (!resource.group.empty()) return {};
  if (resource.kind == "Pod") {
    const std::string json = R"({"phase":"Pending","qosClass":")" + std::string(qos_class(root)) + "\"}";
    return set_json(object, root, "status", json);
  }
  if (resource.kind == "PersistentVolumeClaim" || resource.kind == "PersistentVolume") {
    return set_json(object, root, "status", R"({"phase":"Pending"})");
  }
  if (resource.kind != "Namespace") return {};
  if (auto set = set_json(object, root, "status", R"({"phase":"Active"})"); !set) return set;
  if (auto set = set_json(object, root, "spec", R"({"finalizers":["kubernetes"]})"); !set) return set;
  auto labels = object_at(object, root, "metadata.labels");
  if (!labels) return refuse(labels.error());
  return set_text(object, **labels, "kubernetes.io/metadata.name", text_at(root, "metadata.name"));
}

ApiStatus apply_kind_defaults(Document& object, const Resource& resource) {
  Node& root = object.root();
  for (const KindDefaults& each : kKinds) {
    if (each.group != resource.group || each.kind != resource.kind) continue;
    if (auto filled = fill(object, root, each.defaults); !filled) return filled;
    if (resource.kind == "Deployment") {
      if (auto filled = fill_rolling_update(object, root); !filled) return filled;
    }
    if (resource.kind == "Service") {
      if (auto filled = fill_ports(object, root); !filled) return filled;
    }
    if (each.pod_spec == "-") return {};
    auto spec = object_at(object, root, each.pod_spec);
    if (!spec) return refuse(spec.error());
    return fill_pod_spec(object, **spec);
  }
  return {};
}

}  // namespace troupe::api
