#include "kernel/scenario_run.hpp"

#include "kernel/scenario_world.hpp"

namespace troupe::kernel {

namespace {

using Kind = ScenarioStep::Kind;

/// Does the steps of one scenario.
class Runner {
 public:
  Runner(const Scenario& scenario, std::uint64_t seed, std::function<void(std::string_view)> out)
      : scenario_(scenario), world_(scenario, std::move(out)), system_(options(seed)) {}

  Status run() {
    SupervisorOptions options;
    options.observer = std::make_shared<const SupervisionObserver>(world_.observer());
    auto root = Supervisor::start_root(system_, world_.root(), options);
    if (!root) return fail(root.error());
    rest();
    std::size_t number = 0;
    for (const ScenarioStep& step : scenario_.steps) {
      world_.set_step(++number);
      perform(step);
      rest();
      for (Call& call : std::exchange(calls_, {})) answer(call);
      if (restless_) return fail(ErrorCode::kInternal, "step " + std::to_string(number) + " does not come to rest");
    }
    world_.set_step(number + 1);
    show_children("root");
    world_.mute();
    return {};
  }

 private:
  struct Call {
    const ScenarioStep* step;
    std::shared_ptr<Result<AnyMsg>> answer;
  };

  static SystemOptions options(std::uint64_t seed) {
    SystemOptions result;
    result.seed = seed;
    return result;
  }

  void rest() { restless_ = !system_.run_until_idle(1'000'000) || restless_; }

  void skip(const ScenarioStep& step) {
    std::vector<std::pair<std::string_view, std::string>> fields{{"do", quote_json(to_string(step.kind))}};
    if (step.kind == Kind::kExit) {
      fields.emplace_back("child", quote_json(step.child));
    } else if (step.kind != Kind::kStop) {
      fields.emplace_back("supervisor", quote_json(step.supervisor));
    }
    world_.emit("skip", fields);
  }

  void perform(const ScenarioStep& step) {
    switch (step.kind) {
      case Kind::kExit:
        return exit(step);
      case Kind::kFailNext:
        return world_.more_starts(step.child, step.times, step.reason);
      case Kind::kIgnoreNext:
        return world_.more_starts(step.child, step.times, "ignore");
      case Kind::kAdvance:
        return system_.run_for(std::chrono::seconds(step.seconds));
      case Kind::kStop:
        if (const auto* root = world_.living("root")) return system_.send_exit(root->actor, ExitReason::shutdown());
        return skip(step);
      case Kind::kBurst:
        return burst(step);
      default:
        return call(step);
    }
  }

  void exit(const ScenarioStep& step) {
    const auto* child = world_.living(step.child);
    if (child == nullptr) return skip(step);
    const ExitReason reason = parse_exit_reason(step.reason);
    if (world_.supervisor(step.child) != nullptr || reason.kind == ExitReason::Kind::kKilled) {
      system_.send_exit(child->actor, reason);
    } else {
      system_.send(child->actor, make_local<ScenarioExit>(reason));
    }
  }

  void burst(const ScenarioStep& step) {
    const auto* supervisor = world_.living(step.supervisor);
    if (supervisor == nullptr || world_.supervisor(step.supervisor) == nullptr) return skip(step);
    const ActorRef actor = supervisor->actor;
    system_.send(actor, make_local<SuspendSupervisor>());
    rest();
    for (const ScenarioStep& each : step.steps) {
      perform(each);
      rest();
    }
    system_.send(actor, make_local<ResumeSupervisor>());
  }

  void call(const ScenarioStep& step) {
    const auto* supervisor = world_.living(step.supervisor);
    const ScenarioSupervisor* node = world_.supervisor(step.supervisor);
    if (supervisor == nullptr || node == nullptr) return skip(step);
    auto request = request_of(step, *node, supervisor->actor.id());
    if (!request) return skip(step);
    calls_.push_back({&step, ask(supervisor->actor, std::move(*request))});
  }

  std::shared_ptr<Result<AnyMsg>> ask(const ActorRef& supervisor, SupervisorCall request) {
    auto slot = std::make_shared<Result<AnyMsg>>(fail(ErrorCode::kUnavailable, "no answer"));
    system_.request(supervisor, make_local<SupervisorRequest>(std::move(request)), Duration::zero(),
                    [slot](Result<AnyMsg> result) { *slot = std::move(result); });
    return slot;
  }

