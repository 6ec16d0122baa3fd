// One sync for all that wait, and nothing is said or shown before it.
#include <condition_variable>
#include <mutex>

#include "tests/contract/store_fixture.hpp"
#include "tests/unit/storage/faulty_disk.hpp"

namespace troupe::storage::testing {
namespace {

/// Counts answers that were a success.
class Answers {
 public:
  CommitDone one() {
    return [this](const Result<Committed>& result) {
      EXPECT_TRUE(result);
      std::lock_guard lock(mutex_);
      ++count_;
      changed_.notify_all();
    };
  }
  int count() {
    std::lock_guard lock(mutex_);
    return count_;
  }
  void wait_for(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return count_ >= count; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

TEST(GroupCommit, WhatWaitsWhenASyncEndsSharesTheNextOne) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  auto opened = LogStore::open(options);
  ASSERT_TRUE(opened) << opened.error().message;
  LogStore& store = **opened;
  store.start();
  put(store, "before", "x");

  constexpr int kWaiting = 200;
  Answers answers;
  faults->gate.hold();
  store.commit(std::move(Batch().put(key_of("first"), record_of("x"))), answers.one());
  const int syncs = faults->gate.wait_until_held();
  for (int i = 0; i < kWaiting; ++i) {
    store.commit(std::move(Batch().put(key_of("k" + std::to_string(i)), record_of("x"))), answers.one());
  }
  EXPECT_EQ(answers.count(), 0);
  faults->gate.release();
  answers.wait_for(1 + kWaiting);
  EXPECT_EQ(faults->gate.syncs(), syncs + 1) << "the " << kWaiting << " that waited had one sync";
}

TEST(GroupCommit, NothingIsAnsweredOrShownBeforeItsSync) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  auto opened = LogStore::open(options);
  ASSERT_TRUE(opened) << opened.error().message;
  LogStore& store = **opened;
  store.start();
  const Revision durable = put(store, "a", "old");
  auto watch = store.watch({}, {});
  ASSERT_TRUE(watch && (*watch)->take(10));

  Answers answers;
  faults->gate.hold();
  store.commit(std::move(Batch().put(key_of("a"), record_of("new")).put(key_of("b"), record_of("new"))), answers.one());
  (void)faults->gate.wait_until_held();
  // The frame is in the file, only its sync is missing.
  EXPECT_EQ(answers.count(), 0);
  EXPECT_EQ(store.revision(), durable);
  EXPECT_EQ(store.stats().revision, durable);
  EXPECT_EQ(store.stats().objects, 1u);
  EXPECT_EQ(text_of(store, "a"), "old");
  EXPECT_EQ(text_of(store, "b"), "-");
  EXPECT_EQ(text_of(store, "a", durable + 1), "!FutureRevision");
  EXPECT_FALSE(store.watch({{}, durable + 1}, {}));
  ListRequest request;
  request.prefix = prefix_of(7);
  auto listed = list_now(store, request, [](std::string_view, const RecordView& record) {
    EXPECT_EQ(record.payload.size(), 3u);
    return true;
  });
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->revision, durable);
  auto events = (*watch)->take(10);
  ASSERT_TRUE(events);
  EXPECT_TRUE(events->empty());
  faults->gate.release();
  answers.wait_for(1);
  EXPECT_EQ(store.revision(), durable + 1);
  EXPECT_EQ(text_of(store, "b"), "new");
  watch->reset();
}

}  // namespace
}  // namespace troupe::storage::testing
