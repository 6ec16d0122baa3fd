#include "actors/pod/probe.hpp"

#include <algorithm>
#include <charconv>

#include "actors/pod/lifecycle.hpp"

namespace troupe::pod {
namespace {

constexpr ProbeKind kKinds[] = {ProbeKind::kStartup, ProbeKind::kReadiness, ProbeKind::kLiveness};
constexpr std::int64_t kLongestPeriod = 24LL * 3600 * 1000;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// One entry of the annotation.
void apply_period(PodSpec& spec, std::string_view entry) {
  const auto equals = entry.find('=');
  if (equals == std::string_view::npos) return;
  const auto period = number(entry.substr(equals + 1));
  if (!period || *period < 1 || *period > kLongestPeriod) return;
  std::string_view kind = entry.substr(0, equals);
  std::string_view name;
  if (const auto dot = kind.rfind('.'); dot != std::string_view::npos) {
    name = kind.substr(0, dot);
    kind = kind.substr(dot + 1);
  }
  for (ContainerSpec& container : spec.containers) {
    if (!name.empty() && container.name != name) continue;
    for (const ProbeKind one : kKinds) {
      auto& probe = container.probes[static_cast<std::size_t>(one)];
      if (probe && to_string(one) == kind) probe->period = std::chrono::milliseconds(*period);
    }
  }
}

bool wanted(const PodSpec& spec, const PodState& state, std::size_t index, ProbeKind kind) {
  const ContainerSpec& container = spec.containers[index];
  const ContainerState& run = state.containers[index];
  if (run.phase != RunPhase::kRunning || run.condemned || !container.probe(kind)) return false;
  if (kind == ProbeKind::kStartup) return !run.started && !is_stopping(spec, state);
  if (!run.started) return false;
  return kind == ProbeKind::kReadiness || !is_stopping(spec, state);
}

}  // namespace

std::string_view to_string(ProbeKind kind) {
  switch (kind) {
    case ProbeKind::kStartup:
      return "startup";
    case ProbeKind::kReadiness:
      return "readiness";
    case ProbeKind::kLiveness:
      break;
  }
  return "liveness";
}

void apply_probe_periods(PodSpec& spec) {
  const auto found = spec.annotations.find(std::string(kProbePeriodAnnotation));
  if (found == spec.annotations.end()) return;
  std::string_view rest = found->second;
  while (!rest.empty()) {
    const auto comma = rest.find(',');
    apply_period(spec, rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
  }
}

ProbeRound due_probes(const PodSpec& spec, const PodState& state, Time now) {
  ProbeRound round;
  for (std::size_t i = 0; i < spec.containers.size() && i < state.containers.size(); ++i) {
    for (const ProbeKind kind : kKinds) {
      if (!wanted(spec, state, i, kind)) continue;
      const ProbeState& probe = state.containers[i].probes[static_cast<std::size_t>(kind)];
      if (probe.running) continue;
      const Time first = state.containers[i].started_at.value_or(now) + spec.containers[i].probe(kind)->initial_delay;
      const Time at = probe.next.value_or(first);
      if (at <= now) {
        round.due.push_back({i, kind});
      } else if (!round.wake_at || at < *round.wake_at) {
        round.wake_at = at;
      }
    }
  }
  return round;
}

void begin_probe(const PodSpec& spec, PodState& state, DueProbe probe, Time now) {
  ProbeState& counted = state.containers[probe.container].probes[static_cast<std::size_t>(probe.kind)];
  counted.running = true;
  counted.next = now + spec.containers[probe.container].probe(probe.kind)->period;
}

bool on_probe(const PodSpec& spec, PodState& state, DueProbe probe, ProbeAnswer answer) {
  ContainerState& run = state.containers[probe.container];
  ProbeState& counted = run.probes[static_cast<std::size_t>(probe.kind)];
  const auto& wanted_probe = spec.containers[probe.container].probe(probe.kind);
  counted.running = false;
  if (run.phase != RunPhase::kRunning || run.condemned || !wanted_probe || answer == ProbeAnswer::kUnknown)
    return false;
  const bool ok = answer == ProbeAnswer::kSuccess;
  counted.in_a_row = counted.in_a_row > 0 && counted.last_ok == ok ? counted.in_a_row + 1 : 1;
  counted.last_ok = ok;
  if (counted.in_a_row < (ok ? wanted_probe->success_threshold : wanted_probe->failure_threshold)) return false;
  if (probe.kind == ProbeKind::kReadiness) {
    run.ready = ok;
    return false;
  }
  if (ok) {
    if (probe.kind == ProbeKind::kStartup) run.started = true;
    return false;
  }
  run.condemned = true;
  run.condemned_grace = wanted_probe->grace;
  return true;
}

std::optional<std::int32_t> find_port(const ContainerSpec& container, std::string_view port) {
  if (const auto value = number(port)) {
    if (*value < 1 || *value > 65'535) return std::nullopt;
    return static_cast<std::int32_t>(*value);
  }
  for (const auto& one : container.ports) {
    if (one.name == port && !port.empty()) return one.container_port;
  }
  return std::nullopt;
}

}  // namespace troupe::pod
