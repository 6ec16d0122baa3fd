#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "kernel/detail/core.hpp"

namespace troupe::kernel::impl {

class Host;
class Parcel;

/// Names handlers that run too long while they run. Its thread looks every `slow_handler` as long as turns are given,
/// and sleeps without a time-out after a tenth of a second without one: an idle kernel has no wake-ups from it.
class Watchdog {
 public:
  Watchdog(System::Core& core, IoThreads& threads);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

 private:
  friend class WatchedTurn;

  struct alignas(64) Slot {
    std::mutex mutex;
    Host* host = nullptr;                  // under mutex: what has a turn on this thread
    std::atomic<TimePoint::rep> began{0};  // of the running handler
    std::atomic<const MessageType*> type{nullptr};
    std::atomic<std::uint8_t> kind{0};
    std::atomic<std::uint64_t> turns{0};
    TimePoint::rep reported = 0;  // the watchdog's: this handler was named
  };

  void run();
  /// True: some thread had a turn since the last look.
  bool look();
  void look_at(Slot& slot);
  void wake();

  System::Core& core_;
  IoThreads& threads_;
  std::vector<Slot> slots_;
  std::uint64_t seen_turns_ = 0;
  std::atomic<bool> asleep_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// One actor's turn, as the watchdog sees it. With no watchdog, or on a foreign thread, nothing.
class WatchedTurn {
 public:
  WatchedTurn(Watchdog* watchdog, Host* host);
  ~WatchedTurn();
  WatchedTurn(const WatchedTurn&) = delete;
  WatchedTurn& operator=(const WatchedTurn&) = delete;
  void begin(const Parcel& parcel, TimePoint now) const;

 private:
  Watchdog::Slot* slot_ = nullptr;
};

/// Logs, at most once a minute for each actor name, that a handler took or is taking long.
void report_slow(System::Core& core, std::string_view actor, std::string_view message, Duration took, bool running);

}  // namespace troupe::kernel::impl
