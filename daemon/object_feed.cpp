#include "daemon/object_feed.hpp"

#include <capnp/any.h>

#include <algorithm>
#include <set>
#include <utility>

#include "api/object_codec.hpp"
#include "api/validation/faults.hpp"
#include "daemon/object_internal.hpp"
#include "kernel/registry.hpp"
#include "schema/meta_v1.capnp.h"
#include "storage/split_store.hpp"

namespace troupe::daemon {
namespace {

using controllers::CatalogueEntry;
using controllers::FeedRestarted;
using controllers::FeedSynced;
using controllers::ObjectMeta;
using controllers::ObjectNews;
using controllers::ResourceIndex;
using kernel::Envelope;
using kernel::Local;
using kernel::make_local;
namespace meta = k8s::meta::v1;

/// Events handled in one go, before other messages have their turn.
constexpr std::size_t kBatch = 256;
constexpr std::size_t kPage = 500;
constexpr auto kRetryPause = std::chrono::milliseconds(200);

struct Attach {
  std::string name;
};
struct Follow {
  std::string name;
  std::string ns;
  bool on;
};
struct Ready {
  std::uint64_t round;
};

bool is_stored_version(const api::Resource& resource) {
  return resource.storage == nullptr ||
         (resource.storage->group == resource.group && resource.storage->version == resource.version);
}

std::vector<const api::Resource*> stored_resources(const api::Routes& routes) {
  std::vector<const api::Resource*> out;
  for (const api::Resource& resource : routes.resources()) {
    if (resource.custom) continue;
    const bool kept = resource.has_verb("get") && resource.has_verb("list") && resource.type != nullptr;
    if (kept && is_stored_version(resource)) out.push_back(&resource);
  }
  return out;
}

controllers::Catalogue catalogue_of(const api::Routes& routes) {
  std::vector<CatalogueEntry> entries;
  for (const api::Resource* resource : stored_resources(routes)) {
    entries.push_back({std::string(resource->group), std::string(resource->version), std::string(resource->plural),
                       std::string(resource->kind), resource->namespaced, resource->has_verb("delete"), false});
  }
  return controllers::Catalogue(std::move(entries));
}

void fill(ObjectMeta& out, meta::ObjectMeta::Reader from) {
  out.uid = text(from.getUid());
  out.deleting = from.getHasDeletionTimestamp() || from.getDeletionTimestamp() != 0;
  out.grace_seconds = from.getDeletionGracePeriodSeconds();
  for (const auto owner : from.getOwnerReferences()) {
    out.owners.push_back({text(owner.getApiVersion()), text(owner.getKind()), text(owner.getName()),
                          text(owner.getUid()), owner.getController(), owner.getBlockOwnerDeletion()});
  }
  for (const auto finalizer : from.getFinalizers()) out.finalizers.push_back(text(finalizer));
}

/// Of a custom kind's record.
bool fill_from_json(ObjectMeta& out, const storage::RecordView& record) {
  if (record.header->form != storage::Form::kJson) return false;
  const auto object = api::parse_json(record.text());
  const schema::Node* metadata = object ? api::member(object->root(), "metadata") : nullptr;
  if (metadata == nullptr) return false;
  out.uid = api::text_member(metadata, "uid");
  out.deleting = api::member(metadata, "deletionTimestamp") != nullptr;
  out.grace_seconds = api::int_member(metadata, "deletionGracePeriodSeconds");
  if (const schema::Node* owners = api::member(metadata, "ownerReferences")) {
    for (const schema::Node& owner : owners->items()) {
      out.owners.push_back({std::string(api::text_member(owner, "apiVersion")),
                            std::string(api::text_member(owner, "kind")), std::string(api::text_member(owner, "name")),
                            std::string(api::text_member(owner, "uid")), api::true_member(&owner, "controller"),
                            api::true_member(&owner, "blockOwnerDeletion")});
    }
  }
  if (const schema::Node* finalizers = api::member(metadata, "finalizers")) {
    for (const schema::Node& each : finalizers->items()) {
      if (each.is_string()) out.finalizers.emplace_back(each.as_string());
    }
  }
  return true;
}

bool is_about_ownership(const ObjectMeta& object) {
  return !object.owners.empty() ||
         (object.deleting && (object.has_finalizer("foregroundDeletion") || object.has_finalizer("orphan")));
}

}  // namespace

class StoreObjectFeed::Reader final : public kernel::Actor {
 public:
  explicit Reader(StoreObjectFeed& feed) : feed_(feed) {}

 protected:
  Status init() override {
    begin();
    return {};
  }

  bool receive(Envelope& envelope) override {
    return kernel::match(
        envelope, [this](const Local<Attach>& m) { attach(m->name); },
        [this](const Local<Follow>& m) { follow(m->name, m->ns, m->on); },
        [this](const Local<Ready>& m) {
          if (m->round == round_) take();
        });
  }

