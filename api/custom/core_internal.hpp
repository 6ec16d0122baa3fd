#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "api/custom/custom_resources.hpp"
#include "api/custom/granted_names.hpp"
#include "api/custom/internal_client.hpp"
#include "api/custom/version.hpp"

namespace troupe::api::custom {

/// One definition and what became of it.
struct Entry {
  std::shared_ptr<const Definition> definition;
  storage::Revision created = 0;
  Grant grant;
  bool stale = true;                                     ///< The versions are not those of the definition.
  std::vector<std::shared_ptr<const Version>> versions;  ///< Those that are served.
  std::string fault;                                     ///< Why a version is not.
  storage::ResourceId store_id = 0;
  storage::KindId kind_id = 0;
  storage::Revision told = 0;  ///< The revision whose status was looked at.
  bool cleaning = false;
  std::unique_ptr<storage::Watch> leftovers;  ///< Of the objects, while they go.
};

/// All but `load` and the callbacks of others runs as jobs, one after the other.
class CustomResources::Core : public std::enable_shared_from_this<Core> {
 public:
  explicit Core(CustomDeps deps) : deps_(std::move(deps)) {}

  Status load();
  Status start(net::HttpHandler& api);
  void stop();

 private:
  void run(std::function<void(Core&)> job);
  void wake();
  void take();
  void begin_again();
  void begin_again_later();
  void put(const storage::RecordView& record);
  void forget(const storage::RecordView& record);
  void judge();
  void build(Entry& entry);
  void publish();
  void settle();
  void write_status(const std::string& name, Entry& entry);
  void try_again(const std::string& name);
  void settle_later();
  void clean(const std::string& name, Entry& entry);
  void delete_next(const std::string& name, std::vector<std::string> targets);
  void look_again(const std::string& name);
  void drop_finalizer(const std::string& name, Entry& entry);
  /// `done` is a job, told whether all is gone.
  void erase_all(storage::ResourceId resource, std::function<void(Core&, bool)> done);
  void erase_orphans(storage::ResourceId resource);
  Result<std::vector<storage::Key>> keys_of(storage::ResourceId resource);

  CustomDeps deps_;
  const Resource* definitions_ = nullptr;
  storage::Revision revision_ = 0;
  std::map<std::string, Entry> entries_;
  bool changed_ = true;  ///< The routes are not those of the entries.
  std::optional<InternalClient> client_;
  std::unique_ptr<storage::Watch> watch_;
  std::unique_ptr<Environment::Timer> begin_pause_;
  std::unique_ptr<Environment::Timer> settle_pause_;
  std::set<storage::ResourceId> orphans_;  ///< Whose definition went, and which could not be erased yet.
  std::atomic<bool> woken_{false};
};

}  // namespace troupe::api::custom
