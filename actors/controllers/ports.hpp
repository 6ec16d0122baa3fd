#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "base/result.hpp"

/// What controllers see of the world: a cache of objects that the store's feed keeps, and writes under conditions.
namespace troupe::controllers {

struct PodView;

using Labels = std::map<std::string, std::string>;

/// An object as the store keeps it: one Cap'n Proto segment, in words.
using Segment = std::vector<std::uint64_t>;
using SegmentView = std::span<const std::uint64_t>;

/// Names an object; `resource` as the store does: "pods", "replicasets.apps".
struct ObjectName {
  std::string resource;
  std::string ns;  ///< Empty for resources without namespaces.
  std::string name;

  friend bool operator==(const ObjectName&, const ObjectName&) = default;
  friend bool operator<(const ObjectName& a, const ObjectName& b) {
    return std::tie(a.resource, a.ns, a.name) < std::tie(b.resource, b.ns, b.name);
  }
};

struct OwnerRef {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  bool controller = false;
  bool block_deletion = false;

  friend bool operator==(const OwnerRef&, const OwnerRef&) = default;
};

/// One version of an object, with what every object has read out.
struct Object {
  ObjectName name;
  std::string uid;
  Labels labels;
  std::vector<OwnerRef> owners;
  std::vector<std::string> finalizers;
  bool deleting = false;
  Segment segment;
  std::shared_ptr<const PodView> pod;  ///< Of pods only.

  /// Null: nobody controls it.
  const OwnerRef* controller() const {
    for (const auto& owner : owners) {
      if (owner.controller) return &owner;
    }
    return nullptr;
  }
};
using ObjectPtr = std::shared_ptr<const Object>;

/// Anyone → an object's actor: look again. A hint: what there is to see is in the cache. No answer.
struct Poke {};

/// The newest durable version of every object of some resources, as far as the feed has read. Any thread.
class Cache {
 public:
  /// Called on the feed's turn, in order, after the cache has changed. `before` is null: created; `now` is null: gone.
  /// Both are null: everything that exists has been read (once more). Short; it may read the cache and send hints.
  using Listener = std::function<void(const ObjectPtr& before, const ObjectPtr& now)>;

  virtual ~Cache() = default;
  /// False until everything that exists was read for the first time: decide nothing before.
  virtual bool synced() const = 0;
  /// Null when there is none.
  virtual ObjectPtr find(const ObjectName& name) const = 0;
  /// By name; an empty namespace: of all of them.
  virtual std::vector<ObjectPtr> list(const std::string& resource, const std::string& ns) const = 0;
  /// Objects of the resource with an owner reference to `uid`, by name. An empty uid: those without a controller.
  virtual std::vector<ObjectPtr> owned(const std::string& resource, const std::string& ns,
                                       const std::string& uid) const = 0;
  /// Before the System starts; for ever.
  virtual void listen(Listener listener) = 0;
};

/// An event about an object, for `kubectl describe`.
struct EventReport {
  ObjectName object;
  std::string uid;
  std::string kind;
  std::string api_version;
  std::string component;  ///< "replicaset-controller".
  std::string reason;
  std::string message;
  bool warning = false;
};

/// Writes on behalf of an object's actor, named by its registry key. They outlive the actor: `settled` also counts the
/// writes of one that died, so that its successor makes nothing twice. Any thread; answers on any thread, once each.
class Writes {
 public:
  using Done = std::function<void(Status)>;
  /// From the stored object to the one to store; nothing: leave it. It may be called several times.
  using Change = std::function<Result<std::optional<Segment>>(SegmentView current)>;

  virtual ~Writes() = default;
  /// kAlreadyExists; kPermission: its namespace is going away; kNotFound: there is no such namespace.
  virtual void create(const std::string& actor, const ObjectName& name, Segment object, Done done) = 0;
  /// kConflict: the object has another uid; kNotFound; the change's error. Others' writes in between: tried again.
  virtual void update(const std::string& actor, const ObjectName& name, const std::string& uid, Change change,
                      Done done) = 0;
  /// As the API's DELETE does in the background: a pod that runs gets its grace, finalizers are waited for. kConflict:
  /// another uid; kNotFound.
  virtual void remove(const std::string& actor, const ObjectName& name, const std::string& uid, Done done) = 0;
  /// True: no write of this actor is under way, and the cache shows all that were made. After a false the actor gets a
  /// Poke when that has changed.
  virtual bool settled(const std::string& actor) const = 0;
  /// Best effort; the same again counts up.
  virtual void record(EventReport event) = 0;
};

}  // namespace troupe::controllers
