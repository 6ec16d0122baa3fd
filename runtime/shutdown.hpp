#pragma once

#include <chrono>
#include <functional>

#include "runtime/keeper_internal.hpp"
#include "runtime/kernel_child_internal.hpp"

namespace troupe::runtime {

/// The orderly end of everything under a keeper: first the kernel, which may stop its pods its own way; then the
/// workloads that are left, all sandboxes at once, within one the container that was started last first; then whatever
/// still lives. With `keep_workloads` only the kernel ends, and the next keeper takes up the workloads.
class Shutdown {
 public:
  /// `done` is called once, when the keeper may exit. `kernel` may be null.
  Shutdown(Keeper& keeper, KernelChild* kernel, std::chrono::milliseconds grace, std::function<void()> done);

  void begin(bool keep_workloads);
  bool begun() const { return begun_; }
  /// Asked a second time: no more grace.
  void force();
  void kernel_ended();

 private:
  void stop_next(const std::string& sandbox_id);
  void finish();

  Keeper& keeper_;
  KernelChild* kernel_;
  std::chrono::milliseconds grace_;
  std::function<void()> done_;
  bool begun_ = false;
  bool keep_ = false;
  bool stopping_workloads_ = false;
  bool finished_ = false;
  kj::Promise<void> finishing_ = kj::READY_NOW;
};

}  // namespace troupe::runtime