 private:
  /// A receiver, and how far what it was told reaches.
  struct Member {
    kernel::ActorRef actor;
    controllers::Interest interest;
    storage::Revision since = 0;
    std::map<std::string, storage::Revision> namespaces;
    std::vector<ObjectNews::Item> waiting;
  };

  void begin() {
    ++round_;
    watch_.reset();
    members_.clear();
    storage::WatchRequest wanted;
    wanted.after = feed_.store_.revision();
    auto watch = feed_.store_.watch(
        wanted, [system = &system(), me = self(), round = round_] { system->send(me, make_local<Ready>(round)); });
    if (!watch) {
      after(kRetryPause, [this, round = round_] {
        if (round == round_) begin();
      });
      return;
    }
    watch_ = std::move(*watch);
    for (const auto& [name, receiver] : feed_.receivers()) attach(name);
    take();
  }

  void attach(const std::string& name) {
    if (!watch_) return;
    const auto known = feed_.receivers();
    const auto found = known.find(name);
    if (found == known.end()) return;
    Member& member = members_[name];
    member = {found->second.actor, found->second.interest, 0, {}, {}};
    send(member.actor, make_local<FeedRestarted>());
    auto revision = list(
        storage::Prefix(),
        [&](const ObjectMeta& object) {
          return (member.interest.ownership && is_about_ownership(object)) || wants(member, object);
        },
        member);
    if (!revision) return retry();
    member.since = *revision;
    send(member.actor, make_local<FeedSynced>());
  }

  void retry() {
    watch_.reset();
    after(kRetryPause, [this, round = round_] {
      if (round == round_) begin();
    });
  }

  void follow(const std::string& name, const std::string& ns, bool on) {
    const auto found = members_.find(name);
    if (found == members_.end()) return;
    Member& member = found->second;
    if (!on) {
      member.namespaces.erase(ns);
      return;
    }
    storage::Revision at = storage::kNow;
    const auto store_ids = feed_.store_ids();
    for (ResourceIndex i = 0; i < store_ids.size(); ++i) {
      if (!feed_.catalogue_[i].namespaced) continue;
      auto prefix = storage::prefix_of(store_ids[i], ns);
      if (!prefix || is_apart(*prefix)) continue;
      auto revision = list(
          *prefix, [](const ObjectMeta&) { return true; }, member, at);
      if (!revision) return retry();
      at = *revision;
    }
    member.namespaces[ns] = at;
    send(member.actor, make_local<FeedSynced>(ns));
  }

  /// Events are numbered apart, and are no part of a namespace's content: they go when it is gone.
  bool is_apart(const storage::Prefix& prefix) const {
    return &storage::part_of(feed_.store_, prefix) != &storage::part_of(feed_.store_, {});
  }

  static bool wants(const Member& member, const ObjectMeta& object) {
    const auto& all = member.interest.resources;
    if (std::find(all.begin(), all.end(), object.resource) != all.end()) return true;
    const auto& named = member.interest.named;
    return std::any_of(named.begin(), named.end(),
                       [&](const auto& one) { return one.first == object.resource && one.second == object.name; });
  }

  /// Tells a receiver what there is under a prefix, at one revision, which it answers.
  template <class Wanted>
  Result<storage::Revision> list(const storage::Prefix& prefix, Wanted&& wanted, Member& member,
                                 storage::Revision at = storage::kNow) {
    storage::ListRequest request;
    request.prefix = prefix;
    request.limit = kPage;
    request.at = at;
    for (;;) {
      auto end = storage::list_now(feed_.store_, request, [&](std::string_view key, const storage::RecordView& record) {
        auto object = feed_.read(key, record);
        if (object && wanted(*object)) member.waiting.push_back({std::move(*object), false});
        return true;
      });
      if (!end) return fail(end.error());
      flush(member);
      request.at = end->revision;
      request.after = end->last;
      if (!end->more) return end->revision;
    }
  }

  void flush(Member& member) {
    if (member.waiting.empty()) return;
    send(member.actor, make_local<ObjectNews>(std::exchange(member.waiting, {})));
  }

  void take() {
    if (!watch_) return;
    auto events = watch_->take(kBatch);
    if (!events) return begin();
    for (const auto& event : *events) tell(*event);
    for (auto& [name, member] : members_) flush(member);
    if (!events->empty()) send(self(), make_local<Ready>(round_));
  }

  void tell(const storage::Event& event) {
    const bool gone = !event.current;
    auto object = feed_.read(event.key.bytes(), (gone ? event.old : event.current).view());
    if (!object) return;
    object->revision = event.revision;
    bool about_ownership = gone || is_about_ownership(*object);
    if (!about_ownership && event.old) {
      const auto before = feed_.read(event.key.bytes(), event.old.view());
      about_ownership = before && is_about_ownership(*before);
    }
    for (auto& [name, member] : members_) {
      const auto followed = object->ns.empty() ? member.namespaces.end() : member.namespaces.find(object->ns);
      const bool in_namespace = followed != member.namespaces.end() && event.revision > followed->second;
      const bool of_interest =
          event.revision > member.since && ((member.interest.ownership && about_ownership) || wants(member, *object));
      if (in_namespace || of_interest) member.waiting.push_back({*object, gone});
    }
  }

