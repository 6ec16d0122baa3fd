#include <algorithm>
#include <csignal>
#include <fstream>

#include "runtime/keeper_query.hpp"
#include "tests/unit/runtime/as_user.hpp"
#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

namespace fs = std::filesystem;

std::string link_of(pid_t pid, const std::string& name) {
  std::error_code error;
  return fs::read_symlink("/proc/" + std::to_string(pid) + "/ns/" + name, error).string();
}

/// A keeper that an ordinary user has started, with a client that may be anybody.
class KeeperUsersTest : public KeeperTest {
 protected:
  void SetUp() override {
    const Namespaces can = namespaces_of_a_user();
    if (!can.pids) GTEST_SKIP() << can.obstacle;
    fs::create_directory(path("volume"));
    std::ofstream(path("volume/file")) << "inside";
    if (geteuid() != 0) return;
    for (const char* each : {"", "/volume", "/volume/file"}) {
      ASSERT_EQ(chown((folder_.path() + each).c_str(), kNobody, kNobody), 0);
    }
  }
  /// The program may lie where only root gets to: then a copy does.
  std::string program() {
    bool reached = false;
    as_a_user([&reached] { reached = access(TROUPE_KEEPER_PATH, R_OK | X_OK) == 0; });
    if (reached) return TROUPE_KEEPER_PATH;
    std::error_code error;
    fs::copy_file(TROUPE_KEEPER_PATH, path("troupe-keeper"), fs::copy_options::skip_existing, error);
    EXPECT_EQ(chmod(path("troupe-keeper").c_str(), 0755), 0);
    return path("troupe-keeper");
  }
  void start_users_keeper() {
    const std::vector<std::string> command{program(), "--data-dir=" + data()};
    as_a_user([&] { keeper_ = std::make_unique<TestProcess>(command); });
  }
  ContainerSpec separate(const std::string& id, const std::string& script) {
    ContainerSpec container = spec(id, script);
    container.mounts = {{path("volume"), place_, false}};
    container.hostname = "web-0";
    container.ipc = IpcScope::kSandbox;
    container.pids = PidScope::kSandbox;
    container.termination_path = "/dev/troupe-test-words";
    return container;
  }
  std::string beside(const std::string& id, const std::string& script) {
    const ExecSpec wanted{id, {"/bin/sh", "-c", "exec 2>&1; " + script}, kPatience, 4096};
    const auto result = ask<ExecResult>([&](Callback<ExecResult> done) { runtime_->exec(wanted, std::move(done)); });
    return result ? result->output : "error: " + result.error().message;
  }
  bool becomes_sleep(pid_t pid) {
    return becomes_true([&] { return contents("/proc/" + std::to_string(pid) + "/comm") == "sleep\n"; });
  }

  const std::string place_ = "/troupe-test-" + fs::path(folder_.path()).filename().string() + "/deep";
};

TEST_F(KeeperUsersTest, AContainerHasItsVolumesItsNameItsProcessesAndLastWords) {
  start_users_keeper();
  connect();
  ContainerSpec container = separate("c1", "cat " + place_ +
                                               "/file; echo; cat /proc/sys/kernel/hostname; echo bye > "
                                               "/dev/troupe-test-words; touch /new 2>/dev/null || echo refused; id -u");
  container.confinement.read_only_root = true;
  const Result<StartInfo> started = run(std::move(container));
  ASSERT_TRUE(started) << started.error().message;
  const ContainerExit exit = exit_of("c1");
  EXPECT_EQ(exit.exit_code, 0);
  EXPECT_EQ(exit.last_words, "bye\n");
  const std::string id = std::to_string(geteuid() == 0 ? kNobody : geteuid());
  for (const std::string& line : {std::string("inside"), std::string("web-0"), std::string("refused"), id}) {
    EXPECT_NE(log("c1").find(" stdout F " + line + "\n"), std::string::npos) << log("c1");
  }
  EXPECT_FALSE(fs::exists(place_));
}

