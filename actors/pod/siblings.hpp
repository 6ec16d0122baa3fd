#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "actors/pod/model.hpp"
#include "base/result.hpp"

/// Which containers the end of one takes along: by the pod's restart strategy, or by a container's restart rule with
/// the action RestartAllContainers. Plain functions.
namespace troupe::pod {

/// OTP's strategies among the main containers of a pod, told by the annotation.
enum class RestartStrategy : std::uint8_t {
  kOneForOne,   ///< Nobody follows; the default.
  kOneForAll,   ///< All other main containers are stopped, and all are started again.
  kRestForOne,  ///< The same for those that stand behind it in the pod's list.
};

/// "one_for_one", "one_for_all" or "rest_for_one".
inline constexpr std::string_view kStrategyAnnotation = "troupe.dev/restart-strategy";

/// Errors: kInvalidArgument, naming what is known.
Result<RestartStrategy> parse_restart_strategy(std::string_view text);

/// The pod's strategy: that of its annotation, else kOneForOne, also for a value that is none.
RestartStrategy restart_strategy(const std::map<std::string, std::string>& annotations);

/// What the container's first matching rule says about an end with this exit code.
std::optional<RuleAction> matching_rule(const ContainerSpec& container, std::int32_t exit_code);

/// To be called when the newest run of `container` has ended: notes in the states which others are to follow it. An end
/// that leads to no restart, or that is itself the work of another one's end, takes nobody along.
void take_along(const PodSpec& spec, PodState& state, std::size_t container);

/// Works out the same from the times of runs, after the kernel was restarted in the middle of it.
void find_taken_along(const PodSpec& spec, PodState& state);

/// The run that is there is to end because of another one's end.
bool must_end(const ContainerState& run);

/// A restart of all containers is under way.
bool restarting_all(const PodState& state);

}  // namespace troupe::pod
