#include "daemon/object_cache.hpp"

#include <algorithm>
#include <memory>
#include <tuple>
#include <utility>

#include "actors/controllers/convert.hpp"
#include "kernel/registry.hpp"

namespace troupe::daemon {
namespace {

using controllers::ObjectPtr;

std::vector<std::string> names_of(const std::vector<const api::Resource*>& resources) {
  std::vector<std::string> out;
  out.reserve(resources.size());
  for (const auto* resource : resources) out.push_back(resource->qualified());
  return out;
}

/// Attaches to the feed, so that it begins; nothing is sent to it.
class Beginner final : public kernel::Actor {
 public:
  explicit Beginner(Feed& feed) : feed_(feed) {}

 protected:
  Status init() override {
    feed_.attach(system(), self());
    return {};
  }
  bool receive(kernel::Envelope&) override { return false; }

 private:
  Feed& feed_;
};

/// The uids under which an object is found.
std::vector<std::string> owners_of(const controllers::Object& object) {
  std::vector<std::string> out;
  for (const auto& owner : object.owners) out.push_back(owner.uid);
  if (object.controller() == nullptr) out.emplace_back();
  return out;
}

}  // namespace

ObjectCache::ObjectCache(std::string name, storage::Store& store, std::vector<const api::Resource*> resources)
    : name_(std::move(name)), names_(names_of(resources)), feed_(name_, store, std::move(resources), *this) {
  tables_.resize(names_.size());
}

std::vector<kernel::ChildSpec> ObjectCache::children() {
  kernel::SpawnOptions options;
  options.name = name_ + "-begin";
  options.type = "cache";
  return {feed_.child(), kernel::worker(options.name, kernel::ActorFactory([this]() -> std::unique_ptr<kernel::Actor> {
                                          return std::make_unique<Beginner>(feed_);
                                        }))
                             .spawn_with(options)};
}

bool ObjectCache::synced() const {
  const std::scoped_lock lock(mutex_);
  return synced_;
}

const ObjectCache::Table* ObjectCache::table(const std::string& resource) const {
  const auto found = std::find(names_.begin(), names_.end(), resource);
  return found == names_.end() ? nullptr : &tables_[static_cast<std::size_t>(found - names_.begin())];
}

storage::Revision ObjectCache::shows(const std::string& resource) const {
  const std::scoped_lock lock(mutex_);
  const Table* all = table(resource);
  return all != nullptr ? all->shown : 0;
}

ObjectPtr ObjectCache::find(const controllers::ObjectName& name) const {
  const std::scoped_lock lock(mutex_);
  const Table* all = table(name.resource);
  if (all == nullptr) return nullptr;
  const auto found = all->objects.find({name.ns, name.name});
  return found == all->objects.end() ? nullptr : found->second;
}

std::vector<ObjectPtr> ObjectCache::list(const std::string& resource, const std::string& ns) const {
  std::vector<ObjectPtr> out;
  const std::scoped_lock lock(mutex_);
  const Table* all = table(resource);
  if (all == nullptr) return out;
  auto at = ns.empty() ? all->objects.begin() : all->objects.lower_bound({ns, ""});
  for (; at != all->objects.end() && (ns.empty() || at->first.first == ns); ++at) out.push_back(at->second);
  return out;
}

std::vector<ObjectPtr> ObjectCache::owned(const std::string& resource, const std::string& ns,
                                          const std::string& uid) const {
  std::vector<ObjectPtr> out;
  const std::scoped_lock lock(mutex_);
  const Table* all = table(resource);
  if (all == nullptr) return out;
  for (auto at = all->owners.lower_bound({ns, uid, ""});
       at != all->owners.end() && std::get<0>(*at) == ns && std::get<1>(*at) == uid; ++at) {
    out.push_back(all->objects.at({ns, std::get<2>(*at)}));
  }
  return out;
}

void ObjectCache::restarted() {
  const std::scoped_lock lock(mutex_);
  reading_ = true;
  for (auto& each : tables_) {
    each.unseen.clear();
    for (const auto& [at, object] : each.objects) each.unseen.insert(at);
  }
}

void ObjectCache::seen(kernel::System&, const kernel::ActorRef&, std::size_t resource, SegmentView object) {
  auto read = controllers::read_object(names_[resource], object);
  if (!read) return;
  Table& all = tables_[resource];
  const std::pair<std::string, std::string> at((*read)->name.ns, (*read)->name.name);
  all.unseen.erase(at);
  change(all, at, *read);
}

void ObjectCache::gone(kernel::System&, const kernel::ActorRef&, std::size_t resource, SegmentView object) {
  auto read = controllers::read_object(names_[resource], object);
  if (read) change(tables_[resource], {(*read)->name.ns, (*read)->name.name}, nullptr);
}

void ObjectCache::change(Table& table, const std::pair<std::string, std::string>& at, const ObjectPtr& now) {
  ObjectPtr before;
  {
    const std::scoped_lock lock(mutex_);
    const auto found = table.objects.find(at);
    if (found != table.objects.end()) before = found->second;
    if (before && now && before->segment == now->segment) return;
    if (!before && !now) return;
    if (before) {
      for (const auto& uid : owners_of(*before)) table.owners.erase({at.first, uid, at.second});
    }
    if (now) {
      for (const auto& uid : owners_of(*now)) table.owners.insert({at.first, uid, at.second});
      table.objects[at] = now;
    } else {
      table.objects.erase(at);
    }
  }
  tell(before, now);
}

void ObjectCache::tell(const ObjectPtr& before, const ObjectPtr& now) const {
  for (const auto& listener : listeners_) listener(before, now);
}

void ObjectCache::synced(kernel::System&, const kernel::ActorRef&) {
  for (auto& each : tables_) {
    const auto lost = std::exchange(each.unseen, {});
    for (const auto& at : lost) change(each, at, nullptr);
  }
  {
    const std::scoped_lock lock(mutex_);
    reading_ = false;
    synced_ = true;
    for (auto& each : tables_) each.shown = std::max(each.shown, each.caught_up);
  }
  progress_();
  tell(nullptr, nullptr);
}

void ObjectCache::caught_up(kernel::System&, std::size_t resource, storage::Revision revision) {
  {
    const std::scoped_lock lock(mutex_);
    Table& all = tables_[resource];
    all.caught_up = std::max(all.caught_up, revision);
    if (reading_) return;  // what is gone meanwhile is found out at the end
    all.shown = all.caught_up;
  }
  progress_();
}

}  // namespace troupe::daemon
