// OTP's rules about which child is restarted when, and how often. Each test's name is the rule.
#include <gtest/gtest.h>

#include "tests/unit/kernel/supervisor_harness.hpp"

namespace troupe::kernel {
namespace {

using testing::child;
using testing::CoreHarness;
using namespace std::chrono_literals;

ExitReason boom() { return ExitReason::error("boom"); }

CoreHarness started(SupervisorFlags flags, std::vector<ChildSpec> specs) {
  CoreHarness h(flags, std::move(specs));
  h.start();
  h.log();
  return h;
}

TEST(SupervisorRestart, OneForOneRestartsOnlyTheChildThatEnded) {
  auto h = started({}, {child("a"), child("b"), child("c")});
  h.exit("b", boom());
  EXPECT_EQ(h.log(), "exit b error: boom; start b");
  EXPECT_EQ(h.reports(), "child_terminated b error: boom");
}

TEST(SupervisorRestart, OneForAllStopsTheOthersInReverseOrderThenStartsAllInOrder) {
  auto h = started({.strategy = Strategy::kOneForAll}, {child("a"), child("b"), child("c")});
  h.exit("b", boom());
  EXPECT_EQ(h.log(), "exit b error: boom; stop c; exit c shutdown; stop a; exit a shutdown; start a; start b; start c");
}

TEST(SupervisorRestart, RestForOneStopsAndStartsThoseStartedAfterIt) {
  auto h = started({.strategy = Strategy::kRestForOne}, {child("a"), child("b"), child("c"), child("d")});
  h.exit("b", boom());
  EXPECT_EQ(h.log(), "exit b error: boom; stop d; exit d shutdown; stop c; exit c shutdown; start b; start c; start d");
}

TEST(SupervisorRestart, RestForOneLeavesTheLastChildsSiblingsAlone) {
  auto h = started({.strategy = Strategy::kRestForOne}, {child("a"), child("b")});
  h.exit("b", boom());
  EXPECT_EQ(h.log(), "exit b error: boom; start b");
}

TEST(SupervisorRestart, APermanentChildIsRestartedWhateverItEndedWith) {
  auto h = started({.intensity = 9}, {child("a")});
  for (const ExitReason& reason :
       {ExitReason::normal(), ExitReason::shutdown(), ExitReason::shutdown("done"), ExitReason::killed(), boom()}) {
    h.exit("a", reason);
    EXPECT_EQ(h.log(), "exit a " + to_string(reason) + "; start a");
  }
}

TEST(SupervisorRestart, ATransientChildIsRestartedAfterAnErrorOnly) {
  for (const ExitReason& reason : {ExitReason::killed(), boom()}) {
    auto h = started({}, {child("a").transient()});
    h.exit("a", reason);
    EXPECT_EQ(h.log(), "exit a " + to_string(reason) + "; start a");
  }
  for (const ExitReason& reason : {ExitReason::normal(), ExitReason::shutdown(), ExitReason::shutdown("done")}) {
    auto h = started({}, {child("a").transient()});
    h.exit("a", reason);
    EXPECT_EQ(h.log(), "exit a " + to_string(reason));
    EXPECT_EQ(h.reports(), "");
  }
}

TEST(SupervisorRestart, ATransientChildThatEndedInOrderKeepsItsSpecification) {
  auto h = started({}, {child("a").transient()});
  h.exit("a", ExitReason::normal());
  EXPECT_EQ(h.which(), "a undefined");
}

TEST(SupervisorRestart, ATemporaryChildIsNeverRestartedAndItsSpecificationIsForgotten) {
  auto h = started({}, {child("a").temporary(), child("b")});
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom");
  EXPECT_EQ(h.which(), "b running");
  EXPECT_EQ(h.reports(), "child_terminated a error: boom");
}

TEST(SupervisorRestart, TheEndOfATemporaryChildLeavesOneForAllSiblingsAlone) {
  auto h = started({.strategy = Strategy::kOneForAll}, {child("a").temporary(), child("b")});
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom");
}

TEST(SupervisorRestart, OneForAllStopsTemporarySiblingsAndDoesNotStartThemAgain) {
  auto h = started({.strategy = Strategy::kOneForAll}, {child("a"), child("b").temporary(), child("c")});
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; stop c; exit c shutdown; stop b; exit b shutdown; start a; start c");
  EXPECT_EQ(h.which(), "c running, a running");
}

TEST(SupervisorRestart, RestForOneForgetsTemporaryChildrenAfterTheOneThatEnded) {
  auto h = started({.strategy = Strategy::kRestForOne}, {child("a").temporary(), child("b"), child("c").temporary()});
  h.exit("b", boom());
  EXPECT_EQ(h.log(), "exit b error: boom; stop c; exit c shutdown; start b");
  EXPECT_EQ(h.which(), "b running, a running");
}

TEST(SupervisorRestart, OneForAllStartsSiblingsThatWereTerminatedByACall) {
  auto h = started({.strategy = Strategy::kOneForAll}, {child("a"), child("b")});
  h.call(call::TerminateChild{"b"});
  h.log();
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; start a; start b");
}

TEST(SupervisorRestart, OneForAllStartsSiblingsThatEndedInOrderBefore) {
  auto h = started({.strategy = Strategy::kOneForAll}, {child("a"), child("b").transient()});
  h.exit("b", ExitReason::normal());
  h.log();
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; start a; start b");
}

TEST(SupervisorRestart, AChildThatDiesWhileItsSiblingsAreStoppedIsRestartedOnceWithThem) {
  auto h = started({.strategy = Strategy::kOneForAll}, {child("a"), child("b"), child("c")});
  h.ignores_exit_requests("c");
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; stop c");
  h.exit("b", boom());
  h.deadline();
  EXPECT_EQ(h.log(), "exit b error: boom; kill c; exit c killed; start a; start b; start c");
  EXPECT_EQ(h.core().restarts_in_period(), 1U);
}

TEST(SupervisorRestart, AChildThatDiesWhileItsSiblingsAreStartedIsHandledAfterwards) {
  auto h = started({.strategy = Strategy::kOneForAll, .intensity = 2}, {child("a"), child("b")});
  h.hold_starts("b");
  h.exit("b", boom());
  EXPECT_EQ(h.log(), "exit b error: boom; stop a; exit a shutdown; start a");
  h.exit("a", boom());
  h.release_start("b");
  EXPECT_EQ(h.log(), "exit a error: boom; start b; stop b; exit b shutdown; start a; start b");
}

TEST(SupervisorRestart, EndsThatArriveTogetherAreHandledInTheirOrder) {
  auto h = started({.intensity = 2}, {child("a"), child("b")});
  h.suspend();
  h.exit("b", boom());
  h.exit("a", boom());
  h.resume();
  EXPECT_EQ(h.log(), "exit b error: boom; exit a error: boom; start b; start a");
}

TEST(SupervisorRestart, ARestartThatFailsIsTriedAgainUntilItSucceeds) {
  auto h = started({.intensity = 3}, {child("a")});
  h.fail_next("a", 2);
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; start a error: boom; start a error: boom; start a");
  EXPECT_EQ(h.reports(), "child_terminated a error: boom; start_error a error: boom; start_error a error: boom");
}

TEST(SupervisorRestart, EachFailedRestartCountsTowardsTheIntensity) {
  auto h = started({.intensity = 3}, {child("a"), child("b")});
  h.fail_next("a", 3);
  h.exit("a", boom());
  EXPECT_EQ(h.log(),
            "exit a error: boom; start a error: boom; start a error: boom; start a error: boom; stop b; "
            "exit b shutdown; exit: shutdown");
}

TEST(SupervisorRestart, AFailedRestartWaitsItsTurnBehindWhatHasArrived) {
  auto h = started({.intensity = 4}, {child("a"), child("b")});
  h.fail_next("a");
  h.suspend();
  h.exit("a", boom());
  h.exit("b", boom());
  h.resume();
  EXPECT_EQ(h.log(), "exit a error: boom; exit b error: boom; start a error: boom; start b; start a");
}

TEST(SupervisorRestart, OneForAllTriesAgainFromAllWhenOneFailsToStart) {
  auto h = started({.strategy = Strategy::kOneForAll, .intensity = 2}, {child("a"), child("b"), child("c")});
  h.fail_next("b");
  h.exit("c", boom());
  EXPECT_EQ(h.log(),
            "exit c error: boom; stop b; exit b shutdown; stop a; exit a shutdown; start a; start b error: boom; "
            "stop a; exit a shutdown; start a; start b; start c");
}

TEST(SupervisorRestart, RestForOneTriesAgainFromTheChildThatFailed) {
  auto h = started({.strategy = Strategy::kRestForOne, .intensity = 2}, {child("a"), child("b"), child("c")});
  h.fail_next("b");
  h.exit("a", boom());
  EXPECT_EQ(h.log(),
            "exit a error: boom; stop c; exit c shutdown; stop b; exit b shutdown; start a; start b error: boom; "
            "start b; start c");
}

TEST(SupervisorRestart, AChildBehindAFailedRestartIsDownUntilTheNextTry) {
  auto h = started({.strategy = Strategy::kRestForOne, .intensity = 2}, {child("a"), child("b"), child("c")});
  h.fail_next("b");
  h.suspend();
  h.exit("a", boom());
  h.call(call::WhichChildren{});
  h.resume();
  std::string states;
  for (const ChildInfo& info : h.last_reply().children)
    states += info.id + " " + std::string(to_string(info.state)) + " ";
  EXPECT_EQ(states, "c undefined b restarting a running ");
}

TEST(SupervisorRestart, ARestartWhoseInitSaysIgnoreLeavesTheChildWithoutRunning) {
  auto h = started({}, {child("a")});
  h.ignore_next("a");
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; start a ignore");
  EXPECT_EQ(h.which(), "a undefined");
}

TEST(SupervisorRestart, ADynamicChildIsRestartedAloneWithItsOwnArguments) {
  auto h = started({.strategy = Strategy::kSimpleOneForOne}, {child("t")});
  h.call(call::StartDynamicChild{std::string("x")});
  h.call(call::StartDynamicChild{std::string("y")});
  h.log();
  h.exit("x", boom());
  EXPECT_EQ(h.log(), "exit x error: boom; start x");
}

TEST(SupervisorRestart, ADynamicChildWhoseRestartFailsIsTriedAgain) {
  auto h = started({.strategy = Strategy::kSimpleOneForOne, .intensity = 2}, {child("t")});
  h.call(call::StartDynamicChild{std::string("x")});
  h.log();
  h.fail_next("x");
  h.exit("x", boom());
  EXPECT_EQ(h.log(), "exit x error: boom; start x error: boom; start x");
}

TEST(SupervisorRestart, ATransientDynamicChildThatEndsInOrderIsForgotten) {
  auto h = started({.strategy = Strategy::kSimpleOneForOne}, {child("t").transient()});
  h.call(call::StartDynamicChild{std::string("x")});
  h.exit("x", ExitReason::normal());
  EXPECT_EQ(h.count(), "specs 1 active 0 supervisors 0 workers 0");
}

TEST(SupervisorIntensity, AsManyRestartsAsTheIntensityAreAllowedWithinThePeriod) {
  auto h = started({.intensity = 2, .period = 10s}, {child("a")});
  h.exit("a", boom());
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; start a; exit a error: boom; start a");
}

TEST(SupervisorIntensity, OneMoreEndsAllChildrenInReverseOrderAndTheSupervisorWithShutdown) {
  auto h = started({.intensity = 1, .period = 10s}, {child("a"), child("b"), child("c")});
  h.exit("b", boom());
  h.log();
  h.reports();
  h.exit("b", boom());
  EXPECT_EQ(h.log(), "exit b error: boom; stop c; exit c shutdown; stop a; exit a shutdown; exit: shutdown");
  EXPECT_EQ(h.reports(), "child_terminated b error: boom; reached_max_restart_intensity b error: boom");
}

TEST(SupervisorIntensity, ZeroAllowsNoRestartAtAll) {
  auto h = started({.intensity = 0}, {child("a")});
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; exit: shutdown");
}

TEST(SupervisorIntensity, ARestartExactlyOnePeriodAgoStillCounts) {
  auto h = started({.intensity = 1, .period = 5s}, {child("a")});
  h.exit("a", boom());
  h.advance(5s);
  h.exit("a", boom());
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kEnded);
}

TEST(SupervisorIntensity, ARestartLongerAgoThanThePeriodCountsNoMore) {
  auto h = started({.intensity = 1, .period = 5s}, {child("a")});
  h.exit("a", boom());
  h.advance(5s + 1ns);
  h.exit("a", boom());
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kRunning);
  EXPECT_EQ(h.core().restarts_in_period(), 1U);
}

