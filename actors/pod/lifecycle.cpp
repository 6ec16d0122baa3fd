#include "actors/pod/lifecycle.hpp"

#include <algorithm>
#include <utility>

#include "actors/pod/siblings.hpp"

namespace troupe::pod {
namespace {

/// How long a container that could not even be prepared (CreateContainerConfigError) waits for its next try.
constexpr Duration kConfigRetry = std::chrono::seconds(10);

void wake(Decision& decision, Time at) {
  if (!decision.wake_at || at < *decision.wake_at) decision.wake_at = at;
}

bool is_live(const ContainerState& state) {
  return state.phase == RunPhase::kRunning || state.phase == RunPhase::kStarting;
}

RestartPolicy policy_of(const PodSpec& spec, const ContainerSpec& container) {
  if (container.kind == ContainerKind::kSidecar) return RestartPolicy::kAlways;
  if (container.kind == ContainerKind::kEphemeral) return RestartPolicy::kNever;
  if (container.restart_policy) return *container.restart_policy;
  // An init container that succeeded is done, whatever the pod's policy.
  if (container.kind == ContainerKind::kInit && spec.restart_policy == RestartPolicy::kAlways) {
    return RestartPolicy::kOnFailure;
  }
  return spec.restart_policy;
}

/// What containers that were taken along wait for.
struct Gate {
  bool closed = false;  ///< One of them still runs.
  bool all = false;     ///< No container may start before.
  Time at;              ///< The back-off of the one that began it.
};

Gate gate_of(const PodSpec& spec, const PodState& state) {
  Gate gate;
  for (const ContainerState& run : state.containers) {
    if (!run.taken) continue;
    gate.all |= run.taken->all;
    gate.closed |= must_end(run);
    if (run.phase == RunPhase::kExited) gate.at = std::max(gate.at, restart_at(spec, run));
  }
  return gate;
}

/// Main containers end one after another, the last one first; for RestartAllContainers all at once, without grace.
void end_taken(const PodState& state, Decision& decision) {
  bool later_live = false;
  for (std::size_t left = state.containers.size(); left > 0; --left) {
    const std::size_t i = left - 1;
    const ContainerState& run = state.containers[i];
    if (!must_end(run)) continue;
    const bool first = !std::exchange(later_live, true);
    if (run.phase == RunPhase::kStarting) continue;  // Its answer comes first.
    if (run.taken->all) {
      if (!run.kill_sent) decision.actions.push_back({ActionKind::kKill, i, run.attempt});
    } else if (first && !run.condemned && !run.terminate_sent) {
      decision.actions.push_back({ActionKind::kTerminate, i, run.attempt});
    }
  }
}

bool wants_removal(const PodState& state) {
  return state.sandbox == SandboxPhase::kReady || state.sandbox == SandboxPhase::kFailed;
}

/// Starts a container that has no live run, as soon as its back-off allows.
void start_when_due(const PodSpec& spec, const PodState& state, std::size_t index, Time now, Decision& decision) {
  const ContainerState& container = state.containers[index];
  if (container.phase == RunPhase::kNone && !container.error) {
    decision.actions.push_back({ActionKind::kStart, index, container.attempt});
    return;
  }
  const Time at = restart_at(spec, container);
  if (at > now) {
    wake(decision, at);
    return;
  }
  if (container.phase != RunPhase::kExited) {
    decision.actions.push_back({ActionKind::kStart, index, container.attempt});
    return;
  }
  // One ended run is kept: the last state comes from it after a restart of the kernel.
  if (container.attempt > 0) decision.actions.push_back({ActionKind::kRemoveContainer, index, container.attempt - 1});
  decision.actions.push_back({ActionKind::kStart, index, container.attempt + 1});
}

/// One init container or sidecar before the pod is initialized. True when the next one may start.
bool init_step(const PodSpec& spec, const PodState& state, std::size_t index, Time now, Decision& decision) {
  const ContainerSpec& container = spec.containers[index];
  const ContainerState& run = state.containers[index];
  if (container.kind == ContainerKind::kSidecar && run.phase == RunPhase::kRunning && run.started) return true;
  const bool ended = run.phase == RunPhase::kExited && !run.taken;
  if (container.kind == ContainerKind::kInit && ended && run.exit->exit_code == 0) return true;
  if (is_live(run)) return false;
  if (run.phase != RunPhase::kExited || should_restart(spec, container, run)) {
    start_when_due(spec, state, index, now, decision);
  }
  return false;
}

void run_containers(const PodSpec& spec, const PodState& state, Time now, Decision& decision) {
  const Gate gate = gate_of(spec, state);
  const bool shut = gate.closed || gate.at > now;
  if (shut && !gate.closed) wake(decision, gate.at);
  if (shut && gate.all) return;
  bool ready = true;
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const ContainerSpec& container = spec.containers[i];
    const ContainerState& run = state.containers[i];
    if (shut && run.taken) continue;
    if (container.kind == ContainerKind::kEphemeral) {
      if (state.initialized && run.phase == RunPhase::kNone) start_when_due(spec, state, i, now, decision);
      continue;
    }
    if (container.kind == ContainerKind::kMain) {
      if (!ready) return;
      if (!is_live(run) && (run.phase != RunPhase::kExited || should_restart(spec, container, run))) {
        start_when_due(spec, state, i, now, decision);
      }
      continue;
    }
    if (state.initialized) {
      if (container.kind == ContainerKind::kSidecar && !is_live(run)) start_when_due(spec, state, i, now, decision);
      continue;
    }
    if (ready) {
      // A sidecar that died while later ones initialize is restarted beside them.
      ready = init_step(spec, state, i, now, decision);
    } else if (container.kind == ContainerKind::kSidecar && run.phase == RunPhase::kExited && !run.taken) {
      start_when_due(spec, state, i, now, decision);
    }
  }
}

/// Ends runs whose probe or hook failed; the policy says what comes after.
void end_condemned(const PodSpec& spec, const PodState& state, Decision& decision) {
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const ContainerState& run = state.containers[i];
    if (run.condemned && run.phase == RunPhase::kRunning && !run.terminate_sent) {
      decision.actions.push_back({ActionKind::kTerminate, i, run.attempt});
    }
  }
}

