#pragma once

#include <any>
#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "kernel/actor.hpp"
#include "kernel/paged_table.hpp"
#include "kernel/supervision_tree.hpp"
#include "kernel/supervisor_core.hpp"

namespace troupe::kernel {

class Supervisor;

/// A supervisor as a value: its flags and its children in start order.
///
///     SupervisorSpec plane{
///         .name = "control plane",
///         .flags = {.strategy = Strategy::kRestForOne, .intensity = 3, .period = 5s},
///         .children = {worker<Store>("store", options).shutdown(10s),
///                      supervisor("nodes", nodes),
///                      worker<Scheduler>("scheduler").transient()}};
struct SupervisorSpec {
  std::string name = {};  ///< The root's; below it a supervisor's place names it.
  SupervisorFlags flags = {};
  std::vector<ChildSpec> children = {};
};

/// How an actor child is made; `args` are those of start_child, empty for static children.
class ActorChildFactory : public ChildFactory {
 public:
  std::function<std::unique_ptr<Actor>(const std::any& args)> make;
  /// Name, type, registry key, mailbox, lazy start; null: named after its place in the tree.
  std::function<SpawnOptions(const std::any& args)> options;
  /// Set for a supervisor: then `make` is not used.
  std::shared_ptr<const SupervisorSpec> supervisor;
};

/// A child in the making; converts to its ChildSpec.
class Child {
 public:
  explicit Child(std::string id) : factory_(std::make_shared<ActorChildFactory>()) { spec_.id = std::move(id); }

  Child& permanent() { return restart(Restart::kPermanent); }
  Child& transient() { return restart(Restart::kTransient); }
  Child& temporary() { return restart(Restart::kTemporary); }
  Child& restart(Restart value);
  Child& significant(bool value = true);
  Child& shutdown(std::chrono::milliseconds deadline) { return shutdown(Shutdown::after(deadline)); }
  Child& shutdown(Shutdown value);
  Child& brutal_kill() { return shutdown(Shutdown::brutal_kill()); }
  /// What every start of it is spawned with.
  Child& spawn_with(SpawnOptions options);
  Child& spawn_with(std::function<SpawnOptions(const std::any&)> options);
  Child& made_by(std::function<std::unique_ptr<Actor>(const std::any&)> make);
  Child& supervises(SupervisorSpec spec);

  operator ChildSpec() const;  // NOLINT: a list of children reads as one

 private:
  ChildSpec spec_;
  std::shared_ptr<ActorChildFactory> factory_;
};

/// A worker made by `make` at each start.
Child worker(std::string id, ActorFactory make);

/// A worker of class A, made at each start from copies of `args`.
template <class A, class... Args>
Child worker(std::string id, Args... args) {
  return worker(std::move(id), ActorFactory([kept = std::make_tuple(std::move(args)...)]() -> std::unique_ptr<Actor> {
                  return std::apply([](const auto&... each) { return std::make_unique<A>(each...); }, kept);
                }));
}

/// The template of a simple_one_for_one supervisor: `make` gets what `start_dynamic` was called with.
template <class Args, class Make>
Child dynamic_worker(std::string id, Make make) {
  return std::move(
      Child(std::move(id)).made_by([make = std::move(make)](const std::any& args) -> std::unique_ptr<Actor> {
        return make(std::any_cast<const Args&>(args));
      }));
}

/// A supervisor below a supervisor; its shutdown is infinity, so that it can stop its own children in order.
Child supervisor(std::string id, SupervisorSpec spec);

/// What supervisors do, as they do it. On the supervisor's thread; must be quick and must not throw.
struct SupervisionEvent {
  enum class Kind : std::uint8_t { kStarted, kIgnored, kStartFailed, kStopAsked, kKill, kExited, kReport };
  Kind kind = Kind::kStarted;
  std::string supervisor;  ///< Name of the supervisor; empty for the root's own start and end.
  ActorId supervisor_id = 0;
  std::string child;  ///< Name of the child's actor.
  std::string id;     ///< Id of the child in its supervisor.
  Instance instance = 0;
  ExitReason reason;
  ActorRef actor;
  const effect::Report* report = nullptr;  ///< kReport; valid during the call.
};
using SupervisionObserver = std::function<void(const SupervisionEvent&)>;

// Messages of a supervisor. All are plain structs, for this process only.

/// Anyone → supervisor, as a request: answered with SupervisorReply. Fails with kUnavailable when it ends before.
struct SupervisorRequest {
  SupervisorCall call;
};
struct SupervisorReply {
  CallReply reply;
  ActorRef child;  ///< The child that runs now, if the call started one (or found it started).
};
/// Anyone → supervisor: what arrives from now on waits, until resumed. For tests and for maintenance.
struct SuspendSupervisor {};
struct ResumeSupervisor {};
/// Anyone → supervisor, as a request: answered with TreeNode, the tree below it. A supervisor that does not answer
/// in `patience` is noted as such, its siblings are there all the same.
struct TreeQuery {
  std::size_t max_children = 1000;  ///< A supervisor; more are counted in `omitted`.
  Duration patience = std::chrono::seconds(1);
};

struct SupervisorOptions {
  std::shared_ptr<const SupervisionObserver> observer;
  std::size_t max_waiting_calls = 1024;
};

/// OTP's supervisor as an actor: performs what SupervisorCore decides. The only one who can start actors.
/// Killed itself, it takes its children along.
class Supervisor final : public Actor {
 public:
  /// Starts the root of a system. An invalid spec anywhere in the tree is an error here, before anything starts.
  static Result<ActorRef> start_root(System& system, SupervisorSpec spec, const SupervisorOptions& options = {});

