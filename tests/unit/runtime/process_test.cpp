#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>
#include <thread>

#include "runtime/keeper_files.hpp"
#include "runtime/launcher.hpp"
#include "runtime/process_info.hpp"
#include "runtime/restart_budget.hpp"
#include "runtime/terminal.hpp"
#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime::test {
namespace {

LaunchPlan plan_of(std::vector<std::string> argv) {
  LaunchPlan plan;
  plan.argv = std::move(argv);
  return plan;
}

/// Runs to the end and gives the standard output; the exit code goes to `code`.
std::string output_of(LaunchPlan plan, int* code = nullptr) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  plan.stdout_fd = writing.get();
  Launcher launcher;
  Result<Launched> launched = launcher.launch(plan);
  writing.reset();
  if (!launched) return "error: " + launched.error().message;
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(reading.get(), buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  siginfo_t info{};
  waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(launched->pidfd.get()), &info, WEXITED | WNOWAIT);
  const ExitStatus status = reap(launched->pidfd.get());
  if (code != nullptr) *code = status.exit_code;
  return text;
}

Error error_of(const LaunchPlan& plan) {
  Launcher launcher;
  const Result<Launched> launched = launcher.launch(plan);
  return launched ? Error(ErrorCode::kInternal, "it started") : launched.error();
}

TEST(Launcher, GivesPidStartTimeAndExitCode) {
  Launcher launcher;
  Result<Launched> launched = launcher.launch(plan_of({"/bin/sleep", "1000"}));
  ASSERT_TRUE(launched);
  EXPECT_EQ(read_stat(launched->pid).start_ticks, launched->start_ticks);
  EXPECT_EQ(peek_exit(launched->pidfd.get()), Reaped::kRunning);
  EXPECT_EQ(getsid(launched->pid), launched->pid) << "a session of its own";
  kill(launched->pid, SIGKILL);
  siginfo_t info{};
  waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(launched->pidfd.get()), &info, WEXITED | WNOWAIT);
  EXPECT_EQ(peek_exit(launched->pidfd.get()), Reaped::kChildExited);
  const ExitStatus status = reap(launched->pidfd.get());
  EXPECT_EQ(status.exit_code, 137);
  EXPECT_EQ(status.signal, SIGKILL);
}

TEST(Launcher, AMissingProgramSaysSoAndLeavesNoChild) {
  const Error error = error_of(plan_of({"/no/such/program"}));
  EXPECT_EQ(error.code, ErrorCode::kNotFound);
  EXPECT_EQ(error.message, "exec \"/no/such/program\": No such file or directory");
  EXPECT_EQ(error_of(plan_of({"no-such-program"})).message,
            "exec \"no-such-program\": executable file not found in $PATH");
  EXPECT_TRUE(own_children().empty());
}

TEST(Launcher, ADirectoryIsNoProgram) {
  const Error error = error_of(plan_of({"/tmp"}));
  EXPECT_EQ(error.code, ErrorCode::kPermission);
  EXPECT_EQ(error.message, "exec \"/tmp\": is a directory: Permission denied");
}

TEST(Launcher, AFileThatMayNotRunIsAPermissionError) {
  const TestFolder folder;
  const std::string path = folder.path() + "/plain";
  std::ofstream(path) << "#!/bin/sh\n";
  chmod(path.c_str(), 0600);
  const Error error = error_of(plan_of({path}));
  EXPECT_EQ(error.code, ErrorCode::kPermission);
  EXPECT_EQ(error.message, "exec \"" + path + "\": Permission denied");
}

TEST(Launcher, AFileThatIsNoProgramIsAFormatError) {
  const TestFolder folder;
  const std::string path = folder.path() + "/text";
  std::ofstream(path) << "just text\n";
  chmod(path.c_str(), 0700);
  EXPECT_EQ(error_of(plan_of({path})).code, ErrorCode::kInvalidArgument);
}

TEST(Launcher, AWorkingDirectoryThatIsMissingIsNamed) {
  LaunchPlan plan = plan_of({"/bin/true"});
  plan.working_directory = "/no/such/folder";
  EXPECT_EQ(error_of(plan).message, "chdir to \"/no/such/folder\": No such file or directory");
}

