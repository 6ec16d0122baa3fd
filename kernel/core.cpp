#include "kernel/detail/core.hpp"

#include <algorithm>

#include "kernel/detail/host.hpp"
#include "kernel/detail/scheduler.hpp"
#include "kernel/detail/watchdog.hpp"
#include "kernel/io_threads.hpp"

namespace troupe::kernel {

namespace impl {

TimerWheel::Id Timers::set(TimePoint when, TimerWheel::Payload payload) {
  std::optional<TimePoint> nearer;
  TimerWheel::Id id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = wheel_.set(when, std::move(payload));
    const auto next = wheel_.next();
    if (next && *next < armed_) {
      armed_ = *next;
      nearer = next;
    }
  }
  if (nearer && on_nearer) on_nearer();
  return id;
}

void Timers::cancel(TimerWheel::Id id) {
  if (id == 0) return;
  TimerWheel::Payload dropped;  // its reference goes after the lock
  const std::lock_guard lock(mutex_);
  wheel_.cancel(id, &dropped);
}

std::optional<TimePoint> Timers::next() const {
  const std::lock_guard lock(mutex_);
  return wheel_.next();
}

std::size_t Timers::size() const {
  const std::lock_guard lock(mutex_);
  return wheel_.size();
}

TimePoint Timers::armed() const {
  const std::lock_guard lock(mutex_);
  return armed_;
}

std::vector<TimerWheel::Payload> Timers::take_due(TimePoint now) {
  std::vector<TimerWheel::Payload> due;
  const std::lock_guard lock(mutex_);
  wheel_.advance(now, due);
  armed_ = wheel_.next().value_or(TimePoint::max());
  return due;
}

Promise OutsideRequests::open(TimePoint deadline, ReplySink then) {
  auto request = std::make_shared<Waiting>();
  request->then = std::move(then);
  std::uint64_t token = 0;
  {
    const std::lock_guard lock(mutex_);
    token = ++last_;
    waiting_.emplace(token, request);
  }
  request->wheel = timers_.set(deadline, {ActorRef(), token});
  return Promise(std::make_shared<const ReplySink>([this, token](Result<AnyMsg> answer) {
    if (const auto found = take(token)) {
      timers_.cancel(found->wheel);
      found->then(std::move(answer));
    }
  }));
}

std::shared_ptr<OutsideRequests::Waiting> OutsideRequests::take(std::uint64_t token) {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(token);
  if (found == waiting_.end()) return nullptr;
  auto request = std::move(found->second);
  waiting_.erase(found);
  return request;
}

void OutsideRequests::expire(std::uint64_t token) {
  if (const auto request = take(token)) request->then(fail(ErrorCode::kTimeout, "no answer in time"));
}

void Living::add(Host* host, ActorId id) {
  retain(host);
  count_.fetch_add(1, std::memory_order_relaxed);
  Shard& shard = shards_[id % shards_.size()];
  const std::lock_guard lock(shard.mutex);
  host->living_next = shard.first;
  if (shard.first != nullptr) shard.first->living_previous = host;
  shard.first = host;
}

void Living::remove(Host* host, ActorId id) {
  {
    Shard& shard = shards_[id % shards_.size()];
    const std::lock_guard lock(shard.mutex);
    if (host->living_previous != nullptr) {
      host->living_previous->living_next = host->living_next;
    } else {
      shard.first = host->living_next;
    }
    if (host->living_next != nullptr) host->living_next->living_previous = host->living_previous;
  }
  release(host);
  if (count_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    const std::lock_guard lock(empty_mutex_);
    empty_.notify_all();
  }
}

std::vector<ActorRef> Living::all() const {
  std::vector<ActorRef> actors;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (Host* host = shard.first; host != nullptr; host = host->living_next) {
      retain(host);
      actors.emplace_back(host);
    }
  }
  return actors;
}

bool Living::wait_until_empty(std::chrono::steady_clock::time_point deadline) const {
  std::unique_lock lock(empty_mutex_);
  return empty_.wait_until(lock, deadline, [this] { return count() == 0; });
}

}  // namespace impl

System::Core::Core(System* s, const SystemOptions& o)
    : system(s),
      options(o),
      null_logger(make_null_logger()),
      logger(o.logger != nullptr ? o.logger : null_logger.get()),
      clock(o.threads != nullptr ? std::unique_ptr<Clock>(std::make_unique<RealClock>())
                                 : std::make_unique<VirtualClock>()),
      timers(clock->now()),
      outside(timers),
      registry(*s) {
  if (options.threads == nullptr) {
    virtual_clock = static_cast<VirtualClock*>(clock.get());
    random = std::make_unique<SeededRandom>(options.seed ^ 0x5bd1e995U);
    dispatcher = std::make_unique<impl::SeededDispatcher>(options.seed);
  } else {
    random = std::make_unique<SharedRandom>(options.seed);
    watchdog = std::make_unique<impl::Watchdog>(*this, *options.threads);
    dispatcher = std::make_unique<impl::AsioDispatcher>(*options.threads);
    alarm = options.threads->make_alarm([this] { fire_due(); });
    timers.on_nearer = [this] { set_alarm(); };
  }
  caf = std::make_unique<impl::CafSystem>(*this);
}

System::Core::~Core() {
  std::unique_ptr<IoThreads::Alarm> last;
  {
    const std::lock_guard lock(alarm_mutex);
    last = std::move(alarm);
  }
  last.reset();  // waits for a ring under way, which may want the mutex
  timers.on_nearer = nullptr;
  caf.reset();
  dispatcher.reset();
  watchdog.reset();
}

// Two threads may come here at once, in any order: whoever is last sets what is true then.
void System::Core::set_alarm() {
  const std::lock_guard lock(alarm_mutex);
  if (alarm) alarm->set(timers.armed());
}

void System::Core::fire_due() {
  for (TimerWheel::Payload& due : timers.take_due(clock->now())) {
    if (!due.actor) {
      outside.expire(due.token);
      continue;
    }
    auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kTimer);
    parcel->token = due.token;
    due.actor.host()->deliver(std::move(parcel));
  }
  if (!deterministic()) set_alarm();
}

void System::Core::event(ActorId id, std::string_view name, std::string_view what) {
  events +=
      std::to_string(std::chrono::duration_cast<std::chrono::microseconds>(clock->now().time_since_epoch()).count());
  events.append(" ");
  if (id != 0) events.append(name).append("#").append(std::to_string(id)).append(" ");
  events.append(what).append("\n");
}

void System::Core::undelivered(Undelivered kind, const MessageType* type, std::string_view receiver,
                               std::uint64_t alike) {
  const std::uint64_t count = metrics.count_undelivered(kind, type, alike);
  if (!logger->enabled(LogLevel::kWarn)) return;
  const std::string_view name = type == nullptr ? "(empty)" : type->name;
  std::string key(kernel::to_string(kind));
  key.append(" ").append(name);
  const auto verdict = undelivered_limit.ask(key, clock->now(), alike);
  if (!verdict.allowed) return;
  logger->warn("kernel", "messages were not handled",
               {{"why", std::string(kernel::to_string(kind))},
                {"message", std::string(name)},
                {"receiver", std::string(receiver)},
                {"since_last", std::to_string(verdict.held_back + alike)},
                {"total", std::to_string(count)}});
}

}  // namespace troupe::kernel
