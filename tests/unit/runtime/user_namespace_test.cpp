#include "runtime/user_namespace.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/stat.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "runtime/launcher.hpp"
#include "runtime/process_info.hpp"
#include "tests/unit/runtime/as_user.hpp"
#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime::test {
namespace {

namespace fs = std::filesystem;

/// The system refuses unshare to this thread and its children from now on, as a container runtime's filter does.
void refuse_unshare() {
  sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_unshare, 0, 1),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{4, rules};
  ASSERT_EQ(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program), 0);
}

/// An ordinary user with a launcher that has a user namespace.
class UserNamespaceTest : public testing::Test {
 protected:
  void SetUp() override {
    const Namespaces can = namespaces_of_a_user();
    if (!can.mounts) GTEST_SKIP() << can.obstacle;
    may_separate_pids_ = can.pids;
    fs::create_directory(home() + "/inner");
    std::ofstream(home() + "/inner/file") << "inner";
    std::ofstream(home() + "/words") << "words";
    if (geteuid() == 0) {
      for (const char* each : {"", "/inner", "/inner/file", "/words"}) {
        ASSERT_EQ(chown((home() + each).c_str(), kNobody, kNobody), 0);
      }
    }
    as_a_user([this] {
      launcher_ = std::make_unique<Launcher>();
      Result<Fd> made = make_user_namespace();
      ASSERT_TRUE(made) << made.error().message;
      users_.reset(fcntl(made->get(), F_DUPFD_CLOEXEC, 3));
      launcher_->use_user_namespace(std::move(*made));
    });
  }
  std::string home() const { return folder_.path(); }
  static LaunchPlan plan_of(const std::string& script) {
    LaunchPlan plan;
    plan.argv = {"/bin/sh", "-c", script};
    plan.environment = {"PATH=/usr/bin:/bin"};
    return plan;
  }
  /// What it writes, or "error: " and why it did not start.
  std::string output(LaunchPlan plan, int* code = nullptr) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    plan.stdout_fd = plan.stderr_fd = writing.get();
    std::string text;
    as_a_user([&] {
      Result<Launched> launched = launcher_->launch(plan);
      writing.reset();
      if (!launched) {
        text = "error: " + launched.error().message;
        return;
      }
      char buffer[4096];
      for (ssize_t size = 0; (size = read(reading.get(), buffer, sizeof(buffer))) > 0;) {
        text.append(buffer, static_cast<std::size_t>(size));
      }
      siginfo_t info{};
      waitid(P_PID, static_cast<id_t>(launched->pid), &info, WEXITED);
      if (code != nullptr) *code = info.si_status;
    });
    return text;
  }
  Result<Launched> start(const LaunchPlan& plan) {
    Result<Launched> launched = fail(ErrorCode::kInternal, "");
    as_a_user([&] { launched = launcher_->launch(plan); });
    return launched;
  }

  TestFolder folder_;
  std::unique_ptr<Launcher> launcher_;
  Fd users_;
  bool may_separate_pids_ = false;
  std::vector<pid_t> children_before_ = own_children();
};

TEST_F(UserNamespaceTest, AProgramInItIsItsUserAndHasNoCapability) {
  LaunchPlan plan = plan_of(
      "id -u; id -g; cat /proc/self/setgroups; grep -E 'Cap(Inh|Prm|Eff|Amb)' /proc/self/status | cut -f 2 | sort -u; "
      "mount -t tmpfs none /mnt 2>/dev/null || echo refused");
  plan.own_mounts = true;
  const std::string id = std::to_string(geteuid() == 0 ? kNobody : geteuid());
  const std::string group = std::to_string(geteuid() == 0 ? kNobody : getegid());
  EXPECT_EQ(output(plan), id + "\n" + group + "\ndeny\n0000000000000000\nrefused\n");
  EXPECT_EQ(output(plan_of("readlink /proc/self/ns/user")), fs::read_symlink("/proc/self/ns/user").string() + "\n")
      << "who needs no namespace stays outside";
}

