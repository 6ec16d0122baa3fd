#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

namespace troupe::cli {

/// What `troupe down` was asked for.
struct DownOptions {
  std::string data_dir;
  std::chrono::seconds timeout{120};  ///< How long the workloads may take to stop.
};

/// Asks the Troupe of a data directory to stop in order and waits until it has. Returns 0; 1 when it still runs after
/// the timeout, when it may not be signalled, or when none runs there; the reason is on `err`.
int run_down(const DownOptions& options, std::ostream& err);

}  // namespace troupe::cli