/// Ends main and init containers together, then sidecars in reverse order; SIGKILL for all at the deadline.
void stop_containers(const PodSpec& spec, const PodState& state, Time now, Decision& decision) {
  const auto grace = spec.deletion_grace.value_or(spec.grace);
  const Time since = state.stopping_since.value_or(now);
  const Time deadline = since + grace;
  const bool overdue = now >= deadline;
  bool others_live = false;
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    if (spec.containers[i].kind != ContainerKind::kSidecar) others_live |= is_live(state.containers[i]);
  }
  bool later_sidecar_live = false;
  for (std::size_t left = spec.containers.size(); left > 0; --left) {
    const std::size_t i = left - 1;
    const ContainerState& run = state.containers[i];
    if (!is_live(run)) continue;
    const bool sidecar = spec.containers[i].kind == ContainerKind::kSidecar;
    const bool turn = !sidecar || (!others_live && !later_sidecar_live);
    later_sidecar_live |= sidecar;
    if (run.phase == RunPhase::kStarting) continue;  // Its answer comes first.
    if (overdue) {
      if (!run.kill_sent) decision.actions.push_back({ActionKind::kKill, i, run.attempt});
    } else if (turn && !run.terminate_sent) {
      decision.actions.push_back({ActionKind::kTerminate, i, run.attempt});
    }
  }
  if (!overdue) wake(decision, deadline);
}

Decision stop(const PodSpec& spec, const PodState& state, Time now) {
  Decision decision;
  const bool live = std::any_of(state.containers.begin(), state.containers.end(), is_live);
  if (live) {
    stop_containers(spec, state, now, decision);
    return decision;
  }
  if (state.sandbox == SandboxPhase::kCreating || state.sandbox == SandboxPhase::kRemoving) return decision;
  // The records of a finished pod stay until it is deleted: its logs and last states are read there.
  const bool deleted = spec.deletion_grace.has_value();
  if (deleted && wants_removal(state)) decision.actions.push_back({ActionKind::kRemoveSandbox, 0, 0});
  decision.gone = deleted && !wants_removal(state);
  return decision;
}

/// A new run is there: the wait before the one after it grows, and the ended one becomes the last state.
void settle_previous(const PodSpec& spec, ContainerState& run, Time now) {
  const bool along = run.taken && run.attempt != run.taken->run;
  const bool pays = !along || run.taken->pays;
  if (along) run.taken.reset();
  if (!run.exit) return;
  if (pays) run.backoff.next(backoff_curve(spec.annotations), run.exit->finished_at, now);
  run.previous = std::exchange(run.exit, std::nullopt);
}

}  // namespace

