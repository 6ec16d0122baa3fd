#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <fstream>
#include <sstream>

#include "runtime/keeper_query.hpp"
#include "tests/unit/runtime/keeper_fixture.hpp"

namespace troupe::runtime::test {
namespace {

/// A keeper whose program the test may replace.
class KeeperUpgradeTest : public KeeperTest {
 protected:
  std::string program() const { return path("troupe-keeper"); }

  void install() const {
    std::filesystem::copy_file(TROUPE_KEEPER_PATH, path("new"));
    std::filesystem::rename(path("new"), program());
  }
  void install(const std::string& script) const {
    std::ofstream(path("new")) << "#!/bin/sh\n" << script << "\n";
    chmod(path("new").c_str(), 0755);
    std::filesystem::rename(path("new"), program());
  }
  /// A program that stands still at its start, with all that was handed to it, until the test has done something.
  void install_slow(const Pipe& stands, const Pipe& go) const {
    install("case $1 in --check*) exec " TROUPE_KEEPER_PATH " \"$@\";; esac\necho stands > " + stands.path() +
            "\nread x < " + go.path() + "\nexec " TROUPE_KEEPER_PATH " \"$@\"");
  }
  void start(const std::vector<std::string>& more = {}) {
    install();
    std::vector<std::string> argv = keeper_command(more);
    argv[0] = program();
    keeper_ = std::make_unique<TestProcess>(std::move(argv));
    connect();
  }
  /// Waits until the process has ended and nobody has reaped it.
  static bool is_zombie(pid_t pid) {
    const std::string file = "/proc/" + std::to_string(pid) + "/stat";
    return becomes_true([&] { return contents(file).find(") Z") != std::string::npos; });
  }
  Result<KeeperSummary> upgrade() const { return upgrade_keeper(data(), kPatience); }
  std::size_t descriptors() const {
    const auto folder = "/proc/" + std::to_string(keeper_->pid()) + "/fd";
    return static_cast<std::size_t>(
        std::distance(std::filesystem::directory_iterator(folder), std::filesystem::directory_iterator()));
  }
  const ContainerInfo* attached_info(const std::string& id) const {
    const auto& all = recorder_->last_inventory.containers;
    const auto found = std::find_if(all.begin(), all.end(), [&](const ContainerInfo& each) { return each.id == id; });
    return found == all.end() ? nullptr : &*found;
  }
  std::ptrdiff_t lines(const std::string& id) const {
    const std::string text = log(id);
    return std::count(text.begin(), text.end(), '\n');
  }
  std::string untimed(const std::string& id) const {
    std::istringstream lines(log(id));
    std::string result;
    for (std::string line; std::getline(lines, line);) result += line.substr(line.find(' ') + 1) + "\n";
    return result;
  }
};

TEST_F(KeeperUpgradeTest, ProcessesAndTheLinesTheyHaveBegunGoOnUnderTheNewProgram) {
  start();
  Pipe in(path("in"));
  const Result<StartInfo> started =
      run("c1", "echo whole; printf half; read x < " + in.path() + "; echo -$x; echo last; exit 5");
  ASSERT_TRUE(started);
  ASSERT_TRUE(becomes_true([&] { return untimed("c1") == "stdout F whole\n"; }));
  const Result<KeeperSummary> after = upgrade();
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->pid, keeper_->pid());
  EXPECT_EQ(after->upgrades, 1U);
  ASSERT_TRUE(recorder_->attached(2));
  const ContainerInfo* info = attached_info("c1");
  ASSERT_NE(info, nullptr);
  EXPECT_EQ(info->state, ContainerState::kRunning);
  EXPECT_EQ(info->start.pid, started->pid);
  EXPECT_EQ(info->start.start_ticks, started->start_ticks);
  EXPECT_EQ(info->start.started_at, started->started_at);
  in.write_line("rest");
  const ContainerExit exit = exit_of("c1");
  EXPECT_EQ(exit.exit_code, 5);
  EXPECT_FALSE(exit.status_lost);
  EXPECT_EQ(untimed("c1"), "stdout F whole\nstdout F half-rest\nstdout F last\n");
}

TEST_F(KeeperUpgradeTest, WhatHappensWhileTheProgramIsReplacedIsSeenOnce) {
  start();
  Pipe in(path("in"));
  Pipe stands(path("stands"));
  Pipe go(path("go"));
  ASSERT_TRUE(run("before", "exit 6"));
  EXPECT_EQ(exit_of("before").exit_code, 6);
  const Result<StartInfo> ending = run("ending", "read x < " + in.path() + "; seq 1 2000; printf tail; exit 7");
  const Result<StartInfo> killed = run("killed", "exec sleep 100000");
  const Result<StartInfo> living = run("living", "exec sleep 100000");
  ASSERT_TRUE(ending && killed && living);
  install_slow(stands, go);
  kill(keeper_->pid(), SIGUSR2);
  EXPECT_EQ(stands.line(), "stands");
  in.write_line("end");
  kill(killed->pid, SIGTERM);
  for (const pid_t pid : {ending->pid, killed->pid}) EXPECT_TRUE(is_zombie(pid));
  go.write_line("go");
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_EQ(exit_of("before").exit_code, 6);
  EXPECT_EQ(exit_of("ending").exit_code, 7);
  EXPECT_FALSE(exit_of("ending").status_lost);
  EXPECT_EQ(exit_of("killed").signal, SIGTERM);
  EXPECT_FALSE(exit_of("killed").status_lost);
  std::string expected;
  for (int i = 1; i <= 2000; ++i) expected += "stdout F " + std::to_string(i) + "\n";
  EXPECT_EQ(untimed("ending"), expected + "stdout P tail\n");
  EXPECT_EQ(attached_info("living")->start.pid, living->pid);
  EXPECT_EQ(kill(living->pid, 0), 0);
  EXPECT_TRUE(is_gone(ending->pid)) << "reaped";
  EXPECT_LE(recorder_->exits["ending"].size(), 1U);
}

TEST_F(KeeperUpgradeTest, AProgramThatCannotTakeThePlaceLeavesTheOldOneAtWork) {
  start();
  const Result<StartInfo> started = run("c1", "exec sleep 100000");
  ASSERT_TRUE(started);
  const auto refused = [&] {
    const Result<KeeperSummary> answer = upgrade();
    return answer ? "replaced" : answer.error().message;
  };
  std::filesystem::remove(program());
  EXPECT_NE(refused().find(program() + "\": No such file or directory"), std::string::npos) << refused();
  install("echo no such option >&2; exit 2");
  EXPECT_NE(refused().find("exits with 2: no such option"), std::string::npos) << refused();
  std::ofstream(program()) << "no program";
  EXPECT_NE(refused().find("Exec format error"), std::string::npos) << refused();
  install("rm \"$0\"");  // starts when asked, and is gone then
  const std::string vanished = refused();
  EXPECT_NE(vanished.find("exec " + program() + ": No such file or directory"), std::string::npos) << vanished;
  EXPECT_EQ(recorder_->detaches, 0) << "nobody noticed";
  ASSERT_TRUE(run("c2", "echo said; exit 4"));
  EXPECT_EQ(exit_of("c2").exit_code, 4);
  EXPECT_EQ(untimed("c2"), "stdout F said\n");
  install();
  ASSERT_TRUE(upgrade());
  ASSERT_TRUE(recorder_->attached(2));
  EXPECT_EQ(attached_info("c1")->start.pid, started->pid);
}

TEST_F(KeeperUpgradeTest, ItIsReplacedAgainAndAgainWithoutALeftover) {
  start();
  const std::string script = "nice; ulimit -n; exec sleep 100000";
  ASSERT_TRUE(run("c0", script));
  ASSERT_TRUE(becomes_true([&] { return lines("c0") == 2; }));
  const std::string as_before = untimed("c0");
  const std::size_t before = descriptors();
  for (int i = 1; i <= 3; ++i) {
    const Result<KeeperSummary> after = upgrade();
    ASSERT_TRUE(after) << after.error().message;
    EXPECT_EQ(after->upgrades, static_cast<std::uint32_t>(i));
    ASSERT_TRUE(recorder_->attached(i + 1));
    EXPECT_TRUE(becomes_true([&] { return descriptors() == before; })) << descriptors() << " and not " << before;
  }
  ASSERT_TRUE(run("c1", script));
  ASSERT_TRUE(becomes_true([&] { return lines("c1") == 2; }));
  EXPECT_EQ(untimed("c1"), as_before) << "niceness and limits are the workload's, not the keeper's";
}

TEST_F(KeeperUpgradeTest, AStopThatIsUnderWayStillEndsWithItsGrace) {
  start();
  Pipe out(path("out"));
  ASSERT_TRUE(run("c1", "trap '' TERM; echo ready > " + out.path() + "; exec sleep 100000"));
  EXPECT_EQ(out.line(), "ready");
  const auto grace = std::chrono::milliseconds(1500);  // on a very slow machine it ends before the program is replaced
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->stop_container("c1", SIGTERM, grace, done); }));
  ASSERT_TRUE(upgrade());
  ASSERT_TRUE(recorder_->attached(2));
  const ContainerExit exit = exit_of("c1");
  EXPECT_EQ(exit.signal, SIGKILL);
  EXPECT_FALSE(exit.status_lost);
}

