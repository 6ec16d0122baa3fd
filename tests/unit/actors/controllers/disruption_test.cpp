#include "actors/controllers/disruption.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "actors/controllers/read_internal.hpp"
#include "actors/controllers/taint_eviction.hpp"

namespace troupe::controllers {
namespace {

constexpr std::int64_t kNow = 1'700'000'000;
constexpr Together kSeenNow{kNow, kNow - 3600};  // the pod has run for an hour

std::vector<GuardedPod> of_one_controller(int ready, int waiting, std::int32_t scale) {
  std::vector<GuardedPod> out;
  for (int i = 0; i < ready + waiting; ++i) out.push_back({"p" + std::to_string(i), false, i < ready, "c", scale});
  return out;
}

BudgetView at_least(std::int32_t value, bool percent) {
  BudgetView out;
  out.generation = 3;
  out.selects = true;
  out.min_available = Share{value, percent};
  return out;
}

TEST(DisruptionBudget, AllowsWhatIsAboveTheMinimum) {
  const auto plan = plan_budget(at_least(2, false), of_one_controller(3, 0, 3), kNow);
  EXPECT_EQ(plan.status.allowed, 1);
  EXPECT_EQ(plan.status.current_healthy, 3);
  EXPECT_EQ(plan.status.desired_healthy, 2);
  EXPECT_EQ(plan.status.expected, 3);
  EXPECT_EQ(plan.status.observed_generation, 3);
}

TEST(DisruptionBudget, RoundsPercentagesUpForSafety) {
  // Half of seven is four, as in Kubernetes.
  EXPECT_EQ(plan_budget(at_least(50, true), of_one_controller(7, 0, 7), kNow).status.desired_healthy, 4);
  BudgetView most;
  most.selects = true;
  most.max_unavailable = Share{30, true};
  const auto plan = plan_budget(most, of_one_controller(7, 0, 7), kNow);
  EXPECT_EQ(plan.status.desired_healthy, 4);  // three may be away: 30 % of seven, rounded up
  EXPECT_EQ(plan.status.allowed, 3);
}

TEST(DisruptionBudget, CountsWhatTheControllersWantNotWhatIsThere) {
  BudgetView most;
  most.selects = true;
  most.max_unavailable = Share{1, false};
  const auto plan = plan_budget(most, of_one_controller(3, 0, 5), kNow);
  EXPECT_EQ(plan.status.expected, 5);
  EXPECT_EQ(plan.status.allowed, 0);  // two are away already
}

TEST(DisruptionBudget, DoesNotExpectPodsThatAreNobodys) {
  BudgetView most;
  most.selects = true;
  most.max_unavailable = Share{1, false};
  auto pods = of_one_controller(2, 0, 2);
  pods.push_back({"bare", false, true, "", std::nullopt});
  const auto plan = plan_budget(most, pods, kNow);
  EXPECT_EQ(plan.status.expected, 2);
  EXPECT_EQ(plan.status.desired_healthy, 1);
  EXPECT_EQ(plan_budget(at_least(2, false), pods, kNow).status.expected, 3) << "a number is of all pods";
}

TEST(DisruptionBudget, AllowsNothingWhileAControllerIsNotKnown) {
  auto pods = of_one_controller(3, 0, 3);
  pods.push_back({"strange", false, true, "other", std::nullopt});
  BudgetView budget = at_least(50, true);
  budget.status.allowed = 2;
  budget.status.expected = 3;
  const auto plan = plan_budget(budget, pods, kNow);
  EXPECT_EQ(plan.status.allowed, 0);
  EXPECT_EQ(plan.fault, "found no controllers for pod \"strange\"");
  EXPECT_EQ(plan_budget(at_least(2, false), pods, kNow).status.allowed, 2) << "a number needs no controller";
}

TEST(DisruptionBudget, PodsThatEndOrWaitAreNotHealthy) {
  auto pods = of_one_controller(3, 2, 5);
  pods[0].deleting = true;
  const auto plan = plan_budget(at_least(1, false), pods, kNow);
  EXPECT_EQ(plan.status.current_healthy, 2);
  EXPECT_EQ(plan.status.allowed, 1);
}

TEST(DisruptionBudget, AnEvictionCountsUntilItsPodIsDeletedOrTwoMinutesPassed) {
  BudgetView budget = at_least(2, false);
  budget.status.disrupted = {{"p0", kNow - 10}, {"p1", kNow - 200}, {"gone", kNow}};
  auto pods = of_one_controller(3, 0, 3);
  const auto plan = plan_budget(budget, pods, kNow);
  EXPECT_EQ(plan.status.current_healthy, 2);
  EXPECT_EQ(plan.status.allowed, 0);
  EXPECT_EQ(plan.status.disrupted, (std::map<std::string, std::int64_t>{{"p0", kNow - 10}}));
  EXPECT_EQ(plan.wake_at, kNow - 10 + kEvictionSeconds + 1);
  pods[0].deleting = true;
  EXPECT_TRUE(plan_budget(budget, pods, kNow).status.disrupted.empty());
}

TEST(DisruptionBudget, AllowsNothingWhereNothingIsExpected) {
  EXPECT_EQ(plan_budget(at_least(0, false), {}, kNow).status.allowed, 0);
}

TEST(TaintEviction, APodWithoutATolerationGoesAtOnce) {
  EXPECT_EQ(leaves_at({{"k", "v", std::nullopt}}, {}, kSeenNow), kNow);
  EXPECT_EQ(leaves_at({{"k", "v", std::nullopt}}, {{"k", false, "other", "NoExecute", std::nullopt}}, kSeenNow), kNow);
  EXPECT_EQ(leaves_at({{"k", "v", std::nullopt}}, {{"k", false, "v", "NoSchedule", std::nullopt}}, kSeenNow), kNow);
}

TEST(TaintEviction, ATolerationWithoutSecondsHoldsForEver) {
  EXPECT_FALSE(leaves_at({{"k", "v", std::nullopt}}, {{"k", false, "v", "NoExecute", std::nullopt}}, kSeenNow));
  EXPECT_FALSE(leaves_at({{"k", "v", std::nullopt}}, {{"", true, "", "", std::nullopt}}, kSeenNow));
  EXPECT_FALSE(leaves_at({}, {}, kSeenNow));
}

TEST(TaintEviction, TheShortestTolerationThatIsUsedCounts) {
  const std::vector<NoExecuteTaint> taints = {{"a", "", std::nullopt}, {"b", "", kNow - 5}};
  const std::vector<PodToleration> tolerations = {
      {"a", true, "", "NoExecute", 60}, {"b", true, "", "NoExecute", 30}, {"c", true, "", "NoExecute", 1}};
  EXPECT_EQ(leaves_at(taints, tolerations, kSeenNow), kNow - 5 + 30);
}

TEST(TaintEviction, AnOldTaintThatIsToleratedForEverDoesNotShortenTheTimeForANewOne) {
  const std::vector<NoExecuteTaint> taints = {{"old", "", kNow - 86400}, {"new", "", kNow}};
  const std::vector<PodToleration> tolerations = {{"old", true, "", "", std::nullopt}, {"new", true, "", "", 300}};
  EXPECT_EQ(leaves_at(taints, tolerations, kSeenNow), kNow + 300);
}

TEST(TaintEviction, APodThatComesToANodeWithAnOldTaintHasItsWholeTime) {
  const std::vector<NoExecuteTaint> taints = {{"k", "", kNow - 3600}};
  const std::vector<PodToleration> tolerations = {{"k", true, "", "", 60}};
  EXPECT_EQ(leaves_at(taints, tolerations, {kNow, kNow}), kNow + 60);
  EXPECT_EQ(leaves_at(taints, tolerations, {kNow, kNow - 20}), kNow + 40) << "the controller was restarted";
}

namespace core = k8s::core::v1;

using NodeChange = std::function<void(core::Node::Builder)>;

Segment with(SegmentView node, const NodeChange& change) {
  auto out = changed<core::Node>(node, [&](core::Node::Builder object) {
    change(object);
    return true;
  });
  return out && *out ? std::move(**out) : Segment();
}

/// "key:effect@timeAdded" of each taint of the node, once it shows those that follow from it.
std::vector<std::string> shown_taints(Segment& node) {
  auto next = with_own_taints(node, kNow);
  if (next && *next) node = std::move(**next);
  std::vector<std::string> out;
  (void)with_object<core::Node>(node, [&](core::Node::Reader from) -> Status {
    for (auto taint : from.getSpec().getTaints()) {
      out.push_back(text(taint.getKey()) + ":" + text(taint.getEffect()) + "@" + std::to_string(taint.getTimeAdded()));
    }
    return {};
  });
  return out;
}

TEST(OwnTaints, FollowFromCordonAndReadinessAndLeaveOthersAlone) {
  const std::string now = "@" + std::to_string(kNow);
  capnp::MallocMessageBuilder builder;
  auto foreign = builder.initRoot<core::Node>().initSpec().initTaints(2);
  foreign[0].setKey("theirs");
  foreign[0].setEffect("NoSchedule");
  foreign[1].setKey("node.kubernetes.io/not-ready");
  foreign[1].setEffect("NoExecute");
  Segment node = to_segment<core::Node>(builder.getRoot<core::Node>().asReader());
  const std::vector<std::string> others = {"theirs:NoSchedule@0", "node.kubernetes.io/not-ready:NoExecute@0"};
  EXPECT_EQ(shown_taints(node), others);
  node = with(node, [](core::Node::Builder object) {
    object.getSpec().setUnschedulable(true);
    auto ready = object.initStatus().initConditions(1)[0];
    ready.setType("Ready");
    ready.setStatus("False");
  });
  auto all = others;
  all.push_back("node.kubernetes.io/unschedulable:NoSchedule" + now);
  all.push_back("node.kubernetes.io/not-ready:NoSchedule" + now);
  EXPECT_EQ(shown_taints(node), all);
  EXPECT_FALSE(*with_own_taints(node, kNow + 1)) << "it shows them already";
  node = with(node, [](core::Node::Builder object) {
    object.getSpec().setUnschedulable(false);
    object.getStatus().getConditions()[0].setStatus("Unknown");
  });
  all = others;
  all.push_back("node.kubernetes.io/unreachable:NoSchedule" + now);
  EXPECT_EQ(shown_taints(node), all);
  node = with(node, [](core::Node::Builder object) { object.getStatus().getConditions()[0].setStatus("True"); });
  EXPECT_EQ(shown_taints(node), others);
}

}  // namespace
}  // namespace troupe::controllers
