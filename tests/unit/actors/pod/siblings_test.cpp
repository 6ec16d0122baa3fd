#include "actors/pod/siblings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "actors/pod/annotations.hpp"
#include "tests/unit/actors/pod/pod_fixture.hpp"

namespace troupe::pod {
namespace {

using namespace std::chrono_literals;
using Actions = std::vector<Action>;

PodSpec trio(std::string_view strategy, RestartPolicy policy = RestartPolicy::kAlways) {
  PodSpec spec = pod(policy);
  spec.containers = {container("a"), container("b"), container("c")};
  if (!strategy.empty()) spec.annotations[std::string(kStrategyAnnotation)] = strategy;
  return spec;
}

RestartRule rule(RuleAction action, std::vector<std::int32_t> codes, bool negated = false) {
  return {action, negated, std::move(codes)};
}

/// A pod all of whose containers run.
struct Running : Bench {
  explicit Running(PodSpec wanted) : Bench(std::move(wanted)) {
    sandbox();
    start_all();
    now += 1s;
  }
  /// Carries out starts, and lets init containers succeed, until nothing is left to start.
  void start_all() {
    for (int round = 0; round < 20; ++round) {
      bool any = false;
      for (const Action& action : act()) {
        if (action.kind != ActionKind::kStart) continue;
        any = true;
        now += 1ms;
        started(action.container);
        if (spec.containers[action.container].kind != ContainerKind::kInit) continue;
        now += 1ms;
        exited(action.container, 0);
      }
      if (!any) return;
    }
  }
  std::vector<std::uint32_t> attempts() const {
    std::vector<std::uint32_t> out;
    for (const auto& run : state.containers) out.push_back(run.attempt);
    return out;
  }
  bool all_run() const {
    return std::all_of(state.containers.begin(), state.containers.end(),
                       [](const auto& run) { return run.phase == RunPhase::kRunning && !run.taken; });
  }
};

TEST(Siblings, TheAnnotationNamesAStrategyAndABadOneIsExplained) {
  EXPECT_EQ(parse_restart_strategy("one_for_one").value(), RestartStrategy::kOneForOne);
  EXPECT_EQ(parse_restart_strategy("one_for_all").value(), RestartStrategy::kOneForAll);
  EXPECT_EQ(parse_restart_strategy("rest_for_one").value(), RestartStrategy::kRestForOne);
  for (const char* bad : {"", "One_For_All", "all", "one_for_all "}) {
    const auto parsed = parse_restart_strategy(bad);
    ASSERT_FALSE(parsed) << bad;
    EXPECT_NE(parsed.error().message.find("known are one_for_one, one_for_all, rest_for_one"), std::string::npos);
    EXPECT_EQ(restart_strategy({{std::string(kStrategyAnnotation), bad}}), RestartStrategy::kOneForOne);
  }
}

TEST(Siblings, AnAnnotationThatCannotBeReadIsToldWithWhatHoldsInstead) {
  EXPECT_TRUE(
      annotation_faults({{"troupe.dev/restart-strategy", "rest_for_one"}, {"troupe.dev/restart-backoff", "initial=0"}})
          .empty());
  const auto faults = annotation_faults(
      {{"troupe.dev/restart-strategy", std::string(5000, 'x')}, {"troupe.dev/restart-backoff", "speed=1s"}});
  ASSERT_EQ(faults.size(), 2U);
  EXPECT_TRUE(faults[0].starts_with("metadata.annotations[troupe.dev/restart-backoff]: unknown part \"speed\""))
      << faults[0];
  EXPECT_TRUE(faults[0].ends_with("; Kubernetes' curve holds")) << faults[0];
  EXPECT_TRUE(faults[1].starts_with("metadata.annotations[troupe.dev/restart-strategy]: unknown strategy"))
      << faults[1];
  EXPECT_TRUE(faults[1].ends_with("; one_for_one holds")) << faults[1];
  EXPECT_LT(faults[1].size(), 500U);
}

TEST(Siblings, OneForOneTouchesNobodyElse) {
  for (const char* strategy : {"", "one_for_one", "nonsense"}) {
    Running bench(trio(strategy));
    bench.exited(1, 1);
    EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 1, 1}})) << strategy;
  }
}

TEST(Siblings, OneForAllStopsTheOthersInReverseOrderAndStartsAllInOrder) {
  Running bench(trio("one_for_all"));
  bench.exited(1, 1);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 2, 0}}));
  EXPECT_TRUE(bench.act().empty()) << "one after another";
  bench.exited(2, 143);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 0, 0}}));
  bench.now += 1s;
  bench.exited(0, 0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 1}, {ActionKind::kStart, 1, 1}, {ActionKind::kStart, 2, 1}}));
  for (const std::size_t i : {0U, 1U, 2U}) bench.started(i);
  EXPECT_TRUE(bench.act().empty());
  EXPECT_TRUE(bench.all_run());
  for (const auto& one : bench.show().containers) {
    EXPECT_EQ(one.restart_count, 1) << one.name;
    ASSERT_TRUE(one.last) << one.name;
  }
}

