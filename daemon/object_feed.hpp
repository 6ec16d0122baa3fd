#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <vector>

#include "actors/controllers/object_feed.hpp"
#include "api/routes.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"
#include "storage/store.hpp"

namespace troupe::daemon {

/// The metadata of all objects in this process' store: one watch of everything, one ordered stream.
class StoreObjectFeed final : public controllers::ObjectFeed {
 public:
  /// All must outlive the System. `name` is the feed's registry key.
  StoreObjectFeed(std::string name, kernel::System& system, storage::Store& store, const api::Routes& routes);

  const controllers::Catalogue& catalogue() const override { return catalogue_; }
  void attach(const std::string& name, kernel::ActorRef receiver, controllers::Interest interest) override;
  void follow(const std::string& name, const std::string& ns) override;
  void unfollow(const std::string& name, const std::string& ns) override;
  void find(controllers::ResourceIndex resource, const std::string& ns, const std::string& name,
            std::function<void(Result<std::optional<controllers::ObjectMeta>>)> done) override;
  /// Custom kinds that are served from now on, or no more.
  void follow_routes(const api::Routes& routes);
  /// The feed's actor, for a supervisor.
  kernel::ChildSpec child();

 private:
  class Reader;
  struct Receiver {
    kernel::ActorRef actor;
    controllers::Interest interest;
  };
  struct Place {
    controllers::ResourceIndex index = 0;
    std::uint32_t metadata = 0;  ///< Pointer of `metadata` in the stored struct.
    bool custom = false;         ///< Kept as JSON.
    bool served = true;          ///< A custom kind that is not any more keeps its place, for news that are on the way.
  };

  /// Nothing: not an object of the catalogue.
  std::optional<controllers::ObjectMeta> read(std::string_view key, const storage::RecordView& record) const;
  std::map<std::string, Receiver> receivers() const;
  std::vector<storage::ResourceId> store_ids() const;

  std::string name_;
  kernel::System& system_;
  storage::Store& store_;
  controllers::Catalogue catalogue_;
  mutable std::shared_mutex places_mutex_;
  std::vector<storage::ResourceId> store_ids_;  ///< By ResourceIndex.
  std::map<storage::ResourceId, Place> places_;
  mutable std::mutex mutex_;
  std::map<std::string, Receiver> receivers_;
};

}  // namespace troupe::daemon
