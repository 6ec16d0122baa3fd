#include "actors/pod/volumes.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "actors/pod/volume_limits.hpp"

namespace troupe::pod {
namespace {

namespace fs = std::filesystem;

std::string read(const std::string& path) {
  std::ostringstream out;
  out << std::ifstream(path).rdbuf();
  return out.str();
}

VolumeItem from_object(EnvVar::Source kind, std::string object, std::string key = {}, std::string path = {}) {
  VolumeItem out;
  out.from.source = kind;
  out.from.object = std::move(object);
  out.from.path = std::move(key);
  out.path = std::move(path);
  return out;
}

class VolumesTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "troupe-volumes-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    spec_.uid = "u1";
    spec_.name = "web";
    spec_.labels = {{"app", "web"}, {"quote", "a\"b"}};
    spec_.containers.resize(1);
    spec_.containers[0].mounts.push_back({"v", "/mnt/v", "", false, false});
    spec_.volumes.push_back({"v", VolumeSpec::Kind::kFiles, "", "", {}, 0644});
  }
  void TearDown() override { fs::remove_all(root_); }

  Status mount() {
    wanted_ = {};
    wanted_.environment = {{"POD", "p0"}};
    return mount_volumes(spec_, 0, facts_, root_, true, wanted_);
  }
  VolumeSpec& volume() { return spec_.volumes[0]; }
  VolumeMountSpec& mount_of() { return spec_.containers[0].mounts[0]; }
  std::string folder() const { return root_ + "/volumes/u1/v"; }

  std::string root_;
  PodSpec spec_;
  PodFacts facts_;
  runtime::ContainerSpec wanted_;
};

TEST_F(VolumesTest, ShowsAllKeysOfAnObjectReadOnly) {
  volume().items = {from_object(EnvVar::Source::kConfigMap, "c")};
  facts_.objects[{EnvVar::Source::kConfigMap, "c"}] = {{"a", "1"}, {"b", "2"}};
  ASSERT_TRUE(mount());
  ASSERT_EQ(wanted_.mounts.size(), 1u);
  EXPECT_EQ(wanted_.mounts[0].source, folder());
  EXPECT_EQ(wanted_.mounts[0].target, "/mnt/v");
  EXPECT_EQ(fs::status(root_ + "/volumes").permissions(), fs::perms::owner_all) << "others need not look here";
  EXPECT_TRUE(wanted_.mounts[0].read_only);
  EXPECT_EQ(read(folder() + "/a"), "1");
  EXPECT_EQ(read(folder() + "/b"), "2");
  EXPECT_EQ(fs::read_symlink(folder() + "/a"), "..data/a");
}

TEST_F(VolumesTest, ReplacesAllFilesAtOnceAndOnlyWhenTheyDiffer) {
  volume().items = {from_object(EnvVar::Source::kConfigMap, "c")};
  auto& object = facts_.objects[{EnvVar::Source::kConfigMap, "c"}];
  object = {{"a", "1"}, {"b", "2"}};
  ASSERT_TRUE(mount());
  const fs::path first = fs::read_symlink(folder() + "/..data");
  ASSERT_TRUE(mount());
  EXPECT_EQ(fs::read_symlink(folder() + "/..data"), first);
  object = {{"a", "3"}, {"c", "4"}};
  ASSERT_TRUE(mount());
  EXPECT_NE(fs::read_symlink(folder() + "/..data"), first);
  EXPECT_FALSE(fs::exists(folder() + "/" + first.string()));
  EXPECT_EQ(read(folder() + "/a"), "3");
  EXPECT_EQ(read(folder() + "/c"), "4");
  EXPECT_FALSE(fs::is_symlink(folder() + "/b"));
}

