#pragma once

#include <functional>
#include <memory>
#include <string>

#include "actors/node/machine.hpp"
#include "actors/node/ports.hpp"
#include "actors/pod/pod_actor.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"
#include "net/pod_network.hpp"
#include "runtime/runtime.hpp"

namespace troupe::node {

/// What the node half works with: its four ports. All must outlive the System it runs in.
struct NodeDeps {
  DesiredState& desired;
  StatusSink& sink;
  runtime::Runtime& runtime;
  net::PodNetwork& network;
  std::string node_name;
  std::string log_root;  ///< Absolute: where containers' logs go.
  std::uint32_t max_pods = 2000;
  Machine machine;
  pod::Checks* checks = nullptr;             ///< For probes; may be null.
  pod::ObjectSource* objects = nullptr;      ///< For variables; may be null.
  std::function<Pressures()> pressures{};    ///< Asked with each heartbeat; empty: nothing presses.
  runtime::Namespaces namespaces{};          ///< Which the keeper may give.
  pod::LimitObstacles limits{};              ///< Which resource limits the keeper cannot keep.
  kernel::Background* background = nullptr;  ///< For work on disks.
  pod::SeccompDeps seccomp{};
};

/// The node half as a supervisor: the pods' supervisor and the node actor, one_for_all: when one of them ends, both
/// start again and take over what runs. Workloads are not touched by that.
kernel::SupervisorSpec node_half(const NodeDeps& deps);

/// Tells the node actor that a Node object was deleted: if it is its own, it makes it again at once.
void tell_node_lost(kernel::System& system, const std::string& name);

/// Hands the runtime's news to the node actor. Give it to `Runtime::start`; it must outlive the runtime.
class RuntimeBridge final : public runtime::RuntimeListener {
 public:
  explicit RuntimeBridge(kernel::System& system) : system_(system) {}
  void on_attached(runtime::Inventory inventory) override;
  void on_detached(Error reason) override;
  void on_exit(runtime::ContainerExit exit) override;

 private:
  kernel::System& system_;
};

}  // namespace troupe::node
