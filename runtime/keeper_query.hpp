#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace troupe::runtime {

/// What a keeper tells about itself and its kernel.
struct KeeperSummary {
  pid_t pid = 0;
  std::chrono::milliseconds uptime{0};
  std::uint64_t memory_bytes = 0;  ///< Resident.
  std::size_t sandboxes = 0;
  std::size_t running = 0;                 ///< Containers whose process runs.
  std::vector<std::string> running_names;  ///< Of them: "default/web/main", in order.
  pid_t kernel_pid = 0;                    ///< 0: it runs no kernel.
  std::uint32_t kernel_restarts = 0;
  std::string kernel_last_reason;  ///< How the last kernel ended; empty: none did.
  std::uint32_t upgrades = 0;      ///< How often the keeper's program was replaced in its process.
};

/// Asks the keeper of a data directory, whether or not its kernel lives. Waits for the answer at most `patience`.
/// kUnavailable: no keeper listens there. kTimeout, kDisconnected.
Result<KeeperSummary> ask_keeper(const std::string& data_folder, std::chrono::milliseconds patience);

/// Has the keeper replace its program by the one on disk, and waits, at most `patience`, until that answers. The error
/// says why the old one goes on. kUnavailable: no keeper listens there. kTimeout, kDisconnected.
Result<KeeperSummary> upgrade_keeper(const std::string& data_folder, std::chrono::milliseconds patience);

}  // namespace troupe::runtime
