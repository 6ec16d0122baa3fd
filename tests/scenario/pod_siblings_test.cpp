#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "tests/scenario/pod_world.hpp"

namespace troupe::scenario {
namespace {

using namespace std::chrono_literals;

PodManifest trio(std::string strategy) {
  PodManifest manifest;
  manifest.strategy = std::move(strategy);
  manifest.more_commands = {"/bin/one", "/bin/two"};
  return manifest;
}

std::vector<std::int32_t> restarts(PodWorld& world) {
  std::vector<std::int32_t> out;
  const auto pod = world.get("web");
  for (const auto& one : pod->status.containers) out.push_back(one.restart_count);
  return out;
}

bool any_has(const std::vector<std::string>& lines, const std::string& words) {
  return std::any_of(lines.begin(), lines.end(),
                     [&](const auto& line) { return line.find(words) != std::string::npos; });
}

TEST(PodSiblings, OneForAllBringsEverybodyBackTogether) {
  PodWorld world(1);
  world.start_kernel();
  world.create(trio("one_for_all"));
  world.run_for(1s);
  ASSERT_EQ(world.running_processes(), 3U);
  ASSERT_TRUE(world.kill("web", SIGKILL, "main-1"));
  world.run_for(1s);
  EXPECT_EQ(restarts(world), (std::vector<std::int32_t>{1, 1, 1}));
  EXPECT_EQ(world.condition("web", "Ready"), "True  ");
  EXPECT_EQ(world.running_processes(), 3U);
  const auto containers = world.get("web")->status.containers;
  EXPECT_EQ(containers[1].last->exit_code, 137);
  EXPECT_EQ(containers[0].last->exit_code, 143) << "told to end, not killed";
  EXPECT_TRUE(any_has(world.events_of("web"), "Killing: Stopping container main-2"));
}

TEST(PodSiblings, OneForAllKillsWhoDoesNotEndInItsGrace) {
  PodWorld world(2);
  world.programs["/bin/two"].ignores_term = true;
  world.start_kernel();
  PodManifest manifest = trio("one_for_all");
  manifest.grace_seconds = 5;
  world.create(manifest);
  world.run_for(1s);
  ASSERT_TRUE(world.kill("web", SIGKILL));
  world.run_for(4s);
  EXPECT_EQ(world.running_processes(), 2U) << "one after another: main-1 waits for main-2";
  world.run_for(2s);
  EXPECT_EQ(restarts(world), (std::vector<std::int32_t>{1, 1, 1}));
  EXPECT_EQ(world.get("web")->status.containers[2].last->exit_code, 137);
}

TEST(PodSiblings, RestForOneBringsBackThoseBehind) {
  PodWorld world(3);
  world.start_kernel();
  world.create(trio("rest_for_one"));
  world.run_for(1s);
  ASSERT_TRUE(world.kill("web", SIGKILL, "main-1"));
  world.run_for(1s);
  EXPECT_EQ(restarts(world), (std::vector<std::int32_t>{0, 1, 1}));
  ASSERT_TRUE(world.kill("web", SIGKILL, "main-2"));
  world.run_for(1s);
  EXPECT_EQ(restarts(world), (std::vector<std::int32_t>{0, 1, 2}));
}

TEST(PodSiblings, AStrategyThatIsNoneIsTold) {
  PodWorld world(4);
  world.start_kernel();
  world.create(trio("all_for_one"));
  world.run_for(1s);
  EXPECT_TRUE(any_has(world.events_of("web"),
                      "InvalidAnnotation: metadata.annotations[troupe.dev/restart-strategy]: unknown strategy "
                      "\"all_for_one\"; known are one_for_one, one_for_all, rest_for_one; one_for_one holds"));
  ASSERT_TRUE(world.kill("web", SIGKILL));
  world.run_for(1s);
  EXPECT_EQ(restarts(world), (std::vector<std::int32_t>{1, 0, 0}));
}

TEST(PodSiblings, ARuleRestartsAllContainersFromTheInitContainersOn) {
  PodWorld world(5);
  runtime::FakeProgram set_up;
  set_up.exit_after = 1ms;
  world.programs["/bin/init"] = set_up;
  runtime::FakeProgram asks;
  asks.exit_after = 2s;
  asks.exit_code = 42;
  world.programs["/bin/web"] = asks;
  world.start_kernel();
  PodManifest manifest = trio("");
  manifest.restart_policy = "Never";
  manifest.init_commands = {"/bin/init"};
  manifest.restart_all = {42};
  world.create(manifest);
  world.run_for(1s);
  ASSERT_EQ(world.get("web")->status.init_containers[0].restart_count, 0);
  world.programs["/bin/web"] = {};
  world.run_for(2s);
  EXPECT_EQ(restarts(world), (std::vector<std::int32_t>{1, 1, 1}));
  const auto status = world.get("web")->status;
  EXPECT_EQ(status.init_containers[0].restart_count, 1);
  EXPECT_EQ(status.phase, "Running");
  EXPECT_EQ(status.containers[1].last->exit_code, 137) << "without grace";
  EXPECT_EQ(world.condition("web", "Ready"), "True  ");
}

/// Deaths of processes, actors, the keeper's link and the kernel: in the end all run, and one death still takes exactly
/// those along that it should.
void survive(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  PodWorld world(seed);
  world.start_kernel();
  const bool all = random() % 2 == 0;
  PodManifest manifest = trio(all ? "one_for_all" : "rest_for_one");
  manifest.backoff = "initial=0,budget=1000/1s";
  manifest.grace_seconds = 1;
  world.programs["/bin/one"].ignores_term = random() % 4 == 0;
  world.programs["/bin/two"].time_to_stop = std::chrono::microseconds(random() % 3000);
  world.create(manifest);
  const std::string names[] = {"main", "main-1", "main-2"};
  for (int step = 0; step < 12; ++step) {
    world.run_for(std::chrono::microseconds(random() % 4000));
    switch (random() % 4) {
      case 0:
        world.kill("web", SIGKILL, names[random() % 3]);
        break;
      case 1:
        world.kill_actor(random() % 2 == 0 ? "pod/uid-1" : "node");
        break;
      case 2:
        world.keeper().detach(random() % 2 == 0);
        world.run_for(std::chrono::microseconds(random() % 3000));
        world.keeper().attach();
        break;
      case 3:
        world.crash_kernel();
        world.run_for(std::chrono::microseconds(random() % 3000));
        world.start_kernel();
        break;
    }
  }
  world.run_for(60s);
  if (!world.get("web")) return;  // the kernel died before the pod was written
  ASSERT_EQ(world.running_processes(), 3U);
  EXPECT_EQ(world.condition("web", "Ready"), "True  ");
  auto expected = restarts(world);
  ASSERT_TRUE(world.kill("web", SIGKILL, "main-1"));
  world.run_for(10s);
  for (std::size_t i = all ? 0 : 1; i < 3; ++i) ++expected[i];
  EXPECT_EQ(restarts(world), expected);
  EXPECT_EQ(world.running_processes(), 3U);
  world.remove("web");
  world.run_for(60s);
  EXPECT_EQ(world.running_processes(), 0U);
  EXPECT_TRUE(world.inventory().sandboxes.empty());
}

TEST(PodSiblings, AGroupIsWholeAgainWhateverDies) {
  const char* more = std::getenv("TROUPE_SEEDS");
  const std::uint64_t seeds = more != nullptr ? std::strtoull(more, nullptr, 10) : 200;
  for (std::uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    survive(seed);
  }
}

}  // namespace
}  // namespace troupe::scenario
