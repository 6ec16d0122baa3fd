#include "actors/controllers/disruption.hpp"

#include <algorithm>

namespace troupe::controllers {
namespace {

/// What the pods' controllers want together; a pod without one counts for itself.
std::int32_t wanted_by_controllers(const std::vector<GuardedPod>& pods) {
  std::map<std::string, std::int32_t> scales;
  std::int32_t sum = 0;
  for (const GuardedPod& pod : pods) {
    if (pod.scale) {
      scales[pod.controller] = *pod.scale;
    } else {
      ++sum;
    }
  }
  for (const auto& [controller, scale] : scales) sum += scale;
  return sum;
}

void expect(const BudgetView& budget, const std::vector<GuardedPod>& pods, BudgetStatus& status) {
  status.expected = static_cast<std::int32_t>(pods.size());
  if (budget.max_unavailable) {
    status.expected = wanted_by_controllers(pods);
    status.desired_healthy = std::max(0, status.expected - budget.max_unavailable->of(status.expected, true));
  } else if (budget.min_available && budget.min_available->percent) {
    status.expected = wanted_by_controllers(pods);
    status.desired_healthy = budget.min_available->of(status.expected, true);
  } else if (budget.min_available) {
    status.desired_healthy = budget.min_available->value;
  }
}

}  // namespace

BudgetPlan plan_budget(const BudgetView& budget, const std::vector<GuardedPod>& pods, std::int64_t now) {
  BudgetPlan plan;
  BudgetStatus& status = plan.status;
  status.observed_generation = budget.generation;
  expect(budget, pods, status);
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
