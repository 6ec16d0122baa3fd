// OTP's rules about stopping: order, deadlines, automatic shutdown. Each test's name is the rule.
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

TEST(SupervisorStop, StopsChildrenInReverseOrderThenEndsWithTheReasonItWasGiven) {
  auto h = started({}, {child("a"), child("b"), child("c")});
  h.stop(ExitReason::shutdown("upgrade"));
  EXPECT_EQ(h.log(),
            "stop c; exit c shutdown; stop b; exit b shutdown; stop a; exit a shutdown; exit: shutdown: upgrade");
  EXPECT_EQ(h.reports(), "");
}

TEST(SupervisorStop, WaitsForEachChildBeforeStoppingTheNext) {
  auto h = started({}, {child("a"), child("b").shutdown(Shutdown::infinity())});
  h.ignores_exit_requests("b");
  h.stop();
  EXPECT_EQ(h.log(), "stop b");
  h.exit("b", ExitReason::shutdown());
  EXPECT_EQ(h.log(), "exit b shutdown; stop a; exit a shutdown; exit: shutdown");
}

TEST(SupervisorStop, AChildWithADeadlineIsAskedAndThenKilled) {
  auto h = started({}, {child("a").shutdown(Shutdown::after(70ms))});
  h.ignores_exit_requests("a");
  h.stop();
  ASSERT_TRUE(h.armed());
  EXPECT_EQ(h.armed_delay(), 70ms);
  h.deadline();
  EXPECT_EQ(h.log(), "stop a; kill a; exit a killed; exit: shutdown");
  EXPECT_EQ(h.reports(), "shutdown_error a killed");
}

TEST(SupervisorStop, AChildThatEndsInTimeCancelsItsDeadline) {
  auto h = started({}, {child("a")});
  h.ignores_exit_requests("a");
  h.call(call::TerminateChild{"a"});
  EXPECT_TRUE(h.armed());
  h.exit("a", ExitReason::shutdown());
  EXPECT_FALSE(h.armed());
}

TEST(SupervisorStop, ABrutalKillDoesNotAsk) {
  auto h = started({}, {child("a").shutdown(Shutdown::brutal_kill())});
  h.stop();
  EXPECT_EQ(h.log(), "kill a; exit a killed; exit: shutdown");
  EXPECT_EQ(h.reports(), "");
}

TEST(SupervisorStop, InfinityHasNoDeadline) {
  auto h = started({}, {child("a").supervisor()});
  h.ignores_exit_requests("a");
  h.stop();
  EXPECT_FALSE(h.armed());
  EXPECT_EQ(h.log(), "stop a");
}

TEST(SupervisorStop, ChildrenThatDoNotRunAreSkipped) {
  auto h = started({}, {child("a"), child("b").transient(), child("c")});
  h.exit("b", ExitReason::normal());
  h.call(call::TerminateChild{"c"});
  h.log();
  h.stop();
  EXPECT_EQ(h.log(), "stop a; exit a shutdown; exit: shutdown");
}

TEST(SupervisorStop, AChildThatDiedJustBeforeIsNotAskedAndItsReasonIsReported) {
  auto h = started({}, {child("a"), child("b")});
  h.suspend();
  h.stop();
  h.exit("a", boom());
  h.resume();
  EXPECT_EQ(h.log(), "exit a error: boom; stop b; exit b shutdown; exit: shutdown");
  EXPECT_EQ(h.reports(), "shutdown_error a error: boom");
}

TEST(SupervisorStop, AChildThatEndsWithAnotherReasonWhenAskedIsReported) {
  auto h = started({}, {child("a").transient()});
  h.on_exit_request("a", boom());
  h.stop();
  EXPECT_EQ(h.reports(), "shutdown_error a error: boom");
}

TEST(SupervisorStop, APermanentChildMustEndWithShutdownATransientOneMayBeNormal) {
  auto h = started({}, {child("a").transient(), child("b"), child("c").temporary()});
  for (const char* id : {"a", "b", "c"}) h.on_exit_request(id, ExitReason::normal());
  h.stop();
  EXPECT_EQ(h.reports(), "shutdown_error b normal");
}

TEST(SupervisorStop, AStopWaitsForTheOperationUnderWay) {
  auto h = started({}, {child("a"), child("b")});
  h.ignores_exit_requests("a");
  h.call(call::TerminateChild{"a"});
  h.stop();
  EXPECT_EQ(h.log(), "stop a");
  h.exit("a", ExitReason::shutdown());
  EXPECT_EQ(h.log(), "exit a shutdown; reply ok; stop b; exit b shutdown; exit: shutdown");
}

TEST(SupervisorStop, AFailingRestartIsGivenUpWhenTheStopComes) {
  auto h = started({.intensity = 5}, {child("a"), child("b")});
  h.fail_next("a", 5);
  h.suspend();
  h.exit("a", boom());
  h.stop();
  h.resume();
  EXPECT_EQ(h.log(), "exit a error: boom; start a error: boom; stop b; exit b shutdown; exit: shutdown");
}

TEST(SupervisorStop, CallsThatStillWaitAreToldThatItIsGone) {
  auto h = started({}, {child("a")});
  h.suspend();
  h.stop();
  h.call(call::WhichChildren{});
  h.resume();
  EXPECT_EQ(h.log(), "stop a; exit a shutdown; reply noproc; exit: shutdown");
  h.call(call::WhichChildren{});
  EXPECT_EQ(h.log(), "reply noproc");
}

