#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "kernel/actor_ref.hpp"
#include "kernel/envelope.hpp"
#include "kernel/exit_reason.hpp"
#include "kernel/msg.hpp"
#include "kernel/types.hpp"

namespace troupe::kernel {

class Actor;
class Random;
class System;

/// Makes the actor's object: called on the new actor's own turn, before `init`. A throw is a failed start.
using ActorFactory = std::function<std::unique_ptr<Actor>()>;

enum class StartMode : std::uint8_t {
  kEager,  ///< `init` runs at once, as the first message.
  kLazy,   ///< `init` runs before the first message that comes; until then there is not even an object.
};

struct SpawnOptions {
  /// In logs, metrics and `troupe tree`: "web-7".
  std::string name{};
  /// The actor's kind, for metrics: "pod". Must point to text that lives as long as the program.
  std::string_view type = "actor";
  StartMode start = StartMode::kEager;
  /// Data messages that may wait; 0 takes the system's default. Control messages and answers are never refused.
  std::uint32_t mailbox_limit = 0;
  /// Bound to this key of the system's registry while it lives; empty: not registered. A key that is taken by a
  /// living actor is a failed start.
  std::string key{};
  /// The parent's own number for this child: comes back in ChildStarted and ChildExited.
  std::uint64_t tag = 0;
};

/// Only supervisors can make one, so only they can start actors.
class SupervisorKey {
  SupervisorKey() = default;
  friend class Supervisor;         // kernel/supervisor.hpp
  friend struct KernelTestAccess;  // tests of the kernel itself
};

/// How a start ended, told to the parent.
enum class StartOutcome : std::uint8_t {
  kStarted,
  kFailed,   ///< Constructor or `init` threw or returned an error, or it was asked to exit before it was up.
  kIgnored,  ///< `init` called `ignore_start()`: it ended on purpose, its entry stays without an actor.
};

struct ChildStarted {
  ActorId child = 0;
  std::uint64_t tag = 0;  ///< SpawnOptions::tag
};

/// A child ended. Its state is gone, its mailbox closed.
struct ChildExited {
  ActorId child = 0;
  ExitReason reason;
  StartOutcome start = StartOutcome::kStarted;  ///< kFailed or kIgnored: it never was up.
  std::uint64_t tag = 0;                        ///< SpawnOptions::tag
};

/// A monitored actor ended, or had ended before: then the reason is `no_such_actor()`.
struct Down {
  MonitorHandle monitor;
  ActorId actor = 0;
  ExitReason reason;
};

ExitReason no_such_actor();

/// Somebody asks an actor to end. A `kKilled` reason never gets this far: the actor just ends.
struct ExitRequest {
  ActorId from = 0;  ///< 0: the system.
  ExitReason reason;
};

/// Base of every actor. One message at a time; the kernel calls the virtual functions, on any of its threads, never
/// two at once. An exception that leaves any of them ends the actor (`ExitReason::kError` with its text), not the
/// process.
///
/// Order of delivery: from one sender to one receiver, data messages keep their order, and so do control messages
/// (exit, child, down, timer, answers); control overtakes data.
class Actor {
 public:
  virtual ~Actor();
  Actor(const Actor&) = delete;
  Actor& operator=(const Actor&) = delete;

 protected:
  /// Constructors only keep their arguments: the functions below work from `init` on.
  Actor() = default;

  // What an actor may override.

  /// Builds the state. The first thing that runs; an error or a throw is a failed start.
  virtual Status init() { return {}; }
  /// A data message. False: not expected here; the kernel counts it by type, logs it at most once a minute and, if it
  /// is a request, answers kUnsupported.
  virtual bool receive(Envelope& envelope) = 0;
  /// Asked to end: the default is to do so at once. An override must get to `quit` by itself; who asked has a deadline.
  virtual void on_exit_request(const ExitRequest& request) { quit(request.reason); }
  virtual void on_down(const Down& down);
  virtual void on_child_started(const ChildStarted& started);
  virtual void on_child_exited(const ChildExited& exited);
  /// Last call, on every way to end after `init` began, killed too. It may send; it may not wait. Exceptions are
  /// logged.
  virtual void terminate(const ExitReason& reason);

