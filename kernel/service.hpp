#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "kernel/supervisor.hpp"

namespace troupe::kernel {

/// Something with threads of its own (a store, a listener) that a supervisor is to start, stop and restart. Its
/// functions are called on the turns of the child that stands for it, one at a time, and must not wait.
class Service {
 public:
  virtual ~Service() = default;
  /// `started` is called once, here or later, on any thread: an error is a failed start. `broken` is called when it
  /// stopped working by itself: it is stopped, and the supervisor decides.
  virtual void start(std::function<void(Status)> started, std::function<void(Error)> broken) = 0;
  /// `stopped` is called once, here or later, on any thread; after it neither function of `start` is called any more.
  /// Called once for each start that succeeded. A child that was killed does not wait for `stopped`.
  virtual void stop(std::function<void()> stopped) = 0;
};

/// The child that stands for `service`, which must outlive the system.
Child service(std::string id, Service& service);

}  // namespace troupe::kernel
