#include <csignal>

#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

const ContainerInfo* find(const Inventory& inventory, const std::string& id) {
  for (const ContainerInfo& container : inventory.containers) {
    if (container.id == id) return &container;
  }
  return nullptr;
}

TEST_F(KeeperTest, AKernelThatComesBackFindsItsProcessesAndTheExitsInBetween) {
  start_keeper();
  connect();
  const Result<StartInfo> one = run("c1", "exec sleep 100000");
  const Result<StartInfo> two = run("c2", "exec sleep 100000");
  ASSERT_TRUE(one && two);
  runtime_.reset();  // to the keeper the same as kill -9 of the kernel: the connection ends
  kill(two->pid, SIGKILL);
  ASSERT_TRUE(is_gone(two->pid));
  connect();
  const ContainerInfo* first = find(recorder_->last_inventory, "c1");
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->state, ContainerState::kRunning);
  EXPECT_EQ(first->start.pid, one->pid);
  EXPECT_EQ(first->start.start_ticks, one->start_ticks);
  EXPECT_EQ(first->start.started_at, one->started_at);
  EXPECT_EQ(exit_of("c2").exit_code, 137);
  EXPECT_EQ(kill(one->pid, 0), 0) << "untouched";
}

TEST_F(KeeperTest, AKilledKeeperIsReplacedAndTheNewOneTakesUpTheProcesses) {
  connect(keeper_command());  // the client starts the first one too
  Pipe in(path("in"));
  Pipe out(path("out"));
  const Result<StartInfo> started = run(
      "c1", "while read x < " + in.path() + "; do [ $x = end ] && exit 5; echo $x; echo $x > " + out.path() + "; done");
  ASSERT_TRUE(started);
  in.write_line("one");
  EXPECT_EQ(out.line(), "one");
  // What a keeper has read and not yet written dies with it.
  EXPECT_TRUE(becomes_true([&] { return log("c1").find(" stdout F one\n") != std::string::npos; }));
  const pid_t keeper = own_children().at(0);
  kill(keeper, SIGKILL);
  ASSERT_TRUE(recorder_->attached(2));
  const ContainerInfo* info = find(recorder_->last_inventory, "c1");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->state, ContainerState::kRunning);
  EXPECT_EQ(info->start.pid, started->pid);
  EXPECT_EQ(info->start.start_ticks, started->start_ticks);
  in.write_line("two");
  EXPECT_EQ(out.line(), "two");
  in.write_line("end");
  const ContainerExit exit = exit_of("c1");
  if (exit.status_lost) {  // Linux before 6.15 does not tell a process' exit to a stranger
    EXPECT_EQ(exit.exit_code, 137);
  } else {
    EXPECT_EQ(exit.exit_code, 5);
  }
  EXPECT_NE(log("c1").find(" stdout F two\n"), std::string::npos);
}

TEST_F(KeeperTest, ALostKeeperIsReplacedByTheCommandThatItTold) {
  start_keeper();
  ProcessRuntime::Options options;
  options.socket_path = data() + "/keeper.sock";
  options.replace_keeper_after = std::chrono::milliseconds(1);
  runtime_ = std::make_unique<ProcessRuntime>(std::move(options));
  recorder_ = std::make_unique<Recorder>();
  runtime_->start(*recorder_);
  ASSERT_TRUE(recorder_->attached(1));
  EXPECT_EQ(recorder_->last_inventory.keeper_pid, keeper_->pid());
  const Result<StartInfo> started = run("c1", "exec sleep 100000");
  ASSERT_TRUE(started);
  EXPECT_EQ(own_children(), std::vector<pid_t>{keeper_->pid()}) << "nothing is started while a keeper lives";
  keeper_->end(SIGKILL);
  keeper_.reset();
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_EQ(own_children(), std::vector<pid_t>{recorder_->last_inventory.keeper_pid});
  const ContainerInfo* info = find(recorder_->last_inventory, "c1");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->state, ContainerState::kRunning);
  EXPECT_EQ(info->start.pid, started->pid);
}

TEST_F(KeeperTest, AnExitThatNoKeeperSawIsReportedAsLost) {
  start_keeper();
  connect();
  const Result<StartInfo> started = run("c1", "exec sleep 100000");
  ASSERT_TRUE(started);
  keeper_->end(SIGKILL);
  kill(started->pid, SIGTERM);
  ASSERT_TRUE(is_gone(started->pid));
  start_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  const ContainerInfo* info = find(recorder_->last_inventory, "c1");
  ASSERT_NE(info, nullptr);
  ASSERT_TRUE(info->exit);
  EXPECT_TRUE(info->exit->status_lost);
  EXPECT_EQ(info->exit->exit_code, 137);
}

