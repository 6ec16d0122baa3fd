#include "kernel/scenario_world.hpp"

namespace troupe::kernel {

namespace {

/// A child with a script: how its starts end, what it does when asked to end.
class ScenarioWorker final : public Actor {
 public:
  ScenarioWorker(ScenarioWorld& world, std::string path, std::string on_exit)
      : world_(world), path_(std::move(path)), on_exit_(std::move(on_exit)) {}

 protected:
  Status init() override {
    const std::string outcome = world_.next_start(path_);
    if (outcome == "ignore") {
      ignore_start();
    } else if (outcome != "ok") {
      quit(parse_exit_reason(outcome));
    }
    return {};
  }

  bool receive(Envelope& envelope) override {
    return match(envelope, [&](const Local<ScenarioExit>& exit) { quit(exit->reason); });
  }

  void on_exit_request(const ExitRequest& request) override {
    if (on_exit_ == "ignore") return;
    quit(on_exit_ == "obey" ? request.reason : parse_exit_reason(on_exit_));
  }

 private:
  ScenarioWorld& world_;
  const std::string path_;
  const std::string on_exit_;
};

}  // namespace

ScenarioWorld::ScenarioWorld(const Scenario& scenario, std::function<void(std::string_view)> out)
    : out_(std::move(out)), tree_(scenario.tree) {}

SupervisorSpec ScenarioWorld::root() { return below("root", tree_); }

SupervisorSpec ScenarioWorld::below(const std::string& path, const ScenarioSupervisor& node) {
  supervisors_[path] = &node;
  SupervisorSpec spec;
  spec.name = path;
  spec.flags = node.flags;
  const bool dynamic = node.flags.strategy == Strategy::kSimpleOneForOne;
  for (const ScenarioChild& child : node.children) spec.children.push_back(child_below(path, child, dynamic));
  return spec;
}

ChildSpec ScenarioWorld::child_below(const std::string& path, const ScenarioChild& child, bool is_template) {
  const std::string own = path + "/" + child.id;
  if (!child.starts.empty() && !starts_.contains(own)) starts_[own] = {child.starts.begin(), child.starts.end()};
  Child built(child.id);
  built.restart(child.restart).significant(child.significant);
  if (child.shutdown) built.shutdown(*child.shutdown);
  if (child.supervisor) {
    built.supervises(below(own, *child.supervisor));
    return built;
  }
  if (!is_template) {
    built.made_by([this, own, on_exit = child.on_exit](const std::any&) -> std::unique_ptr<Actor> {
      return std::make_unique<ScenarioWorker>(*this, own, on_exit);
    });
    return built;
  }
  built.made_by([this, path, on_exit = child.on_exit](const std::any& number) -> std::unique_ptr<Actor> {
    return std::make_unique<ScenarioWorker>(*this, path + "/" + std::any_cast<const std::string&>(number), on_exit);
  });
  built.spawn_with([path](const std::any& number) {
    SpawnOptions options;
    options.name = path + "/" + std::any_cast<const std::string&>(number);
    return options;
  });
  return built;
}

void ScenarioWorld::more_starts(const std::string& path, int times, const std::string& outcome) {
  auto& starts = starts_[path];
  starts.insert(starts.end(), static_cast<std::size_t>(times), outcome);
}

std::string ScenarioWorld::next_start(const std::string& path) {
  auto it = starts_.find(path);
  if (it == starts_.end() || it->second.empty()) return "ok";
  std::string outcome = std::move(it->second.front());
  it->second.pop_front();
  return outcome;
}

const ScenarioWorld::Known* ScenarioWorld::known(const std::string& path) const {
  auto it = known_.find(path);
  return it == known_.end() ? nullptr : &it->second;
}

const ScenarioWorld::Known* ScenarioWorld::living(const std::string& path) const {
  const Known* found = known(path);
  return found != nullptr && found->actor.alive() ? found : nullptr;
}

const ScenarioSupervisor* ScenarioWorld::supervisor(const std::string& path) const {
  auto it = supervisors_.find(path);
  return it == supervisors_.end() ? nullptr : it->second;
}

std::string ScenarioWorld::path_of(const std::string& supervisor, Instance instance) const {
  if (instance == 0) return "";
  auto it = paths_.find({supervisor, instance});
  return it == paths_.end() ? "?" : it->second;
}

void ScenarioWorld::emit(std::string_view event, const std::vector<std::pair<std::string_view, std::string>>& fields) {
  if (muted_) return;
  std::string line = "{\"step\":" + std::to_string(step_) + ",\"event\":" + quote_json(event);
  for (const auto& [name, value] : fields) line += "," + quote_json(name) + ":" + value;
  out_(line + "}");
}

SupervisionObserver ScenarioWorld::observer() {
  return [this](const SupervisionEvent& event) { on_event(event); };
}

void ScenarioWorld::on_event(const SupervisionEvent& event) {
  using Kind = SupervisionEvent::Kind;
  const std::string child = quote_json(event.child);
  const std::string reason = quote_json(to_string(event.reason));
  switch (event.kind) {
    case Kind::kStarted:
      known_[event.child] = {event.actor, event.supervisor_id, event.instance};
      paths_[{event.supervisor, event.instance}] = event.child;
      return emit("start", {{"child", child}});
    case Kind::kIgnored:
      return emit("ignore", {{"child", child}});
    case Kind::kStartFailed:
      return emit("start_failed", {{"child", child}, {"reason", reason}});
    case Kind::kStopAsked:
      return emit("stop", {{"child", child}});
    case Kind::kKill:
      return emit("kill", {{"child", child}});
    case Kind::kExited:
      return emit("exit", {{"child", child}, {"reason", reason}});
    case Kind::kReport: {
      const std::string kind = quote_json(to_string(event.report->kind));
      const std::string path = quote_json(event.supervisor + "/" + event.id);
      if (event.report->kind == effect::Report::Kind::kGaveUp) return emit("report", {{"kind", kind}, {"child", path}});
      return emit("report", {{"kind", kind}, {"child", path}, {"reason", reason}});
    }
  }
}

}  // namespace troupe::kernel