  std::optional<SupervisorCall> request_of(const ScenarioStep& step, const ScenarioSupervisor& node, ActorId life) {
    const bool dynamic = node.flags.strategy == Strategy::kSimpleOneForOne;
    switch (step.kind) {
      case Kind::kStartChild:
        if (dynamic == (step.spec != nullptr)) return std::nullopt;
        if (dynamic) return call::StartDynamicChild{world_.next_number(step.supervisor)};
        return call::StartChild{world_.child_below(step.supervisor, *step.spec, false)};
      case Kind::kTerminateChild: {
        if (!dynamic) return call::TerminateChild{step.child};
        const auto* child = world_.known(step.supervisor + "/" + step.child);
        if (child == nullptr || child->supervisor != life) return std::nullopt;
        return call::TerminateInstance{child->instance};
      }
      case Kind::kRestartChild:
        return call::RestartChild{step.child};
      case Kind::kDeleteChild:
        return call::DeleteChild{step.child};
      case Kind::kGetChildSpec:
        return call::GetChildSpec{step.child};
      case Kind::kWhichChildren:
        return call::WhichChildren{};
      default:
        return call::CountChildren{};
    }
  }

  std::string children_of(const std::string& supervisor, const CallReply& reply) {
    const ScenarioSupervisor* node = world_.supervisor(supervisor);
    const bool dynamic = node != nullptr && node->flags.strategy == Strategy::kSimpleOneForOne;
    std::string out = "[";
    for (const ChildInfo& info : reply.children) {
      std::string name = info.id;
      if (dynamic) name = info.state == ChildState::kRunning ? world_.path_of(supervisor, info.instance) : "?";
      out += (out.size() > 1 ? ",[" : "[") + quote_json(name) + "," + quote_json(to_string(info.state)) + "," +
             quote_json(to_string(info.type)) + "]";
    }
    return out + "]";
  }

  void answer(const Call& call) {
    const ScenarioStep& step = *call.step;
    std::vector<std::pair<std::string_view, std::string>> fields{{"call", quote_json(to_string(step.kind))},
                                                                 {"supervisor", quote_json(step.supervisor)}};
    if (!*call.answer) {
      fields.emplace_back("result", "\"noproc\"");
      return world_.emit("reply", fields);
    }
    const Local<SupervisorReply> message = Local<SupervisorReply>::from(**call.answer);
    const CallReply& reply = message->reply;
    fields.emplace_back("result", quote_json(to_string(reply.outcome)));
    if (reply.outcome == CallReply::Outcome::kOk) {
      add_answer(step, reply, fields);
    } else if (reply.outcome == CallReply::Outcome::kAlreadyStarted) {
      fields.emplace_back("child", quote_json(world_.path_of(step.supervisor, reply.instance)));
    } else if (reply.outcome == CallReply::Outcome::kStartFailed) {
      fields.emplace_back("reason", quote_json(to_string(reply.reason)));
    }
    world_.emit("reply", fields);
  }

  void add_answer(const ScenarioStep& step, const CallReply& reply,
                  std::vector<std::pair<std::string_view, std::string>>& fields) {
    switch (step.kind) {
      case Kind::kStartChild:
      case Kind::kRestartChild:
        fields.emplace_back("child", quote_json(world_.path_of(step.supervisor, reply.instance)));
        return;
      case Kind::kWhichChildren:
        fields.emplace_back("children", children_of(step.supervisor, reply));
        return;
      case Kind::kCountChildren:
        fields.emplace_back("specs", std::to_string(reply.counts.specs));
        fields.emplace_back("active", std::to_string(reply.counts.active));
        fields.emplace_back("supervisors", std::to_string(reply.counts.supervisors));
        fields.emplace_back("workers", std::to_string(reply.counts.workers));
        return;
      case Kind::kGetChildSpec: {
        const Shutdown shutdown = reply.spec->effective_shutdown();
        const bool timed = !shutdown.is_brutal_kill() && !shutdown.is_infinity();
        fields.emplace_back("restart", quote_json(to_string(reply.spec->restart)));
        fields.emplace_back("shutdown",
                            timed ? std::to_string(shutdown.deadline().count()) : quote_json(to_string(shutdown)));
        fields.emplace_back("type", quote_json(to_string(reply.spec->type)));
        fields.emplace_back("significant", reply.spec->significant ? "true" : "false");
        return;
      }
      default:
        return;
    }
  }

  /// The final tree: which_children of each supervisor that lives.
  void show_children(const std::string& path) {
    const auto* supervisor = world_.living(path);
    if (supervisor == nullptr) return;
    auto slot = ask(supervisor->actor, call::WhichChildren{});
    rest();
    if (!*slot) return;
    const Local<SupervisorReply> message = Local<SupervisorReply>::from(**slot);
    world_.emit("children", {{"supervisor", quote_json(path)}, {"children", children_of(path, message->reply)}});
    const auto& children = message->reply.children;
    for (auto it = children.rbegin(); it != children.rend(); ++it) {
      if (it->type == ChildType::kSupervisor && it->state == ChildState::kRunning) show_children(path + "/" + it->id);
    }
  }

  const Scenario& scenario_;
  ScenarioWorld world_;
  System system_;
  std::vector<Call> calls_;
  bool restless_ = false;
};

}  // namespace

Status run_scenario(const Scenario& scenario, std::uint64_t seed, const std::function<void(std::string_view)>& out) {
  Runner runner(scenario, seed, out);
  return runner.run();
}

}  // namespace troupe::kernel
