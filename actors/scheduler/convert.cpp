#include "actors/scheduler/convert.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "schema/codec/quantity.hpp"
#include "schema/core_v1.capnp.h"
#include "schema/segment.hpp"

namespace troupe::scheduler {
namespace {

namespace core = k8s::core::v1;

using schema::entries;
using schema::text;

std::int64_t quantity(std::string_view resource, capnp::Text::Reader value) {
  const auto parsed = schema::Quantity::parse(std::string_view(value.begin(), value.size()));
  if (!parsed) return 0;
  return resource == "cpu" ? parsed->milli_value() : parsed->value();
}

template <class Entries>
Amounts amounts(Entries list) {
  Amounts out;
  for (auto entry : list) {
    std::string resource = text(entry.getKey());
    out[resource] = quantity(resource, entry.getValue());
  }
  return out;
}

template <class List>
std::vector<Requirement> requirements(List list) {
  std::vector<Requirement> out;
  for (auto one : list) {
    Requirement requirement;
    requirement.key = text(one.getKey());
    requirement.op = text(one.getOperator());
    for (auto value : one.getValues()) requirement.values.push_back(text(value));
    out.push_back(std::move(requirement));
  }
  return out;
}

/// What a container asks for: its requests, and its limits where it names no request.
Amounts wanted(core::Container::Reader container) {
  Amounts out = amounts(container.getResources().getLimits());
  for (const auto& [resource, value] : amounts(container.getResources().getRequests())) out[resource] = value;
  return out;
}

void add(Amounts& sum, const Amounts& more) {
  for (const auto& [resource, value] : more) sum[resource] += value;
}

void at_least(Amounts& sum, const Amounts& other) {
  for (const auto& [resource, value] : other) sum[resource] = std::max(sum[resource], value);
}

/// Main containers and sidecars together, or the largest moment of initialization, whichever is more.
Amounts pod_requests(core::PodSpec::Reader spec) {
  Amounts running;
  Amounts sidecars;
  Amounts starting;
  for (auto container : spec.getContainers()) add(running, wanted(container));
  for (auto container : spec.getInitContainers()) {
    Amounts here = wanted(container);
    if (container.getRestartPolicy() == "Always") {
      add(sidecars, here);
      at_least(starting, sidecars);
    } else {
      add(here, sidecars);
      at_least(starting, here);
    }
  }
  add(running, sidecars);
  at_least(running, starting);
  // What the pod asks for as a whole stands for all of its containers.
  running.merge(amounts(spec.getResources().getLimits()));
  for (const auto& [resource, value] : amounts(spec.getResources().getRequests())) running[resource] = value;
  add(running, amounts(spec.getOverhead()));
  return running;
}

PodInfo pod_info(core::Pod::Reader pod) {
  PodInfo out;
  const auto meta = pod.getMetadata();
  const auto spec = pod.getSpec();
  out.ns = text(meta.getNamespace());
  out.name = text(meta.getName());
  out.uid = text(meta.getUid());
  out.created = meta.getCreationTimestamp();
  out.deleting = meta.getHasDeletionTimestamp();
  out.node_name = text(spec.getNodeName());
  out.scheduler_name = text(spec.getSchedulerName());
  out.priority = spec.getPriority();
  const std::string phase = text(pod.getStatus().getPhase());
  out.finished = phase == "Succeeded" || phase == "Failed";
  out.gated = spec.getSchedulingGates().size() > 0;
  out.requests = pod_requests(spec);
  for (auto container : spec.getContainers()) {
    for (auto port : container.getPorts()) {
      const std::int32_t number = port.getHostPort() != 0 ? port.getHostPort()
                                  : spec.getHostNetwork() ? port.getContainerPort()
                                                          : 0;
      if (number == 0) continue;
      std::string ip = text(port.getHostIP());
      if (ip == "0.0.0.0" || ip == "::") ip.clear();
      const std::string protocol = text(port.getProtocol());
      out.ports.push_back({number, protocol.empty() ? "TCP" : protocol, std::move(ip)});
    }
  }
  out.selector = entries(spec.getNodeSelector());
  const auto affinity = spec.getAffinity().getNodeAffinity();
  if (affinity.hasRequiredDuringSchedulingIgnoredDuringExecution()) {
    out.affinity.emplace();
    for (auto term : affinity.getRequiredDuringSchedulingIgnoredDuringExecution().getNodeSelectorTerms()) {
      NodeTerm one;
      one.expressions = requirements(term.getMatchExpressions());
      one.fields = requirements(term.getMatchFields());
      out.affinity->push_back(std::move(one));
    }
  }
  for (auto toleration : spec.getTolerations()) {
    out.tolerations.push_back({text(toleration.getKey()), toleration.getOperator() == "Exists",
                               text(toleration.getValue()), text(toleration.getEffect())});
  }
  return out;
}

NodeInfo node_info(core::Node::Reader node) {
  NodeInfo out;
  out.name = text(node.getMetadata().getName());
  out.labels = entries(node.getMetadata().getLabels());
  out.unschedulable = node.getSpec().getUnschedulable();
  for (auto condition : node.getStatus().getConditions()) {
    if (condition.getType() == "Ready") out.ready = condition.getStatus() == "True";
  }
  for (auto taint : node.getSpec().getTaints()) {
    out.taints.push_back({text(taint.getKey()), text(taint.getValue()), text(taint.getEffect())});
  }
  out.allocatable = amounts(node.getStatus().getAllocatable());
  return out;
}

}  // namespace

Result<PodInfo> read_pod(std::span<const std::uint64_t> segment) {
  return schema::with_object<core::Pod>(segment,
                                        [](core::Pod::Reader pod) -> Result<PodInfo> { return pod_info(pod); });
}

Result<NodeInfo> read_node(std::span<const std::uint64_t> segment) {
  return schema::with_object<core::Node>(segment,
                                         [](core::Node::Reader node) -> Result<NodeInfo> { return node_info(node); });
}

}  // namespace troupe::scheduler
