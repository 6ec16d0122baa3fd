#include "kernel/supervisor.hpp"

#include "kernel/log.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {

Status check_tree(const SupervisorSpec& spec) {
  auto at = [&](const Status& status) { return fail(status.error().with_context(spec.name)); };
  if (spec.name.empty()) return fail(ErrorCode::kInvalidArgument, "a supervisor has no name");
  if (auto status = check_flags(spec.flags); !status) return at(status);
  if (auto status = check_child_specs(spec.children, spec.flags); !status) return at(status);
  for (const ChildSpec& child : spec.children) {
    const auto* factory = dynamic_cast<const ActorChildFactory*>(child.start.get());
    if (factory == nullptr || (!factory->make && !factory->supervisor)) {
      return fail(ErrorCode::kInvalidArgument, spec.name + ": child '" + child.id + "': nothing says how to make it");
    }
    if (!factory->supervisor) continue;
    if (auto status = check_tree(*factory->supervisor); !status) return at(status);
  }
  return {};
}

Result<ActorRef> Supervisor::start_root(System& system, SupervisorSpec spec, SupervisorOptions options) {
  if (auto status = check_tree(spec); !status) return fail(status.error());
  auto shared = std::make_shared<const SupervisorSpec>(std::move(spec));
  SpawnOptions spawn;
  spawn.name = shared->name;
  spawn.type = "supervisor";
  return system.start_root(
      SupervisorKey(), [shared, options] { return std::make_unique<Supervisor>(shared, options); }, std::move(spawn));
}

Supervisor::Supervisor(std::shared_ptr<const SupervisorSpec> spec, SupervisorOptions options)
    : spec_(std::move(spec)), options_(std::move(options)) {}

Supervisor::~Supervisor() = default;

Status Supervisor::init() {
  SupervisorCore::Options options;
  options.name = name();
  options.max_waiting_calls = options_.max_waiting_calls;
  core_.emplace(std::move(options), spec_->flags, spec_->children);
  in_init_ = true;
  Effects effects;
  core_->start(time(), effects);
  perform(std::move(effects));
  in_init_ = false;
  if (!up_) defer_start();
  return {};
}

bool Supervisor::receive(Envelope& envelope) {
  Effects effects;
  const bool known = match(
      envelope,
      [&](const Local<SupervisorRequest>& request) {
        const CallId id = ++last_call_;
        calls_.emplace(id, std::move(envelope.promise));
        core_->call(time(), id, request->call, effects);
      },
      [&](const Local<TreeQuery>& query) { answer_tree(*query, std::move(envelope.promise)); },
      [&](const Local<SuspendSupervisor>&) { core_->suspend(); },
      [&](const Local<ResumeSupervisor>&) { core_->resume(time(), effects); });
  perform(std::move(effects));
  return known;
}

void Supervisor::on_exit_request(const ExitRequest& request) {
  Effects effects;
  core_->stop(time(), request.reason, effects);
  perform(std::move(effects));
}

void Supervisor::on_child_started(const ChildStarted& started) {
  auto it = instances_.find(started.child);
  if (it == instances_.end()) return;
  const Instance instance = it->second;
  Living& child = living_.at(instance);
  child.up = true;
  observe(SupervisionEvent::Kind::kStarted, instance, child);
  Effects effects;
  core_->child_started(time(), instance, effects);
  perform(std::move(effects));
}

void Supervisor::on_child_exited(const ChildExited& exited) {
  auto it = instances_.find(exited.child);
  if (it == instances_.end()) return;
  const Instance instance = it->second;
  instances_.erase(it);
  const Living child = std::move(living_.at(instance));
  living_.erase(instance);
  Effects effects;
  if (child.up) {
    observe(SupervisionEvent::Kind::kExited, instance, child, exited.reason);
    core_->child_down(time(), instance, exited.reason, effects);
  } else if (exited.start == StartOutcome::kIgnored) {
    observe(SupervisionEvent::Kind::kIgnored, instance, child);
    core_->child_ignored(time(), instance, effects);
  } else {
    observe(SupervisionEvent::Kind::kStartFailed, instance, child, exited.reason);
    core_->child_failed(time(), instance, exited.reason, effects);
  }
  perform(std::move(effects));
}

/// However it ends, nobody is left behind: after an orderly stop there are no children any more.
void Supervisor::terminate(const ExitReason& reason) {
  for (const auto& [instance, child] : living_) send_exit(child.actor, ExitReason::killed());
  if (parent()) return;
  Living root;
  root.actor = self();
  observe(up_ ? SupervisionEvent::Kind::kExited : SupervisionEvent::Kind::kStartFailed, 0, root, reason);
}

void Supervisor::perform(Effects effects) {
  while (!effects.empty()) {
    Effects more;
    for (const Effect& effect : effects) {
      std::visit([&](const auto& e) { perform_one(e, more); }, effect);
    }
    effects = std::move(more);
  }
}