TEST(SupervisorIntensity, ThePeriodSlidesOverTheRestarts) {
  auto h = started({.intensity = 2, .period = 10s}, {child("a")});
  for (int i = 0; i < 100; ++i) {
    h.exit("a", boom());
    h.advance(5s + 1ns);
  }
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kRunning);
  h.exit("a", boom());
  h.exit("a", boom());
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kEnded);
}

TEST(SupervisorIntensity, AllChildrenShareOneBudget) {
  auto h = started({.intensity = 1}, {child("a"), child("b")});
  h.exit("a", boom());
  h.exit("b", boom());
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kEnded);
}

TEST(SupervisorIntensity, RestartingSiblingsOfOneForAllCountsAsOneRestart) {
  auto h = started({.strategy = Strategy::kOneForAll, .intensity = 1}, {child("a"), child("b"), child("c")});
  h.exit("a", boom());
  EXPECT_EQ(h.core().restarts_in_period(), 1U);
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kRunning);
}

TEST(SupervisorIntensity, CallsThatStartChildrenDoNotCount) {
  auto h = started({.intensity = 0}, {child("a")});
  for (int i = 0; i < 5; ++i) {
    h.call(call::TerminateChild{"a"});
    h.call(call::RestartChild{"a"});
  }
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kRunning);
  EXPECT_EQ(h.which(), "a running");
}