TEST(Siblings, RestForOneStopsOnlyThoseBehind) {
  Running bench(trio("rest_for_one"));
  bench.exited(1, 1);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 2, 0}}));
  bench.exited(2, 143);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 1, 1}, {ActionKind::kStart, 2, 1}}));
  bench.started(1);
  bench.started(2);
  bench.exited(2, 1);
  bench.now += 1h;  // whatever the back-off
  bench.start_all();
  EXPECT_EQ(bench.attempts(), (std::vector<std::uint32_t>{0, 1, 2}));
}

TEST(Siblings, TheOneThatFailedPaysAndTheOthersWaitWithIt) {
  Running bench(trio("one_for_all"));
  const auto round = [&](int code) {
    bench.exited(1, code);
    for (int i = 0; i < 2; ++i) {
      for (const Action& action : bench.act()) {
        ASSERT_EQ(action.kind, ActionKind::kTerminate);
        bench.exited(action.container, 143);
      }
    }
  };
  round(1);
  bench.start_all();
  ASSERT_TRUE(bench.all_run()) << "the first restart is at once";
  round(1);
  const Decision waits = bench.look();
  EXPECT_TRUE(waits.actions.empty());
  EXPECT_EQ(waits.wake_at, bench.state.containers[1].exit->finished_at + 10s);
  EXPECT_EQ(bench.show().containers[1].waiting->reason, "CrashLoopBackOff");
  EXPECT_TRUE(bench.show().containers[0].terminated);
  bench.now += 10s;
  bench.start_all();
  ASSERT_TRUE(bench.all_run());
  EXPECT_EQ(bench.state.containers[0].backoff.delay(), 0s) << "it never failed itself";
  EXPECT_EQ(bench.state.containers[1].backoff.delay(), 20s);
  bench.exited(0, 1);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 2, 2}}));
}

TEST(Siblings, WhoIsNotRestartedTakesNobodyAlong) {
  Running never(trio("one_for_all", RestartPolicy::kNever));
  never.exited(0, 1);
  EXPECT_TRUE(never.act().empty());
  Running done(trio("one_for_all", RestartPolicy::kOnFailure));
  done.exited(0, 0);
  EXPECT_TRUE(done.act().empty());
  EXPECT_EQ(done.show().containers[0].terminated->reason, "Completed");
}

TEST(Siblings, OneThatHasCompletedIsStartedAgainWithTheOthers) {
  Running bench(trio("one_for_all", RestartPolicy::kOnFailure));
  bench.exited(0, 0);
  bench.exited(1, 1);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 2, 0}}));
  bench.exited(2, 0);
  bench.start_all();
  EXPECT_TRUE(bench.all_run());
  EXPECT_EQ(bench.attempts(), (std::vector<std::uint32_t>{1, 1, 1}));
}

TEST(Siblings, SidecarsInitAndEphemeralContainersStayAsTheyAre) {
  PodSpec spec = trio("one_for_all");
  spec.containers.insert(spec.containers.begin(),
                         {container("side", ContainerKind::kSidecar), container("init", ContainerKind::kInit)});
  spec.containers.push_back(container("debug", ContainerKind::kEphemeral));
  Running bench(spec);
  ASSERT_EQ(bench.state.containers[5].phase, RunPhase::kRunning);
  bench.exited(0, 1);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 1}}));
  bench.started(0);
  bench.exited(2, 1);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 4, 0}}));
  bench.exited(0, 1);
  bench.now += 10s;
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kRemoveContainer, 0, 0}, {ActionKind::kStart, 0, 2}}))
      << "a sidecar comes back while the others are being stopped";
  bench.started(0);
  bench.exited(4, 143);
  bench.act();
  bench.exited(3, 143);
  bench.start_all();
  EXPECT_EQ(bench.attempts(), (std::vector<std::uint32_t>{2, 0, 1, 1, 1, 0}));
}

TEST(Siblings, ASecondFailureMeanwhileChangesNothing) {
  Running bench(trio("one_for_all"));
  bench.exited(0, 1);
  bench.act();
  bench.exited(1, 7);  // of its own, before its turn
  bench.exited(2, 143);
  bench.start_all();
  EXPECT_TRUE(bench.all_run());
  EXPECT_EQ(bench.attempts(), (std::vector<std::uint32_t>{1, 1, 1}));
}

