#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>

#include "api/streaming/node_streams.hpp"
#include "runtime/runtime.hpp"

namespace troupe::daemon {

/// Measures what this machine and its containers use, from /proc. Any thread.
class UsageMeter {
 public:
  UsageMeter();

  /// Processor time is the mean since the measurement before the last second; since its start for a new container.
  api::NodeUsage measure(const runtime::Inventory& inventory);

 private:
  using Clock = std::chrono::steady_clock;
  struct Point {
    Clock::time_point at;
    std::uint64_t cpu_nanos = 0;
  };
  /// Nanoseconds of processor time a second since the point, which becomes the new one when it is old enough.
  static std::uint64_t rate(Point& since, Clock::time_point now, std::uint64_t cpu_nanos);

  std::mutex mutex_;
  Point machine_;
  std::map<std::string, Point> runs_;
};

}  // namespace troupe::daemon
