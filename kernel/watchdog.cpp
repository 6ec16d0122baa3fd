#include "kernel/detail/watchdog.hpp"

#include "kernel/detail/host.hpp"
#include "kernel/io_threads.hpp"

namespace troupe::kernel::impl {
namespace {

constexpr Duration kPatience = std::chrono::milliseconds(100);

}  // namespace

Watchdog::Watchdog(System::Core& core, IoThreads& threads)
    : core_(core), threads_(threads), slots_(threads.size()), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Watchdog::wake() {
  if (!asleep_.exchange(false)) return;
  const std::lock_guard lock(mutex_);
  wake_.notify_one();
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  TimePoint active = core_.clock->now();
  while (!stopping_) {
    wake_.wait_for(lock, core_.options.slow_handler);
    if (stopping_) return;
    const TimePoint now = core_.clock->now();
    if (look()) active = now;
    if (now - active < kPatience) continue;
    // Published before the last look: a turn that this look misses sees it, and wakes.
    asleep_.store(true);
    if (look()) {
      asleep_.store(false);
      continue;
    }
    wake_.wait(lock, [this] { return stopping_ || !asleep_.load(); });
    active = core_.clock->now();
  }
}

bool Watchdog::look() {
  std::uint64_t turns = 0;
  bool busy = false;
  for (Slot& slot : slots_) {
    turns += slot.turns.load();
    look_at(slot);
    busy = busy || slot.began.load(std::memory_order_relaxed) != 0;
  }
  const bool moved = turns != seen_turns_;
  seen_turns_ = turns;
  return moved || busy;
}

void Watchdog::look_at(Slot& slot) {
  const TimePoint::rep began = slot.began.load(std::memory_order_acquire);
  if (began == 0 || began == slot.reported) return;
  const Duration running = core_.clock->now() - TimePoint(Duration(began));
  if (running < core_.options.slow_handler) return;
  std::string actor;
  std::string_view message = "a control message";
  {
    const std::lock_guard lock(slot.mutex);  // the host cannot go
    if (slot.host == nullptr || slot.began.load(std::memory_order_acquire) != began) return;
    actor = slot.host->label();
    const MessageType* type = slot.type.load(std::memory_order_relaxed);
    const auto kind = static_cast<ParcelKind>(slot.kind.load(std::memory_order_relaxed));
    if (kind == ParcelKind::kData && type != nullptr) message = type->name;
  }
  slot.reported = began;
  report_slow(core_, actor, message, running, true);  // a log that is slow holds nobody's turn
}

WatchedTurn::WatchedTurn(Watchdog* watchdog, Host* host) {
  if (watchdog == nullptr) return;
  const int thread = watchdog->threads_.current();
  if (thread < 0) return;
  slot_ = &watchdog->slots_[static_cast<std::size_t>(thread)];
  {
    const std::lock_guard lock(slot_->mutex);
    slot_->host = host;
  }
  slot_->turns.fetch_add(1);
  if (watchdog->asleep_.load()) watchdog->wake();
}

WatchedTurn::~WatchedTurn() {
  if (slot_ == nullptr) return;
  slot_->began.store(0, std::memory_order_release);
  const std::lock_guard lock(slot_->mutex);
  slot_->host = nullptr;
}

void WatchedTurn::begin(const Parcel& parcel, TimePoint now) const {
  if (slot_ == nullptr) return;
  slot_->type.store(parcel.envelope.type(), std::memory_order_relaxed);
  slot_->kind.store(static_cast<std::uint8_t>(parcel.kind), std::memory_order_relaxed);
  slot_->began.store(now.time_since_epoch().count(), std::memory_order_release);
}

void report_slow(System::Core& core, std::string_view actor, std::string_view message, Duration took, bool running) {
  std::string key(running ? "r:" : "d:");
  key.append(actor);
  const auto verdict = core.slow_limit.ask(key, core.clock->now());
  if (!verdict.allowed) return;
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(took).count();
  core.logger->warn("kernel", running ? "a handler is running for long" : "a handler ran for long",
                    {{"actor", std::string(actor)},
                     {"message", std::string(message)},
                     {"ms", std::to_string(millis)},
                     {"held_back", std::to_string(verdict.held_back)}});
}

}  // namespace troupe::kernel::impl
