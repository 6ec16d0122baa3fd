// What the committer does when the follower changes LMDB under it.
#include "storage/committer.hpp"

#include "tests/contract/store_fixture.hpp"
#include "tests/unit/storage/faulty_disk.hpp"

namespace troupe::storage::testing {
namespace {

/// A batch writes a deleted key again whose tombstone lies so far back that it must be copied forward, and compaction
/// takes that tombstone between the decision and the copy. The moment is made certain: the copy of another key needs
/// a new segment first, and compaction runs while that segment's header is being written.
TEST(Committer, WritesAKeyAgainWhoseTombstoneCompactionTakesMeanwhile) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  LogStore* in_hook = nullptr;
  Status compacted = fail(ErrorCode::kInternal, "the hook did not run");
  faults->before_header = [&] { compacted = compact_and_wait(*in_hook, in_hook->revision()); };

  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  options.segment_bytes = 16384;  // one frame of 6 kB a segment, never two
  options.link_segments = 1;
  options.retain_segments = 64;
  options.cache_bytes = 0;
  auto opened = LogStore::open(options);
  ASSERT_TRUE(opened) << opened.error().message;
  LogStore& store = **opened;
  in_hook = &store;
  store.start();

  const std::string big(6100, 'x');
  put(store, "far", big);
  const Revision first = put(store, "gone", "1");
  erase(store, "gone");
  for (int i = 0; i < 4; ++i) put(store, "filler", big);
  ASSERT_TRUE(store.settle());  // the tombstone is in LMDB, not in the overlay

  faults->header_armed = true;
  Batch batch;
  batch.put(key_of("far"), record_of("2")).put(key_of("gone"), record_of("2"), Condition::absent());
  auto done = commit_and_wait(store, std::move(batch));
  ASSERT_TRUE(compacted) << compacted.error().message;
  ASSERT_FALSE(faults->header_armed);
  ASSERT_TRUE(done) << done.error().message;

  EXPECT_EQ(text_of(store, "far"), "2");
  auto got = get_now(store, key_of("gone"));
  ASSERT_TRUE(got && got->record);
  EXPECT_EQ(got->record->text(), "2");
  EXPECT_EQ(got->record->header().create_revision, done->revision);
  EXPECT_GT(got->record->header().create_revision, first);
  // Before it the key was deleted: nothing leads back to a version whose segment may be gone.
  EXPECT_EQ(text_of(store, "gone", done->revision - 1), "-");
  ASSERT_TRUE(store.settle());
  EXPECT_EQ(text_of(store, "gone"), "2");
}

}  // namespace
}  // namespace troupe::storage::testing
