#include "storage/follower.hpp"

#include <algorithm>
#include <utility>

#include "storage/named_thread.hpp"

namespace troupe::storage {
namespace {

/// How often a follower that waits for the end of a burst looks.
constexpr std::chrono::milliseconds kLook{50};

}  // namespace

void Follower::start() {
  // Not in the background: it gives back records by the thousand, and a writer would wait for the pool's lock as long
  // as a busy machine leaves this thread alone.
  thread_ = named_thread("store-follow", [this] { run(); });
}

void Follower::stop() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  for (auto& done : std::exchange(waiting_, {})) done(fail(ErrorCode::kUnavailable, "the store stopped"));
}

void Follower::more() {
  // Woken by the first record that waits and by the one that makes a transaction worth it, not by each.
  bool wake = false;
  {
    std::lock_guard lock(mutex_);
    wake = sleeping_ || core_.tail.entries() >= core_.options.follow_records;
  }
  if (wake) changed_.notify_all();
}

void Follower::compact(Revision revision, Callback<void(Status)> done) {
  core_.compact_to(revision);
  settle(std::move(done));
}

void Follower::settle(Callback<void(Status)> done) {
  {
    std::unique_lock lock(mutex_);
    if (stop_) {
      lock.unlock();
      return done(fail(ErrorCode::kUnavailable, "the store stopped"));
    }
    waiting_.push_back(std::move(done));
    urgent_ = true;
  }
  changed_.notify_all();
}

bool Follower::wait_for_work() {
  std::unique_lock lock(mutex_);
  sleeping_ = true;
  changed_.wait(lock, [this] { return stop_ || urgent_ || core_.tail.entries() > 0; });
  sleeping_ = false;
  const auto enough = [this] {
    return stop_ || urgent_ || core_.tail.entries() >= core_.options.follow_records ||
           core_.tail.bytes() >= core_.options.tail_bytes / 2;
  };
  const auto earliest = last_step_ + core_.options.follow_interval;
  auto since = Clock::now();
  Position from = core_.log->durable();
  changed_.wait_for(lock, core_.options.follow_linger, enough);
  changed_.wait_until(lock, earliest, [this] { return stop_ || urgent_; });
  while (!stop_ && !urgent_ && burst(from, since)) {
    from = core_.log->durable();
    since = Clock::now();
    lock.unlock();
    core_.tail.sort();
    lock.lock();
    changed_.wait_for(lock, kLook, [this] { return stop_ || urgent_; });
  }
  return !stop_;
}

/// Many writes just now, and room to let them go first: what LMDB writes beside them, the disk does not do for them.
bool Follower::burst(Position from, Clock::time_point since) const {
  const LogStoreOptions& options = core_.options;
  const Position now = core_.log->durable();
  const Position behind = now - std::min(now, core_.state->meta().applied.end);
  if (behind >= options.burst_bytes || core_.tail.bytes() >= options.tail_bytes / 2 || core_.log_full) return false;
  const double seconds = std::chrono::duration<double>(Clock::now() - since).count();
  return static_cast<double>(now - from) > options.burst_rate * seconds;
}

void Follower::run() {
  while (wait_for_work()) {
    step(false);
    if (core_.dead) return;
  }
  if (!core_.dead) step(true);
}

void Follower::auto_compact() {
  const auto& options = core_.options;
  const std::int64_t oldest = options.now_ms() - options.retain_age.count();
  core_.compact_to(core_.log->last_revision_before(oldest));
  core_.compact_to(core_.log->last_revision_beyond(options.retain_segments));
}

void Follower::step(bool last) {
  std::vector<Callback<void(Status)>> waiting;
  bool hurry = last;
  {
    std::lock_guard lock(mutex_);
    waiting.swap(waiting_);
    hurry = std::exchange(urgent_, false) || last;
  }
  last_step_ = Clock::now();
  auto_compact();
  State::Change change = core_.tail.freeze();
  change.compacted = core_.compacted.load();
  change.last = last;
  Status ok = apply(change, hurry);
  if (ok) {
    core_.tail.drop_frozen();
    core_.log->drop_before(change.compacted, core_.options.link_segments, change.applied.end);
    room_();
  } else if (ok.error().code != ErrorCode::kUnavailable) {
    core_.die(ok.error());
  }
  for (auto& done : waiting) done(ok);
}

/// The fuller the tail, the shorter the rests: none from half of its bound on.
int Follower::rest_percent() const {
  const auto& options = core_.options;
  const std::size_t hurry_at = std::max<std::size_t>(options.tail_bytes / 2, 1);
  const std::size_t bytes = std::min(core_.tail.bytes(), hurry_at);
  bool asked;
  {
    std::lock_guard lock(mutex_);
    asked = urgent_ || stop_;
  }
  if (asked) return 0;
  return static_cast<int>(static_cast<std::size_t>(options.pacing.rest_percent) * (hurry_at - bytes) / hurry_at);
}

/// Tries until there is room: the frozen overlay stays readable meanwhile, and puts are refused.
Status Follower::apply(const State::Change& change, bool hurry) {
  Pacing pacing = core_.options.pacing;
  pacing.rest_now = [this, hurry] { return hurry ? 0 : rest_percent(); };
  for (;;) {
    auto ok = core_.state->apply(change, pacing);
    if (ok) {
      if (core_.state_full.exchange(false)) room_();
      if (!core_.log_full) core_.ballast->lay();
      return {};
    }
    if (ok.error().code != ErrorCode::kNoSpace) return ok;
    core_.state_full = true;
    core_.ballast->give_back();
    room_();
    std::unique_lock lock(mutex_);
    if (stop_) return fail(ErrorCode::kUnavailable, "stopped while the disk is full; the log has everything");
    changed_.wait_for(lock, std::chrono::milliseconds(200), [this] { return stop_; });
  }
}

}  // namespace troupe::storage