  StoreObjectFeed& feed_;
  std::unique_ptr<storage::Watch> watch_;
  std::map<std::string, Member> members_;
  std::uint64_t round_ = 0;  ///< News of an earlier watch are dropped.
};

StoreObjectFeed::StoreObjectFeed(std::string name, kernel::System& system, storage::Store& store,
                                 const api::Routes& routes)
    : name_(std::move(name)), system_(system), store_(store), catalogue_(catalogue_of(routes)) {
  for (const api::Resource* resource : stored_resources(routes)) {
    const schema::JsonField* metadata = resource->type->find_json("metadata");
    const auto index = static_cast<ResourceIndex>(store_ids_.size());
    store_ids_.push_back(resource->store_id);
    if (metadata != nullptr) places_.emplace(resource->store_id, Place{index, metadata->field->offset});
  }
}

void StoreObjectFeed::follow_routes(const api::Routes& routes) {
  const std::unique_lock lock(places_mutex_);
  for (auto& [store_id, place] : places_) place.served = !place.custom;
  for (const api::Resource& resource : routes.resources()) {
    if (!resource.custom) continue;
    Place& place = places_[resource.store_id];
    if (place.custom && place.served) continue;  // another version of it
    place.custom = true;
    place.served = true;
    place.index =
        catalogue_.add({std::string(resource.group), std::string(resource.version), std::string(resource.plural),
                        std::string(resource.kind), resource.namespaced, true, true});
    if (place.index >= store_ids_.size()) store_ids_.resize(place.index + 1);
    store_ids_[place.index] = resource.store_id;
  }
  for (const auto& [store_id, place] : places_) {
    if (!place.served) catalogue_.retire(place.index);
  }
}

std::vector<storage::ResourceId> StoreObjectFeed::store_ids() const {
  const std::shared_lock lock(places_mutex_);
  return store_ids_;
}

std::optional<ObjectMeta> StoreObjectFeed::read(std::string_view key, const storage::RecordView& record) const {
  const auto parts = storage::split_key(key);
  if (!parts) return std::nullopt;
  Place place;
  {
    const std::shared_lock lock(places_mutex_);
    const auto found = places_.find(parts->resource);
    if (found == places_.end()) return std::nullopt;
    place = found->second;
  }
  ObjectMeta out;
  out.resource = place.index;
  out.ns = parts->name_space;
  out.name = parts->name;
  out.revision = record.header->revision;
  if (place.custom) {
    if (!fill_from_json(out, record)) return std::nullopt;
    return out;
  }
  const auto segment = segment_of(record);
  if (!segment) return std::nullopt;
  const auto good = with_object<capnp::AnyStruct>(*segment, [&](capnp::AnyStruct::Reader object) -> Status {
    const auto pointers = object.getPointerSection();
    if (place.metadata < pointers.size()) {
      fill(out, pointers[place.metadata].getAs<meta::ObjectMeta>());
    }
    return {};
  });
  if (!good) return std::nullopt;
  return out;
}

std::map<std::string, StoreObjectFeed::Receiver> StoreObjectFeed::receivers() const {
  const std::scoped_lock lock(mutex_);
  return receivers_;
}

void StoreObjectFeed::attach(const std::string& name, kernel::ActorRef receiver, controllers::Interest interest) {
  {
    const std::scoped_lock lock(mutex_);
    receivers_[name] = {std::move(receiver), std::move(interest)};
  }
  system_.registry().send(name_, make_local<Attach>(name));
}

void StoreObjectFeed::follow(const std::string& name, const std::string& ns) {
  system_.registry().send(name_, make_local<Follow>(name, ns, true));
}

void StoreObjectFeed::unfollow(const std::string& name, const std::string& ns) {
  system_.registry().send(name_, make_local<Follow>(name, ns, false));
}

void StoreObjectFeed::find(ResourceIndex resource, const std::string& ns, const std::string& name,
                           std::function<void(Result<std::optional<ObjectMeta>>)> done) {
  auto key = storage::make_key(store_ids()[resource], ns, name);
  if (!key) return done(fail(key.error()));
  const std::string bytes(key->bytes());
  store_.get(*key, storage::kNow, [this, bytes, done = std::move(done)](Result<storage::GetResult> got) {
    if (!got) return done(fail(got.error()));
    if (!got->record) return done(std::optional<ObjectMeta>());
    done(read(bytes, got->record->view()));
  });
}

kernel::ChildSpec StoreObjectFeed::child() {
  kernel::SpawnOptions options;
  options.name = name_;
  options.type = "object-feed";
  options.key = name_;
  return kernel::worker(name_, kernel::ActorFactory([this]() -> std::unique_ptr<kernel::Actor> {
                          return std::make_unique<Reader>(*this);
                        }))
      .spawn_with(options);
}

}  // namespace troupe::daemon
