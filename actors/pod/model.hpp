#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "actors/pod/backoff.hpp"

namespace troupe::pod {

/// Wall-clock time: what statuses show. Nanoseconds since 1970.
using Time = std::chrono::sys_time<std::chrono::nanoseconds>;
using Duration = std::chrono::nanoseconds;

enum class RestartPolicy : std::uint8_t { kAlways, kOnFailure, kNever };

/// A main container; an init container that must end before the next starts; an init container with
/// `restartPolicy: Always`, which runs beside the main ones and stops after them; one that was added to a pod that
/// runs, which counts for nothing.
enum class ContainerKind : std::uint8_t { kInit, kSidecar, kMain, kEphemeral };

/// One entry of `env`, in order. At most one source is set.
struct EnvVar {
  enum class Source : std::uint8_t { kValue, kField, kResource, kConfigMap, kSecret, kOther };
  std::string name;
  Source source = Source::kValue;
  std::string value;    ///< kValue: as written, before `$(VAR)` expansion.
  std::string path;     ///< kField: fieldPath; kResource: `limits.cpu`; kConfigMap, kSecret: the key.
  std::string object;   ///< kConfigMap, kSecret: the object's name; kResource: the container's, or empty for this one.
  std::string divisor;  ///< kResource: a quantity; empty is 1.
  bool optional = false;  ///< kConfigMap, kSecret.

  friend bool operator==(const EnvVar&, const EnvVar&) = default;
};

/// One entry of `envFrom`: all keys of an object.
struct EnvFrom {
  EnvVar::Source source = EnvVar::Source::kConfigMap;  ///< Or kSecret.
  std::string object;
  std::string prefix;
  bool optional = false;

  friend bool operator==(const EnvFrom&, const EnvFrom&) = default;
};

/// Files of a volume: all keys of an object, one of them, a value of the downward API, or a file of the node and what
/// is put behind it.
struct VolumeItem {
  EnvVar from;       ///< kConfigMap, kSecret: without a path all keys; kField; kResource; kValue: `path` is the node's.
  std::string path;  ///< The file's, inside the volume; empty: named by the keys.
  std::optional<std::uint32_t> mode;

  friend bool operator==(const VolumeItem&, const VolumeItem&) = default;
};

struct VolumeSpec {
  enum class Kind : std::uint8_t { kUnsupported, kEmptyDir, kHostPath, kFiles };
  std::string name;
  Kind kind = Kind::kUnsupported;
  std::string path;               ///< kHostPath.
  std::string type;               ///< kHostPath: "Directory", "FileOrCreate"…
  std::vector<VolumeItem> items;  ///< kFiles: configMap, secret, downwardAPI, projected.
  std::uint32_t mode = 0644;      ///< Of files without one of their own.
  bool in_memory = false;         ///< kEmptyDir: a file system in memory.
  std::string size_limit{};       ///< kEmptyDir: the quantity as it was written; empty: none.

  friend bool operator==(const VolumeSpec&, const VolumeSpec&) = default;
};

struct VolumeMountSpec {
  std::string volume;
  std::string path;
  std::string sub_path;
  bool expand_sub_path = false;  ///< It is a subPathExpr.
  bool read_only = false;

  friend bool operator==(const VolumeMountSpec&, const VolumeMountSpec&) = default;
};

/// What a probe or a lifecycle hook does.
struct Handler {
  enum class Kind : std::uint8_t { kNone, kExec, kHttp, kTcp, kGrpc, kSleep };
  Kind kind = Kind::kNone;
  std::vector<std::string> command;
  std::string scheme;  ///< kHttp: "HTTP" or "HTTPS".
  std::string host;    ///< kHttp, kTcp: empty is the pod's address.
  std::string path;    ///< kHttp; kGrpc: the service.
  std::string port;    ///< A number, or the name of one of the container's ports.
  std::vector<std::pair<std::string, std::string>> headers;
  std::chrono::seconds sleep{0};