TEST_F(KeeperUsersTest, ContainersAndCommandsOfASandboxShareWhatTheyShould) {
  start_users_keeper();
  connect();
  const Result<StartInfo> one = run(separate("c1", "exec sleep 100000"));
  ASSERT_TRUE(one) << one.error().message;
  const Result<StartInfo> two = run(separate("c2", "exec sleep 100000"));
  ASSERT_TRUE(two) << two.error().message;
  for (const char* same : {"user", "ipc", "pid"}) {
    EXPECT_EQ(link_of(one->pid, same), link_of(two->pid, same)) << same;
    EXPECT_NE(link_of(one->pid, same), link_of(getpid(), same)) << same;
  }
  EXPECT_NE(link_of(one->pid, "mnt"), link_of(two->pid, "mnt"));
  ASSERT_TRUE(becomes_sleep(one->pid) && becomes_sleep(two->pid));
  const std::string look = "for p in /proc/[0-9]*; do read x < $p/comm && echo $x; done; cat " + place_ + "/file";
  std::string seen;  // the first process has another name for a moment
  EXPECT_TRUE(becomes_true([&] { return (seen = beside("c1", look)) == "troupe-init\nsleep\nsleep\nsh\ninside"; }))
      << seen;
  EXPECT_EQ(beside("c2", "cat /proc/sys/kernel/hostname; grep CapEff /proc/self/status | cut -f 2"),
            "web-0\n0000000000000000\n");
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->stop_container("c1", SIGTERM, std::chrono::hours(1), done); }));
  EXPECT_EQ(exit_of("c1").signal, SIGTERM);
  kill(two->pid, SIGKILL);
  EXPECT_EQ(exit_of("c2").exit_code, 137);
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->remove_sandbox("box", std::move(done)); }));
}

TEST_F(KeeperUsersTest, AProgramInAPidNamespaceOfItsOwnIsStoppedAndItsExitTold) {
  start_users_keeper();
  connect();
  ContainerSpec container = separate("c1", "trap 'exit 3' TERM; echo $$; while :; do sleep 100000 & wait; done");
  container.pids = PidScope::kContainer;
  ASSERT_TRUE(run(std::move(container)));
  ASSERT_TRUE(becomes_true([&] { return log("c1").ends_with(" stdout F 1\n"); })) << log("c1");
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->stop_container("c1", SIGTERM, std::chrono::hours(1), done); }));
  EXPECT_EQ(exit_of("c1").exit_code, 3);
}

TEST_F(KeeperUsersTest, ANewKeeperAndANewProgramGoOnInTheSameUserNamespace) {
  start_users_keeper();
  connect();
  const Result<StartInfo> one = run(separate("c1", "exec sleep 100000"));
  ASSERT_TRUE(one) << one.error().message;
  ASSERT_TRUE(becomes_sleep(one->pid));
  keeper_->end(SIGKILL);
  start_users_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_EQ(beside("c1", "cat " + place_ + "/file"), "inside");
  const Result<StartInfo> two = run(separate("c2", "exec sleep 100000"));
  ASSERT_TRUE(two) << two.error().message;
  const auto upgraded = upgrade_keeper(data(), kPatience);
  ASSERT_TRUE(upgraded) << upgraded.error().message;
  ASSERT_TRUE(recorder_->attached(3));
  const Result<StartInfo> three = run(separate("c3", "exec sleep 100000"));
  ASSERT_TRUE(three) << three.error().message;
  for (const char* same : {"user", "ipc", "pid"}) {
    EXPECT_EQ(link_of(two->pid, same), link_of(one->pid, same)) << same;
    EXPECT_EQ(link_of(three->pid, same), link_of(one->pid, same)) << same;
  }
  kill(one->pid, SIGTERM);
  EXPECT_TRUE(recorder_->exit_of("c1"));
}

TEST_F(KeeperUsersTest, TheFirstProcessOfASandboxAloneTellsTheUserNamespaceToo) {
  start_users_keeper();
  connect();
  const Result<StartInfo> one = run(separate("c1", "exec sleep 100000"));
  ASSERT_TRUE(one) << one.error().message;
  const std::string pids = link_of(one->pid, "pid");
  kill(one->pid, SIGKILL);
  EXPECT_EQ(exit_of("c1").exit_code, 137);
  keeper_->end(SIGKILL);
  start_users_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  const Result<StartInfo> two = run(separate("c2", "exec sleep 100000"));
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(link_of(two->pid, "pid"), pids);
}

}  // namespace
}  // namespace troupe::runtime::test
