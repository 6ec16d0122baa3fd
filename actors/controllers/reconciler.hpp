#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/controllers/ports.hpp"
#include "kernel/actor.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"

namespace troupe::controllers {

/// What controllers work with; all of it outlives the System.
struct ControllerDeps {
  Cache& cache;
  Writes& writes;
};

/// Base of the actor of one object: brings the world to what the object asks for. It keeps nothing that the cache does
/// not say, so that it may die at any step; it decides only when the cache shows everything it (or the actor before
/// it) wrote. It ends when it has had nothing to do for a while, and is started again by the next Poke.
class Reconciler : public kernel::Actor {
 public:
  /// `key` is its registry key; `object` names what it works for.
  Reconciler(ControllerDeps deps, std::string key, ObjectName object);

 protected:
  /// Compares and writes. Answers when to look again though nothing changes, by the wall's clock.
  virtual std::optional<std::chrono::system_clock::time_point> reconcile() = 0;
  /// One of its writes failed; it will look again after a pause that grows.
  virtual void failed(const std::string& what, const Error& error);

  Cache& cache() const { return deps_.cache; }
  const std::string& key() const { return key_; }
  const ObjectName& object() const { return object_; }
  std::chrono::system_clock::time_point wall_now() const;
  std::int64_t seconds_now() const;  ///< Since 1970.

  // Writes; `then` runs on this actor's turn if it lives, before it looks again. `what` goes to `failed`.
  using Then = std::function<void()>;
  void create(const ObjectName& name, Segment object, std::string what, Then then = {});
  void update(const ObjectName& name, const std::string& uid, Writes::Change change, std::string what, Then then = {});
  void remove(const ObjectName& name, const std::string& uid, std::string what, Then then = {});
  void record(EventReport event) { deps_.writes.record(std::move(event)); }

  Status init() override;
  bool receive(kernel::Envelope& envelope) final;
  void terminate(const kernel::ExitReason& reason) override;

 private:
  struct Wrote;
  void look();
  void rest(std::optional<std::chrono::system_clock::time_point> wake_at);
  Writes::Done finish(std::string what, Then then);
  void finished(const Wrote& wrote);

  const ControllerDeps deps_;
  const std::string key_;
  const ObjectName object_;
  kernel::TimerHandle timer_;
  kernel::TimerHandle pause_;
  int failures_ = 0;
};

/// A kind whose objects have actors.
struct ControlledKind {
  /// The objects of this kind that a change of anything in the cache concerns.
  using Concerns =
      std::function<std::vector<ObjectName>(const Cache& cache, const ObjectPtr& before, const ObjectPtr& now)>;

  std::string name;      ///< Begins the actors' keys: "replicaset".
  std::string resource;  ///< "replicasets.apps"
  std::function<std::unique_ptr<Reconciler>(ControllerDeps deps, std::string key, ObjectName object)> make;
  Concerns concerns;
};

/// The kind whose objects' actors are `Actor`s; `more` goes to the constructor of each.
template <class Actor, class... More>
ControlledKind kind_of(std::string name, std::string resource, ControlledKind::Concerns concerns, More... more) {
  ControlledKind kind{std::move(name), std::move(resource), {}, std::move(concerns)};
  kind.make = [more...](ControllerDeps deps, std::string key, ObjectName object) -> std::unique_ptr<Reconciler> {
    return std::make_unique<Actor>(deps, std::move(key), std::move(object), more...);
  };
  return kind;
}

/// The supervisor of a kind's actors. Before the System starts its root; once a System.
kernel::ChildSpec controller(kernel::System& system, ControllerDeps deps, const ControlledKind& kind);

/// "replicaset/default/web-7d"
std::string actor_key(const std::string& kind, const ObjectName& object);

}  // namespace troupe::controllers
