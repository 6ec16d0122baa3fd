#include "storage/tail.hpp"

#include <algorithm>
#include <mutex>
#include <optional>

namespace troupe::storage {
namespace {

std::size_t weight(const std::string& key, const Version& version) {
  return key.size() + version.record.stored_bytes() + 128;  // 128: the map's node and the record's count
}

}  // namespace

void Tail::start(Tallies tallies, const LogPoint& point, Overlay overlay) {
  std::unique_lock lock(mutex_);
  active_ = std::move(overlay);
  for (const auto& [key, version] : active_) active_bytes_ += weight(key, version);
  changed_ = tallies;
  tallies_ = std::move(tallies);
  for (const auto& [resource, tally] : tallies_) {
    total_.objects += tally.objects;
    total_.bytes += tally.bytes;
  }
  point_ = point;
  entries_ = active_.size();
  bytes_ = active_bytes_;
  revision_ = point.revision;
}

void Tail::publish(Changes changes, const Tallies& deltas, const LogPoint& point) {
  std::vector<Record> old;  // freed behind the lock
  old.reserve(changes.size());
  std::unique_lock lock(mutex_);
  for (auto& [key, version] : changes) {
    const std::size_t size = weight(key, version);
    auto [it, added] = active_.try_emplace(std::move(key));
    if (!added) {
      active_bytes_ -= weight(it->first, it->second);
      old.push_back(std::move(it->second.record));
    }
    active_bytes_ += size;
    it->second = std::move(version);
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
  entries_.store(active_.size() + frozen_.size(), std::memory_order_relaxed);
  bytes_.store(active_bytes_ + frozen_bytes_, std::memory_order_relaxed);
  revision_.store(point.revision, std::memory_order_release);
}

std::pair<Revision, std::optional<Version>> Tail::find(std::string_view key) const {
  // Nothing waits for LMDB: everything up to this revision is there already.
  const Revision now = revision();
  if (entries_.load(std::memory_order_acquire) == 0) return {now, std::nullopt};
  std::shared_lock lock(mutex_);
  const Revision at = revision_.load(std::memory_order_relaxed);
  if (const auto it = active_.find(key); it != active_.end()) return {at, it->second};
  if (const auto it = frozen_.find(key); it != frozen_.end()) return {at, it->second};
  return {at, std::nullopt};
}

Tail::Slice Tail::slice(const Prefix& prefix, std::string_view after, std::size_t max) const {
  Slice slice;
  std::shared_lock lock(mutex_);
  slice.revision = revision_.load(std::memory_order_relaxed);
  const auto begin = [&](const Overlay& overlay) {
    return after.empty() || after < prefix.bytes() ? overlay.lower_bound(prefix.bytes()) : overlay.upper_bound(after);
  };
  auto a = begin(active_);
  auto f = begin(frozen_);
  const auto in = [&](const Overlay& overlay, Overlay::const_iterator it) {
    return it != overlay.end() && prefix.matches(it->first);
  };
  while (in(active_, a) || in(frozen_, f)) {
    if (slice.entries.size() == max) {
      slice.complete = false;
      break;
    }
    const bool take_active = in(active_, a) && (!in(frozen_, f) || a->first <= f->first);
    if (take_active && in(frozen_, f) && f->first == a->first) ++f;
    slice.entries.emplace_back(take_active ? *a++ : *f++);
  }
  return slice;
}

State::Change Tail::freeze() {
  std::unique_lock lock(mutex_);
  if (frozen_.empty()) {
    frozen_.swap(active_);
    frozen_bytes_ = std::exchange(active_bytes_, 0);
  }
  State::Change change;
  change.objects = &frozen_;
  change.tallies = std::exchange(changed_, {});
  change.applied = point_;
  return change;
}

void Tail::drop_frozen() {
  Overlay done;
  std::unique_lock lock(mutex_);
  frozen_.swap(done);
  frozen_bytes_ = 0;
  entries_.store(active_.size(), std::memory_order_release);
  bytes_.store(active_bytes_, std::memory_order_relaxed);
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
