#pragma once

#include <any>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "kernel/exit_reason.hpp"
#include "kernel/paged_table.hpp"
#include "kernel/supervisor_spec.hpp"

namespace troupe::kernel {

/// One life of a child: given at each start, never used again. 0 is "none" (Erlang's `undefined`).
using Instance = std::uint64_t;
/// Given by the caller, handed back with the reply.
using CallId = std::uint64_t;
using TimerId = std::uint64_t;

/// What a child is doing, as `which_children` shows it.
enum class ChildState : std::uint8_t {
  kStopped,     ///< Specified, not running: stopped by a call, ended in order, or its init said ignore.
  kRunning,     ///< Started, and not known to have ended.
  kRestarting,  ///< A restart failed; it is tried again.
};

struct ChildInfo {
  std::string id;
  Instance instance = 0;
  ChildState state = ChildState::kStopped;
  ChildType type = ChildType::kWorker;
  std::uint32_t restarts = 0;  ///< Successful restarts since it was added.
  ExitReason last_reason;      ///< Of its last end; normal when it never ended.
};

struct ChildCounts {
  std::size_t specs = 0;
  std::size_t active = 0;  ///< Running and alive.
  std::size_t supervisors = 0;
  std::size_t workers = 0;
  friend bool operator==(const ChildCounts&, const ChildCounts&) = default;
};

namespace call {
/// Adds a child behind the others and starts it. Not for simple_one_for_one.
struct StartChild {
  ChildSpec spec;
};
/// simple_one_for_one only: starts one more child from the template; the factory gets `args` at every start.
struct StartDynamicChild {
  std::any args;
};
struct TerminateChild {
  std::string id;
};
/// simple_one_for_one only, where children have no id.
struct TerminateInstance {
  Instance instance = 0;
};
/// Starts a child that is stopped.
struct RestartChild {
  std::string id;
};
/// Forgets a child that is stopped.
struct DeleteChild {
  std::string id;
};
struct WhichChildren {};
struct CountChildren {};
struct GetChildSpec {
  std::string id;
};
}  // namespace call

using SupervisorCall =
    std::variant<call::StartChild, call::StartDynamicChild, call::TerminateChild, call::TerminateInstance,
                 call::RestartChild, call::DeleteChild, call::WhichChildren, call::CountChildren, call::GetChildSpec>;

/// The answer to a call: `ok`, or one of OTP's errors, or one that only this kernel has.
struct CallReply {
  enum class Outcome : std::uint8_t {
    kOk,
    kAlreadyPresent,  ///< start_child: the id is taken by a child that is not running.
    kAlreadyStarted,  ///< start_child: the id is taken by a running child, `instance`.
    kRunning,         ///< restart_child, delete_child: stop it first.
    kRestarting,      ///< restart_child, delete_child: a restart is under way.
    kNotFound,
    kSimpleOneForOne,  ///< The call makes no sense for a simple_one_for_one supervisor.
    kInvalidSpec,      ///< `message` says what is wrong.
    kStartFailed,      ///< `reason` says why.
    kBusy,             ///< Too many calls are waiting already (the kernel's bound; OTP has none).
    kNotRunning,       ///< The supervisor ended before it came to this call.
  };