TEST_F(KeeperUpgradeTest, TheKernelStaysAndItsRestartsAreRemembered) {
  Pipe out(path("out"));
  Pipe stands(path("stands"));
  Pipe go(path("go"));
  start({"--", "/bin/sh", "-c", "echo $$ > " + out.path() + "; exec sleep 100000"});
  kill(std::stoi(out.line()), SIGKILL);
  const pid_t second = std::stoi(out.line());
  const Result<KeeperSummary> after = upgrade();
  ASSERT_TRUE(after) << after.error().message;
  EXPECT_EQ(after->kernel_pid, second);
  EXPECT_EQ(after->kernel_restarts, 1U);
  EXPECT_EQ(after->kernel_last_reason, "was killed by signal 9");
  install_slow(stands, go);
  kill(keeper_->pid(), SIGUSR2);
  EXPECT_EQ(stands.line(), "stands");
  kill(second, SIGTERM);  // while nobody looks
  EXPECT_TRUE(is_zombie(second));
  go.write_line("go");
  EXPECT_NE(std::stoi(out.line()), second);
  ASSERT_TRUE(recorder_->attached(3));
  EXPECT_EQ(recorder_->last_inventory.kernel_restarts, 2U);
  EXPECT_EQ(recorder_->last_inventory.kernel_last_reason, "was killed by signal 15");
}