  Supervisor(std::shared_ptr<const SupervisorSpec> spec, SupervisorOptions options);
  ~Supervisor() override;

 protected:
  Status init() override;
  bool receive(Envelope& envelope) override;
  void on_exit_request(const ExitRequest& request) override;
  void on_child_started(const ChildStarted& started) override;
  void on_child_exited(const ChildExited& exited) override;
  void terminate(const ExitReason& reason) override;

 private:
  struct Living {
    ActorRef actor;
    std::shared_ptr<const ChildSpec> spec;
    bool up = false;
  };
  struct TreeAnswer;

  SupervisorCore::Now time() const { return now().time_since_epoch(); }
  Effects no_effects();
  void perform(Effects effects);
  void perform_one(effect::StartChild& e, Effects& more);
  void perform_one(effect::RequestExit& e, Effects& more);
  void perform_one(effect::Kill& e, Effects& more);
  void perform_one(effect::ArmTimer& e, Effects& more);
  void perform_one(effect::CancelTimer& e, Effects& more);
  void perform_one(effect::Reply& e, Effects& more);
  void perform_one(effect::Started& e, Effects& more);
  void perform_one(effect::StartFailed& e, Effects& more);
  void perform_one(effect::Exit& e, Effects& more);
  void perform_one(effect::Report& e, Effects& more);
  void child_started(Instance instance, const Living& child, Effects& effects);
  ActorRef spawn_child(effect::StartChild& e, const ActorChildFactory& factory, SpawnOptions options);
  void observe(SupervisionEvent::Kind kind, Instance instance, const Living& child, ExitReason reason = {});
  void answer_tree(const TreeQuery& query, Promise promise);
  TreeNode own_node(const TreeQuery& query) const;

  std::shared_ptr<const SupervisorSpec> spec_;
  SupervisorOptions options_;
  std::optional<SupervisorCore> core_;
  PagedTable<Living> living_;  // by instance, which is the tag that a child is spawned with
  std::unordered_map<TimerId, TimerHandle> timers_;
  PagedTable<Promise> calls_;
  std::vector<Effects> spare_;  // empty, with the room they had
  CallId last_call_ = 0;
  bool in_init_ = false;
  bool up_ = false;
};

/// Checks a whole tree: flags, children, ids. The message says where: "root/plane: child 'a': ...".
Status check_tree(const SupervisorSpec& spec);

}  // namespace troupe::kernel
