#include "runtime/mounts.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "runtime/launcher.hpp"
#include "runtime/process_info.hpp"
#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime::test {
namespace {

namespace fs = std::filesystem;

/// Runs scripts with mounts of their own; needs root.
class MountsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "mount namespaces need root";
    for (const char* name : {"/outer", "/inner", "/secret"}) fs::create_directory(home() + name);
    std::ofstream(home() + "/inner/file") << "inner";
    plan_.own_mounts = true;
    plan_.environment = {"PATH=/usr/bin:/bin"};
  }
  std::string home() const { return folder_.path(); }

  /// What the script writes, or "error: " and why it did not start.
  std::string run(const std::string& script) {
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    const Fd reading(ends[0]);
    Fd writing(ends[1]);
    plan_.argv = {"/bin/sh", "-c", script};
    plan_.stdout_fd = plan_.stderr_fd = writing.get();
    Launcher launcher;
    Result<Launched> launched = launcher.launch(plan_);
    writing.reset();
    if (!launched) return "error: " + launched.error().message;
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(reading.get(), buffer, sizeof(buffer))) > 0;) {
      text.append(buffer, static_cast<std::size_t>(size));
    }
    siginfo_t info{};
    waitid(P_PID, static_cast<id_t>(launched->pid), &info, WEXITED);
    return text;
  }

  TestFolder folder_;
  LaunchPlan plan_;
};

TEST_F(MountsTest, AProcOfItsOwnShowsItsNamespace) {
  plan_.own_pids = plan_.own_proc = true;
  const std::string script = "echo $$; read x < /proc/1/comm; echo $x; ls -d /proc/[0-9]* | head -1";
  EXPECT_EQ(run(script), "1\nsh\n/proc/1\n");
  plan_.read_only_root = true;
  EXPECT_EQ(run(script), "1\nsh\n/proc/1\n");
  plan_ = LaunchPlan{};
  EXPECT_EQ(run("readlink /proc/self/ns/pid"), fs::read_symlink("/proc/self/ns/pid").string() + "\n") << "we stay here";
}

TEST_F(MountsTest, VolumesStayWritableOnAReadOnlyRoot) {
  plan_.read_only_root = true;
  plan_.mounts = {{home() + "/outer", home() + "/seen", false}, {home() + "/inner", home() + "/fixed", true}};
  const std::string script = "cd " + home() +
                             "; echo x > seen/x && echo written; touch fixed/x || echo fixed; "
                             "touch root || echo refused; echo x > /dev/shm/troupe-mounts-test && echo shared; "
                             "rm -f /dev/shm/troupe-mounts-test; echo $$ > /proc/self/comm && echo named";
  const std::string text = run("exec 2>/dev/null; " + script);
  EXPECT_EQ(text, "written\nfixed\nrefused\nshared\nnamed\n");
  EXPECT_TRUE(fs::exists(home() + "/outer/x"));
}