TEST_F(KeeperUpgradeTest, ACommandOfAProbeMayEndFirst) {
  start();
  Pipe in(path("in"));
  Pipe out(path("out"));
  Pipe checks(path("checks"));
  Pipe go(path("go"));
  ASSERT_TRUE(run("c1", "exec sleep 100000"));
  // The question whether the program fits is under way until the command has ended: what waits for it has a limit.
  install("case $1 in --check*) echo asked > " + checks.path() + "; read x < " + go.path() +
          ";; esac; exec " TROUPE_KEEPER_PATH " \"$@\"");
  ExecSpec wanted{
      "c1", {"/bin/sh", "-c", "echo $$ > " + out.path() + "; read x < " + in.path() + "; exit 3"}, kPatience, 16};
  const auto answer = ask<ExecResult>([&](Callback<ExecResult> done) {
    runtime_->exec(wanted, std::move(done));
    const pid_t command = std::stoi(out.line());
    kill(keeper_->pid(), SIGUSR2);
    EXPECT_EQ(checks.line(), "asked");
    in.write_line("end");
    EXPECT_TRUE(is_gone(command));
    go.write_line("go");
  });
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->exit_code, 3);
  ASSERT_TRUE(recorder_->attached(2));
}

TEST_F(KeeperUpgradeTest, ATerminalStaysOpen) {
  start();
  Pipe in(path("in"));
  ContainerSpec container = spec("c1", "tty >/dev/null || exit 1; read x < " + in.path() + "; echo $x; exit 9");
  container.terminal = true;
  const Result<StartInfo> started = run(std::move(container));
  ASSERT_TRUE(started);
  ASSERT_TRUE(upgrade());
  ASSERT_TRUE(recorder_->attached(2));
  in.write_line("said");
  EXPECT_EQ(exit_of("c1").exit_code, 9);
  EXPECT_EQ(untimed("c1"), "stdout F said\r\n");
}

TEST_F(KeeperUpgradeTest, ContainersThatWereNotStartedYetCanBe) {
  start();
  runtime_->create_sandbox({"box", "default", "web-0", "uid-1"}, [](Status) {});
  ContainerSpec container = spec("c1", "echo $WORD; exit 8");
  container.environment.push_back({"WORD", "kept"});
  ASSERT_TRUE(ask<void>([&](Done done) { runtime_->create_container(std::move(container), std::move(done)); }));
  ASSERT_TRUE(upgrade());
  ASSERT_TRUE(recorder_->attached(2));
  ASSERT_TRUE(ask<StartInfo>([&](Callback<StartInfo> done) { runtime_->start_container("c1", std::move(done)); }));
  EXPECT_EQ(exit_of("c1").exit_code, 8);
  EXPECT_EQ(untimed("c1"), "stdout F kept\n");
}

}  // namespace
}  // namespace troupe::runtime::test
