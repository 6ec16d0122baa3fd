#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "actors/controllers/ports.hpp"
#include "daemon/feed.hpp"
#include "daemon/objects.hpp"

namespace troupe::daemon {

/// The controllers' cache, kept by a feed of this process' store.
class ObjectCache final : public controllers::Cache, private FeedConsumer {
 public:
  /// `name` is its feed's registry key. All must outlive the System.
  ObjectCache(std::string name, storage::Store& store, std::vector<const api::Resource*> resources);

  bool synced() const override;
  controllers::ObjectPtr find(const controllers::ObjectName& name) const override;
  std::vector<controllers::ObjectPtr> list(const std::string& resource, const std::string& ns) const override;
  std::vector<controllers::ObjectPtr> owned(const std::string& resource, const std::string& ns,
                                            const std::string& uid) const override;
  void listen(Listener listener) override { listeners_.push_back(std::move(listener)); }

  /// The newest revision that the cache shows for a resource; 0 for one that it does not hold.
  storage::Revision shows(const std::string& resource) const;
  /// Called whenever `shows` has grown, on the feed's turn. Before the System starts.
  void on_progress(std::function<void()> progress) { progress_ = std::move(progress); }

  /// The feed's actor, and the one that makes it begin: children of one supervisor, in this order.
  std::vector<kernel::ChildSpec> children();

 private:
  struct Table {
    std::map<std::pair<std::string, std::string>, controllers::ObjectPtr> objects;  ///< By namespace and name.
    /// Namespace, owner's uid (empty: no controller), name.
    std::set<std::tuple<std::string, std::string, std::string>> owners;
    std::set<std::pair<std::string, std::string>> unseen;  ///< Not seen again since the feed started over.
    storage::Revision shown = 0;
    storage::Revision caught_up = 0;
  };

  void restarted() override;
  void seen(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) override;
  void gone(kernel::System& system, const kernel::ActorRef& to, std::size_t resource, SegmentView object) override;
  void synced(kernel::System& system, const kernel::ActorRef& to) override;
  void caught_up(kernel::System& system, std::size_t resource, storage::Revision revision) override;

  /// Replaces (null: removes) an object and tells.
  void change(Table& table, const std::pair<std::string, std::string>& at, const controllers::ObjectPtr& now);
  void tell(const controllers::ObjectPtr& before, const controllers::ObjectPtr& now) const;
  const Table* table(const std::string& resource) const;

  std::string name_;
  std::vector<std::string> names_;  ///< "deployments.apps", as the feed numbers them.
  std::vector<Listener> listeners_;
  std::function<void()> progress_ = [] {};
  mutable std::mutex mutex_;
  std::vector<Table> tables_;
  bool reading_ = true;
  bool synced_ = false;
  Feed feed_;
};

}  // namespace troupe::daemon
