// The traps of a store on disk, each with its test.
#include "storage/log_store.hpp"

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <fstream>
#include <mutex>
#include <optional>
#include <thread>

#include "tests/contract/store_fixture.hpp"
#include "tests/unit/storage/faulty_disk.hpp"
#include "tests/unit/storage/log_files.hpp"

namespace troupe::storage::testing {
namespace {

/// Writes `count` records without letting LMDB follow, in a child that ends without stopping.
void write_and_die(LogStoreOptions options, int count, const std::string& tag = "v") {
  options.follow_linger = std::chrono::hours(1);
  options.follow_records = 1u << 30;
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = open_or_die(std::move(options));
    for (int i = 0; i < count; ++i) put(*store, "k" + std::to_string(i), tag);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
}

TEST(LogStore, AStoreThatWasNotStoppedReplaysItsLog) {
  TempDir dir;
  write_and_die(small_options(dir.path()), 200);
  auto store = open_or_die(small_options(dir.path()));
  EXPECT_EQ(store->revision(), 200u);
  EXPECT_EQ(store->stats().objects, 200u);
  EXPECT_EQ(text_of(*store, "k199"), "v");
}

TEST(LogStore, ASecondProcessIsToldWhoHoldsTheStore) {
  TempDir dir;
  // Forked before the store has threads: one of them might hold the allocator's lock just then, for ever in the child.
  int go[2];
  ASSERT_EQ(::pipe(go), 0);
  const pid_t second = ::fork();
  if (second == 0) {
    ::close(go[1]);
    char byte = 0;
    if (::read(go[0], &byte, 1) != 1) ::_exit(2);
    ::_exit(open_error(dir.path()) == ErrorCode::kUnavailable ? 0 : 1);
  }
  ::close(go[0]);
  auto store = open_or_die(small_options(dir.path()));
  std::string message;
  EXPECT_EQ(open_error(dir.path(), &message), ErrorCode::kUnavailable);
  EXPECT_NE(message.find("held by process " + std::to_string(::getpid())), std::string::npos) << message;
  EXPECT_EQ(::write(go[1], "x", 1), 1);
  ::close(go[1]);
  int status = 0;
  ASSERT_EQ(::waitpid(second, &status, 0), second);
  EXPECT_EQ(status, 0) << "a real second process";
  put(*store, "a", "1");
  EXPECT_EQ(text_of(*store, "a"), "1") << "the first one was not disturbed";
}

TEST(LogStore, AReadOnlyDirectoryIsAClearError) {
  TempDir dir;
  ASSERT_EQ(::chmod(dir.path().c_str(), 0555), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::geteuid() == 0 && ::seteuid(65534) != 0) ::_exit(2);
    std::string message;
    const bool refused = open_error(dir.path() + "/store", &message) == ErrorCode::kPermission;
    ::_exit(refused && message.find(dir.path()) != std::string::npos ? 0 : 1);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(LogStore, AMapThatDoesNotFitIsMadeSmaller) {
  TempDir dir;
  auto options = small_options(dir.path());
  options.map_bytes = 1ull << 50;
  auto store = open_or_die(options);
  EXPECT_LT(store->map_bytes(), 1ull << 50);
  put(*store, "a", "1");
  EXPECT_TRUE(store->settle());
}

TEST(LogStore, KilledReadersGiveTheirPlacesBack) {
  TempDir dir;
  { put(*open_or_die(small_options(dir.path())), "a", "1"); }
  // Each child dies with open read transactions; without mdb_reader_check their slots and old pages would pile up.
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = open_or_die(small_options(dir.path()));
      std::vector<std::thread> readers;
      for (int t = 0; t < 8; ++t) readers.emplace_back([&] { (void)text_of(*store, "a"); });
      for (auto& reader : readers) reader.join();
      ListRequest request;
      (void)list_now(*store, request, [](std::string_view, const RecordView&) -> bool {
        ::raise(SIGKILL);
        return true;
      });
      ::_exit(1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
  }
  auto store = open_or_die(small_options(dir.path()));
  EXPECT_EQ(text_of(*store, "a"), "1");
}

TEST(LogStore, AFailedSyncEndsTheProcessWithoutASecondTry) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  std::mutex mutex;
  std::vector<Error> fatal;
  options.fatal = [&](const Error& error) {
    std::lock_guard lock(mutex);
    fatal.push_back(error);
  };
  auto store = open_or_die(options);
  put(*store, "a", "1");
  faults->sync_eio = true;
  auto lost = commit_and_wait(*store, std::move(Batch().put(key_of("a"), record_of("2"))));
  EXPECT_FALSE(lost);
  faults->sync_eio = false;
  auto after = commit_and_wait(*store, std::move(Batch().put(key_of("a"), record_of("3"))));
  EXPECT_EQ(after.error().code, ErrorCode::kUnavailable) << "nothing succeeds any more";
  EXPECT_EQ(text_of(*store, "a"), "1") << "what was not durable is not shown";
  std::lock_guard lock(mutex);
  ASSERT_EQ(fatal.size(), 1u);
  EXPECT_EQ(fatal[0].code, ErrorCode::kIo);
}

TEST(LogStore, ShortWritesAreContinued) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  {
    auto store = open_or_die(options);
    faults->short_writes = 50;
    put(*store, "a", std::string(500, 'x'));
  }
  EXPECT_EQ(text_of(*open_or_die(options), "a"), std::string(500, 'x'));
}

TEST(LogStore, AWriteThatFoundNoRoomIsRefusedAndNeverSeenAgain) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  {
    auto store = open_or_die(options);
    put(*store, "a", "kept");
    faults->torn = 4096;
    faults->write_enospc = true;
    auto refused = commit_and_wait(*store, std::move(Batch().put(key_of("a"), record_of("lost"))));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::kNoSpace);
    EXPECT_EQ(text_of(*store, "a"), "kept");
    faults->write_enospc = false;
  }
  auto store = open_or_die(options);
  EXPECT_EQ(text_of(*store, "a"), "kept");
  put(*store, "a", "works again");
  EXPECT_EQ(text_of(*store, "a"), "works again");
}

