// What opening believes about the log's end after a stop in order, and what it must not believe.
#include <lmdb.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <functional>

#include "storage/state.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/unit/storage/faulty_disk.hpp"
#include "tests/unit/storage/log_files.hpp"

namespace troupe::storage::testing {
namespace {

/// Twice what is looked at behind a mark; LMDB follows only when told.
constexpr std::uint64_t kSegment = 8u << 20;
constexpr std::uint64_t kNearby = 4u << 20;

LogStoreOptions long_segments(const std::string& dir) {
  auto options = small_options(dir);
  options.segment_bytes = kSegment;
  options.ballast_bytes = 0;
  options.follow_linger = std::chrono::hours(1);
  options.follow_records = 1u << 30;
  return options;
}

/// What LMDB says about itself; looking takes the mark away, as opening the store does.
StateMeta meta_of(const std::string& dir) {
  State::Options options;
  options.dir = dir + "/state";
  auto state = State::open(options);
  EXPECT_TRUE(state) << state.error().message;
  return state ? (*state)->meta() : StateMeta();
}

void write_and_stop(const std::string& dir, const std::string& name) {
  put(*open_or_die(long_segments(dir)), name, "v");
}

/// Works with the store in a child that ends without stopping it.
void work_and_die(const std::string& dir, const std::function<void(LogStore&)>& work) {
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_or_die(long_segments(dir));
    work(*store);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

std::string content_of(const std::string& path) {
  std::string content(std::filesystem::file_size(path), '\0');
  std::ifstream(path, std::ios::binary).read(content.data(), static_cast<std::streamsize>(content.size()));
  return content;
}

/// Bytes of the log that opening reads, or a failure.
std::uint64_t read_by_opening(const std::string& dir) {
  auto faults = std::make_shared<Faults>();
  auto options = long_segments(dir);
  options.disk = std::make_shared<FaultyDisk>(faults);
  auto store = LogStore::open(std::move(options));
  EXPECT_TRUE(store) << store.error().message;
  return faults->bytes_read;
}
/// All of the newest segment behind the few records that these tests write.
constexpr std::uint64_t kWholeSegment = kSegment - (256u << 10);
/// The neighbourhood of a mark, and what opening reads at other places.
constexpr std::uint64_t kLittle = kNearby + (1u << 20);

void expect_refused(const std::string& dir) {
  auto store = LogStore::open(long_segments(dir));
  ASSERT_FALSE(store) << "opened at revision " << (*store)->revision();
  EXPECT_EQ(store.error().code, ErrorCode::kCorrupt);
  EXPECT_NE(store.error().message.find("acknowledged"), std::string::npos) << store.error().message;
}

/// What happened to the log since `before` begins here.
std::size_t first_difference(const std::string& before, const std::string& now) {
  // Whole blocks first: byte by byte these megabytes take seconds under a sanitizer.
  constexpr std::size_t kBlock = 4096;
  std::size_t at = 0;
  while (at < now.size() && now.compare(at, kBlock, before, at, kBlock) == 0) at += kBlock;
  while (at < now.size() && now[at] == before[at]) ++at;
  return at;
}

/// Gives the description of a state another length.
void resize_description(const std::string& dir, std::size_t bytes) {
  const std::string path = dir + "/state";
  MDB_env* env = nullptr;
  MDB_txn* txn = nullptr;
  MDB_dbi meta = 0;
  ASSERT_EQ(mdb_env_create(&env), 0);
  mdb_env_set_maxdbs(env, 8);
  mdb_env_set_mapsize(env, 64u << 20);  // the store's own may find no place a second time beside a sanitizer's memory
  ASSERT_EQ(mdb_env_open(env, path.c_str(), 0, 0600), 0);
  ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &txn), 0);
  ASSERT_EQ(mdb_dbi_open(txn, "meta", 0, &meta), 0);
  std::string name = "state";
  MDB_val key{name.size(), name.data()}, value;
  ASSERT_EQ(mdb_get(txn, meta, &key, &value), 0);
  std::string copy(static_cast<const char*>(value.mv_data), value.mv_size);
  copy.resize(bytes);
  MDB_val changed{copy.size(), copy.data()};
  ASSERT_EQ(mdb_put(txn, meta, &key, &changed, 0), 0);
  ASSERT_EQ(mdb_txn_commit(txn), 0);
  mdb_env_close(env);
}

TEST(StopMark, AStopInOrderSetsItAndTheNextOpeningTakesItAway) {
  TempDir dir;
  write_and_stop(dir.path(), "a");
  const StateMeta stopped = meta_of(dir.path());
  EXPECT_NE(stopped.ended, 0u);
  EXPECT_EQ(stopped.ended, stopped.applied.end);
  EXPECT_EQ(stopped.applied.revision, 1u);
  EXPECT_EQ(meta_of(dir.path()).ended, 0u) << "whoever opened it may have written since";

  write_and_stop(dir.path(), "b");
  work_and_die(dir.path(), [](LogStore&) {});
  const StateMeta died = meta_of(dir.path());
  EXPECT_EQ(died.ended, 0u);
  EXPECT_EQ(died.applied.revision, 2u);
}

TEST(StopMark, LmdbThatHasEverythingWithoutAStopIsNone) {
  TempDir dir;
  work_and_die(dir.path(), [](LogStore& store) {
    put(store, "a", "v");
    EXPECT_TRUE(store.settle());
  });
  const StateMeta meta = meta_of(dir.path());
  EXPECT_EQ(meta.applied.revision, 1u);
  EXPECT_EQ(meta.ended, 0u);
}

TEST(StopMark, AStoreThatFailedSetsNone) {
  TempDir dir;
  write_and_stop(dir.path(), "a");
  {
    auto faults = std::make_shared<Faults>();
    auto options = long_segments(dir.path());
    options.disk = std::make_shared<FaultyDisk>(faults);
    options.fatal = [](const Error&) {};
    auto store = open_or_die(options);
    faults->sync_eio = true;
    EXPECT_FALSE(commit_and_wait(*store, std::move(Batch().put(key_of("a"), record_of("lost")))));
    faults->sync_eio = false;
  }
  EXPECT_EQ(meta_of(dir.path()).ended, 0u);
}

TEST(StopMark, OpeningReadsOnlyWhatIsNearItInsteadOfTheWholeSegment) {
  TempDir dir;
  write_and_stop(dir.path(), "a");
  EXPECT_LT(read_by_opening(dir.path()), kLittle);
  EXPECT_GT(read_by_opening(dir.path()), kWholeSegment) << "opened and never stopped";
  write_and_stop(dir.path(), "b");
  work_and_die(dir.path(), [](LogStore& store) { put(store, "c", "v"); });
  EXPECT_GT(read_by_opening(dir.path()), kWholeSegment);
  auto store = open_or_die(long_segments(dir.path()));
  EXPECT_EQ(text_of(*store, "a") + text_of(*store, "b") + text_of(*store, "c"), "vvv");
}

TEST(StopMark, DamageToTheFirstWritesAfterItIsAnErrorNotACut) {
  TempDir dir;
  write_and_stop(dir.path(), "before");
  const std::string segment = newest_segment(dir.path());
  const std::string before = content_of(segment);
  work_and_die(dir.path(), [](LogStore& store) {
    for (int i = 0; i < 20; ++i) put(store, "k" + std::to_string(i), "v");
  });
  overwrite(segment, first_difference(before, content_of(segment)), std::string(16, '\xee'));
  expect_refused(dir.path());
}

TEST(StopMark, DamageToAFirstWriteThatReachesFarBehindItIsAnErrorNotACut) {
  for (const std::size_t behind : {std::size_t{0}, std::size_t{5000}}) {  // the frame's header, and a record
    TempDir dir;
    write_and_stop(dir.path(), "before");
    const std::string segment = newest_segment(dir.path());
    const std::string before = content_of(segment);
    work_and_die(dir.path(), [](LogStore& store) {
      Batch batch;
      for (int i = 0; i < 5; ++i) batch.put(key_of("large" + std::to_string(i)), record_of(std::string(1u << 20, 'x')));
      EXPECT_TRUE(commit_and_wait(store, std::move(batch)));
      for (int i = 0; i < 3; ++i) put(store, "k" + std::to_string(i), "v");
    });
    overwrite(segment, first_difference(before, content_of(segment)) + behind, std::string(16, '\xee'));
    expect_refused(dir.path());
  }
}

TEST(StopMark, DamageNearTheMarkOfAStateThatIsOlderThanItsLogIsFoundToo) {
  TempDir dir;
  write_and_stop(dir.path(), "before");
  const std::string state = dir.path() + "/state/data.mdb";
  const std::string copy = dir.path() + "/copy";
  std::filesystem::copy_file(state, copy);
  const std::string segment = newest_segment(dir.path());
  const std::string before = content_of(segment);
  work_and_die(dir.path(), [](LogStore& store) {
    for (int i = 0; i < 20; ++i) put(store, "k" + std::to_string(i), "v");
  });
  // Nobody may do that (docs/store.md), and the mark is wrong now.
  const auto restore = [&] {
    std::filesystem::copy_file(copy, state, std::filesystem::copy_options::overwrite_existing);
  };
  restore();
  {
    auto store = LogStore::open(long_segments(dir.path()));
    ASSERT_TRUE(store) << store.error().message;
    EXPECT_EQ((*store)->revision(), 21u) << "what follows in the log is shown, whatever the mark says";
  }
  restore();
  overwrite(segment, first_difference(before, content_of(segment)), std::string(16, '\xee'));
  expect_refused(dir.path());
}

TEST(StopMark, AStoreOfBeforeTheMarkOpensAsItDid) {
  TempDir dir;
  write_and_stop(dir.path(), "a");
  resize_description(dir.path(), offsetof(StateMeta, ended));
  EXPECT_GT(read_by_opening(dir.path()), kWholeSegment);
  write_and_stop(dir.path(), "b");
  EXPECT_LT(read_by_opening(dir.path()), kLittle) << "the first stop in order gives it one";
  {
    auto store = open_or_die(long_segments(dir.path()));
    EXPECT_EQ(store->revision(), 2u);
    EXPECT_EQ(text_of(*store, "a") + text_of(*store, "b"), "vv");
  }
  for (const std::size_t bytes : {offsetof(StateMeta, ended) - 8, sizeof(StateMeta) + 8}) {
    resize_description(dir.path(), bytes);
    std::string message;
    EXPECT_EQ(open_error(dir.path(), &message), ErrorCode::kCorrupt);
    EXPECT_NE(message.find("unknown format"), std::string::npos) << message;
  }
}

TEST(StopMark, AStoreThatCannotTakeItAwayDoesNotOpen) {
  TempDir dir;
  write_and_stop(dir.path(), "a");
  // LMDB may write nothing behind its two first pages.
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit tight = before;
  tight.rlim_cur = 8192;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  const ErrorCode code = open_error(dir.path());
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(code, ErrorCode::kNoSpace);
  EXPECT_LT(read_by_opening(dir.path()), kLittle) << "it still stands, and is still true";
  write_and_stop(dir.path(), "b");
  auto store = open_or_die(long_segments(dir.path()));
  EXPECT_EQ(text_of(*store, "a") + text_of(*store, "b"), "vv");
}

}  // namespace
}  // namespace troupe::storage::testing
