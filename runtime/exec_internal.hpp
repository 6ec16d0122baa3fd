#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <functional>
#include <string>

#include "runtime/event_set.hpp"
#include "runtime/launcher.hpp"
#include "runtime/runtime.hpp"

namespace troupe::runtime {

/// A command that runs beside a container's process: its output is collected, its end or its timeout is told once.
/// With no `output` to collect it has streams of its own.
class ExecRun final : public Watcher {
 public:
  using Done = std::function<void(Result<ExecResult>)>;

  ExecRun(Launched process, Fd output, std::uint32_t max_output, Done done);
  /// Kills it after `timeout`; 0: never. Call once.
  Status watch(EventSet& events, kj::Timer& timer, std::chrono::milliseconds timeout);

  pid_t pid() const { return pid_; }
  bool ended() const { return !process_; }
  /// Looks whether the process ended, and tells if so.
  void check_exit();
  void on_ready(unsigned tag) override;

 private:
  void read_output();

  pid_t pid_;
  Fd process_;
  Fd output_;
  std::uint32_t max_output_;
  ExecResult result_;
  Done done_;
  kj::Maybe<kj::Promise<void>> timeout_ = nullptr;
};

}  // namespace troupe::runtime
