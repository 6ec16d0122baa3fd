#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "kernel/actor_ref.hpp"
#include "kernel/types.hpp"

namespace troupe::kernel {

/// Timers in eleven levels of 64 slots (all of 64 bits), ticks of 1 ms: setting, cancelling and expiring cost O(1)
/// whatever their number. A timer never fires early, and at most one tick late. Cancelled timers leave nothing behind;
/// memory is that of the largest number that were set at once. Not for several threads: the owner locks.
class TimerWheel {
 public:
  /// What the owner wants to know when the time has come.
  struct Payload {
    ActorRef actor;
    std::uint64_t token = 0;
  };
  /// A handle: 0 is none. Used once.
  using Id = std::uint64_t;

  explicit TimerWheel(TimePoint start);

  Id set(TimePoint when, Payload payload);
  /// False: it has fired or was cancelled before.
  /// `dropped`, if given, gets what was set.
  bool cancel(Id id, Payload* dropped = nullptr);
  /// Moves the time on to `now` and appends what came due, ordered by due tick, then by the order of setting.
  void advance(TimePoint now, std::vector<Payload>& due);
  /// When to call `advance` next: never after the earliest timer's tick, possibly before (to sort a far slot into near
  /// ones). Nothing is set: none.
  std::optional<TimePoint> next() const;
  std::size_t size() const { return size_; }

 private:
  static constexpr int kLevels = 11;
  static constexpr std::uint32_t kSlots = 64;
  static constexpr std::uint32_t kNone = UINT32_MAX;

  struct Node {
    std::uint64_t tick = 0;
    std::uint64_t sequence = 0;  // 0: free
    Payload payload;
    std::uint32_t next = kNone;
    std::uint32_t previous = kNone;
    std::uint32_t generation = 0;
    std::uint16_t slot = 0;
  };

  void link(std::uint32_t index);
  void unlink(std::uint32_t index);
  std::uint32_t allocate();
  void free(std::uint32_t index);
  std::optional<std::uint64_t> next_tick() const;
  void take_slot(std::uint32_t slot, std::vector<std::uint32_t>& out);
  std::uint64_t tick_of(TimePoint when) const;

  std::uint64_t current_ = 0;  // everything due at or before it has fired
  std::uint64_t sequence_ = 0;
  std::size_t size_ = 0;
  std::array<std::uint32_t, kLevels * kSlots> heads_;
  std::array<std::uint64_t, kLevels> used_{};  // a bit for each slot that holds something
  std::vector<Node> nodes_;
  std::uint32_t free_ = kNone;
};

}  // namespace troupe::kernel
