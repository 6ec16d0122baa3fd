#pragma once

#include <atomic>
#include <caf/intrusive/lifo_inbox.hpp>
#include <caf/local_actor.hpp>
#include <caf/resumable.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "kernel/detail/core.hpp"
#include "kernel/detail/maker.hpp"
#include "kernel/detail/parcel.hpp"
#include "kernel/metrics.hpp"

namespace troupe::kernel::impl {

/// The CAF actor behind every actor of ours: mailbox, turn, monitors, timers, requests, end. It derives from
/// caf::local_actor, not from caf::event_based_actor, which brings 850 bytes of streams and behaviors (docs/adr).
///
/// State that only its own turn touches needs no lock. What others touch: the inbox (lock-free), `depth_`,
/// `control_coming_`, and what is named under CAF's `mtx_`.
class Host final : public caf::local_actor, public caf::resumable {
 public:
  struct Plan {
    System::Core* core = nullptr;
    Maker maker;
    SpawnOptions options;
    ActorRef parent;
    /// For a child without a name: it is made when somebody wants to know, as "parent/place" or "parent/place#tag".
    std::shared_ptr<const std::string> place{};
    bool numbered = false;
  };

  Host(caf::actor_config& config, Plan plan);
  ~Host() override;

  // caf::local_actor
  using caf::local_actor::enqueue;
  void enqueue(caf::mailbox_element_ptr element, caf::execution_unit* unit) override;
  void launch(caf::execution_unit* unit, bool lazy, bool hide) override;
  void on_exit() override;
  bool cleanup(caf::error&& reason, caf::execution_unit* unit) override;
  const char* name() const override { return label().c_str(); }

  // caf::resumable
  resume_result resume(caf::execution_unit* unit, std::size_t max_messages) override;
  void intrusive_ptr_add_ref_impl() override { retain(this); }
  void intrusive_ptr_release_impl() override { release(this); }

  // Any thread.

  /// The one door: bounds data, counts what cannot be delivered, schedules the actor.
  void deliver(ParcelPtr parcel);
  /// As `deliver`, but a full mailbox leaves the parcel with the caller and answers false.
  bool offer(ParcelPtr& parcel);
  bool alive() const { return !ended_.load(std::memory_order_acquire); }
  /// One above it has ended: it has been told to end, or will be, by whoever took it along.
  bool orphaned() const;
  std::size_t depth() const { return depth_.load(std::memory_order_relaxed); }
  const std::string& label() const;
  System::Core& core() const { return *core_; }
  TypeMetrics& metrics() const { return *metrics_; }
  const ActorRef& parent() const { return parent_; }
  /// False: it has ended, and `watcher` is not told.
  bool add_watcher(const ActorRef& watcher, MonitorHandle monitor);
  void remove_watcher(ActorId watcher, MonitorHandle monitor);
  std::size_t watcher_count() const;

  /// Ends its making: from here on it has turns. Whatever came before has waited.
  void open();
  /// Before `open`: its start fails with `why`.
  void refuse_start(std::string why);

  // Its own turn: what Actor's functions do.

  void quit(ExitReason reason);
  void defer_start() { start_deferred_ = true; }
  void start_done();
  void ignore_start();
  bool passivate();
  RequestHandle open_request(Duration timeout, std::function<void(Result<AnyMsg>)> then);
  void cancel(RequestHandle request);
  MonitorHandle monitor(const ActorRef& other);
  void demonitor(MonitorHandle monitor);
  TimerHandle after(Duration delay, std::function<void()> then);
  bool cancel(TimerHandle timer);
  TraceId trace() const { return trace_; }
  void set_trace(TraceId trace) { trace_ = trace; }

  // The list of the living, under the lock of its shard.
  Host* living_next = nullptr;
  Host* living_previous = nullptr;
  /// Set under the registry's lock while the actor is bound to its key.
  RegistryEntry* registry_entry = nullptr;
  /// Set while it is made: its key is held by an actor that is about to end, whose end opens it.
  bool waits_for_key = false;

 private:
  enum class State : std::uint8_t { kNew, kStarting, kUp, kEnding, kEnded };

  using Watchers = std::map<std::pair<ActorId, std::uint64_t>, ActorRef>;
  struct Timer {
    TimerWheel::Id wheel = 0;
    std::function<void()> then;
  };
  struct PendingRequest {
    TimerWheel::Id wheel = 0;
    std::function<void(Result<AnyMsg>)> then;
  };
  /// For actors that wait for something; most of a million sleeping ones have none.
  struct Waits {
    std::uint64_t last = 0;
    std::map<std::uint64_t, Timer> timers;
    std::map<std::uint64_t, PendingRequest> requests;
    std::map<std::uint64_t, ActorRef> monitors;
  };
  struct InboxPolicy {
    using mapped_type = caf::mailbox_element;
    using unique_pointer = caf::mailbox_element_ptr;
  };

  void fetch();
  Parcel* pick_control(Parcel* newest, std::uint32_t coming);
  ParcelPtr take();
  void handle(Parcel& parcel);
  void dispatch(Parcel& parcel);
  void start();
  void tell_started();
  void receive(Envelope& envelope);
  void fire(std::uint64_t token);
  void settle(Parcel& parcel);
  void end();
  void end_body(const ExitReason& reason);
  void drop_waits();
  void tell_end(const ExitReason& reason);
  void close_mailbox();
  bool drop_some();
  void measure(const Parcel& parcel, TimePoint began, TimePoint ended);
  Waits& waits();

  System::Core* core_;
  Maker maker_;
  std::unique_ptr<Actor> body_;
  mutable std::atomic<const std::string*> name_{nullptr};  // owned; null: nobody asked yet
  std::shared_ptr<const std::string> place_;
  TypeMetrics* metrics_;
  ActorRef parent_;
  caf::intrusive::lifo_inbox<InboxPolicy> inbox_;
  ParcelList control_;
  Backlog data_;
  std::unique_ptr<Waits> waits_;
  std::unique_ptr<Watchers> watchers_;  // under mtx_
  std::unique_ptr<ExitReason> quit_reason_;
  TraceId trace_;
  std::uint64_t tag_;
  std::atomic<std::uint32_t> depth_{0};
  std::atomic<std::uint32_t> control_coming_{0};  // control in the inbox, or on its way there
  std::uint32_t mailbox_limit_;
  std::atomic<bool> ended_{false};  // written under mtx_
  State state_ = State::kNew;
  StartMode start_mode_;
  StartOutcome outcome_;
  bool start_deferred_ = false;
  bool numbered_;
};

/// "troupe::test::Ping", "init", "down #7 killed": what a handler works on, for logs.
std::string describe(const Parcel& parcel);

/// Makes an actor and lets it start as `plan` says.
ActorRef spawn(Host::Plan plan);

}  // namespace troupe::kernel::impl
