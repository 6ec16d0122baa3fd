#pragma once

#include <memory>
#include <set>
#include <string>

#include "actors/node/ports.hpp"
#include "daemon/events.hpp"
#include "daemon/feed.hpp"
#include "daemon/objects.hpp"

namespace troupe::daemon {

/// The node half's desired state from this process' store: the pods that are bound to one node, and news of the
/// ConfigMaps and Secrets that their volumes may show.
class StoreDesiredState final : public node::DesiredState, private FeedConsumer {
 public:
  /// All must outlive the System.
  StoreDesiredState(kernel::System& system, const Objects& objects, std::string node_name);

  void attach(kernel::ActorRef node) override { feed_.attach(system_, std::move(node)); }
  /// The feed's actor, for the control plane's supervisor.
  kernel::ChildSpec child() { return feed_.child(); }

 private:
  void restarted() override { mine_.clear(); }
  void seen(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) override;
  void gone(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) override;
  void synced(kernel::System& system, const kernel::ActorRef& to) override;

  void tell_source(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object);

  kernel::System& system_;
  std::string node_name_;
  std::set<std::string> mine_;  ///< Uids that the node was told about.
  Feed feed_;
};

/// The node half's status sink into this process' store.
class StoreStatusSink final : public node::StatusSink {
 public:
  StoreStatusSink(kernel::System& system, Objects& objects, EventRecorder& events, std::string node_name);

  void put_pod_status(node::PodName pod, pod::PodStatus status, node::Done done) override;
  void remove_pod(node::PodName pod, node::Done done) override;
  void put_node(node::NodeReport report, node::Done done) override;
  void add_event(node::EventReport event) override;
  void add_node_warning(std::string reason, std::string message) override;

 private:
  static bool is_ready(const node::NodeReport& report);
  void add_node_event(bool warning, std::string reason, std::string message);

  kernel::System& system_;
  Objects& objects_;
  EventRecorder& events_;
  std::string node_name_;
  const api::Resource* pods_;
  const api::Resource* nodes_;
  node::NodeReport last_report_;  ///< put_node is called by the node actor alone.
};

}  // namespace troupe::daemon
