#include "api/custom/custom_resources.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "api/custom/core_internal.hpp"
#include "api/custom/definition_rules.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api::custom {

namespace {

constexpr std::size_t kBatch = 64;
constexpr std::size_t kPage = 500;
constexpr auto kPause = std::chrono::milliseconds(200);
constexpr std::string_view kVerbs[] = {"delete", "deletecollection", "get",    "list",
                                       "patch",  "create",           "update", "watch"};

bool is_good(int status) { return status >= 200 && status < 300; }

std::string path_of(std::string_view name) {
  return "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/" + std::string(name);
}

Resource resource_of(const Entry& entry, const std::shared_ptr<const Version>& version) {
  Resource out;
  out.group = version->of->group();
  out.version = version->name;
  out.kind = version->names.kind;
  out.list_kind = version->names.list_kind;
  out.plural = version->names.plural;
  out.singular = version->names.singular;
  out.namespaced = version->of->namespaced();
  out.short_names = version->short_names;
  out.categories = version->categories;
  out.verbs = kVerbs;
  out.selectable_fields = version->selectable;
  out.subresources = version->subresources;
  out.columns = version->columns;
  out.type = version->type;
  out.store_id = entry.store_id;
  out.kind_id = entry.kind_id;
  out.custom = version;
  out.terminating = entry.definition->deleting();
  return out;
}

}  // namespace

Status CustomResources::Core::load() {
  definitions_ = deps_.built_in.find("apiextensions.k8s.io", "v1", "customresourcedefinitions");
  if (definitions_ == nullptr) return fail(ErrorCode::kInternal, "the resource table has no definitions");
  entries_.clear();
  storage::ListRequest request;
  request.prefix = storage::prefix_of(definitions_->store_id);
  request.limit = kPage;
  for (;;) {
    auto end = storage::list_now(deps_.store, request, [this](std::string_view, const storage::RecordView& record) {
      put(record);
      return true;
    });
    if (!end) return fail(end.error().with_context("custom resource definitions"));
    request.at = end->revision;
    request.after = end->last;
    revision_ = end->revision;
    if (!end->more) break;
  }
  judge();
  publish();
  return {};
}

Status CustomResources::Core::start(net::HttpHandler& api) {
  client_.emplace(api);
  storage::WatchRequest request;
  request.prefix = storage::prefix_of(definitions_->store_id);
  request.after = revision_;
  auto watch = deps_.store.watch(std::move(request), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->wake();
  });
  if (!watch) return fail(watch.error().with_context("custom resource definitions"));
  watch_ = std::move(*watch);
  run([](Core& core) { core.settle(); });
  wake();
  return {};
}

void CustomResources::Core::stop() {
  watch_.reset();
  entries_.clear();
}

void CustomResources::Core::run(std::function<void(Core&)> job) {
  deps_.post([weak = weak_from_this(), job = std::move(job)] {
    const auto self = weak.lock();
    if (!self) return;
    try {
      job(*self);
    } catch (const std::exception&) {  // no memory: what the job left half done is read anew
      self->begin_again_later();
    }
  });
}

void CustomResources::Core::wake() {
  if (woken_.exchange(true)) return;
  run([](Core& core) {
    core.woken_ = false;
    core.take();
  });
}

void CustomResources::Core::take() {
  if (!watch_) return;
  for (;;) {
    auto events = watch_->take(kBatch);
    if (!events) return begin_again();
    if (events->empty()) break;
    for (const auto& event : *events) {
      if (event->current) {
        put(event->current.view());
      } else {
        forget(event->old.view());
      }
    }
  }
  settle();
}

/// The watch was cut: all is read anew.
void CustomResources::Core::begin_again() {
  watch_.reset();
  const Status loaded = load();
  storage::WatchRequest request;
  request.prefix = storage::prefix_of(definitions_->store_id);
  request.after = revision_;
  if (loaded) {
    auto watch = deps_.store.watch(std::move(request), [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->wake();
    });
    if (watch) watch_ = std::move(*watch);
  }
  if (watch_) {
    settle();
    return wake();
  }
  begin_again_later();
}

void CustomResources::Core::begin_again_later() {
  begin_pause_ = deps_.env.after(kPause, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->run([](Core& core) { core.begin_again(); });
  });
}

