#include "runtime/cgroup.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace troupe::runtime {
namespace {

namespace fs = std::filesystem;

/// A made-up system: /proc/self's two files, and folders in place of the mounted hierarchies.
class CgroupsTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "troupe-cgroup-XXXXXX").string();
    home_ = mkdtemp(pattern.data());
    fs::create_directories(home_ + "/proc/self");
  }
  void TearDown() override { fs::remove_all(home_); }

  void write(const std::string& path, const std::string& text) {
    fs::create_directories(fs::path(home_ + path).parent_path());
    std::ofstream(home_ + path) << text;
  }
  std::string read(const std::string& path) {
    std::ostringstream out;
    out << std::ifstream(home_ + path).rdbuf();
    return out.str();
  }
  Cgroups find() { return Cgroups::find(home_ + "/proc", home_); }

  std::string home_;
};

constexpr const char* kV1Mounts =
    "31 24 0:27 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "32 31 0:28 / /cg/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
    "33 31 0:29 /box /cg/memory rw - cgroup cgroup rw,memory\n"
    "34 31 0:30 / /cg/systemd rw - cgroup cgroup rw,name=systemd\n";

TEST_F(CgroupsTest, FindsItsOwnGroupsOfVersionOne) {
  write("/proc/self/mountinfo", kV1Mounts);
  write("/proc/self/cgroup", "3:memory:/box/inner\n2:cpu,cpuacct:/\n1:name=systemd:/\n0::/\n");
  fs::create_directories(home_ + "/cg/cpu,cpuacct");
  const Cgroups groups = find();
  EXPECT_EQ(groups.version(), Cgroups::Version::kV1);
  EXPECT_EQ(groups.folder("memory"), home_ + "/cg/memory/inner");  // the mount shows /box as its root
  EXPECT_EQ(groups.folder("cpu"), home_ + "/cg/cpu,cpuacct");
  EXPECT_EQ(groups.folder("pids"), "");
  EXPECT_TRUE(groups.writable("cpu"));
  EXPECT_NE(groups.obstacle("memory").find("No such file"), std::string::npos) << groups.obstacle("memory");
  EXPECT_EQ(groups.obstacle("pids"), "no control group of pids is mounted");
}

TEST_F(CgroupsTest, FindsItsOwnGroupOfVersionTwo) {
  write("/proc/self/mountinfo", "32 31 0:28 / /cg rw - cgroup2 cgroup2 rw\n");
  write("/proc/self/cgroup", "0::/user.slice\n");
  write("/cg/user.slice/cgroup.controllers", "cpuset cpu memory\n");
  const Cgroups groups = find();
  EXPECT_EQ(groups.version(), Cgroups::Version::kV2);
  EXPECT_EQ(groups.folder("memory"), home_ + "/cg/user.slice");
  EXPECT_EQ(groups.folder("pids"), "");
}

TEST_F(CgroupsTest, FindsTheSameGroupAfterItMovedIntoOneOfItsOwn) {
  write("/proc/self/mountinfo", "32 31 0:28 / /cg rw - cgroup2 cgroup2 rw\n");
  write("/proc/self/cgroup", "0::/user.slice/troupe-keeper\n");
  write("/cg/user.slice/cgroup.controllers", "memory\n");
  write("/cg/user.slice/troupe-keeper/cgroup.controllers", "\n");
  EXPECT_EQ(find().folder("memory"), home_ + "/cg/user.slice");
}

/// A group of version 2 with `controllers` and one process of Troupe.
class UnifiedTest : public CgroupsTest {
 protected:
  void SetUp() override {
    CgroupsTest::SetUp();
    write("/proc/self/mountinfo", "32 31 0:28 / /cg rw - cgroup2 cgroup2 rw\n");
    write("/proc/self/cgroup", "0::/scope\n");
    write("/proc/100/stat", "100 (troupe-keeper) S 7 100");
    write("/proc/101/stat", "101 (sh (1)) S 100 101");
    write("/proc/200/stat", "200 (bash) S 7 200");
    write("/proc/7/stat", "7 (systemd) S 0 7");
    write("/cg/scope/cgroup.controllers", "memory pids\n");
    write("/cg/scope/cgroup.subtree_control", "");
    write("/cg/scope/cgroup.type", "domain\n");
    write("/cg/scope/cgroup.procs", "100\n101\n");
    write("/cg/scope/troupe-keeper/cgroup.procs", "");
    write("/cg/scope/p/cgroup.subtree_control", "");
    write("/cg/scope/p/g/memory.max", "max");
    bounds_.memory_bytes = 4096;
  }
  ResourceBounds bounds_;
};

