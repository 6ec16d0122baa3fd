#include "storage/feed.hpp"

#include <utility>

#include "storage/named_thread.hpp"

namespace troupe::storage {
namespace {

/// Events that wait before the feed reads the log instead.
constexpr std::size_t kMostWaiting = 16'384;

}  // namespace

void Feed::start() {
  thread_ = named_thread("store-feed", [this] { run(); });
}

void Feed::stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Feed::push(std::vector<RawEvent> events, bool skipped, Revision last) {
  {
    std::lock_guard lock(mutex_);
    if (queue_.empty() && !delivering_ && skipped && pass_over(last)) return;
    if (!queue_.empty() && (queue_.back().skipped || waiting_ > kMostWaiting)) {
      // One gap instead of many groups.
      waiting_ -= queue_.back().events.size();
      queue_.back() = Group{{}, true, last};
    } else {
      waiting_ += events.size();
      queue_.push_back({std::move(events), skipped, last});
    }
  }
  changed_.notify_one();
}

/// Nobody watches: the feed's thread need not wake up only to note that.
bool Feed::pass_over(Revision last) {
  const std::uint64_t epoch = hub_.epoch();
  return hub_.watchers() == 0 && hub_.dispatch_if(epoch, {}, last);
}

void Feed::run() {
  for (;;) {
    Group group;
    {
      std::unique_lock lock(mutex_);
      delivering_ = false;
      changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (queue_.empty()) return;
      delivering_ = true;
      group = std::move(queue_.front());
      queue_.pop_front();
      waiting_ -= group.events.size();
    }
    deliver(group);
  }
}

void Feed::deliver(Group& group) {
  std::vector<EventPtr> events;
  for (;;) {
    const std::uint64_t epoch = hub_.epoch();
    events.clear();
    if (hub_.watchers() == 0) {
      if (hub_.dispatch_if(epoch, events, group.last)) return;
      continue;
    }
    if (!group.skipped) {
      if (!build(group, events)) return;
      if (hub_.dispatch_if(epoch, events, group.last)) return;
      continue;
    }
    auto reached = history_.replay(Prefix(), hub_.dispatched(), group.last, 1000, events);
    if (!reached) {
      // Only the compaction of what nobody has seen yet, or damage: the watchers must list again.
      hub_.close(reached.error());
      return;
    }
    if (hub_.dispatch_if(epoch, events, *reached) && *reached >= group.last) return;
  }
}

bool Feed::build(Group& group, std::vector<EventPtr>& out) {
  ReadBuffer buffer;
  for (RawEvent& raw : group.events) {
    if (!hub_.wanted(raw.key)) continue;
    if (!raw.old && raw.old_position != 0) {
      auto old = history_.before(raw.old_position, buffer);
      if (!old) {
        hub_.close(old.error());
        return false;
      }
      raw.old = std::move(*old);
    }
    auto event = std::make_shared<Event>();
    event->revision = raw.revision;
    event->key = *key_from_bytes(raw.key);
    event->current = raw.current;
    event->old = raw.old;
    out.push_back(std::move(event));
  }
  return true;
}

}  // namespace troupe::storage
