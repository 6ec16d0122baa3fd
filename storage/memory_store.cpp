#include "storage/memory_store.hpp"

#include <algorithm>
#include <memory>
#include <utility>

#include "storage/conditions.hpp"

namespace troupe::storage {
namespace {

/// Objects gathered under the lock before they are shown without it.
constexpr std::size_t kChunk = 256;

}  // namespace

MemoryStore::MemoryStore(MemoryStoreOptions options)
    : options_(std::move(options)), hub_(*this), revision_(options_.begin_after), compacted_(options_.begin_after) {
  hub_.start_at(revision_);
}

MemoryStore::~MemoryStore() { hub_.close(Error(ErrorCode::kDisconnected, "the store stopped")); }

Result<Revision> MemoryStore::resolve(Revision at) const { return resolve_revision(at, compacted_, revision_); }

const Record* MemoryStore::at_revision(const Versions& versions, Revision at) {
  const auto above = std::upper_bound(versions.begin(), versions.end(), at,
                                      [](Revision r, const Record& record) { return r < record.header().revision; });
  if (above == versions.begin()) return nullptr;
  const Record& record = *std::prev(above);
  return record.header().deleted() ? nullptr : &record;
}

const Record* MemoryStore::newest(std::string_view key) const {
  const auto found = objects_.find(key);
  return found == objects_.end() || found->second.back().header().deleted() ? nullptr : &found->second.back();
}

void MemoryStore::get(const Key& key, Revision at, GetDone done) {
  Result<GetResult> answer = GetResult{};
  {
    std::lock_guard lock(mutex_);
    if (auto revision = resolve(at); !revision) {
      answer = fail(std::move(revision.error()));
    } else {
      answer->revision = *revision;
      const auto found = objects_.find(key.bytes());
      const Record* record = found == objects_.end() ? nullptr : at_revision(found->second, *revision);
      if (record != nullptr) answer->record = *record;
    }
  }
  done(std::move(answer));
}

void MemoryStore::list(ListRequest request, Visit visit, ListDone done) {
  if (request.limit == 0) return done(fail(ErrorCode::kInvalidArgument, "list with a limit of 0"));
  ListEnd end;
  end.last = request.after;
  Revision at = request.at;
  std::size_t left = request.limit;
  std::vector<Found> chunk;
  for (;;) {
    chunk.clear();
    bool more = false;
    {
      std::lock_guard lock(mutex_);
      auto revision = resolve(at);
      if (!revision) return done(fail(std::move(revision.error())));
      at = end.revision = *revision;
      auto it = end.last.empty() ? objects_.lower_bound(request.prefix.bytes())
                                 : objects_.upper_bound(std::max(end.last.bytes(), request.prefix.bytes()));
      for (; it != objects_.end() && request.prefix.matches(it->first); ++it) {
        const Record* record = at_revision(it->second, at);
        if (record == nullptr) continue;
        if (chunk.size() == std::min(left, kChunk)) {
          more = true;
          break;
        }
        chunk.push_back({*key_from_bytes(it->first), *record});
      }
    }
    for (std::size_t i = 0; i < chunk.size(); ++i) {
      end.last = chunk[i].key;
      --left;
      if (!visit(end.last.bytes(), chunk[i].record.view())) {
        end.more = more || i + 1 < chunk.size();
        return done(std::move(end));
      }
    }
    if (!more || left == 0) {
      end.more = more;
      return done(std::move(end));
    }
  }
}

void MemoryStore::commit(Batch batch, CommitDone done) {
  if (auto ok = validate(batch); !ok) {
    auto refuse = [error = std::move(ok.error()), done = std::move(done)]() mutable { done(fail(std::move(error))); };
    return options_.post ? options_.post(std::move(refuse)) : refuse();
  }
  if (!options_.post) return run_commit(std::move(batch), std::move(done));
  options_.post([this, batch = std::move(batch), done = std::move(done)]() mutable {
    run_commit(std::move(batch), std::move(done));
  });
}

void MemoryStore::run_commit(Batch batch, CommitDone done) {
  Result<Committed> answer = apply(batch);
  done(std::move(answer));
}

Result<Committed> MemoryStore::apply(Batch& batch) {
  if (options_.refuse) {
    if (auto error = options_.refuse(batch)) return fail(std::move(*error));
  }
  std::lock_guard one_commit(commit_mutex_);
  std::vector<EventPtr> events;
  Revision revision = 0;
  {
    std::lock_guard lock(mutex_);
    if (auto ok = check(batch); !ok) return fail(std::move(ok.error()));
    revision = revision_ + 1;
    for (Operation& operation : batch.operations) {
      if (EventPtr event = write(operation, revision)) events.push_back(std::move(event));
    }
    if (events.empty()) return Committed{revision_, false};
    revision_ = revision;
    history_.insert(history_.end(), events.begin(), events.end());
    if (revision_ - compacted_ > options_.retained_revisions) forget_below(revision_ - options_.retained_revisions);
  }
  hub_.dispatch(events, revision);
  return Committed{revision, true};
}

Status MemoryStore::check(const Batch& batch) const {
  for (const Operation& operation : batch.operations) {
    const Record* current = newest(operation.key.bytes());
    auto ok = check_condition(operation, current == nullptr ? nullptr : &current->header());
    if (!ok) return ok;
  }
  return {};
}

EventPtr MemoryStore::write(Operation& operation, Revision revision) {
  if (operation.kind == Operation::Kind::kCheck) return nullptr;
  const Record* current = newest(operation.key.bytes());
  auto event = std::make_shared<Event>();
  event->revision = revision;
  event->key = operation.key;
  if (current != nullptr) event->old = *current;
  Record next;
  if (operation.kind == Operation::Kind::kErase) {
    if (current == nullptr) return nullptr;
    next = tombstone_of(current->header(), revision);
    --living_;
  } else {
    next = std::move(operation.record);
    stamp(next, revision, current == nullptr ? nullptr : &current->header());
    event->current = next;
    bytes_ += next.stored_bytes();
    if (current == nullptr) ++living_;
  }
  if (current != nullptr) bytes_ -= current->stored_bytes();
  objects_[std::string(operation.key.bytes())].push_back(std::move(next));
  return event;
}

Result<std::unique_ptr<Watch>> MemoryStore::watch(WatchRequest request, Ready ready) {
  std::lock_guard lock(mutex_);
  auto after = resolve(request.after);
  if (!after) return fail(std::move(after.error()));
  return hub_.add(std::move(request), *after, std::move(ready));
}

Result<Revision> MemoryStore::replay(const Prefix& prefix, Revision after, Revision until, std::size_t max,
                                     std::vector<EventPtr>& out) {
  std::lock_guard lock(mutex_);
  if (after < compacted_) return fail(compacted_error(after, compacted_));
  auto it = std::upper_bound(history_.begin(), history_.end(), after,
                             [](Revision r, const EventPtr& event) { return r < event->revision; });
  const std::size_t before = out.size();
  Revision reached = after;
  for (; it != history_.end() && (*it)->revision <= until; ++it) {
    if (out.size() - before >= max && (*it)->revision != reached) return reached;
    reached = (*it)->revision;
    if (prefix.matches((*it)->key.bytes())) out.push_back(*it);
  }
  return until;
}

void MemoryStore::compact(Revision revision, Callback<void(Status)> done) {
  auto run = [this, revision, done = std::move(done)]() mutable {
    Status answer;
    {
      std::lock_guard lock(mutex_);
      if (revision > revision_) {
        answer = fail(future_error(revision, revision_));
      } else if (revision > compacted_) {
        forget_below(revision);
      }
    }
    done(std::move(answer));
  };
  if (options_.post) {
    options_.post(std::move(run));
  } else {
    run();
  }
}

void MemoryStore::forget_below(Revision revision) {
  compacted_ = revision;
  while (!history_.empty() && history_.front()->revision <= revision) {
    const auto found = objects_.find(history_.front()->key.bytes());
    history_.pop_front();
    if (found == objects_.end()) continue;
    Versions& versions = found->second;
    // The newest version at or below `revision` is what a read there sees; older ones nobody can ask for.
    const auto above = std::upper_bound(versions.begin(), versions.end(), revision,
                                        [](Revision r, const Record& record) { return r < record.header().revision; });
    auto keep = above == versions.begin() ? above : std::prev(above);
    if (keep != versions.end() && keep < above && keep->header().deleted()) ++keep;
    versions.erase(versions.begin(), keep);
    if (versions.empty()) objects_.erase(found);
  }
}

Revision MemoryStore::revision() const {
  std::lock_guard lock(mutex_);
  return revision_;
}

StoreStats MemoryStore::stats() const {
  std::lock_guard lock(mutex_);
  StoreStats stats;
  stats.revision = revision_;
  stats.compacted = compacted_;
  stats.objects = living_;
  stats.bytes = bytes_;
  stats.state_bytes = bytes_;
  stats.watchers = hub_.watchers();
  return stats;
}

Result<std::uint64_t> MemoryStore::count(const Prefix& prefix) const {
  std::lock_guard lock(mutex_);
  std::uint64_t found = 0;
  for (auto it = objects_.lower_bound(prefix.bytes()); it != objects_.end() && prefix.matches(it->first); ++it) {
    if (!it->second.back().header().deleted()) ++found;
  }
  return found;
}

}  // namespace troupe::storage
