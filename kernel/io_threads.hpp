#pragma once

#include <cstddef>
#include <functional>
#include <memory>

#include "kernel/types.hpp"

namespace boost::asio {
class io_context;
}

namespace troupe::kernel {

/// The threads of the program: one Asio loop that serves sockets and actors alike.
class IoThreads {
 public:
  /// 0 threads: one for each core that this process may use.
  explicit IoThreads(std::size_t threads = 0);
  /// Stops the loop, drops what waits in it, and joins. Every System on it must be gone.
  ~IoThreads();
  IoThreads(const IoThreads&) = delete;
  IoThreads& operator=(const IoThreads&) = delete;

  boost::asio::io_context& context();
  std::size_t size() const;
  /// 0 .. size() - 1 on one of these threads, otherwise -1.
  int current() const;

  /// Two pointers and a function: posting must not allocate more than Asio does.
  struct Job {
    void (*run)(void* a, void* b) = nullptr;
    void* a = nullptr;
    void* b = nullptr;
  };
  /// Runs `job` on some thread, behind what waits.
  void post(Job job);
  /// From one of these threads: preferably on the same thread, when the running job is done.
  void defer(Job job);

  /// Calls a function on one of the threads at a time that can be moved.
  class Alarm {
   public:
    virtual ~Alarm() = default;
    /// The latest call counts. TimePoint::max(): never. Not from two threads at once.
    virtual void set(TimePoint when) = 0;
  };
  /// After the alarm is destroyed `ring` is not called any more; a call that runs is waited for.
  std::unique_ptr<Alarm> make_alarm(std::function<void()> ring);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace troupe::kernel