TEST(Launcher, SearchesThePathOfTheChildsEnvironment) {
  const TestFolder folder;
  const std::string path = folder.path() + "/own-program";
  std::ofstream(path) << "#!/bin/sh\necho found\n";
  chmod(path.c_str(), 0700);
  LaunchPlan plan = plan_of({"own-program"});
  plan.environment = {"PATH=/no/such:" + folder.path()};
  EXPECT_EQ(output_of(plan), "found\n");
}

TEST(Launcher, SetsDirectoryEnvironmentAndLimits) {
  LaunchPlan plan = plan_of({"/bin/sh", "-c", "pwd; echo $COLOUR; ulimit -n; echo $#"});
  plan.working_directory = "/usr";
  plan.environment = {"COLOUR=green"};
  plan.limits = {{RLIMIT_NOFILE, 123, 456}};
  EXPECT_EQ(output_of(plan), "/usr\ngreen\n123\n0\n");
}

TEST(Launcher, SetsUserAndGroupsAndDropsTheRest) {
  if (getuid() != 0) GTEST_SKIP() << "needs root";
  LaunchPlan plan = plan_of({"/bin/sh", "-c", "id -u; id -g; id -G"});
  plan.environment = {"PATH=/usr/bin:/bin"};
  plan.user = 12345;
  plan.group = 23456;
  plan.groups = {34567};
  EXPECT_EQ(output_of(plan), "12345\n23456\n23456 34567\n");
}