TEST_F(VolumesTest, PutsKeysAndDownwardValuesWhereTheirItemsSay) {
  VolumeItem labels;
  labels.from.source = EnvVar::Source::kField;
  labels.from.path = "metadata.labels";
  labels.path = "labels";
  volume().items = {from_object(EnvVar::Source::kSecret, "s", "k", "deep/er/file"), labels};
  volume().items[0].mode = 0400;
  facts_.objects[{EnvVar::Source::kSecret, "s"}] = {{"k", "v"}, {"other", "x"}};
  ASSERT_TRUE(mount());
  EXPECT_EQ(read(folder() + "/deep/er/file"), "v");
  EXPECT_FALSE(fs::exists(folder() + "/other"));
  EXPECT_EQ(read(folder() + "/labels"), "app=\"web\"\nquote=\"a\\\"b\"");
  struct stat status {};
  ASSERT_EQ(stat((folder() + "/deep/er/file").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777u, 0400u);
}

TEST_F(VolumesTest, SaysWhatIsMissingUnlessItIsOptional) {
  volume().items = {from_object(EnvVar::Source::kConfigMap, "none")};
  EXPECT_EQ(mount().error().message, "MountVolume.SetUp failed for volume \"v\" : configmap \"none\" not found");
  volume().items[0].from.optional = true;
  EXPECT_TRUE(mount());
  volume().items = {from_object(EnvVar::Source::kConfigMap, "c", "absent", "file")};
  facts_.objects[{EnvVar::Source::kConfigMap, "c"}] = {{"a", "1"}};
  EXPECT_NE(mount().error().message.find("configmap references non-existent config key: absent"), std::string::npos);
}

TEST_F(VolumesTest, LetsNoPathLeaveTheVolume) {
  facts_.objects[{EnvVar::Source::kConfigMap, "c"}] = {{"a", "1"}};
  for (const char* path : {"../out", "a/../../out", "/out"}) {
    volume().items = {from_object(EnvVar::Source::kConfigMap, "c", "a", path)};
    EXPECT_FALSE(mount()) << path;
  }
  volume().kind = VolumeSpec::Kind::kEmptyDir;
  volume().items = {};
  mount_of().sub_path = "../../u2";
  EXPECT_FALSE(mount());
}

TEST_F(VolumesTest, MakesNoFolderOfASubPathBehindALink) {
  volume().kind = VolumeSpec::Kind::kEmptyDir;
  fs::create_directories(folder());
  fs::create_directories(root_ + "/outside");
  fs::create_directory_symlink(root_ + "/outside", folder() + "/evil");
  mount_of().sub_path = "evil/new";
  ASSERT_TRUE(mount()) << "who mounts it checks it";
  EXPECT_TRUE(fs::is_empty(root_ + "/outside"));
  mount_of().path = folder() + "/evil/new";
  EXPECT_FALSE(mount_volumes(spec_, 0, facts_, root_, false, wanted_));
  EXPECT_TRUE(fs::is_empty(root_ + "/outside"));
}

TEST_F(VolumesTest, ExpandsASubPathFromTheContainersVariables) {
  volume().kind = VolumeSpec::Kind::kEmptyDir;
  mount_of().sub_path = "logs/$(POD)";
  mount_of().expand_sub_path = true;
  ASSERT_TRUE(mount());
  EXPECT_EQ(wanted_.mounts[0].source, folder());
  EXPECT_EQ(wanted_.mounts[0].inside, "logs/p0");
  EXPECT_FALSE(wanted_.mounts[0].read_only);
}

TEST_F(VolumesTest, TheGroupOfThePodMayReadItsFilesAndWriteItsEmptyFolders) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  spec_.fs_group = 2000;
  volume().items = {from_object(EnvVar::Source::kSecret, "s")};
  volume().mode = 0400;
  facts_.objects[{EnvVar::Source::kSecret, "s"}] = {{"key", "value"}};
  ASSERT_TRUE(mount());
  struct stat status {};
  ASSERT_EQ(stat((folder() + "/key").c_str(), &status), 0);
  EXPECT_EQ(status.st_gid, 2000u);
  EXPECT_EQ(status.st_mode & 07777u, 0440u);
  const fs::path shown = fs::read_symlink(folder() + "/..data");
  ASSERT_TRUE(mount());
  EXPECT_EQ(fs::read_symlink(folder() + "/..data"), shown) << "nothing has changed";
  volume().kind = VolumeSpec::Kind::kEmptyDir;
  ASSERT_TRUE(mount());
  ASSERT_EQ(stat(folder().c_str(), &status), 0);
  EXPECT_EQ(status.st_gid, 2000u);
  EXPECT_EQ(status.st_mode & 07777u, 02777u);
}

TEST_F(VolumesTest, WhatAnInterruptedReplacementLeftIsRemovedByTheNext) {
  volume().items = {from_object(EnvVar::Source::kConfigMap, "c")};
  auto& object = facts_.objects[{EnvVar::Source::kConfigMap, "c"}];
  object = {{"a", "1"}};
  ASSERT_TRUE(mount());
  fs::create_directory(folder() + "/..half");
  fs::create_symlink("..half", folder() + "/..data_tmp");
  object = {{"a", "2"}};
  ASSERT_TRUE(mount());
  EXPECT_EQ(read(folder() + "/a"), "2");
  EXPECT_FALSE(fs::exists(folder() + "/..half"));
}