void CustomResources::Core::put(const storage::RecordView& record) {
  auto document = to_document(record, *definitions_);
  if (!document) return;
  auto definition = std::make_shared<Definition>();
  definition->object = std::move(*document);
  definition->revision = record.header->revision;
  Entry& entry = entries_[std::string(definition->name())];
  const bool is_new = entry.definition == nullptr;
  if (is_new) {
    entry.created = record.header->create_revision;
    entry.grant.names = accepted_names(*definition);
  }
  const bool same = !is_new && entry.definition->deleting() == definition->deleting() &&
                    schema::same_value(*entry.definition->spec(), *definition->spec());
  entry.stale = entry.stale || !same;
  entry.definition = std::move(definition);
}

void CustomResources::Core::forget(const storage::RecordView& record) {
  auto document = to_document(record, *definitions_);
  if (!document) return;
  const auto found = entries_.find(std::string(names_of(document->root()).name));
  if (found == entries_.end()) return;
  const storage::ResourceId leftover = found->second.store_id;
  changed_ = changed_ || !found->second.versions.empty();
  entries_.erase(found);
  if (leftover != 0) erase_orphans(leftover);  // what was created while the last objects went
}

void CustomResources::Core::erase_orphans(storage::ResourceId resource) {
  erase_all(resource, [resource](Core& core, bool gone) {
    if (gone) return;
    core.orphans_.insert(resource);
    core.settle_later();
  });
}

void CustomResources::Core::erase_all(storage::ResourceId resource, std::function<void(Core&, bool)> done) {
  struct Erasure {
    std::atomic<std::size_t> left{1};
    std::atomic<bool> good{true};
  };
  const auto erasure = std::make_shared<Erasure>();
  const auto ended = [weak = weak_from_this(), erasure, done = std::move(done)](bool good) {
    if (!good) erasure->good = false;
    if (--erasure->left != 0) return;
    if (const auto self = weak.lock()) self->run([erasure, done](Core& core) { done(core, erasure->good); });
  };
  const auto keys = keys_of(resource);
  storage::Batch batch;
  const auto commit = [&] {
    if (batch.operations.empty()) return;
    ++erasure->left;
    deps_.store.commit(std::exchange(batch, {}),
                       [ended](const Result<storage::Committed>& committed) { ended(committed.has_value()); });
  };
  for (const storage::Key& key : keys ? *keys : std::vector<storage::Key>()) {
    batch.erase(key);
    if (batch.operations.size() == storage::kMaxOperations) commit();
  }
  commit();
  ended(keys.has_value());
}

Result<std::vector<storage::Key>> CustomResources::Core::keys_of(storage::ResourceId resource) {
  std::vector<storage::Key> out;
  storage::ListRequest request;
  request.prefix = storage::prefix_of(resource);
  request.limit = kPage;
  for (;;) {
    auto end = storage::list_now(deps_.store, request, [&out](std::string_view key, const storage::RecordView&) {
      if (auto whole = storage::key_from_bytes(key)) out.push_back(std::move(*whole));
      return true;
    });
    if (!end) return fail(end.error());
    if (!end->more) return out;
    request.at = end->revision;
    request.after = end->last;
  }
}

/// Grants names, the older definitions first, and makes versions of what has changed.
void CustomResources::Core::judge() {
  std::vector<Entry*> order;
  order.reserve(entries_.size());
  for (auto& [name, entry] : entries_) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const Entry* a, const Entry* b) { return a->created < b->created; });
  std::map<std::string_view, TakenNames> groups;
  for (const Entry* entry : order) groups[entry->definition->group()].add(entry->grant.names);
  for (const Resource& built_in : deps_.built_in.resources()) {
    const auto group = groups.find(built_in.group);
    if (group == groups.end()) continue;
    group->second.add({std::string(built_in.plural),
                       std::string(built_in.singular),
                       std::string(built_in.kind),
                       std::string(built_in.list_kind),
                       {built_in.short_names.begin(), built_in.short_names.end()},
                       {}});
  }
  for (Entry* entry : order) {
    TakenNames& taken = groups[entry->definition->group()];
    taken.remove(entry->grant.names);
    Grant grant = grant_names(requested_names(*entry->definition), entry->grant.names, taken);
    taken.add(grant.names);
    const bool same = grant.names == entry->grant.names && grant.all == entry->grant.all;
    entry->stale = entry->stale || !same;
    if (!same || grant.message != entry->grant.message) entry->told = 0;
    entry->grant = std::move(grant);
    if (!entry->stale) continue;
    try {
      build(*entry);
    } catch (const std::exception& thrown) {  // no memory: the others are served all the same
      entry->versions.clear();
      entry->fault = std::string("it cannot be prepared: ") + thrown.what();
    }
  }
}