  Outcome outcome = Outcome::kOk;
  Instance instance = 0;  ///< The child that runs now; 0 when its init said ignore.
  ExitReason reason;
  std::string message;
  std::vector<ChildInfo> children;  ///< which_children: the last started first, as OTP.
  ChildCounts counts;
  std::shared_ptr<const ChildSpec> spec;
};

std::string_view to_string(CallReply::Outcome outcome);
std::string_view to_string(ChildState state);

namespace effect {
/// Make the actor and run its init; then call child_started, child_failed or child_ignored.
struct StartChild {
  Instance instance = 0;
  std::shared_ptr<const ChildSpec> spec;
  std::any args;
};
/// Ask the child to end with `shutdown`; answered by child_down.
struct RequestExit {
  Instance instance = 0;
};
/// End the child without asking; answered by child_down.
struct Kill {
  Instance instance = 0;
};
struct ArmTimer {
  TimerId timer = 0;
  std::chrono::milliseconds delay{0};
};
struct CancelTimer {
  TimerId timer = 0;
};
struct Reply {
  CallId call = 0;
  CallReply reply;
};
/// Every child is started: the parent may go on.
struct Started {};
/// A child failed in init; the ones before it are stopped again. The supervisor's own start failed: end with `reason`.
struct StartFailed {
  ExitReason reason;
};
/// All children are gone: end with `reason`.
struct Exit {
  ExitReason reason;
};
/// Something to log, once. Not sent for what was expected.
struct Report {
  enum class Kind : std::uint8_t { kChildTerminated, kStartError, kShutdownError, kGaveUp };
  Kind kind = Kind::kChildTerminated;
  std::string child;
  Instance instance = 0;
  ExitReason reason;
  std::uint32_t restarts = 0;
  std::string action;  ///< What the supervisor does about it.
};
}  // namespace effect

using Effect =
    std::variant<effect::StartChild, effect::RequestExit, effect::Kill, effect::ArmTimer, effect::CancelTimer,
                 effect::Reply, effect::Started, effect::StartFailed, effect::Exit, effect::Report>;
using Effects = std::vector<Effect>;

std::string_view to_string(effect::Report::Kind kind);

/// OTP's supervisor as a pure state machine: events in, effects out; no clock, no threads, no actors.
///
/// OTP's supervisor is synchronous: while it starts or stops a child, everything else waits in its mailbox. So here:
/// one operation at a time; what arrives meanwhile queues in order. Ends of children are never dropped (at most one for
/// each child); calls are, over `Options::max_waiting_calls`, with kBusy.
///
/// The owner performs the effects in order and reports each result through the event functions, never from inside one.
/// `now` is monotonic time since any origin; it must not go back.
class SupervisorCore {
 public:
  using Now = std::chrono::nanoseconds;

  struct Options {
    std::string name;  ///< For reports and reason chains.
    std::size_t max_waiting_calls = 1024;
  };

  enum class Phase : std::uint8_t { kNew, kStarting, kRunning, kStopping, kEnded };

  /// Flags and specs must have passed check_flags and check_child_specs.
  SupervisorCore(Options options, SupervisorFlags flags, std::vector<ChildSpec> specs);

  // Events. Each appends what is to be done to `out`.
  void start(Now now, Effects& out);
  void child_started(Now now, Instance instance, Effects& out);
  void child_failed(Now now, Instance instance, ExitReason reason, Effects& out);
  void child_ignored(Now now, Instance instance, Effects& out);
  void child_down(Now now, Instance instance, ExitReason reason, Effects& out);
  void timer_fired(Now now, TimerId timer, Effects& out);
  void call(Now now, CallId id, SupervisorCall request, Effects& out);
  /// The parent asks it to end: children are stopped in reverse order, then Exit with this reason.
  void stop(Now now, ExitReason reason, Effects& out);

  /// What arrives from now on waits, an operation under way goes on; as OTP's sys:suspend.
  void suspend() { suspended_ = true; }
  void resume(Now now, Effects& out);

  Phase phase() const { return phase_; }
  const SupervisorFlags& flags() const { return flags_; }
  /// True when no operation is under way and nothing waits.
  bool is_quiet() const { return !operation_ && pending_.empty(); }
  /// Children in start order. For simple_one_for_one the running ones, without the template.
  std::vector<ChildInfo> children() const;
  /// Restarts counted at the last one, those that fell out of the period left out.
  std::size_t restarts_in_period() const { return restart_times_.size(); }
  std::uint64_t total_restarts() const { return total_restarts_; }

 private:
  /// Position in start order; a child keeps it over restarts.
  using Slot = std::uint64_t;

  struct Child {
    std::shared_ptr<const ChildSpec> spec;
    std::any args;
    Instance instance = 0;  ///< While restarting: the last life (what terminate_child knows it by).
    std::unique_ptr<const ExitReason> last_reason;  ///< Null: normal.
    std::uint32_t restarts = 0;
    ChildState state = ChildState::kStopped;

    ExitReason last() const { return last_reason ? *last_reason : ExitReason::normal(); }
    void ended(ExitReason reason) { last_reason = std::make_unique<const ExitReason>(std::move(reason)); }
  };

  struct Down {
    Instance instance;  ///< Its reason is in dead_; a stop that takes it from there makes this entry void.
  };
  struct TryAgain {
    Slot slot;
  };
  struct Call {
    CallId id;
    SupervisorCall request;
  };
  struct Stop {
    ExitReason reason;
  };
  using Pending = std::variant<Down, TryAgain, Call, Stop>;