TEST_F(VolumesTest, ChecksWhatAHostPathIs) {
  volume().kind = VolumeSpec::Kind::kHostPath;
  volume().path = root_ + "/host";
  volume().type = "Directory";
  EXPECT_EQ(mount().error().message, "MountVolume.SetUp failed for volume \"v\" : hostPath type check failed: " +
                                         root_ + "/host is not a directory");
  volume().type = "DirectoryOrCreate";
  EXPECT_TRUE(mount());
  volume().type = "File";
  EXPECT_FALSE(mount());
}

TEST_F(VolumesTest, WithoutMountsOnlyTheVolumesOwnFolderWorks) {
  volume().kind = VolumeSpec::Kind::kEmptyDir;
  EXPECT_EQ(mount_volumes(spec_, 0, facts_, root_, false, wanted_).error().code, ErrorCode::kUnsupported);
  mount_of().path = folder();
  EXPECT_TRUE(mount_volumes(spec_, 0, facts_, root_, false, wanted_));
  EXPECT_TRUE(wanted_.mounts.empty());
  mount_of().path = folder() + "/deep/er";
  mount_of().sub_path = "deep/er";
  EXPECT_TRUE(mount_volumes(spec_, 0, facts_, root_, false, wanted_));
  EXPECT_TRUE(fs::is_directory(folder() + "/deep/er"));
}

TEST_F(VolumesTest, RefusesKindsThatTheNodeDoesNotHave) {
  volume().kind = VolumeSpec::Kind::kUnsupported;
  EXPECT_EQ(mount().error().code, ErrorCode::kUnsupported);
}

TEST_F(VolumesTest, GoWithThePod) {
  volume().kind = VolumeSpec::Kind::kEmptyDir;
  ASSERT_TRUE(mount());
  remove_volumes(root_, "");
  ASSERT_TRUE(fs::exists(folder()));
  remove_volumes(root_, "u1");
  EXPECT_FALSE(fs::exists(root_ + "/volumes/u1"));
}

TEST_F(VolumesTest, FilesFollowTheirSourceAtOnceAndAreReplacedTogether) {
  volume().items.push_back(from_object(EnvVar::Source::kConfigMap, "settings"));
  facts_.objects[{EnvVar::Source::kConfigMap, "settings"}] = {{"a", "1"}, {"b", "1"}};
  ASSERT_TRUE(mount());
  const auto before = fs::read_symlink(folder() + "/..data");
  facts_.objects[{EnvVar::Source::kConfigMap, "settings"}] = {{"a", "2"}};
  ASSERT_TRUE(refresh_volumes(spec_, 0, facts_, root_));
  EXPECT_EQ(read(folder() + "/a"), "2");
  EXPECT_FALSE(fs::exists(folder() + "/b"));
  EXPECT_NE(fs::read_symlink(folder() + "/..data"), before);
  facts_.objects.clear();
  const Status gone = refresh_volumes(spec_, 0, facts_, root_);
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().message, "MountVolume.SetUp failed for volume \"v\" : configmap \"settings\" not found");
  EXPECT_EQ(read(folder() + "/a"), "2") << "what was there stays";
}

TEST_F(VolumesTest, AnEmptyFolderOverItsLimitIsToldInTheKubeletsWords) {
  volume().kind = VolumeSpec::Kind::kEmptyDir;
  volume().size_limit = "64Ki";
  ASSERT_TRUE(mount());
  fs::create_directories(folder() + "/deep/er");
  VolumeLimits limits(spec_, root_, true);
  ASSERT_FALSE(limits.empty());
  EXPECT_TRUE(limits.step(100));
  EXPECT_FALSE(limits.exceeded());
  std::ofstream(folder() + "/deep/er/file") << std::string(100'000, 'x') << std::flush;
  int steps = 1;
  while (!limits.step(1)) ++steps;
  EXPECT_GT(steps, 1) << "a piece at a time";
  ASSERT_TRUE(limits.exceeded());
  EXPECT_EQ(*limits.exceeded(), "Usage of EmptyDir volume \"v\" exceeds the limit \"64Ki\". ");
}

TEST_F(VolumesTest, WithoutALimitOrInMemoryNothingIsMeasured) {
  volume().kind = VolumeSpec::Kind::kEmptyDir;
  EXPECT_TRUE(VolumeLimits(spec_, root_, true).empty());
  volume().size_limit = "1Mi";
  volume().in_memory = true;
  EXPECT_TRUE(VolumeLimits(spec_, root_, true).empty()) << "the file system keeps the limit";
  EXPECT_FALSE(VolumeLimits(spec_, root_, false).empty());
}

}  // namespace
}  // namespace troupe::pod
