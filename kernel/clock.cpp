#include "kernel/clock.hpp"

namespace troupe::kernel {

TimePoint RealClock::now() const {
  return TimePoint(std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

WallTime RealClock::wall_now() const { return std::chrono::system_clock::now(); }

WallTime VirtualClock::wall_now() const {
  constexpr auto kEpoch = std::chrono::sys_days(std::chrono::year(2026) / 1 / 1);
  return WallTime(kEpoch) + std::chrono::duration_cast<WallTime::duration>(now().time_since_epoch());
}

void VirtualClock::advance_to(TimePoint time) {
  const auto ticks = time.time_since_epoch().count();
  if (ticks > elapsed_.load(std::memory_order_relaxed)) elapsed_.store(ticks, std::memory_order_relaxed);
}

}  // namespace troupe::kernel
