#pragma once

#include <deque>
#include <functional>
#include <mutex>

namespace troupe::net {

/// Runs jobs one at a time, in their order, on whatever thread brings them: a job given while another runs, be it from
/// inside of it, is run after it by the same thread.
class Serial {
 public:
  void run(std::function<void()> job) {
    {
      const std::scoped_lock lock(mutex_);
      jobs_.push_back(std::move(job));
      if (busy_) return;
      busy_ = true;
    }
    while (true) {
      std::function<void()> next;
      {
        const std::scoped_lock lock(mutex_);
        if (jobs_.empty()) {
          busy_ = false;
          return;
        }
        next = std::move(jobs_.front());
        jobs_.pop_front();
      }
      next();
    }
  }

 private:
  std::mutex mutex_;
  std::deque<std::function<void()>> jobs_;
  bool busy_ = false;
};

}  // namespace troupe::net
