#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace troupe::pod {

/// How long to wait before the next restart: at once after the first end, then `initial`, times `factor` each time, up
/// to `limit`; a run longer than `reset` forgets it all. The default is Kubernetes' curve.
struct BackoffCurve {
  std::chrono::nanoseconds initial = std::chrono::seconds(10);
  double factor = 2;
  std::chrono::nanoseconds limit = std::chrono::seconds(300);
  std::chrono::nanoseconds reset = std::chrono::minutes(10);
  /// At most `budget` restarts in `window`, whatever the curve says; 0 means no budget. Set by default when
  /// `initial` is zero, so that a program that always fails does not take a core.
  std::uint32_t budget = 0;
  std::chrono::nanoseconds window = std::chrono::seconds(10);

  friend bool operator==(const BackoffCurve&, const BackoffCurve&) = default;
};

/// The annotation that gives a pod a curve of its own: "initial=100ms,factor=2,limit=5s,reset=1m,budget=50/10s".
inline constexpr std::string_view kBackoffAnnotation = "troupe.dev/restart-backoff";
/// The budget of a curve with `initial=0` that names none.
inline constexpr std::uint32_t kDefaultBudget = 100;

/// Reads the annotation's value. Errors: kInvalidArgument, naming the part that is wrong.
Result<BackoffCurve> parse_backoff_curve(std::string_view text);

/// The pod's curve: that of its annotation, else Kubernetes'. A malformed annotation gives the default.
BackoffCurve backoff_curve(const std::map<std::string, std::string>& annotations);

/// The back-off of one container.
class Backoff {
 public:
  using Time = std::chrono::sys_time<std::chrono::nanoseconds>;

  /// When a run that ended at `finished` may be followed by the next. Never before `finished`.
  Time ready_at(const BackoffCurve& curve, Time finished) const;

  /// Takes note that the next run starts `now` after one that ended at `finished`: the next wait grows.
  void next(const BackoffCurve& curve, Time finished, Time now);

  /// What the wait would be after the next end; 0 before the first restart.
  std::chrono::nanoseconds delay() const { return delay_; }

  /// Rebuilds it after a restart of the kernel, for a container that was restarted `restarts` times, last at `started`.
  static Backoff restore(const BackoffCurve& curve, std::uint32_t restarts, std::optional<Time> started);

 private:
  bool expired(const BackoffCurve& curve, Time finished) const;

  std::chrono::nanoseconds delay_{0};
  std::optional<Time> updated_;
  std::deque<Time> recent_;  ///< Restarts inside the budget's window, at most `budget` of them.
};

/// A duration as Kubernetes' messages write it: "10s", "1m20s", "5m0s", "250ms".
std::string format_duration(std::chrono::nanoseconds duration);

/// Reads "250ms", "1.5s", "1m20s", "0". Errors: kInvalidArgument.
Result<std::chrono::nanoseconds> parse_duration(std::string_view text);

}  // namespace troupe::pod
