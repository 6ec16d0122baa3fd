#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "runtime/event_set.hpp"
#include "runtime/keeper_files.hpp"
#include "runtime/launcher.hpp"
#include "runtime/restart_budget.hpp"
#include "schema/rpc/handover.capnp.h"
#include "schema/rpc/keeper.capnp.h"

namespace troupe::runtime {

class DescriptorList;

/// The kernel process as the keeper's child: a transient one in OTP's words. It is started again at once when it dies,
/// within a budget; when that is spent, after a pause, for workloads need their keeper and the keeper has no
/// supervisor to escalate to. A kernel that ends with 0 wants to be gone: the keeper shuts down.
class KernelChild final : public Watcher, private kj::TaskSet::ErrorHandler {
 public:
  struct Config {
    std::vector<std::string> argv;
    std::vector<std::string> environment;
    ResourceLimit open_files;
    std::uint32_t intensity = 5;
    std::chrono::milliseconds period{10'000};
    std::chrono::milliseconds pause{60'000};
    /// A first kernel that exits with an error before it attached was started wrongly (a busy port, a bad option):
    /// starting it again would not help.
    bool must_attach = false;
  };

  KernelChild(Config config, const KeeperFiles& files, kj::Timer& timer, EventSet& events);

  /// Takes up a kernel that lives already (an earlier keeper's), else starts one. `ended` is called when it has ended
  /// and is not started again.
  void run(std::function<void()> ended);
  /// For the program that takes our place in this process.
  void hand_over(rpc::HandedKernel::Builder out, DescriptorList& descriptors) const;
  /// Before `run`: goes on as the program did whose place this one took.
  void take_over(rpc::HandedKernel::Reader from);
  /// SIGTERM, after `grace` SIGKILL; it is not started again. `ended` is called when it is gone, at once if it is.
  void stop(std::chrono::milliseconds grace);
  /// SIGKILL, without restart.
  void kill_now();
  void check_exit();
  /// Somebody attached: from now on a death is a crash.
  void attached() { attached_ = true; }
  /// It ended before it attached, with `must_attach`.
  bool start_failed() const { return start_failed_; }
  void on_ready(unsigned tag) override;
  void fill(rpc::KernelInfo::Builder info) const;
  pid_t pid() const { return pid_; }

 private:
  void start();
  void taskFailed(kj::Exception&& exception) override;
  bool adopt();
  bool hold(Launched process);
  void restart();
  void start_after(kj::Duration pause);

  Config config_;
  const KeeperFiles& files_;
  kj::Timer& timer_;
  EventSet& events_;
  Launcher launcher_;
  RestartBudget budget_;
  std::function<void()> ended_;
  pid_t pid_ = 0;  // 0: none runs
  Fd pidfd_;
  std::uint32_t restarts_ = 0;
  std::string last_reason_;
  std::int64_t start_at_ = 0;  // the end of a pause, CLOCK_MONOTONIC in nanoseconds; 0: none
  bool stopping_ = false;
  bool attached_ = false;
  bool start_failed_ = false;
  kj::TaskSet tasks_;  // pause before a start, grace of a stop
};

}  // namespace troupe::runtime
