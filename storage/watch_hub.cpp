#include "storage/watch_hub.hpp"

#include <algorithm>
#include <utility>

namespace troupe::storage {
namespace {

/// A watcher this close to the present joins and reads the rest at once.
constexpr Revision kNear = 512;

std::size_t weight(const Event& event) {
  std::size_t bytes = sizeof(Event) + event.key.bytes().size();
  if (event.old) bytes += event.old.stored_bytes();
  if (event.current) bytes += event.current.stored_bytes();
  return bytes;
}

}  // namespace

class HubWatch final : public Watch {
 public:
  HubWatch(WatchHub& hub, WatchRequest request, Revision after, Ready ready)
      : hub_(hub), request_(std::move(request)), cursor_(after), ready_(std::move(ready)) {
    hub_.watchers_.fetch_add(1, std::memory_order_relaxed);
  }
  ~HubWatch() override {
    hub_.leave(*this);
    hub_.watchers_.fetch_sub(1, std::memory_order_relaxed);
  }

  Result<std::vector<EventPtr>> take(std::size_t max) override {
    max = std::max<std::size_t>(max, 1);
    std::vector<EventPtr> out;
    if (!live_) {
      auto ok = catch_up(max, out);
      if (!ok) return fail(std::move(ok.error()));
    }
    if (!backlog_.empty()) {
      move_batches(backlog_, max, out);
      taken(out);
      return out;
    }
    if (!out.empty() || !live_) return out;
    const Revision seen = hub_.dispatched();
    std::lock_guard lock(mutex_);
    if (queue_.empty() && ended_) return fail(*ended_);
    // A watch may begin at a revision that is durable but not yet dispatched.
    std::size_t known = 0;
    for (; known < queue_.size() && queue_[known]->revision <= revision(); ++known) {
      waiting_bytes_ -= weight(*queue_[known]);
    }
    drop(queue_, known);
    move_batches(queue_, max, out);
    for (const EventPtr& event : out) waiting_bytes_ -= weight(*event);
    armed_ = out.empty();
    taken(out);
    if (queue_.empty() && !ended_) set_cursor(std::max(revision(), seen));
    return out;
  }

  Revision revision() const override { return cursor_.load(std::memory_order_relaxed); }

 private:
  friend class WatchHub;

  /// Reads history until something was found or the watch is live.
  Status catch_up(std::size_t max, std::vector<EventPtr>& out) {
    for (;;) {
      const Revision now = hub_.dispatched();
      if (now - std::min(now, revision()) <= kNear) break;
      auto reached = hub_.history_.replay(request_.prefix, revision(), now, max, out);
      if (!reached) return fail(std::move(reached.error()));
      set_cursor(*reached);
      if (!out.empty()) return {};
    }
    const Revision until = hub_.join(*this);
    live_ = true;
    std::vector<EventPtr> missed;
    for (Revision at = revision(); at < until;) {
      auto reached = hub_.history_.replay(request_.prefix, at, until, max, missed);
      if (!reached) return fail(std::move(reached.error()));
      at = *reached;
    }
    backlog_.insert(backlog_.end(), missed.begin(), missed.end());
    if (backlog_.empty()) set_cursor(std::max(revision(), until));
    return {};
  }

  static void move_batches(std::vector<EventPtr>& from, std::size_t max, std::vector<EventPtr>& out) {
    std::size_t n = 0;
    for (; n < from.size() && (out.size() < max || out.back()->revision == from[n]->revision); ++n) {
      out.push_back(std::move(from[n]));
    }
    drop(from, n);
  }
  /// The first `n`; an empty queue keeps next to no memory: most watches wait most of the time.
  static void drop(std::vector<EventPtr>& from, std::size_t n) {
    constexpr std::size_t kKept = 4;
    if (n == from.size() && from.capacity() > kKept) return std::vector<EventPtr>().swap(from);
    from.erase(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(n));
  }
  void taken(const std::vector<EventPtr>& out) {
    if (!out.empty()) set_cursor(out.back()->revision);
  }
  void set_cursor(Revision revision) { cursor_.store(revision, std::memory_order_relaxed); }

