#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "actors/controllers/deployment.hpp"
#include "actors/controllers/reconciler.hpp"
#include "actors/controllers/replicaset.hpp"

/// How many of a PodDisruptionBudget's pods may be evicted now.
namespace troupe::controllers {

struct BudgetStatus {
  std::int64_t observed_generation = 0;
  std::map<std::string, std::int64_t> disrupted;  ///< Evictions that are under way: pod name to Unix seconds.
  std::int32_t allowed = 0;
  std::int32_t current_healthy = 0;
  std::int32_t desired_healthy = 0;
  std::int32_t expected = 0;

  friend bool operator==(const BudgetStatus&, const BudgetStatus&) = default;
};

struct BudgetView {
  std::int64_t generation = 0;
  std::optional<Share> min_available;
  std::optional<Share> max_unavailable;
  bool selects = false;  ///< It has a selector; without one it has no pods.
  Selector selector;
  BudgetStatus status;
};

/// A pod that the budget selects. `controller`: the uid of its controller, empty for nobody's pod. `scale`: how many
/// pods that wants; none where it is not of a kind that is known here.
struct GuardedPod {
  std::string name;
  bool deleting = false;
  bool ready = false;
  std::string controller;
  std::optional<std::int32_t> scale;
};

struct BudgetPlan {
  BudgetStatus status;
  std::string fault;                    ///< Why the budget cannot be computed, so that nothing is allowed; else empty.
  std::optional<std::int64_t> wake_at;  ///< Unix seconds: when an eviction that did not delete its pod is forgotten.
};

/// How long an eviction counts whose pod is not deleted yet.
inline constexpr std::int64_t kEvictionSeconds = 120;

/// `now` in Unix seconds.
BudgetPlan plan_budget(const BudgetView& budget, const std::vector<GuardedPod>& pods, std::int64_t now);

/// An actor a PodDisruptionBudget.
ControlledKind disruption_budgets();

}  // namespace troupe::controllers
