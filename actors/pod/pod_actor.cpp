#include "actors/pod/pod_actor.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "actors/pod/lifecycle.hpp"
#include "actors/pod/protocol.hpp"
#include "kernel/clock.hpp"
#include "kernel/registry.hpp"
#include "kernel/system.hpp"

namespace troupe::pod {
namespace {

using kernel::Envelope;
using kernel::Local;
using kernel::make_local;

/// How long the node actor may take to answer, and the pause before a call that found the runtime busy is repeated.
constexpr auto kAnswerTime = std::chrono::seconds(10);
constexpr auto kRetryPause = std::chrono::milliseconds(200);

// The runtime's answers, handed over from its thread to the actor.
struct SandboxCreated {
  Status status;
};
struct SandboxRemoved {
  Status status;
};
struct StartAnswered {
  std::size_t container;
  std::uint32_t attempt;
  Status created;
  Result<runtime::StartInfo> started;
};
struct Listed {
  Result<runtime::Inventory> inventory;
};

bool is_transport(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDisconnected ||
         error.code == ErrorCode::kBusy || error.code == ErrorCode::kTimeout;
}

class PodActor final : public kernel::Actor {
 public:
  PodActor(const PodDeps& deps, std::string uid) : deps_(deps), uid_(std::move(uid)) {}

 protected:
  Status init() override {
    hello();
    return {};
  }

  bool receive(Envelope& envelope) override {
    return kernel::match(
        envelope, [this](const Local<PodDesired>& m) { desire(m->object); },
        [this](const Local<PodRuntimeAttached>& m) { adopt_now(m->slice); },
        [this](const Local<PodRuntimeDetached>&) { adopted_ = false; },
        [this](const Local<PodContainerExited>& m) { exited(m->exit); },
        [this](const Local<SandboxCreated>& m) { sandbox_created(m->status); },
        [this](const Local<SandboxRemoved>& m) { sandbox_removed(m->status); },
        [this](const Local<StartAnswered>& m) { start_answered(*m); },
        [this](const Local<Listed>& m) { listed(m->inventory); });
  }

 private:
  Time wall() const { return system().clock().wall_now(); }

  template <class M>
  void tell_node(M message) {
    system().registry().send(kNodeKey, make_local<M>(std::move(message)), trace(), self());
  }

  /// A callback for the runtime: it runs on the runtime's thread and only posts.
  template <class Make>
  auto post(Make make) {
    return [system = &system(), me = self(), make = std::move(make)](auto answer) {
      system->send(me, make(std::move(answer)));
    };
  }

  void hello() {
    const kernel::ActorRef node = system().registry().find(kNodeKey);
    ask<Local<PodAssignment>>(node, make_local<PodHello>(uid_), kAnswerTime,
                              [this](Result<Local<PodAssignment>> answer) { assigned(std::move(answer)); });
  }

  void assigned(Result<Local<PodAssignment>> answer) {
    if (!answer) {
      if (answer.error().code == ErrorCode::kNotFound) return quit();
      after(kRetryPause, [this] { hello(); });
      return;
    }
    const PodAssignment& assignment = **answer;
    if (!object_) object_ = assignment.object;
    if (assignment.slice) return adopt_now(*assignment.slice);
    if (assignment.attached) list();
  }

  void list() {
    deps_.runtime.list(post(
        [](Result<runtime::Inventory> answer) -> kernel::AnyMsg { return make_local<Listed>(std::move(answer)); }));
  }

  void listed(const Result<runtime::Inventory>& inventory) {
    if (adopted_) return;
    if (inventory) return adopt_now(slice_of(*inventory, uid_));
    if (inventory.error().code == ErrorCode::kBusy) after(kRetryPause, [this] { list(); });
  }

  void desire(std::shared_ptr<const PodObject> object) {
    object_ = std::move(object);
    step();
  }

  void adopt_now(const RuntimeSlice& slice) {
    if (!object_) return hello();
    // What this actor knew is newer than the API's status, but the runtime's list is the truth.
    const PodStatus& shown = reported_ ? status_ : object_->status;
    const auto since = state_.stopping_since;
    state_ = adopt(object_->spec, slice, shown, wall());
    if (since) state_.stopping_since = since;
    if (slice.sandbox) {
      auto address = deps_.network.attach(uid_);
      state_.pod_ip = address ? *address : std::string();
    }
    if (!reported_) status_ = object_->status;
    adopted_ = true;
    step();
  }

