#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "actors/scheduler/model.hpp"
#include "base/result.hpp"

namespace troupe::scheduler {

/// A node with what is placed on it.
struct NodeState {
  NodeInfo info;
  Amounts used;
  std::int64_t pods = 0;
  std::vector<HostPort> ports;
};

/// All nodes, by name.
using Snapshot = std::map<std::string, NodeState>;

/// Adds or takes back what a pod uses on a node.
void place(NodeState& node, const PodInfo& pod);
void unplace(NodeState& node, const PodInfo& pod);

/// Why the pod does not fit the node, in Kubernetes' words; empty when it fits. The first kind of obstacle counts;
/// resources name every one that is short.
std::vector<std::string> obstacles(const PodInfo& pod, const NodeState& node);

/// How well the pod fits a node it fits: higher is better, 0 to 300.
std::int64_t score(const PodInfo& pod, const NodeState& node);

/// The node to place the pod on: the highest score, among equals the one with fewer pods, then the first by name.
/// Errors: kUnavailable, with the text of the FailedScheduling event.
Result<std::string> choose(const PodInfo& pod, const Snapshot& nodes);

/// Which of the pod's tolerations would let it onto a node with this taint.
bool tolerates(const PodInfo& pod, const Taint& taint);
bool matches(const std::vector<NodeTerm>& terms, const NodeInfo& node);

}  // namespace troupe::scheduler
