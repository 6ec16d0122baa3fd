// One sync for all that wait, and nothing is said or shown before it.
#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

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

/// What came of each batch, in the order of the answers.
class Outcomes {
 public:
  CommitDone one(std::string name) {
    return [this, name = std::move(name)](const Result<Committed>& result) {
      std::lock_guard lock(mutex_);
      all_.push_back(
          name + (result ? " " + std::to_string(result->revision) : "!" + std::string(to_string(result.error().code))));
      changed_.notify_all();
    };
  }
  std::vector<std::string> all(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return all_.size() >= count; });
    return all_;
  }
  std::size_t count() {
    std::lock_guard lock(mutex_);
    return all_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> all_;
};

TEST(GroupCommit, WhatIsDecidedBesideASyncStandsOnWhatThatSyncMakesDurable) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  auto opened = LogStore::open(options);
  ASSERT_TRUE(opened) << opened.error().message;
  LogStore& store = **opened;
  store.start();
  const Revision before = put(store, "a", "0");

  Outcomes outcomes;
  faults->gate.hold();
  const auto commit = [&](const std::string& name, Batch batch) { store.commit(std::move(batch), outcomes.one(name)); };
  commit("first", Batch().put(key_of("a"), record_of("1"), Condition::at(before)));
  (void)faults->gate.wait_until_held();
  commit("stale", Batch().put(key_of("a"), record_of("2"), Condition::at(before)));
  commit("second", Batch().put(key_of("a"), record_of("2"), Condition::at(before + 1)));
  commit("unchanged", Batch().erase(key_of("nobody")));
  commit("third", Batch().erase(key_of("a"), Condition::at(before + 2)));
  EXPECT_EQ(outcomes.count(), 0u) << "not even a conflict is told before what it rests on is durable";
  faults->gate.release();
  const std::string at = std::to_string(before + 2);
  const std::vector<std::string> expected = {"first " + std::to_string(before + 1), "stale!Conflict", "second " + at,
                                             "unchanged " + at, "third " + std::to_string(before + 3)};
  EXPECT_EQ(outcomes.all(5), expected);
  EXPECT_EQ(text_of(store, "a", before + 1), "1");
  EXPECT_EQ(text_of(store, "a", before + 2), "2");
  EXPECT_EQ(text_of(store, "a"), "-");
}

TEST(GroupCommit, WhatWasDecidedOnTopOfAWriteThatFoundNoRoomNeverWas) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  Revision before = 0;
  {
    auto opened = LogStore::open(options);
    ASSERT_TRUE(opened) << opened.error().message;
    LogStore& store = **opened;
    store.start();
    before = put(store, "a", "0");
    Outcomes outcomes;
    faults->write_enospc = true;
    faults->gate.hold();
    store.commit(std::move(Batch().put(key_of("a"), record_of("1"))), outcomes.one("first"));
    (void)faults->gate.wait_until_held();
    store.commit(std::move(Batch().put(key_of("a"), record_of("2"), Condition::at(before + 1))),
                 outcomes.one("on top"));
    store.commit(std::move(Batch().put(key_of("b"), record_of("2"))), outcomes.one("beside"));
    EXPECT_EQ(outcomes.count(), 0u);
    faults->gate.release();
    const auto all = outcomes.all(3);
    EXPECT_EQ(all[0], "first!NoSpace");
    faults->write_enospc = false;
    EXPECT_EQ(text_of(store, "a"), "0");
    EXPECT_EQ(text_of(store, "b"), "-");
    EXPECT_EQ(put(store, "c", "3"), before + 1) << "no revision was used up";
  }
  auto store = LogStore::open(options);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(text_of(**store, "a"), "0");
  EXPECT_EQ(text_of(**store, "b"), "-");
  EXPECT_EQ(text_of(**store, "c"), "3");
}

}  // namespace
}  // namespace troupe::storage::testing
