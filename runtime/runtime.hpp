#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace troupe::runtime {

/// Wall-clock time, nanoseconds since 1970.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

/// A port of the node that a pod has for itself, in place of the one its container names.
struct PortMapping {
  std::uint16_t container_port = 0;
  std::uint16_t node_port = 0;

  friend bool operator==(const PortMapping&, const PortMapping&) = default;
};

/// What a pod is to the machine: outlives its containers. Ids are [A-Za-z0-9._-]{1,128}, not starting with a dot.
struct SandboxSpec {
  std::string id;
  std::string pod_namespace;
  std::string pod_name;
  std::string pod_uid;
  std::vector<PortMapping> ports{};  ///< remembered for the pod's next actor
};

struct Variable {
  std::string name;  ///< not empty, without '=' and NUL
  std::string value;
};

/// One RLIMIT_* with its two values (RLIM_INFINITY allowed).
struct ResourceLimit {
  int resource = 0;
  std::uint64_t soft = 0;
  std::uint64_t hard = 0;
};

/// A file or folder of the node that a container sees at a path of its own, in a mount namespace of its own.
struct Mount {
  std::string source;
  std::string target;  ///< made when it is missing, as a folder or an empty file like the source
  bool read_only = false;
  std::string inside{};  ///< The part of the source that is meant, a folder when it is missing; no link leads out.
};

/// What a process and its descendants may use, where the machine has control groups that can be written.
struct ResourceBounds {
  std::optional<std::uint64_t> memory_bytes;  ///< Over it, its processes are killed.
  std::optional<std::uint64_t> cpu_millis;    ///< Thousandths of a processor's time.
  std::optional<std::uint64_t> cpu_shares;    ///< Weight against others, 2 to 262144; 1024: one processor asked for.
  std::optional<std::uint64_t> pids;          ///< Processes and threads.

  bool empty() const { return !memory_bytes && !cpu_millis && !cpu_shares && !pids; }
  friend bool operator==(const ResourceBounds&, const ResourceBounds&) = default;
};

/// Whose System V objects and POSIX message queues a container sees. Sent between processes: append only.
enum class IpcScope : std::uint8_t {
  kNode = 0,
  kContainer = 1,  ///< a namespace of its own
  kSandbox = 2,    ///< one for all of the sandbox' containers that run
};

/// Which processes a container sees. Others than the node's need privileges. Sent between processes: append only.
enum class PidScope : std::uint8_t {
  kNode = 0,
  kContainer = 1,  ///< a namespace of its own, in which its program is process 1
  kSandbox = 2,    ///< one for all of the sandbox' containers; process 1 is the keeper's and outlives them
};

/// Which system calls a process and its descendants may make, and what becomes of the others (seccomp(2)).
struct SyscallFilter {
  std::vector<std::uint64_t> program;  ///< BPF, one `sock_filter` each, at most 4096; empty: none is set.
  std::uint32_t flags = 0;             ///< SECCOMP_FILTER_FLAG_*

  bool empty() const { return program.empty(); }
  friend bool operator==(const SyscallFilter&, const SyscallFilter&) = default;
};

/// How a container is kept from what is not its own.
struct Confinement {
  ResourceBounds bounds{};
  std::optional<std::uint64_t> capabilities{};  ///< Bit n: it may have capability n. Empty: all that the keeper has.
  bool no_new_privileges = false;
  bool read_only_root = false;  ///< All but its own mounts, /proc and /dev; needs privileges.
  SyscallFilter filter{};       ///< Needs CAP_SYS_ADMIN, a user namespace or no_new_privileges.

  friend bool operator==(const Confinement&, const Confinement&) = default;
};

struct LogSpec {
  std::string path;                      ///< absolute; its folder is made
  std::uint64_t max_bytes = 10u << 20u;  ///< a file is rotated before it grows over this; 0: never
  std::uint32_t max_files = 5;           ///< PATH, PATH.1 (newest) ... PATH.(max_files-1)
};

/// One run of a container: started once. A restart is a new container with another id.
struct ContainerSpec {
  std::string id;
  std::string sandbox_id;
  std::string name;
  std::uint32_t attempt = 0;
  std::vector<std::string> argv;      ///< argv[0] without a slash is looked for in the PATH of `environment`
  std::vector<Variable> environment;  ///< complete: nothing is inherited
  std::string working_directory;      ///< empty: the root directory
  std::optional<uid_t> user;
  std::optional<gid_t> group;
  std::vector<gid_t> supplementary_groups;  ///< without them and with a user or a group: none
  std::vector<ResourceLimit> limits;
  int niceness = 0;
  LogSpec log;
  std::vector<Mount> mounts{};     ///< needs privileges: kPermission from the start without
  std::string termination_path{};  ///< where the program may write its last words; empty: nowhere
  Confinement confinement{};
  bool input = false;              ///< stdin is kept open for who attaches; else it is /dev/null
  bool input_once = false;         ///< and ends with the first who attached to it
  bool terminal = false;           ///< the streams are a terminal of the program's own
  std::string hostname{};          ///< in a UTS namespace of its own, which needs privileges; empty: the node's
  IpcScope ipc = IpcScope::kNode;  ///< others than the node's need privileges
  PidScope pids = PidScope::kNode;
};

