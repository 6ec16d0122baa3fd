#include "api/quota_status.hpp"

#include <limits>
#include <utility>

#include "api/admission/quota.hpp"
#include "api/metadata.hpp"
#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"
#include "api/validation/quantities.hpp"

namespace troupe::api {

namespace {

using schema::Node;

constexpr std::size_t kTake = 1024;
constexpr std::chrono::milliseconds kGather(200);

/// The resource whose objects a name of a quota counts; null: none that is known.
const Resource* counted_resource(const Routes& routes, std::string_view name) {
  static constexpr std::string_view kCount = "count/";
  static constexpr std::string_view kCoreKinds[] = {
      "services", "configmaps", "secrets", "persistentvolumeclaims", "resourcequotas", "replicationcontrollers"};
  if (!name.starts_with(kCount)) {
    if (name.starts_with("services.")) return routes.find("", "v1", "services");
    if (name == "requests.storage") return routes.find("", "v1", "persistentvolumeclaims");
    for (const std::string_view kind : kCoreKinds) {
      if (name == kind) return routes.find("", "v1", kind);
    }
    return routes.find("", "v1", "pods");
  }
  name.remove_prefix(kCount.size());
  for (const Resource& resource : routes.resources()) {
    if (resource.stored == nullptr && resource.qualified() == name) return &resource;
  }
  return nullptr;
}

}  // namespace

Status QuotaStatus::start() {
  const std::lock_guard lock(mutex_);
  if (auto read = read_quotas(); !read) return read;
  services_.env.post([self = shared_from_this()] { self->look(); });
  return {};
}

void QuotaStatus::stop() {
  std::unique_ptr<storage::Watch> quotas;
  std::unique_ptr<storage::Watch> objects;
  std::unique_ptr<Environment::Timer> timer;
  const std::lock_guard lock(mutex_);
  timer.swap(timer_);
  stopped_ = true;
  quotas.swap(quota_watch_);
  objects.swap(object_watch_);
}

std::unique_ptr<storage::Watch> QuotaStatus::follow(const storage::Prefix& prefix, storage::Revision after) {
  storage::WatchRequest request;
  request.prefix = prefix;
  request.after = after;
  auto watch = services_.store.watch(std::move(request), [weak = weak_from_this(), &env = services_.env] {
    env.post([weak] {
      if (const auto self = weak.lock()) self->look();
    });
  });
  return watch ? std::move(*watch) : nullptr;
}

Status QuotaStatus::read_quotas() {
  known_.clear();
  storage::ListRequest request;
  request.prefix = storage::prefix_of(quotas_.store_id);
  request.limit = std::numeric_limits<std::size_t>::max();
  auto end = storage::list_now(services_.store, std::move(request),
                               [this](std::string_view bytes, const storage::RecordView&) {
                                 auto key = storage::key_from_bytes(bytes);
                                 const auto parts = storage::split_key(bytes);
                                 if (!key || !parts) return true;
                                 known_[std::string(parts->name_space)][std::string(bytes)] = std::move(*key);
                                 changed_.emplace(parts->name_space);
                                 return true;
                               });
  if (!end) return fail(end.error());
  quota_watch_ = follow(storage::prefix_of(quotas_.store_id), end->revision);
  object_watch_ = known_.empty() ? nullptr : follow({}, end->revision);
  return {};
}

void QuotaStatus::look() {
  const std::lock_guard lock(mutex_);
  if (stopped_) return;
  take_quotas();
  take_objects();
  if (!changed_.empty()) arm();
}

void QuotaStatus::arm() {
  if (armed_) return;
  armed_ = true;
  timer_ = services_.env.after(kGather, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->count_changed();
  });
}

void QuotaStatus::take_quotas() {
  while (quota_watch_) {
    auto events = quota_watch_->take(kTake);
    if (!events) {  // cut: all is read anew
      static_cast<void>(read_quotas());
      return;
    }
    if (events->empty()) break;
    for (const auto& event : *events) {
      const auto parts = storage::split_key(event->key.bytes());
      if (!parts) continue;
      const std::string space(parts->name_space);
      if (event->current) {
        known_[space][std::string(event->key.bytes())] = event->key;
        changed_.insert(space);
      } else if (const auto found = known_.find(space); found != known_.end()) {
        found->second.erase(std::string(event->key.bytes()));
        if (found->second.empty()) known_.erase(found);
      }
    }
  }
  if (known_.empty()) {
    object_watch_.reset();
  } else if (!object_watch_) {
    object_watch_ = follow({}, storage::kNow);
  }
}

