#include "daemon/status_page.hpp"

#include <map>
#include <utility>

#include "api/error.hpp"
#include "daemon/object_internal.hpp"

namespace troupe::daemon {
namespace {

struct PodCounts {
  std::int64_t total = 0;
  std::int64_t ready = 0;
  std::int64_t restarts = 0;
  std::map<std::string, std::int64_t> phases;
};

struct NodeLine {
  std::string name;
  bool ready = false;
  bool schedulable = true;
};

void count(core::Pod::Reader pod, PodCounts& counts) {
  const auto status = pod.getStatus();
  const std::string phase = text(status.getPhase());
  ++counts.total;
  ++counts.phases[phase.empty() ? "Pending" : phase];
  for (auto condition : status.getConditions()) {
    if (condition.getType() == "Ready" && condition.getStatus() == "True") ++counts.ready;
  }
  for (auto container : status.getContainerStatuses()) counts.restarts += container.getRestartCount();
  for (auto container : status.getInitContainerStatuses()) counts.restarts += container.getRestartCount();
}

NodeLine line_of(core::Node::Reader node) {
  NodeLine line{text(node.getMetadata().getName()), false, !node.getSpec().getUnschedulable()};
  for (auto condition : node.getStatus().getConditions()) {
    if (condition.getType() == "Ready") line.ready = condition.getStatus() == "True";
  }
  return line;
}

void member(std::string& out, std::string_view name, std::string_view value) {
  if (!out.empty() && out.back() != '{') out += ',';
  api::append_json_string(out, name);
  out += ':';
  api::append_json_string(out, value);
}

void member(std::string& out, std::string_view name, std::int64_t value) {
  if (!out.empty() && out.back() != '{') out += ',';
  api::append_json_string(out, name);
  out += ':';
  out += std::to_string(value);
}

void append_store(std::string& out, const storage::StoreStats& stats) {
  out += ",\"store\":{";
  member(out, "revision", static_cast<std::int64_t>(stats.revision));
  member(out, "compactedRevision", static_cast<std::int64_t>(stats.compacted));
  member(out, "objects", static_cast<std::int64_t>(stats.objects));
  member(out, "bytes", static_cast<std::int64_t>(stats.bytes));
  member(out, "logBytes", static_cast<std::int64_t>(stats.log_bytes));
  member(out, "stateBytes", static_cast<std::int64_t>(stats.state_bytes));
  member(out, "watchers", static_cast<std::int64_t>(stats.watchers));
  out += '}';
}

}  // namespace

Result<std::string> status_page(const Objects& objects, const StatusFacts& facts,
                                std::chrono::system_clock::time_point now) {
  using std::chrono::milliseconds;
  PodCounts pods;
  std::vector<NodeLine> nodes;
  if (auto read =
          each_object<core::Pod>(objects, objects.resource("", "v1", "pods"), [&](auto pod) { count(pod, pods); });
      !read) {
    return fail(read.error());
  }
  if (auto read = each_object<core::Node>(objects, objects.resource("", "v1", "nodes"),
                                          [&](auto node) { nodes.push_back(line_of(node)); });
      !read) {
    return fail(read.error());
  }
  std::string out = "{";
  member(out, "version", facts.version);
  member(out, "address", facts.address);
  member(out, "uptimeMilliseconds", std::chrono::duration_cast<milliseconds>(now - facts.started).count());
  out += ",\"nodes\":[";
  for (const NodeLine& node : nodes) {
    if (out.back() == '}') out += ',';
    out += '{';
    member(out, "name", node.name);
    out += node.ready ? ",\"ready\":true" : ",\"ready\":false";
    out += node.schedulable ? ",\"schedulable\":true}" : ",\"schedulable\":false}";
  }
  out += "],\"pods\":{";
  member(out, "total", pods.total);
  member(out, "ready", pods.ready);
  member(out, "restarts", pods.restarts);
  out += ",\"phases\":{";
  for (const auto& [phase, number] : pods.phases) member(out, phase, number);
  out += "}}";
  append_store(out, objects.store().stats());
  out += '}';
  return out;
}

}  // namespace troupe::daemon
