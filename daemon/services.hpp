#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>

#include "kernel/service.hpp"

namespace troupe::daemon {

/// Something that the kernel process started before its actors and stops after them, as a child in the supervision
/// tree. It can be adopted again as long as it works; once it is broken every start of the child fails, so that the
/// supervisors above give up: the process ends, and the keeper starts a new one. Any thread.
class Adopted final : public kernel::Service {
 public:
  void start(std::function<void(Status)> started, std::function<void(Error)> broken) override;
  void stop(std::function<void()> stopped) override;
  /// It works no more, for `why`.
  void broke(Error why);

 private:
  std::mutex mutex_;
  std::function<void(Error)> broken_;
  std::optional<Error> why_;
};

/// Ends the process when the root supervisor gives up: raises SIGTERM, once, for whoever waits for signals.
class RootWatch {
 public:
  /// For `Supervisor::start_root`; must outlive the system.
  kernel::SupervisorOptions options();
  /// From now on the root's end is expected.
  void stopping() { stopping_ = true; }
  /// The root ended by itself.
  bool gave_up() const { return gave_up_; }

 private:
  std::atomic<bool> stopping_{false};
  std::atomic<bool> gave_up_{false};
};

}  // namespace troupe::daemon
