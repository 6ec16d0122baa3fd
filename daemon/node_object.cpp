#include "daemon/node_object.hpp"

#include <map>

#include "daemon/object_internal.hpp"

namespace troupe::daemon {
namespace {

using WallTime = std::chrono::system_clock::time_point;

std::string in_kibibytes(std::uint64_t bytes) { return std::to_string(bytes / 1024) + "Ki"; }

void write_resources(const node::NodeReport& report, capnp::List<k8s::QuantityEntry>::Builder out) {
  const std::pair<const char*, std::string> values[] = {{"cpu", std::to_string(report.cpus)},
                                                        {"ephemeral-storage", in_kibibytes(report.storage_bytes)},
                                                        {"memory", in_kibibytes(report.memory_bytes)},
                                                        {"pods", std::to_string(report.max_pods)}};
  for (unsigned i = 0; i < out.size(); ++i) {
    out[i].setKey(values[i].first);
    out[i].setValue(values[i].second);
  }
}

std::map<std::string, std::string> own_labels(const node::NodeReport& report) {
  return {{"beta.kubernetes.io/arch", report.architecture},
          {"beta.kubernetes.io/os", "linux"},
          {"kubernetes.io/arch", report.architecture},
          {"kubernetes.io/hostname", report.name},
          {"kubernetes.io/os", "linux"}};
}

void write_labels(const node::NodeReport& report, k8s::meta::v1::ObjectMeta::Builder meta) {
  auto labels = own_labels(report);
  for (auto entry : meta.getLabels()) labels.insert_or_assign(text(entry.getKey()), text(entry.getValue()));
  auto list = meta.initLabels(static_cast<unsigned>(labels.size()));
  unsigned i = 0;
  for (const auto& [key, value] : labels) {
    list[i].setKey(key);
    list[i++].setValue(value);
  }
}

void write_conditions(const node::NodeReport& report, core::NodeStatus::Reader before, core::NodeStatus::Builder out,
                      WallTime now) {
  std::map<std::string, core::NodeCondition::Reader> old;
  for (auto condition : before.getConditions()) old.emplace(text(condition.getType()), condition);
  auto list = out.initConditions(static_cast<unsigned>(report.conditions.size()));
  for (unsigned i = 0; i < list.size(); ++i) {
    const auto& condition = report.conditions[i];
    const char* value = condition.is_true ? "True" : "False";
    const auto found = old.find(condition.type);
    const bool same_status = found != old.end() && found->second.getStatus() == value;
    const bool same = same_status && text(found->second.getReason()) == condition.reason;
    list[i].setType(condition.type);
    list[i].setStatus(value);
    list[i].setReason(condition.reason);
    list[i].setMessage(condition.message);
    list[i].setLastHeartbeatTime(same ? found->second.getLastHeartbeatTime() : seconds_of(now));
    list[i].setHasLastHeartbeatTime(true);
    list[i].setLastTransitionTime(same_status ? found->second.getLastTransitionTime() : seconds_of(now));
    list[i].setHasLastTransitionTime(true);
  }
}

void write_status(const node::NodeReport& report, core::NodeStatus::Reader before, core::NodeStatus::Builder out,
                  WallTime now) {
  write_resources(report, out.initCapacity(4));
  write_resources(report, out.initAllocatable(4));
  write_conditions(report, before, out, now);
  auto addresses = out.initAddresses(2);
  addresses[0].setType("InternalIP");
  addresses[0].setAddress(report.address);
  addresses[1].setType("Hostname");
  addresses[1].setAddress(report.name);
  auto info = out.initNodeInfo();
  info.setMachineID(report.machine_id);
  info.setSystemUUID(report.machine_id);
  info.setBootID(report.boot_id);
  info.setKernelVersion(report.kernel_version);
  info.setOsImage(report.os_image);
  info.setContainerRuntimeVersion(report.runtime_version);
  info.setKubeletVersion("v1.36.0+troupe");
  info.setKubeProxyVersion("");
  info.setOperatingSystem("linux");
  info.setArchitecture(report.architecture);
}

}  // namespace

Segment new_node(const node::NodeReport& report, const std::string& uid, WallTime now) {
  capnp::MallocMessageBuilder builder;
  auto object = builder.initRoot<core::Node>();
  auto meta = object.initMetadata();
  meta.setName(report.name);
  meta.setUid(uid);
  meta.setCreationTimestamp(seconds_of(now));
  meta.setHasCreationTimestamp(true);
  write_labels(report, meta);
  object.initSpec();
  write_status(report, core::NodeStatus::Reader(), object.initStatus(), now);
  return to_segment<core::Node>(object.asReader());
}

Result<std::optional<Segment>> updated_node(SegmentView current, const node::NodeReport& report, WallTime now) {
  return with_object<core::Node>(current, [&](core::Node::Reader before) -> Result<std::optional<Segment>> {
    return changed<core::Node>(current, [&](core::Node::Builder object) {
      write_labels(report, object.getMetadata());
      write_status(report, before.getStatus(), object.getStatus(), now);
    });
  });
}

}  // namespace troupe::daemon
