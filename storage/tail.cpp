#include "storage/tail.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

namespace troupe::storage {
namespace {

/// Keys that are sorted in before readers get a turn.
constexpr std::size_t kSortedAtATime = 1024;

std::size_t weight(const std::string& key, const Version& version) {
  return key.size() + version.record.stored_bytes() + 256;  // 256: two nodes and the record's count
}

}  // namespace

void Tail::start(Tallies tallies, const LogPoint& point, VersionTable overlay) {
  std::unique_lock lock(mutex_);
  active_.table = std::move(overlay);
  for (const auto& entry : active_.table) {
    active_.bytes += weight(entry.first, entry.second);
    fresh_.push_back(&entry);
  }
  changed_ = tallies;
  tallies_ = std::move(tallies);
  for (const auto& [resource, tally] : tallies_) {
    total_.objects += tally.objects;
    total_.bytes += tally.bytes;
  }
  point_ = point;
  entries_ = active_.table.size();
  bytes_ = active_.bytes;
  revision_ = point.revision;
}

void Tail::publish(Changes changes, const Tallies& deltas, const LogPoint& point) {
  std::vector<Record> old;  // freed behind the lock
  old.reserve(changes.size());
  std::unique_lock lock(mutex_);
  for (auto& change : changes) {
    const std::size_t size = weight(change.first, change.second);
    auto [it, added] = active_.table.try_emplace(std::move(change.first));
    if (added) {
      fresh_.push_back(&*it);
    } else {
      active_.bytes -= weight(it->first, it->second);
      old.push_back(std::move(it->second.record));
    }
    active_.bytes += size;
    it->second = std::move(change.second);
  }
  for (const auto& [resource, delta] : deltas) {
    Tally& tally = tallies_[resource];
    tally.objects += delta.objects;
    tally.bytes += delta.bytes;
    total_.objects += delta.objects;
    total_.bytes += delta.bytes;
    changed_[resource] = tally;
  }
  point_ = point;
  entries_.store(active_.table.size() + frozen_.table.size(), std::memory_order_relaxed);
  bytes_.store(active_.bytes + frozen_.bytes, std::memory_order_relaxed);
  revision_.store(point.revision, std::memory_order_release);
}

std::pair<Revision, std::optional<Version>> Tail::find(std::string_view key) const {
  // Nothing waits for LMDB: everything up to this revision is there already.
  const Revision now = revision();
  if (entries_.load(std::memory_order_acquire) == 0) return {now, std::nullopt};
  std::shared_lock lock(mutex_);
  const Revision at = revision_.load(std::memory_order_relaxed);
  if (const auto it = active_.table.find(key); it != active_.table.end()) return {at, it->second};
  if (const auto it = frozen_.table.find(key); it != frozen_.table.end()) return {at, it->second};
  return {at, std::nullopt};
}

void Tail::sort() const {
  std::size_t left;
  {
    std::shared_lock lock(mutex_);
    left = fresh_.size();
  }
  // What comes while we sort is newer than anything the caller may ask for.
  while (left > 0) {
    std::unique_lock order(order_mutex_);
    Fresh some;
    {
      std::unique_lock lock(mutex_);
      const std::size_t n = std::min({left, fresh_.size(), kSortedAtATime});
      if (n == 0) return;
      // From the front: the oldest ones are what the caller came for.
      some.assign(fresh_.begin(), fresh_.begin() + static_cast<std::ptrdiff_t>(n));
      fresh_.erase(fresh_.begin(), fresh_.begin() + static_cast<std::ptrdiff_t>(n));
      left -= n;
    }
    for (const auto* entry : some) active_.order.emplace(entry->first, entry);
  }
}

Tail::Slice Tail::slice(const Prefix& prefix, std::string_view after, std::size_t max) const {
  sort();
  Slice slice;
  std::shared_lock order(order_mutex_);
  std::shared_lock lock(mutex_);
  slice.revision = revision_.load(std::memory_order_relaxed);
  const auto begin = [&](const Overlay& overlay) {
    return after.empty() || after < prefix.bytes() ? overlay.lower_bound(prefix.bytes()) : overlay.upper_bound(after);
  };
  auto a = begin(active_.order);
  auto f = begin(frozen_.order);
  const auto in = [&](const Overlay& overlay, Overlay::const_iterator it) {
    return it != overlay.end() && prefix.matches(it->first);
  };
  while (in(active_.order, a) || in(frozen_.order, f)) {
    if (slice.entries.size() == max) {
      slice.complete = false;
      break;
    }
    const bool take_active = in(active_.order, a) && (!in(frozen_.order, f) || a->first <= f->first);
    if (take_active && in(frozen_.order, f) && f->first == a->first) ++f;
    slice.entries.emplace_back(*(take_active ? a++ : f++)->second);
  }
  return slice;
}

State::Change Tail::freeze() {
  sort();
  // Made before the locks, so that publishing does not have to grow it step by step.
  VersionTable table;
  table.reserve(std::max<std::size_t>(2 * entries(), 4096));
  std::unique_lock order(order_mutex_);
  std::unique_lock lock(mutex_);
  if (frozen_.table.empty()) {
    for (const auto* entry : fresh_) active_.order.emplace(entry->first, entry);
    fresh_.clear();
    std::swap(frozen_, active_);
    active_.table.swap(table);
  }
  State::Change change;
  change.objects = &frozen_.order;
  change.tallies = std::exchange(changed_, {});
  change.applied = point_;
  return change;
}

void Tail::drop_frozen() {
  Part done;  // freed behind the locks
  std::unique_lock order(order_mutex_);
  std::unique_lock lock(mutex_);
  std::swap(frozen_, done);
  entries_.store(active_.table.size(), std::memory_order_release);
  bytes_.store(active_.bytes, std::memory_order_relaxed);
}

Tally Tail::tally(ResourceId resource) const {
  std::shared_lock lock(mutex_);
  const auto it = tallies_.find(resource);
  return it == tallies_.end() ? Tally{} : it->second;
}

Tally Tail::total() const {
  std::shared_lock lock(mutex_);
  return total_;
}

}  // namespace troupe::storage
