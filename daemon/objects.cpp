#include "daemon/objects.hpp"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace troupe::daemon {
namespace {

constexpr int kMaxTries = 16;

storage::Record to_record(const api::Resource& resource, const Segment& object) {
  storage::RecordMeta meta;
  meta.kind = resource.kind_id;
  auto record = storage::Record::allocate(meta, object.size() * sizeof(std::uint64_t));
  std::memcpy(record.mutable_payload().data(), object.data(), object.size() * sizeof(std::uint64_t));
  return record;
}

/// One write that is tried until nobody was faster.
struct Attempt {
  const api::Resource* resource = nullptr;
  storage::Key key;
  /// Null segment: erase.
  std::function<Result<std::optional<Segment>>(SegmentView)> change;
  bool erases = false;
  Objects::Done done;
  int tries = 0;
};

}  // namespace

Result<SegmentView> segment_of(const storage::RecordView& record) {
  if (record.header->form != storage::Form::kCapnp || record.header->transform != storage::Transform::kNone) {
    return fail(ErrorCode::kUnsupported, "a stored object has a form that this version cannot read");
  }
  return SegmentView(reinterpret_cast<const std::uint64_t*>(record.payload.data()),
                     record.payload.size() / sizeof(std::uint64_t));
}

struct Objects::Core : std::enable_shared_from_this<Core> {
  Core(storage::Store& s, const api::Routes& r, Post p) : store(s), routes(r), post(std::move(p)) {}

  void run(const std::shared_ptr<Attempt>& attempt) {
    if (closed) return;
    store.get(attempt->key, storage::kNow, [self = shared_from_this(), attempt](Result<storage::GetResult> got) {
      self->write(attempt, std::move(got));
    });
  }

  void write(const std::shared_ptr<Attempt>& attempt, Result<storage::GetResult> got) {
    if (!got) return attempt->done(fail(got.error()));
    if (!got->record) return attempt->done(fail(ErrorCode::kNotFound, attempt->resource->qualified() + ": not found"));
    auto current = segment_of(got->record->view());
    if (!current) return attempt->done(fail(current.error()));
    auto changed = attempt->change(*current);
    if (!changed) return attempt->done(fail(changed.error()));
    const auto condition = storage::Condition::at(got->record->header().revision);
    storage::Batch batch;
    if (attempt->erases) {
      batch.erase(attempt->key, condition);
    } else {
      if (!*changed || std::equal((*changed)->begin(), (*changed)->end(), current->begin(), current->end())) {
        return attempt->done({});
      }
      batch.put(attempt->key, to_record(*attempt->resource, **changed), condition);
    }
    store.commit(std::move(batch), [self = shared_from_this(), attempt](Result<storage::Committed> committed) {
      if (committed) return attempt->done({});
      if (committed.error().code != ErrorCode::kConflict) return attempt->done(fail(committed.error()));
      if (++attempt->tries >= kMaxTries) {
        return attempt->done(fail(ErrorCode::kBusy, "written by others too often: try again"));
      }
      self->post([self, attempt] { self->run(attempt); });
    });
  }

  storage::Store& store;
  const api::Routes& routes;
  Post post;
  std::atomic<bool> closed{false};
};

Objects::Objects(storage::Store& store, const api::Routes& routes, Post post)
    : core_(std::make_shared<Core>(store, routes, std::move(post))) {}

const api::Resource* Objects::resource(std::string_view group, std::string_view version,
                                       std::string_view plural) const {
  return core_->routes.find(group, version, plural);
}

storage::Store& Objects::store() const { return core_->store; }

void Objects::close() { core_->closed = true; }

void Objects::update(const api::Resource& resource, const std::string& ns, const std::string& name, Change change,
                     Done done) {
  auto key = storage::make_key(resource.store_id, ns, name);
  if (!key) return done(fail(key.error()));
  auto attempt = std::make_shared<Attempt>();
  attempt->resource = &resource;
  attempt->key = std::move(*key);
  attempt->change = std::move(change);
  attempt->done = std::move(done);
  core_->run(attempt);
}

void Objects::create(const api::Resource& resource, const std::string& ns, const std::string& name,
                     const Segment& object, Done done) {
  auto key = storage::make_key(resource.store_id, ns, name);
  if (!key) return done(fail(key.error()));
  storage::Batch batch;
  batch.put(std::move(*key), to_record(resource, object), storage::Condition::absent());
  core_->store.commit(std::move(batch), [done = std::move(done)](Result<storage::Committed> committed) {
    if (committed) return done({});
    done(fail(committed.error()));
  });
}

void Objects::put_all(const api::Resource& resource, const std::vector<NewObject>& objects, Done done) {
  storage::Batch batch;
  for (const NewObject& each : objects) {
    auto key = storage::make_key(resource.store_id, each.ns, each.name);
    if (!key) return done(fail(key.error()));
    batch.put(std::move(*key), to_record(resource, each.object));
  }
  core_->store.commit(std::move(batch), [done = std::move(done)](Result<storage::Committed> committed) {
    if (committed) return done({});
    done(fail(committed.error()));
  });
}

void Objects::erase(const api::Resource& resource, const std::string& ns, const std::string& name,
                    std::function<Status(SegmentView)> may, Done done) {
  auto key = storage::make_key(resource.store_id, ns, name);
  if (!key) return done(fail(key.error()));
  auto attempt = std::make_shared<Attempt>();
  attempt->resource = &resource;
  attempt->key = std::move(*key);
  attempt->erases = true;
  attempt->change = [may = std::move(may)](SegmentView current) -> Result<std::optional<Segment>> {
    if (auto status = may(current); !status) return fail(status.error());
    return std::nullopt;
  };
  attempt->done = std::move(done);
  core_->run(attempt);
}

}  // namespace troupe::daemon
