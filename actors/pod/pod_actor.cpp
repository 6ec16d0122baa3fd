#include "actors/pod/pod_actor.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

#include "actors/pod/answers_internal.hpp"
#include "actors/pod/facts.hpp"
#include "actors/pod/handlers.hpp"
#include "actors/pod/last_words.hpp"
#include "actors/pod/lifecycle.hpp"
#include "actors/pod/probe.hpp"
#include "actors/pod/protocol.hpp"
#include "actors/pod/volume_limits.hpp"
#include "actors/pod/volume_work.hpp"
#include "actors/pod/volumes.hpp"
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
/// What a pod that has only begun says of itself waits so long: as a rule it runs by then, and one write tells all.
constexpr auto kBeginning = std::chrono::milliseconds(20);
/// How often emptyDirs with a limit are measured, as by the kubelet; and how many files in one go.
constexpr auto kMeasure = std::chrono::seconds(10);
constexpr std::size_t kMeasuredFiles = 2000;
constexpr std::chrono::milliseconds kLongestHook = std::chrono::hours(24);
constexpr std::chrono::milliseconds kLeastGrace = std::chrono::seconds(2);

bool is_transport(const Error& error) {
  return error.code == ErrorCode::kUnavailable || error.code == ErrorCode::kDisconnected ||
         error.code == ErrorCode::kBusy || error.code == ErrorCode::kTimeout;
}

/// Nothing has happened yet but that the node has the pod.
bool only_begins(const PodStatus& status) {
  if (status.phase != "Pending") return false;
  const auto waits = [](const ContainerStatus& one) {
    return one.waiting && one.waiting->message.empty() && !one.last &&
           (one.waiting->reason == "ContainerCreating" || one.waiting->reason == "PodInitializing");
  };
  return std::all_of(status.containers.begin(), status.containers.end(), waits) &&
         std::all_of(status.init_containers.begin(), status.init_containers.end(), waits);
}

class PodActor final : public kernel::Actor {
 public:
  PodActor(const PodDeps& deps, std::string uid) : deps_(deps), uid_(std::move(uid)) {}

