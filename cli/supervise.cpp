#include "cli/supervise.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "kernel/scenario_run.hpp"

namespace troupe::cli {

namespace {

/// At most one byte over the limit, so that the parser can say that it is too much.
std::string read_some(std::istream& in) {
  std::string text;
  std::string buffer(64 << 10, '\0');
  while (in && text.size() <= kernel::Scenario::kMaxBytes) {
    in.read(buffer.data(), static_cast<std::streamsize>(buffer.size()));
    text.append(buffer, 0, static_cast<std::size_t>(in.gcount()));
  }
  return text;
}

}  // namespace

int run_supervise(const SuperviseOptions& options, std::ostream& out, std::ostream& err) {
  const bool standard_input = options.scenario == "-";
  const std::string name = standard_input ? "standard input" : options.scenario;
  std::string text;
  if (standard_input) {
    text = read_some(std::cin);
  } else {
    errno = 0;
    std::ifstream file(options.scenario, std::ios::binary);
    if (file) text = read_some(file);
    if (!file.is_open() || file.bad()) {
      err << name << ": cannot be read: " << std::strerror(errno != 0 ? errno : EIO) << "\n";
      return 1;
    }
  }
  auto scenario = kernel::parse_scenario(text);
  if (!scenario) {
    err << name << ":" << scenario.error().message << "\n";
    return 1;
  }
  auto status = kernel::run_scenario(*scenario, options.seed, [&](std::string_view line) { out << line << "\n"; });
  out.flush();
  if (!status) {
    err << name << ": " << status.error().message << "\n";
    return 1;
  }
  return 0;
}

}  // namespace troupe::cli
