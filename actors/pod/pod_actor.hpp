#pragma once

#include <memory>
#include <string>

#include "kernel/actor.hpp"
#include "net/pod_network.hpp"
#include "runtime/runtime.hpp"

namespace troupe::pod {

/// What a pod actor works with. All must outlive it.
struct PodDeps {
  runtime::Runtime& runtime;
  net::PodNetwork& network;
  std::string log_root;  ///< Absolute.
};

/// The actor of the pod with this uid, for the supervisor that starts it with the registry key `pod_key(uid)`. It asks
/// the node actor what the pod shall be and the runtime what is there, so a restart of it changes nothing outside.
std::unique_ptr<kernel::Actor> make_pod_actor(const PodDeps& deps, std::string uid);

}  // namespace troupe::pod
