#pragma once

#include <atomic>

#include "kernel/types.hpp"

namespace troupe::kernel {

/// Time as a port: the real one, or one that a test moves.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual TimePoint now() const = 0;
  virtual WallTime wall_now() const = 0;
};

class RealClock final : public Clock {
 public:
  TimePoint now() const override;
  WallTime wall_now() const override;
};

/// Starts at zero, and at 2026-01-01T00:00:00Z on the wall; moves only when told to.
class VirtualClock final : public Clock {
 public:
  TimePoint now() const override { return TimePoint(Duration(elapsed_.load(std::memory_order_relaxed))); }
  WallTime wall_now() const override;
  /// Never back.
  void advance_to(TimePoint time);

 private:
  std::atomic<Duration::rep> elapsed_{0};
};

}  // namespace troupe::kernel