TEST_F(KeeperTest, AnExitThatWasCollectedByADeadKeeperIsKept) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "exit 6"));
  const ContainerExit before = exit_of("c1");
  keeper_->end(SIGKILL);
  start_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  const ContainerInfo* info = find(recorder_->last_inventory, "c1");
  ASSERT_NE(info, nullptr);
  ASSERT_TRUE(info->exit);
  EXPECT_EQ(info->exit->exit_code, 6);
  EXPECT_FALSE(info->exit->status_lost);
  EXPECT_EQ(info->exit->finished_at, before.finished_at);
}

TEST_F(KeeperTest, CallsWithoutAKeeperFailAtOnce) {
  start_keeper();
  connect();
  keeper_->end(SIGKILL);
  keeper_.reset();
  ASSERT_TRUE(recorder_->wait([&] { return recorder_->detaches == 1; }));
  const Status answer = ask<void>([&](Done done) { runtime_->remove_container("c1", done); });
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
}

TEST_F(KeeperTest, SigtermStopsTheContainersOfASandboxInReverseOrderAndLeavesNothing) {
  start_keeper();
  connect();
  Pipe out(path("out"));
  const auto script = [&](const std::string& id) {
    return "trap 'echo " + id + " >> " + path("order") + "; exit 0' TERM; echo ready > " + out.path() +
           "; while :; do sleep 100000 & wait; done";
  };
  for (const char* id : {"c1", "c2", "c3"}) {
    ASSERT_TRUE(run(id, script(id)));
    EXPECT_EQ(out.line(), "ready");
  }
  EXPECT_EQ(keeper_->end(SIGTERM).exit_code, 0);
  keeper_.reset();
  EXPECT_EQ(contents(path("order")), "c3\nc2\nc1\n");
  EXPECT_TRUE(std::filesystem::is_empty(data() + "/run/containers"));
  EXPECT_TRUE(std::filesystem::is_empty(data() + "/run/sandboxes"));
  EXPECT_FALSE(std::filesystem::exists(data() + "/keeper.sock"));
}

TEST_F(KeeperTest, KeepWorkloadsLeavesThemForTheNextKeeper) {
  start_keeper({"--keep-workloads"});
  connect();
  const Result<StartInfo> started = run("c1", "exec sleep 100000");
  ASSERT_TRUE(started);
  EXPECT_EQ(keeper_->end(SIGTERM).exit_code, 0);
  EXPECT_EQ(kill(started->pid, 0), 0);
  start_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  const ContainerInfo* info = find(recorder_->last_inventory, "c1");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->start.pid, started->pid);
  EXPECT_EQ(info->state, ContainerState::kRunning);
}

TEST_F(KeeperTest, TheKernelIsStartedAgainWhenItDies) {
  Pipe out(path("out"));
  start_keeper({"--", "/bin/sh", "-c", "echo $$ $TROUPE_KEEPER_SOCKET > " + out.path() + "; exec sleep 100000"});
  const std::string first = out.line();
  EXPECT_TRUE(first.ends_with(" " + data() + "/keeper.sock")) << first;
  kill(std::stoi(first), SIGKILL);
  const std::string second = out.line();
  EXPECT_NE(std::stoi(second), std::stoi(first));
  connect();
  const Result<StartInfo> started = run("c1", "exec sleep 100000");
  ASSERT_TRUE(started);
  kill(std::stoi(second), SIGKILL);
  out.line();
  EXPECT_EQ(kill(started->pid, 0), 0) << "no workload notices";
}

TEST_F(KeeperTest, AKernelThatKeepsDyingIsTriedAgainAfterAPause) {
  Pipe out(path("out"));
  start_keeper({"--restart-intensity=2", "--restart-pause-ms=1", "--", "/bin/sh", "-c",
                "echo try > " + out.path() + "; exit 3"});
  for (int i = 0; i < 7; ++i) EXPECT_EQ(out.line(), "try");
}

TEST_F(KeeperTest, AKernelThatEndsWellEndsEverything) {
  Pipe in(path("in"));
  start_keeper({"--", "/bin/sh", "-c", "read x < " + in.path()});
  connect();
  const Result<StartInfo> started = run("c1", "exec sleep 100000");
  ASSERT_TRUE(started);
  in.write_line("end");
  EXPECT_EQ(keeper_->wait().exit_code, 0);
  keeper_.reset();
  EXPECT_TRUE(is_gone(started->pid));
}

TEST_F(KeeperTest, ANewKeeperTakesUpTheKernelThatLives) {
  Pipe out(path("out"));
  const std::vector<std::string> kernel{"--", "/bin/sh", "-c", "echo $$ > " + out.path() + "; exec sleep 100000"};
  start_keeper(kernel);
  const pid_t first = std::stoi(out.line());
  connect();
  keeper_->end(SIGKILL);
  start_keeper(kernel);
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_EQ(kill(first, 0), 0);
  kill(first, SIGKILL);
  EXPECT_NE(std::stoi(out.line()), first) << "and starts another when that dies";
}

}  // namespace
}  // namespace troupe::runtime::test