void CustomResources::Core::build(Entry& entry) {
  entry.stale = false;
  changed_ = true;
  entry.versions.clear();
  entry.fault.clear();
  const auto definition = entry.definition;
  if (!entry.grant.all && !condition_is_true(*definition, "Established")) return;
  const schema::Node* versions = member(definition->spec(), "versions");
  if (versions == nullptr) return;
  std::string kind = std::string(definition->group()) + "/";
  for (const schema::Node& node : versions->items()) {
    if (true_member(&node, "storage")) kind += std::string(text_member(node, "name")) + "/" + entry.grant.names.kind;
    if (!true_member(&node, "served")) continue;
    auto version = Version::make(definition, node, entry.grant.names, deps_.types);
    if (version) {
      entry.versions.push_back(std::move(*version));
    } else {
      entry.fault = version.error().message;
    }
  }
  auto store_id = deps_.interning.resource(definition->name());
  auto kind_id = deps_.interning.kind(kind);
  if (store_id && kind_id) {
    entry.store_id = *store_id;
    entry.kind_id = *kind_id;
  } else {
    entry.versions.clear();
    entry.fault = (!store_id ? store_id.error() : kind_id.error()).message;
  }
  std::sort(entry.versions.begin(), entry.versions.end(),
            [](const auto& a, const auto& b) { return version_comes_first(a->name, b->name); });
}

void CustomResources::Core::publish() {
  if (!std::exchange(changed_, false)) return;
  std::vector<Resource> resources;
  for (const auto& [name, entry] : entries_) {
    for (const auto& version : entry.versions) resources.push_back(resource_of(entry, version));
  }
  std::stable_sort(resources.begin(), resources.end(), [](const Resource& a, const Resource& b) {
    if (a.group != b.group) return a.group < b.group;
    return a.version != b.version && version_comes_first(a.version, b.version);
  });
  deps_.live.set(Routes::with_custom(deps_.built_in, std::move(resources)));
}

void CustomResources::Core::settle() {
  judge();
  publish();
  for (const storage::ResourceId orphan : std::exchange(orphans_, {})) {
    const bool has_one =
        std::any_of(entries_.begin(), entries_.end(), [&](const auto& each) { return each.second.store_id == orphan; });
    if (!has_one) erase_orphans(orphan);
  }
  for (auto& [name, entry] : entries_) {
    write_status(name, entry);
    if (condition_is_true(*entry.definition, "Terminating")) clean(name, entry);
  }
}

void CustomResources::Core::write_status(const std::string& name, Entry& entry) {
  const Definition& definition = *entry.definition;
  if (entry.told == definition.revision) return;
  entry.told = definition.revision;
  auto status = parse_json(wanted_status(definition, entry.grant, entry.fault, rfc3339(deps_.env.now())));
  if (!status) return;
  const schema::Node* current = member(definition.object.root(), "status");
  if (current != nullptr && schema::same_value(*current, status->root())) return;
  schema::Document object;
  auto copied = object.copy(definition.object.root());
  if (!copied) return;
  object.root() = *copied;
  if (!set_node(object, object.root(), "status", status->root())) return;
  std::string body;
  append_json(object.root(), body);
  // A conflict means that there is a newer one, which comes by the watch; all else is tried again.
  client_->ask("PUT", path_of(name) + "/status", "application/json", std::move(body),
               [weak = weak_from_this(), name](int code, const std::string&) {
                 const auto self = weak.lock();
                 if (self && (code == 429 || code >= 500)) self->try_again(name);
               });
}

void CustomResources::Core::try_again(const std::string& name) {
  run([name](Core& core) {
    const auto found = core.entries_.find(name);
    if (found == core.entries_.end()) return;
    found->second.told = 0;
    found->second.cleaning = false;
    core.settle_later();
  });
}

