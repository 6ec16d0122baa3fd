#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "schema/resource_table.hpp"
#include "schema/type_table.hpp"
#include "storage/keyspace.hpp"
#include "storage/record.hpp"

namespace troupe::api {

namespace custom {
struct Version;
}

/// One resource in one version: what clients see of it (the facts), its types and where its objects are kept.
struct Resource : schema::Resource {
  const schema::Type* type = nullptr;
  const schema::Type* list_type = nullptr;  ///< Null where there is none.
  storage::ResourceId store_id = 0;
  storage::KindId kind_id = 0;
  /// The resource in whose version objects of this one are stored; null: this one. Set by Routes.
  const Resource* stored = nullptr;
  /// Of a custom kind: what its definition says; then objects are kept as JSON. Null for built-in kinds.
  std::shared_ptr<const custom::Version> custom;
  bool terminating = false;  ///< A custom kind whose definition is deleted: nothing new is created.

  std::string api_version() const;
  /// "deployments.apps", as the store and messages name it.
  std::string qualified() const;
};

struct GroupVersion {
  std::string_view group;
  std::string_view version;
  std::vector<const Resource*> resources;  ///< By plural.
};

/// How the store numbers names: given out once, kept for ever.
struct Interning {
  std::function<Result<storage::ResourceId>(std::string_view)> resource;  ///< "deployments.apps"
  std::function<Result<storage::KindId>(std::string_view)> kind;          ///< "apps/v1/Deployment"
  /// Told what will be asked for, where that makes it faster; may be empty.
  std::function<Status(const std::vector<std::string>& resources, const std::vector<std::string>& kinds)> expect;
};

/// Resources that are served. Immutable; a change of the custom kinds makes a new one (LiveRoutes).
class Routes {
 public:
  /// Every resource of the table, each with its types and numbers; a version that is not stored has those of the stored
  /// one, and is left out where there is no conversion. The tables outlive the routes.
  static Result<Routes> built_in(const schema::ResourceTable& table, const schema::TypeTable& types,
                                 const Interning& interning);

  /// The built-in resources and, behind them, custom ones; in their order, versions of a group together.
  static std::shared_ptr<const Routes> with_custom(const Routes& built_in, std::vector<Resource> custom);

  explicit Routes(std::vector<Resource> resources);
  Routes(Routes&&) = default;
  Routes& operator=(Routes&&) = default;
  Routes(const Routes&) = delete;  // its parts point into it
  Routes& operator=(const Routes&) = delete;

  const Resource* find(std::string_view group, std::string_view version, std::string_view plural) const;
  /// The resource whose kind a stored record names.
  const Resource* find_kind(storage::KindId kind) const;
  /// Groups in their order of preference, "" first; versions of a group, the preferred one first.
  const std::vector<GroupVersion>& group_versions() const { return group_versions_; }
  const GroupVersion* find_version(std::string_view group, std::string_view version) const;
  const std::vector<Resource>& resources() const { return resources_; }
  /// Where the node ports of Services are kept, which no client sees.
  storage::ResourceId node_ports() const { return node_ports_; }

 private:
  std::vector<Resource> resources_;
  std::map<std::string, const Resource*, std::less<>> by_path_;
  std::map<storage::KindId, const Resource*> by_kind_;
  std::vector<GroupVersion> group_versions_;
  storage::ResourceId node_ports_ = 0;
};

/// The routes of the moment, custom kinds among them: swapped whole, so that a request keeps those it began with.
class LiveRoutes {
 public:
  using Follower = std::function<void(const Routes&)>;

  explicit LiveRoutes(std::shared_ptr<const Routes> routes) : routes_(std::move(routes)), newest_(routes_) {}

  std::shared_ptr<const Routes> get() const;
  /// The routes that followers are told or were told last: those of `get`, or those that it is about to give.
  std::shared_ptr<const Routes> newest() const;
  /// Followers hear of it before any request does.
  void set(std::shared_ptr<const Routes> routes);
  /// Called at once with what there is, then at each change, one call at a time. It must outlive this.
  void follow(Follower follower);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Routes> routes_;
  std::shared_ptr<const Routes> newest_;
  std::mutex follow_mutex_;  // is held while followers are told
  std::vector<Follower> followers_;
};

}  // namespace troupe::api
