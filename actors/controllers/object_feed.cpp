#include "actors/controllers/object_feed.hpp"

#include <algorithm>

namespace troupe::controllers {

Catalogue::Catalogue(std::vector<CatalogueEntry> entries) : entries_(std::move(entries)) {
  for (ResourceIndex i = 0; i < entries_.size(); ++i)
    by_kind_.emplace(std::pair(entries_[i].group, entries_[i].kind), i);
}

std::optional<ResourceIndex> Catalogue::find_kind(std::string_view api_version, std::string_view kind) const {
  const std::size_t slash = api_version.find('/');
  const std::string_view group = slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
  const auto found = by_kind_.find(std::pair(std::string(group), std::string(kind)));
  if (found == by_kind_.end()) return std::nullopt;
  return found->second;
}

std::optional<ResourceIndex> Catalogue::find(std::string_view group, std::string_view plural) const {
  for (ResourceIndex i = 0; i < entries_.size(); ++i) {
    if (entries_[i].group == group && entries_[i].plural == plural) return i;
  }
  return std::nullopt;
}

bool ObjectMeta::has_finalizer(std::string_view finalizer) const {
  return std::find(finalizers.begin(), finalizers.end(), finalizer) != finalizers.end();
}

}  // namespace troupe::controllers
