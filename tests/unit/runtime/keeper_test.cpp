#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <sstream>

#include "runtime/keeper_files.hpp"
#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

/// The log without the times.
std::string untimed(const std::string& log) {
  std::istringstream lines(log);
  std::string result;
  for (std::string line; std::getline(lines, line);) result += line.substr(line.find(' ') + 1) + "\n";
  return result;
}

TEST_F(KeeperTest, WritesBothStreamsToTheLogBeforeItTellsTheExit) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "echo out; printf tail"));
  EXPECT_EQ(exit_of("c1").exit_code, 0);
  EXPECT_EQ(untimed(log("c1")), "stdout F out\nstdout P tail\n");
  ASSERT_TRUE(run("c2", "echo err >&2; echo again > /dev/stderr"));
  EXPECT_EQ(exit_of("c2").exit_code, 0);
  EXPECT_EQ(untimed(log("c2")), "stderr F err\nstderr F again\n");
}

TEST_F(KeeperTest, RotatesTheLogBySize) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "seq 1 100");
  container.log.max_bytes = 1000;
  container.log.max_files = 3;
  ASSERT_TRUE(run(std::move(container)));
  exit_of("c1");
  EXPECT_TRUE(log("c1").ends_with(" stdout F 100\n"));
  EXPECT_LE(log("c1").size(), 1000u);
  EXPECT_LE(contents(log_path("c1") + ".1").size(), 1000u);
  EXPECT_TRUE(std::filesystem::exists(log_path("c1") + ".2"));
  EXPECT_FALSE(std::filesystem::exists(log_path("c1") + ".3"));
}

TEST_F(KeeperTest, ReopensTheLogWhereItWasRenamed) {
  start_keeper();
  connect();
  Pipe in(path("in"));
  Pipe out(path("out"));
  ASSERT_TRUE(run("c1", "echo one; echo ready > " + out.path() + "; read x < " + in.path() + "; echo $x"));
  EXPECT_EQ(out.line(), "ready");
  // The log is made with its first line, which comes on another way than "ready".
  ASSERT_TRUE(becomes_true([&] { return log("c1").find(" stdout F one\n") != std::string::npos; }));
  std::filesystem::rename(log_path("c1"), path("old"));
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->reopen_log("c1", done); }));
  in.write_line("two");
  exit_of("c1");
  EXPECT_EQ(untimed(contents(path("old")) + log("c1")), "stdout F one\nstdout F two\n");
  EXPECT_TRUE(log("c1").ends_with(" stdout F two\n"));
}

TEST_F(KeeperTest, SeesAProcessThatIsKilledFromOutside) {
  start_keeper();
  connect();
  const Result<StartInfo> started = run("c1", "exec sleep 100000");
  ASSERT_TRUE(started);
  kill(started->pid, SIGKILL);
  const ContainerExit exit = exit_of("c1");
  EXPECT_EQ(exit.exit_code, 137);
  EXPECT_EQ(exit.signal, SIGKILL);
  EXPECT_FALSE(exit.status_lost);
  EXPECT_TRUE(is_gone(started->pid)) << "reaped";
}

TEST_F(KeeperTest, WhatAProcessLeavesInItsGroupEndsWithIt) {
  start_keeper();
  connect();
  Pipe out(path("out"));
  ASSERT_TRUE(run("c1", "sleep 100000 & echo $! > " + out.path() + "; exit 4"));
  EXPECT_EQ(exit_of("c1").exit_code, 4);
  EXPECT_TRUE(is_gone(std::stoi(out.line())));
}

TEST_F(KeeperTest, ADaemonThatLeftTheGroupEndsWithItsContainer) {
  start_keeper();
  connect();
  Pipe out(path("out"));
  Pipe in(path("in"));
  ASSERT_TRUE(run("c1", "setsid sh -c 'echo $$ > " + out.path() + "; exec sleep 100000' & read x < " + in.path()));
  const pid_t daemon = std::stoi(out.line());
  in.write_line("go");
  EXPECT_EQ(exit_of("c1").exit_code, 0);
  EXPECT_TRUE(is_gone(daemon));
}

