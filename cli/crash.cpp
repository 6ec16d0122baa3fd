#include "cli/crash.hpp"

#include <chrono>
#include <ostream>

#include "cli/ask.hpp"

namespace troupe::cli {
namespace {

// Longer than the kernel waits for the actor's handler to return.
constexpr auto kPatience = std::chrono::seconds(60);

}  // namespace

int run_crash(const CrashOptions& options, std::ostream& out, std::ostream& err) {
  auto text = order(options.data_dir, "/troupe/crash", options.actor, kPatience);
  if (!text) {
    err << "troupe crash: " << text.error().message << "\n";
    return 1;
  }
  out << *text;
  return 0;
}

}  // namespace troupe::cli