  /// The container whose run `id` is the newest one; nothing for news about an older run.
  std::optional<std::size_t> newest_run(const std::string& id) const {
    const PodSpec& spec = object_->spec;
    for (std::size_t i = 0; i < spec.containers.size() && i < state_.containers.size(); ++i) {
      if (run_id(spec, i, state_.containers[i].attempt) == id) return i;
    }
    return std::nullopt;
  }

  void exited(const runtime::ContainerExit& exit) {
    if (!adopted_ || !object_) return;
    const auto index = newest_run(exit.container_id);
    if (!index) return;
    on_exited(object_->spec, state_, *index, to_exit_record(exit));
    step();
  }

  void sandbox_created(const Status& status) {
    if (!adopted_ || state_.sandbox != SandboxPhase::kCreating) return;
    if (!status && is_transport(status.error())) {
      state_.sandbox = SandboxPhase::kNone;
      return retry_later();
    }
    if (!status && status.error().code != ErrorCode::kAlreadyExists) return sandbox_failed(status.error());
    auto address = deps_.network.attach(uid_);
    if (!address) return sandbox_failed(address.error());
    on_sandbox_ready(state_, std::move(*address));
    step();
  }

  void sandbox_failed(const Error& error) {
    event(true, "FailedCreatePodSandBox", "Failed to create pod sandbox: " + error.message);
    on_sandbox_failed(object_->spec, state_, error.message, wall());
    step();
  }

  void sandbox_removed(const Status& status) {
    if (!adopted_ || state_.sandbox != SandboxPhase::kRemoving) return;
    if (!status && status.error().code != ErrorCode::kNotFound) {
      state_.sandbox = SandboxPhase::kReady;
      return retry_later();
    }
    deps_.network.detach(uid_);
    on_sandbox_removed(state_);
    step();
  }

  void start_answered(const StartAnswered& answer) {
    if (!adopted_ || answer.container >= state_.containers.size()) return;
    ContainerState& run = state_.containers[answer.container];
    if (run.phase != RunPhase::kStarting || run.attempt != answer.attempt) return;
    const PodSpec& spec = object_->spec;
    const std::string& name = spec.containers[answer.container].name;
    const std::string id = run_id(spec, answer.container, answer.attempt);
    const bool created = answer.created || answer.created.error().code == ErrorCode::kAlreadyExists;
    if (answer.started) {
      on_started(spec, state_, answer.container, id, answer.started->started_at);
      event(false, "Started", "Started container " + name, name);
      return step();
    }
    const Error& error = created ? answer.started.error() : answer.created.error();
    if (is_transport(error)) {
      on_start_postponed(state_, answer.container);
      return retry_later();
    }
    if (created) deps_.runtime.remove_container(id, [](const Status&) {});
    start_failed(answer.container,
                 {created ? "RunContainerError" : "CreateContainerError", error.message, id, created});
    step();
  }

  void start_failed(std::size_t container, StartFailure failure) {
    event(true, "Failed", "Error: " + failure.message, object_->spec.containers[container].name);
    on_start_failed(object_->spec, state_, container, std::move(failure), wall());
  }

  /// Nothing happened yet: look again soon, or when the runtime is back.
  void retry_later() {
    report();
    after(kRetryPause, [this] { step(); });
  }

  void step() {
    if (!adopted_ || !object_ || gone_) return;
    const PodSpec& spec = object_->spec;
    Decision decision;
    // A round for what was decided, one more for each start that could not even be asked for; so it ends.
    for (std::size_t round = 0; round <= spec.containers.size() + 1; ++round) {
      const Time now = wall();
      prepare(spec, state_, now);
      report();
      decision = decide(spec, state_, now);
      if (decision.actions.empty()) break;
      for (const Action& action : decision.actions) {
        begin(state_, action, now);
        carry_out(action);
      }
    }
    report();
    if (decision.gone) return finish();
    wake_at(decision.wake_at);
  }

  void wake_at(std::optional<Time> at) {
    if (at == wake_) return;
    if (timer_) cancel(timer_);
    timer_ = {};
    wake_ = at;
    if (!at) return;
    timer_ = after(std::max(*at - wall(), Duration(0)), [this] {
      timer_ = {};
      wake_.reset();
      step();
    });
  }

