#include "actors/pod/status.hpp"

#include <gtest/gtest.h>

#include "tests/unit/actors/pod/pod_fixture.hpp"

namespace troupe::pod {
namespace {

using namespace std::chrono_literals;

TEST(Status, APodThatWasAcceptedIsPendingWithContainerCreating) {
  Bench bench(pod());
  const PodStatus& status = bench.show();
  EXPECT_EQ(status.phase, "Pending");
  EXPECT_EQ(status.containers.at(0).waiting, (Waiting{"ContainerCreating", ""}));
  EXPECT_EQ(bench.condition("Initialized"), "True//");
  EXPECT_EQ(bench.condition("Ready"), "False/ContainersNotReady/containers with unready status: [main]");
  EXPECT_EQ(bench.condition("PodReadyToStartContainers"), "False//");
  EXPECT_EQ(bench.condition("PodScheduled"), "True//");
}

TEST(Status, ARunningPodIsReady) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  bench.started(0);
  const PodStatus& status = bench.show();
  EXPECT_EQ(status.phase, "Running");
  EXPECT_TRUE(status.containers.at(0).ready);
  EXPECT_TRUE(status.containers.at(0).started);
  EXPECT_EQ(status.containers.at(0).running_since, bench.now);
  EXPECT_EQ(status.containers.at(0).container_id, "troupe://id0");
  EXPECT_EQ(status.pod_ip, "10.0.0.5");
  EXPECT_EQ(bench.condition("Ready"), "True//");
}

TEST(Status, ACrashLoopIsWordedAsTheKubeletDoes) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  bench.started(0);
  bench.exited(0, 137);
  EXPECT_EQ(bench.show().containers.at(0).terminated->reason, "Error");
  EXPECT_EQ(bench.status.containers.at(0).restart_count, 0);
  bench.act();
  EXPECT_EQ(bench.show().containers.at(0).terminated->exit_code, 137);
  EXPECT_EQ(bench.status.containers.at(0).restart_count, 0);
  bench.started(0);
  EXPECT_EQ(bench.show().containers.at(0).restart_count, 1);
  EXPECT_EQ(bench.status.containers.at(0).last->exit_code, 137);
  bench.exited(0, 1);
  bench.act();
  const ContainerStatus& looping = bench.show().containers.at(0);
  EXPECT_EQ(looping.waiting,
            (Waiting{"CrashLoopBackOff", "back-off 10s restarting failed container=main pod=web_default(u-1)"}));
  EXPECT_EQ(looping.last->exit_code, 1);
  EXPECT_EQ(looping.restart_count, 1);
  EXPECT_EQ(bench.status.phase, "Running");
  EXPECT_FALSE(looping.ready);
}

TEST(Status, AnExecErrorIsARunContainerErrorThenACrashLoop) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  on_start_failed(bench.spec, bench.state, 0, {"RunContainerError", "no such file", "id0", true}, bench.now);
  EXPECT_EQ(bench.show().containers.at(0).waiting, (Waiting{"RunContainerError", "no such file"}));
  EXPECT_EQ(bench.status.containers.at(0).last->reason, "StartError");
  EXPECT_EQ(bench.status.containers.at(0).last->exit_code, 128);
  bench.act();
  on_start_failed(bench.spec, bench.state, 0, {"RunContainerError", "no such file", "id1", true}, bench.now);
  EXPECT_EQ(bench.show().containers.at(0).waiting->reason, "CrashLoopBackOff");
}

TEST(Status, AFinishedPodSucceedsOrFails) {
  for (const int code : {0, 3}) {
    Bench bench(pod(RestartPolicy::kNever));
    bench.sandbox();
    bench.act();
    bench.started(0);
    bench.exited(0, code);
    bench.act();
    EXPECT_EQ(bench.show().phase, code == 0 ? "Succeeded" : "Failed");
    EXPECT_EQ(bench.status.containers.at(0).terminated->reason, code == 0 ? "Completed" : "Error");
    EXPECT_EQ(bench.condition("Ready"), code == 0 ? "False/PodCompleted/" : "False/PodFailed/");
    EXPECT_EQ(bench.condition("Initialized"), code == 0 ? "True/PodCompleted/" : "True//");
  }
}

TEST(Status, AReadyPodWaitsForItsGates) {
  PodSpec spec = pod();
  spec.gates = {{"example.com/a", std::nullopt}, {"example.com/b", "False"}, {"example.com/c", "True"}};
  Bench bench(spec);
  EXPECT_EQ(bench.condition("Ready"), "False/ContainersNotReady/containers with unready status: [main]");
  bench.sandbox();
  bench.act();
  bench.started(0);
  EXPECT_EQ(bench.condition("ContainersReady"), "True//");
  EXPECT_EQ(
      bench.condition("Ready"),
      "False/ReadinessGatesNotReady/corresponding condition of pod readiness gate \"example.com/a\" does not exist., "
      "the status of pod readiness gate \"example.com/b\" is not \"True\", but False");
  EXPECT_EQ(bench.status.phase, "Running");
  EXPECT_TRUE(bench.status.containers.at(0).ready) << "containers know nothing of gates";
  bench.now += 1h;
  bench.spec.gates[0].status = "True";
  bench.spec.gates[1].status = "True";
  EXPECT_EQ(bench.condition("Ready"), "True//");
  for (const auto& condition : bench.status.conditions) {
    EXPECT_EQ(condition.last_transition, condition.type == "Ready" ? bench.now : kStart) << condition.type;
  }
  bench.spec.gates[2].status = "Unknown";
  EXPECT_EQ(
      bench.condition("Ready"),
      "False/ReadinessGatesNotReady/the status of pod readiness gate \"example.com/c\" is not \"True\", but Unknown");
}