TEST_F(KeeperTest, ADaemonThatReplacesItsProgramAllTheTimeEndsWithItsContainer) {
  start_keeper();
  connect();
  Pipe out(path("out"));
  Pipe in(path("in"));
  std::ofstream(path("again")) << "exec /bin/sh " << path("again") << "\n";
  ASSERT_TRUE(
      run("c1", "setsid sh -c 'echo $$ > " + out.path() + "; exec sh " + path("again") + "' & read x < " + in.path()));
  const pid_t daemon = std::stoi(out.line());
  in.write_line("go");
  EXPECT_EQ(exit_of("c1").exit_code, 0);
  EXPECT_TRUE(is_gone(daemon)) << "for an instant it showed no environment";
}

TEST_F(KeeperTest, OrphansOfALivingContainerAreReapedAndLeftInPeace) {
  start_keeper();
  connect();
  Pipe out(path("out"));
  // The inner shell ends at once: its two children come to the keeper.
  ASSERT_TRUE(run("c1", "sh -c 'sleep 100000 & echo $! > " + out.path() + "; true & echo $! > " + out.path() +
                            "'; exec sleep 100000"));
  const pid_t living = std::stoi(out.line());
  EXPECT_TRUE(is_gone(std::stoi(out.line()))) << "a zombie that nobody reaps";
  EXPECT_EQ(kill(living, 0), 0);
}

TEST_F(KeeperTest, StoppingSignalsTheWholeGroup) {
  start_keeper();
  connect();
  Pipe out(path("out"));
  ASSERT_TRUE(run("c1", "trap 'wait; exit 9' TERM; (trap 'echo child > " + out.path() + "; exit' TERM; echo ready > " +
                            out.path() + "; while :; do sleep 100000 & wait; done) & wait"));
  EXPECT_EQ(out.line(), "ready");
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->stop_container("c1", SIGTERM, std::chrono::hours(1), done); }));
  EXPECT_EQ(out.line(), "child");
  EXPECT_EQ(exit_of("c1").exit_code, 9);
}

TEST_F(KeeperTest, AFailedStartGivesTheReason) {
  start_keeper();
  connect();
  ContainerSpec directory = spec("c1", "");
  directory.argv = {"/tmp"};
  EXPECT_EQ(run(std::move(directory)).error().message, "exec \"/tmp\": is a directory: Permission denied");
  ContainerSpec nowhere = spec("c2", "true");
  nowhere.working_directory = "/no/such";
  EXPECT_EQ(run(std::move(nowhere)).error().message, "chdir to \"/no/such\": No such file or directory");
  ContainerSpec bad_name = spec("c4", "true");
  bad_name.environment = {{"A=B", "x"}};
  EXPECT_EQ(run(std::move(bad_name)).error().code, ErrorCode::kInvalidArgument);
  ContainerSpec nul = spec("c5", "true");
  nul.environment = {{"A", std::string("x\0y", 3)}};
  EXPECT_EQ(run(std::move(nul)).error().code, ErrorCode::kInvalidArgument);
  ContainerSpec bad_id = spec("../c6", "true");
  EXPECT_EQ(run(std::move(bad_id)).error().code, ErrorCode::kInvalidArgument);
}

TEST_F(KeeperTest, ALogThatCannotBeWrittenCostsItsLinesNotTheProcess) {
  start_keeper();
  connect();
  ContainerSpec no_log = spec("c1", "echo lost; exit 3");
  no_log.log.path = "/proc/none/x.log";
  ASSERT_TRUE(run(std::move(no_log)));
  EXPECT_EQ(exit_of("c1").exit_code, 3);
}

TEST_F(KeeperTest, AWorkloadThatSaysNothingGetsNoLogFile) {
  start_keeper();
  connect();
  ASSERT_TRUE(run("c1", "true"));
  EXPECT_EQ(exit_of("c1").exit_code, 0);
  EXPECT_FALSE(std::filesystem::exists(log_path("c1")));
}

