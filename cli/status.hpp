#pragma once

#include <iosfwd>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "runtime/keeper_query.hpp"

namespace troupe::cli {

struct StatusOptions {
  std::string data_dir;
  bool json = false;
};

/// What the two processes said; at least one of them did.
struct StatusAnswers {
  Result<runtime::KeeperSummary> keeper = fail(ErrorCode::kUnavailable, "not asked");
  Result<std::string> kernel = fail(ErrorCode::kUnavailable, "not asked");  ///< JSON, as daemon/status_page.hpp says.
};

/// One screen for people; kCorrupt when the kernel's answer is not what it should be.
Result<std::string> status_text(const StatusAnswers& answers);
/// {"keeper": {…} or null, "kernel": {…} or null, "problems": […]}
std::string status_json(const StatusAnswers& answers);

/// Prints the status of the Troupe of a data directory. 1 when kernel or keeper does not answer.
int run_status(const StatusOptions& options, std::ostream& out, std::ostream& err);

}  // namespace troupe::cli