  friend bool operator==(const Handler&, const Handler&) = default;
};

struct ProbeSpec {
  Handler handler;
  std::chrono::milliseconds initial_delay{0};
  std::chrono::milliseconds period{10'000};
  std::chrono::milliseconds timeout{1'000};
  std::int32_t success_threshold = 1;
  std::int32_t failure_threshold = 3;
  std::optional<std::chrono::seconds> grace;  ///< Of the kill that follows a failure; the pod's when absent.

  friend bool operator==(const ProbeSpec&, const ProbeSpec&) = default;
};

enum class ProbeKind : std::uint8_t { kStartup, kReadiness, kLiveness };
inline constexpr std::size_t kProbeKinds = 3;

struct ContainerPort {
  std::string name;
  std::int32_t container_port = 0;
  std::int32_t host_port = 0;
  std::string protocol;

  friend bool operator==(const ContainerPort&, const ContainerPort&) = default;
};

/// `securityContext.seccompProfile`.
struct SeccompSpec {
  enum class Kind : std::uint8_t { kUnconfined, kRuntimeDefault, kLocalhost };
  Kind kind = Kind::kUnconfined;
  std::string profile;  ///< kLocalhost: the file's path below the node's folder of profiles.

  friend bool operator==(const SeccompSpec&, const SeccompSpec&) = default;
};

/// What a container asks of the operating system as a user; absent means inherited from the pod, then from the node.
struct SecuritySpec {
  std::optional<std::int64_t> run_as_user;
  std::optional<std::int64_t> run_as_group;
  std::vector<std::int64_t> groups;  ///< Supplementary ones, fsGroup among them.
  bool run_as_non_root = false;
  bool read_only_root = false;
  bool no_new_privileges = false;
  bool privileged = false;
  std::vector<std::string> add_capabilities;   ///< "NET_ADMIN", "ALL"
  std::vector<std::string> drop_capabilities;  ///< As above.
  SeccompSpec seccomp{};

  friend bool operator==(const SecuritySpec&, const SecuritySpec&) = default;
};

enum class RuleAction : std::uint8_t { kRestart, kRestartAll };

/// One entry of `restartPolicyRules`: what follows an end with one of these exit codes, or with none of them.
struct RestartRule {
  RuleAction action = RuleAction::kRestart;
  bool negated = false;  ///< NotIn.
  std::vector<std::int32_t> exit_codes;

  friend bool operator==(const RestartRule&, const RestartRule&) = default;
};

/// One container of a pod, with what the life cycle and the command line need.
struct ContainerSpec {
  std::string name;
  ContainerKind kind = ContainerKind::kMain;
  std::string image;
  std::vector<std::string> command;
  std::vector<std::string> args;
  std::string working_dir;
  std::vector<EnvVar> env;
  std::vector<ContainerPort> ports;
  std::map<std::string, std::string> limits;    ///< Quantities as written.
  std::map<std::string, std::string> requests;  ///< Quantities as written.
  std::optional<RestartPolicy> restart_policy;  ///< The container's own; the pod's when absent.
  std::vector<RestartRule> restart_rules;       ///< The first that matches an exit code overrides the policy.
  SecuritySpec security;
  bool tty = false;
  bool input = false;       ///< stdin is open for who attaches.
  bool input_once = false;  ///< And ends with the first of them.
  std::vector<EnvFrom> env_from;
  std::array<std::optional<ProbeSpec>, kProbeKinds> probes;  ///< By ProbeKind.
  Handler post_start;
  Handler pre_stop;
  std::string stop_signal{};     ///< "SIGUSR1": what asks it to end; empty is SIGTERM.
  std::string termination_path;  ///< Where the program may write its last words.
  std::vector<VolumeMountSpec> mounts;
  bool fallback_to_logs = false;  ///< Without last words of a failed run, its log's end stands in.

  const std::optional<ProbeSpec>& probe(ProbeKind of) const { return probes[static_cast<std::size_t>(of)]; }

  friend bool operator==(const ContainerSpec&, const ContainerSpec&) = default;
};

/// One entry of `readinessGates`, with what the pod's condition of this type says just now. Only conditions of others
/// count: those that the node half writes itself are not read back.
struct ReadinessGate {
  std::string type;
  std::optional<std::string> status;  ///< "True", "False" or "Unknown"; absent: there is no such condition.

  friend bool operator==(const ReadinessGate&, const ReadinessGate&) = default;
};

/// A pod as the node half wants it: what the API object says, in plain form.
struct PodSpec {
  std::string ns;
  std::string name;
  std::string uid;
  std::int64_t generation = 0;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  std::string node_name;
  std::string service_account;
  std::string hostname;
  std::string domain;  ///< Behind the host name, when the pod wants to be called by both.
  std::string runtime_class;
  bool host_network = false;
  bool host_ipc = false;
  bool host_pid = false;
  bool share_processes = false;  ///< One PID namespace for all of its containers.
  bool service_links = true;     ///< Variables for the namespace's services.
  RestartPolicy restart_policy = RestartPolicy::kAlways;
  std::chrono::seconds grace{30};
  std::optional<std::chrono::seconds> active_deadline;
  /// Set when the API object has a deletionTimestamp: the grace its deletion asked for.
  std::optional<std::chrono::seconds> deletion_grace;
  /// Init containers and sidecars in their order, then the main ones, then ephemeral ones.
  std::vector<ContainerSpec> containers;
  std::vector<VolumeSpec> volumes;
  std::map<std::string, std::string> limits;    ///< Of the pod as a whole: quantities as written.
  std::map<std::string, std::string> requests;  ///< The same.
  std::vector<std::string> ignored;             ///< Paths of fields that are set and not acted upon.
  std::vector<ReadinessGate> gates;             ///< The pod is ready only when all of them are "True".
  std::optional<std::int64_t> fs_group;         ///< The group that files of its own volumes get.

  /// "web_default(3f1c…)": how messages name a pod.
  std::string describe() const { return name + "_" + ns + "(" + uid + ")"; }

  friend bool operator==(const PodSpec&, const PodSpec&) = default;
};

/// How one run of a container ended.
struct ExitRecord {
  std::int32_t exit_code = 0;  ///< 128 + signal for one that a signal ended.
  std::string reason;          ///< Completed, Error, OOMKilled, StartError, ContainerStatusUnknown.
  std::string message;
  std::optional<Time> started_at;
  Time finished_at;
  std::string container_id;

  friend bool operator==(const ExitRecord&, const ExitRecord&) = default;
};

/// Why a container that should run does not: shown as `state.waiting`.
struct Waiting {
  std::string reason;
  std::string message;

  friend bool operator==(const Waiting&, const Waiting&) = default;
};

enum class RunPhase : std::uint8_t {
  kNone,      ///< Never started, or lost without a trace.
  kStarting,  ///< The runtime was asked; its answer is due.
  kRunning,
  kExited,  ///< `exit` says how.
};

/// What the probes of a kind have told about the newest run.
struct ProbeState {
  std::optional<Time> next;  ///< When the next one is due; not set yet: after the initial delay.
  bool running = false;      ///< Its answer is due.
  bool last_ok = false;
  std::int32_t in_a_row = 0;  ///< Answers like the last one.

  friend bool operator==(const ProbeState&, const ProbeState&) = default;
};

/// A container that the end of one takes along: this run of it ends, and the next one comes with the others'.
struct TakenAlong {
  std::uint32_t run = 0;  ///< The attempt.
  bool all = false;       ///< With init containers and sidecars, by RestartAllContainers.
  bool pays = false;      ///< It is the one whose end began it: its back-off holds for all.

  friend bool operator==(const TakenAlong&, const TakenAlong&) = default;
};

/// What the pod actor knows about one container; rebuilt from the runtime's list after a restart.
struct ContainerState {
  RunPhase phase = RunPhase::kNone;
  std::uint32_t attempt = 0;  ///< Of the newest run; 0 is the first. Kubernetes' restartCount.
  std::string container_id;
  std::optional<Time> started_at;
  std::optional<ExitRecord> exit;      ///< Of the newest run, when kExited; while kStarting, of the run before.
  std::optional<ExitRecord> previous;  ///< Of the run before that.
  std::optional<Waiting> error;        ///< Why the newest start failed.
  Backoff backoff;
  std::optional<TakenAlong> taken;  ///< Until a newer run is there.
  bool terminate_sent = false;
  bool kill_sent = false;
  bool ready = false;      ///< Running and, with a readiness probe, probed so.
  bool started = false;    ///< Running and, with a startup probe, probed so.
  bool condemned = false;  ///< A probe or hook failed: this run is to end, and the policy says what then.
  std::optional<std::chrono::seconds> condemned_grace;
  std::array<ProbeState, kProbeKinds> probes;  ///< Of the newest run.
};

enum class SandboxPhase : std::uint8_t { kNone, kCreating, kReady, kFailed, kRemoving, kRemoved };

/// What the pod actor knows about its pod. `containers` runs beside `PodSpec::containers`.
struct PodState {
  SandboxPhase sandbox = SandboxPhase::kNone;
  std::optional<Waiting> sandbox_error;
  std::optional<Time> sandbox_failed_at;
  Backoff sandbox_backoff;
  std::string pod_ip;
  std::optional<Time> start_time;  ///< When the node accepted the pod: status.startTime.
  std::vector<ContainerState> containers;
  bool initialized = false;  ///< All init containers are done; taken back only by RestartAllContainers.
  /// Since when the pod is being stopped, and why when it was not deleted: reason and message of a failed pod.
  std::optional<Time> stopping_since;
  std::optional<Waiting> failed;
};

}  // namespace troupe::pod