TEST(Siblings, AContainerWhoseStartIsUnderWayIsStoppedAfterItsAnswer) {
  Bench bench(trio("one_for_all"));
  bench.sandbox();
  bench.act();
  bench.started(0);
  bench.started(1);
  bench.exited(0, 1);
  EXPECT_TRUE(bench.act().empty()) << "c is starting";
  bench.started(2);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 2, 0}}));
  bench.exited(2, 143);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 1, 0}}));
}

TEST(Siblings, AStartThatFailsWithoutARunIsTriedAgainLater) {
  Running bench(trio("one_for_all", RestartPolicy::kOnFailure));
  bench.exited(2, 1);
  bench.act();
  bench.exited(1, 0);
  bench.act();
  bench.exited(0, 0);
  bench.act();
  bench.started(0);
  bench.started(2);
  bench.now += 1ms;
  on_start_failed(bench.spec, bench.state, 1, {"CreateContainerConfigError", "no map", "", false}, bench.now);
  EXPECT_TRUE(bench.act().empty());
  EXPECT_EQ(bench.look().wake_at, bench.now + 10s);
  EXPECT_EQ(bench.show().containers[1].waiting->reason, "CreateContainerConfigError");
  bench.now += 10s;
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 1, 1}})) << "although it had ended with 0";
}

TEST(Siblings, AFailureWhileTheOthersStillStartBeginsANewRound) {
  Running bench(trio("one_for_all"));
  bench.exited(0, 1);
  bench.act();
  bench.exited(2, 143);
  bench.act();
  bench.exited(1, 143);
  bench.act();
  bench.started(0);
  bench.now += 1ms;
  bench.exited(0, 1);
  EXPECT_TRUE(bench.act().empty()) << "b and c are starting";
  on_start_postponed(bench.state, 1);
  bench.started(2);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 2, 1}}));
  bench.exited(2, 143);
  bench.now += 10s;
  bench.start_all();
  EXPECT_TRUE(bench.all_run());
  EXPECT_EQ(bench.attempts(), (std::vector<std::uint32_t>{2, 1, 2}));
}

TEST(Siblings, DeletionInTheMiddleStopsAllAsEver) {
  Running bench(trio("one_for_all"));
  bench.exited(1, 1);
  bench.act();
  bench.spec.deletion_grace = 5s;
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 0, 0}})) << "c was told already";
  bench.exited(0, 143);
  bench.exited(2, 143);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kRemoveSandbox, 0, 0}}));
}

TEST(RestartRules, TheFirstRuleThatMatchesOverridesThePolicy) {
  PodSpec spec = pod(RestartPolicy::kNever);
  ContainerSpec& main = spec.containers[0];
  main.restart_policy = RestartPolicy::kNever;
  main.restart_rules = {rule(RuleAction::kRestart, {42, 43})};
  for (const auto& [code, restarts] : {std::pair{42, true}, {43, true}, {1, false}, {0, false}}) {
    Running bench(spec);
    bench.exited(0, code);
    EXPECT_EQ(!bench.act().empty(), restarts) << code;
    EXPECT_EQ(is_finished(bench.spec, bench.state), !restarts) << code;
  }
  main.restart_rules = {rule(RuleAction::kRestart, {1, 2}, true)};
  for (const auto& [code, restarts] : {std::pair{0, true}, {3, true}, {1, false}, {2, false}}) {
    Running bench(spec);
    bench.exited(0, code);
    EXPECT_EQ(!bench.act().empty(), restarts) << code;
  }
  main.restart_rules.clear();
  main.restart_policy = RestartPolicy::kOnFailure;
  Running bench(spec);
  bench.exited(0, 1);
  EXPECT_FALSE(bench.act().empty()) << "the container's own policy before the pod's";
}

TEST(RestartRules, AnInitContainerUnderNeverIsTriedAgainWhenARuleSaysSo) {
  PodSpec spec = pod(RestartPolicy::kNever);
  spec.containers = {container("init", ContainerKind::kInit), container("main")};
  spec.containers[0].restart_policy = RestartPolicy::kNever;
  spec.containers[0].restart_rules = {rule(RuleAction::kRestart, {0, 42})};
  Bench bench(spec);
  bench.sandbox();
  bench.act();
  bench.started(0);
  bench.exited(0, 42);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 1}}));
  bench.started(0);
  bench.exited(0, 0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 1, 0}})) << "one that succeeded is done, whatever its rules";
  bench.started(1);
  EXPECT_EQ(bench.show().phase, "Running");
}

PodSpec whole() {
  PodSpec spec = pod(RestartPolicy::kNever);
  spec.containers = {container("init", ContainerKind::kInit), container("watch", ContainerKind::kSidecar),
                     container("main"), container("job")};
  spec.containers[1].restart_rules = {rule(RuleAction::kRestartAll, {88})};
  return spec;
}

