#include "daemon/controller_writes.hpp"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#include "api/object_codec.hpp"
#include "api/selectors.hpp"
#include "daemon/object_internal.hpp"
#include "kernel/registry.hpp"
#include "schema/codec/byte_buffer.hpp"
#include "schema/codec/json.hpp"
#include "schema/codec/stored.hpp"
#include "schema/meta_v1.capnp.h"

namespace troupe::daemon {
namespace {

using controllers::ObjectName;

constexpr int kMaxTries = 16;

ErrorCode code_of(const controllers::ApiAnswer& answer) {
  if (answer.code == 404) return ErrorCode::kNotFound;
  if (answer.code == 409) return answer.reason == "AlreadyExists" ? ErrorCode::kAlreadyExists : ErrorCode::kConflict;
  if (answer.code == 403) return ErrorCode::kPermission;
  if (answer.code == 429 || answer.code >= 500) return ErrorCode::kBusy;
  return ErrorCode::kInvalidArgument;
}

Result<storage::Revision> revision_of(const controllers::ApiAnswer& answer) {
  if (!answer.ok()) return fail(code_of(answer), answer.message);
  const auto object = api::parse_json(answer.body);
  if (!object) return 0;
  return std::strtoull(api::text_at(object->root(), "metadata.resourceVersion").c_str(), nullptr, 10);
}

storage::Record to_record(const api::Resource& resource, SegmentView object) {
  storage::RecordMeta meta;
  meta.kind = resource.kind_id;
  auto record = storage::Record::allocate(meta, object.size_bytes());
  std::memcpy(record.mutable_payload().data(), object.data(), object.size_bytes());
  return record;
}

Status check_uid(SegmentView current, const std::string& uid) {
  return with_object<k8s::meta::v1::PartialObjectMetadata>(current, [&](auto object) -> Status {
    const auto stored = object.getMetadata().getUid();
    if (std::string_view(stored.begin(), stored.size()) == uid) return {};
    return fail(ErrorCode::kConflict, "the object has another uid");
  });
}

}  // namespace

struct ControllerWrites::Core : std::enable_shared_from_this<Core> {
  /// What an actor waits for.
  struct Waiting {
    std::size_t under_way = 0;
    std::map<std::string, storage::Revision> unseen;  ///< By resource.
    std::map<ObjectName, std::string> deleted;        ///< Uids whose deletion the cache does not show yet.
  };
  using Finish = std::function<void(Result<storage::Revision>)>;

  Core(kernel::System& s, Objects& o, EventRecorder& e, ObjectCache& c, controllers::ApiPort& a, Objects::Post p)
      : system(s), objects(o), events(e), cache(c), api(a), post(std::move(p)) {}

  const api::Resource* resource(const ObjectName& name) const {
    const std::size_t dot = name.resource.find('.');
    const std::string plural = name.resource.substr(0, dot);
    const std::string group = dot == std::string::npos ? "" : name.resource.substr(dot + 1);
    for (const char* version : {"v1", "v2"}) {
      if (const auto* found = objects.resource(group, version, plural)) return found;
    }
    return nullptr;
  }

  /// Counts a write in; what it returns counts it out.
  Finish begin(const std::string& actor, const ObjectName& name, Done done) {
    {
      const std::scoped_lock lock(mutex);
      ++waiting[actor].under_way;
    }
    return [self = shared_from_this(), actor, kind = name.resource, done = std::move(done)](auto revision) {
      if (self->closed) return;
      {
        const std::scoped_lock lock(self->mutex);
        auto& mine = self->waiting[actor];
        --mine.under_way;
        if (revision && *revision > 0) mine.unseen[kind] = std::max(mine.unseen[kind], *revision);
      }
      done(revision ? Status() : Status(fail(revision.error())));
      self->look();
    };
  }

  bool is_settled(Waiting& mine) const {
    if (mine.under_way > 0) return false;
    std::erase_if(mine.unseen, [this](const auto& one) { return cache.shows(one.first) >= one.second; });
    std::erase_if(mine.deleted, [this](const auto& one) {
      const auto now = cache.find(one.first);
      return !now || now->deleting || now->uid != one.second;
    });
    return mine.unseen.empty() && mine.deleted.empty();
  }

  /// Tells those whose writes are all seen.
  void look() {
    std::vector<std::string> ready;
    {
      const std::scoped_lock lock(mutex);
      for (auto at = waiting.begin(); at != waiting.end();) {
        if (is_settled(at->second)) {
          ready.push_back(at->first);
          at = waiting.erase(at);
        } else {
          ++at;
        }
      }
    }
    for (const auto& actor : ready) system.registry().send(actor, kernel::make_local<controllers::Poke>());
  }

  struct Attempt {
    const api::Resource* resource = nullptr;
    storage::Key key;
    std::string uid;
    Change change;
    Finish finish;
    int tries = 0;
  };

  void run(const std::shared_ptr<Attempt>& attempt) {
    if (closed) return;
    objects.store().get(attempt->key, storage::kNow,
                        [self = shared_from_this(), attempt](auto got) { self->write(attempt, std::move(got)); });
  }

