#include "kernel/supervisor.hpp"

#include "kernel/detail/host.hpp"
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

Result<ActorRef> Supervisor::start_root(System& system, SupervisorSpec spec, const SupervisorOptions& options) {
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
  Effects effects = no_effects();
  core_->start(time(), effects);
  perform(std::move(effects));
  in_init_ = false;
  if (!up_) defer_start();
  return {};
}

bool Supervisor::receive(Envelope& envelope) {
  Effects effects = no_effects();
  const bool known = match(
      envelope,
      [&](const Local<SupervisorRequest>& request) {
        const CallId id = ++last_call_;
        calls_.put(id, std::move(envelope.promise));
        core_->call(time(), id, request->call, effects);
      },
      [&](const Local<TreeQuery>& query) { answer_tree(*query, std::move(envelope.promise)); },
      [&](const Local<SuspendSupervisor>&) { core_->suspend(); },
      [&](const Local<ResumeSupervisor>&) { core_->resume(time(), effects); });
  perform(std::move(effects));
  return known;
}

void Supervisor::on_exit_request(const ExitRequest& request) {
  Effects effects = no_effects();
  core_->stop(time(), request.reason, effects);
  perform(std::move(effects));
}

void Supervisor::on_child_started(const ChildStarted& started) {
  const Instance instance = started.tag;
  Living* child = living_.find(instance);
  if (child == nullptr) return;
  child->up = true;
  observe(SupervisionEvent::Kind::kStarted, instance, *child);
  Effects effects = no_effects();
  child_started(instance, *child, effects);
  perform(std::move(effects));
}

void Supervisor::on_child_exited(const ChildExited& exited) {
  const Instance instance = exited.tag;
  const Living child = living_.take(instance);
  if (!child.actor) return;
  Effects effects = no_effects();
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
  living_.each([this](Instance, const Living& child) { send_exit(child.actor, ExitReason::killed()); });
  if (parent()) return;
  Living root;
  root.actor = self();
  observe(up_ ? SupervisionEvent::Kind::kExited : SupervisionEvent::Kind::kStartFailed, 0, root, reason);
}

Effects Supervisor::no_effects() {
  if (spare_.empty()) return {};
  Effects effects = std::move(spare_.back());
  spare_.pop_back();
  return effects;
}

void Supervisor::perform(Effects effects) {
  Effects more = no_effects();
  while (!effects.empty()) {
    for (Effect& effect : effects) {
      std::visit([&](auto& e) { perform_one(e, more); }, effect);
    }
    effects.clear();
    std::swap(effects, more);
  }
  constexpr std::size_t kKept = 64;  // one that held the end of a million children is not kept
  for (Effects* each : {&effects, &more})
    if (each->capacity() <= kKept) spare_.push_back(std::move(*each));
}

ActorRef Supervisor::spawn_child(effect::StartChild& e, const ActorChildFactory& factory, SpawnOptions options) {
  const ActorRef me = self();
  impl::Host::Plan plan;
  plan.core = &me.host()->core();
  plan.parent = me;
  options.tag = e.instance;
  if (factory.supervisor) {
    options.type = "supervisor";
    plan.maker = ActorFactory(
        [spec = factory.supervisor, supervise = options_] { return std::make_unique<Supervisor>(spec, supervise); });
  } else {
    plan.maker = [spec = e.spec, args = std::move(e.args)] {
      return static_cast<const ActorChildFactory&>(*spec->start).make(args);
    };
  }
  if (options.name.empty()) {
    plan.place = std::shared_ptr<const std::string>(e.spec, &e.spec->id);
    plan.numbered = spec_->flags.strategy == Strategy::kSimpleOneForOne;
  }
  plan.options = std::move(options);
  return impl::spawn(std::move(plan));
}

void Supervisor::perform_one(effect::StartChild& e, Effects& more) {
  const auto* factory = dynamic_cast<const ActorChildFactory*>(e.spec->start.get());
  if (factory == nullptr) {
    core_->child_failed(time(), e.instance, ExitReason::error("nothing says how to make it"), more);
    return;
  }
  SpawnOptions options = factory->options ? factory->options(e.args) : SpawnOptions{};
  const bool lazy = options.start == StartMode::kLazy;
  Living child;
  child.up = lazy;
  child.actor = spawn_child(e, *factory, std::move(options));
  child.spec = std::move(e.spec);
  const Living& kept = living_.put(e.instance, std::move(child));
  if (!lazy) return;
  observe(SupervisionEvent::Kind::kStarted, e.instance, kept);
  child_started(e.instance, kept, more);
}

// Whether this start was a restart is the core's to know.
void Supervisor::child_started(Instance instance, const Living& child, Effects& effects) {
  const std::uint64_t restarts = core_->total_restarts();
  core_->child_started(time(), instance, effects);
  if (core_->total_restarts() != restarts)
    child.actor.host()->metrics().restarts.fetch_add(1, std::memory_order_relaxed);
}

void Supervisor::perform_one(effect::RequestExit& e, Effects&) {
  const Living* child = living_.find(e.instance);
  if (child == nullptr) return;
  observe(SupervisionEvent::Kind::kStopAsked, e.instance, *child);
  send_exit(child->actor, ExitReason::shutdown());
}

void Supervisor::perform_one(effect::Kill& e, Effects&) {
  const Living* child = living_.find(e.instance);
  if (child == nullptr) return;
  observe(SupervisionEvent::Kind::kKill, e.instance, *child);
  send_exit(child->actor, ExitReason::killed());
}

void Supervisor::perform_one(effect::ArmTimer& e, Effects&) {
  timers_[e.timer] = after(e.delay, [this, timer = e.timer] {
    timers_.erase(timer);
    Effects effects = no_effects();
    core_->timer_fired(time(), timer, effects);
    perform(std::move(effects));
  });
}

void Supervisor::perform_one(effect::CancelTimer& e, Effects&) {
  auto it = timers_.find(e.timer);
  if (it == timers_.end()) return;
  cancel(it->second);
  timers_.erase(it);
}

void Supervisor::perform_one(effect::Reply& e, Effects&) {
  Promise promise = calls_.take(e.call);
  if (!promise) return;
  ActorRef actor;
  if (const Living* child = living_.find(e.reply.instance)) actor = child->actor;
  promise.fulfil(make_local<SupervisorReply>(std::move(e.reply), std::move(actor)));
}

void Supervisor::perform_one(effect::Started&, Effects&) {
  up_ = true;
  if (!in_init_) start_done();
  if (parent()) return;
  Living root;
  root.actor = self();
  observe(SupervisionEvent::Kind::kStarted, 0, root);
}

void Supervisor::perform_one(effect::StartFailed& e, Effects&) { quit(e.reason); }
void Supervisor::perform_one(effect::Exit& e, Effects&) { quit(e.reason); }

/// The one place where the end of a child is logged: with its chain, how often, and what is done about it.
void Supervisor::perform_one(effect::Report& e, Effects&) {
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
