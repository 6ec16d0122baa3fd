#include <algorithm>
#include <map>
#include <utility>

#include "actors/controllers/convert.hpp"
#include "actors/controllers/disruption.hpp"
#include "actors/controllers/read_internal.hpp"
#include "schema/policy_v1.capnp.h"

namespace troupe::controllers {
namespace {

namespace policy = k8s::policy::v1;

constexpr const char* kBudgets = "poddisruptionbudgets.policy";
constexpr const char* kSets = "replicasets.apps";
constexpr const char* kDeployments = "deployments.apps";

BudgetStatus status_of(policy::PodDisruptionBudgetStatus::Reader from) {
  BudgetStatus out;
  out.observed_generation = from.getObservedGeneration();
  for (auto entry : from.getDisruptedPods()) out.disrupted[text(entry.getKey())] = entry.getValue();
  out.allowed = from.getDisruptionsAllowed();
  out.current_healthy = from.getCurrentHealthy();
  out.desired_healthy = from.getDesiredHealthy();
  out.expected = from.getExpectedPods();
  return out;
}

Result<BudgetView> read_budget(SegmentView segment) {
  using Budget = policy::PodDisruptionBudget;
  return with_object<Budget>(segment, [](Budget::Reader from) -> Result<BudgetView> {
    BudgetView out;
    const auto spec = from.getSpec();
    out.generation = from.getMetadata().getGeneration();
    if (spec.hasMinAvailable()) out.min_available = share_of(spec.getMinAvailable());
    if (spec.hasMaxUnavailable()) out.max_unavailable = share_of(spec.getMaxUnavailable());
    out.selects = spec.hasSelector();
    if (out.selects) out.selector = selector_of(spec.getSelector());
    out.status = status_of(from.getStatus());
    return out;
  });
}

/// DisruptionAllowed, as the API's conventions have conditions. True when it changed.
bool set_condition(policy::PodDisruptionBudgetStatus::Builder status, const BudgetPlan& plan, std::int64_t now) {
  const BudgetStatus& wanted = plan.status;
  const char* value = wanted.allowed > 0 ? "True" : "False";
  const char* reason = !plan.fault.empty() ? "SyncFailed" : wanted.allowed > 0 ? "SufficientPods" : "InsufficientPods";
  for (auto condition : status.getConditions()) {
    if (condition.getType() != "DisruptionAllowed") continue;
    const bool same_status = condition.getStatus() == value;
    const bool same_reason = condition.getReason() == reason && condition.getMessage() == plan.fault.c_str();
    if (same_status && same_reason && condition.getObservedGeneration() == wanted.observed_generation) return false;
    if (!same_status) condition.setLastTransitionTime(now);
    condition.setStatus(value);
    condition.setReason(reason);
    condition.setMessage(plan.fault);
    condition.setObservedGeneration(wanted.observed_generation);
    return true;
  }
  auto condition = status.initConditions(1)[0];
  condition.setType("DisruptionAllowed");
  condition.setStatus(value);
  condition.setReason(reason);
  condition.setMessage(plan.fault);
  condition.setObservedGeneration(wanted.observed_generation);
  condition.setLastTransitionTime(now);
  condition.setHasLastTransitionTime(true);
  return true;
}

/// An eviction that came in between is kept: its count is the API's until we have seen it.
Result<std::optional<Segment>> with_budget_status(SegmentView segment, const BudgetStatus& seen, const BudgetPlan& plan,
                                                  std::int64_t now) {
  using Budget = policy::PodDisruptionBudget;
  return changed<Budget>(segment, [&](Budget::Builder object) {
    auto into = object.getStatus();
    const BudgetStatus before = status_of(into.asReader());
    if (!(before == seen)) return false;
    const BudgetStatus& wanted = plan.status;
    const bool differs = set_condition(into, plan, now);
    if (before == wanted) return differs;
    into.setObservedGeneration(wanted.observed_generation);
    into.setDisruptionsAllowed(wanted.allowed);
    into.setCurrentHealthy(wanted.current_healthy);
    into.setDesiredHealthy(wanted.desired_healthy);
    into.setExpectedPods(wanted.expected);
    auto list = into.initDisruptedPods(static_cast<unsigned>(wanted.disrupted.size()));
    unsigned i = 0;
    for (const auto& [name, time] : wanted.disrupted) {
      list[i].setKey(name);
      list[i].setValue(time);
      list[i++].setHasValue(true);
    }
    return true;
  });
}

class BudgetActor final : public Reconciler {
 public:
  using Reconciler::Reconciler;

