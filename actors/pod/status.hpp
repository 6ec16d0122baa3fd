#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "actors/pod/model.hpp"

namespace troupe::pod {

struct Condition {
  std::string type;
  std::string status;  ///< "True" or "False".
  std::string reason;
  std::string message;
  Time last_transition;
  std::int64_t observed_generation = 0;

  friend bool operator==(const Condition&, const Condition&) = default;
};

/// One container as the API shows it. Exactly one of `waiting`, `running_since` and `terminated` is set.
struct ContainerStatus {
  std::string name;
  std::string image;
  std::string container_id;  ///< "troupe://ID", or empty.
  std::int32_t restart_count = 0;
  bool ready = false;
  bool started = false;
  std::string stop_signal{};  ///< When the container names one.
  std::optional<Waiting> waiting;
  std::optional<Time> running_since;
  std::optional<ExitRecord> terminated;
  std::optional<ExitRecord> last;  ///< `lastState.terminated`.

  friend bool operator==(const ContainerStatus&, const ContainerStatus&) = default;
};

/// A pod's status as the node half reports it; worded as the kubelet words it.
struct PodStatus {
  std::int64_t observed_generation = 0;
  std::string phase;
  std::string reason;
  std::string message;
  std::string qos_class;
  std::string host_ip;
  std::string pod_ip;
  std::optional<Time> start_time;
  std::vector<Condition> conditions;
  std::vector<ContainerStatus> init_containers;
  std::vector<ContainerStatus> containers;
  std::vector<ContainerStatus> ephemeral;

  friend bool operator==(const PodStatus&, const PodStatus&) = default;
};

/// What the API shall show for this state. `before` is what it showed last: a condition that did not change keeps its
/// time of transition.
PodStatus compute_status(const PodSpec& spec, const PodState& state, const std::string& host_ip,
                         const PodStatus& before, Time now);

/// The node half writes conditions of this type; all others belong to somebody else, and are kept as they are.
bool is_own_condition(std::string_view type);

/// "Guaranteed", "Burstable" or "BestEffort".
std::string qos_class(const PodSpec& spec);

/// The scheme of `containerID`.
inline constexpr std::string_view kContainerIdScheme = "troupe://";

}  // namespace troupe::pod
