#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "actors/pod/adoption.hpp"
#include "actors/pod/convert.hpp"
#include "actors/pod/status.hpp"
#include "base/result.hpp"
#include "runtime/runtime.hpp"

namespace troupe::pod {

// The messages of pod actors. All are plain structs: pod actors and their node actor live in one process.

/// The registry key of the node actor, which all pod actors talk to.
inline constexpr std::string_view kNodeKey = "node";
/// "pod/UID": the registry key of a pod's actor.
std::string pod_key(std::string_view uid);

/// pod → node, as a request when the pod actor starts; answered with PodAssignment, or kNotFound: the pod is not
/// wanted any more, and the actor ends.
struct PodHello {
  std::string uid;
};
struct PodAssignment {
  std::shared_ptr<const PodObject> object;
  /// What the runtime holds of it, when the node actor knows; otherwise the pod actor asks the runtime.
  std::optional<RuntimeSlice> slice;
  bool attached = false;  ///< The runtime is reachable.
};

/// node → pod: the pod has changed. No answer.
struct PodDesired {
  std::shared_ptr<const PodObject> object;
};
/// node → pod: a ConfigMap or Secret that a volume of it shows has changed. No answer.
struct PodSourceChanged {};
/// node → pod: the runtime is reachable again, and this is what it holds of the pod. No answer.
struct PodRuntimeAttached {
  RuntimeSlice slice;
};
/// node → pod: the runtime is not reachable; calls fail until PodRuntimeAttached. No answer.
struct PodRuntimeDetached {};
/// node → pod: a container's process has ended. No answer.
struct PodContainerExited {
  runtime::ContainerExit exit;
};

/// pod → node: what the API shall show. No answer; the node actor keeps the newest until the sink took it.
struct PodReport {
  std::string uid;
  PodStatus status;
};
/// pod → node: the pod is deleted and nothing of it is left on this node; the actor ends. No answer.
struct PodGone {
  std::string uid;
};
/// pod → node: something worth an Event. No answer; may be dropped.
struct PodEvent {
  std::string uid;
  bool warning = false;
  std::string reason;
  std::string message;
  std::string container;  ///< The field path's container; empty for the pod.
};

}  // namespace troupe::pod