  /// Stops some children, then starts some, then finishes according to its kind.
  struct Operation {
    enum class Kind : std::uint8_t { kInit, kStartCall, kDynamicCall, kTerminateCall, kRestartCall, kRestart, kEnd };
    Kind kind = Kind::kEnd;
    std::vector<Slot> to_stop;   ///< In the order of stopping.
    std::vector<Slot> to_start;  ///< In the order of starting.
    std::size_t stopped = 0;
    std::size_t started = 0;
    CallId call = 0;
    Slot subject = 0;           ///< The child that a call is about.
    ExitReason reason;          ///< kEnd: what to end with.
    bool start_failed = false;  ///< kEnd: init did not succeed.

    PagedTable<Slot> waiting_for;  ///< Those asked to end; one, or all for simple_one_for_one.
    Instance starting = 0;         ///< The one being started.
    TimerId timer = 0;
  };

  // supervisor_core.cpp: events and restarts
  bool can_handle() const { return !suspended_ && !operation_ && phase_ == Phase::kRunning; }
  void pump(Now now, Effects& out);
  void handle(Now now, Down& down, Effects& out);
  void handle(Now now, TryAgain& again, Effects& out);
  void handle(Now now, Call& call, Effects& out);
  void handle(Now now, Stop& stop, Effects& out);
  void restart(Now now, Slot slot, Effects& out);
  bool add_restart(Now now);
  void after_ended_for_good(const ChildSpec& spec, ExitReason reason, std::uint32_t restarts, Effects& out);
  void begin_end(ExitReason reason, bool start_failed, Effects& out);
  void report(effect::Report::Kind kind, const Child& child, ExitReason reason, std::string action, Effects& out);

  // supervisor_operation.cpp: what takes time
  void begin(Operation operation, Effects& out);
  void advance(Effects& out);
  void stop_next(Effects& out);
  void stop_all_at_once(Effects& out);
  void arm_deadline(const ChildSpec& spec, Effects& out);
  void start_next(Effects& out);
  void child_gone(Slot slot, ExitReason reason, Effects& out);
  void start_ended(std::optional<Instance> instance, Effects& out);
  void start_failed(ExitReason reason, Effects& out);
  void finish(Effects& out);
  void end(const Operation& operation, Effects& out);
  void forget_or_stop(Slot slot);

  // supervisor_calls.cpp: the calls
  std::optional<CallReply> on_call(CallId id, call::StartChild& request, Effects& out);
  std::optional<CallReply> on_call(CallId id, call::StartDynamicChild& request, Effects& out);
  std::optional<CallReply> on_call(CallId id, call::TerminateChild& request, Effects& out);
  std::optional<CallReply> on_call(CallId id, call::TerminateInstance& request, Effects& out);
  std::optional<CallReply> on_call(CallId id, call::RestartChild& request, Effects& out);
  std::optional<CallReply> on_call(CallId id, call::DeleteChild& request, Effects& out);
  std::optional<CallReply> on_call(CallId id, call::WhichChildren& request, Effects& out);
  std::optional<CallReply> on_call(CallId id, call::CountChildren& request, Effects& out);
  std::optional<CallReply> on_call(CallId id, call::GetChildSpec& request, Effects& out);
  void terminate(CallId id, Slot slot, Effects& out);

  bool is_simple() const { return flags_.strategy == Strategy::kSimpleOneForOne; }
  Child& child_at(Slot slot) { return *children_.find(slot); }
  std::vector<Slot> newest_first() const;
  Slot add(std::shared_ptr<const ChildSpec> spec, std::any args);
  void remove(Slot slot);
  std::optional<Slot> find(const std::string& id) const;
  ChildInfo info(const Child& child) const;

  Options options_;
  SupervisorFlags flags_;
  Phase phase_ = Phase::kNew;
  bool suspended_ = false;
  std::shared_ptr<const ChildSpec> template_;  ///< simple_one_for_one
  PagedTable<Child> children_;
  std::unordered_map<std::string, Slot> by_id_;  ///< empty for simple_one_for_one
  PagedTable<Slot> by_instance_;
  std::deque<Pending> pending_;
  std::unordered_map<Instance, ExitReason> dead_;  ///< Ended, not yet handled.
  std::size_t waiting_calls_ = 0;
  std::optional<Operation> operation_;
  std::deque<Now> restart_times_;  ///< newest last, at most intensity + 1
  std::uint64_t total_restarts_ = 0;
  Slot last_slot_ = 0;
  Instance last_instance_ = 0;
  TimerId last_timer_ = 0;
};

}  // namespace troupe::kernel