TEST_F(MountsTest, WhatIsReadOnlyBelowProcStaysSo) {
  plan_.read_only_root = true;
  std::string text;
  // As a container runtime does it: a read-only mount over a part of /proc, in a mount namespace of this thread.
  std::thread([&] {
    const char* masked = "/proc/sys/kernel";
    ASSERT_EQ(unshare(CLONE_NEWNS), 0);
    ASSERT_EQ(mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
    ASSERT_EQ(mount(masked, masked, nullptr, MS_BIND, nullptr), 0);
    ASSERT_EQ(mount(nullptr, masked, nullptr, MS_BIND | MS_REMOUNT | MS_RDONLY, nullptr), 0);
    text = run("test -w /proc/sys/kernel/hostname && echo writable || echo masked");
  }).join();
  EXPECT_EQ(text, "masked\n");
}

TEST_F(MountsTest, AVolumeInsideOfAVolumeIsSeenInAnyOrder) {
  const Mount outer{home() + "/outer", home() + "/app", false};
  const Mount inner{home() + "/inner", home() + "/app/conf/here", true};
  const std::string script = "cat " + home() + "/app/conf/here/file; echo; ls " + home() + "/app";
  plan_.mounts = {outer, inner};
  EXPECT_EQ(run(script), "inner\nconf\n");
  plan_.mounts = {inner, outer};
  EXPECT_EQ(run(script), "inner\nconf\n");
  EXPECT_TRUE(fs::is_directory(home() + "/outer/conf/here")) << "the mount point lies in the volume";
  EXPECT_FALSE(fs::exists(home() + "/app/conf")) << "not on the node";
}

TEST_F(MountsTest, AVolumeOverTheFolderOfItsSourcesHidesNoneOfThem) {
  std::ofstream(home() + "/words") << std::flush;
  plan_.read_only_root = true;
  plan_.mounts = {{home() + "/outer", home(), false},
                  {home() + "/inner", home() + "/seen", false},
                  {home() + "/words", home() + "/last", false}};
  const std::string text = run("cd " + home() + "; cat seen/file; echo; echo bye > last; ls");
  EXPECT_EQ(text, "inner\nlast\nseen\n");
  EXPECT_EQ(*read_file(home() + "/words"), "bye\n");
}

TEST_F(MountsTest, ASubPathIsMadeInsideAsTheVolumeIs) {
  chmod((home() + "/outer").c_str(), 0777);
  plan_.mounts = {{home() + "/outer", home() + "/seen", false, "a/b"}};
  EXPECT_EQ(run("echo x > " + home() + "/seen/file; stat -c %a " + home() + "/seen"), "777\n");
  EXPECT_EQ(*read_file(home() + "/outer/a/b/file"), "x\n");
  fs::create_directory(home() + "/outer/..1");
  std::ofstream(home() + "/outer/..1/key") << "value";
  fs::create_symlink("..1", home() + "/outer/..data");
  fs::create_symlink("..data/key", home() + "/outer/key");
  plan_.mounts = {{home() + "/outer", home() + "/one", true, "key"}};
  EXPECT_EQ(run("cat " + home() + "/one"), "value") << "a link that stays inside, to a file";
}

TEST_F(MountsTest, NoLinkLeadsASubPathOutOfItsVolume) {
  fs::create_directory_symlink(home() + "/secret", home() + "/outer/evil");
  fs::create_directory_symlink("../secret", home() + "/outer/up");
  for (const char* inside : {"evil", "evil/new", "up", "up/new", "../secret"}) {
    plan_.mounts = {{home() + "/outer", home() + "/seen", false, inside}};
    const std::string text = run("true");
    EXPECT_NE(text.find("subPath \"" + std::string(inside) + "\" leaves the volume"), std::string::npos) << text;
  }
  EXPECT_TRUE(fs::is_empty(home() + "/secret")) << "nothing is made there either";
}

TEST_F(MountsTest, NoLinkInAVolumeMovesAMountInsideOfIt) {
  fs::create_directory_symlink(home() + "/secret", home() + "/outer/conf");
  plan_.mounts = {{home() + "/outer", home() + "/app", false}, {home() + "/inner", home() + "/app/conf/new", false}};
  EXPECT_NE(run("true").find("a link leads out of the volume"), std::string::npos);
  EXPECT_TRUE(fs::is_empty(home() + "/secret"));
}

TEST_F(MountsTest, AFolderDoesNotGoOverAFile) {
  std::ofstream(home() + "/file") << std::flush;
  plan_.mounts = {{home() + "/outer", home() + "/file", false}};
  EXPECT_NE(run("true").find("Not a directory"), std::string::npos);
  plan_.mounts = {{home() + "/none", home() + "/seen", false}};
  EXPECT_NE(run("true").find("mount \"" + home() + "/none\" at"), std::string::npos);
}

}  // namespace
}  // namespace troupe::runtime::test