TEST(Status, AGateMayNameWhatTheNodeShowsBeforeReadiness) {
  PodSpec spec = pod();
  spec.gates = {{"Initialized", std::nullopt}};
  Bench bench(spec);
  bench.sandbox();
  bench.act();
  bench.started(0);
  EXPECT_EQ(bench.condition("Ready"), "True//");
  bench.spec.gates = {{"Ready", std::nullopt}};
  EXPECT_EQ(bench.condition("Ready"),
            "False/ReadinessGatesNotReady/corresponding condition of pod readiness gate \"Ready\" does not exist.");
}

TEST(Status, AFinishedPodIsAskedForNoGates) {
  PodSpec spec = pod(RestartPolicy::kNever);
  spec.gates = {{"example.com/a", std::nullopt}};
  Bench bench(spec);
  bench.sandbox();
  bench.act();
  bench.started(0);
  bench.exited(0, 0);
  EXPECT_EQ(bench.condition("Ready"), "False/PodCompleted/");
}

TEST(Status, TensOfThousandsOfGatesStayInOneMessage) {
  PodSpec spec = pod();
  for (int i = 0; i < 30'000; ++i) spec.gates.push_back({"example.com/" + std::to_string(i), std::nullopt});
  Bench bench(spec);
  bench.sandbox();
  bench.act();
  bench.started(0);
  const std::string shown = bench.condition("Ready");
  EXPECT_LT(shown.size(), 33'000U);
  EXPECT_TRUE(shown.ends_with(", and more")) << shown.substr(shown.size() - 100);
}

TEST(Status, ThePodsOwnResourcesDecideItsQosClass) {
  PodSpec spec = pod();
  EXPECT_EQ(qos_class(spec), "BestEffort");
  spec.requests = {{"cpu", "100m"}};
  EXPECT_EQ(qos_class(spec), "Burstable");
  spec.limits = {{"cpu", "100m"}, {"memory", "64Mi"}};
  EXPECT_EQ(qos_class(spec), "Guaranteed");
  spec.containers[0].requests = {{"cpu", "50m"}};
  EXPECT_EQ(qos_class(spec), "Guaranteed") << "whatever its containers ask for";
  spec.limits["cpu"] = "200m";
  EXPECT_EQ(qos_class(spec), "Burstable");
}

TEST(Status, AContainersStopSignalIsShown) {
  PodSpec spec = pod();
  spec.containers[0].stop_signal = "SIGUSR1";
  Bench bench(spec);
  EXPECT_EQ(bench.show().containers.at(0).stop_signal, "SIGUSR1");
}

TEST(Status, InitContainersAreShownApart) {
  PodSpec spec = pod();
  spec.containers.insert(spec.containers.begin(), container("setup", ContainerKind::kInit));
  Bench bench(spec);
  bench.sandbox();
  EXPECT_EQ(bench.show().containers.at(0).waiting->reason, "PodInitializing");
  EXPECT_EQ(bench.condition("Initialized"),
            "False/ContainersNotInitialized/containers with incomplete status: [setup]");
  bench.act();
  bench.started(0);
  EXPECT_EQ(bench.show().phase, "Pending");
  bench.exited(0, 0);
  EXPECT_EQ(bench.condition("Initialized"), "True//");
  EXPECT_TRUE(bench.status.init_containers.at(0).ready);
  EXPECT_EQ(bench.status.containers.at(0).waiting->reason, "ContainerCreating");
}

TEST(Status, AConditionKeepsItsTimeUntilItChanges) {
  Bench bench(pod());
  bench.show();
  bench.now += 1h;
  bench.sandbox();
  bench.act();
  bench.started(0);
  for (const auto& condition : bench.show().conditions) {
    const bool changed = condition.type != "PodScheduled" && condition.type != "Initialized";
    EXPECT_EQ(condition.last_transition, changed ? kStart + 1h : kStart) << condition.type;
  }
}

TEST(Status, QosFollowsRequestsAndLimits) {
  PodSpec spec = pod();
  EXPECT_EQ(qos_class(spec), "BestEffort");
  spec.containers[0].requests = {{"cpu", "1"}};
  EXPECT_EQ(qos_class(spec), "Burstable");
  spec.containers[0].limits = {{"cpu", "1"}, {"memory", "1Gi"}};
  EXPECT_EQ(qos_class(spec), "Guaranteed");
  spec.containers.push_back(container("second"));
  EXPECT_EQ(qos_class(spec), "Burstable");
}

}  // namespace
}  // namespace troupe::pod
