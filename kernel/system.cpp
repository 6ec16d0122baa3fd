#include "kernel/system.hpp"

#include <algorithm>

#include "kernel/detail/host.hpp"
#include "kernel/detail/scheduler.hpp"
#include "kernel/detail/watchdog.hpp"
#include "kernel/io_threads.hpp"

namespace troupe::kernel {

System::System(SystemOptions options) : core_(std::make_unique<Core>(this, options)) {}

System::~System() {
  for (const ActorRef& actor : core_->living.all()) send_exit(actor, ExitReason::killed());
  core_->root = {};
  if (core_->deterministic()) {
    while (core_->dispatcher->run_one()) {
    }
    return;
  }
  // A handler that never returns keeps the process: ending under its feet would be worse.
  while (!core_->living.wait_until_empty(std::chrono::steady_clock::now() + std::chrono::seconds(10))) {
    for (const std::string& name : living(10))
      core_->logger->error("kernel", "still waiting for an actor to end", {{"actor", name}});
    for (const ActorRef& actor : core_->living.all()) send_exit(actor, ExitReason::killed());
  }
}

ActorRef System::start_root(SupervisorKey, ActorFactory factory, SpawnOptions options) {
  ActorRef root = impl::spawn({core_.get(), std::move(factory), std::move(options), ActorRef()});
  core_->root = root;
  return root;
}

namespace {

// True when `done` came true in time. Deterministic: real handlers run, virtual time passes.
template <class Done>
bool wait_for(System& system, Duration patience, const Done& done) {
  System::Core& core = system.core();
  const TimePoint deadline = core.clock->now() + patience;
  if (!core.deterministic()) return core.living.wait_until_empty(std::chrono::steady_clock::now() + patience) || done();
  while (!done()) {
    if (core.dispatcher->run_one()) continue;
    const auto next = core.timers.next();
    if (!next || *next > deadline) {
      core.virtual_clock->advance_to(deadline);
      return done();
    }
    core.virtual_clock->advance_to(*next);
    core.fire_due();
  }
  return true;
}

}  // namespace

std::vector<std::string> System::stop(Duration patience) {
  const auto empty = [this] { return core_->living.count() == 0; };
  send_exit(core_->root, ExitReason::shutdown());
  if (wait_for(*this, patience, empty)) return {};
  std::vector<std::string> survivors = living(SIZE_MAX);
  for (const std::string& name : survivors)
    core_->logger->warn("kernel", "killed: it did not stop in time", {{"actor", name}});
  for (const ActorRef& actor : core_->living.all()) send_exit(actor, ExitReason::killed());
  if (!wait_for(*this, patience, empty))
    for (const std::string& name : living(100)) core_->logger->error("kernel", "does not end", {{"actor", name}});
  return survivors;
}

void System::send(const ActorRef& to, AnyMsg message, TraceId trace) {
  if (!to) return core_->undelivered(Undelivered::kDead, message.type(), "nobody");
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kData);
  parcel->envelope.message = std::move(message);
  parcel->envelope.trace = trace;
  to.host()->deliver(std::move(parcel));
}

void System::request(const ActorRef& to, AnyMsg message, Duration timeout, ReplySink then, TraceId trace) {
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kData);
  parcel->envelope.message = std::move(message);
  parcel->envelope.trace = trace;
  parcel->envelope.promise = promise(timeout, std::move(then));
  if (to) to.host()->deliver(std::move(parcel));
}

Promise System::promise(Duration timeout, ReplySink then) {
  if (timeout <= Duration::zero() || timeout == Duration::max())
    return Promise(std::make_shared<const ReplySink>(std::move(then)));
  return core_->outside.open(core_->clock->now() + timeout, std::move(then));
}

void System::send_exit(const ActorRef& to, ExitReason reason) {
  if (!to) return;
  auto parcel = std::make_unique<impl::Parcel>(impl::ParcelKind::kExit);
  parcel->control = std::make_unique<impl::Control>(impl::Control{0, std::move(reason), StartOutcome::kStarted});
  to.host()->deliver(std::move(parcel));
}

Clock& System::clock() { return *core_->clock; }
Random& System::random() { return *core_->random; }
Registry& System::registry() { return core_->registry; }
Metrics& System::metrics() { return core_->metrics; }
Logger& System::logger() { return *core_->logger; }
std::size_t System::timer_count() const { return core_->timers.size(); }
std::size_t System::actor_count() const { return core_->living.count(); }

std::vector<std::string> System::living(std::size_t limit) const {
  std::vector<ActorRef> actors = core_->living.all();
  std::sort(actors.begin(), actors.end(), [](const ActorRef& a, const ActorRef& b) { return a.id() < b.id(); });
  std::vector<std::string> names;
  for (const ActorRef& actor : actors) {
    if (names.size() >= limit) break;
    names.push_back(actor.name() + '#' + std::to_string(actor.id()));
  }
  return names;
}

bool System::step() {
  if (core_->dispatcher->run_one()) return true;
  const auto next = core_->timers.next();
  if (!next || !core_->deterministic()) return false;
  core_->virtual_clock->advance_to(*next);
  core_->fire_due();
  return true;
}

std::size_t System::run_ready() {
  std::size_t count = 0;
  while (core_->dispatcher->run_one()) ++count;
  return count;
}

void System::run_for(Duration span) {
  const TimePoint target = core_->clock->now() + span;
  for (;;) {
    run_ready();
    const auto next = core_->timers.next();
    if (!next || *next > target) break;
    core_->virtual_clock->advance_to(*next);
    core_->fire_due();
  }
  core_->virtual_clock->advance_to(target);
}

bool System::run_until_idle(std::size_t max_steps) {
  for (std::size_t i = 0; i < max_steps; ++i)
    if (!step()) return true;
  return false;
}

const std::string& System::event_log() const { return core_->events; }
void System::record(std::string_view line) {
  if (core_->options.record_events) core_->event(0, "", line);
}

}  // namespace troupe::kernel
