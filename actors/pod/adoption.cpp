#include "actors/pod/adoption.hpp"

#include <algorithm>
#include <utility>

#include "actors/pod/confinement.hpp"
#include "actors/pod/last_words.hpp"
#include "actors/pod/lifecycle.hpp"
#include "actors/pod/siblings.hpp"

namespace troupe::pod {
namespace {

constexpr std::string_view kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const ContainerStatus* shown_of(const PodStatus& shown, const std::string& name) {
  for (const auto* list : {&shown.containers, &shown.init_containers, &shown.ephemeral}) {
    for (const auto& container : *list) {
      if (container.name == name) return &container;
    }
  }
  return nullptr;
}

ExitRecord lost(const ContainerStatus& shown, Time now) {
  ExitRecord exit;
  exit.exit_code = 137;
  exit.reason = "ContainerStatusUnknown";
  exit.message = "The container could not be located when the pod was terminated";
  exit.started_at = shown.running_since;
  exit.finished_at = now;
  if (shown.container_id.starts_with(kContainerIdScheme)) {
    exit.container_id = shown.container_id.substr(kContainerIdScheme.size());
  }
  return exit;
}

/// The runtime has nothing of this container: what was shown tells whether it ever ran.
void adopt_shown(const ContainerStatus& shown, Time now, ContainerState& run) {
  std::optional<ExitRecord> exit = shown.terminated ? shown.terminated : shown.last;
  if (shown.running_since) {
    run.previous = shown.last;
    exit = lost(shown, now);
  } else if (shown.terminated) {
    run.previous = shown.last;
  }
  if (!exit) return;
  run.phase = RunPhase::kExited;
  run.attempt = static_cast<std::uint32_t>(std::max(shown.restart_count, 0));
  run.container_id = exit->container_id;
  run.started_at = exit->started_at;
  run.exit = std::move(exit);
}

/// `runs` are the container's entries, the newest last; at least one.
void adopt_runs(const std::vector<const runtime::ContainerInfo*>& runs, const ContainerStatus* shown,
                ContainerState& run) {
  const runtime::ContainerInfo& newest = *runs.back();
  const runtime::ContainerInfo* older = runs.size() > 1 ? runs[runs.size() - 2] : nullptr;
  std::optional<ExitRecord> previous;
  if (older != nullptr && older->exit) {
    previous = to_exit_record(*older->exit);
  } else if (shown != nullptr) {
    previous = shown->last;
  }
  run.attempt = newest.attempt;
  run.container_id = newest.id;
  switch (newest.state) {
    case runtime::ContainerState::kCreated:
      // Made, but nobody knows that it was started: it is started again as the same run.
      run.exit = std::move(previous);
      run.phase = run.exit ? RunPhase::kExited : RunPhase::kNone;
      if (run.exit && run.attempt > 0) --run.attempt;
      if (run.exit) run.started_at = run.exit->started_at;
      return;
    case runtime::ContainerState::kRunning:
      run.phase = RunPhase::kRunning;
      run.started_at = newest.start.started_at;
      run.previous = std::move(previous);
      return;
    case runtime::ContainerState::kExited:
      run.phase = RunPhase::kExited;
      run.exit = to_exit_record(newest.exit.value_or(runtime::ContainerExit()));
      run.started_at = run.exit->started_at;
      run.previous = std::move(previous);
      return;
  }
}

/// As the kubelet cuts a pod's name that is too long for a host.
std::string host_name(std::string name) {
  constexpr std::size_t kMost = 63;
  if (name.size() <= kMost) return name;
  name.resize(kMost);
  while (!name.empty() && (name.back() == '-' || name.back() == '.')) name.pop_back();
  return name;
}

/// With its domain, where the pod asks for that; the system takes no more than 64 characters.
Result<std::string> full_host_name(const PodSpec& spec) {
  constexpr std::size_t kMost = 64;
  std::string name = host_name(spec.hostname);
  if (spec.domain.empty()) return name;
  name += "." + spec.domain;
  if (name.size() <= kMost) return name;
  return fail(ErrorCode::kInvalidArgument, "failed to construct FQDN from pod hostname and cluster domain, FQDN " +
                                               name + " is too long (64 characters is the max, " +
                                               std::to_string(name.size()) + " characters requested)");
}

}  // namespace

RuntimeSlice slice_of(const runtime::Inventory& inventory, std::string_view uid) {
  RuntimeSlice slice;
  for (const auto& sandbox : inventory.sandboxes) {
    if (sandbox.id != uid) continue;
    slice.sandbox = true;
    slice.ports = sandbox.ports;
  }
  for (const auto& container : inventory.containers) {
    if (container.sandbox_id == uid) slice.containers.push_back(container);
  }
  return slice;
}

std::string run_id(const PodSpec& spec, std::size_t container, std::uint32_t attempt) {
  return spec.uid + "." + spec.containers[container].name + "." + std::to_string(attempt);
}

PodState adopt(const PodSpec& spec, const RuntimeSlice& slice, const PodStatus& shown, Time now) {
  PodState state;
  state.sandbox = slice.sandbox ? SandboxPhase::kReady : SandboxPhase::kNone;
  state.start_time = shown.start_time;
  if (shown.phase == "Failed" && !shown.reason.empty()) state.failed = Waiting{shown.reason, shown.message};
  state.containers.resize(spec.containers.size());
  const BackoffCurve curve = backoff_curve(spec.annotations);
  for (std::size_t i = 0; i < spec.containers.size(); ++i) {
    ContainerState& run = state.containers[i];
    std::vector<const runtime::ContainerInfo*> runs;
    for (const auto& info : slice.containers) {
      if (info.name == spec.containers[i].name) runs.push_back(&info);
    }
    std::sort(runs.begin(), runs.end(), [](const auto* a, const auto* b) { return a->attempt < b->attempt; });
    const ContainerStatus* before = shown_of(shown, spec.containers[i].name);
    // A run that failed to start leaves nothing in the runtime: only the status knows of it.
    const bool newer_shown =
        before != nullptr && !runs.empty() && before->restart_count > static_cast<std::int32_t>(runs.back()->attempt);
    if (!runs.empty() && !newer_shown) {
      adopt_runs(runs, before, run);
    } else if (before != nullptr) {
      adopt_shown(*before, now, run);
    }
    const ContainerSpec& wanted = spec.containers[i];
    const bool known =
        before != nullptr && before->running_since && before->restart_count == static_cast<std::int32_t>(run.attempt);
    const bool running = run.phase == RunPhase::kRunning;
    run.started = running && (!wanted.probe(ProbeKind::kStartup) || (known && before->started));
    run.ready = running && (!wanted.probe(ProbeKind::kReadiness) || (known && before->ready));
    run.backoff = Backoff::restore(curve, run.attempt, run.started_at);
  }
  find_taken_along(spec, state);
  prepare(spec, state, now);
  return state;
}

ExitRecord to_exit_record(const runtime::ContainerExit& exit) {
  ExitRecord out;
  out.exit_code = exit.exit_code;
  out.reason = exit.status_lost  ? "ContainerStatusUnknown"
               : exit.oom_killed ? "OOMKilled"
                                 : exit_reason(exit.exit_code);
  if (exit.status_lost) out.message = "The container could not be located when the pod was terminated";
  out.started_at = exit.started_at;
  out.finished_at = exit.finished_at;
  if (!exit.last_words.empty() && !exit.status_lost) out.message = valid_utf8(exit.last_words);
  out.container_id = exit.container_id;
  return out;
}

std::string log_path(std::string_view root, const PodSpec& spec, std::size_t container, std::uint32_t attempt) {
  return std::string(root) + "/" + spec.ns + "_" + spec.name + "_" + spec.uid + "/" + spec.containers[container].name +
         "/" + std::to_string(attempt) + ".log";
}

Result<runtime::ContainerSpec> to_runtime_spec(const PodSpec& spec, std::size_t container, std::uint32_t attempt,
                                               const PodFacts& facts, std::string_view log_root, bool may_mount) {
  const ContainerSpec& wanted = spec.containers[container];
  auto variables = resolve_env(spec, wanted, facts);
  if (!variables) return fail(variables.error());
  auto words = command_line(wanted, *variables);
  if (!words) return fail(words.error());
  runtime::ContainerSpec out;
  out.id = run_id(spec, container, attempt);
  out.sandbox_id = spec.uid;
  out.name = wanted.name;
  out.attempt = attempt;
  out.argv = std::move(*words);
  const auto set = [&](std::string_view key) {
    return std::any_of(variables->begin(), variables->end(), [&](const auto& v) { return v.first == key; });
  };
  if (!set("PATH")) out.environment.push_back({"PATH", std::string(kDefaultPath)});
  auto name = full_host_name(spec);
  if (!name) return fail(name.error());
  if (!set("HOSTNAME")) out.environment.push_back({"HOSTNAME", spec.domain.empty() ? spec.hostname : *name});
  for (auto& [key, value] : *variables) out.environment.push_back({key, std::move(value)});
  out.working_directory = wanted.working_dir;
  if (auto confined = confine(spec, wanted, out); !confined) return fail(confined.error());
  out.log.path = log_path(log_root, spec, container, attempt);
  out.input = wanted.input;
  out.input_once = wanted.input_once;
  out.terminal = wanted.tty;
  const auto pids = pid_scope(spec);
  if (!pids) return fail(pids.error());
  if (!may_mount) return out;
  out.pids = *pids;
  out.termination_path = wanted.termination_path;
  if (!spec.host_network) out.hostname = std::move(*name);
  if (!spec.host_ipc) {
    out.ipc = spec.containers.size() > 1 ? runtime::IpcScope::kSandbox : runtime::IpcScope::kContainer;
  }
  return out;
}

}  // namespace troupe::pod
