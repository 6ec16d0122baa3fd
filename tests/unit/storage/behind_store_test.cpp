#include "storage/behind_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "storage/split_store.hpp"
#include "tests/contract/store_fixture.hpp"

namespace troupe::storage {
namespace {

using testing::key_of;
using testing::put;
using testing::record_of;
using testing::TempDir;
using testing::text_of;

std::unique_ptr<BehindStore> open_at(const TempDir& dir, Revision begin_after) {
  BehindStoreOptions options;
  options.path = dir.path() + "/journal";
  options.begin_after = begin_after;
  options.pause = std::chrono::hours(1);  // only the end writes
  auto store = BehindStore::open(std::move(options));
  if (!store) {
    ADD_FAILURE() << store.error().message;
    std::abort();
  }
  return std::move(*store);
}

TEST(BehindStore, WhatWasWrittenIsThereAgainUnderNewRevisions) {
  const TempDir dir;
  Revision last = 0;
  {
    const auto store = open_at(dir, 100);
    put(store->store(), "a", "1");
    put(store->store(), "b", "2");
    put(store->store(), "a", "3");
    last = testing::erase(store->store(), "b");
    EXPECT_EQ(last, 104U);
  }
  const auto store = open_at(dir, 1000);
  EXPECT_EQ(text_of(store->store(), "a"), "3");
  EXPECT_EQ(text_of(store->store(), "b"), "-");
  EXPECT_GT(store->store().revision(), last);
  WatchRequest request;
  request.after = last;
  const auto watch = store->store().watch(std::move(request), [] {});
  ASSERT_FALSE(watch);
  EXPECT_EQ(watch.error().code, ErrorCode::kCompacted);
}

TEST(BehindStore, RevisionsNeverGoBackThoughTheClockDid) {
  const TempDir dir;
  Revision last = 0;
  {
    const auto store = open_at(dir, 5'000'000);
    last = put(store->store(), "a", "1");
  }
  EXPECT_GT(open_at(dir, 100)->store().revision(), last);
}

TEST(BehindStore, AJournalThatIsCutOffAnywhereGivesWhatCameBefore) {
  const TempDir dir;
  const std::string path = dir.path() + "/journal";
  open_at(dir, 1);
  std::uintmax_t empty = std::filesystem::file_size(path);
  {
    const auto store = open_at(dir, 1);
    put(store->store(), "a", "1");
  }
  const auto whole = std::filesystem::file_size(path);
  ASSERT_GT(whole, empty);
  for (std::uintmax_t cut = 0; cut < whole; cut += 8) {
    const TempDir other;
    std::filesystem::copy_file(path, other.path() + "/journal");
    std::filesystem::resize_file(other.path() + "/journal", cut);
    const auto store = open_at(other, 1);
    EXPECT_EQ(text_of(store->store(), "a"), "-") << "cut at " << cut;
    put(store->store(), "b", "2");
    EXPECT_EQ(text_of(store->store(), "b"), "2");
  }
  EXPECT_EQ(text_of(open_at(dir, 1)->store(), "a"), "1");
}

TEST(BehindStore, ManyChangesDoNotGrowTheJournalForEver) {
  const TempDir dir;
  {
    BehindStoreOptions options;
    options.path = dir.path() + "/journal";
    options.pause = std::chrono::milliseconds(0);
    const auto store = BehindStore::open(std::move(options)).value();
    const std::string big(10'000, 'x');
    for (int i = 0; i < 2000; ++i) put(store->store(), "a", big + std::to_string(i));
  }
  EXPECT_LT(std::filesystem::file_size(dir.path() + "/journal"), 16U << 20) << "20 MB were written";
  EXPECT_TRUE(text_of(open_at(dir, 1)->store(), "a").ends_with("x1999"));
}

class SplitStoreTest : public ::testing::Test {
 protected:
  static Key apart_key(const std::string& name) { return key_of(name, "default", 9); }

  MemoryStore main;
  MemoryStore apart{{.post = {}, .refuse = {}, .begin_after = 500}};
  SplitStore all{main, apart, prefix_of(9)};
};

TEST_F(SplitStoreTest, EachPartHasItsCounterAndItsWatches) {
  put(all, "a", "1");
  WatchRequest of_part;
  of_part.prefix = prefix_of(9);
  const auto watch = all.watch(std::move(of_part), [] {}).value();
  const auto done = commit_and_wait(all, std::move(Batch().put(apart_key("e"), record_of("2"))));
  ASSERT_TRUE(done);
  EXPECT_EQ(done->revision, 501U);
  EXPECT_EQ(all.revision(), 1U);
  EXPECT_EQ(part_of(all, prefix_of(9)).revision(), 501U);
  EXPECT_EQ(&part_of(all, prefix_of(7)), &main);
  EXPECT_EQ(&part_of(main, prefix_of(9)), &main) << "a store that is not split is its only part";
  EXPECT_EQ(get_now(all, apart_key("e"))->record->text(), "2");
  EXPECT_EQ(all.count(prefix_of(9)).value(), 1U);
  EXPECT_EQ(all.count(prefix_of(7)).value(), 1U);
  EXPECT_EQ(watch->take(10)->size(), 1U);
  std::size_t seen = 0;
  ListRequest request;
  request.prefix = prefix_of(9);
  ASSERT_TRUE(list_now(all, std::move(request), [&](std::string_view, const RecordView&) { return ++seen > 0; }));
  EXPECT_EQ(seen, 1U);
}

TEST_F(SplitStoreTest, AWriteApartLooksAtTheMainStoresConditions) {
  Batch refused;
  refused.put(apart_key("e"), record_of("1")).check(key_of("space"), Condition::at(1));
  const auto answer = commit_and_wait(all, std::move(refused));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kConflict);
  EXPECT_EQ(apart.revision(), 500U);
  put(all, "space", "1");
  Batch fine;
  fine.put(apart_key("e"), record_of("1")).check(key_of("space"), Condition::at(1));
  EXPECT_TRUE(commit_and_wait(all, std::move(fine)));
}

TEST_F(SplitStoreTest, ABatchWritesIntoOneStore) {
  const auto answer =
      commit_and_wait(all, std::move(Batch().put(apart_key("e"), record_of("1")).put(key_of("a"), record_of("1"))));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(main.revision(), 0U);
  EXPECT_EQ(apart.revision(), 500U);
}

}  // namespace
}  // namespace troupe::storage