TEST(Launcher, GivesTheChildNoSignalStateAndNoDescriptors) {
  const Fd leak(open("/dev/null", O_RDONLY));  // not close-on-exec
  signal(SIGUSR2, SIG_IGN);
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  const std::string text =
      output_of(plan_of({"/bin/sh", "-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status; ls /proc/self/fd | wc -l"}));
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  signal(SIGUSR2, SIG_DFL);
  EXPECT_EQ(text, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n4\n");  // 0, 1, 2 and ls' own
}

TEST(Launcher, MayLeaveTheEndsOfChildrenIgnored) {
  LaunchPlan plan = plan_of({"/bin/grep", "SigIgn", "/proc/self/status"});
  plan.ignore_children = true;
  EXPECT_EQ(output_of(plan), "SigIgn:\t0000000000010000\n");
}

TEST(Launcher, TakesAMegabyteOfEnvironmentAndRefusesMoreWithAReason) {
  LaunchPlan plan = plan_of({"/bin/sh", "-c", "env | wc -c"});
  for (int i = 0; i < 16; ++i) plan.environment.push_back("V" + std::to_string(i) + "=" + std::string(65536, 'x'));
  EXPECT_GT(std::stoul(output_of(plan)), 1u << 20u);
  plan.environment.push_back("BIG=" + std::string(200'000, 'x'));  // one string over the system's 128 KiB
  const Error error = error_of(plan);
  EXPECT_EQ(error.code, ErrorCode::kTooLarge);
  EXPECT_EQ(error.message, "exec \"/bin/sh\": Argument list too long");
}

TEST(Launcher, TheChildRecordsItselfBeforeItRuns) {
  const TestFolder folder;
  const std::string path = folder.path() + "/process";
  const Fd record(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  LaunchPlan plan = plan_of({"/bin/true"});
  plan.record_fd = record.get();
  Launcher launcher;
  const Result<Launched> launched = launcher.launch(plan);
  ASSERT_TRUE(launched);
  const ProcessStat stat = parse_stat(*read_file(path));
  EXPECT_EQ(stat.pid, launched->pid);
  EXPECT_EQ(stat.start_ticks, launched->start_ticks);
  siginfo_t info{};
  waitid(P_PID, static_cast<id_t>(launched->pid), &info, WEXITED);
}

TEST(ProcessInfo, AProcessMayHaveAnyName) {
  const std::string tail = " S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20\n";
  EXPECT_EQ(parse_stat("42 (a) R (b) 9" + std::string(")") + tail).start_ticks, 777u);
  EXPECT_EQ(parse_stat("42 (x)" + tail).pid, 42);
  EXPECT_EQ(parse_stat("42 (x)" + tail).parent, 1);
  EXPECT_EQ(parse_stat("42 (x)" + tail).cpu_ticks, 11u + 12 + 13 + 14);
  EXPECT_EQ(parse_stat("42 (x)" + tail).resident_pages, 0u);
  EXPECT_EQ(parse_stat("42 (x) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 777 20 21 22").resident_pages, 21u);
  EXPECT_EQ(parse_stat("").start_ticks, 0u);
  EXPECT_EQ(parse_stat("42 (x) S 1 2").start_ticks, 0u);
  EXPECT_EQ(parse_stat("42 (x)").start_ticks, 0u);
}

TEST(ProcessInfo, AHomeIsTheOneOfTheUsersFirstWholeLine) {
  const std::string text =
      "root:x:0:0:root:/root:/bin/bash\n\nshort:x:7\n1000:x:8::/not/this:\nann:x:1000:1000:Ann, 0:/home/ann\n"
      "odd:x:9:9::home:/bin/sh\nlate:x:1000:1000::/home/late:/bin/sh";
  EXPECT_EQ(home_of(text, 0), "/root");
  EXPECT_EQ(home_of(text, 1000), "/home/ann");
  for (const uid_t nobody : {7U, 9U, 100U}) EXPECT_EQ(home_of(text, nobody), "/") << nobody;
  EXPECT_EQ(home_of("", 0), "/");
}

TEST(ProcessInfo, AVariableIsAddedWhereItsNameIsNot) {
  std::vector<std::string> environment{"HOMER=1", "TERM="};
  set_if_absent(environment, "HOME=/root");
  set_if_absent(environment, "TERM=xterm");
  set_if_absent(environment, "HOME=/");
  EXPECT_EQ(environment, (std::vector<std::string>{"HOMER=1", "TERM=", "HOME=/root"}));
}

TEST(ProcessInfo, OpensOnlyTheProcessThatWasMeant) {
  const ProcessStat self = read_stat(getpid());
  EXPECT_TRUE(open_process(self.pid, self.start_ticks));
  EXPECT_FALSE(open_process(self.pid, self.start_ticks + 1));
  EXPECT_FALSE(open_process(0, 0));
}

TEST(ProcessInfo, TheMarkerIsFoundWhereverItStands) {
  const auto marker_of = [](std::vector<std::string> environment) {
    Launcher launcher;
    LaunchPlan plan;
    plan.argv = {"/bin/sleep", "60"};
    plan.environment = std::move(environment);
    const Result<Launched> launched = launcher.launch(plan);
    EXPECT_TRUE(launched);
    if (!launched) return std::optional<std::string>("not launched");
    // Its environment is there when it sleeps as /bin/sleep, and for an instant it has none.
    const std::string folder = "/proc/" + std::to_string(launched->pid);
    while (read_file(folder + "/cmdline").value_or("").empty() ||
           read_file(folder + "/stat").value_or("").find(") S ") == std::string::npos) {
      std::this_thread::yield();
    }
    std::optional<std::string> marker = container_marker(launched->pid);
    kill(launched->pid, SIGKILL);
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(launched->pid), &info, WEXITED);
    return marker;
  };
  EXPECT_EQ(marker_of({"TROUPE_CONTAINER=k/c", "A=1"}), "k/c");
  EXPECT_EQ(marker_of({"A=1", "TROUPE_CONTAINER=k/c", "B=2"}), "k/c");
  EXPECT_EQ(marker_of({"TROUPE_CONTAINER=k/c", "TROUPE_CONTAINER=k/other"}), "k/c") << "ours is put first";
  EXPECT_EQ(marker_of({"A=TROUPE_CONTAINER=k/c", "B=2"}), "");
  EXPECT_EQ(marker_of({}), std::nullopt);
}

TEST(ProcessInfo, AProcessSeesItsParentAndItsMemory) {
  const ProcessStat self = read_stat(getpid());
  EXPECT_EQ(self.parent, getppid());
  EXPECT_GT(self.resident_pages, 0u);
}

TEST(Terminal, GivesWhatIsWrittenOnOneSideToTheOther) {
  auto terminal = open_terminal();
  ASSERT_TRUE(terminal) << terminal.error().message;
  EXPECT_EQ(terminal->path.rfind("/dev/pts/", 0), 0u);
  ASSERT_EQ(write(terminal->ours.get(), "hello\n", 6), 6);
  char line[16] = {};
  ASSERT_EQ(read(terminal->input.get(), line, sizeof(line)), 6);
  EXPECT_STREQ(line, "hello\n");
}

TEST(KeeperFiles, AnIdIsSafeAsAFilesName) {
  EXPECT_TRUE(valid_id("web-0_a.B"));
  for (const char* bad : {"", ".", "..", ".x", "a/b", "a b", "\xc3\xa4"}) EXPECT_FALSE(valid_id(bad)) << bad;
  EXPECT_TRUE(valid_id(std::string(128, 'x')));
  EXPECT_FALSE(valid_id(std::string(129, 'x')));
}

TEST(KeeperFiles, AnExitRecordSurvivesItsText) {
  const auto record = parse_exit(to_text({{137, 9, true}, 1'795'255'200'000'000'001}));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->status.exit_code, 137);
  EXPECT_EQ(record->status.signal, 9);
  EXPECT_TRUE(record->status.lost);
  EXPECT_EQ(record->finished_at, 1'795'255'200'000'000'001);
  EXPECT_FALSE(parse_exit(""));
  EXPECT_FALSE(parse_exit("1 2"));
}

TEST(KeeperFiles, SocketsWorkAtPathsOfAnyLengthAndAreForTheOwnerOnly) {
  const TestFolder folder;
  std::string deep = folder.path();
  for (int i = 0; i < 10; ++i) {
    deep += "/" + std::string(30, 'd');
    ASSERT_EQ(mkdir(deep.c_str(), 0700), 0);
  }
  const std::string path = deep + "/keeper.sock";
  ASSERT_EQ(connect_to(path).error().code, ErrorCode::kUnavailable);
  Result<Fd> listener = listen_at(path);
  ASSERT_TRUE(listener) << listener.error().message;
  EXPECT_TRUE(connect_to(path));
  struct stat status {};
  ASSERT_EQ(stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
  listener->reset();
  EXPECT_EQ(connect_to(path).error().code, ErrorCode::kUnavailable);
}

TEST(RestartBudget, IsSpentByTooManyWithinThePeriodOnly) {
  using std::chrono::seconds;
  RestartBudget budget(2, seconds(10));
  const RestartBudget::TimePoint start{};
  EXPECT_TRUE(budget.take(start));
  EXPECT_TRUE(budget.take(start + seconds(5)));
  EXPECT_FALSE(budget.take(start + seconds(10)));
  EXPECT_TRUE(budget.take(start + seconds(11)));
  EXPECT_FALSE(RestartBudget(0, seconds(1)).take(start));
}

/// Runs `use` on a thread of its own, whose privileges are then nobody else's.
void on_a_thread(const std::function<void()>& use) { std::thread(use).join(); }

void set_capabilities(std::uint32_t permitted, std::uint32_t inheritable) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  ASSERT_EQ(syscall(SYS_capget, &header, data), 0);
  data[0].permitted = data[0].effective = data[0].permitted & permitted;
  data[0].inheritable = inheritable;
  ASSERT_EQ(syscall(SYS_capset, &header, data), 0);
}

constexpr const char* kShowCapabilities = "grep -E 'Cap(Prm|Eff|Amb)|NoNewPrivs' /proc/self/status | cut -f 2";

TEST(Launcher, RootGetsNoCapabilityBackThatWasInheritable) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  std::string text;
  on_a_thread([&] {
    set_capabilities(~0u, 1u << CAP_SYS_ADMIN | 1u << CAP_CHOWN);
    LaunchPlan plan = plan_of({"/bin/sh", "-c", kShowCapabilities});
    plan.environment = {"PATH=/usr/bin:/bin"};
    plan.capabilities = 1u << CAP_CHOWN;
    text = output_of(plan);
  });
  EXPECT_EQ(text, "0000000000000001\n0000000000000001\n0000000000000000\n0\n");
}

TEST(Launcher, AmbientCapabilitiesOfAKeeperWithoutRootAreDroppedToo) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  std::string text;
  on_a_thread([&] {
    ASSERT_EQ(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 0);
    ASSERT_EQ(syscall(SYS_setresuid, 65534, 65534, 65534), 0);  // of this thread alone
    set_capabilities(1u << CAP_CHOWN | 1u << CAP_KILL, 1u << CAP_CHOWN | 1u << CAP_KILL);
    for (const int each : {CAP_CHOWN, CAP_KILL}) ASSERT_EQ(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, each, 0, 0), 0);
    LaunchPlan plan = plan_of({"/bin/sh", "-c", kShowCapabilities});
    plan.environment = {"PATH=/usr/bin:/bin"};
    plan.capabilities = 1u << CAP_KILL;
    text = output_of(plan);
  });
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  EXPECT_EQ(text, "0000000000000020\n0000000000000020\n0000000000000020\n1\n") << "and no program may give more";
}

