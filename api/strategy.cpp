#include "api/strategy.hpp"

#include "api/custom/definition_rules.hpp"
#include "api/defaults_pod.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api {

namespace {

using schema::Document;
using schema::Node;

/// Guaranteed when all containers limit what they request, BestEffort when none names anything, else Burstable.
std::string_view qos_class(const Node& pod) {
  const Node* spec = pod.find("spec");
  bool any = false;
  bool guaranteed = true;
  const auto look_at = [&](const Node& holder) {
    for (const std::string_view what : {"cpu", "memory"}) {
      const std::string limit = text_at(holder, "resources.limits." + std::string(what));
      const std::string request = text_at(holder, "resources.requests." + std::string(what));
      any = any || !limit.empty() || !request.empty();
      guaranteed = guaranteed && !limit.empty() && (request.empty() || request == limit);
    }
  };
  if (spec != nullptr) look_at(*spec);  // what it names for the pod as a whole stands for all containers
  if (any) return guaranteed ? "Guaranteed" : "Burstable";
  guaranteed = true;
  for (const std::string_view list : {"initContainers", "containers"}) {
    const Node* containers = spec != nullptr ? spec->find(list) : nullptr;
    if (containers == nullptr) continue;
    for (const Node& container : containers->items()) look_at(container);
  }
  return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
}

/// A job picks its pods by its own uid, which its template's labels carry, unless it chooses by itself.
ApiStatus select_own_pods(Document& object, Node& root) {
  Node* spec = root.find("spec");
  if (spec == nullptr || !spec->is_object() || true_member(spec, "manualSelector")) return {};
  const std::string uid = text_at(root, "metadata.uid");
  const std::string name = text_at(root, "metadata.name");
  auto pods = object_member(object, *spec, "template");
  if (!pods) return refuse(pods.error());
  auto metadata = object_member(object, **pods, "metadata");
  if (!metadata) return refuse(metadata.error());
  auto labels = object_member(object, **metadata, "labels");
  if (!labels) return refuse(labels.error());
  for (const auto& [key, value] :
       {std::pair<std::string_view, std::string_view>{"batch.kubernetes.io/controller-uid", uid},
        {"batch.kubernetes.io/job-name", name},
        {"controller-uid", uid},
        {"job-name", name}}) {
    if (auto set = set_text(object, **labels, key, value); !set) return set;
  }
  if (member(*spec, "selector") != nullptr) return {};
  return set_json(object, *spec, "selector",
                  R"({"matchLabels":{"batch.kubernetes.io/controller-uid":")" + uid + "\"}}");
}

struct KindName {
  std::string_view group;
  std::string_view kind;
};
/// Kinds whose controller is yet to come.
constexpr KindName kIdle[] = {{"", "ReplicationController"}, {"apps", "DaemonSet"},
                              {"apps", "StatefulSet"},       {"autoscaling", "HorizontalPodAutoscaler"},
                              {"batch", "CronJob"},          {"batch", "Job"}};

}  // namespace

ApiStatus sign_request(Document& object, const Resource& resource, const User* user) {
  if (user == nullptr || resource.group != "certificates.k8s.io" || resource.kind != "CertificateSigningRequest") {
    return {};
  }
  auto spec = object_member(object, object.root(), "spec");
  if (!spec) return refuse(spec.error());
  for (const std::string_view key : {"username", "uid", "groups", "extra"}) object.erase(**spec, key);
  auto set = set_text(object, **spec, "username", user->name);
  if (set && !user->uid.empty()) set = set_text(object, **spec, "uid", user->uid);
  if (!set || user->groups.empty()) return set;
  std::string groups;
  for (const std::string& group : user->groups) {
    groups += groups.empty() ? "[" : ",";
    append_json_string(groups, group);
  }
  return set_json(object, **spec, "groups", groups + "]");
}

std::string idle_warning(const Resource& resource) {
  const bool idle = std::any_of(std::begin(kIdle), std::end(kIdle), [&](const KindName& each) {
    return !resource.custom && each.group == resource.group && each.kind == resource.kind;
  });
  if (!idle) return {};
  return std::string(resource.kind) + ": Troupe keeps this object, but has no controller yet that acts on it";
}

ApiStatus prepare_birth(Document& object, const Resource& resource) {
  Node& root = object.root();
  if (resource.custom) return {};
  if (resource.group == "batch" && resource.kind == "Job") return select_own_pods(object, root);
  if (custom::is_definition(resource)) return set_json(object, root, "status", custom::status_at_birth(root));
  if (!resource.group.empty()) return {};
  if (resource.kind == "Pod") {
    std::string json = R"({"phase":"Pending","qosClass":")" + std::string(qos_class(root)) + "\"";
    const Node* gates = member(member(root, "spec"), "schedulingGates");
    if (gates != nullptr && gates->size() != 0) {
      json += R"(,"conditions":[{"type":"PodScheduled","status":"False","reason":"SchedulingGated",)"
              R"("message":"Scheduling is blocked due to non-empty scheduling gates"}])";
    }
    return set_json(object, root, "status", json + "}");
  }
  if (resource.kind == "PersistentVolumeClaim" || resource.kind == "PersistentVolume") {
    return set_json(object, root, "status", R"({"phase":"Pending"})");
  }
  if (resource.kind != "Namespace") return {};
  if (auto set = set_json(object, root, "status", R"({"phase":"Active"})"); !set) return set;
  if (auto set = set_json(object, root, "spec", R"({"finalizers":["kubernetes"]})"); !set) return set;
  auto metadata = object_member(object, root, "metadata");
  if (!metadata) return refuse(metadata.error());
  auto labels = object_member(object, **metadata, "labels");
  if (!labels) return refuse(labels.error());
  return set_text(object, **labels, "kubernetes.io/metadata.name", text_at(root, "metadata.name"));
}

}  // namespace troupe::api