std::string exit_reason(std::int32_t exit_code) { return exit_code == 0 ? "Completed" : "Error"; }

bool should_restart(const PodSpec& spec, const ContainerSpec& container, const ContainerState& state) {
  if (state.taken) return true;
  const bool done = container.kind == ContainerKind::kInit && state.exit && state.exit->exit_code == 0;
  const bool ruled = container.kind != ContainerKind::kEphemeral && !done;
  if (ruled && state.exit && matching_rule(container, state.exit->exit_code)) return true;
  switch (policy_of(spec, container)) {
    case RestartPolicy::kAlways:
      return true;
    case RestartPolicy::kOnFailure:
      return !state.exit || state.exit->exit_code != 0;
    case RestartPolicy::kNever:
      return false;
  }
  return false;
}

bool is_unprepared(const ContainerState& state) {
  const bool again = state.phase == RunPhase::kExited && state.exit && state.error;
  return again && state.started_at && *state.started_at > state.exit->finished_at;
}

Time restart_at(const PodSpec& spec, const ContainerState& state) {
  if (state.phase == RunPhase::kExited && state.exit) {
    if (is_unprepared(state)) return *state.started_at + kConfigRetry;
    if (state.taken && !state.taken->pays) return state.exit->finished_at;
    return state.backoff.ready_at(backoff_curve(spec.annotations), state.exit->finished_at);
  }
  return state.started_at.value_or(Time()) + kConfigRetry;
}

bool is_finished(const PodSpec& spec, const PodState& state) {
  if (state.failed) return true;
  bool mains_ended = true;
  for (std::size_t i = 0; i < spec.containers.size() && i < state.containers.size(); ++i) {
    const ContainerSpec& container = spec.containers[i];
    const ContainerState& run = state.containers[i];
    const bool ended = run.phase == RunPhase::kExited && !should_restart(spec, container, run);
    if (container.kind == ContainerKind::kInit && ended && run.exit->exit_code != 0 && !state.initialized) return true;
    if (container.kind == ContainerKind::kMain) mains_ended &= ended;
  }
  return mains_ended;
}

bool is_stopping(const PodSpec& spec, const PodState& state) {
  return spec.deletion_grace.has_value() || is_finished(spec, state);
}

Decision decide(const PodSpec& spec, const PodState& state, Time now) {
  if (is_stopping(spec, state)) return stop(spec, state, now);
  Decision decision;
  if (spec.active_deadline && state.start_time) wake(decision, *state.start_time + *spec.active_deadline);
  switch (state.sandbox) {
    case SandboxPhase::kNone:
      decision.actions.push_back({ActionKind::kCreateSandbox, 0, 0});
      return decision;
    case SandboxPhase::kFailed: {
      const Time at = state.sandbox_backoff.ready_at(BackoffCurve(), state.sandbox_failed_at.value_or(now));
      if (at > now) {
        wake(decision, at);
      } else {
        decision.actions.push_back({ActionKind::kCreateSandbox, 0, 0});
      }
      return decision;
    }
    case SandboxPhase::kReady:
      end_condemned(spec, state, decision);
      end_taken(state, decision);
      run_containers(spec, state, now, decision);
      return decision;
    case SandboxPhase::kCreating:
    case SandboxPhase::kRemoving:
    case SandboxPhase::kRemoved:
      return decision;
  }
  return decision;
}

void begin(PodState& state, const Action& action, Time now) {
  switch (action.kind) {
    case ActionKind::kCreateSandbox:
      if (state.sandbox == SandboxPhase::kFailed) {
        state.sandbox_backoff.next(BackoffCurve(), state.sandbox_failed_at.value_or(now), now);
      }
      state.sandbox = SandboxPhase::kCreating;
      return;
    case ActionKind::kRemoveSandbox:
      state.sandbox = SandboxPhase::kRemoving;
      return;
    case ActionKind::kRemoveContainer:
      return;
    case ActionKind::kTerminate:
      state.containers[action.container].terminate_sent = true;
      return;
    case ActionKind::kKill:
      state.containers[action.container].kill_sent = true;
      return;
    case ActionKind::kStart:
      break;
  }
  ContainerState& run = state.containers[action.container];
  run.phase = RunPhase::kStarting;
  run.attempt = action.attempt;
  run.started_at = now;
  run.ready = run.started = run.condemned = run.terminate_sent = run.kill_sent = false;
  run.condemned_grace.reset();
  run.probes = {};
}

