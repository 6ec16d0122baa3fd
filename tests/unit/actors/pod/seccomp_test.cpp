#include "actors/pod/seccomp.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace troupe::pod {
namespace {

namespace fs = std::filesystem;
using Kind = SeccompSpec::Kind;

class SeccompTest : public testing::Test {
 protected:
  SeccompTest() {
    std::string name = fs::temp_directory_path() / "troupe-seccomp-XXXXXX";
    root_ = mkdtemp(name.data()) != nullptr ? name : std::string();
    deps_.root = root_;
    container_.name = "main";
  }
  ~SeccompTest() override { fs::remove_all(root_); }

  /// The filter that the container gets.
  runtime::SyscallFilter filter() {
    runtime::ContainerSpec wanted;
    const auto told = filter_calls(container_, deps_, wanted);
    EXPECT_TRUE(told) << told.error().message;
    EXPECT_FALSE(told && *told);
    return wanted.confinement.filter;
  }
  std::string error() {
    runtime::ContainerSpec wanted;
    const auto told = filter_calls(container_, deps_, wanted);
    EXPECT_TRUE(wanted.confinement.filter.empty());
    return told ? "none" : told.error().message;
  }

  std::string root_;
  SeccompDeps deps_;
  ContainerSpec container_;
};

TEST_F(SeccompTest, OnlyWhoAsksIsFilteredAndNobodyWhoIsPrivileged) {
  EXPECT_TRUE(filter().empty());
  container_.security.seccomp.kind = Kind::kRuntimeDefault;
  EXPECT_FALSE(filter().empty());
  container_.security.privileged = true;
  EXPECT_TRUE(filter().empty());
}

TEST_F(SeccompTest, WhatIsAllowedFollowsTheCapabilitiesThatWereAskedFor) {
  container_.security.seccomp.kind = Kind::kRuntimeDefault;
  const runtime::SyscallFilter usual = filter();
  container_.security.add_capabilities = {"SYS_ADMIN"};
  const runtime::SyscallFilter admin = filter();
  EXPECT_NE(admin, usual);
  container_.security.drop_capabilities = {"ALL"};
  EXPECT_NE(filter(), admin) << "chroot is gone";
  EXPECT_EQ(*usual_capabilities(SecuritySpec{}) & (std::uint64_t{1} << 21u), 0u) << "SYS_ADMIN is nobody's unasked";
}

TEST_F(SeccompTest, AProfileOfTheNodeIsReadAtEachStart) {
  container_.security.seccomp = {Kind::kLocalhost, "team/web.json"};
  EXPECT_EQ(error(), "cannot load seccomp profile \"" + root_ + "/team/web.json\": open: No such file or directory");
  fs::create_directory(root_ + "/team");
  std::ofstream(root_ + "/team/web.json") << R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": "mkdir"}]})";
  EXPECT_EQ(error(), "cannot load seccomp profile \"" + root_ + "/team/web.json\": syscalls[0].names: expected a list");
  std::ofstream(root_ + "/team/web.json") << R"({"defaultAction": "SCMP_ACT_ALLOW"})";
  EXPECT_FALSE(filter().empty());
}

TEST_F(SeccompTest, APathThatLeavesTheFolderIsRefused) {
  for (const char* path : {"", "/etc/passwd", "../a.json", "a/../../b.json", "a/.."}) {
    container_.security.seccomp = {Kind::kLocalhost, path};
    EXPECT_EQ(error(), std::string("seccompProfile.localhostProfile: \"") + path + "\" is no path below " + root_ +
                           ": it must be relative and without ..");
  }
}

TEST_F(SeccompTest, WhereNoFilterCanBeSetItIsToldAndLeftOut) {
  deps_.support.obstacle_as_itself = "it needs root";
  container_.security.seccomp.kind = Kind::kRuntimeDefault;
  runtime::ContainerSpec wanted;
  auto told = filter_calls(container_, deps_, wanted);
  ASSERT_TRUE(told && *told);
  EXPECT_EQ((*told)->reason, "SeccompNotEnforced");
  EXPECT_EQ((*told)->message, "The system calls of container main are not filtered: it needs root");
  EXPECT_TRUE(wanted.confinement.filter.empty());
  container_.security.no_new_privileges = true;
  EXPECT_FALSE(filter().empty());
  deps_.support.obstacle = "there are none";
  told = filter_calls(container_, deps_, wanted);
  ASSERT_TRUE(told && *told);
  EXPECT_EQ((*told)->message, "The system calls of container main are not filtered: there are none");
}

}  // namespace
}  // namespace troupe::pod
