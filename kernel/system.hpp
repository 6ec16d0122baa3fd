#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/actor.hpp"
#include "kernel/types.hpp"

namespace troupe::kernel {

class Clock;
class IoThreads;
class Logger;
class Metrics;
class Random;
class Registry;

struct SystemOptions {
  /// Null: deterministic mode. One thread (the caller's), virtual time, delivery in an order drawn from `seed`.
  /// Otherwise actors run on these threads, which must outlive the system.
  IoThreads* threads = nullptr;
  std::uint64_t seed = 1;
  /// Deterministic mode: keep a line per event, see `event_log`.
  bool record_events = false;
  std::uint32_t mailbox_limit = 10'000;
  /// A handler that runs longer is named in the log (real mode).
  Duration slow_handler = std::chrono::milliseconds(10);
  /// Null: nothing is logged.
  Logger* logger = nullptr;
};

/// All actors of one kernel, with their threads, clock and timers.
class System {
 public:
  explicit System(SystemOptions options);
  /// Stops (with no patience) what still runs.
  ~System();
  System(const System&) = delete;
  System& operator=(const System&) = delete;

  /// The one actor without a parent: the root supervisor. Its end starts nothing: whoever owns the system decides.
  ActorRef start_root(SupervisorKey key, ActorFactory factory, SpawnOptions options);

  /// Asks the root to shut down and waits; after `patience` everything left is killed, and after that again as long,
  /// given up. Answers the names of what had to be killed. On virtual time in deterministic mode. Not from an actor.
  std::vector<std::string> stop(Duration patience);

  // From outside the actors, on any thread (in deterministic mode: its one thread).

  void send(const ActorRef& to, AnyMsg message, TraceId trace = {});
  /// See ReplySink for where `then` runs. `timeout` zero: no deadline.
  void request(const ActorRef& to, AnyMsg message, Duration timeout, ReplySink then, TraceId trace = {});
  /// The right to answer `then`, with a deadline; what `request` puts into its envelope.
  Promise promise(Duration timeout, ReplySink then);
  void send_exit(const ActorRef& to, ExitReason reason);

  Clock& clock();
  Random& random();
  Registry& registry();
  Metrics& metrics();
  Logger& logger();

  /// Actors that have not ended, lazy ones included.
  std::size_t actor_count() const;
  /// Timers and deadlines that are set.
  std::size_t timer_count() const;
  /// Name and id of up to `limit` of them, by id.
  std::vector<std::string> living(std::size_t limit) const;

  // Deterministic mode.

  /// Runs one message, or lets time go to the next timer if there is none. False: nothing left to do.
  bool step();
  /// Runs what can run now, without letting time pass. Answers the number of messages.
  std::size_t run_ready();
  /// Runs until `span` of virtual time has passed.
  void run_for(Duration span);
  /// Runs until nothing is left to do, no timer either, or `max_steps` were made (then false).
  bool run_until_idle(std::size_t max_steps = 10'000'000);
  /// What happened, a line each: virtual time, actor, event. Equal for equal seeds.
  const std::string& event_log() const;
  /// Adds a line of the caller's.
  void record(std::string_view line);

  /// The parts; defined in kernel/impl.
  struct Core;
  Core& core() { return *core_; }

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace troupe::kernel