TEST_F(UnifiedTest, AsksOnlyForTheControllersThatTheLimitsNeed) {
  const auto made = find().make("p", "g", bounds_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(read("/cg/scope/cgroup.subtree_control"), "+memory");
  EXPECT_EQ(read("/cg/scope/p/cgroup.subtree_control"), "+memory");
  EXPECT_EQ(read("/cg/scope/p/g/memory.max"), "4096");
  EXPECT_EQ(made->front(), home_ + "/cg/scope/p/g/cgroup.procs");
  EXPECT_EQ(read("/cg/scope/troupe-keeper/cgroup.procs"), "101") << "100, then its child, made room";
}

TEST_F(UnifiedTest, AContainerOverItsMemoryLimitEndsWholeWhereTheKernelCanDoThat) {
  ASSERT_TRUE(find().make("p", "g", bounds_)) << "not here";
  write("/cg/scope/p/g/memory.oom.group", "0");
  ASSERT_TRUE(find().make("p", "g", bounds_));
  EXPECT_EQ(read("/cg/scope/p/g/memory.oom.group"), "1");
}

TEST_F(UnifiedTest, AsksForNothingThatIsGivenAlready) {
  write("/cg/scope/cgroup.subtree_control", "memory pids\n");
  write("/cg/scope/p/cgroup.subtree_control", "memory\n");
  write("/cg/scope/cgroup.procs", "200\n");
  ASSERT_TRUE(find().make("p", "g", bounds_));
  EXPECT_EQ(read("/cg/scope/cgroup.subtree_control"), "memory pids\n");
  EXPECT_TRUE(find().writable("memory"));
}

TEST_F(UnifiedTest, MovesNoProcessOfOthersAndSaysSoBeforeAPodNeedsALimit) {
  EXPECT_EQ(find().obstacle("memory"), "");
  write("/cg/scope/cgroup.procs", "100\n200\n");
  EXPECT_NE(find().obstacle("memory").find("process 200 is in the control group"), std::string::npos);
  const auto made = find().make("p", "g", bounds_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kPermission);
  EXPECT_EQ(read("/cg/scope/cgroup.subtree_control"), "");
  EXPECT_EQ(read("/cg/scope/troupe-keeper/cgroup.procs"), "");
}

TEST_F(UnifiedTest, ALimitThatIsNotOfferedIsNoHindranceToOthers) {
  EXPECT_NE(find().obstacle("cpu"), "");
  bounds_.cpu_millis = 100;
  const auto made = find().make("p", "g", bounds_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUnsupported);
  EXPECT_EQ(find().obstacle("memory"), "");
}

TEST_F(CgroupsTest, HasNoneWhereNoneIsMounted) {
  write("/proc/self/mountinfo", "");
  write("/proc/self/cgroup", "");
  const Cgroups groups = find();
  EXPECT_EQ(groups.version(), Cgroups::Version::kNone);
  ResourceBounds bounds;
  bounds.memory_bytes = 1;
  const auto made = groups.make("parent", "group", bounds);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, ErrorCode::kUnsupported);
}

TEST_F(CgroupsTest, CountsKillsForMemory) {
  write("/proc/self/mountinfo", kV1Mounts);
  write("/proc/self/cgroup", "3:memory:/box\n");
  write("/cg/memory/p/g/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
  EXPECT_EQ(find().oom_kills("p", "g"), 2u);
  EXPECT_EQ(find().oom_kills("p", "other"), 0u);
}

TEST(Cgroups, LimitsAProcessOfThisMachineWhereItMay) {
  const Cgroups groups = Cgroups::find();
  if (!groups.writable("memory") || groups.version() != Cgroups::Version::kV1) {
    GTEST_SKIP() << "no writable memory group of version 1: " << groups.obstacle("memory");
  }
  ResourceBounds bounds;
  bounds.memory_bytes = 16u << 20u;
  const std::string parent = "troupe-test-" + std::to_string(getpid());
  const auto made = groups.make(parent, "one", bounds);
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made->size(), 1u);
  std::string limit;
  std::ifstream(groups.folder("memory") + "/" + parent + "/one/memory.limit_in_bytes") >> limit;
  EXPECT_EQ(limit, std::to_string(16u << 20u));
  groups.remove(parent, "one");
  EXPECT_FALSE(fs::exists(groups.folder("memory") + "/" + parent));
}

}  // namespace
}  // namespace troupe::runtime
