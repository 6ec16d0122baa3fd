#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/fd.hpp"

namespace troupe::runtime {

/// The variable that comes first in a workload's environment, by which its stray descendants are known. Its value is
/// KEEPER/CONTAINER, so that a keeper inside a workload of another is not disturbed.
inline constexpr std::string_view kContainerMarker = "TROUPE_CONTAINER=";

/// What a program finds in its environment when its streams are a terminal.
inline constexpr std::string_view kTerminalKind = "TERM=xterm";

/// Adds "NAME=value" unless the name is set.
void set_if_absent(std::vector<std::string>& environment, std::string_view variable);
/// The user's home folder by the text of /etc/passwd; "/" for who is not in there.
std::string home_of(std::string_view passwd, uid_t user);

struct ProcessStat {
  pid_t pid = 0;
  pid_t parent = 0;
  pid_t session = 0;                 ///< a container's main process leads one, and its descendants stay in it
  std::uint64_t start_ticks = 0;     ///< since the boot; 0: not parsed
  std::uint64_t cpu_ticks = 0;       ///< of its own, and of the children that it waited for
  std::uint64_t resident_pages = 0;  ///< what it has of memory
};

/// Reads a line in the form of /proc/PID/stat.
ProcessStat parse_stat(std::string_view line);
/// The process that has this pid now; start_ticks 0 when there is none.
ProcessStat read_stat(pid_t pid);

/// The running system's boot, /proc/sys/kernel/random/boot_id; start times of another boot mean nothing.
std::string boot_id();

/// Opens the process if it is still the one that started at `start_ticks`; a zombie counts. Else an empty Fd.
Fd open_process(pid_t pid, std::uint64_t start_ticks);

/// The wait status of a process that ended.
struct ExitStatus {
  int exit_code = 0;  ///< 128 + signal when a signal ended it
  int signal = 0;
  bool lost = false;
  bool oom_killed = false;  ///< a process of its control group was killed for the memory limit
};

enum class Reaped { kRunning, kChildExited, kOtherExited };

/// Tells whether the process behind the pidfd ended, without reaping it. A process that is
/// not our child: by poll.
Reaped peek_exit(int pidfd);
/// Reaps an ended process. Not our child: asks the kernel (Linux 6.15), else the status is lost and 137.
ExitStatus reap(int pidfd);
/// The same of a child that is about to end: waits for it.
ExitStatus reap_ending(int pidfd);

/// Children of the calling process, in no order. Empty when the system does not tell (CONFIG_PROC_CHILDREN or /proc).
std::vector<pid_t> own_children();
/// Every process of the system that this process may see.
std::vector<pid_t> all_processes();
/// The first marker's value in the process' environment, wherever it stands: a shell on the way puts the variables in
/// an order of its own. Empty when it has none, ended, or may not be read; nullopt when it shows no environment at all,
/// as for an instant when it replaces its program.
std::optional<std::string> container_marker(pid_t pid);

/// The whole of a small file; nullopt when it cannot be read.
std::optional<std::string> read_file(const std::string& path);

}  // namespace troupe::runtime
