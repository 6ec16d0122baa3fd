#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "runtime/exec_internal.hpp"
#include "runtime/process_info.hpp"

namespace troupe::runtime {
namespace {

constexpr unsigned kOutputTag = 0;
constexpr unsigned kProcessTag = 1;
constexpr int kMaxReads = 32;  // a pipe holds 64 KiB

}  // namespace

ExecRun::ExecRun(Launched process, Fd output, std::uint32_t max_output, Done done)
    : pid_(process.pid),
      process_(std::move(process.pidfd)),
      output_(std::move(output)),
      max_output_(max_output),
      done_(std::move(done)) {}

Status ExecRun::watch(EventSet& events, kj::Timer& timer, std::chrono::milliseconds timeout) {
  if (Status added = events.add(process_.get(), *this, kProcessTag); !added) return added;
  if (output_) {
    if (Status added = events.add(output_.get(), *this, kOutputTag); !added) return added;
  }
  if (timeout.count() == 0) return {};
  timeout_ = timer.afterDelay(timeout.count() * kj::MILLISECONDS)
                 .then([this] {
                   if (ended()) return;
                   result_.timed_out = true;
                   kill(-pid_, SIGKILL);
                 })
                 .eagerlyEvaluate(nullptr);
  return {};
}

void ExecRun::read_output() {
  std::array<char, 4096> buffer{};
  for (int reads = 0; output_ && reads < kMaxReads; ++reads) {
    const ssize_t size = read(output_.get(), buffer.data(), buffer.size());
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (size <= 0) return output_.reset();
    const std::size_t room = max_output_ - std::min<std::size_t>(max_output_, result_.output.size());
    result_.output.append(buffer.data(), std::min(room, static_cast<std::size_t>(size)));
  }
}

void ExecRun::check_exit() {
  if (ended() || peek_exit(process_.get()) == Reaped::kRunning) return;
  kill(-pid_, SIGKILL);  // an unreaped leader keeps the group's number ours
  read_output();
  const ExitStatus status = reap(process_.get());
  process_.reset();
  output_.reset();
  result_.exit_code = status.exit_code;
  if (auto done = std::exchange(done_, nullptr)) done(std::move(result_));
}

void ExecRun::on_ready(unsigned tag) {
  if (tag == kOutputTag) return read_output();
  check_exit();
}

}  // namespace troupe::runtime
