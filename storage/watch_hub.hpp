#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/store.hpp"

namespace troupe::storage {

using EventPtr = std::shared_ptr<const Event>;

/// Where a watcher that starts in the past reads what it missed.
class EventHistory {
 public:
  virtual ~EventHistory() = default;
  /// Appends the events under `prefix` with after < revision <= until, whole batches only, and stops early once about
  /// `max` were found or many were skipped. Gives the revision up to which it looked. kCompacted, kCorrupt, kIo.
  virtual Result<Revision> replay(const Prefix& prefix, Revision after, Revision until, std::size_t max,
                                  std::vector<EventPtr>& out) = 0;
};

class HubWatch;

/// Hands committed events to watchers. One thread dispatches, in order of revision; any thread watches.
/// A watcher reads history on its own thread until it is near, and only then is fed; so a slow or late one costs the
/// dispatcher nothing. What waits for a watcher is bounded by its request; above it the watcher is cut.
class WatchHub {
 public:
  explicit WatchHub(EventHistory& history) : history_(history) {}
  ~WatchHub();

  std::unique_ptr<Watch> add(WatchRequest request, Revision after, Ready ready);

  /// True when somebody wants events of this key: the old record need not be fetched otherwise.
  bool wanted(std::string_view key) const;
  /// Every event up to and with `revision`, behind those of the last call.
  void dispatch(const std::vector<EventPtr>& events, Revision revision);
  /// The same for events that were picked by wanted(): false, and nothing done, when somebody joined since `epoch`.
  bool dispatch_if(std::uint64_t epoch, const std::vector<EventPtr>& events, Revision revision);
  /// Changes with each watcher that joins.
  std::uint64_t epoch() const { return epoch_.load(std::memory_order_acquire); }
  /// Sets where history begins: before the first dispatch.
  void start_at(Revision revision) { dispatched_.store(revision, std::memory_order_release); }
  Revision dispatched() const { return dispatched_.load(std::memory_order_acquire); }
  /// Ends all watches, also later ones, with this error.
  void close(Error error);
  std::size_t watchers() const { return watchers_.load(std::memory_order_relaxed); }

 private:
  friend class HubWatch;
  /// From now on the watch is fed; gives the last revision that it was not fed.
  Revision join(HubWatch& watch);
  void leave(HubWatch& watch);
  void feed(const std::vector<EventPtr>& events, Revision revision);
  template <class F>
  void for_each_match(std::string_view key, F&& f) const;

  EventHistory& history_;
  mutable std::mutex mutex_;
  std::map<std::string, std::vector<HubWatch*>, std::less<>> by_prefix_;
  std::map<std::size_t, std::size_t> lengths_;  ///< Prefix length -> how many different prefixes have it.
  std::vector<HubWatch*> touched_;
  std::optional<Error> closed_;
  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<Revision> dispatched_{0};
  std::atomic<std::size_t> watchers_{0};
};

}  // namespace troupe::storage
