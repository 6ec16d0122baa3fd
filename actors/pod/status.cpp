#include "actors/pod/status.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "actors/pod/lifecycle.hpp"
#include "actors/pod/siblings.hpp"

namespace troupe::pod {
namespace {

constexpr std::string_view kAllRestarting = "AllContainersRestarting";
/// A message that names gates ends after so many bytes: the object has to hold it.
constexpr std::size_t kMostMessage = 32'000;
constexpr std::array<std::string_view, 6> kOwnConditions = {
    "PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled", kAllRestarting};

/// "[a b]": a Go slice of strings as `%v` prints it.
std::string go_list(const std::vector<std::string>& names) {
  std::string out = "[";
  for (const auto& name : names) {
    if (out.size() > 1) out += " ";
    out += name;
  }
  return out + "]";
}

Waiting crash_loop(const PodSpec& spec, const ContainerSpec& container, const ContainerState& run) {
  return {"CrashLoopBackOff", "back-off " + format_duration(run.backoff.delay()) +
                                  " restarting failed container=" + container.name + " pod=" + spec.describe()};
}

Waiting not_started(const PodSpec& spec, const PodState& state, const ContainerSpec& container,
                    const ContainerState& run) {
  if (run.error) return *run.error;
  const bool has_init = spec.containers.front().kind != ContainerKind::kMain;
  const bool early = container.kind == ContainerKind::kInit || container.kind == ContainerKind::kSidecar;
  const bool waits = has_init && (early || !state.initialized);
  return {waits ? "PodInitializing" : "ContainerCreating", ""};
}

void show_ended(const PodSpec& spec, const PodState& state, const ContainerSpec& container, const ContainerState& run,
                Time now, ContainerStatus& out) {
  const bool again =
      run.phase == RunPhase::kExited && !is_stopping(spec, state) && should_restart(spec, container, run);
  const bool in_turn = run.taken && run.taken->all && !run.taken->pays;
  if (again && (restart_at(spec, run) > now || run.error || in_turn)) {
    const bool backing_off = restart_at(spec, run) > now && !is_unprepared(run);
    out.waiting = run.error && !backing_off ? *run.error
                  : backing_off             ? crash_loop(spec, container, run)
                                            : Waiting{"RestartingAllContainers", ""};
    out.last = run.exit;
    return;
  }
  out.terminated = run.exit;
  out.last = run.previous;
}

ContainerStatus show(const PodSpec& spec, const PodState& state, std::size_t index, Time now) {
  const ContainerSpec& container = spec.containers[index];
  const ContainerState& run = state.containers[index];
  ContainerStatus out;
  out.name = container.name;
  out.image = container.image;
  out.stop_signal = container.stop_signal;
  if (!run.container_id.empty()) out.container_id = std::string(kContainerIdScheme) + run.container_id;
  const bool restarting = run.phase == RunPhase::kStarting && run.exit.has_value();
  out.restart_count = static_cast<std::int32_t>(run.attempt) - (restarting ? 1 : 0);
  if (run.phase == RunPhase::kRunning) {
    out.running_since = run.started_at;
    out.last = run.previous;
    out.started = run.started;
    const bool counts = container.kind == ContainerKind::kMain || container.kind == ContainerKind::kSidecar;
    out.ready = counts && run.started && run.ready;
  } else if (run.exit) {
    show_ended(spec, state, container, run, now, out);
    out.ready = container.kind == ContainerKind::kInit && run.exit->exit_code == 0;
  } else {
    out.waiting = not_started(spec, state, container, run);
  }
  return out;
}

/// As the kubelet derives it: a container that ran before counts as stopped although it waits for its next run.
std::string phase_of(const PodSpec& spec, const PodState& state, const PodStatus& status) {
  if (state.failed) return "Failed";
  // While all containers are restarted, init containers run again in a pod that goes on running.
  if (!state.initialized && !restarting_all(state)) return is_finished(spec, state) ? "Failed" : "Pending";
  std::size_t running = 0;
  std::size_t waiting = 0;
  std::size_t succeeded = 0;
  for (const auto& container : status.containers) {
    if (container.running_since) {
      ++running;
    } else if (container.waiting && !container.last) {
      ++waiting;
    } else {
      const auto& exit = container.terminated ? container.terminated : container.last;
      succeeded += exit->exit_code == 0 ? 1 : 0;
    }
  }
  if (waiting > 0) return "Pending";
  if (running > 0) return "Running";
  if (!is_finished(spec, state)) return "Running";
  return succeeded == status.containers.size() ? "Succeeded" : "Failed";
}

struct ConditionValue {
  bool is_true = false;
  std::string reason;
  std::string message;
};

ConditionValue initialized(const PodSpec& spec, const PodState& state, const PodStatus& status) {
  if (state.initialized) return {true, status.phase == "Succeeded" ? "PodCompleted" : "", ""};
  std::vector<std::string> incomplete;
  for (std::size_t i = 0; i < status.init_containers.size(); ++i) {
    const auto& container = status.init_containers[i];
    const bool sidecar = spec.containers[i].kind == ContainerKind::kSidecar;
    if (sidecar ? !container.started : !container.ready) incomplete.push_back(container.name);
  }
  return {false, "ContainersNotInitialized", "containers with incomplete status: " + go_list(incomplete)};
}

ConditionValue containers_ready(const PodSpec& spec, const PodStatus& status) {
  if (status.phase == "Succeeded") return {false, "PodCompleted", ""};
  if (status.phase == "Failed") return {false, "PodFailed", ""};
  std::vector<std::string> unready;
  for (std::size_t i = 0; i < status.init_containers.size(); ++i) {
    const bool sidecar = spec.containers[i].kind == ContainerKind::kSidecar;
    if (sidecar && !status.init_containers[i].ready) unready.push_back(status.init_containers[i].name);
  }
  for (const auto& container : status.containers) {
    if (!container.ready) unready.push_back(container.name);
  }
  if (unready.empty()) return {true, "", ""};
  return {false, "ContainersNotReady", "containers with unready status: " + go_list(unready)};
}

/// Containers come first; then every gate must be passed. A gate that names a condition of the node half sees those
/// that `status` has by now, as in the kubelet.
ConditionValue pod_ready(const PodSpec& spec, const PodStatus& status, const ConditionValue& containers) {
  if (!containers.is_true) return containers;
  std::string missing;
  for (const ReadinessGate& gate : spec.gates) {
    std::optional<std::string> shown = gate.status;
    for (const Condition& own : status.conditions) {
      if (own.type == gate.type) shown = own.status;
    }
    if (shown == "True") continue;
    if (missing.size() > kMostMessage) {
      missing += ", and more";
      break;
    }
    if (!missing.empty()) missing += ", ";
    missing += shown ? "the status of pod readiness gate \"" + gate.type + "\" is not \"True\", but " + *shown
                     : "corresponding condition of pod readiness gate \"" + gate.type + "\" does not exist.";
  }
  if (missing.empty()) return {true, "", ""};
  return {false, "ReadinessGatesNotReady", std::move(missing)};
}

void add_condition(PodStatus& status, const PodStatus& before, std::string type, ConditionValue value, Time now) {
  Condition condition;
  condition.type = std::move(type);
  condition.status = value.is_true ? "True" : "False";
  condition.reason = std::move(value.reason);
  condition.message = std::move(value.message);
  condition.last_transition = now;
  condition.observed_generation = status.observed_generation;
  for (const auto& old : before.conditions) {
    if (old.type == condition.type && old.status == condition.status) condition.last_transition = old.last_transition;
  }
  status.conditions.push_back(std::move(condition));
}

/// Cpu and memory are limited, to what is requested.
bool all_limited(const std::map<std::string, std::string>& limits, const std::map<std::string, std::string>& requests) {
  for (const char* resource : {"cpu", "memory"}) {
    const auto limit = limits.find(resource);
    const auto request = requests.find(resource);
    if (limit == limits.end() || (request != requests.end() && request->second != limit->second)) return false;
  }
  return true;
}

bool any_set(const std::map<std::string, std::string>& values) {
  return values.contains("cpu") || values.contains("memory");
}

}  // namespace

bool is_own_condition(std::string_view type) {
  return std::find(kOwnConditions.begin(), kOwnConditions.end(), type) != kOwnConditions.end();
}

std::string qos_class(const PodSpec& spec) {
  bool guaranteed = true;
  bool any = any_set(spec.limits) || any_set(spec.requests);
  if (any) return all_limited(spec.limits, spec.requests) ? "Guaranteed" : "Burstable";
  for (const auto& container : spec.containers) {
    if (container.kind == ContainerKind::kEphemeral) continue;
    any |= any_set(container.limits) || any_set(container.requests);
    guaranteed &= all_limited(container.limits, container.requests);
  }
  if (!any) return "BestEffort";
  return guaranteed ? "Guaranteed" : "Burstable";
}

PodStatus compute_status(const PodSpec& spec, const PodState& state, const std::string& host_ip,
                         const PodStatus& before, Time now) {
  PodStatus status;
  status.observed_generation = spec.generation;
  status.start_time = state.start_time;
  status.host_ip = host_ip;
  status.pod_ip = state.pod_ip;
  status.qos_class = qos_class(spec);
  for (std::size_t i = 0; i < spec.containers.size() && i < state.containers.size(); ++i) {
    const ContainerKind kind = spec.containers[i].kind;
    auto& list = kind == ContainerKind::kMain        ? status.containers
                 : kind == ContainerKind::kEphemeral ? status.ephemeral
                                                     : status.init_containers;
    list.push_back(show(spec, state, i, now));
  }
  status.phase = phase_of(spec, state, status);
  if (state.failed) {
    status.reason = state.failed->reason;
    status.message = state.failed->message;
  }
  const bool sandbox = state.sandbox == SandboxPhase::kReady && status.phase != "Succeeded" && status.phase != "Failed";
  const ConditionValue containers = containers_ready(spec, status);
  add_condition(status, before, "PodReadyToStartContainers", {sandbox, "", ""}, now);
  add_condition(status, before, "Initialized", initialized(spec, state, status), now);
  add_condition(status, before, "Ready", pod_ready(spec, status, containers), now);
  add_condition(status, before, "ContainersReady", containers, now);
  add_condition(status, before, "PodScheduled", {true, "", ""}, now);
  const bool restarting = std::any_of(state.containers.begin(), state.containers.end(),
                                      [](const ContainerState& run) { return must_end(run) && run.taken->all; });
  const bool shown = std::any_of(before.conditions.begin(), before.conditions.end(),
                                 [](const Condition& one) { return one.type == kAllRestarting; });
  if (restarting || shown) add_condition(status, before, std::string(kAllRestarting), {restarting, "", ""}, now);
  return status;
}

}  // namespace troupe::pod