TEST_F(UserNamespaceTest, AVolumeGoesAnywhereAndTheNodeStaysAsItIs) {
  const std::string place = "/troupe-test-" + fs::path(home()).filename().string();
  LaunchPlan plan = plan_of("cat " + place + "/deep/file; echo; cat " + place +
                            "/words; echo; ls -a /; stat -c %d:%i /usr /bin; "
                            "touch " +
                            place + "/deep/new && echo written; touch /troupe-new 2>/dev/null || echo refused");
  plan.own_mounts = true;
  plan.mounts = {{home() + "/inner", place + "/deep", false}, {home() + "/words", place + "/words", true}};
  const std::string text = output(plan);
  EXPECT_EQ(text.substr(0, 12), "inner\nwords\n") << text;
  EXPECT_NE(text.find("\n" + place.substr(1) + "\n"), std::string::npos) << text;
  for (const auto& entry : fs::directory_iterator("/")) {
    EXPECT_NE(text.find("\n" + entry.path().filename().string() + "\n"), std::string::npos) << entry.path();
  }
  struct stat usr {};
  ASSERT_EQ(stat("/usr", &usr), 0);
  EXPECT_NE(text.find("\n" + std::to_string(usr.st_dev) + ":" + std::to_string(usr.st_ino) + "\n"), std::string::npos)
      << text;
  EXPECT_TRUE(text.ends_with("\nwritten\nrefused\n")) << text;
  EXPECT_TRUE(fs::exists(home() + "/inner/new"));
  EXPECT_FALSE(fs::exists(place));
}

TEST_F(UserNamespaceTest, PlacesAreMissingInSeveralFoldersAtOnce) {
  const std::string name = "troupe-test-" + fs::path(home()).filename().string();
  LaunchPlan plan = plan_of("cat /" + name + "/file /usr/" + name + "/a/file /usr/share/" + name + " /etc/" + name +
                            "; test -L /proc/self/exe && test -x /usr/bin/env && test -d /etc && echo there");
  plan.own_mounts = true;
  plan.mounts = {{home() + "/words", "/usr/share/" + name, false},
                 {home() + "/inner", "/" + name, false},
                 {home() + "/words", "/etc/" + name, false},
                 {home() + "/inner", "/usr/" + name + "/a", false}};
  EXPECT_EQ(output(plan), "innerinnerwordswordsthere\n");
  plan.read_only_root = true;
  EXPECT_EQ(output(plan), "innerinnerwordswordsthere\n");
}

TEST_F(UserNamespaceTest, VolumesStayWritableOnAReadOnlyRoot) {
  LaunchPlan plan = plan_of("cd " + home() +
                            "; echo x > seen/x && echo written; touch fixed/x 2>/dev/null || echo fixed; "
                            "touch root 2>/dev/null || echo refused; echo $$ > /proc/self/comm && echo named; "
                            "cat /dev/troupe-words; : > /dev/null && echo; touch /dev/new 2>/dev/null || echo no");
  plan.own_mounts = plan.read_only_root = true;
  plan.mounts = {{home() + "/inner", home() + "/seen", false},
                 {home() + "/inner", home() + "/fixed", true},
                 {home() + "/words", "/dev/troupe-words", false}};
  EXPECT_EQ(output(plan), "written\nfixed\nrefused\nnamed\nwords\nno\n");
}

TEST_F(UserNamespaceTest, OthersJoinAHostNameAndAnIpcNamespace) {
  LaunchPlan plan = plan_of("exec sleep 100000");
  plan.hostname = "web-0";
  plan.own_ipc = true;
  const Result<Launched> holder = start(plan);
  ASSERT_TRUE(holder) << holder.error().message;
  LaunchPlan joins = plan_of("cat /proc/sys/kernel/hostname; readlink /proc/self/ns/ipc");
  joins.join_fd = holder->pidfd.get();
  joins.join_namespaces = CLONE_NEWUTS | CLONE_NEWIPC;
  const std::string joined = output(joins);
  EXPECT_EQ(joined.substr(0, joined.find('\n')), "web-0") << joined;
  EXPECT_EQ(joined.find(fs::read_symlink("/proc/self/ns/ipc").string()), std::string::npos);
  kill(holder->pid, SIGKILL);
  reap_ending(holder->pidfd.get());
}