TEST(LogStore, OnAFullDiskErasingWorksAndPutsComeBackWithTheSpace) {
  TempDir dir;
  auto faults = std::make_shared<Faults>();
  auto options = small_options(dir.path());
  options.disk = std::make_shared<FaultyDisk>(faults);
  auto store = open_or_die(options);
  for (int i = 0; i < 40; ++i) put(*store, "k" + std::to_string(i), std::string(1000, 'x'));
  faults->create_enospc = true;
  faults->free = 0;
  std::optional<Error> refused;
  int written = 0;
  for (; written < 2000 && !refused; ++written) {
    auto done = commit_and_wait(
        *store, std::move(Batch().put(key_of("f" + std::to_string(written)), record_of(std::string(9000, 'y')))));
    if (!done) refused = done.error();
  }
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::kNoSpace);
  EXPECT_NE(refused->message.find("is full"), std::string::npos) << refused->message;
  EXPECT_TRUE(store->full());
  for (int i = 0; i < 40; ++i) erase(*store, "k" + std::to_string(i));
  for (int i = 0; i + 1 < written; ++i) ASSERT_NE(text_of(*store, "f" + std::to_string(i)), "-") << i;
  faults->create_enospc = false;
  faults->free = ~0ull;
  put(*store, "again", "there");
  put(*store, "big", std::string(200'000, 'z'));
  EXPECT_EQ(text_of(*store, "again"), "there");
}

TEST(LogStore, LmdbWithoutRoomRefusesPutsUntilThereIsSomeAgain) {
  TempDir dir;
  auto options = small_options(dir.path());
  options.retain_segments = 1000;
  auto store = open_or_die(options);
  put(*store, "small", "x");
  ASSERT_TRUE(store->settle());
  // LMDB's file may not grow any more; the log's segments are smaller than this.
  ::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit tight = before;
  tight.rlim_cur = 3u << 20;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &tight), 0);
  std::optional<Error> refused;
  int written = 0;
  for (; written < 5000 && !refused; ++written) {
    auto done = commit_and_wait(
        *store, std::move(Batch().put(key_of("f" + std::to_string(written)), record_of(std::string(9000, 'y')))));
    if (!done) refused = done.error();
  }
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->code, ErrorCode::kNoSpace);
  EXPECT_EQ(text_of(*store, "f0").size(), 9000u);
  erase(*store, "small");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  ASSERT_TRUE(store->settle());
  put(*store, "again", "there");
  for (int i = 0; i + 1 < written; ++i) ASSERT_NE(text_of(*store, "f" + std::to_string(i)), "-") << i;
}

