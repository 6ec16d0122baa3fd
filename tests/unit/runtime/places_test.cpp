#include "runtime/places.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime {
namespace {

namespace fs = std::filesystem;

class PlacesTest : public testing::Test {
 protected:
  std::string at(const std::string& name) const { return node_.path() + "/" + name; }
  std::string record() const { return keeper_.path() + "/places"; }

  test::TestFolder node_;
  test::TestFolder keeper_;
};

TEST_F(PlacesTest, WhatWasMadeGoesWithItsLastHolder) {
  Places places(record());
  auto one = places.make(at("x/y/z"), true);
  auto two = places.make(at("x/y/z"), true);
  ASSERT_TRUE(one && two);
  struct stat status {};
  ASSERT_EQ(stat(at("x/y").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777U, 0755U) << "whatever the umask";
  EXPECT_TRUE(fs::exists(record()));
  one.reset();
  places.remove_freed();
  EXPECT_TRUE(fs::is_directory(at("x/y/z"))) << "one needs it still";
  two.reset();
  EXPECT_TRUE(places.has_freed());
  places.remove_freed();
  EXPECT_FALSE(fs::exists(at("x")));
  EXPECT_FALSE(fs::exists(record()));
  EXPECT_FALSE(places.has_freed());
}

TEST_F(PlacesTest, AFileIsMadeForAFile) {
  Places places(record());
  auto place = places.make(at("etc/one.conf"), false);
  ASSERT_TRUE(place);
  EXPECT_TRUE(fs::is_regular_file(at("etc/one.conf")));
  place.reset();
  places.remove_freed();
  EXPECT_FALSE(fs::exists(at("etc")));
}

TEST_F(PlacesTest, WhatWasThereBeforeStays) {
  fs::create_directories(at("old/empty"));
  std::ofstream(at("old/file")).put('x');
  Places places(record());
  auto there = places.make(at("old/empty"), true);
  EXPECT_TRUE(there) << "held, for it could be another keeper's";
  EXPECT_FALSE(places.make(at("old/file"), false)) << "not empty: nobody would remove it";
  auto made = places.make(at("old/new"), true);
  there.reset();
  made.reset();
  places.remove_freed();
  places.remove_all();
  EXPECT_TRUE(fs::exists(at("old/empty")));
  EXPECT_TRUE(fs::exists(at("old/file")));
  EXPECT_FALSE(fs::exists(at("old/new")));
}

TEST_F(PlacesTest, WhatSomebodyPutsThereStays) {
  Places places(record());
  auto place = places.make(at("x/y"), true);
  std::ofstream(at("x/mine")).put('x');
  place.reset();
  places.remove_freed();
  EXPECT_FALSE(fs::exists(at("x/y")));
  EXPECT_TRUE(fs::exists(at("x/mine")));
  fs::remove(at("x/mine"));
  places.remove_all();
  EXPECT_FALSE(fs::exists(at("x"))) << "it was not forgotten";
}

TEST_F(PlacesTest, APlaceInAPlaceOutlivesNeither) {
  Places places(record());
  auto outer = places.make(at("x"), true);
  auto inner = places.make(at("x/y"), true);
  outer.reset();
  places.remove_freed();
  EXPECT_TRUE(fs::exists(at("x/y")));
  inner.reset();
  places.remove_freed();
  EXPECT_FALSE(fs::exists(at("x")));
}

TEST_F(PlacesTest, AKeeperThatComesAfterACrashRemovesWhatNobodyNeeds) {
  {
    Places crashed(record());
    auto needed = crashed.make(at("needed"), true);
    auto left = crashed.make(at("left/over"), true);
    ASSERT_TRUE(needed && left);
  }  // nothing is removed by an end
  Places places(record());
  places.adopt();
  auto needed = places.find(at("needed"));
  EXPECT_TRUE(needed);
  EXPECT_FALSE(places.find(at("nowhere"))) << "and makes nothing";
  places.remove_all();
  EXPECT_TRUE(fs::exists(at("needed")));
  EXPECT_FALSE(fs::exists(at("left")));
  needed.reset();
  places.remove_freed();
  EXPECT_FALSE(fs::exists(at("needed")));
}

TEST_F(PlacesTest, ACrashBeforeAnythingWasMadeLeavesNothingToDo) {
  std::ofstream(record()) << at("never") << '\0' << at("never/made") << '\0' << "garbage" << '\0';
  Places places(record());
  places.adopt();
  places.remove_all();
  EXPECT_FALSE(fs::exists(record()));
}

TEST_F(PlacesTest, NoKeeperRemovesWhatAnotherOnesMountsLieOn) {
  Places places(record());
  Places others(keeper_.path() + "/others");
  auto mine = places.make(at("x"), true);
  auto theirs = others.make(at("x"), true);
  ASSERT_TRUE(mine && theirs);
  mine.reset();
  places.remove_freed();
  EXPECT_TRUE(fs::exists(at("x"))) << "removing it would take their mount off it";
  theirs.reset();
  others.remove_all();
  EXPECT_TRUE(fs::exists(at("x"))) << "they did not make it";
  places.remove_all();
  EXPECT_FALSE(fs::exists(at("x")));
}

TEST_F(PlacesTest, NoLinkIsFollowedOrReplaced) {
  fs::create_directories(at("real"));
  fs::create_symlink(at("real"), at("link"));
  fs::create_symlink(at("nowhere"), at("dangling"));
  Places places(record());
  auto place = places.make(at("link/x"), true);
  ASSERT_TRUE(place);
  EXPECT_TRUE(fs::is_directory(at("real/x")));
  EXPECT_FALSE(places.make(at("dangling/x"), true));
  EXPECT_FALSE(places.make(at("dangling"), false));
  EXPECT_FALSE(fs::exists(at("nowhere")));
  fs::remove(at("link"));
  place.reset();
  places.remove_freed();
  EXPECT_FALSE(fs::exists(at("real/x"))) << "known by its own path";
  EXPECT_TRUE(fs::exists(at("real")));
}

TEST_F(PlacesTest, APlaceThatTurnedIntoALinkIsLeft) {
  Places places(record());
  auto place = places.make(at("x"), true);
  place.reset();
  fs::remove(at("x"));
  fs::create_directories(at("precious"));
  fs::create_symlink(at("precious"), at("x"));
  places.remove_freed();
  places.remove_all();
  EXPECT_TRUE(fs::exists(at("precious")));
  EXPECT_TRUE(fs::is_symlink(at("x")));
}

TEST_F(PlacesTest, ADeviceIsNotOpened) {
  Places places(record());
  EXPECT_FALSE(places.make("/dev/null", false));
  ASSERT_EQ(mkfifo(at("fifo").c_str(), 0600), 0);
  EXPECT_FALSE(places.make(at("fifo"), false));
}

}  // namespace
}  // namespace troupe::runtime
