#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/pod/model.hpp"
#include "base/result.hpp"
#include "runtime/runtime.hpp"
#include "runtime/user_namespace.hpp"

/// What a container may use and do, from its resources and its securityContext.
namespace troupe::pod {

/// For a pod: processes and threads of each of its containers at most. The kubelet has a setting of the node for it.
inline constexpr std::string_view kPidsAnnotation = "troupe.dev/pids-limit";

/// For a pod: `container` gives each of its containers a PID namespace of its own, as Kubernetes does; `node`, the
/// default, none. What hostPID and shareProcessNamespace ask for comes first.
inline constexpr std::string_view kPidNamespaceAnnotation = "troupe.dev/pid-namespace";

/// Which processes the containers of a pod see. kInvalidArgument: another word in the annotation.
Result<runtime::PidScope> pid_scope(const PodSpec& pod);

/// limits.memory, limits.cpu, requests.cpu as weight (limits.cpu where no request is given), and the annotation.
/// kInvalidArgument: a quantity that is none.
Result<runtime::ResourceBounds> bounds_of(const PodSpec& pod, const ContainerSpec& container);

/// Why this node cannot keep a limit; empty: it can.
struct LimitObstacles {
  std::string memory;
  std::string cpu;
  std::string pids;
};
/// Takes away what the node cannot keep; answers what and why, empty: nothing.
std::string drop_unenforceable(const LimitObstacles& obstacles, runtime::ResourceBounds& bounds);

/// A wish that a container runs without, as an event tells it.
struct Unkept {
  std::string reason;
  std::string message;
};
/// Takes away what this node cannot do for the container.
std::vector<Unkept> drop_unkept(const PodSpec& pod, const ContainerSpec& container, const LimitObstacles& obstacles,
                                const runtime::Namespaces& namespaces, runtime::ContainerSpec& wanted);

/// The capabilities that are left, bit n for capability n: all, without `drop`, with `add`; empty: nothing was asked.
/// Names are without CAP_, or with it; ALL is all. kInvalidArgument: an unknown name.
Result<std::optional<std::uint64_t>> capabilities_of(const SecuritySpec& security);

/// Those that a container has on a node of Kubernetes: what its runtimes give without being asked, without `drop`, with
/// `add`. Filters of system calls are made for these. kInvalidArgument: as above.
Result<std::uint64_t> usual_capabilities(const SecuritySpec& security);

/// Fills user, groups and confinement in, all but the filter of system calls. kInvalidArgument with the kubelet's
/// words: runAsNonRoot does not hold.
Status confine(const PodSpec& pod, const ContainerSpec& container, runtime::ContainerSpec& out);

}  // namespace troupe::pod
