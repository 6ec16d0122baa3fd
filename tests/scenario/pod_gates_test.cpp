#include <gtest/gtest.h>
#include <signal.h>

#include <random>

#include "tests/scenario/pod_world.hpp"

namespace troupe::scenario {
namespace {

using namespace std::chrono_literals;

constexpr const char* kGate = "example.com/gate";
constexpr const char* kMissing =
    "False ReadinessGatesNotReady corresponding condition of pod readiness gate \"example.com/gate\" does not exist.";

PodManifest gated() {
  PodManifest manifest;
  manifest.gates = {kGate};
  manifest.backoff = "initial=0,budget=1000/1s";
  return manifest;
}

TEST(PodGates, ReadinessFollowsTheConditionOfSomebodyElseAtOnce) {
  PodWorld world(1);
  world.start_kernel();
  world.create(gated());
  world.run_for(1s);
  EXPECT_EQ(world.condition("web", "ContainersReady"), "True  ");
  EXPECT_EQ(world.condition("web", "Ready"), kMissing);
  world.set_condition("web", kGate, "True");
  world.run_for(5ms);
  EXPECT_EQ(world.condition("web", "Ready"), "True  ");
  EXPECT_EQ(world.condition("web", kGate), "True  ") << "what others write is kept";
  world.set_condition("web", kGate, "False");
  world.run_for(5ms);
  EXPECT_EQ(
      world.condition("web", "Ready"),
      "False ReadinessGatesNotReady the status of pod readiness gate \"example.com/gate\" is not \"True\", but False");
  EXPECT_EQ(world.condition("web", kGate), "False  ");
  world.set_condition("web", kGate, "");
  world.run_for(5ms);
  EXPECT_EQ(world.condition("web", "Ready"), kMissing);
  EXPECT_EQ(world.condition("web", kGate), "absent");
}

TEST(PodGates, AGateMayBePassedBeforeAContainerRuns) {
  PodWorld world(2);
  world.start_kernel();
  PodManifest manifest = gated();
  manifest.config_map = "settings";
  world.create(manifest);
  world.run_for(1s);
  world.set_condition("web", kGate, "True");
  world.run_for(1s);
  EXPECT_EQ(world.condition("web", "Ready"), "False ContainersNotReady containers with unready status: [main]");
  world.create_config_map("settings");
  world.run_for(11s);
  EXPECT_EQ(world.condition("web", "Ready"), "True  ");
}

TEST(PodGates, AKernelThatWasAwayHearsWhatChangedMeanwhile) {
  PodWorld world(3);
  world.start_kernel();
  world.create(gated());
  world.run_for(1s);
  world.set_condition("web", kGate, "True");
  while (world.condition("web", kGate) != "True  ") world.run_for(10us);
  EXPECT_EQ(world.condition("web", "Ready"), kMissing);
  world.crash_kernel();  // it is written, and nobody has answered yet
  world.run_for(1s);
  world.start_kernel();
  world.run_for(1s);
  EXPECT_EQ(world.condition("web", kGate), "True  ");
  EXPECT_EQ(world.condition("web", "Ready"), "True  ");
  world.kill("web", SIGKILL);
  world.run_for(1s);
  EXPECT_EQ(world.condition("web", kGate), "True  ");
  EXPECT_EQ(world.condition("web", "Ready"), "True  ") << "it ran again, and the gate was passed";
  EXPECT_EQ(world.main_of("web").restart_count, 1);
}

/// The gate changes while processes, actors and kernels die: in the end Ready says what the gate says.
void survive(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  PodWorld world(seed);
  world.start_kernel();
  world.create(gated());
  world.run_for(1ms);
  std::string last;
  for (int step = 0; step < 12; ++step) {
    last = random() % 3 == 0 ? "" : random() % 2 == 0 ? "True" : "False";
    world.set_condition("web", kGate, last);
    world.run_for(std::chrono::microseconds(random() % 3000));
    switch (random() % 4) {
      case 0:
        world.kill("web", SIGKILL);
        break;
      case 1:
        world.kill_actor(random() % 2 == 0 ? "pod/uid-1" : "node");
        break;
      case 2:
        world.keeper().detach(random() % 2 == 0);
        world.keeper().attach();
        break;
      case 3:
        world.run_for(1ms);
        world.crash_kernel();
        world.run_for(std::chrono::microseconds(random() % 3000));
        world.start_kernel();
        break;
    }
  }
  world.run_for(1s);  // what was lost with a kernel or overtaken by another write is written again
  world.set_condition("web", kGate, last);
  world.run_for(60s);
  EXPECT_EQ(world.condition("web", "ContainersReady"), "True  ");
  EXPECT_EQ(world.condition("web", "Ready").substr(0, 4) == "True", last == "True") << world.condition("web", "Ready");
  EXPECT_EQ(world.condition("web", kGate), last.empty() ? "absent" : last + "  ");
}

TEST(PodGates, ReadinessIsWhatTheGateSaysWhateverDies) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    survive(seed);
    if (::testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace troupe::scenario