TEST(RestartRules, RestartAllContainersKillsAllAtOnceAndBeginsWithTheInitContainers) {
  Running bench(whole());
  ASSERT_TRUE(bench.state.initialized);
  bench.exited(3, 0);
  bench.exited(1, 88);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kKill, 2, 0}})) << "without grace";
  EXPECT_EQ(bench.condition("AllContainersRestarting"), "True//");
  EXPECT_EQ(bench.show().phase, "Running");
  bench.exited(2, 137);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 1}})) << "init containers first, also those that succeeded";
  EXPECT_EQ(bench.condition("AllContainersRestarting"), "False//");
  EXPECT_EQ(bench.show().containers[0].waiting->reason, "RestartingAllContainers");
  EXPECT_EQ(bench.show().phase, "Running");
  bench.started(0);
  EXPECT_TRUE(bench.act().empty()) << "nothing starts beside an init container";
  bench.exited(0, 0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 1, 1}}));
  bench.started(1);
  bench.start_all();
  EXPECT_EQ(bench.attempts(), (std::vector<std::uint32_t>{1, 1, 1, 1}));
  EXPECT_FALSE(restarting_all(bench.state));
  EXPECT_EQ(bench.show().phase, "Running");
}

TEST(RestartRules, RestartAllContainersWaitsForTheBackOffOfItsCause) {
  Running bench(whole());
  bench.exited(1, 88);
  bench.act();
  bench.exited(2, 137);
  bench.exited(3, 137);
  bench.start_all();
  ASSERT_EQ(bench.attempts(), (std::vector<std::uint32_t>{1, 1, 1, 1}));
  bench.exited(1, 88);
  bench.act();
  bench.exited(2, 137);
  bench.exited(3, 137);
  EXPECT_TRUE(bench.act().empty());
  EXPECT_EQ(bench.look().wake_at, bench.now + 10s);
  bench.now += 10s;
  bench.start_all();
  EXPECT_EQ(bench.attempts(), (std::vector<std::uint32_t>{2, 2, 2, 2}));
}

/// What the runtime still tells after the kernel has died.
PodState after_kernel_death(const Bench& bench) {
  PodState state = bench.state;
  for (ContainerState& run : state.containers) {
    run.taken.reset();
    run.terminate_sent = run.kill_sent = false;
    // A start that was not answered was never made.
    if (run.phase == RunPhase::kStarting)
      on_start_postponed(state, static_cast<std::size_t>(&run - state.containers.data()));
  }
  state.initialized = false;
  find_taken_along(bench.spec, state);
  prepare(bench.spec, state, bench.now);
  return state;
}

/// Whatever moment the kernel dies at: each failure leads to exactly one new run of everybody it reaches.
TEST(Siblings, AKernelThatDiesInTheMiddleGoesOnWhereItWas) {
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    std::mt19937_64 random(seed);
    const int kind = static_cast<int>(random() % 3);
    PodSpec spec = kind == 2 ? whole() : trio(kind == 0 ? "one_for_all" : "rest_for_one");
    if (random() % 2 == 0 && kind != 2) spec.restart_policy = RestartPolicy::kOnFailure;
    Running bench(spec);
    const std::size_t culprit = kind == 2 ? 1 : random() % 3;
    const std::size_t first = kind == 1 ? culprit : 0;
    bench.exited(culprit, kind == 2 ? 88 : 1);
    for (int step = 0; step < 200 && !(bench.all_run() && kind != 2); ++step) {
      bench.now += 1ms;
      if (random() % 3 == 0) bench.state = after_kernel_death(bench);
      for (const Action& action : bench.act()) {
        bench.now += 1ms;
        if (action.kind == ActionKind::kStart && random() % 4 != 0) bench.started(action.container);
        if (action.kind == ActionKind::kTerminate) bench.exited(action.container, random() % 2 == 0 ? 0 : 143);
        if (action.kind == ActionKind::kKill) bench.exited(action.container, 137);
      }
      for (std::size_t i = 0; i < spec.containers.size(); ++i) {
        if (bench.state.containers[i].phase == RunPhase::kStarting) bench.started(i);
        const bool init = spec.containers[i].kind == ContainerKind::kInit;
        if (init && bench.state.containers[i].phase == RunPhase::kRunning) bench.exited(i, 0);
      }
    }
    for (std::size_t i = 0; i < spec.containers.size(); ++i) {
      const ContainerState& run = bench.state.containers[i];
      EXPECT_EQ(run.attempt, i >= first ? 1U : 0U) << "seed " << seed << " container " << i;
      EXPECT_FALSE(run.taken) << "seed " << seed << " container " << i;
      if (spec.containers[i].kind != ContainerKind::kInit) {
        EXPECT_EQ(run.phase, RunPhase::kRunning) << "seed " << seed << " container " << i;
      }
    }
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace troupe::pod
