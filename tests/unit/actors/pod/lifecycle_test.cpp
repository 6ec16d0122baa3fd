#include "actors/pod/lifecycle.hpp"

#include <gtest/gtest.h>

#include "actors/pod/status.hpp"
#include "tests/unit/actors/pod/pod_fixture.hpp"

namespace troupe::pod {
namespace {

using namespace std::chrono_literals;
using Actions = std::vector<Action>;

TEST(Lifecycle, StartsASandboxThenTheContainer) {
  Bench bench(pod());
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kCreateSandbox, 0, 0}}));
  EXPECT_TRUE(bench.act().empty());
  on_sandbox_ready(bench.state, "10.0.0.5");
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 0}}));
  EXPECT_TRUE(bench.act().empty());
  bench.started(0);
  EXPECT_TRUE(bench.act().empty());
}

TEST(Lifecycle, RestartPolicyDecidesWhatFollowsAnExit) {
  struct Case {
    RestartPolicy policy;
    int code;
    bool restarts;
  };
  for (const Case c : {Case{RestartPolicy::kAlways, 0, true},
                       {RestartPolicy::kAlways, 1, true},
                       {RestartPolicy::kOnFailure, 0, false},
                       {RestartPolicy::kOnFailure, 137, true},
                       {RestartPolicy::kNever, 0, false},
                       {RestartPolicy::kNever, 1, false}}) {
    Bench bench(pod(c.policy));
    bench.sandbox();
    bench.act();
    bench.started(0);
    bench.exited(0, c.code);
    EXPECT_EQ(!bench.act().empty(), c.restarts) << static_cast<int>(c.policy) << " " << c.code;
    EXPECT_EQ(is_finished(bench.spec, bench.state), !c.restarts);
  }
}

TEST(Lifecycle, ACrashLoopFollowsTheCurveAndKeepsOneEndedRun) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  bench.started(0);
  const std::chrono::seconds waits[] = {0s, 10s, 20s, 40s, 80s, 160s, 300s, 300s};
  std::uint32_t attempt = 0;
  for (const auto wait : waits) {
    bench.exited(0, 1);
    if (wait > 0s) {
      EXPECT_TRUE(bench.act().empty());
      EXPECT_EQ(bench.look().wake_at, bench.now + wait);
      bench.now += wait;
    }
    Actions expected;
    if (attempt > 0) expected.push_back({ActionKind::kRemoveContainer, 0, attempt - 1});
    expected.push_back({ActionKind::kStart, 0, ++attempt});
    EXPECT_EQ(bench.act(), expected);
    bench.started(0);
  }
}

TEST(Lifecycle, AnEphemeralContainerRunsOnceAndCountsForNothing) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  bench.started(0);
  bench.spec.containers.push_back(container("debug", ContainerKind::kEphemeral));
  prepare(bench.spec, bench.state, bench.now);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 1, 0}}));
  bench.started(1);
  bench.exited(1, 1);
  EXPECT_TRUE(bench.act().empty());
  EXPECT_FALSE(is_finished(bench.spec, bench.state));
  const PodStatus status = compute_status(bench.spec, bench.state, "10.0.0.1", {}, bench.now);
  ASSERT_EQ(status.ephemeral.size(), 1U);
  EXPECT_EQ(status.ephemeral[0].terminated->exit_code, 1);
  EXPECT_EQ(status.containers.size(), 1U);
  EXPECT_EQ(status.phase, "Running");
}

TEST(Lifecycle, InitContainersRunOneAfterAnother) {
  PodSpec spec = pod();
  spec.containers = {container("a", ContainerKind::kInit), container("b", ContainerKind::kInit), container("main")};
  Bench bench(spec);
  bench.sandbox();
  for (const std::size_t i : {0U, 1U}) {
    EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, i, 0}}));
    bench.started(i);
    EXPECT_TRUE(bench.act().empty());
    EXPECT_FALSE(bench.state.initialized);
    bench.exited(i, 0);
  }
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 2, 0}}));
  EXPECT_TRUE(bench.state.initialized);
}

TEST(Lifecycle, AFailedInitContainerIsRetriedOrEndsThePod) {
  for (const auto policy : {RestartPolicy::kAlways, RestartPolicy::kOnFailure, RestartPolicy::kNever}) {
    PodSpec spec = pod(policy);
    spec.containers = {container("a", ContainerKind::kInit), container("main")};
    Bench bench(spec);
    bench.sandbox();
    bench.act();
    bench.started(0);
    bench.exited(0, 1);
    const bool never = policy == RestartPolicy::kNever;
    EXPECT_EQ(bench.act().empty(), never);
    EXPECT_EQ(is_finished(bench.spec, bench.state), never);
  }
}