 protected:
  std::optional<std::chrono::system_clock::time_point> reconcile() override {
    const ObjectPtr me = cache().find(object());
    if (!me || me->deleting) return std::nullopt;
    auto budget = read_budget(me->segment);
    if (!budget) return std::nullopt;
    const std::int64_t now = seconds_now();
    const BudgetPlan plan = plan_budget(*budget, pods_of(*budget), now);
    const auto change = [seen = budget->status, plan, now](SegmentView current) {
      return with_budget_status(current, seen, plan, now);
    };
    const auto next = change(me->segment);
    if (next && *next) update(object(), me->uid, change, "FailedStatus");
    if (!plan.wake_at) return std::nullopt;
    return std::chrono::system_clock::time_point(std::chrono::seconds(*plan.wake_at));
  }

 private:
  std::vector<GuardedPod> pods_of(const BudgetView& budget) const {
    std::vector<GuardedPod> out;
    if (!budget.selects) return out;
    std::map<std::string, Scale> scales;  // each controller is read once, by its uid
    for (const auto& pod : cache().list("pods", object().ns)) {
      const bool over = pod->pod->phase == "Succeeded" || pod->pod->phase == "Failed";
      if (over || !budget.selector.matches(pod->labels)) continue;
      GuardedPod one{pod->name.name, pod->deleting, pod->pod->ready_since.has_value(), "", std::nullopt};
      if (const auto* owner = pod->controller()) {
        auto known = scales.find(owner->uid);
        if (known == scales.end()) known = scales.emplace(owner->uid, scale_of(*owner)).first;
        one.controller = known->second.controller;
        one.scale = known->second.pods;
      }
      out.push_back(std::move(one));
    }
    return out;
  }

  /// A controller and how many pods it wants.
  struct Scale {
    std::string controller;
    std::optional<std::int32_t> pods;
  };

  Scale scale_of(const OwnerRef& owner) const {
    Scale out{owner.uid, std::nullopt};
    const ObjectPtr set = owner.kind == "ReplicaSet" ? cache().find({kSets, object().ns, owner.name}) : nullptr;
    if (!set || set->uid != owner.uid) return out;
    const auto* above = set->controller();
    const ObjectPtr deployment = above != nullptr && above->kind == "Deployment"
                                     ? cache().find({kDeployments, object().ns, above->name})
                                     : nullptr;
    if (deployment) {
      out.controller = deployment->uid;
      if (const auto view = read_deployment(deployment->segment)) out.pods = view->replicas;
    } else if (const auto view = read_replicaset(set->segment)) {
      out.pods = view->replicas;
    }
    return out;
  }
};

std::vector<ObjectName> concerned(const Cache& cache, const ObjectPtr& before, const ObjectPtr& now) {
  const Object& any = now ? *now : *before;
  if (any.name.resource == kBudgets) return {any.name};
  std::vector<ObjectName> out;
  const bool pod = any.name.resource == "pods";
  if (!pod && any.name.resource != kSets && any.name.resource != kDeployments) return out;
  for (const auto& budget : cache.list(kBudgets, any.name.ns)) {
    const auto view = read_budget(budget->segment);
    if (!view || !view->selects) continue;
    const bool selected =
        !pod || (before && view->selector.matches(before->labels)) || (now && view->selector.matches(now->labels));
    if (selected) out.push_back(budget->name);
  }
  return out;
}

}  // namespace

ControlledKind disruption_budgets() { return kind_of<BudgetActor>("budget", kBudgets, concerned); }

}  // namespace troupe::controllers
