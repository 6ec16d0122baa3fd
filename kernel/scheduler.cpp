// Our scheduler as a module of CAF's actor system.
#include "kernel/detail/scheduler.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/detail/test_actor_clock.hpp>
#include <caf/execution_unit.hpp>
#include <caf/make_actor.hpp>
#include <caf/monitorable_actor.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>
#include <new>
#include <utility>

#include "kernel/io_threads.hpp"
#include "kernel/slabs.hpp"

namespace troupe::kernel::impl {
namespace {

// CAF wants an actor that prints. Nobody prints through it.
class NoPrinter final : public caf::monitorable_actor {
 public:
  explicit NoPrinter(caf::actor_config& config) : caf::monitorable_actor(config) {}
  using caf::monitorable_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr, caf::execution_unit*) override {}
};

class Unit final : public caf::execution_unit {
 public:
  Unit(caf::actor_system* system, Dispatcher& dispatcher) : caf::execution_unit(system), dispatcher_(dispatcher) {}
  void exec_later(caf::resumable* ready) override { dispatcher_.schedule(ready); }

 private:
  Dispatcher& dispatcher_;
};

class Module final : public caf::scheduler::abstract_coordinator {
 public:
  Module(caf::actor_system& system, Dispatcher& dispatcher)
      : caf::scheduler::abstract_coordinator(system), dispatcher_(dispatcher) {
    dispatcher_.system = &system;
  }

  void start() override {
    Unit unit(&system(), dispatcher_);
    caf::actor_config config{&unit};
    utility_actors_[printer_id] =
        caf::make_actor<NoPrinter, caf::actor>(system().next_actor_id(), system().node(), &system(), config);
  }
  void stop() override { dispatcher_.drain(); }
  bool detaches_utility_actors() const override { return false; }
  caf::actor_clock& clock() noexcept override { return clock_; }
  void enqueue(caf::resumable* ready) override { dispatcher_.schedule(ready); }

 private:
  Dispatcher& dispatcher_;
  caf::detail::test_actor_clock clock_;  // CAF's time-outs are not used
};

// True: it wants another turn, and the reference is still ours to give.
bool give_turn(Dispatcher& dispatcher, caf::resumable* ready, std::size_t max_messages) {
  Unit unit(dispatcher.system, dispatcher);
  switch (ready->resume(&unit, max_messages)) {
    case caf::resumable::resume_later:
      return true;
    case caf::resumable::done:
    case caf::resumable::awaiting_message:
      caf::intrusive_ptr_release(ready);
      return false;
    case caf::resumable::shutdown_execution_unit:
      return false;
  }
  return false;
}

constexpr std::size_t kMaxMessagesATurn = 100;

// What caf::actor_storage<Host> is, in memory from slabs: CAF finds the actor one cache line behind its control block.
struct HostStorage {
  HostStorage(ActorId id, caf::node_id node, caf::actor_system* system, caf::actor_config& config, Host::Plan&& plan)
      : control(id, node, system, end_host, give_back) {
    new (&host) Host(config, std::move(plan));
  }
  ~HostStorage() {}  // NOLINT: the host was ended by its control block
  HostStorage(const HostStorage&) = delete;
  HostStorage& operator=(const HostStorage&) = delete;

  static void end_host(caf::abstract_actor* actor) {
    actor->on_destroy();
    static_cast<Host*>(actor)->~Host();
  }
  static void give_back(caf::actor_control_block* control) {
    auto* storage = reinterpret_cast<HostStorage*>(control);
    storage->~HostStorage();
    Slabs::give(storage, sizeof(HostStorage));
  }

  caf::actor_control_block control;
  std::byte padding[CAF_CACHE_LINE_SIZE - sizeof(caf::actor_control_block)];
  union {
    Host host;
  };
};

static_assert(sizeof(HostStorage) == CAF_CACHE_LINE_SIZE + sizeof(Host));

}  // namespace

void AsioDispatcher::schedule(caf::resumable* ready) {
  outstanding_.fetch_add(1, std::memory_order_relaxed);
  const IoThreads::Job job{&AsioDispatcher::run, this, ready};
  if (threads_.current() >= 0) {
    threads_.defer(job);
  } else {
    threads_.post(job);
  }
}

void AsioDispatcher::run(void* self, void* resumable) {
  auto& dispatcher = *static_cast<AsioDispatcher*>(self);
  auto* ready = static_cast<caf::resumable*>(resumable);
  if (give_turn(dispatcher, ready, kMaxMessagesATurn)) {
    dispatcher.threads_.defer({&AsioDispatcher::run, self, resumable});
    return;
  }
  if (dispatcher.outstanding_.fetch_sub(1, std::memory_order_acq_rel) == 1) dispatcher.outstanding_.notify_all();
}

void AsioDispatcher::drain() {
  for (std::size_t left = outstanding_.load(std::memory_order_acquire); left != 0;
       left = outstanding_.load(std::memory_order_acquire))
    outstanding_.wait(left);
}

bool SeededDispatcher::run_one() {
  if (ready_.empty()) return false;
  const std::size_t chosen = random_.below(ready_.size());
  caf::resumable* ready = ready_[chosen];
  ready_[chosen] = ready_.back();
  ready_.pop_back();
  if (give_turn(*this, ready, 1)) ready_.push_back(ready);
  return true;
}

void SeededDispatcher::drain() {
  while (run_one()) {
  }
}

CafSystem::CafSystem(System::Core& core) : config_(std::make_unique<caf::actor_system_config>()) {
  Dispatcher& dispatcher = *core.dispatcher;
  config_->module_factories.push_back([&dispatcher](caf::actor_system& system) -> caf::actor_system::module* {
    return new Module(system, dispatcher);
  });
  system_ = std::make_unique<caf::actor_system>(*config_);
}

CafSystem::~CafSystem() = default;

ActorRef CafSystem::make_host(ActorId id, Host::Plan plan) {
  caf::actor_config config;
  void* memory = Slabs::take(sizeof(HostStorage));
  try {
    return ActorRef(&(new (memory) HostStorage(id, system_->node(), system_.get(), config, std::move(plan)))->host);
  } catch (...) {
    Slabs::give(memory, sizeof(HostStorage));
    throw;
  }
}

}  // namespace troupe::kernel::impl
