#include "storage/committer.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "storage/conditions.hpp"
#include "storage/named_thread.hpp"

namespace troupe::storage {
namespace {

// A group's bounds: what shares one sync. Larger groups do not get faster, only later.
constexpr std::size_t kGroupBatches = 512;
constexpr std::size_t kGroupBytes = 4u << 20;

std::size_t weight(const Batch& batch) {
  std::size_t bytes = 0;
  for (const Operation& operation : batch.operations) {
    bytes += 64 + operation.key.bytes().size();
    if (operation.record) bytes += operation.record.stored_bytes();
  }
  return bytes;
}

void prefetch_record(const Record& record) {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kMost = 4096;  // what the hardware does not foresee by itself
  const auto* at = static_cast<const char*>(record.address());
  const std::size_t bytes = std::min(record.stored_bytes(), kMost);
  for (std::size_t i = 0; i < bytes; i += kLine) __builtin_prefetch(at + i);
}

Error stopped_error() { return Error(ErrorCode::kUnavailable, "the store stopped"); }

}  // namespace

void Committer::start() {
  thread_ = named_thread("store-commit", [this] { run(); });
}

void Committer::stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::deque<Waiting> left;
  {
    std::lock_guard lock(mutex_);
    stopped_ = true;
    left.swap(queue_);
  }
  for (Waiting& waiting : left) waiting.done(fail(stopped_error()));
}

void Committer::submit(Batch batch, CommitDone done) {
  const std::size_t bytes = weight(batch);
  std::unique_lock lock(mutex_);
  if (stop_ || stopped_) {
    lock.unlock();
    return done(fail(stopped_error()));
  }
  if (queue_.size() >= core_.options.queue_batches || queued_bytes_ + bytes > core_.options.queue_bytes) {
    const std::size_t waiting = queue_.size();
    lock.unlock();
    return done(fail(ErrorCode::kBusy,
                     "the store's write queue is full: " + std::to_string(waiting) + " batches wait; try again"));
  }
  queued_bytes_ += bytes;
  queue_.push_back({std::move(batch), std::move(done), bytes});
  const bool first = queue_.size() == 1;
  lock.unlock();
  if (first) changed_.notify_one();
}

void Committer::room() {
  { std::lock_guard lock(mutex_); }
  changed_.notify_all();
}