void CustomResources::Core::settle_later() {
  settle_pause_ = deps_.env.after(kPause, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->run([](Core& core) { core.settle(); });
  });
}

/// Deletes the objects of a definition that is deleted, namespace by namespace; when all are gone, its finalizer.
void CustomResources::Core::clean(const std::string& name, Entry& entry) {
  if (entry.cleaning || !has_cleanup_finalizer(entry.definition->object.root())) return;
  entry.cleaning = true;
  if (entry.store_id == 0) return drop_finalizer(name, entry);
  storage::WatchRequest request;
  request.prefix = storage::prefix_of(entry.store_id);
  request.after = deps_.store.revision();
  auto leftovers = deps_.store.watch(std::move(request), [weak = weak_from_this(), name] {
    if (const auto self = weak.lock()) self->run([name](Core& core) { core.look_again(name); });
  });
  const auto keys = keys_of(entry.store_id);
  if (!keys) return try_again(name);
  std::set<std::string> spaces;
  for (const storage::Key& key : *keys) {
    if (auto parts = storage::split_key(key.bytes())) spaces.insert(std::string(parts->name_space));
  }
  if (spaces.empty()) return drop_finalizer(name, entry);
  if (entry.versions.empty()) {  // nothing serves them any more
    return erase_all(entry.store_id, [name](Core& core, bool) { core.look_again(name); });
  }
  if (leftovers) entry.leftovers = std::move(*leftovers);
  const Version& version = *entry.versions.front();
  const std::string base = "/apis/" + std::string(version.of->group()) + "/" + std::string(version.name) + "/";
  std::vector<std::string> targets;
  targets.reserve(spaces.size());
  for (const std::string& space : spaces) {
    targets.push_back(base + (space.empty() ? "" : "namespaces/" + space + "/") + version.names.plural);
  }
  delete_next(name, std::move(targets));
}

void CustomResources::Core::delete_next(const std::string& name, std::vector<std::string> targets) {
  if (targets.empty()) return look_again(name);
  std::string target = std::move(targets.back());
  targets.pop_back();
  client_->ask("DELETE", std::move(target), "", "",
               [weak = weak_from_this(), name, targets = std::move(targets)](int code, const std::string&) mutable {
                 const auto self = weak.lock();
                 if (!self) return;
                 if (!is_good(code) && code != 404) return self->try_again(name);
                 self->run([name, targets = std::move(targets)](Core& core) { core.delete_next(name, targets); });
               });
}

/// Objects with finalizers stay a while: whenever one goes, it is looked whether it was the last.
void CustomResources::Core::look_again(const std::string& name) {
  const auto found = entries_.find(name);
  if (found == entries_.end() || !found->second.cleaning) return;
  Entry& entry = found->second;
  while (entry.leftovers) {
    auto events = entry.leftovers->take(kBatch);
    if (!events) {
      entry.cleaning = false;
      return clean(name, entry);
    }
    if (events->empty()) break;
  }
  const auto keys = keys_of(entry.store_id);
  if (!keys || (!keys->empty() && entry.versions.empty())) return try_again(name);
  if (keys->empty()) drop_finalizer(name, entry);
}

void CustomResources::Core::drop_finalizer(const std::string& name, Entry& entry) {
  entry.leftovers.reset();
  std::string body = R"({"metadata":{"resourceVersion":")" + std::to_string(entry.definition->revision) +
                     R"(","finalizers":)" + other_finalizers_json(entry.definition->object.root()) + "}}";
  client_->ask("PATCH", path_of(name), "application/merge-patch+json", std::move(body),
               [weak = weak_from_this(), name](int code, const std::string&) {
                 const auto self = weak.lock();
                 if (self && !is_good(code) && code != 404) self->try_again(name);
               });
}

CustomResources::CustomResources(CustomDeps deps) : core_(std::make_shared<Core>(std::move(deps))) {}
CustomResources::~CustomResources() { core_->stop(); }
Status CustomResources::load() { return core_->load(); }
Status CustomResources::start(net::HttpHandler& api) { return core_->start(api); }

}  // namespace troupe::api::custom
