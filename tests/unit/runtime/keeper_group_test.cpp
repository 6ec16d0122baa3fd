#include <filesystem>

#include "runtime/cgroup.hpp"
#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

namespace fs = std::filesystem;

/// Containers with limits; needs a memory group that can be written.
class KeeperGroupTest : public KeeperTest {
 protected:
  void SetUp() override {
    const Cgroups groups = Cgroups::find();
    if (!groups.writable("memory")) GTEST_SKIP() << groups.obstacle("memory");
    start_keeper();
    connect();
  }
  /// The groups of all keepers of the machine lie beside each other.
  const std::string id_ = "group-of-" + std::to_string(getpid());

  ContainerSpec limited(const std::string& id, const std::string& script) const {
    ContainerSpec out = spec(id, script);
    out.confinement.bounds.memory_bytes = 256u << 20u;
    return out;
  }
  /// The folder of the group in which the container runs.
  static std::string group_of(const std::string& id) {
    const std::string own = Cgroups::find().folder("memory");
    for (const auto& keeper : fs::directory_iterator(own)) {
      if (fs::exists(keeper.path() / id)) return (keeper.path() / id).string();
    }
    return {};
  }
};

TEST_F(KeeperGroupTest, WhatClearedItsEnvironmentEndsWithItsContainerAndTheGroupGoes) {
  Pipe pipe(path("pipe"));
  ASSERT_TRUE(run(limited(
      id_, "setsid env -i /bin/sh -c 'echo $$ > " + pipe.path() + "; exec /bin/sleep 100000' & exec sleep 100000")));
  const pid_t daemon = std::stoi(pipe.line());
  const std::string group = group_of(id_);
  ASSERT_NE(group, "");
  kill(list().containers.at(0).start.pid, SIGKILL);
  exit_of(id_);
  EXPECT_TRUE(is_gone(daemon));
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->remove_container(id_, done); }));
  EXPECT_TRUE(becomes_true([&] { return !fs::exists(group); }));
}

TEST_F(KeeperGroupTest, AGroupThatAKilledKeeperLeftIsRemovedByTheNext) {
  ASSERT_TRUE(run(limited(id_, "exec sleep 100000")));
  const std::string group = group_of(id_);
  ASSERT_NE(group, "");
  const std::string left = fs::path(group).parent_path().string() + "/forgotten";
  keeper_->end(SIGKILL);
  fs::create_directory(left);
  start_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_TRUE(becomes_true([&] { return !fs::exists(left); }));
  EXPECT_TRUE(fs::exists(group)) << "this one is in use";
  kill(list().containers.at(0).start.pid, SIGKILL);
  exit_of(id_);
}

}  // namespace
}  // namespace troupe::runtime::test
