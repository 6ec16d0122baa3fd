#pragma once

#include <chrono>
#include <iosfwd>
#include <string>
#include <vector>

namespace troupe::cli {

/// What `troupe down` was asked for.
struct DownOptions {
  std::string data_dir;
  std::chrono::seconds timeout{120};  ///< How long the workloads may take to stop.
};

/// Who is waited for, in one line: "waiting for default/web/main and 2 more: 3 s". `running`: containers that still
/// run, as KeeperSummary has them; none: the kernel or the keeper itself.
std::string waiting_line(const std::vector<std::string>& running, std::chrono::seconds waited);

/// Asks the Troupe of a data directory to stop in order and waits until it has; from the first second on tells on `err`
/// who is waited for, when that changes and every five seconds. Returns 0; 1 when it still runs after the timeout, when
/// it may not be signalled, or when none runs there; the reason is on `err`.
int run_down(const DownOptions& options, std::ostream& err);

}  // namespace troupe::cli
