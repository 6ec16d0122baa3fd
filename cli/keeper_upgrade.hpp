#pragma once

#include <chrono>
#include <iosfwd>
#include <string>

namespace troupe::cli {

/// What `troupe keeper-upgrade` was asked for.
struct KeeperUpgradeOptions {
  std::string data_dir;
  std::chrono::seconds timeout{30};
};

/// Has the keeper of a data directory replace its program by the one on disk, and waits until that answers. Returns 0;
/// 1 when the old program goes on or none runs there; the reason is on `err`.
int run_keeper_upgrade(const KeeperUpgradeOptions& options, std::ostream& out, std::ostream& err);

}  // namespace troupe::cli
