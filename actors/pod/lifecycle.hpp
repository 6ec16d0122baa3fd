#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "actors/pod/model.hpp"

namespace troupe::pod {

enum class ActionKind : std::uint8_t {
  kCreateSandbox,
  kStart,            ///< Start run `attempt` of the container.
  kTerminate,        ///< SIGTERM to the container's processes.
  kKill,             ///< SIGKILL to the container's processes.
  kRemoveContainer,  ///< Forget run `attempt`: its record is not needed any more.
  kRemoveSandbox,    ///< Everything has ended: give back what the pod holds.
};

struct Action {
  ActionKind kind = ActionKind::kCreateSandbox;
  std::size_t container = 0;  ///< Index into PodSpec::containers; unused for sandboxes.
  std::uint32_t attempt = 0;

  friend bool operator==(const Action&, const Action&) = default;
};

/// What to do now, and when to look again although nothing happened.
struct Decision {
  std::vector<Action> actions;
  std::optional<Time> wake_at;
  bool gone = false;  ///< The pod is being deleted and nothing of it is left: its API object may go.
};

/// Decides from what is wanted and what is; changes nothing. Called after every event; `begin` must be called with
/// each action that is carried out, before the next call. Total work is linear in the pod's containers.
Decision decide(const PodSpec& spec, const PodState& state, Time now);

/// Notes that `action` was handed to the runtime: its answer is due.
void begin(PodState& state, const Action& action, Time now);

// The runtime's answers and news. A container's index must be valid; news about another attempt are to be dropped by
// the caller.

void on_sandbox_ready(PodState& state, std::string pod_ip);
void on_sandbox_failed(const PodSpec& spec, PodState& state, std::string message, Time now);
void on_sandbox_removed(PodState& state);
void on_started(const PodSpec& spec, PodState& state, std::size_t container, std::string container_id, Time started_at);
void on_exited(const PodSpec& spec, PodState& state, std::size_t container, ExitRecord exit);

struct StartFailure {
  std::string reason;  ///< For `state.waiting`: RunContainerError, CreateContainerConfigError, CreateContainerError.
  std::string message;
  std::string container_id;
  /// The runtime tried to run it: that counts as a run that ended with `StartError` and code 128. Otherwise the
  /// container was never made, and is only tried again later.
  bool ran = false;
};
void on_start_failed(const PodSpec& spec, PodState& state, std::size_t container, StartFailure failure, Time now);
/// The runtime was not reachable: nothing happened, the same run is to be started again.
void on_start_postponed(PodState& state, std::size_t container);

/// The reason for an exit code: Completed, or Error.
std::string exit_reason(std::int32_t exit_code);

/// Fits `state.containers` to the spec and derives `initialized`; for a new pod and after a restart.
void prepare(const PodSpec& spec, PodState& state, Time now);

/// True when the container will be run again after the end it had.
bool should_restart(const PodSpec& spec, const ContainerSpec& container, const ContainerState& state);

/// True when no main container will ever run again: the pod Succeeded or Failed.
bool is_finished(const PodSpec& spec, const PodState& state);

/// When the container's next run may start. Its newest run must have ended, or have failed to start.
Time restart_at(const PodSpec& spec, const ContainerState& state);

/// True when the newest try to start an ended container again came to nothing before there was a run.
bool is_unprepared(const ContainerState& state);

/// True when the pod is being stopped: deleted, failed as a whole, or finished with sidecars left.
bool is_stopping(const PodSpec& spec, const PodState& state);

}  // namespace troupe::pod
