#pragma once

#include <iosfwd>
#include <string>

namespace troupe::cli {

/// What `troupe tree` was asked for.
struct TreeOptions {
  std::string data_dir;
};

/// Asks the running kernel of a data directory for its supervision tree and prints it. Speaks HTTPS with the
/// administrator's certificate of that directory. Returns 0; 1 with the reason on `err`.
int run_tree(const TreeOptions& options, std::ostream& out, std::ostream& err);

}  // namespace troupe::cli