  // Its own life.

  /// Ends after the running function returns. The first call decides the reason.
  void quit(ExitReason reason = ExitReason::normal());
  /// In `init`: the start is not complete when `init` returns, but when `start_done` is called (or `quit`: failed).
  void defer_start();
  void start_done();
  /// In `init`: ends without being a failure (`StartOutcome::kIgnored`).
  void ignore_start();
  /// For an actor with a registry key that has nothing to do: ends it (reason normal) unless messages wait. The next
  /// message to its key starts a new one; there are never two. False: messages wait, it lives on.
  bool passivate();

  ActorRef self() const;
  ActorId id() const;
  const std::string& name() const;
  /// The actor that started it; nobody for the root.
  ActorRef parent() const;
  System& system() const;

  // Others.

  /// A hint: never fails, is dropped (and counted) when the receiver is dead or its mailbox full.
  void send(const ActorRef& to, AnyMsg message);
  /// To the actor of a key, waking it if it sleeps (see Registry).
  void send(std::string_view key, AnyMsg message);
  /// The answer comes to `then`, exactly once, unless this actor ends before: the message, `kBusy` (mailbox full),
  /// `kUnavailable` (dead, or died before it answered), `kTimeout`, or the error of the other side.
  RequestHandle request(const ActorRef& to, AnyMsg message, Duration timeout, std::function<void(Result<AnyMsg>)> then);
  RequestHandle request(std::string_view key, AnyMsg message, Duration timeout,
                        std::function<void(Result<AnyMsg>)> then);
  /// `then` is not called any more.
  void cancel(RequestHandle request);
  /// `request` with the type of the answer: another type is `kInternal`.
  template <class Reply>
  RequestHandle ask(const ActorRef& to, AnyMsg message, Duration timeout, std::function<void(Result<Reply>)> then);
  /// Asks another actor to end; a `killed` reason ends it as soon as its running handler returns.
  void send_exit(const ActorRef& to, ExitReason reason);
  /// `on_down` is called once when it ends, at once if it has. Whoever ends takes its monitors along.
  MonitorHandle monitor(const ActorRef& other);
  /// After this `on_down` is not called for it any more.
  void demonitor(MonitorHandle monitor);

  // Children. `on_child_started` and `on_child_exited` tell the rest; a lazy child counts as started at once and says
  // so with no message. It cannot fail here: every failure comes as `on_child_exited`.

  ActorRef spawn(SupervisorKey key, ActorFactory factory, SpawnOptions options);

  // Time and chance.

  TimePoint now() const;
  /// Calls `then` once, not before `delay` has passed, as a message of this actor. Gone with the actor.
  TimerHandle after(Duration delay, std::function<void()> then);
  /// False: it has run, or was cancelled. After this it does not run.
  bool cancel(TimerHandle timer);
  Random& random() const;
  /// The trace of the message being handled; sends inherit it.
  TraceId trace() const;
  void set_trace(TraceId trace);

 private:
  friend class impl::Host;
  impl::Host* host_ = nullptr;
};

template <class Reply>
RequestHandle Actor::ask(const ActorRef& to, AnyMsg message, Duration timeout,
                         std::function<void(Result<Reply>)> then) {
  return request(to, std::move(message), timeout, [then = std::move(then)](Result<AnyMsg> answer) {
    if (!answer) return then(tl::unexpected<Error>(std::move(answer).error()));
    Reply typed = Reply::from(*answer);
    if (!typed) return then(troupe::fail(ErrorCode::kInternal, "the answer is of another type"));
    then(std::move(typed));
  });
}

}  // namespace troupe::kernel
