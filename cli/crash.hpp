#pragma once

#include <iosfwd>
#include <string>

namespace troupe::cli {

/// What `troupe crash` was asked for.
struct CrashOptions {
  std::string data_dir;
  std::string actor;  ///< Its name as `troupe tree` prints it; of a pod's also "pod NAMESPACE/NAME".
};

/// Makes one actor of the running kernel end as if its handler had thrown, as its administrator. Returns 0 when it has
/// ended; 1 with the reason on `err`.
int run_crash(const CrashOptions& options, std::ostream& out, std::ostream& err);

}  // namespace troupe::cli
