#include "api/routes.hpp"

#include <algorithm>

namespace troupe::api {

namespace {

std::string path_of(std::string_view group, std::string_view version, std::string_view plural) {
  std::string path(group);
  path.append("/").append(version).append("/").append(plural);
  return path;
}

}  // namespace

std::string Resource::api_version() const {
  std::string text(group);
  if (!text.empty()) text += "/";
  return text.append(version);
}

std::string Resource::qualified() const {
  std::string text(plural);
  if (!group.empty()) text.append(".").append(group);
  return text;
}

Result<Routes> Routes::built_in(const schema::ResourceTable& table, const schema::TypeTable& types,
                                const Interning& interning) {
  std::vector<Resource> resources;
  for (const schema::Resource& facts : table.all()) {
    if (facts.storage != &facts) continue;
    Resource resource;
    static_cast<schema::Resource&>(resource) = facts;
    resource.type = types.find(facts.group, facts.version, facts.kind);
    resource.list_type = types.find(facts.group, facts.version, facts.list_kind);
    if (resource.type == nullptr) {
      return fail(ErrorCode::kInternal, "the resource " + resource.qualified() + " has no type in the schema");
    }
    auto store_id = interning.resource(resource.qualified());
    if (!store_id) return fail(store_id.error());
    resource.store_id = *store_id;
    auto kind_id = interning.kind(path_of(facts.group, facts.version, facts.kind));
    if (!kind_id) return fail(kind_id.error());
    resource.kind_id = *kind_id;
    resources.push_back(std::move(resource));
  }
  return Routes(std::move(resources));
}

Routes::Routes(std::vector<Resource> resources) : resources_(std::move(resources)) {
  for (const Resource& resource : resources_) {
    by_path_.emplace(path_of(resource.group, resource.version, resource.plural), &resource);
    if (resource.kind_id != 0) by_kind_.emplace(resource.kind_id, &resource);
    auto found = std::find_if(group_versions_.begin(), group_versions_.end(), [&](const GroupVersion& at) {
      return at.group == resource.group && at.version == resource.version;
    });
    if (found == group_versions_.end()) {
      // A group's versions stay together, in the order of the table.
      found = group_versions_.end();
      for (auto it = group_versions_.begin(); it != group_versions_.end(); ++it) {
        if (it->group == resource.group) found = std::next(it);
      }
      found = group_versions_.insert(found, GroupVersion{resource.group, resource.version, {}});
    }
    found->resources.push_back(&resource);
  }
  for (GroupVersion& at : group_versions_) {
    std::sort(at.resources.begin(), at.resources.end(),
              [](const Resource* a, const Resource* b) { return a->plural < b->plural; });
  }
}

const Resource* Routes::find(std::string_view group, std::string_view version, std::string_view plural) const {
  const auto found = by_path_.find(path_of(group, version, plural));
  return found == by_path_.end() ? nullptr : found->second;
}

const Resource* Routes::find_kind(storage::KindId kind) const {
  const auto found = by_kind_.find(kind);
  return found == by_kind_.end() ? nullptr : found->second;
}

const GroupVersion* Routes::find_version(std::string_view group, std::string_view version) const {
  for (const GroupVersion& at : group_versions_) {
    if (at.group == group && at.version == version) return &at;
  }
  return nullptr;
}

}  // namespace troupe::api
