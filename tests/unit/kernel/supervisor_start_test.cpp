// OTP's rules about starting and about specifications. Each test's name is the rule; docs/supervision.md lists them.
#include <gtest/gtest.h>

#include "tests/unit/kernel/supervisor_harness.hpp"

namespace troupe::kernel {
namespace {

using testing::child;
using testing::CoreHarness;
using namespace std::chrono_literals;

ExitReason boom() { return ExitReason::error("boom"); }

TEST(SupervisorStart, StartsChildrenInOrderThenSaysStarted) {
  CoreHarness h({}, {child("a"), child("b"), child("c")});
  h.start();
  EXPECT_EQ(h.log(), "start a; start b; start c; started");
}

TEST(SupervisorStart, WaitsForEachChildToBeUpBeforeStartingTheNext) {
  CoreHarness h({}, {child("a"), child("b")});
  h.hold_starts("a");
  h.start();
  EXPECT_EQ(h.log(), "");
  h.release_start("a");
  EXPECT_EQ(h.log(), "start a; start b; started");
}

TEST(SupervisorStart, WithoutChildrenIsStartedAtOnce) {
  CoreHarness h({}, {});
  h.start();
  EXPECT_EQ(h.log(), "started");
  EXPECT_EQ(h.count(), "specs 0 active 0 supervisors 0 workers 0");
}

TEST(SupervisorStart, FailsWhenAChildFailsInInitAndStopsTheEarlierOnesInReverseOrder) {
  CoreHarness h({}, {child("a"), child("b"), child("c"), child("d")});
  h.fail_next("c");
  h.start();
  EXPECT_EQ(h.log(),
            "start a; start b; start c error: boom; stop b; exit b shutdown; stop a; exit a shutdown; "
            "start failed: shutdown: failed_to_start_child c: error: boom");
  EXPECT_EQ(h.reports(), "start_error c error: boom");
}

TEST(SupervisorStart, AFailedInitIsNotTriedAgainDuringTheSupervisorsOwnStart) {
  CoreHarness h({.intensity = 10}, {child("a")});
  h.fail_next("a");
  h.start();
  EXPECT_EQ(h.log(), "start a error: boom; start failed: shutdown: failed_to_start_child a: error: boom");
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kEnded);
}

TEST(SupervisorStart, AChildWhoseInitSaysIgnoreKeepsItsPlaceWithoutRunning) {
  CoreHarness h({}, {child("a"), child("b")});
  h.ignore_next("a");
  h.start();
  EXPECT_EQ(h.log(), "start a ignore; start b; started");
  EXPECT_EQ(h.which(), "b running, a undefined");
}

TEST(SupervisorStart, ATemporaryChildWhoseInitSaysIgnoreIsForgotten) {
  CoreHarness h({}, {child("a").temporary(), child("b")});
  h.ignore_next("a");
  h.start();
  EXPECT_EQ(h.which(), "b running");
}

TEST(SupervisorStart, AChildThatEndsWhileALaterOneStartsIsHandledAfterTheStart) {
  CoreHarness h({}, {child("a"), child("b")});
  h.hold_starts("b");
  h.start();
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "start a; exit a error: boom");
  h.release_start("b");
  EXPECT_EQ(h.log(), "start b; started; start a");
}

TEST(SupervisorStart, CallsThatComeDuringTheStartAreAnsweredAfterIt) {
  CoreHarness h({}, {child("a"), child("b")});
  h.hold_starts("b");
  h.start();
  h.call(call::TerminateChild{"a"});
  EXPECT_EQ(h.log(), "start a");
  h.release_start("b");
  EXPECT_EQ(h.log(), "start b; started; stop a; exit a shutdown; reply ok");
}

TEST(SupervisorStart, ASimpleOneForOneSupervisorStartsNobodyByItself) {
  CoreHarness h({.strategy = Strategy::kSimpleOneForOne}, {child("template")});
  h.start();
  EXPECT_EQ(h.log(), "started");
  EXPECT_EQ(h.count(), "specs 1 active 0 supervisors 0 workers 0");
}

TEST(SupervisorSpec, AWorkerHasFiveSecondsAndASupervisorForeverToShutDown) {
  EXPECT_EQ(ChildSpec(child("a")).effective_shutdown(), Shutdown::after(5s));
  EXPECT_EQ(ChildSpec(child("a").supervisor()).effective_shutdown(), Shutdown::infinity());
}

TEST(SupervisorSpec, DefaultsAreOneForOneWithOneRestartInFiveSeconds) {
  const SupervisorFlags flags;
  EXPECT_EQ(flags.strategy, Strategy::kOneForOne);
  EXPECT_EQ(flags.intensity, 1U);
  EXPECT_EQ(flags.period, 5s);
  EXPECT_EQ(flags.auto_shutdown, AutoShutdown::kNever);
  EXPECT_EQ(ChildSpec(child("a")).restart, Restart::kPermanent);
}

TEST(SupervisorSpec, TwoChildrenWithOneIdAreRefused) {
  auto status = check_child_specs({child("a"), child("b"), child("a")}, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "child 'a': another child has the same id");
}

TEST(SupervisorSpec, AChildWithoutAnIdIsRefused) {
  auto status = check_child_specs({child("")}, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
}

TEST(SupervisorSpec, AChildWithoutAStartFunctionIsRefused) {
  ChildSpec spec = child("a");
  spec.start = nullptr;
  auto status = check_child_specs({spec}, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, "child 'a': start is missing: say how the actor is made");
}

TEST(SupervisorSpec, ASignificantChildNeedsAnAutoShutdown) {
  EXPECT_FALSE(check_child_specs({child("a").transient().significant()}, {}));
  EXPECT_TRUE(
      check_child_specs({child("a").transient().significant()}, {.auto_shutdown = AutoShutdown::kAnySignificant}));
}

TEST(SupervisorSpec, APermanentChildCannotBeSignificant) {
  auto status = check_child_specs({child("a").significant()}, {.auto_shutdown = AutoShutdown::kAllSignificant});
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("permanent"), std::string::npos);
}

TEST(SupervisorSpec, ANegativeDeadlineIsRefused) {
  EXPECT_FALSE(check_child_specs({child("a").shutdown(Shutdown::after(-1ms))}, {}));
  EXPECT_TRUE(check_child_specs({child("a").shutdown(Shutdown::after(0ms))}, {}));
}

TEST(SupervisorSpec, APeriodOfZeroIsRefused) {
  EXPECT_FALSE(check_flags({.period = 0s}));
  EXPECT_TRUE(check_flags({.intensity = 0, .period = 1ns}));
}

TEST(SupervisorSpec, ASimpleOneForOneSupervisorNeedsExactlyOneTemplate) {
  const SupervisorFlags simple{.strategy = Strategy::kSimpleOneForOne};
  EXPECT_FALSE(check_child_specs({}, simple));
  EXPECT_FALSE(check_child_specs({child("a"), child("b")}, simple));
  EXPECT_TRUE(check_child_specs({child("a")}, simple));
}

}  // namespace
}  // namespace troupe::kernel