TEST(Lifecycle, ASidecarStartsInTurnRestartsAlwaysAndStopsLast) {
  PodSpec spec = pod(RestartPolicy::kNever);
  spec.containers = {container("side", ContainerKind::kSidecar), container("init", ContainerKind::kInit),
                     container("main")};
  Bench bench(spec);
  bench.sandbox();
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 0}}));
  bench.started(0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 1, 0}}));
  bench.started(1);
  bench.exited(0, 1);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 1}}));
  bench.started(0);
  bench.exited(1, 0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 2, 0}}));
  bench.started(2);
  bench.exited(2, 0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 0, 1}}));
  bench.exited(0, 143);
  EXPECT_TRUE(bench.act().empty());
  EXPECT_EQ(bench.show().phase, "Succeeded");
}

TEST(Lifecycle, DeletionTerminatesThenKillsThenCleansUp) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  bench.started(0);
  bench.spec.deletion_grace = 5s;
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 0, 0}}));
  EXPECT_EQ(bench.look().wake_at, bench.now + 5s);
  bench.now += 5s;
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kKill, 0, 0}}));
  EXPECT_TRUE(bench.act().empty());
  bench.exited(0, 137);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kRemoveSandbox, 0, 0}}));
  EXPECT_FALSE(bench.look().gone);
  on_sandbox_removed(bench.state);
  EXPECT_TRUE(bench.look().gone);
}

TEST(Lifecycle, DeletionWaitsForARunThatIsJustBeingStarted) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  bench.spec.deletion_grace = 5s;
  EXPECT_TRUE(bench.act().empty());
  bench.started(0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 0, 0}}));
}

TEST(Lifecycle, APodThatNeverHadAnythingIsGoneAtOnce) {
  PodSpec spec = pod();
  spec.deletion_grace = 30s;
  Bench bench(spec);
  EXPECT_TRUE(bench.look().gone);
}

TEST(Lifecycle, AFinishedPodKeepsItsRecordsUntilItIsDeleted) {
  Bench bench(pod(RestartPolicy::kNever));
  bench.sandbox();
  bench.act();
  bench.started(0);
  bench.exited(0, 0);
  EXPECT_TRUE(bench.act().empty());
  bench.spec.deletion_grace = 0s;
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kRemoveSandbox, 0, 0}}));
}

TEST(Lifecycle, AnExecErrorCountsAsARunThatFailed) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  StartFailure failure{"RunContainerError", "exec \"/no\": No such file or directory", "id0", true};
  on_start_failed(bench.spec, bench.state, 0, failure, bench.now);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 1}}));
  on_start_failed(bench.spec, bench.state, 0, failure, bench.now);
  EXPECT_TRUE(bench.act().empty());
  EXPECT_EQ(bench.look().wake_at, bench.now + 10s);
}

TEST(Lifecycle, AConfigurationErrorIsTriedAgainAsTheSameRun) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  on_start_failed(bench.spec, bench.state, 0, {"CreateContainerConfigError", "no key", "", false}, bench.now);
  EXPECT_TRUE(bench.act().empty());
  bench.now += 10s;
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 0}}));
}

TEST(Lifecycle, AStartThatWasPostponedIsRepeatedAsTheSameRun) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  on_start_postponed(bench.state, 0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 0}}));
  bench.started(0);
  bench.exited(0, 1);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 1}}));
  on_start_postponed(bench.state, 0);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kStart, 0, 1}}));
}

TEST(Lifecycle, AnActiveDeadlineFailsThePodAndStopsIt) {
  PodSpec spec = pod();
  spec.active_deadline = 60s;
  Bench bench(spec);
  bench.sandbox();
  bench.act();
  bench.started(0);
  EXPECT_EQ(bench.look().wake_at, kStart + 60s);
  bench.now += 60s;
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kTerminate, 0, 0}}));
  bench.exited(0, 143);
  EXPECT_EQ(bench.show().phase, "Failed");
  EXPECT_EQ(bench.status.reason, "DeadlineExceeded");
}

TEST(Lifecycle, AFailedSandboxIsTriedAgainWithBackOff) {
  Bench bench(pod());
  bench.act();
  on_sandbox_failed(bench.spec, bench.state, "no space", bench.now);
  EXPECT_EQ(bench.act(), (Actions{{ActionKind::kCreateSandbox, 0, 0}}));
  on_sandbox_failed(bench.spec, bench.state, "no space", bench.now);
  EXPECT_TRUE(bench.act().empty());
  EXPECT_EQ(bench.look().wake_at, bench.now + 10s);
}

}  // namespace
}  // namespace troupe::pod
