#include <algorithm>
#include <csignal>

#include "runtime/keeper_query.hpp"
#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

namespace fs = std::filesystem;

std::string trimmed(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::string in_proc(pid_t pid, const std::string& file) {
  return read_file("/proc/" + std::to_string(pid) + "/" + file).value_or("");
}

std::string pid_namespace(pid_t pid) {
  std::error_code error;
  return fs::read_symlink("/proc/" + std::to_string(pid) + "/ns/pid", error).string();
}

/// A shell's wait for the first process to have given itself its name: until then it is called as what it was before.
constexpr const char* kUntilNamed = "until read x < /proc/1/comm && [ \"$x\" = troupe-init ]; do :; done; ";

/// Containers with PID namespaces, and what the node sees of them.
class KeeperPidsTest : public KeeperTest {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "PID namespaces need root";
  }
  Result<StartInfo> run_in(PidScope pids, const std::string& id, const std::string& script) {
    ContainerSpec container = spec(id, script);
    container.pids = pids;
    return run(std::move(container));
  }
  Result<ExecResult> exec(const std::string& id, const std::string& script) {
    ExecSpec wanted{id, {"/bin/sh", "-c", script}, kPatience, 4096};
    return ask<ExecResult>([&](Callback<ExecResult> done) { runtime_->exec(wanted, std::move(done)); });
  }
  /// The first process of the namespace in which `pid` is, once it has given itself its name; 0 when there is none.
  static pid_t init_of(pid_t pid) {
    const std::string space = pid_namespace(pid);
    const auto named = [&](pid_t each) {
      return !space.empty() && pid_namespace(each) == space && trimmed(in_proc(each, "comm")) == "troupe-init";
    };
    pid_t found = 0;
    becomes_true([&] {
      const std::vector<pid_t> all = all_processes();
      const auto first = std::find_if(all.begin(), all.end(), named);
      if (first != all.end()) found = *first;
      return found != 0;
    });
    return found;
  }
};

TEST_F(KeeperPidsTest, ContainersOfASandboxSeeEachOtherAndNotTheNode) {
  start_keeper();
  connect();
  const Result<StartInfo> first = run_in(PidScope::kSandbox, "c1", "exec sleep 100000");
  ASSERT_TRUE(first) << first.error().message;
  const std::string everybody = "for p in /proc/[0-9]*; do read x < $p/comm && echo $x; done";
  const Result<StartInfo> second = run_in(PidScope::kSandbox, "c2", kUntilNamed + everybody + "; exec sleep 100000");
  ASSERT_TRUE(second) << second.error().message;
  for (const pid_t pid : {first->pid, second->pid}) {
    ASSERT_TRUE(becomes_true([&] { return trimmed(in_proc(pid, "comm")) == "sleep"; }));
  }
  EXPECT_TRUE(becomes_true([&] { return log("c2").find(" troupe-init\n") != std::string::npos; })) << log("c2");
  EXPECT_EQ(pid_namespace(first->pid), pid_namespace(second->pid));
  EXPECT_NE(pid_namespace(first->pid), pid_namespace(getpid()));
  const auto beside = exec("c1", "exec 2>&1; " + everybody);
  ASSERT_TRUE(beside) << beside.error().message;
  EXPECT_EQ(beside->output, "troupe-init\nsleep\nsleep\nsh\n");
  EXPECT_EQ(trimmed(in_proc(first->pid, "comm")), "sleep") << "the keeper tells the node's number";
  EXPECT_EQ(read_stat(first->pid).start_ticks, first->start_ticks);
}

TEST_F(KeeperPidsTest, TheFirstProcessCostsNextToNothingAndGoesWithTheSandbox) {
  start_keeper();
  connect();
  const Result<StartInfo> started = run_in(PidScope::kSandbox, "c1", "exec sleep 100000");
  ASSERT_TRUE(started) << started.error().message;
  const pid_t init = init_of(started->pid);
  ASSERT_GT(init, 0);
  const std::string memory = in_proc(init, "status");
  const std::size_t at = memory.find("VmRSS:");
  ASSERT_NE(at, std::string::npos) << memory;
  EXPECT_LE(std::stoi(memory.substr(at + 6)), 64) << "kB";
  kill(started->pid, SIGTERM);
  EXPECT_EQ(exit_of("c1").signal, SIGTERM);
  EXPECT_EQ(kill(init, 0), 0) << "outlives its containers";
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->remove_sandbox("box", std::move(done)); }));
  EXPECT_TRUE(is_gone(init));
}

