#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/pod/convert.hpp"
#include "actors/pod/status.hpp"
#include "base/result.hpp"
#include "kernel/actor_ref.hpp"

/// What the node half sees of the rest of the world, beside the Runtime (runtime/runtime.hpp) and the PodNetwork
/// (net/pod_network.hpp): where its pods come from, and where their status goes.
namespace troupe::node {

// ---- Desired state ------------------------------------------------------------------------------------------

/// feed → node: a pod bound to this node is there or has changed. No answer.
struct DesiredPod {
  std::shared_ptr<const pod::PodObject> object;
};
/// feed → node: the pod's object is gone from the API. No answer.
struct DesiredPodRemoved {
  std::string uid;
};
/// feed → node: all pods that exist have been sent; whatever is not among `uids` is not wanted. Sent after each start
/// of the feed, also when it had to start over. No answer.
struct DesiredSynced {
  std::vector<std::string> uids;
};

/// feed → node: a ConfigMap or a Secret (kConfigMap, kSecret) is there, has changed, or is gone. No answer.
struct SourceChanged {
  pod::EnvVar::Source kind = pod::EnvVar::Source::kConfigMap;
  std::string ns;
  std::string name;
};

class DesiredState {
 public:
  virtual ~DesiredState() = default;
  /// From now on `node` gets the messages above, from the beginning. A later call replaces the receiver.
  virtual void attach(kernel::ActorRef node) = 0;
};

// ---- Status -------------------------------------------------------------------------------------------------

struct PodName {
  std::string ns;
  std::string name;
  std::string uid;
};

/// One condition of the Node, as the API shows it.
struct NodeCondition {
  std::string type;
  bool is_true = false;
  std::string reason;
  std::string message;

  friend bool operator==(const NodeCondition&, const NodeCondition&) = default;
};

/// This machine, as its Node object shall show it.
struct NodeReport {
  std::string name;
  std::string address;  ///< InternalIP.
  std::uint32_t cpus = 0;
  std::uint64_t memory_bytes = 0;
  std::uint64_t storage_bytes = 0;
  std::uint32_t max_pods = 0;
  std::string machine_id;
  std::string boot_id;
  std::string kernel_version;
  std::string os_image;
  std::string architecture;     ///< As Go names it: "amd64".
  std::string runtime_version;  ///< "troupe://0.1.0"
  std::vector<NodeCondition> conditions;

  friend bool operator==(const NodeReport&, const NodeReport&) = default;
};

/// Something worth an Event about a pod.
struct EventReport {
  PodName pod;
  bool warning = false;
  std::string reason;
  std::string message;
  std::string container;
};

/// Called once, on any thread. Errors: kNotFound, kConflict: there is no such object with this uid (any more): final.
/// Anything else may be tried again.
using Done = std::function<void(Status)>;

class StatusSink {
 public:
  virtual ~StatusSink() = default;
  virtual void put_pod_status(PodName pod, pod::PodStatus status, Done done) = 0;
  /// The pod's containers are gone: its object may go (grace 0, only this uid).
  virtual void remove_pod(PodName pod, Done done) = 0;
  /// Creates or updates the Node object's status.
  virtual void put_node(NodeReport report, Done done) = 0;
  /// Best effort.
  virtual void add_event(EventReport event) = 0;
  /// A warning about the node itself. Best effort.
  virtual void add_node_warning(std::string reason, std::string message) = 0;
};

}  // namespace troupe::node