TEST_F(KeeperTest, LogsAreForgottenWithTheirContainer) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "seq 1 100");
  container.log = {path("pods/box/main/0.log"), 500, 3};
  ASSERT_TRUE(run(std::move(container)));
  exit_of("c1");
  EXPECT_TRUE(std::filesystem::exists(path("pods/box/main/0.log.2")));
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->remove_container("c1", done); }));
  EXPECT_FALSE(std::filesystem::exists(path("pods/box")));
}

TEST_F(KeeperTest, ACommandRunsBesideAContainer) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "exec sleep 100000");
  container.environment.push_back({"WORD", "hello"});
  container.working_directory = "/usr";
  ASSERT_TRUE(run(std::move(container)));
  const auto exec = [&](std::vector<std::string> argv, std::chrono::milliseconds timeout) {
    ExecSpec wanted{"c1", std::move(argv), timeout, 16};
    return ask<ExecResult>([&](Callback<ExecResult> done) { runtime_->exec(wanted, std::move(done)); });
  };
  const auto good = exec({"/bin/sh", "-c", "echo $WORD; pwd >&2; exit 3"}, kPatience);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->exit_code, 3);
  EXPECT_EQ(good->output, "hello\n/usr\n");
  EXPECT_FALSE(good->timed_out);
  const auto home = exec({"/bin/sh", "-c", "echo $HOME $TERM"}, kPatience);
  ASSERT_TRUE(home);
  EXPECT_EQ(home->output, (home_of(contents("/etc/passwd"), geteuid()) + "\n").substr(0, 16));
  const auto late = exec({"/bin/sh", "-c", "echo begun; sleep 100000 & wait"}, std::chrono::milliseconds(300));
  ASSERT_TRUE(late);
  EXPECT_TRUE(late->timed_out);
  EXPECT_EQ(late->exit_code, 137);
  const auto wordy = exec({"/bin/sh", "-c", "seq 1 10000"}, kPatience);
  ASSERT_TRUE(wordy);
  EXPECT_EQ(wordy->exit_code, 0);
  EXPECT_EQ(wordy->output.size(), 16U);
  EXPECT_EQ(exec({"/no/such"}, kPatience).error().code, ErrorCode::kNotFound);
  kill(list().containers.at(0).start.pid, SIGKILL);
  exit_of("c1");
  EXPECT_EQ(exec({"/bin/true"}, kPatience).error().code, ErrorCode::kConflict);
}

TEST_F(KeeperTest, AContainerSeesItsMountsAndItsLastWordsAreTold) {
  if (geteuid() != 0) GTEST_SKIP() << "mount namespaces need root";
  start_keeper();
  connect();
  std::filesystem::create_directory(path("volume"));
  std::filesystem::create_directory(path("seen"));
  std::ofstream(path("volume/file")) << "content";
  ContainerSpec container = spec("c1", "cat seen/file; echo no > seen/x || echo refused; echo bye > words; exit 5");
  container.working_directory = folder_.path();
  container.mounts = {{path("volume"), path("seen"), true}};
  container.termination_path = path("words");
  ASSERT_TRUE(run(std::move(container)));
  const ContainerExit exit = exit_of("c1");
  EXPECT_EQ(exit.exit_code, 5);
  EXPECT_EQ(exit.last_words, "bye\n");
  EXPECT_NE(log("c1").find(" stdout F contentrefused"), std::string::npos) << log("c1");
  EXPECT_TRUE(std::filesystem::is_empty(path("seen"))) << "nobody else sees it";
}

TEST_F(KeeperTest, ASandboxRemembersItsPorts) {
  start_keeper();
  connect();
  SandboxSpec sandbox{"box", "default", "web-0", "uid-1", {{80, 31000}, {443, 31001}}};
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->create_sandbox(sandbox, done); }));
  keeper_->end(SIGKILL);
  start_keeper();
  ASSERT_TRUE(recorder_->attached(2));
  ASSERT_EQ(list().sandboxes.size(), 1U);
  EXPECT_EQ(list().sandboxes[0].ports, sandbox.ports);
}

