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
  /// Set by CAF's system while it is made; it gives turns until the end of its own destructor.
  caf::actor_system* system = nullptr;
};

/// Turns on Asio's threads.
class AsioDispatcher final : public Dispatcher {
 public:
  explicit AsioDispatcher(IoThreads& threads) : threads_(threads) {}
  void schedule(caf::resumable* ready) override;
  void drain() override;

 private:
  static void run(void* self, void* resumable);

  IoThreads& threads_;
  std::atomic<std::size_t> outstanding_{0};
};

/// One thread; who is next is drawn from a seed.
class SeededDispatcher final : public Dispatcher {
 public:
  explicit SeededDispatcher(std::uint64_t seed) : random_(seed) {}
  void schedule(caf::resumable* ready) override { ready_.push_back(ready); }
  void drain() override;
  bool run_one() override;

 private:
  SeededRandom random_;
  std::vector<caf::resumable*> ready_;
};

/// CAF's actor system with our scheduler in it.
class CafSystem {
 public:
  explicit CafSystem(System::Core& core);
  ~CafSystem();
  ActorRef make_host(ActorId id, Host::Plan plan);

 private:
  std::unique_ptr<caf::actor_system_config> config_;
  std::unique_ptr<caf::actor_system> system_;
};

}  // namespace troupe::kernel::impl