TEST_F(UserNamespaceTest, ChildrenInAPidNamespaceAreOurs) {
  if (!may_separate_pids_) GTEST_SKIP() << namespaces_of_a_user().obstacle;
  LaunchPlan plan = plan_of("echo $$; echo /proc/[0-9]*; exit 7");
  plan.own_pids = plan.own_proc = plan.own_mounts = true;
  int code = 0;
  EXPECT_EQ(output(plan, &code), "1\n/proc/1\n");
  EXPECT_EQ(code, 7);
  plan.argv = {"/bin/sh", "-c", "trap 'exit 3' TERM; while :; do sleep 100000 & wait; done"};
  const Result<Launched> first = start(plan);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(read_stat(first->pid).start_ticks, first->start_ticks) << "the pid is ours to see";
  EXPECT_EQ(read_stat(first->pid).parent, getpid());
  LaunchPlan joins = plan_of("readlink /proc/self; read x < /proc/1/comm; echo $x");
  joins.own_proc = joins.own_mounts = true;
  joins.pids_fd = first->pidfd.get();
  const std::string joined = output(joins);
  EXPECT_TRUE(joined.ends_with("\nsh\n")) << joined;
  kill(first->pid, SIGKILL);
  EXPECT_EQ(reap_ending(first->pidfd.get()).exit_code, 137);
  const Result<Launched> late = start(joins);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().code, ErrorCode::kBusy) << late.error().message;
  EXPECT_EQ(own_children(), children_before_);
}

TEST_F(UserNamespaceTest, WhatCannotStartInItSaysSoAndLeavesNoChild) {
  LaunchPlan plan;
  plan.argv = {"/no/such/program"};
  plan.own_mounts = true;
  EXPECT_EQ(output(plan), "error: exec \"/no/such/program\": No such file or directory");
  plan.mounts = {{home() + "/none", "/troupe-test", false}};
  EXPECT_EQ(output(plan), "error: mount \"" + home() + "/none\" at \"/troupe-test\": No such file or directory");
  plan.mounts.clear();
  plan.user = 1234;
  EXPECT_EQ(output(plan), "error: set supplementary groups: Operation not permitted") << "nobody else is in there";
  plan.user.reset();
  if (may_separate_pids_) {
    plan.own_pids = plan.own_proc = true;
    EXPECT_EQ(output(plan), "error: exec \"/no/such/program\": No such file or directory");
  }
  EXPECT_EQ(own_children(), children_before_);
}

TEST_F(UserNamespaceTest, IsFoundAgainByAProcessInIt) {
  LaunchPlan plan = plan_of("exec sleep 100000");
  plan.own_mounts = true;
  const Result<Launched> inside = start(plan);
  const Result<Launched> outside = start(plan_of("exec sleep 100000"));
  ASSERT_TRUE(inside && outside);
  as_a_user([&] {
    struct stat made {};
    struct stat found {};
    const Fd users = foreign_user_namespace(inside->pid);
    ASSERT_TRUE(users);
    ASSERT_EQ(fstat(users.get(), &found), 0);
    ASSERT_EQ(fstat(users_.get(), &made), 0);
    EXPECT_EQ(found.st_ino, made.st_ino);
    EXPECT_FALSE(foreign_user_namespace(outside->pid));
  });
  for (const auto* each : {&inside, &outside}) {
    kill((*each)->pid, SIGKILL);
    reap_ending((*each)->pidfd.get());
  }
}

TEST(Namespaces, WithoutOneAUserIsRefusedAsBefore) {
  Error error(ErrorCode::kInternal, "");
  as_a_user([&] {
    Launcher launcher;
    LaunchPlan plan;
    plan.argv = {"/bin/true"};
    plan.own_mounts = true;
    const Result<Launched> launched = launcher.launch(plan);
    ASSERT_FALSE(launched);
    error = launched.error();
  });
  EXPECT_EQ(error.message, "make namespaces: Operation not permitted");
  EXPECT_EQ(error.code, ErrorCode::kPermission);
}

TEST(Namespaces, ASystemThatRefusesThemIsToldWithItsReason) {
  Namespaces found;
  as_a_user([&] {
    refuse_unshare();
    found = find_namespaces();
  });
  EXPECT_FALSE(found.mounts);
  EXPECT_FALSE(found.pids);
  EXPECT_FALSE(found.on_node());
  EXPECT_EQ(found.obstacle, "make a user namespace: Operation not permitted");
}

TEST(Namespaces, ThePrivilegedNeedNoUserNamespace) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_FALSE(needs_user_namespace());
  const Namespaces found = find_namespaces();
  if (!found.mounts) GTEST_SKIP() << found.obstacle;
  EXPECT_TRUE(found.pids && found.on_node());
  EXPECT_EQ(found.obstacle, "");
}

}  // namespace
}  // namespace troupe::runtime::test
