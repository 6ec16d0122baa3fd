#include "kernel/timer_wheel.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace troupe::kernel {
namespace {

constexpr std::uint64_t kTick = 1'000'000;  // nanoseconds

}  // namespace

TimerWheel::TimerWheel(TimePoint start)
    : current_(static_cast<std::uint64_t>(start.time_since_epoch().count()) / kTick) {
  heads_.fill(kNone);
}

std::uint64_t TimerWheel::tick_of(TimePoint when) const {
  const auto count = when.time_since_epoch().count();
  if (count <= 0) return current_ + 1;
  const std::uint64_t tick = (static_cast<std::uint64_t>(count) + kTick - 1) / kTick;
  return std::max(tick, current_ + 1);
}

std::uint32_t TimerWheel::allocate() {
  if (free_ == kNone) {
    nodes_.emplace_back();
    return static_cast<std::uint32_t>(nodes_.size() - 1);
  }
  const std::uint32_t index = free_;
  free_ = nodes_[index].next;
  return index;
}

void TimerWheel::free(std::uint32_t index) {
  Node& node = nodes_[index];
  node.sequence = 0;
  node.payload = Payload{};
  ++node.generation;
  node.next = free_;
  free_ = index;
  --size_;
}

// The level is that of the highest 6-bit digit in which the due tick differs from the current one.
void TimerWheel::link(std::uint32_t index) {
  constexpr int kBits = 6;
  Node& node = nodes_[index];
  const std::uint64_t tick = node.tick;
  const int level = (63 - std::countl_zero((tick ^ current_) | 1)) / kBits;
  const auto digit = static_cast<std::uint32_t>((tick >> (kBits * level)) & (kSlots - 1));
  node.slot = static_cast<std::uint16_t>(static_cast<std::uint32_t>(level) * kSlots + digit);
  node.previous = kNone;
  node.next = heads_[node.slot];
  if (node.next != kNone) nodes_[node.next].previous = index;
  heads_[node.slot] = index;
  used_[static_cast<std::size_t>(level)] |= std::uint64_t{1} << digit;
}

void TimerWheel::unlink(std::uint32_t index) {
  Node& node = nodes_[index];
  if (node.previous != kNone) {
    nodes_[node.previous].next = node.next;
  } else {
    heads_[node.slot] = node.next;
    if (node.next == kNone) used_[node.slot / kSlots] &= ~(std::uint64_t{1} << (node.slot % kSlots));
  }
  if (node.next != kNone) nodes_[node.next].previous = node.previous;
}

TimerWheel::Id TimerWheel::set(TimePoint when, Payload payload) {
  const std::uint32_t index = allocate();
  Node& node = nodes_[index];
  node.tick = tick_of(when);
  node.sequence = ++sequence_;
  node.payload = std::move(payload);
  link(index);
  ++size_;
  return (static_cast<Id>(node.generation) << 32) | (index + 1U);
}

bool TimerWheel::cancel(Id id, Payload* dropped) {
  const auto index = static_cast<std::uint32_t>(id) - 1;
  if (id == 0 || index >= nodes_.size()) return false;
  Node& node = nodes_[index];
  if (node.sequence == 0 || node.generation != static_cast<std::uint32_t>(id >> 32)) return false;
  if (dropped != nullptr) *dropped = std::move(node.payload);
  unlink(index);
  free(index);
  return true;
}

// The earliest tick at which something fires (level 0) or must be sorted again (a higher level's slot begins).
std::optional<std::uint64_t> TimerWheel::next_tick() const {
  for (int level = 0; level < kLevels; ++level) {
    const int shift = 6 * level;
    const auto digit = (current_ >> shift) & (kSlots - 1);
    const std::uint64_t later = used_[static_cast<std::size_t>(level)] & ~((std::uint64_t{2} << digit) - 1);
    if (later == 0) continue;
    const auto slot = static_cast<std::uint64_t>(std::countr_zero(later));
    const std::uint64_t base = level == kLevels - 1 ? 0 : (current_ >> (shift + 6)) << (shift + 6);
    return base | (slot << shift);
  }
  return std::nullopt;
}

std::optional<TimePoint> TimerWheel::next() const {
  const auto tick = next_tick();
  if (!tick) return std::nullopt;
  return TimePoint(Duration(static_cast<Duration::rep>(*tick * kTick)));
}

void TimerWheel::take_slot(std::uint32_t slot, std::vector<std::uint32_t>& out) {
  for (std::uint32_t index = heads_[slot]; index != kNone; index = nodes_[index].next) out.push_back(index);
  heads_[slot] = kNone;
  used_[slot / kSlots] &= ~(std::uint64_t{1} << (slot % kSlots));
}

void TimerWheel::advance(TimePoint now, std::vector<Payload>& due) {
  const std::uint64_t target = static_cast<std::uint64_t>(now.time_since_epoch().count()) / kTick;
  std::vector<std::uint32_t> taken;
  while (current_ < target) {
    const auto tick = next_tick();
    if (!tick || *tick > target) {
      current_ = target;
      break;
    }
    current_ = *tick;
    taken.clear();
    for (int level = 0; level < kLevels; ++level) {
      if (level > 0 && (current_ & ((std::uint64_t{1} << (6 * level)) - 1)) != 0) break;
      take_slot(static_cast<std::uint32_t>(level) * kSlots +
                    static_cast<std::uint32_t>((current_ >> (6 * level)) & (kSlots - 1)),
                taken);
    }
    std::sort(taken.begin(), taken.end(),
              [this](std::uint32_t a, std::uint32_t b) { return nodes_[a].sequence < nodes_[b].sequence; });
    for (const std::uint32_t index : taken) {
      if (nodes_[index].tick > current_) {
        link(index);
      } else {
        due.push_back(std::move(nodes_[index].payload));
        free(index);
      }
    }
  }
}

}  // namespace troupe::kernel
