// Scenarios from text. yaml-cpp reads JSON too, and knows the position of every value.
#include <yaml-cpp/yaml.h>

#include <array>
#include <set>

#include "kernel/exit_reason.hpp"
#include "kernel/scenario.hpp"

namespace troupe::kernel {

namespace {

using Kind = ScenarioStep::Kind;

constexpr std::array<std::pair<Kind, std::string_view>, 13> kKinds{{{Kind::kExit, "exit"},
                                                                    {Kind::kFailNext, "fail_next"},
                                                                    {Kind::kIgnoreNext, "ignore_next"},
                                                                    {Kind::kStartChild, "start_child"},
                                                                    {Kind::kTerminateChild, "terminate_child"},
                                                                    {Kind::kRestartChild, "restart_child"},
                                                                    {Kind::kDeleteChild, "delete_child"},
                                                                    {Kind::kWhichChildren, "which_children"},
                                                                    {Kind::kCountChildren, "count_children"},
                                                                    {Kind::kGetChildSpec, "get_childspec"},
                                                                    {Kind::kAdvance, "advance"},
                                                                    {Kind::kBurst, "burst"},
                                                                    {Kind::kStop, "stop"}}};

/// A mistake at a place; caught by parse_scenario, never leaves this file.
struct Mistake {
  YAML::Mark mark;
  std::string what;
};

[[noreturn]] void reject(const YAML::Node& at, std::string what) { throw Mistake{at.Mark(), std::move(what)}; }

/// A map whose keys are all known.
void check_map(const YAML::Node& node, std::string_view what, std::initializer_list<std::string_view> keys) {
  if (!node.IsMap()) reject(node, std::string(what) + " must be an object");
  std::set<std::string> seen;
  for (const auto& entry : node) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "?";
    bool known = false;
    for (std::string_view each : keys) known = known || each == key;
    if (!known) {
      std::string list;
      for (std::string_view each : keys) list += (list.empty() ? "" : ", ") + std::string(each);
      reject(entry.first, "'" + key + "' is not known in " + std::string(what) + "; there are: " + list);
    }
    if (!seen.insert(key).second) reject(entry.first, "'" + key + "' is there twice");
  }
}

std::string text_of(const YAML::Node& map, const char* key, std::string_view what) {
  const YAML::Node node = map[key];
  if (!node) reject(map, std::string(what) + " needs '" + key + "'");
  if (!node.IsScalar() || node.Scalar().empty()) reject(node, std::string("'") + key + "' must be text, not empty");
  return node.Scalar();
}

std::int64_t number_of(const YAML::Node& map, const char* key, std::int64_t otherwise, std::int64_t least) {
  const YAML::Node node = map[key];
  if (!node) return otherwise;
  std::int64_t value = 0;
  if (!node.IsScalar() || !YAML::convert<std::int64_t>::decode(node, value) || value < least || value > 1'000'000'000) {
    reject(node, std::string("'") + key + "' must be a whole number from " + std::to_string(least) + " to 1000000000");
  }
  return value;
}

template <class T>
T choice_of(const YAML::Node& map, const char* key, T otherwise, std::optional<T> (*parse)(std::string_view),
            std::string_view choices) {
  const YAML::Node node = map[key];
  if (!node) return otherwise;
  auto value = node.IsScalar() ? parse(node.Scalar()) : std::nullopt;
  if (!value) reject(node, std::string("'") + key + "' must be one of " + std::string(choices));
  return *value;
}

std::optional<Shutdown> shutdown_of(const YAML::Node& map) {
  const YAML::Node node = map["shutdown"];
  if (!node) return std::nullopt;
  if (node.IsScalar() && node.Scalar() == "brutal_kill") return Shutdown::brutal_kill();
  if (node.IsScalar() && node.Scalar() == "infinity") return Shutdown::infinity();
  std::int64_t ms = 0;
  if (!node.IsScalar() || !YAML::convert<std::int64_t>::decode(node, ms) || ms < 0 || ms > 1'000'000'000) {
    reject(node, "'shutdown' must be brutal_kill, infinity or a number of milliseconds");
  }
  return Shutdown::after(std::chrono::milliseconds(ms));
}

class Parser {
 public:
  ScenarioSupervisor supervisor(const YAML::Node& node, int depth) {
    check_map(node, "a supervisor", {"strategy", "intensity", "period", "auto_shutdown", "children"});
    if (depth > Scenario::kMaxDepth)
      reject(node, "too many levels, " + std::to_string(Scenario::kMaxDepth) + " allowed");
    ScenarioSupervisor result;
    result.flags.strategy = choice_of(node, "strategy", Strategy::kOneForOne, parse_strategy,
                                      "one_for_one, one_for_all, rest_for_one, simple_one_for_one");
    result.flags.intensity = static_cast<std::uint32_t>(number_of(node, "intensity", 1, 0));
    result.flags.period = std::chrono::seconds(number_of(node, "period", 5, 1));
    result.flags.auto_shutdown = choice_of(node, "auto_shutdown", AutoShutdown::kNever, parse_auto_shutdown,
                                           "never, any_significant, all_significant");
    std::vector<ChildSpec> specs;
    if (const YAML::Node children = node["children"]) {
      if (!children.IsSequence()) reject(children, "'children' must be a list");
      for (const auto& each : children) {
        result.children.push_back(child(each, depth));
        specs.push_back(spec_of(result.children.back()));
        if (auto status = check_child_spec(specs.back(), result.flags.auto_shutdown); !status) {
          reject(each, status.error().message);
        }
      }
    }
    if (auto status = check_child_specs(specs, result.flags); !status) reject(node, status.error().message);
    const bool dynamic = result.flags.strategy == Strategy::kSimpleOneForOne;
    if (dynamic && result.children.front().supervisor)
      reject(node, "the template of dynamic children must be a worker");
    return result;
  }

