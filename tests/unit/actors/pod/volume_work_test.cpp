#include "actors/pod/volume_work.hpp"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <future>
#include <thread>
#include <vector>

namespace troupe::pod {
namespace {

namespace fs = std::filesystem;

class VolumeWorkTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (fs::temp_directory_path() / "troupe-work-XXXXXX").string();
    root_ = mkdtemp(pattern.data());
    PodObject object;
    object.spec.uid = "u1";
    object.spec.containers.resize(2);
    for (auto& container : object.spec.containers) container.mounts.push_back({"v", "/mnt/v", "", false, false});
    object.spec.volumes.push_back({"v", VolumeSpec::Kind::kEmptyDir, "", "", {}, 0644});
    object_ = std::make_shared<const PodObject>(std::move(object));
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string root_;
  std::shared_ptr<const PodObject> object_;
};

TEST_F(VolumeWorkTest, OnePieceFollowsAnotherAndOnlyTheLastRefreshOfAContainerIsMade) {
  std::vector<VolumesDone> told;
  VolumeWork work(nullptr, root_, true, [&](VolumesDone done) { told.push_back(std::move(done)); });
  work.mount(object_, 1, 3, {}, {});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].task, VolumeTask::kMount);
  EXPECT_EQ(told[0].container, 1u);
  EXPECT_EQ(told[0].attempt, 3u);
  ASSERT_TRUE(told[0].status);
  EXPECT_EQ(told[0].wanted->mounts.at(0).target, "/mnt/v");
  work.refresh(object_, 0, {});
  work.refresh(object_, 1, {});
  work.refresh(object_, 0, {});
  work.remove("u1");
  EXPECT_EQ(told.size(), 1u) << "the first has not been taken note of";
  for (int i = 0; i < 10; ++i) work.next();
  ASSERT_EQ(told.size(), 4u);
  EXPECT_EQ(told[1].container, 1u);
  EXPECT_EQ(told[2].container, 0u);
  EXPECT_EQ(told[3].task, VolumeTask::kRemove);
  EXPECT_FALSE(fs::exists(root_ + "/volumes/u1"));
}

TEST_F(VolumeWorkTest, IsDoneOnAThreadOfItsOwnAndRefusedWhenThatIsNotToBeHad) {
  std::promise<std::thread::id> where;
  kernel::Background background;
  VolumeWork work(&background, root_, true, [&](const VolumesDone&) { where.set_value(std::this_thread::get_id()); });
  work.mount(object_, 0, 0, {}, {});
  EXPECT_NE(where.get_future().get(), std::this_thread::get_id());
  background.stop();
  std::vector<VolumesDone> told;
  VolumeWork late(&background, root_, true, [&](VolumesDone done) { told.push_back(std::move(done)); });
  late.mount(object_, 0, 5, {}, {});
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].status.error().code, ErrorCode::kBusy);
  EXPECT_EQ(told[0].attempt, 5u);
}

}  // namespace
}  // namespace troupe::pod
