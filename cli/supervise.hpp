#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

namespace troupe::cli {

/// `troupe supervise --scenario FILE [--seed N]`
struct SuperviseOptions {
  std::string scenario;  ///< A file, or "-" for standard input.
  std::uint64_t seed = 1;
};

/// Runs a scenario of supervisors (docs/supervision.md) and prints what happens, one JSON object a line, to `out`.
/// Exit code 0; or 1 with "FILE:LINE:COLUMN: reason" on `err` when it cannot be read or is malformed.
int run_supervise(const SuperviseOptions& options, std::ostream& out, std::ostream& err);

}  // namespace troupe::cli