  void write(const std::shared_ptr<Attempt>& attempt, Result<storage::GetResult> got) {
    if (!got) return attempt->finish(fail(got.error()));
    if (!got->record) return attempt->finish(fail(ErrorCode::kNotFound, attempt->resource->qualified() + " not found"));
    auto current = segment_of(got->record->view());
    if (!current) return attempt->finish(fail(current.error()));
    if (auto same = check_uid(*current, attempt->uid); !same) return attempt->finish(fail(same.error()));
    auto changed = attempt->change(*current);
    if (!changed) return attempt->finish(fail(changed.error()));
    const storage::Revision read = got->record->header().revision;
    if (!*changed || std::equal((*changed)->begin(), (*changed)->end(), current->begin(), current->end())) {
      return attempt->finish(read);
    }
    storage::Batch batch;
    batch.put(attempt->key, to_record(*attempt->resource, **changed), storage::Condition::at(read));
    objects.store().commit(std::move(batch), [self = shared_from_this(), attempt](auto committed) {
      if (committed) return attempt->finish(committed->revision);
      if (committed.error().code != ErrorCode::kConflict) return attempt->finish(fail(committed.error()));
      if (++attempt->tries >= kMaxTries) {
        return attempt->finish(fail(ErrorCode::kBusy, "written by others too often: try again"));
      }
      self->post([self, attempt] { self->run(attempt); });
    });
  }

  kernel::System& system;
  Objects& objects;
  EventRecorder& events;
  ObjectCache& cache;
  controllers::ApiPort& api;
  Objects::Post post;
  std::atomic<bool> closed{false};
  std::mutex mutex;
  std::map<std::string, Waiting> waiting;
};

ControllerWrites::ControllerWrites(kernel::System& system, Objects& objects, EventRecorder& events, ObjectCache& cache,
                                   controllers::ApiPort& api, Objects::Post post)
    : core_(std::make_shared<Core>(system, objects, events, cache, api, std::move(post))) {
  cache.on_progress([core = core_.get()] { core->look(); });
}

ControllerWrites::~ControllerWrites() { close(); }

void ControllerWrites::close() { core_->closed = true; }

void ControllerWrites::create(const std::string& actor, const ObjectName& name, controllers::Segment object,
                              Done done) {
  auto finish = core_->begin(actor, name, std::move(done));
  const auto* resource = core_->resource(name);
  if (resource == nullptr) return finish(fail(ErrorCode::kUnsupported, "no resource " + name.resource));
  controllers::ApiRequest request;
  request.method = "POST";
  request.target = {
      std::string(resource->group), std::string(resource->version), std::string(resource->plural), name.ns, "", ""};
  const std::string api_version = resource->api_version();
  schema::EncodeOptions options;  // no resourceVersion: the object is none of the store's yet
  options.api_version = api_version;
  options.kind = resource->kind;
  schema::ByteBuffer json;
  schema::encode_json(*resource->type, schema::StructView::root({object.data(), object.size()}), options, json);
  request.body = std::string(json.view());
  core_->api.ask(std::move(request), [finish](const controllers::ApiAnswer& answer) { finish(revision_of(answer)); });
}

void ControllerWrites::update(const std::string& actor, const ObjectName& name, const std::string& uid, Change change,
                              Done done) {
  auto finish = core_->begin(actor, name, std::move(done));
  const auto* resource = core_->resource(name);
  if (resource == nullptr) return finish(fail(ErrorCode::kUnsupported, "no resource " + name.resource));
  auto key = storage::make_key(resource->store_id, name.ns, name.name);
  if (!key) return finish(fail(key.error()));
  auto attempt = std::make_shared<Core::Attempt>();
  attempt->resource = resource;
  attempt->key = std::move(*key);
  attempt->uid = uid;
  attempt->change = std::move(change);
  attempt->finish = std::move(finish);
  core_->run(attempt);
}

void ControllerWrites::remove(const std::string& actor, const ObjectName& name, const std::string& uid, Done done) {
  // The answer to a deletion does not always name its revision: seen is what the cache does not hold any more.
  auto marked = [core = core_.get(), actor, name, uid, done = std::move(done)](Status status) {
    if (status) {
      const std::scoped_lock lock(core->mutex);
      core->waiting[actor].deleted[name] = uid;
    }
    done(std::move(status));
  };
  auto finish = core_->begin(actor, name, std::move(marked));
  const auto* resource = core_->resource(name);
  if (resource == nullptr) return finish(fail(ErrorCode::kUnsupported, "no resource " + name.resource));
  controllers::ApiRequest request;
  request.method = "DELETE";
  request.target = {std::string(resource->group),
                    std::string(resource->version),
                    std::string(resource->plural),
                    name.ns,
                    name.name,
                    ""};
  request.body =
      R"({"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background","preconditions":{"uid":")" + uid +
      R"("}})";
  core_->api.ask(std::move(request), [finish](const controllers::ApiAnswer& answer) {
    if (!answer.ok()) return finish(fail(code_of(answer), answer.message));
    finish(0);
  });
}

bool ControllerWrites::settled(const std::string& actor) const {
  const std::scoped_lock lock(core_->mutex);
  const auto found = core_->waiting.find(actor);
  return found == core_->waiting.end() || core_->is_settled(found->second);
}

void ControllerWrites::record(controllers::EventReport event) {
  EventSpec spec;
  spec.kind = std::move(event.kind);
  spec.api_version = std::move(event.api_version);
  spec.ns = event.object.ns;
  spec.name = event.object.name;
  spec.uid = std::move(event.uid);
  spec.warning = event.warning;
  spec.reason = std::move(event.reason);
  spec.message = std::move(event.message);
  spec.component = std::move(event.component);
  core_->events.record(std::move(spec));
}

}  // namespace troupe::daemon
