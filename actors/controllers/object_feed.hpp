#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "kernel/actor_ref.hpp"

/// News of objects of every kind, as far as their metadata goes: for controllers that care for all kinds alike.
namespace troupe::controllers {

/// A resource, by its place in the catalogue.
using ResourceIndex = std::uint32_t;

struct CatalogueEntry {
  std::string group;
  std::string version;
  std::string plural;
  std::string kind;
  bool namespaced = false;
  bool deletable = true;
  bool custom = false;  ///< Of a CustomResourceDefinition: takes no strategic merge patch.

  friend bool operator==(const CatalogueEntry&, const CatalogueEntry&) = default;
};

/// The resources there are, each once, in the version its objects are stored in. Grows when a custom kind comes; an
/// index stays what it was. Any thread may read while one adds.
class Catalogue {
 public:
  explicit Catalogue(std::vector<CatalogueEntry> entries);

  /// Another resource, or one that was there before; names lead to it that led to another one.
  ResourceIndex add(CatalogueEntry entry);
  /// No name leads to it any more.
  void retire(ResourceIndex index);
  std::size_t size() const;
  /// Lives as long as the catalogue.
  const CatalogueEntry& operator[](ResourceIndex index) const;
  /// By the apiVersion ("apps/v1": the group counts) and kind of a reference.
  std::optional<ResourceIndex> find_kind(std::string_view api_version, std::string_view kind) const;
  std::optional<ResourceIndex> find(std::string_view group, std::string_view plural) const;

 private:
  mutable std::shared_mutex mutex_;
  std::deque<CatalogueEntry> entries_;
  std::map<std::pair<std::string, std::string>, ResourceIndex, std::less<>> by_kind_;
  std::map<std::pair<std::string, std::string>, ResourceIndex, std::less<>> by_plural_;
};

struct OwnerLink {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  bool block_owner_deletion = false;

  friend bool operator==(const OwnerLink&, const OwnerLink&) = default;
};

/// What an object says about who owns it and how it ends.
struct ObjectMeta {
  ResourceIndex resource = 0;
  std::string ns;
  std::string name;
  std::string uid;
  std::uint64_t revision = 0;  ///< Its resourceVersion; of an object that is gone, that of its deletion.
  bool deleting = false;       ///< Has a deletionTimestamp.
  std::int64_t grace_seconds = 0;
  std::vector<OwnerLink> owners;
  std::vector<std::string> finalizers;

  bool has_finalizer(std::string_view finalizer) const;
};

// Messages; plain structs, inside one process.

/// feed → who attached: what follows starts from the beginning; all that was told before is void. No answer.
struct FeedRestarted {};

/// feed → who attached: news in the order of the store. No answer.
struct ObjectNews {
  struct Item {
    ObjectMeta meta;
    bool gone = false;  ///< `meta` is the last there was.
  };
  std::vector<Item> items;
};

/// feed → who attached: all that exists (of a namespace, when it names one) was told. No answer.
struct FeedSynced {
  std::string ns;
};

/// What a receiver wants to hear.
struct Interest {
  /// Objects with owners, or that wait for their dependents (the finalizers foregroundDeletion and orphan), changes
  /// from and to that, and everything that goes.
  bool ownership = false;
  /// All objects of these resources.
  std::vector<ResourceIndex> resources;
  /// Objects of a resource with this name, in all namespaces.
  std::vector<std::pair<ResourceIndex, std::string>> named;
};

/// List and watch of all objects. Its receiver must have a large mailbox.
class ObjectFeed {
 public:
  virtual ~ObjectFeed() = default;
  virtual const Catalogue& catalogue() const = 0;
  /// The receiver gets what there is, then news; from the beginning after FeedRestarted. One receiver per name: a
  /// later one replaces it.
  virtual void attach(const std::string& name, kernel::ActorRef receiver, Interest interest) = 0;
  /// From now on everything in this namespace too: what there is, FeedSynced with its name, then news; until unfollow
  /// or FeedRestarted. No object can be created in a namespace that is being deleted, so what is told is complete.
  virtual void follow(const std::string& name, const std::string& ns) = 0;
  virtual void unfollow(const std::string& name, const std::string& ns) = 0;
  /// What the store holds now; nothing when there is no such object. `done` on any thread, perhaps before this returns.
  virtual void find(ResourceIndex resource, const std::string& ns, const std::string& name,
                    std::function<void(Result<std::optional<ObjectMeta>>)> done) = 0;
};

}  // namespace troupe::controllers
