#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

#include "api/selectors.hpp"
#include "api/table.hpp"
#include "api/table_parts.hpp"
#include "schema/codec/time.hpp"

// The columns of pods: what keeps a pod from running, in one word.
namespace troupe::api::cells {

using schema::Node;

namespace {

/// How often containers were started again, and when the last one ended before that (seconds of Unix time, 0 unknown).
struct Restarts {
  std::int64_t count = 0;
  std::int64_t last = 0;

  void add(const Node& status) {
    count += number_at(status, "restartCount");
    const auto ended = schema::parse_time(text_at(status, "lastState.terminated.finishedAt"));
    if (ended) last = std::max(last, ended->seconds);
  }
};

struct Summary {
  std::string status;
  Restarts restarts;
  std::size_t ready = 0;
  std::size_t total = 0;
};

std::string ended_reason(const Node& ended) {
  std::string reason = text_at(ended, "reason");
  if (!reason.empty()) return reason;
  const auto signal = number_at(ended, "signal");
  return signal != 0 ? "Signal:" + std::to_string(signal) : "ExitCode:" + std::to_string(number_at(ended, "exitCode"));
}

bool is_sidecar(const Node& pod, std::string_view name) {
  for (const Node& container : items_at(pod, "spec.initContainers")) {
    if (text_at(container, "name") == name) return text_at(container, "restartPolicy") == "Always";
  }
  return false;
}

/// What the init container number `at` keeps the pod waiting for, or "" when it is done or is a sidecar that runs.
std::string init_reason(const Node& pod, const Node& status, std::size_t at, bool sidecar) {
  const Node* ended = node_at(status, "state.terminated");
  if (ended != nullptr && number_at(*ended, "exitCode") == 0) return {};
  if (sidecar && is_true_at(status, "started")) return {};
  if (ended != nullptr) return "Init:" + ended_reason(*ended);
  const std::string waiting = text_at(status, "state.waiting.reason");
  if (!waiting.empty() && waiting != "PodInitializing") return "Init:" + waiting;
  return "Init:" + std::to_string(at) + "/" + std::to_string(count_at(pod, "spec.initContainers"));
}

/// True when the pod still waits for one of its init containers. `sidecars` are the restarts that stay counted later.
bool read_init_containers(const Node& pod, Summary& summary, Restarts& sidecars) {
  for (const Node& container : items_at(pod, "spec.initContainers")) {
    if (text_at(container, "restartPolicy") == "Always") ++summary.total;
  }
  const auto all = items_at(pod, "status.initContainerStatuses");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool sidecar = is_sidecar(pod, text_at(all[i], "name"));
    summary.restarts.add(all[i]);
    if (sidecar) sidecars.add(all[i]);
    const std::string reason = init_reason(pod, all[i], i, sidecar);
    if (!reason.empty()) {
      summary.status = reason;
      return true;
    }
    if (sidecar && node_at(all[i], "state.terminated") == nullptr && is_true_at(all[i], "ready")) ++summary.ready;
  }
  return false;
}

void read_containers(const Node& pod, Summary& summary) {
  bool running = false;
  const auto containers = items_at(pod, "status.containerStatuses");
  for (auto it = containers.rbegin(); it != containers.rend(); ++it) {
    summary.restarts.add(*it);
    const std::string waiting = text_at(*it, "state.waiting.reason");
    if (!waiting.empty()) {
      summary.status = waiting;
    } else if (const Node* ended = node_at(*it, "state.terminated")) {
      summary.status = ended_reason(*ended);
    } else if (is_true_at(*it, "ready") && node_at(*it, "state.running") != nullptr) {
      running = true;
      ++summary.ready;
    }
  }
  if (summary.status == "Completed" && running) {
    summary.status = condition(pod, "Ready") == "True" ? "Running" : "NotReady";
  }
}

Summary summarize(const Node& pod) {
  Summary summary;
  const std::string phase = text_at(pod, "status.phase");
  summary.total = count_at(pod, "spec.containers");
  summary.status = text_or(text_at(pod, "status.reason"), phase);
  for (const Node& gate : items_at(pod, "status.conditions")) {
    if (text_at(gate, "type") == "PodScheduled" && text_at(gate, "reason") == "SchedulingGated") {
      summary.status = "SchedulingGated";
    }
  }
  Restarts sidecars;
  const bool initializing = read_init_containers(pod, summary, sidecars);
  if (!initializing || condition(pod, "Initialized") == "True") {
    summary.restarts = sidecars;
    read_containers(pod, summary);
  }
  if (is_going(pod) && text_at(pod, "status.reason") == "NodeLost") {
    summary.status = "Unknown";
  } else if (is_going(pod) && phase != "Succeeded" && phase != "Failed") {
    summary.status = "Terminating";
  }
  return summary;
}

std::string restarts_text(const Restarts& restarts, Time now) {
  std::string text = std::to_string(restarts.count);
  if (restarts.count == 0 || restarts.last == 0) return text;
  const auto since = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count() - restarts.last;
  return text + " (" + human_duration(std::chrono::seconds(since)) + " ago)";
}

}  // namespace

std::string pod_cell(std::string_view column, const Node& pod, Time now) {
  if (column == "Ready") {
    const Summary summary = summarize(pod);
    return std::to_string(summary.ready) + "/" + std::to_string(summary.total);
  }
  if (column == "Status") return summarize(pod).status;
  if (column == "Restarts") return restarts_text(summarize(pod).restarts, now);
  if (column == "IP") return text_or(text_at(pod, "status.podIP"), "<none>");
  if (column == "Node") return text_or(text_at(pod, "spec.nodeName"), "<none>");
  if (column == "Nominated Node") return text_or(text_at(pod, "status.nominatedNodeName"), "<none>");
  if (column == "Readiness Gates") {
    const auto gates = items_at(pod, "spec.readinessGates");
    if (gates.empty()) return "<none>";
    std::map<std::string, bool> shown;  // of several conditions of a type the first counts
    for (const Node& each : items_at(pod, "status.conditions")) {
      shown.emplace(text_at(each, "type"), text_at(each, "status") == "True");
    }
    const auto passed = std::count_if(gates.begin(), gates.end(),
                                      [&](const Node& gate) { return shown[text_at(gate, "conditionType")]; });
    return std::to_string(passed) + "/" + std::to_string(gates.size());
  }
  return {};
}

}  // namespace troupe::api::cells
