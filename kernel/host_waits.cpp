// What an actor waits for: monitors, timers, answers. And what the addresses of actors do.
#include <caf/actor_system.hpp>
#include <caf/make_actor.hpp>
#include <stdexcept>

#include "kernel/detail/host.hpp"
#include "kernel/detail/scheduler.hpp"

namespace troupe::kernel::impl {

void retain(Host* host) noexcept { caf::intrusive_ptr_add_ref(host->ctrl()); }
void release(Host* host) noexcept { caf::intrusive_ptr_release(host->ctrl()); }

Host::Waits& Host::waits() {
  if (!waits_) waits_ = std::make_unique<Waits>();
  return *waits_;
}

bool Host::add_watcher(const ActorRef& watcher, MonitorHandle monitor) {
  return exclusive_critical_section([&] {
    if (ended_.load(std::memory_order_relaxed)) return false;
    if (!watchers_) watchers_ = std::make_unique<Watchers>();
    watchers_->emplace(std::pair(watcher.id(), monitor.value), watcher);
    return true;
  });
}

void Host::remove_watcher(ActorId watcher, MonitorHandle monitor) {
  ActorRef dropped;  // released outside the lock
  exclusive_critical_section([&] {
    if (!watchers_) return;
    const auto found = watchers_->find(std::pair(watcher, monitor.value));
    if (found == watchers_->end()) return;
    dropped = std::move(found->second);
    watchers_->erase(found);
    if (watchers_->empty()) watchers_.reset();
  });
}

std::size_t Host::watcher_count() const {
  const std::lock_guard lock(mtx_);
  return watchers_ ? watchers_->size() : 0;
}

MonitorHandle Host::monitor(const ActorRef& other) {
  const MonitorHandle monitor{++waits().last};
  waits_->monitors.emplace(monitor.value, other);
  retain(this);
  const ActorRef self(this);
  if (other && other.host()->add_watcher(self, monitor)) return monitor;
  auto parcel = std::make_unique<Parcel>(ParcelKind::kDown);
  parcel->token = monitor.value;
  parcel->control = std::make_unique<Control>(Control{other.id(), no_such_actor(), StartOutcome::kStarted});
  deliver(std::move(parcel));
  return monitor;
}

void Host::demonitor(MonitorHandle monitor) {
  if (!waits_) return;
  const auto found = waits_->monitors.find(monitor.value);
  if (found == waits_->monitors.end()) return;
  if (found->second) found->second.host()->remove_watcher(id(), monitor);
  waits_->monitors.erase(found);
}

TimerHandle Host::after(Duration delay, std::function<void()> then) {
  const TimerHandle timer{++waits().last};
  retain(this);
  const auto wheel = core_->timers.set(core_->clock->now() + delay, {ActorRef(this), timer.value});
  waits_->timers.emplace(timer.value, Timer{wheel, std::move(then)});
  return timer;
}

bool Host::cancel(TimerHandle timer) {
  if (!waits_) return false;
  const auto found = waits_->timers.find(timer.value);
  if (found == waits_->timers.end()) return false;
  core_->timers.cancel(found->second.wheel);
  waits_->timers.erase(found);
  return true;
}

RequestHandle Host::open_request(Duration timeout, std::function<void(Result<AnyMsg>)> then) {
  const RequestHandle request{++waits().last};
  TimerWheel::Id wheel = 0;
  if (timeout > Duration::zero() && timeout < Duration::max()) {
    retain(this);
    wheel = core_->timers.set(core_->clock->now() + timeout, {ActorRef(this), request.value});
  }
  waits_->requests.emplace(request.value, PendingRequest{wheel, std::move(then)});
  return request;
}

void Host::cancel(RequestHandle request) {
  if (!waits_) return;
  const auto found = waits_->requests.find(request.value);
  if (found == waits_->requests.end()) return;
  core_->timers.cancel(found->second.wheel);
  waits_->requests.erase(found);
}

// Timers and requests share their numbers: a due number is one or the other, or was cancelled on its way here.
void Host::fire(std::uint64_t token) {
  if (!waits_) return;
  if (const auto timer = waits_->timers.find(token); timer != waits_->timers.end()) {
    const auto then = std::move(timer->second.then);
    waits_->timers.erase(timer);
    return then();
  }
  if (const auto request = waits_->requests.find(token); request != waits_->requests.end()) {
    const auto then = std::move(request->second.then);
    waits_->requests.erase(request);
    then(fail(ErrorCode::kTimeout, "no answer in time"));
  }
}

void Host::settle(Parcel& parcel) {
  if (!waits_) return;
  const auto request = waits_->requests.find(parcel.token);
  if (request == waits_->requests.end()) return;
  core_->timers.cancel(request->second.wheel);
  const auto then = std::move(request->second.then);
  waits_->requests.erase(request);
  if (parcel.error) return then(tl::unexpected<Error>(std::move(*parcel.error)));
  then(std::move(parcel.envelope.message));
}

void Host::refuse_start(std::string why) {
  outcome_ = StartOutcome::kFailed;
  maker_ = [why = std::move(why)]() -> std::unique_ptr<Actor> { throw std::runtime_error(why); };
}

bool Host::passivate() {
  if (registry_entry != nullptr && !core_->registry.begin_passivation(*this)) return false;
  quit(ExitReason::normal());
  return true;
}

ActorRef spawn(Host::Plan plan) {
  System::Core& core = *plan.core;
  const ActorId id = core.next_id.fetch_add(1, std::memory_order_relaxed);
  std::string key = std::move(plan.options.key);
  if (plan.options.name.empty() && !plan.place) plan.options.name = key;
  bool eager = plan.options.start == StartMode::kEager;
  ActorRef self = core.caf->make_host(id, std::move(plan));
  Host& host = *self.host();
  core.living.add(&host, id);
  if (core.options.record_events) core.event(id, self.name(), "spawned");
  if (!key.empty() && !core.registry.claim(key, self)) {
    host.refuse_start("the key " + key + " has a living actor");
    eager = true;
  }
  const bool waits = host.waits_for_key;
  if (eager) host.deliver(std::make_unique<Parcel>(ParcelKind::kInit));
  if (!waits) host.open();
  return self;
}

std::string describe(const Parcel& parcel) {
  switch (parcel.kind) {
    case ParcelKind::kData:
      return parcel.envelope.type() == nullptr ? "(empty)" : std::string(parcel.envelope.type()->name);
    case ParcelKind::kInit:
      return "init";
    case ParcelKind::kExit:
      return "asked to end: " + to_string(parcel.control->reason);
    case ParcelKind::kCrash:
      return "asked to crash: " + parcel.control->reason.detail;
    case ParcelKind::kDown:
      return "down #" + std::to_string(parcel.control->actor) + ' ' + to_string(parcel.control->reason);
    case ParcelKind::kChildStarted:
      return "child started #" + std::to_string(parcel.control->actor);
    case ParcelKind::kChildExited:
      return "child ended #" + std::to_string(parcel.control->actor) + ' ' + to_string(parcel.control->reason);
    case ParcelKind::kTimer:
      return "timer";
    case ParcelKind::kReply:
      return parcel.error ? "answer: " + std::string(to_string(parcel.error->code)) : "answer";
  }
  return "?";
}

}  // namespace troupe::kernel::impl

namespace troupe::kernel {

ActorId ActorRef::id() const { return host_ == nullptr ? 0 : host_->id(); }

const std::string& ActorRef::name() const {
  static const std::string kNobody;
  return host_ == nullptr ? kNobody : host_->label();
}

bool ActorRef::alive() const { return host_ != nullptr && host_->alive(); }
std::size_t ActorRef::mailbox_depth() const { return host_ == nullptr ? 0 : host_->depth(); }

}  // namespace troupe::kernel
