#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/actor_ref.hpp"
#include "kernel/envelope.hpp"
#include "kernel/types.hpp"

namespace troupe::kernel {

class System;

namespace impl {
struct RegistryEntry;
}

/// From an object's key ("pods/default/web-7") to its actor. A key whose actor sleeps has no entry: the first message
/// hydrates it, through the hydrator of its kind. Messages that come meanwhile wait, in order, bounded.
///
/// There are never two actors of one key: an actor is bound at its spawn (`SpawnOptions::key`) until its end; messages
/// that come while it ends wait for the next one. What a supervisor that died leaves behind may hold a key for a moment
/// yet: the new supervisor's child of that key starts after it. Any thread.
class Registry {
 public:
  /// Asks somebody to start the actor of `key`, with `SpawnOptions::key` set to it; it may be asked again if that actor
  /// ends before it is needed no more. It must not wait. When it cannot be done: `hydrate_failed`, or an exception.
  using Hydrator = std::function<void(const std::string& key)>;

  explicit Registry(System& system);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// For keys that begin with "`kind`/" (and `kind` itself). Set before the first message; an empty function removes
  /// it.
  void set_hydrator(std::string kind, Hydrator hydrator);
  /// Messages that may wait for one key while its actor starts.
  void set_waiting_limit(std::size_t limit) { waiting_limit_ = limit; }

  /// A hint to the object's actor. Dropped and counted when its kind has no hydrator, or too many wait.
  void send(std::string_view key, AnyMsg message, TraceId trace = {}, ActorRef sender = {});
  /// As `System::request`; kNotFound when the kind has no hydrator.
  void request(std::string_view key, AnyMsg message, Duration timeout, ReplySink then, TraceId trace = {});
  /// Takes any envelope: what `send` and `request` do.
  void deliver(std::string_view key, Envelope envelope);

  /// The actor if it is awake.
  ActorRef find(std::string_view key) const;
  /// Entries: actors that are bound, and keys that wait for one.
  std::size_t size() const;
  /// The actor of `key` cannot be started: what waits is answered with `error`.
  void hydrate_failed(const std::string& key, const Error& error);

  // For the kernel: an actor's life.

  /// Binds a new actor to its key and gives it what waits. One whose key is held by an orphan (`Host::orphaned`) is its
  /// heir, the 100th at most: the orphan's end binds it and opens it. False: the key has a living actor.
  bool claim(const std::string& key, const ActorRef& actor);
  /// Called on the actor's own turn. True: from now on messages to its key wait for the next actor, and it must end.
  bool begin_passivation(impl::Host& host);
  /// The actor has ended: its heir is bound and opened; without one, hydrates again if messages wait.
  void release(impl::Host& host);

 private:
  struct Shard;

  Shard& shard_of(std::size_t hash) const;
  std::shared_ptr<const Hydrator> hydrator_of(std::string_view key) const;
  void hydrate(const std::string& key);

  System& system_;
  std::size_t waiting_limit_ = 1000;
  mutable std::mutex hydrators_mutex_;
  std::map<std::string, std::shared_ptr<const Hydrator>, std::less<>> hydrators_;
  static constexpr std::size_t kShards = 64;
  std::unique_ptr<Shard[]> shards_;
};

}  // namespace troupe::kernel
