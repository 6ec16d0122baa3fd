// What has threads of its own, as a child of a supervisor.
#include "kernel/service.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "kernel/supervision_tree.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {
namespace {

using namespace std::chrono_literals;

/// A service whose answers the test gives.
struct FakeService final : Service {
  explicit FakeService(std::vector<std::string>& l, std::string n) : lines(l), name(std::move(n)) {}

  void start(std::function<void(Status)> up, std::function<void(Error)> down) override {
    lines.push_back("start " + name);
    started = std::move(up);
    broken = std::move(down);
    if (at_once) started({});
  }
  void stop(std::function<void()> gone) override {
    lines.push_back("stop " + name);
    stopped = std::move(gone);
    if (at_once) stopped();
  }

  std::vector<std::string>& lines;
  std::string name;
  bool at_once = true;
  std::function<void(Status)> started;
  std::function<void(Error)> broken;
  std::function<void()> stopped;
};

struct World {
  std::vector<std::string> lines;
  FakeService store{lines, "store"};
  FakeService api{lines, "api"};
  System system{SystemOptions{}};
  ActorRef root;

  void start(std::uint32_t intensity = 1) {
    SupervisorSpec spec;
    spec.name = "root";
    spec.flags = {Strategy::kRestForOne, intensity, 5s};
    spec.children = {service("store", store), service("api", api)};
    auto started = Supervisor::start_root(system, std::move(spec));
    ASSERT_TRUE(started);
    root = *started;
    system.run_ready();
  }
  std::string tree() {
    std::string text;
    system.request(root, make_local<TreeQuery>(), 1s,
                   [&](Result<AnyMsg> answer) { text = render_tree(*Local<TreeNode>::from(*answer)); });
    system.run_ready();
    return text;
  }
  using Lines = std::vector<std::string>;
};

TEST(Service, IsAChildThatStartsInOrderStopsInReverseAndIsInTheTree) {
  World world;
  world.store.at_once = false;
  world.start();
  EXPECT_EQ(world.lines, World::Lines({"start store"})) << "the next one waits until it is up";
  world.store.started({});
  world.system.run_ready();
  EXPECT_EQ(world.lines, World::Lines({"start store", "start api"}));
  EXPECT_NE(world.tree().find("store"), std::string::npos);
  EXPECT_NE(world.tree().find("api"), std::string::npos);
  world.store.at_once = true;
  EXPECT_TRUE(world.system.stop(10s).empty());
  EXPECT_EQ(world.lines, World::Lines({"start store", "start api", "stop api", "stop store"}));
}

TEST(Service, OneThatBreaksIsStoppedAndRestartedWithWhatStandsOnIt) {
  World world;
  world.start();
  world.lines.clear();
  world.store.broken(Error(ErrorCode::kIo, "the disk is gone"));
  world.system.run_ready();
  EXPECT_EQ(world.lines, World::Lines({"stop store", "stop api", "start store", "start api"}));
  EXPECT_NE(world.tree().find("the disk is gone"), std::string::npos);
}

TEST(Service, OneThatStaysBrokenEndsTheTree) {
  World world;
  world.start(2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(world.root.alive());
    world.store.broken(Error(ErrorCode::kIo, "the disk is gone"));
    world.system.run_until_idle();
  }
  EXPECT_FALSE(world.root.alive());
  EXPECT_EQ(world.system.actor_count(), 0U);
  for (const std::string name : {"store", "api"})
    EXPECT_EQ(std::count(world.lines.begin(), world.lines.end(), "start " + name),
              std::count(world.lines.begin(), world.lines.end(), "stop " + name))
        << name << " runs on";
}

TEST(Service, OneThatCannotStartFailsTheStartOfItsSupervisor) {
  World world;
  world.api.at_once = false;
  world.start();
  world.api.started(fail(ErrorCode::kAlreadyExists, "the port is taken"));
  world.system.run_until_idle();
  EXPECT_FALSE(world.root.alive());
  EXPECT_EQ(world.lines, World::Lines({"start store", "start api", "stop store"}));
}

TEST(Service, AskedToEndWhileItStartsItStopsWhatCameUp) {
  World world;
  world.store.at_once = false;
  world.start();
  world.system.send_exit(world.root, ExitReason::shutdown());
  world.system.run_ready();
  world.store.started({});
  world.system.run_ready();
  while (world.lines.back() != "stop store" && world.system.step()) {
  }
  EXPECT_EQ(world.lines.back(), "stop store");
  world.store.stopped();
  world.system.run_until_idle();
  EXPECT_EQ(world.system.actor_count(), 0U);
}

TEST(Service, KilledItIsToldToStopOnceWhenItIsUpOrComesUp) {
  for (const bool comes_up_later : {false, true}) {
    World world;
    world.store.at_once = !comes_up_later;
    world.start();
    world.system.send_exit(world.root, ExitReason::killed());
    world.system.run_until_idle();
    if (comes_up_later) world.store.started({});
    EXPECT_EQ(std::count(world.lines.begin(), world.lines.end(), "stop store"), 1) << comes_up_later;
    EXPECT_EQ(world.system.actor_count(), 0U);
  }
}

}  // namespace
}  // namespace troupe::kernel
