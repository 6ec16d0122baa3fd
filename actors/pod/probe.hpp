#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/pod/model.hpp"

/// When probes are due and what their answers change; plain functions, no clock of their own.
namespace troupe::pod {

/// "startup", "readiness" or "liveness".
std::string_view to_string(ProbeKind kind);

/// The annotation that gives probes periods in milliseconds: `readiness=50,main.liveness=200`, a list of
/// `[CONTAINER.]KIND=MILLISECONDS`. Entries that make no sense are ignored.
inline constexpr std::string_view kProbePeriodAnnotation = "troupe.dev/probe-period-ms";

/// Puts the annotation's periods into the pod's probes; an initial delay stays as it is.
void apply_probe_periods(PodSpec& spec);

struct DueProbe {
  std::size_t container = 0;
  ProbeKind kind = ProbeKind::kStartup;

  friend bool operator==(const DueProbe&, const DueProbe&) = default;
};
struct ProbeRound {
  std::vector<DueProbe> due;
  std::optional<Time> wake_at;
};

/// The probes to send now, each at most once until its answer: those of running containers; readiness and liveness
/// only after the startup probe succeeded; liveness and startup not while the pod is being stopped.
ProbeRound due_probes(const PodSpec& spec, const PodState& state, Time now);

/// Notes that the probe was sent at `now`: the next one is due a period later.
void begin_probe(const PodSpec& spec, PodState& state, DueProbe probe, Time now);

enum class ProbeAnswer : std::uint8_t {
  kSuccess,
  kFailure,
  kUnknown,  ///< It could not be made: counts for nothing.
};

/// Counts an answer about the newest run. True when the run is condemned by it: the startup or the liveness probe has
/// failed as often as its threshold.
bool on_probe(const PodSpec& spec, PodState& state, DueProbe probe, ProbeAnswer answer);

/// The port that a handler names: a number, or a container port's name. Nothing when there is none.
std::optional<std::int32_t> find_port(const ContainerSpec& container, std::string_view port);

}  // namespace troupe::pod