  ScenarioChild child(const YAML::Node& node, int depth) {
    check_map(node, "a child", {"id", "restart", "shutdown", "significant", "on_exit", "starts", "supervisor"});
    if (++children_ > Scenario::kMaxChildren) reject(node, "too many children");
    ScenarioChild result;
    result.id = text_of(node, "id", "a child");
    if (result.id.find('/') != std::string::npos) reject(node["id"], "an id must not contain '/'");
    result.restart = choice_of(node, "restart", Restart::kPermanent, parse_restart, "permanent, transient, temporary");
    result.shutdown = shutdown_of(node);
    if (const YAML::Node flag = node["significant"]) {
      if (!YAML::convert<bool>::decode(flag, result.significant)) reject(flag, "'significant' must be true or false");
    }
    if (node["on_exit"]) result.on_exit = text_of(node, "on_exit", "a child");
    if (const YAML::Node starts = node["starts"]) {
      if (!starts.IsSequence()) reject(starts, "'starts' must be a list of ok, ignore or a reason");
      for (const auto& each : starts) {
        if (!each.IsScalar()) reject(each, "a start must be ok, ignore or a reason");
        result.starts.push_back(each.Scalar());
      }
    }
    if (const YAML::Node below = node["supervisor"]) {
      if (node["on_exit"] || node["starts"])
        reject(node, "a supervisor has neither on_exit nor starts: its children do");
      result.supervisor = std::make_shared<const ScenarioSupervisor>(supervisor(below, depth + 1));
    }
    return result;
  }

  std::vector<ScenarioStep> steps(const YAML::Node& node, const std::string& burst) {
    if (!node.IsSequence()) reject(node, "'steps' must be a list");
    std::vector<ScenarioStep> result;
    for (const auto& each : node) {
      if (++steps_ > Scenario::kMaxSteps) reject(each, "too many steps");
      result.push_back(step(each, burst));
    }
    return result;
  }

 private:
  static ChildSpec spec_of(const ScenarioChild& child) {
    ChildSpec spec;
    spec.id = child.id;
    spec.start = std::make_shared<const ChildFactory>();
    spec.restart = child.restart;
    spec.type = child.supervisor ? ChildType::kSupervisor : ChildType::kWorker;
    spec.shutdown = child.shutdown;
    spec.significant = child.significant;
    return spec;
  }

  ScenarioStep step(const YAML::Node& node, const std::string& burst) {
    if (!node.IsMap()) reject(node, "a step must be an object");
    const std::string name = text_of(node, "do", "a step");
    ScenarioStep result;
    bool known = false;
    for (const auto& [kind, each] : kKinds) {
      if (each == name) {
        result.kind = kind;
        known = true;
      }
    }
    if (!known) reject(node["do"], "no step is called '" + name + "'");
    fill(node, result);
    if (!burst.empty()) check_inside(node, result, burst);
    return result;
  }

