#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <utility>

namespace troupe::runtime {

/// OTP's restart intensity: more than `intensity` restarts within `period` are too many.
class RestartBudget {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  RestartBudget(std::uint32_t intensity, std::chrono::milliseconds period) : intensity_(intensity), period_(period) {}

  /// Counts a restart at `now`; false when it is one too many.
  bool take(TimePoint now) {
    while (!restarts_.empty() && now - restarts_.front() > period_) restarts_.pop_front();
    if (restarts_.size() >= intensity_) return false;
    restarts_.push_back(now);
    return true;
  }
  void reset() { restarts_.clear(); }
  /// What counts against it, the oldest first.
  const std::deque<TimePoint>& restarts() const { return restarts_; }
  void restore(std::deque<TimePoint> restarts) { restarts_ = std::move(restarts); }

 private:
  std::uint32_t intensity_;
  std::chrono::milliseconds period_;
  std::deque<TimePoint> restarts_;
};

}  // namespace troupe::runtime
