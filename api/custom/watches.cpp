#include "api/custom/watches.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "api/custom/version.hpp"

namespace troupe::api::custom {

void Watches::add(const Resource& resource, std::weak_ptr<void> alive, std::function<void()> end) {
  Entry entry{std::string(resource.group),
              std::string(resource.version),
              std::string(resource.plural),
              resource.custom->generation,
              std::move(alive),
              std::move(end)};
  const std::lock_guard lock(mutex_);
  std::erase_if(entries_, [](const Entry& each) { return each.alive.expired(); });
  entries_.push_back(std::move(entry));
}

void Watches::check(const Routes& now) {
  std::vector<Entry> ended;
  {
    const std::lock_guard lock(mutex_);
    const auto first = std::partition(entries_.begin(), entries_.end(), [&now](const Entry& each) {
      const Resource* resource = now.find(each.group, each.version, each.plural);
      return resource != nullptr && resource->custom && resource->custom->generation == each.schema;
    });
    ended.assign(std::make_move_iterator(first), std::make_move_iterator(entries_.end()));
    entries_.erase(first, entries_.end());
  }
  for (const Entry& each : ended) {
    if (const auto held = each.alive.lock()) each.end();
  }
}

}  // namespace troupe::api::custom
