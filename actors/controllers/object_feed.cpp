#include "actors/controllers/object_feed.hpp"

#include <algorithm>
#include <mutex>

namespace troupe::controllers {

Catalogue::Catalogue(std::vector<CatalogueEntry> entries) {
  for (CatalogueEntry& entry : entries) add(std::move(entry));
}

ResourceIndex Catalogue::add(CatalogueEntry entry) {
  const std::unique_lock lock(mutex_);
  auto at = std::find(entries_.begin(), entries_.end(), entry);
  if (at == entries_.end()) at = entries_.insert(entries_.end(), std::move(entry));
  const auto index = static_cast<ResourceIndex>(at - entries_.begin());
  by_kind_.insert_or_assign(std::pair(at->group, at->kind), index);
  by_plural_.insert_or_assign(std::pair(at->group, at->plural), index);
  return index;
}

void Catalogue::retire(ResourceIndex index) {
  const std::unique_lock lock(mutex_);
  std::erase_if(by_kind_, [index](const auto& each) { return each.second == index; });
  std::erase_if(by_plural_, [index](const auto& each) { return each.second == index; });
}

std::size_t Catalogue::size() const {
  const std::shared_lock lock(mutex_);
  return entries_.size();
}

const CatalogueEntry& Catalogue::operator[](ResourceIndex index) const {
  const std::shared_lock lock(mutex_);
  return entries_[index];
}

std::optional<ResourceIndex> Catalogue::find_kind(std::string_view api_version, std::string_view kind) const {
  const std::size_t slash = api_version.find('/');
  const std::string_view group = slash == std::string_view::npos ? std::string_view() : api_version.substr(0, slash);
  const std::shared_lock lock(mutex_);
  const auto found = by_kind_.find(std::pair(std::string(group), std::string(kind)));
  if (found == by_kind_.end()) return std::nullopt;
  return found->second;
}

std::optional<ResourceIndex> Catalogue::find(std::string_view group, std::string_view plural) const {
  const std::shared_lock lock(mutex_);
  const auto found = by_plural_.find(std::pair(std::string(group), std::string(plural)));
  if (found == by_plural_.end()) return std::nullopt;
  return found->second;
}

bool ObjectMeta::has_finalizer(std::string_view finalizer) const {
  return std::find(finalizers.begin(), finalizers.end(), finalizer) != finalizers.end();
}

}  // namespace troupe::controllers
