#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/controllers/reconciler.hpp"

/// Pods leave a node with a NoExecute taint that they do not tolerate, at once or after tolerationSeconds.
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

/// When the pod has to go, in Unix seconds; nothing: it may stay. `seen`: when the taints were first seen together with
/// the pod. An untolerated taint: at once. Otherwise after the shortest of the tolerations that are used.
std::optional<std::int64_t> leaves_at(const std::vector<NoExecuteTaint>& taints,
                                      const std::vector<PodToleration>& tolerations, std::int64_t seen);

/// An actor a Node.
ControlledKind tainted_nodes();

}  // namespace troupe::controllers
