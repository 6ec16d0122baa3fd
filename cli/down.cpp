#include "cli/down.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <ostream>

#include "base/result.hpp"
#include "runtime/fd.hpp"
#include "runtime/keeper_files.hpp"

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

Status stop(const DownOptions& options) {
  auto pid = keeper_of(options.data_dir);
  if (!pid) return fail(pid.error());
  const runtime::Fd process(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
  if (!process) return fail(errno_error(errno, "open process " + std::to_string(*pid)));
  if (syscall(SYS_pidfd_send_signal, process.get(), SIGTERM, nullptr, 0) != 0) {
    return fail(errno_error(errno, "signal process " + std::to_string(*pid)));
  }
  pollfd ended{process.get(), POLLIN, 0};
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout);
  if (poll(&ended, 1, static_cast<int>(patience.count())) == 1) return {};
  return fail(ErrorCode::kTimeout, "process " + std::to_string(*pid) + " still stops its workloads after " +
                                       std::to_string(options.timeout.count()) + " s; it goes on");
}

}  // namespace

int run_down(const DownOptions& options, std::ostream& err) {
  const Status stopped = stop(options);
  if (stopped) return 0;
  err << "troupe down: " << stopped.error().message << "\n";
  return 1;
}

}  // namespace troupe::cli
