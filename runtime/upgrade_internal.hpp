#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "runtime/handover_internal.hpp"
#include "runtime/keeper_internal.hpp"
#include "runtime/kernel_child_internal.hpp"

namespace troupe::runtime {

/// The path by which a program that was started as `name` is started again. Links in it are followed anew: they may
/// lead to another version by then.
std::string program_path(const std::string& name);

/// Has the program that lies on disk by now go on in the keeper's process: the same pid, children, streams and socket.
/// It must first start beside us and say that it understands what it will be given; then commands of probes and hooks
/// may end. Connections end; their clients connect again.
class Upgrade final : private kj::TaskSet::ErrorHandler {
 public:
  struct Program {
    std::string path;
    std::vector<std::string> argv;
  };
  /// What a refused exec is told with; and the last word before it.
  using Failed = std::function<void(Error)>;
  using Fill = std::function<void(rpc::Handover::Builder, DescriptorList&)>;

  /// `fill` adds what is neither the keeper's nor the kernel's. `leaving` undoes what the process did to itself at its
  /// start and `staying` does it again. `kernel` may be null.
  Upgrade(Program program, Keeper& keeper, KernelChild* kernel, kj::Timer& timer, Fill fill,
          std::function<void()> leaving, std::function<void()> staying);

  /// `failed` is called once when this program goes on, perhaps at once.
  void begin(Failed failed);
  /// The keeper is about to end: a program that came in between would end nothing.
  void forbid() { forbidden_ = true; }

 private:
  Status check();
  void checked(const Result<ExecResult>& result);
  Error replace();
  void end(Error reason);
  void taskFailed(kj::Exception&& exception) override;

  Program program_;
  Keeper& keeper_;
  KernelChild* kernel_;
  kj::Timer& timer_;
  Fill fill_;
  std::function<void()> leaving_;
  std::function<void()> staying_;
  Failed failed_;  // set while an upgrade is under way
  bool forbidden_ = false;
  kj::TaskSet tasks_;
};

}  // namespace troupe::runtime
