#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

namespace troupe::api {

/// What the API's verbs need of the world around them; simulated in scenarios.
class Environment {
 public:
  /// Ends a timer when destroyed; a call that has begun may still run.
  class Timer {
   public:
    virtual ~Timer() = default;
  };

  virtual ~Environment() = default;

  /// Runs `job` soon on an I/O thread, never inside this call.
  virtual void post(std::function<void()> job) = 0;
  virtual std::unique_ptr<Timer> after(std::chrono::milliseconds delay, std::function<void()> job) = 0;
  virtual std::chrono::system_clock::time_point now() = 0;
  virtual std::uint64_t random() = 0;
};

}  // namespace troupe::api
