#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/controllers/reconciler.hpp"

/// Nodes' taints: pods leave a node with a NoExecute taint that they do not tolerate, at once or after
/// tolerationSeconds; a node that takes no pods shows why by a taint.
namespace troupe::controllers {

struct NoExecuteTaint {
  std::string key;
  std::string value;
  std::optional<std::int64_t> since;  ///< timeAdded, Unix seconds.
};

struct PodToleration {
  std::string key;
  bool exists = false;
  std::string value;
  std::string effect;
  std::optional<std::int64_t> seconds;
};

/// When a pod and its node's taints came together, in Unix seconds.
struct Together {
  std::int64_t seen = 0;  ///< When both were first seen.
  std::int64_t pod = 0;   ///< When the pod came to the node.
};

/// When the pod has to go, in Unix seconds; nothing: it may stay. An untolerated taint: at once. Otherwise with the
/// first of the tolerations that are used to run out: each counts from when its taint (by its timeAdded, where it has
/// one) and the pod were both there, so a controller that was restarted does not begin anew.
std::optional<std::int64_t> leaves_at(const std::vector<NoExecuteTaint>& taints,
                                      const std::vector<PodToleration>& tolerations, const Together& since);

/// The Node with the NoSchedule taints that follow from it: node.kubernetes.io/unschedulable of spec.unschedulable,
/// not-ready and unreachable of the condition Ready. Nothing when it has just those; others' taints stay.
Result<std::optional<Segment>> with_own_taints(SegmentView node, std::int64_t now);

/// An actor a Node.
ControlledKind tainted_nodes();

}  // namespace troupe::controllers