TEST(LogStore, ATornTailIsCutAndNothingBehindItComesBack) {
  TempDir dir;
  write_and_die(small_options(dir.path()), 20);
  const std::string file = newest_segment(dir.path());
  // The last frame loses its end, as if its sync had never come.
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), {});
  const std::size_t end = bytes.find_last_not_of('\0');
  overwrite(file, end - 40, std::string(41, '\0'));
  {
    auto store = open_or_die(small_options(dir.path()));
    EXPECT_EQ(store->revision(), 19u);
    EXPECT_EQ(text_of(*store, "k19"), "-");
    EXPECT_EQ(put(*store, "k19", "new life"), 20u);
  }
  EXPECT_EQ(text_of(*open_or_die(small_options(dir.path())), "k19"), "new life");
}

TEST(LogStore, DamageBeforeAcknowledgedWritesIsAnErrorNotACut) {
  TempDir dir;
  write_and_die(small_options(dir.path()), 20);
  overwrite(newest_segment(dir.path()), 4096 + 1000, std::string(16, '\xee'));
  std::string message;
  EXPECT_EQ(open_error(dir.path(), &message), ErrorCode::kCorrupt);
  EXPECT_NE(message.find("acknowledged"), std::string::npos) << message;
}

TEST(LogStore, ATruncatedLogThatLmdbIsAheadOfIsAnError) {
  TempDir dir;
  {
    auto store = open_or_die(small_options(dir.path()));
    for (int i = 0; i < 50; ++i) put(*store, "k" + std::to_string(i), "v");
  }
  std::filesystem::resize_file(newest_segment(dir.path()), 8192);
  EXPECT_EQ(open_error(dir.path()), ErrorCode::kCorrupt);
}

TEST(LogStore, AForeignLogIsRefused) {
  TempDir mine, other;
  write_and_die(small_options(mine.path()), 5);
  write_and_die(small_options(other.path()), 5);
  std::filesystem::copy_file(newest_segment(other.path()), newest_segment(mine.path()),
                             std::filesystem::copy_options::overwrite_existing);
  std::string message;
  EXPECT_EQ(open_error(mine.path(), &message), ErrorCode::kCorrupt);
  EXPECT_NE(message.find("another store"), std::string::npos) << message;
}

