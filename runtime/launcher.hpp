#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "runtime/fd.hpp"
#include "runtime/runtime.hpp"

namespace troupe::runtime {

/// Everything about a process to start. Descriptors stay the caller's; all others are closed in the child.
struct LaunchPlan {
  std::string program;  ///< what is executed as argv[0]; empty: argv[0] itself
  std::vector<std::string> argv;
  std::vector<std::string> environment;  ///< "NAME=value"; PATH of it is searched for argv[0] without a slash
  std::string working_directory;         ///< empty: unchanged
  std::optional<uid_t> user;
  std::optional<gid_t> group;
  std::vector<gid_t> groups;  ///< set when there are some, or user or group is given
  std::vector<ResourceLimit> limits;
  int niceness = 0;   ///< 0: the one that the launcher was made with
  int stdin_fd = -1;  ///< -1: inherited, for all three
  int stdout_fd = -1;
  int stderr_fd = -1;
  bool terminal = false;        ///< stdin_fd is a terminal and becomes the session's own
  bool own_mounts = false;      ///< a mount namespace of its own, from which nothing comes back
  std::vector<Mount> mounts;    ///< made in it, the less deep first
  std::string hostname;         ///< with a UTS namespace of its own; empty: the caller's
  bool own_ipc = false;         ///< an IPC namespace of its own
  bool own_pids = false;        ///< the first process of a PID namespace of its own
  int pids_fd = -1;             ///< pidfd of a process in whose PID namespace it starts
  bool own_proc = false;        ///< with own_mounts: a /proc that shows its PID namespace
  int join_fd = -1;             ///< pidfd of a process of which it joins namespaces
  int join_namespaces = 0;      ///< which: CLONE_NEW*
  bool read_only_root = false;  ///< with own_mounts: all that was mounted before becomes read-only, but /proc and /dev
  std::vector<std::string> entrances;         ///< the child writes itself into these files: control groups
  std::optional<std::uint64_t> capabilities;  ///< bit n: it may have capability n; empty: as the caller
  bool no_new_privileges = false;
  SyscallFilter filter;          ///< set last before exec, from which on it holds
  bool ignore_children = false;  ///< SIGCHLD is ignored from its first step on: who ends below it leaves no zombie
  bool rehearsal = false;        ///< all but exec: it exits with 0 instead
  int record_fd = -1;  ///< the child writes its /proc/self/stat there before exec: no crash of ours can lose it
};

/// The launcher keeps this many descriptors below all that its process opens later.
inline constexpr int kLaunchSlots = 5;

struct Launched {
  pid_t pid = 0;
  Fd pidfd;
  std::uint64_t start_ticks = 0;  ///< field 22 of /proc/PID/stat
};

/// Whose end made a launch fail: the same launch may succeed with another holder of the namespaces.
enum class Ending : std::uint8_t {
  kNobody,  ///< It failed for another reason.
  kJoined,  ///< The process of `LaunchPlan::join_fd` has ended or is ending.
  kPids,    ///< The first process of the PID namespace that `LaunchPlan::pids_fd` means.
};

/// Starts processes without copying the caller's memory or page tables: the child runs on the caller's memory
/// (CLONE_VM | CLONE_VFORK) until exec, with all signals blocked, and reports a failed step through that memory. The
/// child gets a table of just the descriptors it needs, however many the caller has open; it has a session and process
/// group of its own and no signal ignored or blocked but what the plan says. Not for concurrent use: one launcher a
/// thread. The caller must not reap with waitpid(-1) in another thread.
class Launcher {
 public:
  Launcher();
  ~Launcher();
  Launcher(const Launcher&) = delete;
  Launcher& operator=(const Launcher&) = delete;

  /// From now on a child that needs a namespace enters this one first, and makes or joins the others in it: for who may
  /// not do so himself (user_namespace.hpp). No other user or group exists there.
  void use_user_namespace(Fd users) { users_ = std::move(users); }
  bool uses_user_namespace() const { return static_cast<bool>(users_); }

  /// Returns when the child runs its program, or with the step that failed and why; then nothing is left of the child.
  Result<Launched> launch(const LaunchPlan& plan);
  /// The same; tells besides whether it failed for a process that was ending (kBusy).
  Result<Launched> launch(const LaunchPlan& plan, Ending& ending);

 private:
  bool take_slots();
  void release_slots();
  Status enter_pids(int pidfd, Ending& ending);

  void* stack_ = nullptr;
  Fd users_;
  int niceness_ = 0;
  int null_ = -1;
  int pids_ = -1;  // our own PID namespace, from the first time that we leave it
  int slots_[kLaunchSlots] = {-1, -1, -1, -1, -1};
};

}  // namespace troupe::runtime
