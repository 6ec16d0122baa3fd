#include "api/event_expiry.hpp"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

namespace troupe::api {

namespace {

constexpr std::size_t kTake = 1024;    ///< Events of the store taken at once.
constexpr std::size_t kRemovals = 64;  ///< Removals asked for at once: the store's queue is for others too.
constexpr std::chrono::seconds kPause(1);
constexpr std::size_t kMostStale = 1024;

}  // namespace

Status EventExpiry::start() {
  storage::ListRequest request;
  request.prefix = prefix_;
  request.limit = std::numeric_limits<std::size_t>::max();
  const std::lock_guard lock(mutex_);
  auto end = storage::list_now(services_.store, std::move(request),
                               [this](std::string_view bytes, const storage::RecordView& record) {
                                 if (auto key = storage::key_from_bytes(bytes)) note(*key, record.header->revision);
                                 return true;
                               });
  if (!end) return fail(end.error());
  if (auto followed = follow(prefix_, end->revision, watch_); !followed) return followed;
  if (auto followed = follow(namespaces_prefix_, storage::kNow, namespaces_); !followed) return followed;
  services_.env.post([self = shared_from_this()] { self->look(); });
  return {};
}

Status EventExpiry::follow(const storage::Prefix& prefix, storage::Revision after,
                           std::unique_ptr<storage::Watch>& watch) {
  storage::WatchRequest request;
  request.prefix = prefix;
  request.after = after;
  auto made = services_.store.watch(std::move(request), [weak = weak_from_this(), &env = services_.env] {
    env.post([weak] {
      if (const auto self = weak.lock()) self->look();
    });
  });
  if (!made) return fail(made.error());
  watch = std::move(*made);
  return {};
}

void EventExpiry::stop() {
  std::unique_ptr<storage::Watch> watch;
  std::unique_ptr<storage::Watch> namespaces;
  std::unique_ptr<Environment::Timer> timer;
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  watch.swap(watch_);
  namespaces.swap(namespaces_);
  timer.swap(timer_);
}

std::size_t EventExpiry::known() const {
  const std::lock_guard lock(mutex_);
  return newest_.size();
}

std::size_t EventExpiry::noted() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

void EventExpiry::note(const storage::Key& key, storage::Revision revision) {
  newest_[std::string(key.bytes())] = revision;
  queue_.push_back({key, revision, services_.env.now()});
  // An Event that is counted up a million times an hour shall not stand here a million times.
  if (queue_.size() <= 2 * newest_.size() + kMostStale) return;
  std::erase_if(queue_, [this](const Written& one) {
    const auto found = newest_.find(std::string(one.key.bytes()));
    return found == newest_.end() || found->second != one.revision;
  });
}

void EventExpiry::look() {
  const std::lock_guard lock(mutex_);
  while (!stopped_ && watch_) {
    auto events = watch_->take(kTake);
    if (!events) {  // too slow or stopped: what is known still goes, a restart finds the rest
      watch_.reset();
      break;
    }
    if (events->empty()) break;
    for (const auto& event : *events) {
      if (event->current) {
        note(event->key, event->revision);
      } else {
        newest_.erase(std::string(event->key.bytes()));
      }
    }
  }
  look_at_namespaces();
  remove_due();
}

void EventExpiry::look_at_namespaces() {
  while (!stopped_ && namespaces_) {
    auto changes = namespaces_->take(kTake);
    if (!changes) return namespaces_.reset();
    if (changes->empty()) return;
    for (const auto& change : *changes) {
      const auto parts = storage::split_key(change->key.bytes());
      if (!change->current && parts) remove_all_of(parts->name);
    }
  }
}

void EventExpiry::remove_all_of(std::string_view name_space) {
  storage::ListRequest request;
  auto prefix = storage::prefix_of(events_, name_space);
  if (!prefix) return;
  request.prefix = *prefix;
  request.limit = limits_.max_events;
  storage::Batch batch;
  const auto flush = [&] {
    if (!batch.operations.empty()) services_.store.commit(std::exchange(batch, {}), [](const auto&) {});
  };
  auto end =
      storage::list_now(services_.store, std::move(request), [&](std::string_view bytes, const storage::RecordView&) {
        if (auto key = storage::key_from_bytes(bytes)) batch.erase(std::move(*key));
        if (batch.operations.size() == storage::kMaxOperations) flush();
        return true;
      });
  flush();
}

/// What was written again, or is gone, needs no removal under its old revision.
void EventExpiry::forget_stale() {
  while (!queue_.empty()) {
    const auto found = newest_.find(std::string(queue_.front().key.bytes()));
    if (found != newest_.end() && found->second == queue_.front().revision) return;
    queue_.pop_front();
  }
}

void EventExpiry::remove_due() {
  const auto now = services_.env.now();
  for (std::size_t removed = 0; !stopped_ && removed < kRemovals; ++removed) {
    forget_stale();
    if (queue_.empty()) return;
    const bool old = now - queue_.front().at >= limits_.time_to_live;
    if (!old && newest_.size() <= limits_.max_events) break;
    storage::Batch batch;
    batch.erase(queue_.front().key, storage::Condition::at(queue_.front().revision));
    newest_.erase(std::string(queue_.front().key.bytes()));
    queue_.pop_front();
    services_.store.commit(std::move(batch), [](const Result<storage::Committed>&) {});  // a conflict: written again
  }
  arm();
}

/// One timer, for the oldest event; nothing when there is none.
void EventExpiry::arm() {
  if (armed_ || stopped_ || queue_.empty()) return;
  const auto due = queue_.front().at + limits_.time_to_live - services_.env.now();
  const auto wait = std::max<std::chrono::milliseconds>(
      std::chrono::duration_cast<std::chrono::milliseconds>(due) + std::chrono::milliseconds(1), kPause);
  armed_ = true;
  timer_ = services_.env.after(wait, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (!self) return;
    const std::lock_guard lock(self->mutex_);
    self->armed_ = false;
    self->remove_due();
  });
}

}  // namespace troupe::api