  void fill(const YAML::Node& node, ScenarioStep& step) {
    switch (step.kind) {
      case Kind::kExit:
        check_map(node, "exit", {"do", "child", "reason"});
        step.child = text_of(node, "child", "exit");
        step.reason = text_of(node, "reason", "exit");
        return;
      case Kind::kFailNext:
        check_map(node, "fail_next", {"do", "child", "reason", "times"});
        step.child = text_of(node, "child", "fail_next");
        step.reason = node["reason"] ? text_of(node, "reason", "fail_next") : "error: failed";
        step.times = static_cast<int>(number_of(node, "times", 1, 1));
        break;
      case Kind::kIgnoreNext:
        check_map(node, "ignore_next", {"do", "child", "times"});
        step.child = text_of(node, "child", "ignore_next");
        step.times = static_cast<int>(number_of(node, "times", 1, 1));
        break;
      case Kind::kStartChild:
        check_map(node, "start_child", {"do", "supervisor", "spec"});
        step.supervisor = text_of(node, "supervisor", "start_child");
        if (node["spec"]) step.spec = std::make_shared<const ScenarioChild>(child(node["spec"], 1));
        return;
      case Kind::kTerminateChild:
      case Kind::kRestartChild:
      case Kind::kDeleteChild:
      case Kind::kGetChildSpec:
        check_map(node, "a call", {"do", "supervisor", "child"});
        step.supervisor = text_of(node, "supervisor", "a call");
        step.child = text_of(node, "child", "a call");
        return;
      case Kind::kWhichChildren:
      case Kind::kCountChildren:
        check_map(node, "a call", {"do", "supervisor"});
        step.supervisor = text_of(node, "supervisor", "a call");
        return;
      case Kind::kAdvance:
        check_map(node, "advance", {"do", "seconds"});
        step.seconds = number_of(node, "seconds", 1, 0);
        return;
      case Kind::kBurst:
        check_map(node, "burst", {"do", "supervisor", "steps"});
        step.supervisor = text_of(node, "supervisor", "burst");
        if (!node["steps"]) reject(node, "burst needs 'steps'");
        step.steps = steps(node["steps"], step.supervisor);
        return;
      case Kind::kStop:
        check_map(node, "stop", {"do"});
        return;
    }
    if (step.times > 1000) reject(node["times"], "'times' must be at most 1000");
  }

  /// In a burst the supervisor does not move, so nothing may wait for it.
  static void check_inside(const YAML::Node& node, const ScenarioStep& step, const std::string& burst) {
    const bool own_child =
        step.child.starts_with(burst + "/") && step.child.find('/', burst.size() + 1) == std::string::npos;
    const bool fits = step.kind == Kind::kExit || step.kind == Kind::kFailNext || step.kind == Kind::kIgnoreNext
                          ? own_child
                          : step.supervisor == burst && step.kind != Kind::kBurst;
    if (!fits) reject(node, "a burst holds only ends of children of " + burst + " and calls to it");
  }

  std::size_t children_ = 0;
  std::size_t steps_ = 0;
};

Error at(const YAML::Mark& mark, const std::string& what) {
  if (mark.is_null()) return Error(ErrorCode::kInvalidArgument, what);
  return Error(ErrorCode::kInvalidArgument,
               std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1) + ": " + what);
}

}  // namespace

std::string_view to_string(ScenarioStep::Kind kind) {
  for (const auto& [each, name] : kKinds) {
    if (each == kind) return name;
  }
  return "?";
}

Result<Scenario> parse_scenario(std::string_view text) {
  if (text.size() > Scenario::kMaxBytes) {
    return fail(ErrorCode::kTooLarge, "a scenario may have " + std::to_string(Scenario::kMaxBytes) + " bytes");
  }
  try {
    const YAML::Node node = YAML::Load(std::string(text));
    check_map(node, "a scenario", {"name", "tree", "steps"});
    Parser parser;
    Scenario scenario;
    if (node["name"]) scenario.name = text_of(node, "name", "a scenario");
    if (!node["tree"]) reject(node, "a scenario needs 'tree', the root supervisor");
    scenario.tree = parser.supervisor(node["tree"], 1);
    if (node["steps"]) scenario.steps = parser.steps(node["steps"], "");
    return scenario;
  } catch (const Mistake& mistake) {
    return fail(at(mistake.mark, mistake.what));
  } catch (const YAML::Exception& e) {
    return fail(at(e.mark, e.msg));
  }
}

}  // namespace troupe::kernel
