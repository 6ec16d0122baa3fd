#pragma once

#include <atomic>
#include <deque>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <utility>
#include <vector>

#include "storage/state.hpp"

namespace troupe::storage {

/// What is durable in the log but not yet in LMDB: the overlay that readers look at first. The log's thread publishes,
/// the follower freezes and drops, anybody reads.
///
/// Publishing only puts into a hash table. Who needs the order of the keys, a list or the follower, sorts the new ones
/// in first: that is the dearest part of it, and no answer waits for it.
class Tail {
 public:
  using Changes = std::vector<std::pair<std::string, Version>>;

  struct Slice {
    Revision revision = 0;  ///< Newest durable one at the moment of the look.
    Changes entries;        ///< In key order, newest version of each key.
    bool complete = true;   ///< False: only keys up to the last entry were looked at.
  };

  /// Where a restarted store goes on.
  void start(Tallies tallies, const LogPoint& point, VersionTable overlay);
  /// Shows a group of commits, all at once. Only one thread publishes.
  void publish(Changes changes, const Tallies& deltas, const LogPoint& point);

  Revision revision() const { return revision_.load(std::memory_order_acquire); }
  /// The newest durable revision and, when the key is not yet in LMDB, its newest version.
  std::pair<Revision, std::optional<Version>> find(std::string_view key) const;
  /// At most `max` keys under `prefix` behind `after` (from the beginning when empty).
  Slice slice(const Prefix& prefix, std::string_view after, std::size_t max) const;
  /// Sorts in what was published since: little by little it costs its next reader nothing.
  void sort() const;

  /// Takes what is there as the next thing to apply, unless something is frozen already. The overlay stays readable.
  State::Change freeze();
  /// What was frozen is in LMDB now.
  void drop_frozen();

  std::size_t entries() const { return entries_.load(std::memory_order_relaxed); }
  std::size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  Tally tally(ResourceId resource) const;
  Tally total() const;

 private:
  using Fresh = std::deque<const VersionTable::value_type*>;
  struct Part {
    VersionTable table;     ///< mutex_.
    std::size_t bytes = 0;  ///< mutex_.
    Overlay order;          ///< order_mutex_; of the table's entries, all but the fresh ones.
  };

  // order_mutex_ is taken first. Entries are only removed with both.
  mutable std::shared_mutex order_mutex_;
  mutable std::shared_mutex mutex_;
  mutable Part active_;
  Part frozen_;
  mutable Fresh fresh_;  ///< Of the active table, not yet in order. mutex_.
  Tallies tallies_;
  Tallies changed_;  ///< Totals of resources that changed since the last freeze.
  Tally total_;
  LogPoint point_;
  std::atomic<Revision> revision_{0};
  std::atomic<std::size_t> entries_{0};
  std::atomic<std::size_t> bytes_{0};
};

}  // namespace troupe::storage