  /// By the dispatcher, with the hub locked.
  void flush() {
    std::lock_guard lock(mutex_);
    if (!ended_) {
      for (EventPtr& event : staged_) {
        waiting_bytes_ += weight(*event);
        queue_.push_back(std::move(event));
      }
      if (queue_.size() > request_.max_events || waiting_bytes_ > request_.max_bytes) {
        const std::string waiting = std::to_string(queue_.size()) + " events, " + std::to_string(waiting_bytes_);
        queue_.clear();
        ended_ = Error(ErrorCode::kDisconnected,
                       "watcher is too slow: " + waiting + " bytes are waiting; resume behind the last revision");
      }
    }
    staged_.clear();
    wake();
  }
  void end(const Error& error) {
    std::lock_guard lock(mutex_);
    if (!ended_) ended_ = error;
    wake();
  }
  void wake() {
    if (std::exchange(armed_, false) && ready_) ready_();
  }

  WatchHub& hub_;
  WatchRequest request_;
  std::atomic<Revision> cursor_;
  bool live_ = false;              ///< Only the taking thread.
  std::vector<EventPtr> backlog_;  ///< Only the taking thread: read from history while joining.
  bool joined_ = false;            ///< Hub's mutex.
  std::vector<EventPtr> staged_;   ///< Hub's mutex.
  std::mutex mutex_;               ///< Everything below; taken behind the hub's.
  std::vector<EventPtr> queue_;
  std::size_t waiting_bytes_ = 0;
  std::optional<Error> ended_;
  bool armed_ = false;
  Ready ready_;
};

WatchHub::~WatchHub() = default;

std::unique_ptr<Watch> WatchHub::add(WatchRequest request, Revision after, Ready ready) {
  return std::make_unique<HubWatch>(*this, std::move(request), after, std::move(ready));
}

template <class F>
void WatchHub::for_each_match(std::string_view key, F&& f) const {
  for (const auto& [length, count] : lengths_) {
    if (length > key.size()) break;
    const auto found = by_prefix_.find(key.substr(0, length));
    if (found == by_prefix_.end()) continue;
    for (HubWatch* watch : found->second) f(*watch);
  }
}

bool WatchHub::wanted(std::string_view key) const {
  if (watchers() == 0) return false;
  std::lock_guard lock(mutex_);
  bool any = false;
  for_each_match(key, [&any](HubWatch&) { any = true; });
  return any;
}

void WatchHub::dispatch(const std::vector<EventPtr>& events, Revision revision) {
  std::lock_guard lock(mutex_);
  feed(events, revision);
}

bool WatchHub::dispatch_if(std::uint64_t epoch, const std::vector<EventPtr>& events, Revision revision) {
  std::lock_guard lock(mutex_);
  if (epoch_.load(std::memory_order_relaxed) != epoch) return false;
  feed(events, revision);
  return true;
}

void WatchHub::feed(const std::vector<EventPtr>& events, Revision revision) {
  for (const EventPtr& event : events) {
    for_each_match(event->key.bytes(), [&](HubWatch& watch) {
      if (watch.staged_.empty()) touched_.push_back(&watch);
      watch.staged_.push_back(event);
    });
  }
  for (HubWatch* watch : touched_) watch->flush();
  touched_.clear();
  dispatched_.store(revision, std::memory_order_release);
}

Revision WatchHub::join(HubWatch& watch) {
  std::lock_guard lock(mutex_);
  if (closed_) {
    watch.end(*closed_);
    return dispatched();
  }
  auto& list = by_prefix_[std::string(watch.request_.prefix.bytes())];
  if (list.empty()) ++lengths_[watch.request_.prefix.bytes().size()];
  list.push_back(&watch);
  watch.joined_ = true;
  epoch_.fetch_add(1, std::memory_order_release);
  return dispatched();
}

void WatchHub::leave(HubWatch& watch) {
  std::lock_guard lock(mutex_);
  if (!watch.joined_) return;
  const auto found = by_prefix_.find(watch.request_.prefix.bytes());
  std::erase(found->second, &watch);
  if (!found->second.empty()) return;
  by_prefix_.erase(found);
  const auto length = lengths_.find(watch.request_.prefix.bytes().size());
  if (--length->second == 0) lengths_.erase(length);
}

void WatchHub::close(Error error) {
  std::lock_guard lock(mutex_);
  closed_ = std::move(error);
  for (auto& [prefix, list] : by_prefix_) {
    for (HubWatch* watch : list) watch->end(*closed_);
  }
}

}  // namespace troupe::storage
