#pragma once

#include <string>

#include "actors/scheduler/scheduler_actor.hpp"
#include "daemon/events.hpp"
#include "daemon/feed.hpp"
#include "daemon/objects.hpp"

namespace troupe::daemon {

/// The scheduler's port to this process' store.
class StoreBinder final : public scheduler::Binder, private FeedConsumer {
 public:
  /// All must outlive the System.
  StoreBinder(kernel::System& system, Objects& objects, EventRecorder& events);

  void attach(kernel::ActorRef scheduler) override { feed_.attach(system_, std::move(scheduler)); }
  void bind(const scheduler::PodInfo& pod, std::string node, scheduler::Done done) override;
  void report_unschedulable(const scheduler::PodInfo& pod, std::string message) override;
  kernel::ChildSpec child() { return feed_.child(); }

 private:
  void restarted() override {}
  void seen(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) override;
  void gone(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) override;
  void synced(kernel::System& system, const kernel::ActorRef& to) override;
  void record(const scheduler::PodInfo& pod, bool warning, std::string reason, std::string message);

  kernel::System& system_;
  Objects& objects_;
  EventRecorder& events_;
  const api::Resource* pods_;
  Feed feed_;
};

}  // namespace troupe::daemon
