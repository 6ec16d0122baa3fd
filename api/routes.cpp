#include "api/routes.hpp"

#include <algorithm>
#include <iterator>

#include "schema/conversion.hpp"

namespace troupe::api {

namespace {

constexpr const char* kNodePorts = "nodeports.troupe";

std::string path_of(std::string_view group, std::string_view version, std::string_view plural) {
  std::string path(group);
  path.append("/").append(version).append("/").append(plural);
  return path;
}

std::string version_name(const schema::Resource& resource) {
  std::string text(resource.group);
  if (!text.empty()) text += "/";
  return text.append(resource.version);
}

std::string qualified_name(const schema::Resource& resource) {
  std::string text(resource.plural);
  if (!resource.group.empty()) text.append(".").append(resource.group);
  return text;
}

bool can_be_served(const schema::Resource& resource, const schema::Resource& stored) {
  return &resource == &stored || schema::can_convert(resource.kind, version_name(stored), version_name(resource));
}

/// A first start numbers them all at once.
Status expect_all(const schema::ResourceTable& table, const Interning& interning) {
  if (!interning.expect) return {};
  std::vector<std::string> resources;
  std::vector<std::string> kinds;
  for (const schema::Resource& facts : table.all()) {
    const schema::Resource& kept = *facts.storage;
    if (!can_be_served(facts, kept)) continue;
    resources.push_back(qualified_name(kept));
    kinds.push_back(path_of(kept.group, kept.version, kept.kind));
  }
  resources.emplace_back(kNodePorts);
  return interning.expect(resources, kinds);
}

}  // namespace

std::string Resource::api_version() const { return version_name(*this); }

std::string Resource::qualified() const { return qualified_name(*this); }

Result<Routes> Routes::built_in(const schema::ResourceTable& table, const schema::TypeTable& types,
                                const Interning& interning) {
  if (auto expected = expect_all(table, interning); !expected) return fail(expected.error());
  std::vector<Resource> resources;
  for (const schema::Resource& facts : table.all()) {
    const schema::Resource& kept = *facts.storage;
    if (!can_be_served(facts, kept)) continue;
    Resource resource;
    static_cast<schema::Resource&>(resource) = facts;
    resource.type = types.find(facts.group, facts.version, facts.kind);
    resource.list_type = types.find(facts.group, facts.version, facts.list_kind);
    if (resource.type == nullptr) {
      return fail(ErrorCode::kInternal, "the resource " + resource.qualified() + " has no type in the schema");
    }
    auto store_id = interning.resource(qualified_name(kept));
    if (!store_id) return fail(store_id.error());
    resource.store_id = *store_id;
    auto kind_id = interning.kind(path_of(kept.group, kept.version, kept.kind));
    if (!kind_id) return fail(kind_id.error());
    resource.kind_id = *kind_id;
    resources.push_back(resource);
  }
  auto node_ports = interning.resource(kNodePorts);
  if (!node_ports) return fail(node_ports.error());
  Routes routes(std::move(resources));
  routes.node_ports_ = *node_ports;
  return routes;
}

std::shared_ptr<const Routes> Routes::with_custom(const Routes& built_in, std::vector<Resource> custom) {
  std::vector<Resource> all = built_in.resources_;
  all.insert(all.end(), std::make_move_iterator(custom.begin()), std::make_move_iterator(custom.end()));
  auto routes = std::make_shared<Routes>(std::move(all));
  routes->node_ports_ = built_in.node_ports_;
  return routes;
}

std::shared_ptr<const Routes> LiveRoutes::get() const {
  const std::scoped_lock lock(mutex_);
  return routes_;
}

std::shared_ptr<const Routes> LiveRoutes::newest() const {
  const std::scoped_lock lock(mutex_);
  return newest_;
}

void LiveRoutes::set(std::shared_ptr<const Routes> routes) {
  const std::scoped_lock telling(follow_mutex_);
  {
    const std::scoped_lock lock(mutex_);
    newest_ = routes;
  }
  for (const Follower& follower : followers_) follower(*routes);
  const std::scoped_lock lock(mutex_);
  routes_ = std::move(routes);
}

void LiveRoutes::follow(Follower follower) {
  const std::scoped_lock telling(follow_mutex_);
  follower(*get());
  followers_.push_back(std::move(follower));
}

Routes::Routes(std::vector<Resource> resources) : resources_(std::move(resources)) {
  for (const Resource& resource : resources_) {
    by_path_.emplace(path_of(resource.group, resource.version, resource.plural), &resource);
  }
  for (Resource& resource : resources_) {
    const schema::Resource* kept = resource.storage;
    const Resource* stored = kept != nullptr ? find(kept->group, kept->version, kept->plural) : nullptr;
    resource.stored = stored == &resource ? nullptr : stored;
    if (resource.kind_id != 0 && resource.stored == nullptr) by_kind_.emplace(resource.kind_id, &resource);
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