void QuotaStatus::take_objects() {
  while (object_watch_) {
    auto events = object_watch_->take(kTake);
    if (!events) {
      static_cast<void>(read_quotas());
      return;
    }
    if (events->empty()) return;
    for (const auto& event : *events) note(*event);
  }
}

/// What was created was counted by admission; a change matters where the amounts may change: pods, claims, services.
void QuotaStatus::note(const storage::Event& event) {
  const auto parts = storage::split_key(event.key.bytes());
  if (!parts || parts->resource == quotas_.store_id || !event.old) return;
  if (!known_.contains(parts->name_space)) return;
  bool matters = !event.current;
  for (const std::string_view plural : {"pods", "services", "persistentvolumeclaims"}) {
    const Resource* resource = services_.routes.find("", "v1", plural);
    matters = matters || (resource != nullptr && resource->store_id == parts->resource);
  }
  if (matters) changed_.emplace(parts->name_space);
}

void QuotaStatus::count_changed() {
  const std::lock_guard lock(mutex_);
  armed_ = false;
  if (stopped_) return;
  for (const std::string& name_space : std::exchange(changed_, {})) {
    const auto found = known_.find(name_space);
    if (found == known_.end()) continue;
    for (const auto& [bytes, key] : found->second) write(key, name_space);
  }
}

/// What is used of a quota's `hard`, by its names; one of a kind that is not served now stands as it did.
std::optional<Amounts> QuotaStatus::used_of(const Node& quota, const std::string& name_space) {
  std::shared_ptr<const Routes> live = services_.live != nullptr ? services_.live->get() : nullptr;
  const Routes& routes = live ? *live : services_.routes;
  Amounts used;
  std::set<const Resource*> resources;
  for (const schema::Member& each : member(member(quota, "spec"), "hard")->members()) {
    if (const Resource* resource = counted_resource(routes, each.key)) {
      resources.insert(resource);
    } else if (const auto had = quantity_member(member(member(quota, "status"), "used"), each.key)) {
      add_amount(used, std::string(each.key), *had);
    }
  }
  for (const Resource* resource : resources) {
    storage::ListRequest request;
    auto prefix = storage::prefix_of(resource->store_id, name_space);
    if (!prefix) return std::nullopt;
    request.prefix = *prefix;
    request.limit = std::numeric_limits<std::size_t>::max();
    auto end = storage::list_now(services_.store, std::move(request),
                                 [&](std::string_view, const storage::RecordView& record) {
                                   auto object = to_document(record, *resource);
                                   if (!object || !quota_covers(quota, object->root(), *resource)) return true;
                                   for (const auto& [name, amount] : quota_usage(object->root(), *resource))
                                     add_amount(used, name, amount);
                                   return true;
                                 });
    if (!end) return std::nullopt;
  }
  return used;
}

/// Writes the status if it says something else. A conflict comes back as a change of the quota.
void QuotaStatus::write(const storage::Key& key, const std::string& name_space) {
  auto got = storage::get_now(services_.store, key);
  if (!got || !got->record) return;
  auto document = to_document(got->record->view(), quotas_);
  if (!document || member(member(document->root(), "spec"), "hard") == nullptr) return;
  Node& root = document->root();
  const auto used = used_of(root, name_space);
  if (!used) return;
  auto status = object_member(*document, root, "status");
  if (!status) return;
  schema::Document before;
  auto kept = before.copy(**status);
  if (!kept) return;
  document->erase(**status, "used");
  const Node* hard = member(member(root, "spec"), "hard");
  auto copied = document->copy(*hard);
  if (!copied || !set_node(*document, **status, "hard", *copied)) return;
  auto shown = object_member(*document, **status, "used");
  if (!shown) return;
  for (const schema::Member& each : hard->members()) {
    const std::string name(each.key);
    const auto amount = used->find(name);
    const std::string text = amount == used->end() ? "0" : amount->second.to_string();
    if (!set_text(*document, **shown, name, text)) return;
  }
  if (schema::same_value(*kept, **status)) return;
  schema::Diagnostics unheard;
  auto record = to_record(*document, quotas_, unheard);
  if (!record) return;
  storage::Batch batch;
  batch.put(key, std::move(*record), storage::Condition::at(got->record->header().revision));
  services_.store.commit(std::move(batch), [](const Result<storage::Committed>&) {});
}

}  // namespace troupe::api
