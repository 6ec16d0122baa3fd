#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "daemon/kernel.hpp"

namespace troupe::daemon {

/// What `troupe up` is started with.
struct UpOptions {
  KernelOptions kernel;
  std::string troupe;  ///< This program, for the kernel's command line. Empty: /proc/self/exe.
  std::string keeper;  ///< Empty: `TROUPE_KEEPER`, else `troupe-keeper` beside this program.
  bool keep_workloads = false;
};

/// The kernel's command line, as the keeper runs it: `TROUPE kernel --data-dir … --listen …`.
std::vector<std::string> kernel_command(const KernelOptions& options, const std::string& troupe);

/// Prepares the data directory and becomes the keeper (exec), which starts the kernel. Returns only when that fails:
/// 1, with what to do on standard error.
int run_up(UpOptions options);

}  // namespace troupe::daemon