TEST(SupervisorStop, DynamicChildrenAreAskedAllAtOnceWithOneDeadline) {
  auto h = started({.strategy = Strategy::kSimpleOneForOne}, {child("t").shutdown(Shutdown::after(30ms))});
  for (const char* id : {"x", "y", "z"}) h.call(call::StartDynamicChild{std::string(id)});
  h.ignores_exit_requests("x");
  h.ignores_exit_requests("y");
  h.log();
  h.stop();
  EXPECT_EQ(h.log(), "stop z; exit z shutdown; stop y; stop x");
  h.deadline();
  EXPECT_EQ(h.log(), "kill x; exit x killed; kill y; exit y killed; exit: shutdown");
  EXPECT_EQ(h.reports(), "shutdown_error t killed; shutdown_error t killed");
}

TEST(SupervisorStop, DynamicChildrenWithBrutalKillAreKilledAtOnce) {
  auto h = started({.strategy = Strategy::kSimpleOneForOne}, {child("t").shutdown(Shutdown::brutal_kill())});
  h.call(call::StartDynamicChild{std::string("x")});
  h.log();
  h.stop();
  EXPECT_EQ(h.log(), "kill x; exit x killed; exit: shutdown");
  EXPECT_FALSE(h.armed());
}

TEST(SupervisorAutoShutdown, AnySignificantEndsTheSupervisorWithTheFirstOneThatEndsByItself) {
  auto h = started({.auto_shutdown = AutoShutdown::kAnySignificant},
                   {child("a"), child("b").transient().significant(), child("c").temporary().significant()});
  h.exit("b", ExitReason::normal());
  EXPECT_EQ(h.log(), "exit b normal; stop c; exit c shutdown; stop a; exit a shutdown; exit: shutdown");
}

TEST(SupervisorAutoShutdown, AllSignificantWaitsForTheLastSignificantChild) {
  auto h = started({.auto_shutdown = AutoShutdown::kAllSignificant},
                   {child("a"), child("b").transient().significant(), child("c").temporary().significant()});
  h.exit("b", ExitReason::normal());
  EXPECT_EQ(h.log(), "exit b normal");
  h.exit("c", boom());
  EXPECT_EQ(h.log(), "exit c error: boom; stop a; exit a shutdown; exit: shutdown");
}

TEST(SupervisorAutoShutdown, AllSignificantCountsARestartingChildAsNotGone) {
  auto h = started({.intensity = 5, .auto_shutdown = AutoShutdown::kAllSignificant},
                   {child("a").transient().significant(), child("b").transient().significant()});
  h.fail_next("a");
  h.suspend();
  h.exit("a", boom());
  h.exit("b", ExitReason::normal());
  h.resume();
  EXPECT_EQ(h.log(), "exit a error: boom; exit b normal; start a error: boom; start a");
}

TEST(SupervisorAutoShutdown, ATransientSignificantChildThatIsRestartedDoesNotTriggerIt) {
  auto h = started({.auto_shutdown = AutoShutdown::kAnySignificant}, {child("a").transient().significant()});
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; start a");
}

TEST(SupervisorAutoShutdown, ATemporarySignificantChildTriggersItWhateverItEndsWith) {
  auto h = started({.auto_shutdown = AutoShutdown::kAnySignificant}, {child("a").temporary().significant()});
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; exit: shutdown");
}

TEST(SupervisorAutoShutdown, TerminatingASignificantChildByACallDoesNotTriggerIt) {
  auto h = started({.auto_shutdown = AutoShutdown::kAnySignificant}, {child("a").transient().significant()});
  h.call(call::TerminateChild{"a"});
  EXPECT_EQ(h.log(), "stop a; exit a shutdown; reply ok");
}

TEST(SupervisorAutoShutdown, TheEndOfAChildThatIsNotSignificantDoesNotTriggerIt) {
  auto h = started({.auto_shutdown = AutoShutdown::kAnySignificant},
                   {child("a").transient().significant(), child("b").transient()});
  h.exit("b", ExitReason::normal());
  EXPECT_EQ(h.log(), "exit b normal");
}

TEST(SupervisorAutoShutdown, ASignificantChildStoppedBecauseASiblingIsRestartedDoesNotTriggerIt) {
  auto h = started({.strategy = Strategy::kOneForAll, .auto_shutdown = AutoShutdown::kAnySignificant},
                   {child("a"), child("b").transient().significant()});
  h.exit("a", boom());
  EXPECT_EQ(h.log(), "exit a error: boom; stop b; exit b shutdown; start a; start b");
}

TEST(SupervisorAutoShutdown, AllSignificantDynamicChildrenGoneEndTheSupervisor) {
  auto h = started({.strategy = Strategy::kSimpleOneForOne, .auto_shutdown = AutoShutdown::kAllSignificant},
                   {child("t").temporary().significant()});
  h.call(call::StartDynamicChild{std::string("x")});
  h.call(call::StartDynamicChild{std::string("y")});
  h.log();
  h.exit("x", ExitReason::normal());
  EXPECT_EQ(h.log(), "exit x normal");
  h.exit("y", ExitReason::normal());
  EXPECT_EQ(h.log(), "exit y normal; exit: shutdown");
}

TEST(SupervisorAutoShutdown, NeverLeavesTheSupervisorRunningWithoutChildren) {
  auto h = started({}, {child("a").temporary()});
  h.exit("a", ExitReason::normal());
  EXPECT_EQ(h.core().phase(), SupervisorCore::Phase::kRunning);
}

}  // namespace
}  // namespace troupe::kernel
