#include "api/event_expiry.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace troupe::api {

namespace {

constexpr std::size_t kTake = 1024;    ///< Events of the store taken at once.
constexpr std::size_t kRemovals = 64;  ///< Removals asked for at once: the store's queue is for others too.
constexpr std::chrono::seconds kPause(1);

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
  storage::WatchRequest follow;
  follow.prefix = prefix_;
  follow.after = end->revision;
  auto watch = services_.store.watch(std::move(follow), [weak = weak_from_this(), &env = services_.env] {
    env.post([weak] {
      if (const auto self = weak.lock()) self->look();
    });
  });
  if (!watch) return fail(watch.error());
  watch_ = std::move(*watch);
  services_.env.post([self = shared_from_this()] { self->look(); });
  return {};
}

void EventExpiry::stop() {
  std::unique_ptr<storage::Watch> watch;
  std::unique_ptr<Environment::Timer> timer;
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  watch.swap(watch_);
  timer.swap(timer_);
}

std::size_t EventExpiry::known() const {
  const std::lock_guard lock(mutex_);
  return newest_.size();
}

void EventExpiry::note(const storage::Key& key, storage::Revision revision) {
  newest_[std::string(key.bytes())] = revision;
  queue_.push_back({key, revision, services_.env.now()});
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
  remove_due();
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
