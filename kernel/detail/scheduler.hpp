#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <vector>

#include "kernel/actor_ref.hpp"
#include "kernel/detail/host.hpp"

namespace caf {
class actor_system;
class actor_system_config;
class resumable;
}  // namespace caf

namespace troupe::kernel::impl {

/// Where actors that have messages get their turns.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  /// Gives `ready` a turn; takes over one reference. Any thread.
  virtual void schedule(caf::resumable* ready) = 0;
  /// Returns when nothing is scheduled or running.
  virtual void drain() = 0;
  /// Deterministic mode: gives one turn of one message; false: nobody is ready.
  virtual bool run_one() { return false; }
};

/// Turns on Asio's threads.
class AsioDispatcher final : public Dispatcher {
 public:
  AsioDispatcher(System::Core& core, IoThreads& threads) : core_(core), threads_(threads) {}
  void schedule(caf::resumable* ready) override;
  void drain() override;

 private:
  static void run(void* self, void* resumable);

  System::Core& core_;
  IoThreads& threads_;
  std::atomic<std::size_t> outstanding_{0};
};

/// One thread; who is next is drawn from a seed.
class SeededDispatcher final : public Dispatcher {
 public:
  SeededDispatcher(System::Core& core, std::uint64_t seed) : core_(core), random_(seed) {}
  ~SeededDispatcher() override;
  void schedule(caf::resumable* ready) override { ready_.push_back(ready); }
  void drain() override;
  bool run_one() override;

 private:
  System::Core& core_;
  SeededRandom random_;
  std::vector<caf::resumable*> ready_;
};

/// CAF's actor system with our scheduler in it.
class CafSystem {
 public:
  explicit CafSystem(System::Core& core);
  ~CafSystem();
  ActorRef make_host(ActorId id, Host::Plan plan);
  caf::actor_system& system() { return *system_; }

 private:
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
};

}  // namespace troupe::kernel::impl
