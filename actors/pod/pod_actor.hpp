#pragma once

#include <map>
#include <memory>
#include <string>

#include "actors/pod/confinement.hpp"
#include "actors/pod/outside.hpp"
#include "actors/pod/seccomp.hpp"
#include "kernel/actor.hpp"
#include "kernel/background.hpp"
#include "net/pod_network.hpp"
#include "runtime/runtime.hpp"
#include "runtime/user_namespace.hpp"

namespace troupe::pod {

/// What a pod actor works with. All must outlive it.
struct PodDeps {
  runtime::Runtime& runtime;
  net::PodNetwork& network;
  std::string log_root;              ///< Absolute.
  Checks* checks = nullptr;          ///< For probes and hooks that connect; without it they answer "unknown".
  ObjectSource* objects = nullptr;   ///< Without it no object exists.
  runtime::Namespaces namespaces{};  ///< Which the keeper may give.
  std::map<std::string, std::int64_t> machine{};  ///< See PodFacts::machine.
  LimitObstacles limits{};                        ///< Containers run without these limits, and an Event says so.
  kernel::Background* background = nullptr;       ///< For work on disks; without it, it is done at once.
  SeccompDeps seccomp{};
};

/// The annotation by which a pod asks for node ports of its own (value "own"): each containerPort gets a free one, told
/// by the variables PORT (of the first), PORT_NUMBER and PORT_NAME.
inline constexpr std::string_view kPortsAnnotation = "troupe.dev/ports";

/// The actor of the pod with this uid, for the supervisor that starts it with the registry key `pod_key(uid)`. It asks
/// the node actor what the pod shall be and the runtime what is there, so a restart of it changes nothing outside.
std::unique_ptr<kernel::Actor> make_pod_actor(const PodDeps& deps, std::string uid);

}  // namespace troupe::pod
