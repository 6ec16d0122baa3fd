#include "kernel/actor.hpp"

#include "kernel/clock.hpp"
#include "kernel/detail/host.hpp"

namespace troupe::kernel {

Actor::~Actor() = default;
void Actor::on_down(const Down&) {}
void Actor::on_child_started(const ChildStarted&) {}
void Actor::on_child_exited(const ChildExited&) {}
void Actor::terminate(const ExitReason&) {}

ExitReason no_such_actor() { return ExitReason::error("no such actor"); }

void Actor::quit(ExitReason reason) { host_->quit(std::move(reason)); }
void Actor::defer_start() { host_->defer_start(); }
void Actor::start_done() { host_->start_done(); }
void Actor::ignore_start() { host_->ignore_start(); }
bool Actor::passivate() { return host_->passivate(); }

ActorRef Actor::self() const {
  impl::retain(host_);
  return ActorRef(host_);
}
ActorId Actor::id() const { return host_->id(); }
const std::string& Actor::name() const { return host_->label(); }
ActorRef Actor::parent() const { return host_->parent(); }
System& Actor::system() const { return *host_->core().system; }

void Actor::send(const ActorRef& to, AnyMsg message) {
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kData);
  parcel->envelope.message = std::move(message);
  parcel->envelope.trace = host_->trace();
  parcel->envelope.sender = self();
  if (!to) return host_->core().undelivered(Undelivered::kDead, parcel->envelope.type(), "nobody");
  to.host()->deliver(std::move(parcel));
}

void Actor::send(std::string_view key, AnyMsg message) {
  host_->core().registry.send(key, std::move(message), host_->trace(), self());
}

RequestHandle Actor::request(const ActorRef& to, AnyMsg message, Duration timeout,
                             std::function<void(Result<AnyMsg>)> then) {
  const RequestHandle request = host_->open_request(timeout, std::move(then));
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kData);
  parcel->envelope.message = std::move(message);
  parcel->envelope.trace = host_->trace();
  parcel->envelope.sender = self();
  parcel->envelope.promise = Promise(self(), request);
  if (to) to.host()->deliver(std::move(parcel));
  return request;  // to nobody: the promise goes, and says so
}

RequestHandle Actor::request(std::string_view key, AnyMsg message, Duration timeout,
                             std::function<void(Result<AnyMsg>)> then) {
  const RequestHandle request = host_->open_request(timeout, std::move(then));
  Envelope envelope;
  envelope.message = std::move(message);
  envelope.trace = host_->trace();
  envelope.sender = self();
  envelope.promise = Promise(self(), request);
  host_->core().registry.deliver(key, std::move(envelope));
  return request;
}

void Actor::cancel(RequestHandle request) { host_->cancel(request); }

void Actor::send_exit(const ActorRef& to, ExitReason reason) {
  if (!to) return;
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kExit);
  parcel->control = std::make_unique<impl::Control>(impl::Control{id(), std::move(reason), StartOutcome::kStarted});
  parcel->envelope.trace = host_->trace();
  to.host()->deliver(std::move(parcel));
}

MonitorHandle Actor::monitor(const ActorRef& other) { return host_->monitor(other); }
void Actor::demonitor(MonitorHandle monitor) { host_->demonitor(monitor); }

ActorRef Actor::spawn(SupervisorKey, ActorFactory factory, SpawnOptions options) {
  return impl::spawn({&host_->core(), std::move(factory), std::move(options), self()});
}

TimePoint Actor::now() const { return host_->core().clock->now(); }
TimerHandle Actor::after(Duration delay, std::function<void()> then) { return host_->after(delay, std::move(then)); }
bool Actor::cancel(TimerHandle timer) { return host_->cancel(timer); }
Random& Actor::random() const { return *host_->core().random; }
TraceId Actor::trace() const { return host_->trace(); }
void Actor::set_trace(TraceId trace) { host_->set_trace(trace); }

}  // namespace troupe::kernel
