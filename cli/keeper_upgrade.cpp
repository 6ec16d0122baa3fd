#include "cli/keeper_upgrade.hpp"

#include <ostream>

#include "runtime/keeper_query.hpp"

namespace troupe::cli {

int run_keeper_upgrade(const KeeperUpgradeOptions& options, std::ostream& out, std::ostream& err) {
  const auto keeper = runtime::upgrade_keeper(options.data_dir, options.timeout);
  if (!keeper) {
    err << "troupe keeper-upgrade: " << keeper.error().message << "\n";
    return 1;
  }
  out << "keeper process " << keeper->pid << " runs the program on disk; " << keeper->running
      << " running containers untouched\n";
  return 0;
}

}  // namespace troupe::cli