void on_sandbox_ready(PodState& state, std::string pod_ip) {
  state.sandbox = SandboxPhase::kReady;
  state.sandbox_error.reset();
  state.pod_ip = std::move(pod_ip);
}

void on_sandbox_failed(const PodSpec& spec, PodState& state, std::string message, Time now) {
  state.sandbox = spec.deletion_grace ? SandboxPhase::kRemoved : SandboxPhase::kFailed;
  state.sandbox_error = Waiting{"FailedCreatePodSandBox", std::move(message)};
  state.sandbox_failed_at = now;
}

void on_sandbox_removed(PodState& state) { state.sandbox = SandboxPhase::kRemoved; }

void on_started(const PodSpec& spec, PodState& state, std::size_t container, std::string container_id,
                Time started_at) {
  ContainerState& run = state.containers[container];
  if (run.phase != RunPhase::kStarting) return;  // It ended before this was heard.
  settle_previous(spec, run, started_at);
  run.phase = RunPhase::kRunning;
  run.container_id = std::move(container_id);
  run.started_at = started_at;
  run.started = !spec.containers[container].probe(ProbeKind::kStartup);
  run.ready = !spec.containers[container].probe(ProbeKind::kReadiness);
  run.error.reset();
}

void on_start_failed(const PodSpec& spec, PodState& state, std::size_t container, StartFailure failure, Time now) {
  ContainerState& run = state.containers[container];
  if (run.phase != RunPhase::kStarting) return;
  run.started_at = now;
  run.error = Waiting{std::move(failure.reason), failure.message};
  if (!failure.ran) {
    on_start_postponed(state, container);
    return;
  }
  settle_previous(spec, run, now);
  ExitRecord exit;
  exit.exit_code = 128;
  exit.reason = "StartError";
  exit.message = std::move(failure.message);
  exit.started_at = Time();
  exit.finished_at = now;
  exit.container_id = std::move(failure.container_id);
  run.container_id = exit.container_id;
  run.exit = std::move(exit);
  run.phase = RunPhase::kExited;
  take_along(spec, state, container);
}

void on_start_postponed(PodState& state, std::size_t container) {
  ContainerState& run = state.containers[container];
  if (run.phase != RunPhase::kStarting) return;
  run.phase = run.exit ? RunPhase::kExited : RunPhase::kNone;
  if (!run.exit) {
    run.taken.reset();
    return;
  }
  --run.attempt;
  if (run.taken) run.taken->run = std::min(run.taken->run, run.attempt);
}

void on_exited(const PodSpec& spec, PodState& state, std::size_t container, ExitRecord exit) {
  ContainerState& run = state.containers[container];
  if (run.phase != RunPhase::kStarting && run.phase != RunPhase::kRunning) return;
  if (run.phase == RunPhase::kStarting) settle_previous(spec, run, exit.started_at.value_or(exit.finished_at));
  if (exit.reason.empty()) exit.reason = exit_reason(exit.exit_code);
  if (!exit.container_id.empty()) run.container_id = exit.container_id;
  run.phase = RunPhase::kExited;
  run.ready = run.started = run.condemned = false;
  run.error.reset();
  run.exit = std::move(exit);
  take_along(spec, state, container);
}

void prepare(const PodSpec& spec, PodState& state, Time now) {
  state.containers.resize(spec.containers.size());
  if (!state.start_time) state.start_time = now;
  if (spec.active_deadline && now >= *state.start_time + *spec.active_deadline && !is_finished(spec, state)) {
    state.failed = Waiting{"DeadlineExceeded", "Pod was active on the node longer than the specified deadline"};
  }
  if (!state.stopping_since && is_stopping(spec, state)) state.stopping_since = now;
  if (state.initialized) return;
  bool done = true;
  bool main_seen = false;
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    const ContainerState& run = state.containers[i];
    switch (spec.containers[i].kind) {
      case ContainerKind::kInit:
        done &= run.phase == RunPhase::kExited && run.exit->exit_code == 0 && !run.taken;
        break;
      case ContainerKind::kSidecar:
        done &= run.phase == RunPhase::kRunning && run.started && !run.taken;
        break;
      case ContainerKind::kMain:
        main_seen |= (run.phase != RunPhase::kNone || run.attempt > 0) && !run.taken;
        break;
      case ContainerKind::kEphemeral:
        break;
    }
  }
  state.initialized = done || main_seen;
}

}  // namespace troupe::pod
