#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace troupe::kernel {

/// Unique in its system, never used again; 0 is nobody. Given in order of spawning, so it is the same for the same
/// seed.
using ActorId = std::uint64_t;

using Duration = std::chrono::nanoseconds;

/// Monotonic time of the system's clock; a virtual clock starts at zero.
struct KernelClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<KernelClock>;
  static constexpr bool is_steady = true;
};
using TimePoint = KernelClock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Follows one cause through messages, logs, events and HTTP headers. All zero: none.
struct TraceId {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  explicit operator bool() const { return (high | low) != 0; }
  friend auto operator<=>(const TraceId&, const TraceId&) = default;
};

/// 32 hexadecimal digits.
std::string to_string(TraceId trace);

/// A timer, monitor or request of one actor. 0 is none. Never used again by the same actor.
struct TimerHandle {
  std::uint64_t value = 0;
  explicit operator bool() const { return value != 0; }
  friend auto operator<=>(const TimerHandle&, const TimerHandle&) = default;
};
struct MonitorHandle {
  std::uint64_t value = 0;
  explicit operator bool() const { return value != 0; }
  friend auto operator<=>(const MonitorHandle&, const MonitorHandle&) = default;
};
struct RequestHandle {
  std::uint64_t value = 0;
  explicit operator bool() const { return value != 0; }
  friend auto operator<=>(const RequestHandle&, const RequestHandle&) = default;
};

}  // namespace troupe::kernel
