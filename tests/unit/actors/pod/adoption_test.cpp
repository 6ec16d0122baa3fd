#include "actors/pod/adoption.hpp"

#include <gtest/gtest.h>

#include "tests/unit/actors/pod/pod_fixture.hpp"

namespace troupe::pod {
namespace {

using namespace std::chrono_literals;

runtime::ContainerInfo info(std::uint32_t attempt, runtime::ContainerState state, int code = 0) {
  runtime::ContainerInfo out;
  out.id = "u-1.main." + std::to_string(attempt);
  out.sandbox_id = "u-1";
  out.name = "main";
  out.attempt = attempt;
  out.state = state;
  out.start.started_at = kStart + std::chrono::seconds(attempt);
  if (state == runtime::ContainerState::kExited) {
    runtime::ContainerExit exit;
    exit.container_id = out.id;
    exit.sandbox_id = "u-1";
    exit.exit_code = code;
    exit.started_at = out.start.started_at;
    exit.finished_at = kStart + 60s + std::chrono::seconds(attempt);
    out.exit = exit;
  }
  return out;
}

RuntimeSlice slice(std::vector<runtime::ContainerInfo> containers) { return {true, std::move(containers), {}}; }

TEST(Adoption, ARunningContainerIsTakenOverWithItsCountAndLastState) {
  const auto state =
      adopt(pod(), slice({info(2, runtime::ContainerState::kExited, 137), info(3, runtime::ContainerState::kRunning)}),
            {}, kStart + 100s);
  const auto& run = state.containers.at(0);
  EXPECT_EQ(run.phase, RunPhase::kRunning);
  EXPECT_EQ(run.attempt, 3U);
  EXPECT_EQ(run.previous->exit_code, 137);
  EXPECT_EQ(run.backoff.delay(), 40s);
  EXPECT_TRUE(state.initialized);
  EXPECT_TRUE(decide(pod(), state, kStart + 100s).actions.empty());
}

TEST(Adoption, AnExitThatNobodyHeardOfIsCollectedAndTheContainerRestarted) {
  const auto state = adopt(pod(), slice({info(0, runtime::ContainerState::kExited, 1)}), {}, kStart + 100s);
  EXPECT_EQ(state.containers.at(0).exit->exit_code, 1);
  EXPECT_EQ(decide(pod(), state, kStart + 100s).actions, (std::vector<Action>{{ActionKind::kStart, 0, 1}}));
}

TEST(Adoption, ARunThatWasOnlyCreatedIsStartedAsTheSameRun) {
  auto state = adopt(pod(), slice({info(0, runtime::ContainerState::kCreated)}), {}, kStart);
  EXPECT_EQ(decide(pod(), state, kStart).actions, (std::vector<Action>{{ActionKind::kStart, 0, 0}}));
  state =
      adopt(pod(), slice({info(0, runtime::ContainerState::kExited, 1), info(1, runtime::ContainerState::kCreated)}),
            {}, kStart + 100s);
  const auto actions = decide(pod(), state, kStart + 1000s).actions;
  ASSERT_FALSE(actions.empty());
  EXPECT_EQ(actions.back(), (Action{ActionKind::kStart, 0, 1}));
}

TEST(Adoption, AContainerThatWasShownRunningAndIsLostIsUnknown) {
  PodStatus shown;
  ContainerStatus main;
  main.name = "main";
  main.restart_count = 4;
  main.running_since = kStart;
  main.container_id = "troupe://u-1.main.4";
  shown.containers.push_back(main);
  const auto state = adopt(pod(), {}, shown, kStart + 100s);
  EXPECT_EQ(state.sandbox, SandboxPhase::kNone);
  EXPECT_EQ(state.containers.at(0).exit->reason, "ContainerStatusUnknown");
  EXPECT_EQ(state.containers.at(0).exit->exit_code, 137);
  EXPECT_EQ(state.containers.at(0).attempt, 4U);
}

TEST(Adoption, AStatusThatWasLostIsReportedSo) {
  auto lost = info(0, runtime::ContainerState::kExited, 137);
  lost.exit->status_lost = true;
  const auto state = adopt(pod(), slice({lost}), {}, kStart + 100s);
  EXPECT_EQ(state.containers.at(0).exit->reason, "ContainerStatusUnknown");
}

TEST(Adoption, AFinishedPodStaysFinishedThoughTheRuntimeForgotIt) {
  PodStatus shown;
  shown.phase = "Succeeded";
  ContainerStatus main;
  main.name = "main";
  main.terminated = ExitRecord{0, "Completed", "", kStart, kStart + 1s, "u-1.main.0"};
  shown.containers.push_back(main);
  const PodSpec spec = pod(RestartPolicy::kNever);
  const auto state = adopt(spec, {}, shown, kStart + 100s);
  EXPECT_TRUE(is_finished(spec, state));
  EXPECT_TRUE(decide(spec, state, kStart + 100s).actions.empty());
}

TEST(Adoption, ARestartOfTheKernelKeepsTheRestartCountOfARunThatNeverStarted) {
  PodStatus shown;
  ContainerStatus main;
  main.name = "main";
  main.restart_count = 2;
  main.waiting = Waiting{"CrashLoopBackOff", ""};
  main.last = ExitRecord{128, "StartError", "no such file", Time(), kStart, "u-1.main.2"};
  shown.containers.push_back(main);
  const auto state = adopt(pod(), slice({info(1, runtime::ContainerState::kExited, 1)}), shown, kStart + 1s);
  EXPECT_EQ(state.containers.at(0).attempt, 2U);
  EXPECT_EQ(state.containers.at(0).exit->reason, "StartError");
}

TEST(Adoption, TheRuntimeIsAskedForACompleteCommand) {
  PodSpec spec = pod();
  spec.hostname = "web";
  spec.containers[0].command = {"/bin/echo", "$(WHO)"};
  EnvVar who;
  who.name = "WHO";
  who.source = EnvVar::Source::kField;
  who.path = "metadata.name";
  spec.containers[0].env = {who};
  spec.containers[0].security.run_as_user = 1000;
  const auto wanted = to_runtime_spec(spec, 0, 7, {}, "/var/log/pods");
  ASSERT_TRUE(wanted) << wanted.error().message;
  EXPECT_EQ(wanted->id, "u-1.main.7");
  EXPECT_EQ(wanted->argv, (std::vector<std::string>{"/bin/echo", "web"}));
  EXPECT_EQ(wanted->user, 1000U);
  EXPECT_EQ(wanted->log.path, "/var/log/pods/default_web_u-1/main/7.log");
  EXPECT_EQ(wanted->environment.size(), 3U);
}

TEST(Adoption, TheRuntimeIsAskedForThePodsProcessesWhereItMayMakeNamespaces) {
  PodSpec spec = pod();
  spec.containers[0].command = {"/bin/true"};
  spec.share_processes = true;
  EXPECT_EQ(to_runtime_spec(spec, 0, 0, {}, "/var/log/pods", true)->pids, runtime::PidScope::kSandbox);
  EXPECT_EQ(to_runtime_spec(spec, 0, 0, {}, "/var/log/pods", false)->pids, runtime::PidScope::kNode);
}

}  // namespace
}  // namespace troupe::pod