TEST_F(KeeperTest, AKernelThatRefusesItsFirstStartEndsTheKeeper) {
  TestProcess keeper(keeper_command({"--must-attach", "--", "/bin/sh", "-c", "echo wrong option >&2; exit 1"}));
  EXPECT_EQ(keeper.wait().exit_code, 1);
}

TEST_F(KeeperTest, AMegabyteOfEnvironmentArrives) {
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "env | wc -c");
  for (int i = 0; i < 16; ++i) container.environment.push_back({"V" + std::to_string(i), std::string(65536, 'x')});
  ASSERT_TRUE(run(std::move(container)));
  exit_of("c1");
  const std::string text = untimed(log("c1"));
  EXPECT_GT(std::stoul(text.substr(std::string("stdout F ").size())), 1u << 20u) << text;
}

TEST_F(KeeperTest, RunsAsTheUserOfTheSpec) {
  if (getuid() != 0) GTEST_SKIP() << "needs root";
  start_keeper();
  connect();
  ContainerSpec container = spec("c1", "id -u; id -g; echo again > /dev/stdout");
  container.user = 12345;
  container.group = 23456;
  ASSERT_TRUE(run(std::move(container)));
  exit_of("c1");
  EXPECT_EQ(untimed(log("c1")), "stdout F 12345\nstdout F 23456\nstdout F again\n");
}

TEST_F(KeeperTest, AStreamOfManyProcessesLosesNoExit) {
  start_keeper();
  connect();
  constexpr int kCount = 100;
  for (int i = 0; i < kCount; ++i) {
    const std::string id = "c" + std::to_string(i);
    runtime_->create_sandbox({"box", "default", "web-0", "uid-1"}, [](Status) {});
    runtime_->create_container(spec(id, "exit " + std::to_string(i)), [](Status) {});
    runtime_->start_container(id, [](Result<StartInfo>) {});
  }
  EXPECT_TRUE(recorder_->wait([&] { return recorder_->exits.size() == kCount; }));
  for (int i = 0; i < kCount; ++i) {
    const auto& exits = recorder_->exits["c" + std::to_string(i)];
    ASSERT_EQ(exits.size(), 1u);
    EXPECT_EQ(exits[0].exit_code, i);
  }
}

TEST_F(KeeperTest, GarbageOnTheSocketHurtsNobodyElse) {
  start_keeper();
  connect();
  Result<Fd> socket = connect_to(data() + "/keeper.sock");
  ASSERT_TRUE(socket);
  const std::string junk(4096, '\xff');
  ASSERT_GT(write(socket->get(), junk.data(), junk.size()), 0);
  char byte = 0;
  pollfd query{socket->get(), POLLIN, 0};
  EXPECT_EQ(poll(&query, 1, 30'000), 1);
  EXPECT_LE(read(socket->get(), &byte, 1), 1) << "closed, or an abort message";
  EXPECT_TRUE(list().containers.empty());
}

TEST_F(KeeperTest, ASecondKeeperOfTheSameFolderIsRefused) {
  start_keeper();
  connect();
  TestProcess second(keeper_command());
  EXPECT_EQ(second.wait().exit_code, 1);
  EXPECT_TRUE(list().containers.empty()) << "the first is untouched";
}

TEST_F(KeeperTest, DamagedStateIsThrownAwayAtStart) {
  KeeperFiles files(data());
  ASSERT_TRUE(files.prepare());
  ASSERT_EQ(mkdir((files.containers() + "/broken").c_str(), 0700), 0);
  ASSERT_TRUE(write_file(files.containers() + "/broken/spec", "garbage"));
  ASSERT_EQ(mkdir((files.containers() + "/empty").c_str(), 0700), 0);
  ASSERT_TRUE(write_file(files.sandboxes() + "/broken", std::string(64, '\xff')));
  ASSERT_TRUE(write_file(files.kernel(), "1 (x"));
  start_keeper();
  connect();
  EXPECT_TRUE(list().sandboxes.empty());
  EXPECT_TRUE(list().containers.empty());
  EXPECT_FALSE(std::filesystem::exists(files.containers() + "/broken"));
}

}  // namespace
}  // namespace troupe::runtime::test
