#include "api/custom/watches.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/custom/version.hpp"

namespace troupe::api::custom {

bool Watches::Entry::is_served(const Routes& now) const {
  const Resource* resource = now.find(group, version, plural);
  return resource != nullptr && resource->custom && resource->custom->generation == schema;
}

void Watches::add(const Resource& resource, const LiveRoutes& live, std::weak_ptr<void> alive,
                  std::function<void()> end) {
  Entry entry{std::string(resource.group),
              std::string(resource.version),
              std::string(resource.plural),
              resource.custom->generation,
              std::move(alive),
              std::move(end)};
  {
    // Asked inside the lock: newer routes than these are told to `check` later, which then finds the entry.
    const std::lock_guard lock(mutex_);
    std::erase_if(entries_, [](const Entry& each) { return each.alive.expired(); });
    if (entry.is_served(*live.newest())) {
      entries_.push_back(std::move(entry));
      return;
    }
  }
  if (const auto held = entry.alive.lock()) entry.end();
}

void Watches::check(const Routes& now) {
  std::vector<Entry> ended;
  {
    const std::lock_guard lock(mutex_);
    const auto first =
        std::partition(entries_.begin(), entries_.end(), [&now](const Entry& each) { return each.is_served(now); });
    ended.assign(std::make_move_iterator(first), std::make_move_iterator(entries_.end()));
    entries_.erase(first, entries_.end());
  }
  for (const Entry& each : ended) {
    if (const auto held = each.alive.lock()) each.end();
  }
}

}  // namespace troupe::api::custom