/// A command run beside a container's process: its environment, user, folder and mounts.
struct ExecSpec {
  std::string container_id;
  std::vector<std::string> argv;
  std::chrono::milliseconds timeout{1000};  ///< then the command and its group are killed; 0: a week
  std::uint32_t max_output = 10240;         ///< of both streams together, bytes; the rest is read and dropped
};

struct ExecResult {
  int exit_code = 0;  ///< 128 + signal when a signal ended it
  bool timed_out = false;
  std::string output;  ///< stdout and stderr as they came
};

/// The numbers are sent between processes: append only.
enum class ContainerState : std::uint8_t { kCreated = 1, kRunning = 2, kExited = 3 };

struct ContainerExit {
  std::string container_id;
  std::string sandbox_id;
  int exit_code = 0;         ///< 128 + signal when a signal ended it
  int signal = 0;            ///< 0: it ended by itself
  bool status_lost = false;  ///< nobody saw how it ended (`ContainerStatusUnknown`); exit_code is 137
  WallTime started_at;
  WallTime finished_at;
  std::string last_words{};  ///< what it wrote to `termination_path`, at most 4096 bytes
  bool oom_killed = false;   ///< a process of it was killed for its memory limit
};

/// A running process: pid and start time (clock ticks since boot) together name it for ever.
struct StartInfo {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;
  WallTime started_at;
};

struct ContainerInfo {
  std::string id;
  std::string sandbox_id;
  std::string name;
  std::uint32_t attempt = 0;
  ContainerState state = ContainerState::kCreated;
  WallTime created_at;
  StartInfo start;                    ///< zero while kCreated
  std::optional<ContainerExit> exit;  ///< kept until the container is removed
};

/// Everything the runtime holds, in order of creation.
struct Inventory {
  std::vector<SandboxSpec> sandboxes;
  std::vector<ContainerInfo> containers;
  std::uint32_t kernel_restarts = 0;  ///< by the keeper, of this program
  std::string kernel_last_reason{};   ///< how the one before it ended, with its last words; empty: there was none
  std::int32_t keeper_pid = 0;        ///< the process that holds all this; 0: not known
};

/// Told what happens by itself. Calls come one at a time, on a thread of the runtime's: hand over, never block.
class RuntimeListener {
 public:
  virtual ~RuntimeListener() = default;
  /// The runtime is reachable, for the first time or again. `inventory` is the truth: compare, then act.
  virtual void on_attached(Inventory inventory) = 0;
  /// Calls fail with kUnavailable until the next on_attached. Workloads are not touched by this.
  virtual void on_detached(Error reason) = 0;
  /// Once for each exit after on_attached. Exits before it are in the inventory.
  virtual void on_exit(ContainerExit exit) = 0;
};

template <class T>
using Callback = std::function<void(Result<T>)>;
using Done = std::function<void(Status)>;

/// Starts and stops workloads; the seam between pod actors and what runs their containers. Every call returns at once
/// and is answered by exactly one callback, on the runtime's thread. Calls are applied in the
/// order they are made, so create and start may be sent together.
/// Errors: kNotFound, kAlreadyExists, kConflict (wrong state), kInvalidArgument (the spec), kUnavailable (not attached:
/// nothing happened), kDisconnected (effect unknown: the next inventory tells), kBusy (queue full).
class Runtime {
 public:
  virtual ~Runtime() = default;

  /// Attaches; called once. The listener must outlive the runtime.
  virtual void start(RuntimeListener& listener) = 0;

  virtual void create_sandbox(SandboxSpec spec, Done done) = 0;
  /// Removes its containers too. kConflict while one of them runs.
  virtual void remove_sandbox(std::string id, Done done) = 0;

  virtual void create_container(ContainerSpec spec, Done done) = 0;
  /// The error of a failed start says step and reason (`exec "/no/such": No such file or directory`): kNotFound,
  /// kPermission, kInvalidArgument, kTooLarge. The container stays kCreated.
  virtual void start_container(std::string id, Callback<StartInfo> done) = 0;
  /// Signals all processes of the container, kills them after `grace`. Done when the signal is sent; on_exit tells
  /// the end. Nothing to do is success.
  virtual void stop_container(std::string id, int signal, std::chrono::milliseconds grace, Done done) = 0;
  /// Forgets a container, its exit and its logs. kConflict while it runs.
  virtual void remove_container(std::string id, Done done) = 0;
  /// Runs a command beside a running container's process. kNotFound, kConflict when it does not run; a command that
  /// cannot be started fails as start_container does.
  virtual void exec(ExecSpec spec, Callback<ExecResult> done) = 0;
  virtual void list(Callback<Inventory> done) = 0;
  /// Closes the log and opens it at its path again, for who has renamed it.
  virtual void reopen_log(std::string id, Done done) = 0;
};

}  // namespace troupe::runtime
