#include "actors/scheduler/placement.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <tuple>

namespace troupe::scheduler {
namespace {

// What a container without requests counts as in scores, so that such pods spread too.
constexpr std::int64_t kDefaultMilliCpu = 100;
constexpr std::int64_t kDefaultMemory = 200LL << 20;

std::int64_t amount(const Amounts& amounts, const std::string& resource) {
  const auto found = amounts.find(resource);
  return found == amounts.end() ? 0 : found->second;
}

std::optional<std::int64_t> integer(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

bool holds(const Requirement& requirement, const std::string* value) {
  const auto& values = requirement.values;
  const bool listed = value != nullptr && std::find(values.begin(), values.end(), *value) != values.end();
  if (requirement.op == "In") return listed;
  if (requirement.op == "NotIn") return !listed;
  if (requirement.op == "Exists") return value != nullptr;
  if (requirement.op == "DoesNotExist") return value == nullptr;
  if (value == nullptr || values.size() != 1) return false;
  const auto have = integer(*value);
  const auto want = integer(values.front());
  if (!have || !want) return false;
  return requirement.op == "Gt" ? *have > *want : requirement.op == "Lt" && *have < *want;
}

const std::string* label(const NodeInfo& node, const std::string& key) {
  const auto found = node.labels.find(key);
  return found == node.labels.end() ? nullptr : &found->second;
}

bool holds(const NodeTerm& term, const NodeInfo& node) {
  if (term.expressions.empty() && term.fields.empty()) return false;
  for (const auto& requirement : term.expressions) {
    if (!holds(requirement, label(node, requirement.key))) return false;
  }
  for (const auto& requirement : term.fields) {
    if (!holds(requirement, requirement.key == "metadata.name" ? &node.name : nullptr)) return false;
  }
  return true;
}

bool selected(const PodInfo& pod, const NodeInfo& node) {
  for (const auto& [key, value] : pod.selector) {
    const std::string* have = label(node, key);
    if (have == nullptr || *have != value) return false;
  }
  return !pod.affinity || matches(*pod.affinity, node);
}

bool collide(const HostPort& a, const HostPort& b) {
  const bool same_address = a.ip.empty() || b.ip.empty() || a.ip == b.ip;
  return a.port == b.port && a.protocol == b.protocol && same_address;
}

std::vector<std::string> shortages(const PodInfo& pod, const NodeState& node) {
  std::vector<std::string> out;
  const auto limit = node.info.allocatable.find("pods");
  if (limit != node.info.allocatable.end() && node.pods + 1 > limit->second) out.emplace_back("Too many pods");
  for (const auto& [resource, wanted] : pod.requests) {
    if (wanted <= 0) continue;
    if (wanted > amount(node.info.allocatable, resource) - amount(node.used, resource)) {
      out.push_back("Insufficient " + resource);
    }
  }
  return out;
}

std::int64_t free_share(std::int64_t capacity, std::int64_t used) {
  return capacity <= 0 || used >= capacity ? 0 : (capacity - used) * 100 / capacity;
}

/// "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable."
std::string failure(std::size_t nodes, const std::map<std::string, std::size_t>& reasons) {
  std::vector<std::string> parts;
  for (const auto& [reason, count] : reasons) parts.push_back(std::to_string(count) + " " + reason);
  std::sort(parts.begin(), parts.end());
  std::string text = "0/" + std::to_string(nodes) + " nodes are available: ";
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : ", ") + parts[i];
  return text + ".";
}

}  // namespace

void place(NodeState& node, const PodInfo& pod) {
  ++node.pods;
  for (const auto& [resource, wanted] : pod.requests) node.used[resource] += wanted;
  node.ports.insert(node.ports.end(), pod.ports.begin(), pod.ports.end());
}

void unplace(NodeState& node, const PodInfo& pod) {
  --node.pods;
  for (const auto& [resource, wanted] : pod.requests) node.used[resource] -= wanted;
  for (const auto& port : pod.ports) {
    const auto found = std::find(node.ports.begin(), node.ports.end(), port);
    if (found != node.ports.end()) node.ports.erase(found);
  }
}

bool matches(const std::vector<NodeTerm>& terms, const NodeInfo& node) {
  return std::any_of(terms.begin(), terms.end(), [&](const NodeTerm& term) { return holds(term, node); });
}

bool tolerates(const PodInfo& pod, const Taint& taint) {
  return std::any_of(pod.tolerations.begin(), pod.tolerations.end(), [&](const Toleration& toleration) {
    if (!toleration.effect.empty() && toleration.effect != taint.effect) return false;
    if (toleration.key.empty()) return toleration.exists;
    if (toleration.key != taint.key) return false;
    return toleration.exists || toleration.value == taint.value;
  });
}

std::vector<std::string> obstacles(const PodInfo& pod, const NodeState& node) {
  const Taint cordon{"node.kubernetes.io/unschedulable", "", "NoSchedule"};
  if (node.info.unschedulable && !tolerates(pod, cordon)) return {"node(s) were unschedulable"};
  for (const auto& taint : node.info.taints) {
    if (taint.effect == "PreferNoSchedule" || tolerates(pod, taint)) continue;
    return {"node(s) had untolerated taint {" + taint.key + ": " + taint.value + "}"};
  }
  if (!node.info.ready) return {"node(s) had untolerated taint {node.kubernetes.io/not-ready: }"};
  if (!selected(pod, node.info)) return {"node(s) didn't match Pod's node affinity/selector"};
  for (const auto& wanted : pod.ports) {
    for (const auto& taken : node.ports) {
      if (collide(wanted, taken)) return {"node(s) didn't have free ports for the requested pod ports"};
    }
  }
  return shortages(pod, node);
}

std::int64_t score(const PodInfo& pod, const NodeState& node) {
  const std::int64_t cpu = std::max(amount(pod.requests, "cpu"), kDefaultMilliCpu) + amount(node.used, "cpu");
  const std::int64_t memory = std::max(amount(pod.requests, "memory"), kDefaultMemory) + amount(node.used, "memory");
  const std::int64_t free_cpu = free_share(amount(node.info.allocatable, "cpu"), cpu);
  const std::int64_t free_memory = free_share(amount(node.info.allocatable, "memory"), memory);
  const std::int64_t least_allocated = (free_cpu + free_memory) / 2;
  const std::int64_t balanced = 100 - std::abs(free_cpu - free_memory);
  std::int64_t untainted = 100;
  for (const auto& taint : node.info.taints) {
    if (taint.effect == "PreferNoSchedule" && !tolerates(pod, taint)) untainted = 0;
  }
  return least_allocated + balanced + untainted;
}

Result<std::string> choose(const PodInfo& pod, const Snapshot& nodes) {
  if (nodes.empty()) return fail(ErrorCode::kUnavailable, "no nodes available to schedule pods");
  std::map<std::string, std::size_t> reasons;
  const NodeState* best = nullptr;
  std::tuple<std::int64_t, std::int64_t> best_rank;
  for (const auto& [name, node] : nodes) {
    const auto found = obstacles(pod, node);
    for (const auto& reason : found) ++reasons[reason];
    if (!found.empty()) continue;
    const std::tuple<std::int64_t, std::int64_t> rank{score(pod, node), -node.pods};
    if (best == nullptr || rank > best_rank) {
      best = &node;
      best_rank = rank;
    }
  }
  if (best == nullptr) return fail(ErrorCode::kUnavailable, failure(nodes.size(), reasons));
  return best->info.name;
}

}  // namespace troupe::scheduler