TEST_F(KeeperPidsTest, WhenTheFirstProcessIsKilledAllEndAndTheNextStartHasANewOne) {
  start_keeper();
  connect();
  const Result<StartInfo> one = run_in(PidScope::kSandbox, "c1", "exec sleep 100000");
  const Result<StartInfo> two = run_in(PidScope::kSandbox, "c2", "exec sleep 100000");
  ASSERT_TRUE(one && two);
  const std::string before = pid_namespace(one->pid);
  const pid_t init = init_of(one->pid);
  ASSERT_GT(init, 0);
  kill(init, SIGKILL);
  for (const char* id : {"c1", "c2"}) {
    const ContainerExit exit = exit_of(id);
    EXPECT_EQ(exit.exit_code, 137);
    EXPECT_FALSE(exit.status_lost);
  }
  const Result<StartInfo> again = run_in(PidScope::kSandbox, "c3", "exec sleep 100000");
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_GT(init_of(again->pid), 0);
  EXPECT_EQ(kill(again->pid, 0), 0);
}

TEST_F(KeeperPidsTest, OrphansAreReapedInTheNamespaceAndDaemonsEndWithTheirContainer) {
  start_keeper();
  connect();
  Pipe out(path("out"));
  Pipe in(path("in"));
  ASSERT_TRUE(run_in(PidScope::kSandbox, "other", "exec sleep 100000"));
  const Result<StartInfo> started =
      run_in(PidScope::kSandbox, "c1",
             "setsid sh -c 'sh -c true & exec sleep 100077' & sh -c 'true & true &'; echo ready > " + out.path() +
                 "; read x < " + in.path());
  ASSERT_TRUE(started) << started.error().message;
  EXPECT_EQ(out.line(), "ready");
  const auto daemon = [&]() -> pid_t {
    for (const pid_t each : all_processes()) {
      if (in_proc(each, "cmdline") == std::string("sleep\000100077\0", 13)) return each;
    }
    return 0;
  };
  pid_t found = 0;
  ASSERT_TRUE(becomes_true([&] { return (found = daemon()) != 0; }));
  in.write_line("end");
  EXPECT_EQ(exit_of("c1").exit_code, 0);
  EXPECT_TRUE(is_gone(found));
  const auto zombies = exec("other", "grep -l '^State:.Z' /proc/[0-9]*/status; true");
  ASSERT_TRUE(zombies) << zombies.error().message;
  EXPECT_EQ(zombies->output, "");
}

TEST_F(KeeperPidsTest, ANewKeeperAndANewProgramTakeUpTheNamespace) {
  connect(keeper_command());  // the client starts the first one too
  const Result<StartInfo> one = run_in(PidScope::kSandbox, "c1", "exec sleep 100000");
  ASSERT_TRUE(one) << one.error().message;
  const pid_t init = init_of(one->pid);
  ASSERT_GT(init, 0);
  kill(own_children().at(0), SIGKILL);
  ASSERT_TRUE(recorder_->attached(2));
  const Result<StartInfo> two = run_in(PidScope::kSandbox, "c2", "exec sleep 100000");
  ASSERT_TRUE(two) << two.error().message;
  EXPECT_EQ(pid_namespace(two->pid), pid_namespace(one->pid));
  ASSERT_TRUE(upgrade_keeper(data(), kPatience));
  ASSERT_TRUE(recorder_->attached(3));
  const Result<StartInfo> three = run_in(PidScope::kSandbox, "c3", "exec sleep 100000");
  ASSERT_TRUE(three) << three.error().message;
  EXPECT_EQ(pid_namespace(three->pid), pid_namespace(one->pid));
  EXPECT_EQ(init_of(three->pid), init);
}

TEST_F(KeeperPidsTest, AProgramInANamespaceOfItsOwnIsProcessOne) {
  start_keeper();
  connect();
  const Result<StartInfo> started =
      run_in(PidScope::kContainer, "c1", "trap 'exit 3' TERM; echo $$; while :; do sleep 100000 & wait; done");
  ASSERT_TRUE(started) << started.error().message;
  ASSERT_TRUE(becomes_true([&] { return log("c1").ends_with(" stdout F 1\n"); })) << log("c1");
  const auto beside = exec("c1", "cat /proc/1/comm");
  ASSERT_TRUE(beside) << beside.error().message;
  EXPECT_EQ(beside->output, "sh\n");
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->stop_container("c1", SIGTERM, std::chrono::hours(1), done); }));
  EXPECT_EQ(exit_of("c1").exit_code, 3);
}

TEST_F(KeeperPidsTest, AReadOnlyRootKeepsTheNamespacesOwnProc) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", std::string(kUntilNamed) + "echo $x; echo no > /troupe-test || echo refused");
  container.pids = PidScope::kSandbox;
  container.confinement.read_only_root = true;
  ASSERT_TRUE(run(std::move(container)));
  EXPECT_EQ(exit_of("c1").exit_code, 0);
  EXPECT_NE(log("c1").find(" stdout F troupe-init\n"), std::string::npos) << log("c1");
  EXPECT_NE(log("c1").find(" stdout F refused\n"), std::string::npos) << log("c1");
}

}  // namespace
}  // namespace troupe::runtime::test