TEST(Launcher, SaysThatTheProcessHasEndedWhoseNamespacesAreJoined) {
  if (geteuid() != 0) GTEST_SKIP() << "needs privileges";
  Launcher launcher;
  LaunchPlan plan = plan_of({"/bin/sleep", "1000"});
  plan.own_ipc = true;
  Result<Launched> holder = launcher.launch(plan);
  ASSERT_TRUE(holder) << holder.error().message;
  kill(holder->pid, SIGKILL);
  reap_ending(holder->pidfd.get());
  LaunchPlan joins = plan_of({"/bin/true"});
  joins.join_fd = holder->pidfd.get();
  joins.join_namespaces = CLONE_NEWIPC;
  Ending ending = Ending::kNobody;
  const Result<Launched> joined = launcher.launch(joins, ending);
  ASSERT_FALSE(joined);
  EXPECT_EQ(joined.error().code, ErrorCode::kBusy) << joined.error().message;
  EXPECT_EQ(ending, Ending::kJoined);
  joins.join_fd = -1;
  joins.join_namespaces = 0;
  joins.pids_fd = holder->pidfd.get();
  EXPECT_FALSE(launcher.launch(joins, ending));
  EXPECT_EQ(ending, Ending::kPids);
  EXPECT_FALSE(launcher.launch(plan_of({"/no/such/program"}), ending));
  EXPECT_EQ(ending, Ending::kNobody);
}