void Supervisor::perform_one(const effect::StartChild& e, Effects& more) {
  const auto* factory = dynamic_cast<const ActorChildFactory*>(e.spec->start.get());
  if (factory == nullptr) {
    core_->child_failed(time(), e.instance, ExitReason::error("nothing says how to make it"), more);
    return;
  }
  SpawnOptions spawn = factory->options ? factory->options(e.args) : SpawnOptions{};
  if (spawn.name.empty()) {
    spawn.name = name() + "/" + e.spec->id;
    if (spec_->flags.strategy == Strategy::kSimpleOneForOne) spawn.name += "#" + std::to_string(e.instance);
  }
  const bool lazy = spawn.start == StartMode::kLazy;
  ActorFactory make;
  if (factory->supervisor) {
    spawn.type = "supervisor";
    make = [spec = factory->supervisor, options = options_] { return std::make_unique<Supervisor>(spec, options); };
  } else {
    make = [spec = e.spec, factory, args = e.args] { return factory->make(args); };
  }
  Living child;
  child.spec = e.spec;
  child.up = lazy;
  child.actor = Actor::spawn(SupervisorKey(), std::move(make), std::move(spawn));
  instances_.emplace(child.actor.id(), e.instance);
  const Living& kept = living_.emplace(e.instance, std::move(child)).first->second;
  if (!lazy) return;
  observe(SupervisionEvent::Kind::kStarted, e.instance, kept);
  core_->child_started(time(), e.instance, more);
}

void Supervisor::perform_one(const effect::RequestExit& e, Effects&) {
  auto it = living_.find(e.instance);
  if (it == living_.end()) return;
  observe(SupervisionEvent::Kind::kStopAsked, e.instance, it->second);
  send_exit(it->second.actor, ExitReason::shutdown());
}

void Supervisor::perform_one(const effect::Kill& e, Effects&) {
  auto it = living_.find(e.instance);
  if (it == living_.end()) return;
  observe(SupervisionEvent::Kind::kKill, e.instance, it->second);
  send_exit(it->second.actor, ExitReason::killed());
}

void Supervisor::perform_one(const effect::ArmTimer& e, Effects&) {
  timers_[e.timer] = after(e.delay, [this, timer = e.timer] {
    timers_.erase(timer);
    Effects effects;
    core_->timer_fired(time(), timer, effects);
    perform(std::move(effects));
  });
}

void Supervisor::perform_one(const effect::CancelTimer& e, Effects&) {
  auto it = timers_.find(e.timer);
  if (it == timers_.end()) return;
  cancel(it->second);
  timers_.erase(it);
}

void Supervisor::perform_one(const effect::Reply& e, Effects&) {
  auto it = calls_.find(e.call);
  if (it == calls_.end()) return;
  SupervisorReply reply;
  reply.reply = e.reply;
  if (auto child = living_.find(e.reply.instance); child != living_.end()) reply.child = child->second.actor;
  it->second.fulfil(make_local<SupervisorReply>(std::move(reply)));
  calls_.erase(it);
}

void Supervisor::perform_one(const effect::Started&, Effects&) {
  up_ = true;
  if (!in_init_) start_done();
  if (parent()) return;
  Living root;
  root.actor = self();
  observe(SupervisionEvent::Kind::kStarted, 0, root);
}

void Supervisor::perform_one(const effect::StartFailed& e, Effects&) { quit(e.reason); }
void Supervisor::perform_one(const effect::Exit& e, Effects&) { quit(e.reason); }

/// The one place where the end of a child is logged: with its chain, how often, and what is done about it.
void Supervisor::perform_one(const effect::Report& e, Effects&) {
  const LogLevel level = e.kind == effect::Report::Kind::kGaveUp ? LogLevel::kError : LogLevel::kWarn;
  if (system().logger().enabled(level)) {
    system().logger().log(level, "supervisor", to_string(e.kind),
                          {{"supervisor", name()},
                           {"child", e.child},
                           {"reason", describe(e.reason)},
                           {"restarts", std::to_string(e.restarts)},
                           {"action", e.action}},
                          trace());
  }
  if (!options_.observer) return;
  SupervisionEvent event;
  event.kind = SupervisionEvent::Kind::kReport;
  event.supervisor = name();
  event.id = e.child;
  event.instance = e.instance;
  event.reason = e.reason;
  event.report = &e;
  (*options_.observer)(event);
}

void Supervisor::observe(SupervisionEvent::Kind kind, Instance instance, const Living& child, ExitReason reason) {
  if (!options_.observer) return;
  SupervisionEvent event;
  event.kind = kind;
  if (child.spec) {
    event.supervisor = name();
    event.supervisor_id = id();
  }
  event.child = child.actor.name();
  event.id = child.spec ? child.spec->id : name();
  event.instance = instance;
  event.reason = std::move(reason);
  event.actor = child.actor;
  (*options_.observer)(event);
}

}  // namespace troupe::kernel
