#include <algorithm>

#include "api/error.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/table.hpp"
#include "schema/codec/time.hpp"

// What stands in a cell of a built-in kind: most are a value at a path, the rest is computed as kubectl's users know
// it.
namespace troupe::api {

namespace {

using schema::Node;
using Time = TableWriter::Time;

const Node* node_at(const Node& object, std::string_view path) {
  const Node* node = &object;
  while (node != nullptr && !path.empty()) {
    const std::size_t dot = std::min(path.find('.'), path.size());
    node = node->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return node;
}

std::int64_t number_at(const Node& object, std::string_view path, std::int64_t otherwise = 0) {
  const Node* found = node_at(object, path);
  return found != nullptr && found->is_int() ? found->as_int() : otherwise;
}

std::size_t count_at(const Node& object, std::string_view path) {
  const Node* found = node_at(object, path);
  return found != nullptr ? found->size() : 0;
}

std::span<const Node> items_at(const Node& object, std::string_view path) {
  const Node* found = node_at(object, path);
  return found != nullptr ? found->items() : std::span<const Node>();
}

std::string or_none(std::string text) { return text.empty() ? "<none>" : text; }

std::string age_since(const Node& object, std::string_view path, Time now) {
  const auto instant = schema::parse_time(text_at(object, path));
  if (!instant) return "<unknown>";
  const auto then = Time(std::chrono::seconds(instant->seconds));
  return human_duration(std::chrono::duration_cast<std::chrono::seconds>(now - then));
}

std::string join_at(std::span<const Node> items, std::string_view path, std::size_t most = 1000) {
  std::string text;
  std::size_t shown = 0;
  for (const Node& item : items) {
    const std::string value =
        path.empty() ? (item.is_string() ? std::string(item.as_string()) : "") : text_at(item, path);
    if (value.empty()) continue;
    if (shown++ == most) return text + " + " + std::to_string(items.size() - most) + " more...";
    text += (text.empty() ? "" : ",") + value;
  }
  return text;
}

std::string labels_text(const Node* labels) {
  if (labels == nullptr || labels->size() == 0) return "<none>";
  std::vector<std::string> parts;
  for (const schema::Member& label : labels->members()) {
    parts.push_back(std::string(label.key) + "=" +
                    (label.value.is_string() ? std::string(label.value.as_string()) : ""));
  }
  std::sort(parts.begin(), parts.end());
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : ",") + part;
  return text;
}

std::string selector_text(const Node* selector) {
  if (selector == nullptr) return "<none>";
  const Node* match = selector->find("matchLabels");
  if (match == nullptr && selector->find("matchExpressions") == nullptr) return labels_text(selector);
  return labels_text(match);
}

bool condition_is_true(const Node& object, std::string_view type) {
  for (const Node& condition : items_at(object, "status.conditions")) {
    if (text_at(condition, "type") == type) return text_at(condition, "status") == "True";
  }
  return false;
}

// ---- pods

struct PodSummary {
  std::string status;
  std::int64_t restarts = 0;
  std::size_t ready = 0;
  std::size_t total = 0;
};

/// What keeps the pod in its init containers: "Init:1/2", "Init:Error", or "".
std::string init_status(const Node& pod) {
  const auto all = items_at(pod, "status.initContainerStatuses");
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (const Node* ended = node_at(all[i], "state.terminated")) {
      if (number_at(*ended, "exitCode") == 0) continue;
      const std::string reason = text_at(*ended, "reason");
      if (!reason.empty()) return "Init:" + reason;
      return "Init:ExitCode:" + std::to_string(number_at(*ended, "exitCode"));
    }
    const std::string waiting = text_at(all[i], "state.waiting.reason");
    if (!waiting.empty() && waiting != "PodInitializing") return "Init:" + waiting;
    return "Init:" + std::to_string(i) + "/" + std::to_string(count_at(pod, "spec.initContainers"));
  }
  return {};
}

PodSummary summarize(const Node& pod) {
  PodSummary summary;
  summary.total = count_at(pod, "spec.containers");
  summary.status = text_at(pod, "status.reason");
  if (summary.status.empty()) summary.status = text_at(pod, "status.phase");
  for (const Node& gate : items_at(pod, "status.conditions")) {
    if (text_at(gate, "type") == "PodScheduled" && text_at(gate, "reason") == "SchedulingGated") {
      summary.status = "SchedulingGated";
    }
  }
  const std::string init = init_status(pod);
  bool running = false;
  const auto containers = items_at(pod, "status.containerStatuses");
  for (auto it = containers.rbegin(); it != containers.rend(); ++it) {
    summary.restarts += number_at(*it, "restartCount");
    const bool ready = text_at(*it, "ready") == "true";
    if (ready) ++summary.ready;
    if (!init.empty()) continue;
    const std::string waiting = text_at(*it, "state.waiting.reason");
    if (!waiting.empty()) {
      summary.status = waiting;
    } else if (const Node* ended = node_at(*it, "state.terminated")) {
      summary.status = text_at(*ended, "reason");
      if (summary.status.empty()) {
        const auto signal = number_at(*ended, "signal");
        summary.status = signal != 0 ? "Signal:" + std::to_string(signal)
                                     : "ExitCode:" + std::to_string(number_at(*ended, "exitCode"));
      }
    } else if (ready && node_at(*it, "state.running") != nullptr) {
      running = true;
    }
  }
  if (!init.empty()) summary.status = init;
  if (summary.status == "Completed" && running) {
    summary.status = condition_is_true(pod, "Ready") ? "Running" : "NotReady";
  }
  if (!text_at(pod, "metadata.deletionTimestamp").empty()) {
    summary.status = text_at(pod, "status.reason") == "NodeLost" ? "Unknown" : "Terminating";
  }
  return summary;
}

std::string pod_cell(std::string_view column, const Node& pod) {
  if (column == "Ready") {
    const PodSummary summary = summarize(pod);
    return std::to_string(summary.ready) + "/" + std::to_string(summary.total);
  }
  if (column == "Status") return summarize(pod).status;
  if (column == "Restarts") return std::to_string(summarize(pod).restarts);
  if (column == "IP") return or_none(text_at(pod, "status.podIP"));
  if (column == "Node") return or_none(text_at(pod, "spec.nodeName"));
  if (column == "Nominated Node") return or_none(text_at(pod, "status.nominatedNodeName"));
  if (column == "Readiness Gates") {
    std::size_t passed = 0;
    const auto gates = items_at(pod, "spec.readinessGates");
    for (const Node& gate : gates) passed += condition_is_true(pod, text_at(gate, "conditionType")) ? 1 : 0;
    return gates.empty() ? "<none>" : std::to_string(passed) + "/" + std::to_string(gates.size());
  }
  return {};
}

// ---- nodes, services

std::string node_cell(std::string_view column, const Node& node) {
  if (column == "Status") {
    std::string text = condition_is_true(node, "Ready") ? "Ready" : "NotReady";
    if (items_at(node, "status.conditions").empty()) text = "Unknown";
    if (text_at(node, "spec.unschedulable") == "true") text += ",SchedulingDisabled";
    return text;
  }
  if (column == "Roles") {
    static constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
    std::string roles;
    if (const Node* labels = node_at(node, "metadata.labels")) {
      for (const schema::Member& label : labels->members()) {
        if (!label.key.starts_with(kPrefix)) continue;
        roles.append(roles.empty() ? "" : ",").append(label.key.substr(kPrefix.size()));
      }
    }
    return or_none(roles);
  }
  const std::string_view wanted = column == "Internal-IP" ? "InternalIP" : column == "External-IP" ? "ExternalIP" : "";
  if (wanted.empty()) return {};
  for (const Node& address : items_at(node, "status.addresses")) {
    if (text_at(address, "type") == wanted) return text_at(address, "address");
  }
  return "<none>";
}

std::string service_cell(std::string_view column, const Node& service) {
  if (column == "External-IP") {
    std::string all = join_at(items_at(service, "status.loadBalancer.ingress"), "ip");
    const std::string own = join_at(items_at(service, "spec.externalIPs"), "");
    if (text_at(service, "spec.type") == "ExternalName") return text_at(service, "spec.externalName");
    if (!own.empty()) all += (all.empty() ? "" : ",") + own;
    if (all.empty() && text_at(service, "spec.type") == "LoadBalancer") return "<pending>";
    return or_none(all);
  }
  if (column == "Port(s)") {
    std::string text;
    for (const Node& port : items_at(service, "spec.ports")) {
      const std::string protocol = text_at(port, "protocol");
      text += (text.empty() ? "" : ",") + text_at(port, "port");
      if (const auto node_port = number_at(port, "nodePort"); node_port != 0) text += ":" + std::to_string(node_port);
      text += "/" + (protocol.empty() ? std::string("TCP") : protocol);
    }
    return or_none(text);
  }
  return {};
}

// ---- the rest

struct PathCell {
  std::string_view kind;
  std::string_view column;
  std::string_view path;
};

constexpr PathCell kPaths[] = {
    {"Namespace", "Status", "status.phase"},
    {"Node", "Version", "status.nodeInfo.kubeletVersion"},
    {"Node", "OS-Image", "status.nodeInfo.osImage"},
    {"Node", "Kernel-Version", "status.nodeInfo.kernelVersion"},
    {"Node", "Container-Runtime", "status.nodeInfo.containerRuntimeVersion"},
    {"Service", "Type", "spec.type"},
    {"Service", "Cluster-IP", "spec.clusterIP"},
    {"Secret", "Type", "type"},
    {"ReplicationController", "Desired", "spec.replicas"},
    {"ReplicationController", "Current", "status.replicas"},
    {"ReplicationController", "Ready", "status.readyReplicas"},
    {"ReplicaSet", "Desired", "spec.replicas"},
    {"ReplicaSet", "Current", "status.replicas"},
    {"ReplicaSet", "Ready", "status.readyReplicas"},
    {"Deployment", "Up-to-date", "status.updatedReplicas"},
    {"Deployment", "Available", "status.availableReplicas"},
    {"DaemonSet", "Desired", "status.desiredNumberScheduled"},
    {"DaemonSet", "Current", "status.currentNumberScheduled"},
    {"DaemonSet", "Ready", "status.numberReady"},
    {"DaemonSet", "Up-to-date", "status.updatedNumberScheduled"},
    {"DaemonSet", "Available", "status.numberAvailable"},
    {"CronJob", "Schedule", "spec.schedule"},
    {"CronJob", "Timezone", "spec.timeZone"},
    {"CronJob", "Suspend", "spec.suspend"},
    {"Event", "Type", "type"},
    {"Event", "Reason", "reason"},
    {"Event", "Subobject", "involvedObject.fieldPath"},
    {"Event", "Source", "source.component"},
    {"Event", "Message", "message"},
    {"PersistentVolume", "Capacity", "spec.capacity.storage"},
    {"PersistentVolume", "Reclaim Policy", "spec.persistentVolumeReclaimPolicy"},
    {"PersistentVolume", "Status", "status.phase"},
    {"PersistentVolume", "StorageClass", "spec.storageClassName"},
    {"PersistentVolume", "VolumeMode", "spec.volumeMode"},
    {"PersistentVolumeClaim", "Status", "status.phase"},
    {"PersistentVolumeClaim", "Volume", "spec.volumeName"},
    {"PersistentVolumeClaim", "Capacity", "status.capacity.storage"},
    {"PersistentVolumeClaim", "StorageClass", "spec.storageClassName"},
    {"PersistentVolumeClaim", "VolumeMode", "spec.volumeMode"},
    {"PodDisruptionBudget", "Min Available", "spec.minAvailable"},
    {"PodDisruptionBudget", "Max Unavailable", "spec.maxUnavailable"},
    {"PodDisruptionBudget", "Allowed Disruptions", "status.disruptionsAllowed"},
    {"Ingress", "Class", "spec.ingressClassName"},
    {"IngressClass", "Controller", "spec.controller"},
    {"ControllerRevision", "Revision", "revision"},
    {"StorageClass", "Provisioner", "provisioner"},
    {"StorageClass", "ReclaimPolicy", "reclaimPolicy"},
    {"StorageClass", "VolumeBindingMode", "volumeBindingMode"},
    {"StorageClass", "AllowVolumeExpansion", "allowVolumeExpansion"},
    {"Lease", "Holder", "spec.holderIdentity"},
    {"PriorityClass", "Value", "value"},
    {"PriorityClass", "Global-Default", "globalDefault"},
    {"PriorityClass", "PreemptionPolicy", "preemptionPolicy"},
    {"RuntimeClass", "Handler", "handler"},
    {"EndpointSlice", "AddressType", "addressType"},
    {"HorizontalPodAutoscaler", "MinPods", "spec.minReplicas"},
    {"HorizontalPodAutoscaler", "MaxPods", "spec.maxReplicas"},
    {"HorizontalPodAutoscaler", "Replicas", "status.currentReplicas"},
    {"CertificateSigningRequest", "SignerName", "spec.signerName"},
    {"CertificateSigningRequest", "Requestor", "spec.username"},
    {"APIService", "Service", "spec.service.name"},
    {"VolumeAttachment", "Attacher", "spec.attacher"},
    {"VolumeAttachment", "PV", "spec.source.persistentVolumeName"},
    {"VolumeAttachment", "Node", "spec.nodeName"},
    {"VolumeAttachment", "Attached", "status.attached"},
};

std::string_view short_mode(std::string_view mode) {
  if (mode == "ReadWriteOnce") return "RWO";
  if (mode == "ReadOnlyMany") return "ROX";
  if (mode == "ReadWriteMany") return "RWX";
  if (mode == "ReadWriteOncePod") return "RWOP";
  return mode;
}

std::string role_subjects(const Node& binding, std::string_view kind) {
  std::string text;
  for (const Node& subject : items_at(binding, "subjects")) {
    if (text_at(subject, "kind") != kind) continue;
    const std::string space = kind == "ServiceAccount" ? text_at(subject, "namespace") + "/" : "";
    text += (text.empty() ? "" : ", ") + space + text_at(subject, "name");
  }
  return text;
}

std::string job_cell(std::string_view column, const Node& job, Time now) {
  if (column == "Status") {
    if (condition_is_true(job, "Complete")) return "Complete";
    if (condition_is_true(job, "Failed")) return "Failed";
    if (!text_at(job, "metadata.deletionTimestamp").empty()) return "Terminating";
    return condition_is_true(job, "Suspended") ? "Suspended" : "Running";
  }
  if (column == "Completions") {
    return std::to_string(number_at(job, "status.succeeded")) + "/" +
           std::to_string(number_at(job, "spec.completions", 1));
  }
  if (column == "Duration") {
    const auto from = schema::parse_time(text_at(job, "status.startTime"));
    if (!from) return "";
    const auto to = schema::parse_time(text_at(job, "status.completionTime"));
    const auto end = to ? to->seconds : std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return human_duration(std::chrono::seconds(end - from->seconds));
  }
  return {};
}

std::string event_cell(std::string_view column, const Node& event, Time now) {
  if (column == "Object") {
    std::string kind = text_at(event, "involvedObject.kind");
    std::transform(kind.begin(), kind.end(), kind.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    return kind + "/" + text_at(event, "involvedObject.name");
  }
  if (column == "Count") return std::to_string(std::max<std::int64_t>(1, number_at(event, "count")));
  const bool last = column == "Last Seen";
  if (last || column == "First Seen") {
    for (const std::string_view path :
         {last ? "series.lastObservedTime" : "firstTimestamp", last ? "lastTimestamp" : "eventTime", "eventTime"}) {
      if (!text_at(event, path).empty()) return age_since(event, path, now);
    }
    return age_since(event, "metadata.creationTimestamp", now);
  }
  return {};
}

std::string by_kind(const Resource& resource, std::string_view column, const Node& object, Time now) {
  const std::string_view kind = resource.kind;
  if (kind == "Pod") return pod_cell(column, object);
  if (kind == "Node") return node_cell(column, object);
  if (kind == "Service" && column != "Selector") return service_cell(column, object);
  if (kind == "Job") return job_cell(column, object, now);
  if (kind == "Event") return event_cell(column, object, now);
  if (column == "Ready" && (kind == "Deployment" || kind == "StatefulSet")) {
    return std::to_string(number_at(object, "status.readyReplicas")) + "/" +
           std::to_string(number_at(object, "spec.replicas", 1));
  }
  if (column == "Data") return std::to_string(count_at(object, "data") + count_at(object, "binaryData"));
  if (column == "Active") return std::to_string(count_at(object, "status.active"));
  if (column == "Last Schedule") {
    return text_at(object, "status.lastScheduleTime").empty() ? "<none>"
                                                              : age_since(object, "status.lastScheduleTime", now);
  }
  if (column == "Role") return text_at(object, "roleRef.kind") + "/" + text_at(object, "roleRef.name");
  if (column == "Users") return role_subjects(object, "User");
  if (column == "Groups") return role_subjects(object, "Group");
  if (column == "ServiceAccounts") return role_subjects(object, "ServiceAccount");
  if (column == "Access Modes") {
    std::string text;
    for (const Node& mode : items_at(object, "spec.accessModes")) {
      if (mode.is_string()) text.append(text.empty() ? "" : ",").append(short_mode(mode.as_string()));
    }
    return text;
  }
  if (column == "Claim" && !text_at(object, "spec.claimRef.name").empty()) {
    return text_at(object, "spec.claimRef.namespace") + "/" + text_at(object, "spec.claimRef.name");
  }
  if (column == "Reference") {
    return text_at(object, "spec.scaleTargetRef.kind") + "/" + text_at(object, "spec.scaleTargetRef.name");
  }
  if (column == "Endpoints" && kind == "EndpointSlice") {
    std::string text;
    for (const Node& endpoint : items_at(object, "endpoints")) {
      const std::string addresses = join_at(items_at(endpoint, "addresses"), "");
      if (!addresses.empty()) text += (text.empty() ? "" : ",") + addresses;
    }
    return text.empty() ? "<unset>" : text;
  }
  if (column == "Hosts") return or_none(join_at(items_at(object, "spec.rules"), "host"));
  if (column == "Webhooks") return std::to_string(count_at(object, "webhooks"));
  if (column == "Drivers") return std::to_string(count_at(object, "spec.drivers"));
  if (column == "Pod-Selector") return selector_text(node_at(object, "spec.podSelector"));
  if (column == "Node Selector") return labels_text(node_at(object, "spec.template.spec.nodeSelector"));
  return {};
}

/// The pod template of a workload, for the columns of -o wide.
const Node* template_of(const Node& object) {
  const Node* found = node_at(object, "spec.template");
  if (found == nullptr) found = node_at(object, "spec.jobTemplate.spec.template");
  return found != nullptr ? found : node_at(object, "template");
}

}  // namespace

void append_cell(std::string& out, const Resource& resource, const schema::Column& column, const Node& object,
                 Time now) {
  if (column.format == "name") return append_json_string(out, text_at(object, "metadata.name"));
  if (column.name == "Age") return append_json_string(out, age_since(object, "metadata.creationTimestamp", now));
  if (column.name == "Created At") return append_json_string(out, text_at(object, "metadata.creationTimestamp"));
  std::string text;
  bool found = false;
  for (const PathCell& cell : kPaths) {
    if (cell.kind == resource.kind && cell.column == column.name) {
      text = text_at(object, cell.path);
      found = true;
    }
  }
  if (!found && (column.name == "Containers" || column.name == "Images")) {
    if (const Node* pod = template_of(object)) {
      text = join_at(items_at(*pod, "spec.containers"), column.name == "Images" ? "image" : "name");
      found = true;
    }
  }
  if (!found && column.name == "Selector") {
    text = selector_text(node_at(object, "spec.selector"));
    found = true;
  }
  if (!found) text = by_kind(resource, column.name, object, now);
  if (column.type == "integer") {
    const bool number = !text.empty() && text.find_first_not_of("-0123456789") == std::string::npos;
    out += number ? text : "0";
  } else if (column.type == "boolean") {
    out += text == "true" ? "true" : "false";
  } else if (text.empty() && column.priority == 0 && resource.kind != "Event") {
    const bool counts = resource.kind == "Deployment";
    append_json_string(out, counts ? "0" : "<none>");
  } else {
    append_json_string(out, text);
  }
}

}  // namespace troupe::api