 protected:
  Status init() override {
    const auto tell = [system = &system(), me = self()](VolumesDone done) {
      system->send(me, make_local<VolumesDone>(std::move(done)));
    };
    volumes_.emplace(deps_.background, deps_.log_root, deps_.mounts, tell);
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
        [this](const Local<Listed>& m) { listed(m->inventory); },
        [this](const Local<FactsGathered>& m) { start_with(*m); },
        [this](const Local<PodSourceChanged>&) { refresh(); },
        [this](const Local<VolumesRead>& m) { refresh_with(*m); },
        [this](const Local<VolumesDone>& m) { volumes_done(*m); },
        [this](const Local<ProbeAnswered>& m) { probe_answered(*m); },
        [this](const Local<HookDone>& m) { hook_done(*m); });
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
    const auto before = std::exchange(object_, std::move(object));
    step();
    if (!before || before->spec.labels != object_->spec.labels ||
        before->spec.annotations != object_->spec.annotations) {
      refresh();
    }
  }

  /// Files of volumes follow their sources.
  void refresh() {
    if (!adopted_ || !object_ || gone_) return;
    for (std::size_t i = 0; i < state_.containers.size(); ++i) {
      if (state_.containers[i].phase != RunPhase::kRunning) continue;
      if (!has_changing_files(object_->spec, object_->spec.containers[i])) continue;
      gather_facts(deps_.objects, object_->spec, i, known_facts(), post([i](Result<PodFacts> facts) -> kernel::AnyMsg {
                     return make_local<VolumesRead>(i, std::move(facts));
                   }));
    }
  }

  void refresh_with(const VolumesRead& m) {
    if (!adopted_ || !object_ || gone_ || m.container >= object_->spec.containers.size() || !m.facts) return;
    volumes_->refresh(object_, m.container, *m.facts);
  }

  void volumes_done(const VolumesDone& m) {
    volumes_->next();
    if (m.task == VolumeTask::kRemove && m.status) return leave();
    if (m.task == VolumeTask::kRemove) return retry_removal();
    if (gone_ || (m.task == VolumeTask::kMount && !starts(m.container, m.attempt))) return;
    if (!m.status) event(true, "FailedMount", m.status.error().message);
    if (m.task == VolumeTask::kRefresh) return;
    if (m.status) return launch(m.container, m.attempt, *m.wanted);
    on_start_failed(object_->spec, state_, m.container, {"ContainerCreating", "", "", false}, wall());
    step();
  }

  PodFacts known_facts() const {
    PodFacts known;
    known.host_ip = deps_.network.node_address();
    known.pod_ip = state_.pod_ip;
    known.machine = deps_.machine;
    return known;
  }

  void adopt_now(const RuntimeSlice& slice) {
    if (!object_) return hello();
    // What this actor knew is newer than the API's status, but the runtime's list is the truth.
    const PodStatus& shown = reported_ ? status_ : object_->status;
    const auto since = state_.stopping_since;
    state_ = adopt(object_->spec, slice, shown, wall());
    if (since) state_.stopping_since = since;
    if (slice.sandbox) {
      net::PortMap ports;
      for (const auto& port : slice.ports) ports.emplace(port.container_port, port.node_port);
      deps_.network.restore_ports(uid_, std::move(ports));
      auto address = deps_.network.attach(uid_);
      state_.pod_ip = address ? *address : std::string();
    }
    if (!reported_) status_ = object_->status;
    adopted_ = true;
    step();
    refresh();
    if (limits_) return;
    limits_.emplace(object_->spec, deps_.log_root, deps_.mounts);
    if (!limits_->empty()) after(kMeasure, [this] { measure(); });
  }

  void measure() {
    const bool done = limits_->step(kMeasuredFiles);
    if (!limits_->exceeded()) {
      after(done ? Duration(kMeasure) : Duration(0), [this] { measure(); });
      return;
    }
    if (!object_ || is_finished(object_->spec, state_)) return;
    event(true, "Evicted", *limits_->exceeded());
    state_.failed = Waiting{"Evicted", *limits_->exceeded()};
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
    ExitRecord record = to_exit_record(exit);
    const PodSpec& spec = object_->spec;
    if (record.message.empty() && record.exit_code != 0 && spec.containers[*index].fallback_to_logs) {
      record.message = log_tail(log_path(deps_.log_root, spec, *index, state_.containers[*index].attempt));
    }
    on_exited(spec, state_, *index, std::move(record));
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
      run_post_start(answer.container);
      refresh();  // what changed since its volumes were filled
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
    const std::optional<Time> next_probe = send_probes();
    if (next_probe && (!decision.wake_at || *next_probe < *decision.wake_at)) decision.wake_at = next_probe;
    wake_at(decision.wake_at);
  }

  // Probes and hooks.

  /// Sends what is due; answers when the next one is.
  std::optional<Time> send_probes() {
    const PodSpec& spec = object_->spec;
    const Time now = wall();
    for (const DueProbe& due : due_probes(spec, state_, now).due) {
      begin_probe(spec, state_, due, now);
      const ProbeSpec& probe = *spec.containers[due.container].probe(due.kind);
      const std::uint32_t attempt = state_.containers[due.container].attempt;
      run_handler(deps_, spec, state_, due.container, probe.handler, probe.timeout,
                  post([due, attempt](HandlerAnswer answer) -> kernel::AnyMsg {
                    return make_local<ProbeAnswered>(due, attempt, std::move(answer));
                  }));
    }
    return due_probes(spec, state_, now).wake_at;
  }

  /// The container's newest run is `attempt`, and it runs.
  bool runs(std::size_t container, std::uint32_t attempt) const {
    if (!adopted_ || !object_ || container >= state_.containers.size()) return false;
    const ContainerState& run = state_.containers[container];
    return run.phase == RunPhase::kRunning && run.attempt == attempt;
  }

  void probe_answered(const ProbeAnswered& m) {
    if (!runs(m.probe.container, m.attempt)) return;
    const std::string& name = object_->spec.containers[m.probe.container].name;
    const bool condemned = on_probe(object_->spec, state_, m.probe, m.answer.answer);
    if (m.answer.answer != ProbeAnswer::kSuccess) {
      std::string kind(to_string(m.probe.kind));
      kind[0] = static_cast<char>(kind[0] - 'a' + 'A');
      const bool known = m.answer.answer == ProbeAnswer::kFailure;
      event(true, "Unhealthy", kind + (known ? " probe failed: " : " probe errored: ") + m.answer.message, name);
    }
    if (condemned) {
      event(false, "Killing",
            "Container " + name + " failed " + std::string(to_string(m.probe.kind)) + " probe, will be restarted",
            name);
    }
    step();
  }

  void run_hook(Hook hook, std::size_t container, const Handler& handler, std::chrono::milliseconds timeout) {
    const std::uint32_t attempt = state_.containers[container].attempt;
    if (handler.kind == Handler::Kind::kSleep) {
      after(std::min<Duration>(handler.sleep, timeout), [this, hook, container, attempt] {
        hook_done({hook, container, attempt, {ProbeAnswer::kSuccess, ""}});
      });
      return;
    }
    run_handler(deps_, object_->spec, state_, container, handler, timeout,
                post([hook, container, attempt](HandlerAnswer answer) -> kernel::AnyMsg {
                  return make_local<HookDone>(hook, container, attempt, std::move(answer));
                }));
  }

  void run_post_start(std::size_t container) {
    const Handler& handler = object_->spec.containers[container].post_start;
    if (handler.kind != Handler::Kind::kNone) run_hook(Hook::kPostStart, container, handler, kLongestHook);
  }

  void hook_done(const HookDone& m) {
    if (!runs(m.container, m.attempt)) return;
    const std::string& name = object_->spec.containers[m.container].name;
    const bool failed = m.answer.answer != ProbeAnswer::kSuccess;
    if (m.hook == Hook::kPreStop) {
      if (failed) event(true, "FailedPreStopHook", "PreStopHook failed: " + m.answer.message, name);
      return send_term(m.container);
    }
    if (!failed) return;
    event(true, "FailedPostStartHook", "PostStartHook failed: " + m.answer.message, name);
    event(false, "Killing", "FailedPostStartHook", name);
    state_.containers[m.container].condemned = true;
    step();
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
    if (object_->spec.volumes.empty()) return leave();
    volumes_->remove(uid_);
  }

  void retry_removal() {
    after(kRetryPause, [this] { finish(); });
  }

  void leave() {
    tell_node(PodGone{uid_});
    quit();
  }

  void report() {
    const Time now = wall();
    PodStatus next = compute_status(object_->spec, state_, deps_.network.node_address(), status_, now);
    if (reported_ && next == status_) return;
    if (!reported_ && !beginning_told_ && only_begins(next)) {
      if (!beginning_) beginning_ = after(kBeginning, [this] { tell_beginning(); });
      return;
    }
    status_ = std::move(next);
    reported_ = true;
    tell_node(PodReport{uid_, status_});
    for (std::size_t i = 0; i < status_.containers.size(); ++i) note_backoff(status_.containers[i]);
  }

  void tell_beginning() {
    beginning_told_ = true;
    if (object_ && adopted_ && !gone_) report();
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
    auto ports = own_ports();
    if (!ports) return sandbox_failed(ports.error());
    for (const auto& [port, real] : *ports) sandbox.ports.push_back({port, real});
    deps_.runtime.create_sandbox(std::move(sandbox), post([](Status status) -> kernel::AnyMsg {
                                   return make_local<SandboxCreated>(std::move(status));
                                 }));
  }

  Result<net::PortMap> own_ports() {
    const auto asked = object_->spec.annotations.find(std::string(kPortsAnnotation));
    if (asked == object_->spec.annotations.end() || asked->second != "own") return net::PortMap();
    std::vector<std::uint16_t> wanted;
    for (const auto& container : object_->spec.containers) {
      for (const auto& port : container.ports) wanted.push_back(static_cast<std::uint16_t>(port.container_port));
    }
    return deps_.network.give_ports(uid_, wanted);
  }

  /// Reads what the container's variables come from, then goes on in start_with.
  void start(std::size_t container, std::uint32_t attempt) {
    gather_facts(deps_.objects, object_->spec, container, known_facts(),
                 post([container, attempt](Result<PodFacts> facts) -> kernel::AnyMsg {
                   return make_local<FactsGathered>(container, attempt, std::move(facts));
                 }));
  }

  /// The container's newest run is `attempt`, and it is to be started.
  bool starts(std::size_t container, std::uint32_t attempt) const {
    if (!adopted_ || !object_ || container >= state_.containers.size()) return false;
    const ContainerState& run = state_.containers[container];
    return run.phase == RunPhase::kStarting && run.attempt == attempt;
  }

  void start_with(const FactsGathered& m) {
    if (!starts(m.container, m.attempt)) return;
    const auto refused = [&](std::string message) {
      start_failed(m.container, {"CreateContainerConfigError", std::move(message), "", false});
      step();
    };
    if (!m.facts) return refused(m.facts.error().message);
    PodFacts facts = *m.facts;
    if (auto ports = own_ports()) add_port_variables(object_->spec, *ports, facts.services);
    auto wanted = to_runtime_spec(object_->spec, m.container, m.attempt, facts, deps_.log_root, deps_.mounts);
    if (!wanted) return refused(wanted.error().message);
    if (object_->spec.containers[m.container].mounts.empty()) return launch(m.container, m.attempt, std::move(*wanted));
    volumes_->mount(object_, m.container, m.attempt, std::move(facts), std::move(*wanted));
  }

  void launch(std::size_t container, std::uint32_t attempt, runtime::ContainerSpec wanted) {
    const std::string unkept = drop_unenforceable(deps_.limits, wanted.confinement.bounds);
    if (!unkept.empty()) {
      const std::string& name = object_->spec.containers[container].name;
      event(true, "LimitsNotEnforced", "Resource limits of container " + name + " are not enforced: " + unkept, name);
    }
    std::string id = wanted.id;
    auto created = std::make_shared<Status>();
    deps_.runtime.create_container(std::move(wanted), [created](Status status) { *created = std::move(status); });
    deps_.runtime.start_container(
        std::move(id), post([created, container, attempt](Result<runtime::StartInfo> started) -> kernel::AnyMsg {
          return make_local<StartAnswered>(container, attempt, std::move(*created), std::move(started));
        }));
  }

  /// What is left of the grace of a container that is being stopped; all of it for a condemned run.
  std::chrono::milliseconds grace_left(std::size_t container) const {
    const PodSpec& spec = object_->spec;
    const ContainerState& run = state_.containers[container];
    if (!is_stopping(spec, state_)) return run.condemned_grace.value_or(spec.grace);
    const Time deadline = state_.stopping_since.value_or(wall()) + spec.deletion_grace.value_or(spec.grace);
    return std::chrono::ceil<std::chrono::milliseconds>(std::max(deadline - wall(), Duration(0)));
  }

  void stop(std::size_t container, int signal) {
    const ContainerSpec& spec = object_->spec.containers[container];
    if (signal == SIGKILL) {
      deps_.runtime.stop_container(run_id(object_->spec, container, state_.containers[container].attempt), SIGKILL,
                                   std::chrono::milliseconds(0), [](const Status&) {});
      return;
    }
    if (!state_.containers[container].condemned) event(false, "Killing", "Stopping container " + spec.name, spec.name);
    const auto left = grace_left(container);
    if (spec.pre_stop.kind == Handler::Kind::kNone || left.count() == 0) return send_term(container);
    run_hook(Hook::kPreStop, container, spec.pre_stop, left);
  }

  void send_term(std::size_t container) {
    // As the kubelet: what the hook has used up is gone, but two seconds are left in any case.
    const bool hook = object_->spec.containers[container].pre_stop.kind != Handler::Kind::kNone;
    const auto grace = hook ? std::max(grace_left(container), kLeastGrace) : grace_left(container);
    deps_.runtime.stop_container(run_id(object_->spec, container, state_.containers[container].attempt), SIGTERM, grace,
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
  std::optional<VolumeLimits> limits_;
  std::optional<VolumeWork> volumes_;
  bool beginning_told_ = false;  ///< Or it is time to.
  kernel::TimerHandle beginning_;
  std::optional<Time> wake_;
  kernel::TimerHandle timer_;
};

}  // namespace

std::string pod_key(std::string_view uid) { return "pod/" + std::string(uid); }

std::unique_ptr<kernel::Actor> make_pod_actor(const PodDeps& deps, std::string uid) {
  return std::make_unique<PodActor>(deps, std::move(uid));
}

}  // namespace troupe::pod