  void finish() {
    gone_ = true;
    tell_node(PodGone{uid_});
    quit();
  }

  void report() {
    const Time now = wall();
    PodStatus next = compute_status(object_->spec, state_, deps_.network.node_address(), status_, now);
    if (reported_ && next == status_) return;
    status_ = std::move(next);
    reported_ = true;
    tell_node(PodReport{uid_, status_});
    for (std::size_t i = 0; i < status_.containers.size(); ++i) note_backoff(status_.containers[i]);
  }

  void note_backoff(const ContainerStatus& container) {
    if (!container.waiting || container.waiting->reason != "CrashLoopBackOff") return;
    event(true, "BackOff",
          "Back-off restarting failed container " + container.name + " in pod " + object_->spec.describe(),
          container.name);
  }

  void event(bool warning, std::string reason, std::string message, std::string container = {}) {
    tell_node(PodEvent{uid_, warning, std::move(reason), std::move(message), std::move(container)});
  }

  void carry_out(const Action& action) {
    switch (action.kind) {
      case ActionKind::kCreateSandbox:
        return create_sandbox();
      case ActionKind::kStart:
        return start(action.container, action.attempt);
      case ActionKind::kTerminate:
        return stop(action.container, SIGTERM);
      case ActionKind::kKill:
        return stop(action.container, SIGKILL);
      case ActionKind::kRemoveContainer:
        return deps_.runtime.remove_container(run_id(object_->spec, action.container, action.attempt),
                                              [](const Status&) {});
      case ActionKind::kRemoveSandbox:
        return deps_.runtime.remove_sandbox(
            uid_, post([](Status status) -> kernel::AnyMsg { return make_local<SandboxRemoved>(std::move(status)); }));
    }
  }

  void create_sandbox() {
    const PodSpec& spec = object_->spec;
    runtime::SandboxSpec sandbox{spec.uid, spec.ns, spec.name, spec.uid};
    deps_.runtime.create_sandbox(std::move(sandbox), post([](Status status) -> kernel::AnyMsg {
                                   return make_local<SandboxCreated>(std::move(status));
                                 }));
  }

  void start(std::size_t container, std::uint32_t attempt) {
    const PodSpec& spec = object_->spec;
    const PodFacts facts{deps_.network.node_address(), state_.pod_ip};
    auto wanted = to_runtime_spec(spec, container, attempt, facts, deps_.log_root);
    if (!wanted) return start_failed(container, {"CreateContainerConfigError", wanted.error().message, "", false});
    std::string id = wanted->id;
    auto created = std::make_shared<Status>();
    deps_.runtime.create_container(std::move(*wanted), [created](Status status) { *created = std::move(status); });
    deps_.runtime.start_container(
        std::move(id), post([created, container, attempt](Result<runtime::StartInfo> started) -> kernel::AnyMsg {
          return make_local<StartAnswered>(container, attempt, std::move(*created), std::move(started));
        }));
  }

  void stop(std::size_t container, int signal) {
    const PodSpec& spec = object_->spec;
    const std::string& name = spec.containers[container].name;
    std::chrono::milliseconds grace(0);
    if (signal == SIGTERM) {
      event(false, "Killing", "Stopping container " + name, name);
      const Time deadline = state_.stopping_since.value_or(wall()) + spec.deletion_grace.value_or(spec.grace);
      grace = std::chrono::ceil<std::chrono::milliseconds>(std::max(deadline - wall(), Duration(0)));
    }
    deps_.runtime.stop_container(run_id(spec, container, state_.containers[container].attempt), signal, grace,
                                 [](const Status&) {});
  }

  PodDeps deps_;
  std::string uid_;
  std::shared_ptr<const PodObject> object_;
  PodState state_;
  PodStatus status_;       ///< What was reported last; before that, what the API showed.
  bool reported_ = false;  ///< `status_` is this actor's own.
  bool adopted_ = false;   ///< `state_` fits the runtime, and the runtime is reachable.
  bool gone_ = false;
  std::optional<Time> wake_;
  kernel::TimerHandle timer_;
};

}  // namespace

std::string pod_key(std::string_view uid) { return "pod/" + std::string(uid); }

std::unique_ptr<kernel::Actor> make_pod_actor(const PodDeps& deps, std::string uid) {
  return std::make_unique<PodActor>(deps, std::move(uid));
}

}  // namespace troupe::pod