TEST(SupervisorIntensity, EndsThatNeedNoRestartDoNotCount) {
  auto h = started({.intensity = 0}, {child("a").transient(), child("b").temporary()});
  h.exit("a", ExitReason::normal());
  h.exit("b", boom());
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kRunning);
}

TEST(SupervisorIntensity, TheReasonChainNamesTheChildItsReasonAndHowOften) {
  auto h = started({.intensity = 1, .period = 10s}, {child("a")});
  h.exit("a", boom());
  h.exit("a", ExitReason::error("bang"));
  const auto& cause = h.exit_reason().cause;
  ASSERT_TRUE(cause);
  EXPECT_EQ(cause->supervisor, "sup");
  EXPECT_EQ(cause->child, "a");
  EXPECT_EQ(cause->reason, ExitReason::error("bang"));
  EXPECT_EQ(cause->restarts, 1U);
  EXPECT_EQ(cause->action, "gave up: 2 restarts within 10000 ms, 1 allowed");
}

TEST(SupervisorIntensity, AReasonChainIsBounded) {
  ExitReason reason = boom();
  for (int i = 0; i < 100; ++i) {
    ExitReason next = ExitReason::shutdown();
    next.cause = chain({"s" + std::to_string(i), "c", reason, 0, "gave up", 0});
    reason = next;
  }
  int depth = 0;
  std::uint32_t omitted = 0;
  for (auto cause = reason.cause; cause; cause = cause->reason.cause) {
    ++depth;
    omitted += cause->omitted;
  }
  EXPECT_EQ(depth, ExitCause::kMaxDepth);
  EXPECT_EQ(omitted, 100U - ExitCause::kMaxDepth);
  EXPECT_EQ(reason.cause->supervisor, "s99");
}

}  // namespace
}  // namespace troupe::kernel
