#include "actors/controllers/disruption.hpp"

#include <algorithm>

namespace troupe::controllers {
namespace {

/// What the pods' controllers want together; nobody's pods are not expected. Nothing, and `fault`, where that is not
/// known of one.
std::optional<std::int32_t> wanted_by_controllers(const std::vector<GuardedPod>& pods, std::string& fault) {
  std::map<std::string, std::int32_t> scales;
  for (const GuardedPod& pod : pods) {
    if (pod.controller.empty()) continue;
    if (!pod.scale) {
      fault = "found no controllers for pod \"" + pod.name + "\"";
      return std::nullopt;
    }
    scales[pod.controller] = *pod.scale;
  }
  std::int32_t sum = 0;
  for (const auto& [controller, scale] : scales) sum += scale;
  return sum;
}

/// False where it cannot be told.
bool expect(const BudgetView& budget, const std::vector<GuardedPod>& pods, BudgetPlan& plan) {
  BudgetStatus& status = plan.status;
  const bool by_controllers = budget.max_unavailable || (budget.min_available && budget.min_available->percent);
  status.expected = static_cast<std::int32_t>(pods.size());
  if (by_controllers) {
    const auto wanted = wanted_by_controllers(pods, plan.fault);
    if (!wanted) return false;
    status.expected = *wanted;
  }
  if (budget.max_unavailable) {
    status.desired_healthy = std::max(0, status.expected - budget.max_unavailable->of(status.expected, true));
  } else if (budget.min_available) {
    status.desired_healthy =
        by_controllers ? budget.min_available->of(status.expected, true) : budget.min_available->value;
  }
  return true;
}

}  // namespace

BudgetPlan plan_budget(const BudgetView& budget, const std::vector<GuardedPod>& pods, std::int64_t now) {
  BudgetPlan plan;
  BudgetStatus& status = plan.status;
  status.observed_generation = budget.generation;
  if (!expect(budget, pods, plan)) {
    status = budget.status;
    status.allowed = 0;
    return plan;
  }
  for (const GuardedPod& pod : pods) {
    const auto evicted = budget.status.disrupted.find(pod.name);
    if (pod.deleting) continue;
    if (evicted != budget.status.disrupted.end() && now <= evicted->second + kEvictionSeconds) {
      status.disrupted.insert(*evicted);
      const std::int64_t over = evicted->second + kEvictionSeconds + 1;
      plan.wake_at = std::min(plan.wake_at.value_or(over), over);
      continue;
    }
    if (pod.ready) ++status.current_healthy;
  }
  status.allowed = status.expected > 0 ? std::max(0, status.current_healthy - status.desired_healthy) : 0;
  return plan;
}

}  // namespace troupe::controllers
