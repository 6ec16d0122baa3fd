#include "actors/pod/siblings.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "actors/pod/lifecycle.hpp"

namespace troupe::pod {
namespace {

constexpr std::array<std::pair<std::string_view, RestartStrategy>, 3> kStrategies{{
    {"one_for_one", RestartStrategy::kOneForOne},
    {"one_for_all", RestartStrategy::kOneForAll},
    {"rest_for_one", RestartStrategy::kRestForOne},
}};

/// How far the end of a container's run reaches.
enum class Reach : std::uint8_t { kNobody, kSiblings, kAll };

/// `run` holds the end in question as its newest.
Reach reach_of(const PodSpec& spec, std::size_t container, const ContainerState& run, RestartStrategy strategy) {
  const ContainerSpec& wanted = spec.containers[container];
  if (!run.exit || wanted.kind == ContainerKind::kEphemeral) return Reach::kNobody;
  if (matching_rule(wanted, run.exit->exit_code) == RuleAction::kRestartAll) return Reach::kAll;
  const bool among = wanted.kind == ContainerKind::kMain && strategy != RestartStrategy::kOneForOne;
  return among && should_restart(spec, wanted, run) ? Reach::kSiblings : Reach::kNobody;
}

bool follows(const PodSpec& spec, std::size_t container, std::size_t cause, Reach reach, RestartStrategy strategy) {
  if (container == cause || reach == Reach::kNobody) return false;
  const ContainerKind kind = spec.containers[container].kind;
  if (reach == Reach::kAll) return kind != ContainerKind::kEphemeral;
  return kind == ContainerKind::kMain && (strategy == RestartStrategy::kOneForAll || container > cause);
}

void mark(ContainerState& run, Reach reach, bool pays) {
  const bool again = run.taken && run.taken->run == run.attempt;
  const bool all = reach == Reach::kAll || (again && run.taken->all);
  run.taken = TakenAlong{run.attempt, all, pays || (again && run.taken->pays)};
}

/// The end of a run that others had to follow.
struct Cause {
  std::size_t container = 0;
  Reach reach = Reach::kNobody;
  bool newest = false;  ///< No run of the container came after it.
  Time started_at;
  Time at;
};

/// The ends that the states tell of and that reach others, the earliest first.
std::vector<Cause> possible_causes(const PodSpec& spec, const PodState& state, RestartStrategy strategy) {
  std::vector<Cause> out;
  for (std::size_t i = 0; i < state.containers.size(); ++i) {
    const ContainerState& run = state.containers[i];
    for (const bool newest : {true, false}) {
      const auto& exit = newest ? run.exit : run.previous;
      if (!exit || (newest && run.phase != RunPhase::kExited)) continue;
      ContainerState ended;
      ended.exit = exit;
      const Reach reach = reach_of(spec, i, ended, strategy);
      if (reach == Reach::kNobody) continue;
      out.push_back({i, reach, newest, exit->started_at.value_or(exit->finished_at), exit->finished_at});
    }
  }
  std::sort(out.begin(), out.end(), [](const Cause& a, const Cause& b) { return a.at < b.at; });
  return out;
}

/// The container's newest run began before the cause, and was not followed by one of the new round.
bool is_behind(const ContainerState& run, const Cause& cause) {
  if (run.phase == RunPhase::kNone || run.started_at.value_or(cause.at) >= cause.at) return false;
  if (cause.newest) return true;
  // The one that began it runs again, so nobody of the old round does; who ended before it for good stays ended.
  if (run.phase != RunPhase::kExited || !run.exit) return false;
  return cause.reach == Reach::kAll || run.exit->finished_at >= cause.at;
}

}  // namespace

Result<RestartStrategy> parse_restart_strategy(std::string_view text) {
  for (const auto& [name, strategy] : kStrategies) {
    if (name == text) return strategy;
  }
  return fail(ErrorCode::kInvalidArgument,
              "unknown strategy \"" + std::string(text) + "\"; known are one_for_one, one_for_all, rest_for_one");
}

RestartStrategy restart_strategy(const std::map<std::string, std::string>& annotations) {
  const auto found = annotations.find(std::string(kStrategyAnnotation));
  if (found == annotations.end()) return RestartStrategy::kOneForOne;
  return parse_restart_strategy(found->second).value_or(RestartStrategy::kOneForOne);
}

std::optional<RuleAction> matching_rule(const ContainerSpec& container, std::int32_t exit_code) {
  for (const RestartRule& rule : container.restart_rules) {
    const auto& codes = rule.exit_codes;
    const bool listed = std::find(codes.begin(), codes.end(), exit_code) != codes.end();
    if (listed != rule.negated) return rule.action;
  }
  return std::nullopt;
}

bool must_end(const ContainerState& run) {
  const bool live = run.phase == RunPhase::kRunning || run.phase == RunPhase::kStarting;
  return run.taken && live && run.attempt == run.taken->run;
}

bool restarting_all(const PodState& state) {
  return std::any_of(state.containers.begin(), state.containers.end(),
                     [](const ContainerState& run) { return run.taken && run.taken->all; });
}

void take_along(const PodSpec& spec, PodState& state, std::size_t container) {
  ContainerState& run = state.containers[container];
  if (run.taken || is_stopping(spec, state)) return;
  const RestartStrategy strategy = restart_strategy(spec.annotations);
  const Reach reach = reach_of(spec, container, run, strategy);
  if (reach == Reach::kNobody) return;
  for (std::size_t i = 0; i < state.containers.size(); ++i) {
    ContainerState& other = state.containers[i];
    if (other.phase == RunPhase::kNone || !follows(spec, i, container, reach, strategy)) continue;
    mark(other, reach, false);
  }
  mark(run, reach, true);
  if (reach == Reach::kAll) state.initialized = false;
}

void find_taken_along(const PodSpec& spec, PodState& state) {
  const RestartStrategy strategy = restart_strategy(spec.annotations);
  std::vector<Cause> causes;
  for (const Cause& cause : possible_causes(spec, state, strategy)) {
    // What ended because of an earlier end is not a cause itself.
    const bool led = std::any_of(causes.begin(), causes.end(), [&](const Cause& earlier) {
      return follows(spec, cause.container, earlier.container, earlier.reach, strategy) &&
             cause.started_at < earlier.at;
    });
    if (!led) causes.push_back(cause);
  }
  for (const Cause& cause : causes) {
    for (std::size_t i = 0; i < state.containers.size(); ++i) {
      const bool follower = follows(spec, i, cause.container, cause.reach, strategy);
      if (follower && is_behind(state.containers[i], cause)) mark(state.containers[i], cause.reach, false);
    }
    if (cause.newest) mark(state.containers[cause.container], cause.reach, true);
  }
}

}  // namespace troupe::pod
