#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "runtime/capabilities.hpp"
#include "runtime/launcher.hpp"
#include "runtime/process_info.hpp"
#include "runtime/seccomp.hpp"
#include "tests/unit/runtime/as_user.hpp"
#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime::test {
namespace {

/// Refuses to make folders, as if the disk were full: no privilege and no other reason answers so.
SyscallFilter no_folders(std::vector<std::string> more = {}) {
  CallProfile profile;
  profile.rules.push_back({{"mkdir", "mkdirat"}, {CallAction::kErrno, ENOSPC}});
  if (!more.empty()) profile.rules.push_back({std::move(more), {CallAction::kErrno, EPERM}});
  auto made = compile_profile(profile);
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : SyscallFilter();
}

constexpr const char* kTryAndTell =
    "mkdir /tmp/troupe-no 2>&1 | grep -o 'No space left'; id -u; "
    "grep -E '^(CapInh|CapPrm|CapEff|CapAmb|NoNewPrivs|Seccomp):' /proc/self/status | cut -f 2";

LaunchPlan plan_with(SyscallFilter filter) {
  LaunchPlan plan;
  plan.argv = {"/bin/sh", "-c", kTryAndTell};
  plan.environment = {"PATH=/usr/bin:/bin"};
  plan.filter = std::move(filter);
  return plan;
}

std::string output_of(Launcher& launcher, LaunchPlan plan) {
  int ends[2];
  EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const Fd reading(ends[0]);
  Fd writing(ends[1]);
  plan.stdout_fd = plan.stderr_fd = writing.get();
  Result<Launched> launched = launcher.launch(plan);
  writing.reset();
  if (!launched) return "error: " + launched.error().message;
  std::string text;
  char buffer[4096];
  for (ssize_t size = 0; (size = read(reading.get(), buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, static_cast<std::size_t>(size));
  }
  reap_ending(launched->pidfd.get());
  return text;
}

std::string output_of(LaunchPlan plan) {
  Launcher launcher;
  return output_of(launcher, std::move(plan));
}

constexpr const char* kNone = "0000000000000000\n";

TEST(LauncherFilter, HoldsForAUserWithoutCapabilities) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  LaunchPlan plan = plan_with(no_folders());
  plan.user = plan.group = 12345;
  EXPECT_EQ(output_of(plan), std::string("No space left\n12345\n") + kNone + kNone + kNone + kNone + "0\n2\n");
}

TEST(LauncherFilter, HoldsForRootThatGaveItsCapabilitiesUp) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  LaunchPlan plan = plan_with(no_folders());
  plan.capabilities = 1u << CAP_CHOWN;
  const std::string only = "0000000000000001\n";
  EXPECT_EQ(output_of(plan), "No space left\n0\n" + std::string(kNone) + only + only + kNone + "0\n2\n");
  plan.user = 12345;
  EXPECT_EQ(output_of(plan), std::string("No space left\n12345\n") + kNone + kNone + kNone + kNone + "0\n2\n");
}

TEST(LauncherFilter, MayForbidEvenWhatALauncherNeeds) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::vector<std::string> ours = {"capset",         "capget",      "setresuid", "setresgid", "setgroups",
                                         "prctl",          "close_range", "unshare",   "setns",     "sethostname",
                                         "mount",          "umount2",     "setsid",    "seccomp",   "prlimit64",
                                         "rt_sigprocmask", "dup2",        "chdir"};
  LaunchPlan plan = plan_with(no_folders(ours));
  plan.argv = {"/usr/bin/mkdir", "/tmp/troupe-no"};
  plan.user = plan.group = 12345;
  plan.capabilities = 0;
  plan.own_mounts = plan.own_ipc = true;
  plan.hostname = "web-0";
  plan.working_directory = "/usr";
  EXPECT_NE(output_of(plan).find("No space left"), std::string::npos);
}

TEST(LauncherFilter, NeedsNoPrivilegeWithNoNewPrivileges) {
  std::string text;
  as_a_user([&] {
    LaunchPlan plan = plan_with(no_folders());
    plan.no_new_privileges = true;
    text = output_of(plan);
  });
  EXPECT_TRUE(text.starts_with("No space left\n")) << text;
  EXPECT_TRUE(text.ends_with("1\n2\n")) << text;
}

TEST(LauncherFilter, WithoutAnyPrivilegeItIsRefusedAndNothingRuns) {
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) GTEST_SKIP() << "no_new_privs is set here";
  std::string text;
  as_a_user([&] { text = output_of(plan_with(no_folders())); });
  EXPECT_EQ(text, "error: set the filter of system calls: Permission denied");
}

TEST(LauncherFilter, AUserNamespaceGivesThePrivilegeAndTheProgramHasNone) {
  const Namespaces can = namespaces_of_a_user();
  if (!can.mounts) GTEST_SKIP() << can.obstacle;
  std::string text;
  as_a_user([&] {
    Launcher launcher;
    Result<Fd> users = make_user_namespace();
    ASSERT_TRUE(users) << users.error().message;
    launcher.use_user_namespace(std::move(*users));
    text = output_of(launcher, plan_with(no_folders()));
  });
  const std::string id = std::to_string(geteuid() == 0 ? kNobody : geteuid());
  EXPECT_EQ(text, "No space left\n" + id + "\n" + kNone + kNone + kNone + kNone +
                      (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? "1\n2\n" : "0\n2\n"));
}

TEST(LauncherFilter, AMissingProgramIsStillToldAndLeavesNoChild) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  LaunchPlan plan = plan_with(no_folders());
  plan.argv = {"/no/such/program"};
  const auto before = own_children();
  EXPECT_EQ(output_of(plan), "error: exec \"/no/such/program\": No such file or directory");
  EXPECT_EQ(own_children(), before);
}

TEST(LauncherFilter, OneThatIsTooLongIsRefused) {
  LaunchPlan plan = plan_with({});
  plan.filter.program.assign(4097, 0);
  EXPECT_EQ(output_of(plan), "error: the filter is too long");
}

TEST(FilterSupport, SaysWhoMaySetFilters) {
  EXPECT_EQ(find_filter_support({true, true}).obstacle, "");
  EXPECT_EQ(find_filter_support({true, true}).obstacle_as_itself, "");
  if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) GTEST_SKIP() << "no_new_privs is set here";
  EXPECT_EQ(find_filter_support({false, false, true, "it is forbidden"}).obstacle_as_itself,
            "it needs CAP_SYS_ADMIN, or allowPrivilegeEscalation: false (it is forbidden)");
}

}  // namespace
}  // namespace troupe::runtime::test