TEST(Launcher, GivesAHostNameAndAnIpcNamespaceThatOthersMayJoin) {
  if (geteuid() != 0) GTEST_SKIP() << "needs privileges";
  Launcher launcher;
  const auto own = [](const char* file) { return std::filesystem::read_symlink(std::string("/proc/self/ns/") + file); };
  LaunchPlan plan = plan_of({"/bin/sleep", "1000"});
  plan.hostname = "web-0";
  plan.own_ipc = true;
  Result<Launched> holder = launcher.launch(plan);
  ASSERT_TRUE(holder) << holder.error().message;
  const std::string script = "cat /proc/sys/kernel/hostname; readlink /proc/self/ns/ipc";
  LaunchPlan joins = plan_of({"/bin/sh", "-c", script});
  joins.join_fd = holder->pidfd.get();
  joins.join_namespaces = CLONE_NEWUTS | CLONE_NEWIPC;
  const std::string joined = output_of(joins);
  EXPECT_EQ(joined.substr(0, joined.find('\n')), "web-0");
  EXPECT_EQ(joined.find(own("ipc").string()), std::string::npos);
  EXPECT_NE(output_of(plan_of({"/bin/sh", "-c", script})).find(own("ipc").string()), std::string::npos);
  kill(holder->pid, SIGKILL);
  reap(holder->pidfd.get());
}

}  // namespace
}  // namespace troupe::runtime::test
