// Scenarios to text.
#include "kernel/scenario.hpp"

namespace troupe::kernel {

std::string quote_json(std::string_view text) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out += "\\u00";
      out += kHex[static_cast<unsigned char>(c) >> 4];
      out += kHex[static_cast<unsigned char>(c) & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

namespace {

void field(std::string& out, std::string_view key, const std::string& value) {
  if (out.back() != '{') out += ',';
  out += quote_json(key) + ":" + value;
}

template <class T, class F>
std::string list_of(const std::vector<T>& values, F each) {
  std::string out = "[";
  for (const T& value : values) {
    if (out.size() > 1) out += ',';
    out += each(value);
  }
  return out + "]";
}

std::string json_of(const ScenarioSupervisor& supervisor);

std::string json_of(const ScenarioChild& child) {
  std::string out = "{";
  field(out, "id", quote_json(child.id));
  field(out, "restart", quote_json(to_string(child.restart)));
  if (child.shutdown) {
    const bool timed = !child.shutdown->is_brutal_kill() && !child.shutdown->is_infinity();
    field(out, "shutdown",
          timed ? std::to_string(child.shutdown->deadline().count()) : quote_json(to_string(*child.shutdown)));
  }
  if (child.significant) field(out, "significant", "true");
  if (child.on_exit != "obey") field(out, "on_exit", quote_json(child.on_exit));
  if (!child.starts.empty()) field(out, "starts", list_of(child.starts, [](const auto& s) { return quote_json(s); }));
  if (child.supervisor) field(out, "supervisor", json_of(*child.supervisor));
  return out + "}";
}

std::string json_of(const ScenarioSupervisor& supervisor) {
  std::string out = "{";
  const auto& flags = supervisor.flags;
  field(out, "strategy", quote_json(to_string(flags.strategy)));
  field(out, "intensity", std::to_string(flags.intensity));
  field(out, "period", std::to_string(std::chrono::duration_cast<std::chrono::seconds>(flags.period).count()));
  field(out, "auto_shutdown", quote_json(to_string(flags.auto_shutdown)));
  field(out, "children", list_of(supervisor.children, [](const auto& child) { return json_of(child); }));
  return out + "}";
}

std::string json_of(const ScenarioStep& step) {
  std::string out = "{";
  field(out, "do", quote_json(to_string(step.kind)));
  if (!step.supervisor.empty()) field(out, "supervisor", quote_json(step.supervisor));
  if (!step.child.empty()) field(out, "child", quote_json(step.child));
  if (!step.reason.empty()) field(out, "reason", quote_json(step.reason));
  if (step.times != 1) field(out, "times", std::to_string(step.times));
  if (step.kind == ScenarioStep::Kind::kAdvance) field(out, "seconds", std::to_string(step.seconds));
  if (step.spec) field(out, "spec", json_of(*step.spec));
  if (step.kind == ScenarioStep::Kind::kBurst) {
    field(out, "steps", list_of(step.steps, [](const auto& each) { return json_of(each); }));
  }
  return out + "}";
}

}  // namespace

std::string to_json(const Scenario& scenario) {
  std::string out = "{";
  if (!scenario.name.empty()) field(out, "name", quote_json(scenario.name));
  field(out, "tree", json_of(scenario.tree));
  field(out, "steps", list_of(scenario.steps, [](const auto& step) { return json_of(step); }));
  return out + "}";
}

}  // namespace troupe::kernel