TEST(LogStore, AStateThatIsMissingTruncatedOrForeignIsRefused) {
  TempDir dir;
  {
    auto store = open_or_die(small_options(dir.path()));
    for (int i = 0; i < 200; ++i) put(*store, "k" + std::to_string(i), std::string(3000, 'x'));
  }
  const std::string file = dir.path() + "/state/data.mdb";
  std::filesystem::copy_file(file, dir.path() + "/copy");
  std::filesystem::resize_file(file, 200'000);
  EXPECT_EQ(open_error(dir.path()), ErrorCode::kCorrupt);
  std::ofstream(file, std::ios::binary | std::ios::trunc) << std::string(100'000, 'q');
  EXPECT_EQ(open_error(dir.path()), ErrorCode::kCorrupt);
  std::filesystem::remove(file);
  EXPECT_EQ(open_error(dir.path()), ErrorCode::kCorrupt);
  std::filesystem::copy_file(dir.path() + "/copy", file, std::filesystem::copy_options::overwrite_existing);
  EXPECT_EQ(text_of(*open_or_die(small_options(dir.path())), "k7").size(), 3000u);
}

TEST(LogStore, OldSegmentsAreRecycledAndHistoryStaysWhole) {
  TempDir dir;
  auto options = small_options(dir.path());
  options.segment_bytes = 64u << 10;
  options.retain_segments = 6;
  auto store = open_or_die(options);
  put(*store, "old", "written once");
  for (int i = 0; i < 3000; ++i)
    put(*store, "k" + std::to_string(i % 7), std::string(500, static_cast<char>('a' + i % 26)));
  ASSERT_TRUE(store->settle());
  put(*store, "old", "changed");
  const Revision changed = store->revision();
  for (int i = 0; i < 200; ++i) put(*store, "k" + std::to_string(i % 7), std::string(500, 'z'));
  ASSERT_TRUE(store->settle());
  EXPECT_GT(store->stats().compacted, 0u);
  // What was given up is removed in the background.
  while (store->stats().log_bytes >= 20u * options.segment_bytes) std::this_thread::yield();
  EXPECT_EQ(text_of(*store, "old", changed - 1), "written once") << "its segment is long gone, a copy went ahead";
  EXPECT_EQ(text_of(*store, "old"), "changed");
  const Revision oldest = store->stats().compacted;
  EXPECT_NE(text_of(*store, "k3", oldest), "-");
}

TEST(LogStore, AFullQueueAnswersBusy) {
  TempDir dir;
  auto options = small_options(dir.path());
  options.queue_batches = 3;
  auto store = LogStore::open(options);
  ASSERT_TRUE(store);
  int busy = 0, answered = 0;
  for (int i = 0; i < 5; ++i) {
    (*store)->commit(std::move(Batch().put(key_of("a"), record_of("x"))), [&](Result<Committed> r) {
      ++answered;
      if (!r && r.error().code == ErrorCode::kBusy) ++busy;
    });
  }
  EXPECT_EQ(busy, 2);
  (*store)->stop();
  EXPECT_EQ(answered, 5) << "a store that stops answers what waits";
}

TEST(LogStore, ASlowReaderBesideManyUpdatesDoesNotLetTheFileGrow) {
  TempDir dir;
  auto options = small_options(dir.path());
  options.segment_bytes = 8u << 20;
  options.retain_segments = 4;
  auto store = open_or_die(options);
  const char* scale = std::getenv("TROUPE_STORE_UPDATES");
  const int updates = scale != nullptr ? std::atoi(scale) : 40'000;
  for (int i = 0; i < 1000; ++i) put(*store, "k" + std::to_string(i), std::string(300, 'x'));
  ASSERT_TRUE(store->settle());
  const auto before = store->stats().state_bytes;
  // The reader has begun to list and is slow: it takes its next page only after all updates.
  ListRequest request;
  request.prefix = prefix_of(7);
  request.limit = 10;
  auto first = list_now(*store, request, [](std::string_view, const RecordView&) { return true; });
  ASSERT_TRUE(first);
  for (int i = 0; i < updates;) {
    Batch batch;
    for (int n = 0; n < 100; ++n, ++i)
      batch.put(key_of("k" + std::to_string(i % 1000)), record_of(std::string(300, 'y')));
    ASSERT_TRUE(commit_and_wait(*store, std::move(batch)));
  }
  ASSERT_TRUE(store->settle());
  EXPECT_LT(store->stats().state_bytes, 8 * before + (4u << 20));
  EXPECT_LT(store->stats().log_bytes, 16u * options.segment_bytes);
}

TEST(LogStore, HistoryAboveItsAgeIsGivenUpInWholeSegments) {
  TempDir dir;
  auto now = std::make_shared<std::atomic<std::int64_t>>(1'000'000);
  auto options = small_options(dir.path());
  options.segment_bytes = 64u << 10;
  options.retain_segments = 1000;
  options.retain_age = std::chrono::seconds(10);
  options.now_ms = [now] { return now->load(); };
  auto store = open_or_die(options);
  const auto write = [&store](int count) {
    for (int i = 0; i < count; ++i) put(*store, "k" + std::to_string(i % 5), std::string(1000, 'x'));
  };
  write(200);
  ASSERT_TRUE(store->settle());
  EXPECT_EQ(store->stats().compacted, 0u) << "all of it is young";
  const Revision young = store->revision();
  *now += 20'000;
  write(200);
  ASSERT_TRUE(store->settle());
  const Revision compacted = store->stats().compacted;
  EXPECT_GT(compacted, 0u);
  EXPECT_LE(compacted, young + 64)
      << "nothing younger than the age but the rest of a segment that an older write began";
  EXPECT_EQ(text_of(*store, "k1", compacted - 1), "!Compacted");
  EXPECT_EQ(text_of(*store, "k1", compacted).size(), 1000u);
}

}  // namespace
}  // namespace troupe::storage::testing