void Committer::run() {
  std::vector<Waiting> group;
  for (;;) {
    group.clear();
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (queue_.empty()) return;
      // Above its bound the overlay must shrink first; when LMDB found no room, erasing must still go through.
      changed_.wait(lock, [this] {
        return stop_ || core_.dead || core_.state_full || core_.tail.bytes() < core_.options.tail_bytes;
      });
      std::size_t bytes = 0;
      while (!queue_.empty() && group.size() < kGroupBatches && bytes < kGroupBytes) {
        bytes += queue_.front().bytes;
        queued_bytes_ -= queue_.front().bytes;
        group.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    work(group);
  }
}

void Committer::work(std::vector<Waiting>& group) {
  collect_events_ = hooks_.watched();
  for (std::size_t i = 0; i < group.size(); ++i) {
    prefetch(group, i);
    auto result = decide(group[i].batch);
    answers_.push_back({std::move(group[i].done), std::move(result)});
  }
  (void)finish_group();
}

/// What the next batches point to was written on other threads: it comes while this one is decided.
void Committer::prefetch(const std::vector<Waiting>& group, std::size_t i) {
  const auto operations = [&group](std::size_t n) {
    return n < group.size() ? std::span(group[n].batch.operations) : std::span<const Operation>();
  };
  if (const auto far = operations(i + 3); !far.empty()) __builtin_prefetch(far.data());
  if (const auto near = operations(i + 2); !near.empty()) {
    __builtin_prefetch(near.front().record.address());
    __builtin_prefetch(near.front().key.bytes().data());
  }
  if (const auto next = operations(i + 1); !next.empty()) {
    core_.cache->prefetch(next.front().key.bytes());
    if (next.front().record) prefetch_record(next.front().record);
  }
}

Result<Committed> Committer::decide(Batch& batch) {
  if (core_.dead) return fail(ErrorCode::kUnavailable, "the store failed and waits for the process to end");
  const bool erases_only = std::none_of(batch.operations.begin(), batch.operations.end(),
                                        [](const Operation& op) { return op.kind == Operation::Kind::kPut; });
  if (core_.state_full && !erases_only) {
    return fail(ErrorCode::kNoSpace, "the disk of " + core_.options.dir + " is full: only erasing works");
  }
  std::vector<Step> steps;
  steps.reserve(batch.operations.size());
  for (Operation& operation : batch.operations) {
    auto base = base_of(operation.key.bytes());
    if (!base) return fail(std::move(base.error()));
    const RecordHeader* current = base->living() ? &*base->header : nullptr;
    if (auto ok = check_condition(operation, current); !ok) return fail(std::move(ok.error()));
    if (operation.kind == Operation::Kind::kCheck) continue;
    if (operation.kind == Operation::Kind::kErase && current == nullptr) continue;
    steps.push_back({&operation, std::move(*base), {}});
  }
  if (steps.empty()) return Committed{core_.log->point().revision, false};
  return write(steps, erases_only);
}

Result<Committer::Base> Committer::base_of(std::string_view key) {
  Base base;
  std::optional<Version> version;
  VersionCache::Miss miss;
  if (const auto it = group_.find(key); it != group_.end()) {
    version = it->second;
  } else if (Version newest; core_.cache->find(key, newest, miss)) {
    version = std::move(newest);
  } else {
    version = core_.tail.find(key).second;
  }
  if (version) {
    base.header = version->record.header();
    base.record = std::move(version->record);
    base.position = version->position;
    base.previous = version->previous;
    return base;
  }
  // Only now a look at LMDB: what left the overlay is there.
  auto reader = core_.state->read();
  if (!reader) return fail(std::move(reader.error()));
  auto found = reader->find(key);
  if (!found) return fail(std::move(found.error()));
  if (!*found) return base;
  base.header = *(*found)->record.header;
  base.position = (*found)->position;
  base.previous = (*found)->previous;
  return base;
}

Status Committer::load(Base& base, std::string_view key) {
  if (base.record) return {};
  auto reader = core_.state->read();
  if (!reader) return fail(std::move(reader.error()));
  auto found = reader->find(key);
  if (!found) return fail(std::move(found.error()));
  if (!*found) {
    if (base.living()) return fail(ErrorCode::kInternal, printable(key) + " left LMDB while it was being changed");
    // A tombstone: compaction took it since base_of looked, and with it the history before.
    base = Base{};
    return {};
  }
  base.record = Record::copy_of((*found)->record);
  return {};
}

bool Committer::far(const Base& base) const {
  const Log& log = *core_.log;
  if (base.position == 0) return false;
  return log.current_segment() - log.segment_of(base.position) > core_.options.link_segments;
}

/// Brings a version that lies far back into reach, so that history never needs a segment that is gone.
Status Committer::copy_forward(Step& step, bool erases_only) {
  Base& base = step.base;
  if (base.position == 0) return {};
  Log& log = *core_.log;
  const auto far = [&] { return log.current_segment() - log.segment_of(base.position) > core_.options.link_segments; };
  if (!far()) return {};
  const std::string_view key = step.operation->key.bytes();
  if (auto ok = load(base, key); !ok) return ok;
  if (base.position == 0) return {};
  if (auto ok = make_room(sizeof(FrameHeader) + op_bytes(key.size(), base.record), erases_only); !ok) return ok;
  log.begin(FrameHeader::kCopy, 0);
  base.position = log.add(key, base.record, base.previous, 0);
  log.end();
  return {};
}

Result<Committed> Committer::write(std::vector<Step>& steps, bool erases_only) {
  Log& log = *core_.log;
  std::size_t bytes = sizeof(FrameHeader);
  for (Step& step : steps) {
    if (step.operation->kind == Operation::Kind::kErase) {
      step.next = tombstone_of(*step.base.header, 0);
    } else {
      step.next = std::move(step.operation->record);
    }
    bytes += op_bytes(step.operation->key.bytes().size(), step.next);
  }
  // Making room may step into the next segment, from where another version may be too far back.
  for (int round = 0;; ++round) {
    if (round == 4) return fail(ErrorCode::kTooLarge, "the batch's old versions do not fit into the log's segments");
    for (Step& step : steps) {
      if (auto ok = copy_forward(step, erases_only); !ok) return fail(std::move(ok.error()));
    }
    if (auto ok = make_room(bytes, erases_only); !ok) return fail(std::move(ok.error()));
    if (std::none_of(steps.begin(), steps.end(), [this](const Step& step) { return far(step.base); })) break;
  }

  const Revision revision = log.point().revision + 1;
  log.begin(FrameHeader::kBatch, revision);
  for (Step& step : steps) {
    Base& base = step.base;
    const bool living = base.living();
    const bool erase = step.operation->kind == Operation::Kind::kErase;
    if (erase) {
      step.next.mutable_header().revision = revision;
    } else {
      stamp(step.next, revision, living ? &*base.header : nullptr);
    }
    const std::string_view key = step.operation->key.bytes();
    const Position position = log.add(key, step.next, base.position, base.living_bytes());
    Tally& delta = deltas_[resource_of(key)];
    delta.objects += (erase ? 0 : 1) - (living ? 1 : 0);
    delta.bytes += (erase ? 0 : static_cast<std::int64_t>(step.next.stored_bytes())) - base.living_bytes();
    if (collect_events_) {
      RawEvent event;
      event.revision = revision;
      event.key = key;
      if (!erase) event.current = step.next;
      if (living) {
        event.old = base.record;
        event.old_position = base.position;
      }
      events_.push_back(std::move(event));
    }
    group_.insert_or_assign(std::string(key), Version{std::move(step.next), position, base.position});
  }
  log.end();
  return Committed{revision, true};
}

Status Committer::make_room(std::size_t frame_bytes, bool erases_only) {
  Log& log = *core_.log;
  if (frame_bytes > log.largest_frame()) {
    return fail(ErrorCode::kTooLarge, "the batch takes " + std::to_string(frame_bytes) +
                                          " bytes in the log, a segment has " + std::to_string(log.largest_frame()));
  }
  if (log.fits(frame_bytes)) return {};
  // The group so far goes first: a sync never spans two files.
  if (auto ok = finish_group(); !ok) return ok;
  return roll(erases_only);
}

Status Committer::roll(bool erases_only) {
  if (core_.log_full) {
    auto free = core_.options.disk->free_bytes(core_.options.dir);
    if (free && *free > core_.options.segment_bytes + core_.options.ballast_bytes) core_.log->supply().retry();
  }
  auto ok = core_.log->roll(erases_only);
  if (ok) {
    core_.log_full = false;
    return ok;
  }
  if (ok.error().code == ErrorCode::kNoSpace) {
    core_.log_full = true;
    core_.ballast->give_back();
    return fail(ok.error().with_context("the disk of " + core_.options.dir + " is full: only erasing works"));
  }
  if (ok.error().code != ErrorCode::kUnavailable) core_.die(ok.error());
  return ok;
}

Status Committer::finish_group() {
  Log& log = *core_.log;
  Status ok;
  if (log.dirty()) ok = log.flush();
  if (!ok) {
    // Nothing of this group happened, as far as anybody was told.
    if (ok.error().code != ErrorCode::kNoSpace) core_.die(ok.error());
    for (Answer& answer : answers_) {
      if (answer.result && answer.result->changed) answer.result = fail(ok.error());
    }
    group_.clear();
    deltas_.clear();
    events_.clear();
    answer_all();
    return ok;
  }
  if (!group_.empty()) {
    Tail::Changes changes;
    changes.reserve(group_.size());
    while (!group_.empty()) {
      auto node = group_.extract(group_.begin());
      changes.emplace_back(std::move(node.key()), std::move(node.mapped()));
    }
    core_.cache->begin(changes);
    core_.tail.publish(std::move(changes), deltas_, log.point());
    deltas_.clear();
    answer_all();
    core_.cache->finish();
    hooks_.published(std::exchange(events_, {}), !collect_events_, log.point().revision);
    return {};
  }
  answer_all();
  return {};
}

void Committer::answer_all() {
  // An answer may come back with the next commit: that one only queues.
  for (Answer& answer : answers_) answer.done(std::move(answer.result));
  answers_.clear();
}

}  // namespace troupe::storage
