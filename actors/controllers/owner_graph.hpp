#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "actors/controllers/object_feed.hpp"

namespace troupe::controllers {

/// Who an owner reference means, or an object: an owner with another uid, kind, namespace or name is another one.
struct Identity {
  ResourceIndex resource = 0;
  std::string ns;
  std::string name;
  std::string uid;
};
Identity identity_of(const ObjectMeta& object);

/// The owners of an object: nothing for a reference to a kind that is not known, or from a cluster-scoped object to a
/// namespaced kind. An owner that is namespaced is looked for in the namespace of its dependent.
std::optional<Identity> resolve(const Catalogue& catalogue, const ObjectMeta& object, const OwnerLink& owner);

/// Who depends on whom, in memory, fed with news; and a queue of objects that may have to go. Only objects with owners
/// or dependents, and those that wait for their dependents, have a node.
class OwnerGraph {
 public:
  using Id = std::uint64_t;

  explicit OwnerGraph(const Catalogue& catalogue) : catalogue_(catalogue) {}

  void clear();
  void see(const ObjectMeta& object);
  void lose(const Identity& object);

  /// The next object to look at; it stays "taken" until `release`. Nothing: nothing to do.
  std::optional<Id> take();
  void release(Id id);
  /// Looked at again, at once or after its release.
  void enqueue(Id id);

  bool contains(Id id) const { return nodes_.count(id) != 0; }
  /// Of a node that is contained.
  const Identity& identity(Id id) const { return nodes_.at(id).identity; }
  /// The object itself was in the news; else it is only known from references to it.
  bool is_observed(Id id) const { return nodes_.at(id).observed; }
  std::size_t dependents(Id id) const { return nodes_.at(id).dependents.size(); }
  /// Dependents whose reference says blockOwnerDeletion.
  std::size_t blocking_dependents(Id id) const { return nodes_.at(id).blocking; }
  /// It is a dependent of dependents of its own that wait for theirs.
  bool waits_for_itself(Id id) const;
  std::size_t size() const { return nodes_.size(); }

 private:
  struct Edge {
    Id owner = 0;
    bool blocks = false;

    friend bool operator==(const Edge&, const Edge&) = default;
  };
  struct Node {
    Identity identity;
    bool observed = false;
    bool foreground = false;
    bool orphan = false;
    bool queued = false;
    bool taken = false;
    bool again = false;  ///< Enqueued while taken.
    std::vector<Edge> owners;
    std::set<Id> dependents;
    std::size_t blocking = 0;
  };

  Id node_of(const Identity& identity);
  bool relink(Id id, const ObjectMeta& object);
  void disconnect(Id id, const std::vector<Edge>& edges);
  void drop_if_unused(Id id);
  void enqueue_dependents(const Node& node);

  const Catalogue& catalogue_;
  std::unordered_map<std::string, Id> ids_;
  std::unordered_map<Id, Node> nodes_;
  std::deque<Id> queue_;
  Id next_ = 1;
};

// What becomes of one object, as a plain function.

/// An owner of it, as the store has it now.
struct OwnerState {
  enum class Kind : std::uint8_t {
    kAbsent,
    kSolid,    ///< It is there. Also one that lets its dependents go free is (see `orphans`).
    kWaiting,  ///< It is being deleted and waits for its dependents (foregroundDeletion).
    kUnknown,  ///< The reference cannot be resolved: nothing is done to the object.
  };
  Kind kind = Kind::kAbsent;
  bool orphans = false;  ///< It is being deleted with the finalizer orphan: references to it are taken away.
};

struct GarbageDecision {
  enum class Kind : std::uint8_t {
    kNothing,
    kDropOwners,        ///< Take away the references to `uids`.
    kUnblock,           ///< Set blockOwnerDeletion of all references to false.
    kUnblockAndDelete,  ///< Set blockOwnerDeletion of all references to false, then delete as `propagation` says.
    kDelete,
    kRemoveFinalizer,  ///< `finalizer`
  };
  Kind kind = Kind::kNothing;
  std::vector<std::string> uids;
  std::string propagation;
  std::string finalizer;
};

/// What the graph knows of the object's dependents.
struct DependentsView {
  std::size_t count = 0;
  std::size_t blocking = 0;
  bool circle = false;  ///< It would wait for itself.
};

/// `owners` are the states of `object.owners`, in their order.
GarbageDecision decide_garbage(const ObjectMeta& object, const std::vector<OwnerState>& owners,
                               const DependentsView& dependents);

}  // namespace troupe::controllers
