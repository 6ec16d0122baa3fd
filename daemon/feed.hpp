#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "api/routes.hpp"
#include "daemon/objects.hpp"
#include "kernel/actor_ref.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"
#include "storage/store.hpp"

namespace troupe::daemon {

/// What a feed does with what it reads; called on the feed actor's turn, one call at a time. `to` is who attached.
class FeedConsumer {
 public:
  virtual ~FeedConsumer() = default;
  /// The feed starts over: everything comes again.
  virtual void restarted() = 0;
  virtual void seen(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) = 0;
  /// `object` is the last version there was.
  virtual void gone(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) = 0;
  /// Everything that exists was seen.
  virtual void synced(kernel::System& system, const kernel::ActorRef& to) = 0;
  /// Everything of this resource up to and with this revision was seen.
  virtual void caught_up(kernel::System&, std::size_t, storage::Revision) {}
};

/// List and watch of some resources, for one actor: it attaches, then gets everything, then news; again from the
/// beginning when it attaches again, when the feed was restarted, or when the watch was cut.
class Feed {
 public:
  /// `name` is the feed's own registry key. All must outlive the System.
  Feed(std::string name, storage::Store& store, std::vector<const api::Resource*> resources, FeedConsumer& consumer);

  /// Replaces the receiver, and starts over. Any thread.
  void attach(kernel::System& system, kernel::ActorRef receiver);
  /// The feed's actor, for a supervisor.
  kernel::ChildSpec child();

 private:
  class Reader;
  kernel::ActorRef receiver() const;

  std::string name_;
  storage::Store& store_;
  std::vector<const api::Resource*> resources_;
  FeedConsumer& consumer_;
  mutable std::mutex mutex_;
  kernel::ActorRef receiver_;
};

}  // namespace troupe::daemon
