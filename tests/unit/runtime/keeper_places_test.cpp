#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

/// What mounts lie on, on the node: folders and files that nobody had before.
class KeeperPlacesTest : public KeeperTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "mount namespaces need root";
    std::filesystem::create_directory(path("volume"));
    std::ofstream(path("volume/file")) << "content";
  }
  ContainerSpec mounted(const std::string& id, const std::string& script) const {
    ContainerSpec container = spec(id, script);
    container.mounts = {{path("volume"), path("new/deep")}, {path("volume/file"), path("new/file")}};
    container.termination_path = path("new/words");
    return container;
  }
  void end_sandbox(const StartInfo& started, const std::string& id) {
    kill(started.pid, SIGKILL);
    exit_of(id);
    EXPECT_TRUE(ask<void>([&](Done done) { runtime_->remove_sandbox("box", std::move(done)); }));
  }
  bool there(const std::string& name) const { return std::filesystem::exists(path(name)); }
};

TEST_F(KeeperPlacesTest, GoWithTheSandboxThatNeededThem) {
  start_keeper();
  connect();
  const Result<StartInfo> started = run(mounted("c1", "exec sleep 100000"));
  ASSERT_TRUE(started);
  EXPECT_TRUE(there("new/deep") && there("new/file") && there("new/words"));
  EXPECT_TRUE(std::filesystem::is_empty(path("new/deep"))) << "on the node";
  end_sandbox(*started, "c1");
  EXPECT_TRUE(becomes_true([&] { return !there("new") && !std::filesystem::exists(data() + "/places"); }));
  EXPECT_TRUE(there("volume/file"));
}

TEST_F(KeeperPlacesTest, StayUnderAProcessThatOutlivesItsKeeper) {
  start_keeper();
  connect();
  Pipe in(path("in"));
  Pipe out(path("out"));
  const Result<StartInfo> started =
      run(mounted("c1", "read x < " + in.path() + "; cat " + path("new/deep/file") + " > " + out.path() + "; echo > " +
                            out.path() + "; exec sleep 100000"));
  ASSERT_TRUE(started);
  keeper_->end(SIGKILL);
  start_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_TRUE(there("new/deep")) << "removing it would take the mount off";
  in.write_line("go");
  EXPECT_EQ(out.line(), "content");
  end_sandbox(*started, "c1");
  EXPECT_TRUE(becomes_true([&] { return !there("new"); }));
}

TEST_F(KeeperPlacesTest, AreRemovedByTheNextKeeperWhenNobodyNeedsThem) {
  start_keeper();
  connect();
  const Result<StartInfo> started = run(mounted("c1", "exec sleep 100000"));
  ASSERT_TRUE(started);
  keeper_->end(SIGKILL);
  std::filesystem::remove_all(data() + "/run/containers/c1");  // as if all had ended with a reboot
  kill(started->pid, SIGKILL);
  ASSERT_TRUE(is_gone(started->pid));
  start_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_FALSE(there("new"));
}

TEST_F(KeeperPlacesTest, AreGoneWhenTheKeeperHasStoppedAll) {
  start_keeper();
  connect();
  ASSERT_TRUE(run(mounted("c1", "exec sleep 100000")));
  EXPECT_EQ(keeper_->end(SIGTERM).exit_code, 0);
  keeper_.reset();
  EXPECT_FALSE(there("new"));
}

TEST_F(KeeperPlacesTest, StayAsLongAsAnotherKeeperNeedsThem) {
  start_keeper();
  connect();
  const Result<StartInfo> mine = run(mounted("c1", "exec sleep 100000"));
  ASSERT_TRUE(mine);
  const std::string other_data = path("other");
  TestProcess other({keeper_command().at(0), "--data-dir", other_data});
  Recorder recorder;
  ProcessRuntime runtime(ProcessRuntime::Options{other_data + "/keeper.sock", {}});
  runtime.start(recorder);
  ASSERT_TRUE(recorder.attached(1));
  ContainerSpec container = mounted("c2", "exec sleep 100000");
  runtime.create_sandbox({"box", "default", "web-1", "uid-2"}, [](Status) {});
  auto started = std::make_shared<std::optional<bool>>();
  runtime.create_container(container, [](Status) {});
  runtime.start_container("c2", [started, &recorder](Result<StartInfo> answer) {
    recorder.change([&] { *started = static_cast<bool>(answer); });
  });
  ASSERT_TRUE(recorder.wait([&] { return started->has_value(); }));
  EXPECT_TRUE(**started);
  keeper_->end(SIGTERM);
  keeper_.reset();
  EXPECT_TRUE(there("new/deep"));
  EXPECT_EQ(other.end(SIGTERM).exit_code, 0);
  start_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_FALSE(there("new")) << "removed by who had made it";
}

}  // namespace
}  // namespace troupe::runtime::test
