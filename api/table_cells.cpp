#include <algorithm>

#include "api/error.hpp"
#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "api/table.hpp"
#include "api/table_parts.hpp"
#include "schema/codec/time.hpp"

// What stands in a cell of a built-in kind: most are a value at a path, the rest is computed as kubectl's users know
// it.
namespace troupe::api {

namespace cells {

using schema::Node;

std::string event_cell(const Resource& resource, std::string_view column, const Node& event, Time now) {
  const bool core = resource.group.empty();
  const auto path = [core](std::string_view old, std::string_view newer) { return core ? old : newer; };
  if (column == "Type") return text_at(event, "type");
  if (column == "Reason") return text_at(event, "reason");
  if (column == "Message") return text_at(event, path("message", "note"));
  const std::string_view about = path("involvedObject", "regarding");
  if (column == "Subobject") return text_at(event, std::string(about) + ".fieldPath");
  if (column == "Object") {
    std::string kind = text_at(event, std::string(about) + ".kind");
    std::transform(kind.begin(), kind.end(), kind.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    const std::string name = text_at(event, std::string(about) + ".name");
    return name.empty() ? kind : kind + "/" + name;
  }
  if (column == "Source") {
    const std::string source(path("source", "deprecatedSource"));
    const std::string host = text_at(event, source + ".host");
    const std::string component = text_or(text_at(event, source + ".component"),
                                          text_at(event, path("reportingComponent", "reportingController")));
    return host.empty() ? component : component + ", " + host;
  }
  if (column == "Count") {
    const std::string count = text_or(text_at(event, "series.count"), text_at(event, path("count", "deprecatedCount")));
    return count == "0" || count.empty() ? "1" : count;
  }
  const std::string_view first = path("firstTimestamp", "deprecatedFirstTimestamp");
  const bool last = column == "Last Seen";
  for (const std::string_view time :
       {last ? std::string_view("series.lastObservedTime") : first,
        last ? path("lastTimestamp", "deprecatedLastTimestamp") : "eventTime", first, std::string_view("eventTime")}) {
    if (!text_at(event, time).empty()) return age_since(event, time, now);
  }
  return "<unknown>";
}

}  // namespace cells

namespace {

using namespace cells;  // NOLINT(google-build-using-namespace): this file is what they are for
using schema::Node;

std::string node_cell(std::string_view column, const Node& node) {
  if (column == "Status") {
    const std::string ready = condition(node, "Ready");
    std::string text = ready.empty() ? "Unknown" : ready == "True" ? "Ready" : "NotReady";
    if (is_true_at(node, "spec.unschedulable")) text += ",SchedulingDisabled";
    return text;
  }
  if (column == "Roles") {
    static constexpr std::string_view kPrefix = "node-role.kubernetes.io/";
    std::vector<std::string> roles;
    if (const Node* labels = node_at(node, "metadata.labels")) {
      for (const schema::Member& label : labels->members()) {
        if (label.key.starts_with(kPrefix) && label.key.size() > kPrefix.size()) {
          roles.emplace_back(label.key.substr(kPrefix.size()));
        } else if (label.key == "kubernetes.io/role" && label.value.is_string() && !label.value.as_string().empty()) {
          roles.emplace_back(label.value.as_string());
        }
      }
    }
    std::sort(roles.begin(), roles.end());
    roles.erase(std::unique(roles.begin(), roles.end()), roles.end());
    std::string text;
    for (const std::string& role : roles) text += (text.empty() ? "" : ",") + role;
    return text_or(std::move(text), "<none>");
  }
  const std::string_view wanted = column == "Internal-IP" ? "InternalIP" : column == "External-IP" ? "ExternalIP" : "";
  if (wanted.empty()) return {};
  for (const Node& address : items_at(node, "status.addresses")) {
    if (text_at(address, "type") == wanted) return text_at(address, "address");
  }
  return "<none>";
}

struct PathCell {
  std::string_view kind;
  std::string_view column;
  std::string_view path;
  std::string_view absent = {};  ///< What stands there for nothing.
};

constexpr PathCell kPaths[] = {
    {"Namespace", "Status", "status.phase"},
    {"Node", "Version", "status.nodeInfo.kubeletVersion"},
    {"Node", "OS-Image", "status.nodeInfo.osImage", "<unknown>"},
    {"Node", "Kernel-Version", "status.nodeInfo.kernelVersion", "<unknown>"},
    {"Node", "Container-Runtime", "status.nodeInfo.containerRuntimeVersion", "<unknown>"},
    {"Secret", "Type", "type"},
    {"ReplicationController", "Desired", "spec.replicas"},
    {"ReplicationController", "Current", "status.replicas"},
    {"ReplicationController", "Ready", "status.readyReplicas"},
    {"ReplicaSet", "Desired", "spec.replicas"},
    {"ReplicaSet", "Current", "status.replicas"},
    {"ReplicaSet", "Ready", "status.readyReplicas"},
    {"Deployment", "Up-to-date", "status.updatedReplicas", "0"},
    {"Deployment", "Available", "status.availableReplicas", "0"},
    {"DaemonSet", "Desired", "status.desiredNumberScheduled"},
    {"DaemonSet", "Current", "status.currentNumberScheduled"},
    {"DaemonSet", "Ready", "status.numberReady"},
    {"DaemonSet", "Up-to-date", "status.updatedNumberScheduled"},
    {"DaemonSet", "Available", "status.numberAvailable"},
    {"CronJob", "Schedule", "spec.schedule"},
    {"CronJob", "Timezone", "spec.timeZone", "<none>"},
    {"IngressClass", "Controller", "spec.controller"},
    {"ControllerRevision", "Revision", "revision", "0"},
    {"StorageClass", "Provisioner", "provisioner"},
    {"StorageClass", "ReclaimPolicy", "reclaimPolicy", "Delete"},
    {"StorageClass", "VolumeBindingMode", "volumeBindingMode", "Immediate"},
    {"StorageClass", "AllowVolumeExpansion", "allowVolumeExpansion", "false"},
    {"CSIStorageCapacity", "StorageClassName", "storageClassName"},
    {"CSIStorageCapacity", "Capacity", "capacity"},
    {"VolumeAttributesClass", "DriverName", "driverName"},
    {"Lease", "Holder", "spec.holderIdentity"},
    {"PriorityClass", "Value", "value"},
    {"PriorityClass", "Global-Default", "globalDefault"},
    {"PriorityClass", "PreemptionPolicy", "preemptionPolicy"},
    {"RuntimeClass", "Handler", "handler"},
    {"VolumeAttachment", "Attacher", "spec.attacher"},
    {"VolumeAttachment", "PV", "spec.source.persistentVolumeName"},
    {"VolumeAttachment", "Node", "spec.nodeName"},
    {"VolumeAttachment", "Attached", "status.attached"},
    {"ResourceSlice", "Node", "spec.nodeName"},
    {"ResourceSlice", "Driver", "spec.driver"},
    {"ResourceSlice", "Pool", "spec.pool.name"},
};

std::string role_subjects(const Node& binding, std::string_view kind) {
  std::string text;
  for (const Node& subject : items_at(binding, "subjects")) {
    if (text_at(subject, "kind") != kind) continue;
    const std::string space = kind == "ServiceAccount" ? text_at(subject, "namespace") + "/" : "";
    text += (text.empty() ? "" : ", ") + space + text_at(subject, "name");
  }
  return text;
}

std::string job_status(const Node& job) {
  for (const std::string_view ended : {"Complete", "Failed"}) {
    if (condition(job, ended) == "True") return std::string(ended);
  }
  if (is_going(job)) return "Terminating";
  for (const std::string_view state : {"Suspended", "FailureTarget", "SuccessCriteriaMet"}) {
    if (condition(job, state) == "True") return std::string(state);
  }
  return "Running";
}

std::string job_cell(std::string_view column, const Node& job, Time now) {
  if (column == "Status") return job_status(job);
  if (column == "Completions") {
    const std::string done = std::to_string(number_at(job, "status.succeeded"));
    const std::string wanted = text_at(job, "spec.completions");
    if (!wanted.empty()) return done + "/" + wanted;
    const auto parallel = number_at(job, "spec.parallelism");
    return parallel > 1 ? done + "/1 of " + std::to_string(parallel) : done + "/1";
  }
  if (column == "Duration") {
    const auto from = schema::parse_time(text_at(job, "status.startTime"));
    if (!from) return "";
    const auto to = schema::parse_time(text_at(job, "status.completionTime"));
    const auto end = to ? to->seconds : std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    return human_duration(std::chrono::seconds(end - from->seconds));
  }
  return selector_text(node_at(job, "spec.selector"));
}

std::string cron_cell(std::string_view column, const Node& job, Time now) {
  if (column == "Suspend") {
    const std::string suspend = text_at(job, "spec.suspend");
    return suspend.empty() ? "<unset>" : suspend == "true" ? "True" : "False";
  }
  if (column == "Active") return std::to_string(count_at(job, "status.active"));
  if (column == "Last Schedule") {
    return text_at(job, "status.lastScheduleTime").empty() ? "<none>" : age_since(job, "status.lastScheduleTime", now);
  }
  return selector_text(node_at(job, "spec.jobTemplate.spec.selector"));
}

/// "statefulset.apps/web": who made a revision.
std::string controller_of(const Node& object) {
  for (const Node& owner : items_at(object, "metadata.ownerReferences")) {
    if (!is_true_at(owner, "controller")) continue;
    std::string kind = text_at(owner, "kind");
    std::transform(kind.begin(), kind.end(), kind.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; });
    const std::string version = text_at(owner, "apiVersion");
    const std::size_t slash = version.find('/');
    return kind + (slash == std::string::npos ? "" : "." + version.substr(0, slash)) + "/" + text_at(owner, "name");
  }
  return "<none>";
}

/// The pod template of a workload, for the columns of -o wide.
const Node* template_of(const Node& object) {
  const Node* found = node_at(object, "spec.template");
  if (found == nullptr) found = node_at(object, "spec.jobTemplate.spec.template");
  return found != nullptr ? found : node_at(object, "template");
}

std::string workload_cell(std::string_view kind, std::string_view column, const Node& object) {
  if (column == "Ready") {
    return std::to_string(number_at(object, "status.readyReplicas")) + "/" +
           std::to_string(number_at(object, "spec.replicas", 1));
  }
  if (column == "Selector") {
    const Node* selector = node_at(object, "spec.selector");
    return kind == "ReplicationController" ? labels_text(selector) : selector_text(selector);
  }
  const Node* pod = template_of(object);
  if (pod == nullptr) return {};
  if (column == "Containers" || column == "Images") {
    return join_at(items_at(*pod, "spec.containers"), column == "Images" ? "image" : "name");
  }
  if (column == "Node Selector") return labels_text(node_at(*pod, "spec.nodeSelector"));
  return column == "Pod Labels" ? labels_text(node_at(*pod, "metadata.labels")) : std::string();
}

std::string by_kind(const Resource& resource, std::string_view column, const Node& object, Time now) {
  const std::string_view kind = resource.kind;
  if (kind == "Pod") return pod_cell(column, object, now);
  if (kind == "Node") return node_cell(column, object);
  if (kind == "Event") return event_cell(resource, column, object, now);
  if (column == "Containers" || column == "Images") return workload_cell(kind, column, object);
  if (kind == "Job") return job_cell(column, object, now);
  if (kind == "CronJob") return cron_cell(column, object, now);
  if (column == "Data") return std::to_string(count_at(object, "data") + count_at(object, "binaryData"));
  if (column == "Role") return text_at(object, "roleRef.kind") + "/" + text_at(object, "roleRef.name");
  if (column == "Users") return role_subjects(object, "User");
  if (column == "Groups") return role_subjects(object, "Group");
  if (column == "ServiceAccounts") return role_subjects(object, "ServiceAccount");
  if (kind == "ControllerRevision") return controller_of(object);
  if (auto text = network_cell(kind, column, object); !text.empty()) return text;
  if (auto text = storage_cell(kind, column, object); !text.empty()) return text;
  if (auto text = policy_cell(kind, column, object); !text.empty()) return text;
  return workload_cell(kind, column, object);
}

/// Classes say after their name that they are what who names none gets.
std::string name_of(const Resource& resource, const Node& object) {
  std::string name = text_at(object, "metadata.name");
  const Node* annotations = resource.kind == "StorageClass" ? node_at(object, "metadata.annotations") : nullptr;
  if (annotations == nullptr) return name;
  for (const std::string_view key :
       {"storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class"}) {
    const Node* value = annotations->find(key);
    if (value != nullptr && text_at(*value, "") == "true") return name + " (default)";
  }
  return name;
}

std::string text_of(const Resource& resource, const schema::Column& column, const Node& object, Time now) {
  if (column.format == "name") return name_of(resource, object);
  if (column.name == "Age") return age_since(object, "metadata.creationTimestamp", now);
  if (column.name == "Created At") return text_at(object, "metadata.creationTimestamp");
  for (const PathCell& cell : kPaths) {
    if (cell.kind == resource.kind && cell.column == column.name) {
      return text_or(text_at(object, cell.path), cell.absent);
    }
  }
  return by_kind(resource, column.name, object, now);
}

}  // namespace

void append_cell(std::string& out, const Resource& resource, const schema::Column& column, const Node& object,
                 Time now) {
  const std::string text = text_of(resource, column, object, now);
  if (column.type == "integer") {
    const bool number = !text.empty() && text.find_first_not_of("-0123456789") == std::string::npos;
    out += number ? text : "0";
  } else if (column.type == "boolean" && (text == "true" || text == "false" || text.empty())) {
    out += text == "true" ? "true" : "false";
  } else {
    append_json_string(out, text);
  }
}

}  // namespace troupe::api
