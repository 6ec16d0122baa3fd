#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "kernel/clock.hpp"
#include "kernel/io_threads.hpp"
#include "kernel/log.hpp"
#include "kernel/metrics.hpp"
#include "kernel/random.hpp"
#include "kernel/registry.hpp"
#include "kernel/system.hpp"
#include "kernel/timer_wheel.hpp"

namespace troupe::kernel {

namespace impl {

class CafSystem;
class Dispatcher;
class Watchdog;

/// All timers of a system behind one lock.
class Timers {
 public:
  explicit Timers(TimePoint now) : wheel_(now) {}
  /// Called, with no lock held, when the next deadline came nearer. Set once, before use.
  std::function<void()> on_nearer;

  TimerWheel::Id set(TimePoint when, TimerWheel::Payload payload);
  void cancel(TimerWheel::Id id);
  std::optional<TimePoint> next() const;
  std::size_t size() const;
  /// The deadline that an alarm should be set to; TimePoint::max(): none.
  TimePoint armed() const;
  /// Takes what is due at `now`.
  std::vector<TimerWheel::Payload> take_due(TimePoint now);

 private:
  mutable std::mutex mutex_;
  TimerWheel wheel_;
  TimePoint armed_ = TimePoint::max();
};

/// Requests from outside the actors that wait for their answer or their deadline, whichever is first.
class OutsideRequests {
 public:
  explicit OutsideRequests(Timers& timers) : timers_(timers) {}
  Promise open(TimePoint deadline, ReplySink then);
  void expire(std::uint64_t token);

 private:
  struct Waiting {
    ReplySink then;
    TimerWheel::Id wheel = 0;
  };
  std::shared_ptr<Waiting> take(std::uint64_t token);

  Timers& timers_;
  std::mutex mutex_;
  std::unordered_map<std::uint64_t, std::shared_ptr<Waiting>> waiting_;
  std::uint64_t last_ = 0;
};

/// Every actor that has not ended; holds one reference to each.
class Living {
 public:
  void add(Host* host, ActorId id);
  void remove(Host* host, ActorId id);
  std::size_t count() const { return count_.load(std::memory_order_acquire); }
  std::vector<ActorRef> all() const;
  /// Waits until nobody lives or the real time is over; true: nobody.
  bool wait_until_empty(std::chrono::steady_clock::time_point deadline) const;

 private:
  struct alignas(64) Shard {
    mutable std::mutex mutex;
    Host* first = nullptr;
  };
  std::array<Shard, 16> shards_;
  std::atomic<std::size_t> count_{0};
  mutable std::mutex empty_mutex_;
  mutable std::condition_variable empty_;
};

}  // namespace impl

struct System::Core {
  explicit Core(System* s, const SystemOptions& o);
  ~Core();

  System* system;
  SystemOptions options;
  std::unique_ptr<Logger> null_logger;
  Logger* logger;
  Metrics metrics;
  std::unique_ptr<Clock> clock;
  VirtualClock* virtual_clock = nullptr;  // deterministic mode
  std::unique_ptr<Random> random;
  impl::Timers timers;
  impl::OutsideRequests outside;
  impl::Living living;
  std::atomic<ActorId> next_id{1};
  Registry registry;
  RateLimit undelivered_limit;
  RateLimit slow_limit;
  std::string events;
  ActorRef root;
  std::mutex alarm_mutex;
  std::unique_ptr<IoThreads::Alarm> alarm;   // real mode
  std::unique_ptr<impl::Watchdog> watchdog;  // real mode
  std::unique_ptr<impl::Dispatcher> dispatcher;
  std::unique_ptr<impl::CafSystem> caf;

  bool deterministic() const { return virtual_clock != nullptr; }
  /// Hands expired timers to their owners.
  void fire_due();
  void set_alarm();
  /// A line of the event log, if one is kept.
  void event(ActorId id, std::string_view name, std::string_view what);
  /// Counts `alike` of them, and logs at most one line a minute for each kind and type.
  void undelivered(Undelivered kind, const MessageType* type, std::string_view receiver, std::uint64_t alike = 1);
};

}  // namespace troupe::kernel
