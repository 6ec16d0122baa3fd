// OTP's rules about start_child, terminate_child, restart_child, delete_child and the questions. Each test's name is
// the rule.
#include <gtest/gtest.h>

#include "tests/unit/kernel/supervisor_harness.hpp"

namespace troupe::kernel {
namespace {

using testing::child;
using testing::CoreHarness;
using namespace std::chrono_literals;
using Outcome = CallReply::Outcome;

ExitReason boom() { return ExitReason::error("boom"); }

CoreHarness started(SupervisorFlags flags, std::vector<ChildSpec> specs) {
  CoreHarness h(flags, std::move(specs));
  h.start();
  h.log();
  return h;
}

CoreHarness pool(std::vector<std::string> ids, ChildSpec spec = child("t")) {
  auto h = started({.strategy = Strategy::kSimpleOneForOne, .intensity = 3}, {std::move(spec)});
  for (std::string& id : ids) h.call(call::StartDynamicChild{std::move(id)});
  h.log();
  return h;
}

TEST(SupervisorCalls, StartChildAddsItBehindTheOthers) {
  auto h = started({}, {child("a")});
  h.call(call::StartChild{child("b")});
  EXPECT_EQ(h.log(), "start b; reply ok");
  EXPECT_EQ(h.which(), "b running, a running");
  h.stop();
  EXPECT_EQ(h.log(), "stop b; exit b shutdown; stop a; exit a shutdown; exit: shutdown");
}

TEST(SupervisorCalls, StartChildWithTheIdOfARunningChildSaysAlreadyStarted) {
  auto h = started({}, {child("a")});
  h.call(call::StartChild{child("a")});
  EXPECT_EQ(h.log(), "reply already_started");
  EXPECT_EQ(h.last_reply().instance, h.instance("a"));
}

TEST(SupervisorCalls, StartChildWithTheIdOfAStoppedChildSaysAlreadyPresent) {
  auto h = started({}, {child("a")});
  h.call(call::TerminateChild{"a"});
  h.log();
  h.call(call::StartChild{child("a")});
  EXPECT_EQ(h.log(), "reply already_present");
}

TEST(SupervisorCalls, StartChildThatFailsIsNotKept) {
  auto h = started({}, {});
  h.fail_next("a");
  h.call(call::StartChild{child("a")});
  EXPECT_EQ(h.log(), "start a error: boom; reply start_failed");
  EXPECT_EQ(h.last_reply().reason, boom());
  EXPECT_EQ(h.which(), "");
}

TEST(SupervisorCalls, StartChildThatSaysIgnoreIsKeptUnlessItIsTemporary) {
  auto h = started({}, {});
  h.ignore_next("a");
  h.ignore_next("b");
  h.call(call::StartChild{child("a")});
  EXPECT_EQ(h.last_reply().instance, 0U);
  h.call(call::StartChild{child("b").temporary()});
  EXPECT_EQ(h.log(), "start a ignore; reply ok; start b ignore; reply ok");
  EXPECT_EQ(h.which(), "a undefined");
}

TEST(SupervisorCalls, StartChildWithAnInvalidSpecificationIsRefused) {
  auto h = started({}, {});
  h.call(call::StartChild{child("a").transient().significant()});
  EXPECT_EQ(h.log(), "reply invalid_child_spec");
  EXPECT_NE(h.last_reply().message.find("auto_shutdown"), std::string::npos);
}

TEST(SupervisorCalls, TerminateChildStopsItAndKeepsItsSpecification) {
  auto h = started({}, {child("a"), child("b")});
  h.call(call::TerminateChild{"a"});
  EXPECT_EQ(h.log(), "stop a; exit a shutdown; reply ok");
  EXPECT_EQ(h.which(), "b running, a undefined");
}

TEST(SupervisorCalls, TerminateChildForgetsATemporaryChild) {
  auto h = started({}, {child("a").temporary()});
  h.call(call::TerminateChild{"a"});
  EXPECT_EQ(h.which(), "");
}

TEST(SupervisorCalls, TerminateChildOfAStoppedChildIsOk) {
  auto h = started({}, {child("a")});
  h.call(call::TerminateChild{"a"});
  h.log();
  h.call(call::TerminateChild{"a"});
  EXPECT_EQ(h.log(), "reply ok");
}

TEST(SupervisorCalls, TerminateChildThatDiedMeanwhileIsOkAndItIsNotRestarted) {
  auto h = started({}, {child("a")});
  h.suspend();
  h.call(call::TerminateChild{"a"});
  h.exit("a", boom());
  h.resume();
  EXPECT_EQ(h.log(), "exit a error: boom; reply ok");
  EXPECT_EQ(h.which(), "a undefined");
}

TEST(SupervisorCalls, TerminateChildOfOneForAllLeavesTheSiblingsAlone) {
  auto h = started({.strategy = Strategy::kOneForAll}, {child("a"), child("b")});
  h.call(call::TerminateChild{"a"});
  EXPECT_EQ(h.log(), "stop a; exit a shutdown; reply ok");
}

TEST(SupervisorCalls, TerminatingARestartingChildEndsTheTries) {
  auto h = started({.intensity = 5}, {child("a")});
  h.fail_next("a", 5);
  h.suspend();
  h.exit("a", boom());
  h.call(call::TerminateChild{"a"});
  h.resume();
  EXPECT_EQ(h.log(), "exit a error: boom; start a error: boom; reply ok");
  EXPECT_EQ(h.which(), "a undefined");
}

TEST(SupervisorCalls, RestartChildStartsAStoppedChildInItsOldPlace) {
  auto h = started({}, {child("a"), child("b")});
  h.call(call::TerminateChild{"a"});
  h.log();
  h.call(call::RestartChild{"a"});
  EXPECT_EQ(h.log(), "start a; reply ok");
  EXPECT_EQ(h.which(), "b running, a running");
}

TEST(SupervisorCalls, RestartChildOfARunningChildSaysRunning) {
  auto h = started({}, {child("a")});
  h.call(call::RestartChild{"a"});
  EXPECT_EQ(h.log(), "reply running");
}

TEST(SupervisorCalls, RestartChildOfARestartingChildSaysRestarting) {
  auto h = started({.intensity = 5}, {child("a")});
  h.fail_next("a");
  h.suspend();
  h.exit("a", boom());
  h.call(call::RestartChild{"a"});
  h.resume();
  EXPECT_EQ(h.log(), "exit a error: boom; start a error: boom; reply restarting; start a");
}

TEST(SupervisorCalls, RestartChildThatFailsLeavesItStopped) {
  auto h = started({}, {child("a")});
  h.call(call::TerminateChild{"a"});
  h.log();
  h.fail_next("a");
  h.call(call::RestartChild{"a"});
  EXPECT_EQ(h.log(), "start a error: boom; reply start_failed");
  EXPECT_EQ(h.which(), "a undefined");
}

TEST(SupervisorCalls, DeleteChildForgetsAStoppedChild) {
  auto h = started({}, {child("a"), child("b")});
  h.call(call::TerminateChild{"a"});
  h.log();
  h.call(call::DeleteChild{"a"});
  EXPECT_EQ(h.log(), "reply ok");
  EXPECT_EQ(h.which(), "b running");
}

TEST(SupervisorCalls, DeleteChildOfARunningChildSaysRunning) {
  auto h = started({}, {child("a")});
  h.call(call::DeleteChild{"a"});
  EXPECT_EQ(h.log(), "reply running");
}

TEST(SupervisorCalls, DeleteChildOfARestartingChildSaysRestarting) {
  auto h = started({.intensity = 5}, {child("a")});
  h.fail_next("a");
  h.suspend();
  h.exit("a", boom());
  h.call(call::DeleteChild{"a"});
  h.resume();
  EXPECT_EQ(h.log(), "exit a error: boom; start a error: boom; reply restarting; start a");
}

TEST(SupervisorCalls, AnUnknownIdSaysNotFound) {
  auto h = started({}, {child("a")});
  h.call(call::TerminateChild{"x"});
  h.call(call::RestartChild{"x"});
  h.call(call::DeleteChild{"x"});
  h.call(call::GetChildSpec{"x"});
  EXPECT_EQ(h.log(), "reply not_found; reply not_found; reply not_found; reply not_found");
}

TEST(SupervisorCalls, WhichChildrenNamesTheLastStartedFirst) {
  auto h = started({}, {child("a"), child("b"), child("c")});
  EXPECT_EQ(h.which(), "c running, b running, a running");
}

TEST(SupervisorCalls, CountChildrenCountsSpecificationsAndLivingChildrenByType) {
  auto h = started({}, {child("a"), child("b").supervisor(), child("c")});
  h.call(call::TerminateChild{"a"});
  EXPECT_EQ(h.count(), "specs 3 active 2 supervisors 1 workers 2");
}

TEST(SupervisorCalls, CountChildrenDoesNotCountADeadChildAsActive) {
  auto h = started({}, {child("a"), child("b")});
  h.suspend();
  h.call(call::CountChildren{});
  h.exit("a", boom());
  h.resume();
  EXPECT_EQ(h.last_reply().counts.active, 1U);
}

TEST(SupervisorCalls, GetChildspecAnswersTheSpecificationAsGiven) {
  auto h = started({}, {child("a").transient().shutdown(Shutdown::brutal_kill())});
  h.call(call::GetChildSpec{"a"});
  ASSERT_TRUE(h.last_reply().spec);
  EXPECT_EQ(h.last_reply().spec->restart, Restart::kTransient);
  EXPECT_EQ(h.last_reply().spec->shutdown, Shutdown::brutal_kill());
}

TEST(SupervisorCalls, ACallWaitsForTheOneBeforeIt) {
  auto h = started({}, {child("a"), child("b")});
  h.ignores_exit_requests("a");
  h.call(call::TerminateChild{"a"});
  h.call(call::TerminateChild{"b"});
  EXPECT_EQ(h.log(), "stop a");
  h.exit("a", ExitReason::shutdown());
  EXPECT_EQ(h.log(), "exit a shutdown; reply ok; stop b; exit b shutdown; reply ok");
}

TEST(SupervisorCalls, TooManyWaitingCallsAreRefusedButEndsAreNot) {
  auto h = started({.intensity = 100}, {child("a"), child("b"), child("c"), child("d"), child("e"), child("f")});
  h.suspend();
  for (const char* id : {"a", "b", "c", "d", "e", "f"}) h.exit(id, boom());
  h.log();
  for (int i = 0; i < 6; ++i) h.call(call::CountChildren{});
  EXPECT_EQ(h.log(), "reply busy; reply busy");
  h.resume();
  EXPECT_EQ(h.log(), "start a; start b; start c; start d; start e; start f; reply ok; reply ok; reply ok; reply ok");
}

TEST(SupervisorCalls, ADynamicChildIsStartedFromTheTemplateWithItsArguments) {
  auto h = pool({});
  h.call(call::StartDynamicChild{std::string("x")});
  EXPECT_EQ(h.log(), "start x; reply ok");
  EXPECT_EQ(h.last_reply().instance, h.instance("x"));
}

TEST(SupervisorCalls, ADynamicChildThatFailsOrIgnoresIsNotKept) {
  auto h = pool({});
  h.fail_next("x");
  h.call(call::StartDynamicChild{std::string("x")});
  h.ignore_next("y");
  h.call(call::StartDynamicChild{std::string("y")});
  EXPECT_EQ(h.log(), "start x error: boom; reply start_failed; start y ignore; reply ok");
  EXPECT_EQ(h.count(), "specs 1 active 0 supervisors 0 workers 0");
}

TEST(SupervisorCalls, CallsByIdMakeNoSenseForDynamicChildren) {
  auto h = pool({"x"});
  h.call(call::TerminateChild{"t"});
  h.call(call::RestartChild{"t"});
  h.call(call::DeleteChild{"t"});
  EXPECT_EQ(h.log(), "reply simple_one_for_one; reply simple_one_for_one; reply simple_one_for_one");
}

TEST(SupervisorCalls, ADynamicChildIsTerminatedByItsInstanceAndForgotten) {
  auto h = pool({"x", "y"});
  h.call(call::TerminateInstance{h.instance("x")});
  EXPECT_EQ(h.log(), "stop x; exit x shutdown; reply ok");
  EXPECT_EQ(h.which(), "y running");
}

TEST(SupervisorCalls, TerminatingADynamicChildThatHasEndedIsOk) {
  auto h = pool({"x"}, child("t").temporary());
  h.exit("x", boom());
  h.log();
  h.call(call::TerminateInstance{h.instance("x")});
  h.call(call::TerminateInstance{4711});
  EXPECT_EQ(h.log(), "reply ok; reply not_found");
}

TEST(SupervisorCalls, TerminatingARestartingDynamicChildByItsLastInstanceEndsTheTries) {
  auto h = pool({"x"});
  h.fail_next("x", 2);
  const Instance last = h.instance("x");
  h.suspend();
  h.exit("x", boom());
  h.call(call::TerminateInstance{last});
  h.resume();
  EXPECT_EQ(h.log(), "exit x error: boom; start x error: boom; reply ok");
  EXPECT_EQ(h.count(), "specs 1 active 0 supervisors 0 workers 0");
}

TEST(SupervisorCalls, GetChildspecOfDynamicChildrenAnswersTheTemplate) {
  auto h = pool({"x"});
  h.call(call::GetChildSpec{"t"});
  ASSERT_TRUE(h.last_reply().spec);
  EXPECT_EQ(h.last_reply().spec->id, "t");
  h.call(call::GetChildSpec{"x"});
  EXPECT_EQ(h.last_reply().outcome, Outcome::kNotFound);
}

}  // namespace
}  // namespace troupe::kernel
