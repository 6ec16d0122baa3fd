#include "cli/down.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ostream>
#include <utility>

#include "base/result.hpp"
#include "runtime/fd.hpp"
#include "runtime/keeper_files.hpp"
#include "runtime/keeper_query.hpp"

namespace troupe::cli {
namespace {

/// The keeper, by the socket it listens on: no file has to be trusted for its pid.
Result<pid_t> keeper_of(const std::string& data_dir) {
  const runtime::KeeperFiles files(data_dir);
  auto connected = runtime::connect_to(files.socket());
  if (!connected) return fail(ErrorCode::kUnavailable, "no Troupe runs in " + data_dir);
  ucred peer{};
  socklen_t size = sizeof(peer);
  if (getsockopt(connected->get(), SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return fail(errno_error(errno, "find the process behind " + files.socket()));
  }
  return peer.pid;
}

/// Until the process has ended; false after the timeout.
bool wait_for_end(const runtime::Fd& process, const DownOptions& options, std::ostream& err) {
  using std::chrono::seconds;
  constexpr seconds kTellAgain(5);
  constexpr std::chrono::milliseconds kPatience(500);
  const auto start = std::chrono::steady_clock::now();
  const auto waited = [start] { return std::chrono::steady_clock::now() - start; };
  std::vector<std::string> told;
  auto told_at = -kTellAgain;
  while (waited() < options.timeout) {
    pollfd ended{process.get(), POLLIN, 0};
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout - waited());
    if (poll(&ended, 1, static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 1000))) == 1) return true;
    const auto now = std::chrono::duration_cast<seconds>(waited());
    auto keeper = runtime::ask_keeper(options.data_dir, kPatience);
    if (!keeper) continue;  // it is about to end
    if (now - told_at < kTellAgain && keeper->running_names == told) continue;
    told = std::move(keeper->running_names);
    told_at = now;
    err << "troupe down: " << waiting_line(told, now) << "\n" << std::flush;
  }
  return false;
}

Status stop(const DownOptions& options, std::ostream& err) {
  auto pid = keeper_of(options.data_dir);
  if (!pid) return fail(pid.error());
  const runtime::Fd process(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  if (!process) return fail(errno_error(errno, "open process " + std::to_string(*pid)));
  if (syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0) != 0) {
    return fail(errno_error(errno, "signal process " + std::to_string(*pid)));
  }
  if (wait_for_end(process, options, err)) return {};
  return fail(ErrorCode::kTimeout, "process " + std::to_string(*pid) + " still stops its workloads after " +
                                       std::to_string(options.timeout.count()) + " s; it goes on");
}

}  // namespace

std::string waiting_line(const std::vector<std::string>& running, std::chrono::seconds waited) {
  constexpr std::size_t kNamed = 3;
  std::string who;
  for (std::size_t i = 0; i < std::min(kNamed, running.size()); ++i) who += (i == 0 ? "" : ", ") + running[i];
  if (running.size() > kNamed) who += " and " + std::to_string(running.size() - kNamed) + " more";
  if (running.empty()) who = "Troupe itself";
  return "waiting for " + who + ": " + std::to_string(waited.count()) + " s";
}

int run_down(const DownOptions& options, std::ostream& err) {
  const Status stopped = stop(options, err);
  if (stopped) return 0;
  err << "troupe down: " << stopped.error().message << "\n";
  return 1;
}

}  // namespace troupe::cli
