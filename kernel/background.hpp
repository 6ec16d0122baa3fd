#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace troupe::kernel {

/// Threads for what may block (files, dead file servers, /proc), so that actor and I/O threads never do. They are
/// started as they are needed, `kThreads` at most; whoever hangs for ever holds one of them up.
class Background {
 public:
  static constexpr std::size_t kThreads = 8;
  static constexpr std::size_t kMostJobs = 16'384;

  Background();
  ~Background();  ///< Stops.
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  /// Runs `work`, which must own all that it touches, then `done` on the same thread. False: too much is waiting, or it
  /// was stopped; neither is called.
  bool run(std::function<void()> work, std::function<void()> done);
  /// No `done` is called any more when this returns; work that waits is dropped. Never waits for work.
  void stop();

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace troupe::kernel
