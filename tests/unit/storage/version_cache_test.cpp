#include "storage/version_cache.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "tests/contract/store_fixture.hpp"

namespace troupe::storage::testing {
namespace {

Version version_of(Revision revision, std::size_t bytes = 16) {
  Record record = Record::allocate({1, Form::kRaw, Transform::kNone, 1}, bytes);
  record.mutable_header().revision = revision;
  return {record, revision * 8, 0};
}
Version tombstone(Revision revision) {
  Version version = version_of(revision, 0);
  version.record.mutable_header().flags = RecordHeader::kDeleted;
  return version;
}
void publish(VersionCache& cache, const std::string& key, Version version) {
  cache.begin({{key, std::move(version)}});
  cache.finish();
}
/// 0: not found.
Revision revision_in(VersionCache& cache, const std::string& key) {
  Version version;
  VersionCache::Miss miss;
  return cache.find(key, version, miss) ? version.record.header().revision : 0;
}

TEST(VersionCache, FindsTheNewestPublishedVersion) {
  VersionCache cache(1u << 20);
  publish(cache, "a", version_of(1));
  publish(cache, "b", version_of(2));
  publish(cache, "a", version_of(3));
  EXPECT_EQ(revision_in(cache, "a"), 3u);
  EXPECT_EQ(revision_in(cache, "b"), 2u);
  EXPECT_EQ(revision_in(cache, "c"), 0u);
}

TEST(VersionCache, ShowsNeitherOldNorNewWhileAKeyIsBeingPublished) {
  VersionCache cache(1u << 20);
  publish(cache, "a", version_of(1));
  cache.begin({{"a", version_of(2)}});
  EXPECT_EQ(revision_in(cache, "a"), 0u);
  cache.finish();
  EXPECT_EQ(revision_in(cache, "a"), 2u);
}

TEST(VersionCache, ForgetsADeletedKey) {
  VersionCache cache(1u << 20);
  publish(cache, "a", version_of(1));
  publish(cache, "a", tombstone(2));
  EXPECT_EQ(revision_in(cache, "a"), 0u);
  EXPECT_EQ(cache.entries(), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(VersionCache, TakesWhatAReaderFoundElsewhere) {
  VersionCache cache(1u << 20);
  Version version;
  VersionCache::Miss miss;
  ASSERT_FALSE(cache.find("a", version, miss));
  cache.offer("a", version_of(7), miss);
  EXPECT_EQ(revision_in(cache, "a"), 7u);
}

TEST(VersionCache, RefusesWhatAReaderFoundBeforeAPublication) {
  VersionCache cache(1u << 20);
  Version version;
  VersionCache::Miss miss;
  ASSERT_FALSE(cache.find("a", version, miss));
  // Published and deleted again: nothing in the cache says any more that version 1 is old.
  publish(cache, "a", version_of(2));
  publish(cache, "a", tombstone(3));
  cache.offer("a", version_of(1), miss);
  EXPECT_EQ(revision_in(cache, "a"), 0u);
}

TEST(VersionCache, RefusesWhatAReaderFoundDuringAPublication) {
  VersionCache cache(1u << 20);
  cache.begin({{"a", tombstone(2)}});
  Version version;
  VersionCache::Miss miss;
  ASSERT_FALSE(cache.find("a", version, miss));
  cache.offer("a", version_of(1), miss);
  cache.finish();
  cache.offer("a", version_of(1), miss);
  EXPECT_EQ(revision_in(cache, "a"), 0u);
}

TEST(VersionCache, StaysWithinItsBytesAndKeepsWhatIsUsed) {
  constexpr std::size_t kBytes = 64u << 10;
  VersionCache cache(kBytes, 1);
  publish(cache, "hot", version_of(1));
  for (int i = 0; i < 2000; ++i) {
    publish(cache, "k" + std::to_string(i), version_of(static_cast<Revision>(i) + 2, 256));
    ASSERT_LE(cache.bytes(), kBytes);
    ASSERT_EQ(revision_in(cache, "hot"), 1u) << i;
  }
  EXPECT_GT(cache.entries(), 100u);
}

TEST(VersionCache, LeavesOutWhatWouldPushEverythingElseOut) {
  VersionCache cache(64u << 10, 1);
  publish(cache, "a", version_of(1));
  publish(cache, "a", version_of(2, 60u << 10));
  EXPECT_EQ(revision_in(cache, "a"), 0u);
  EXPECT_EQ(cache.bytes(), 0u);
}

TEST(VersionCache, OfNoBytesKeepsNothing) {
  VersionCache cache(0);
  publish(cache, "a", version_of(1));
  EXPECT_EQ(revision_in(cache, "a"), 0u);
}

TEST(VersionCache, AgreesWithAMapWhateverIsPublishedAndEvicted) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    VersionCache cache(seed % 2 == 0 ? 8u << 10 : 1u << 20, seed % 4 == 0 ? 4 : 1);
    std::map<std::string, Revision> truth;  // 0: deleted
    for (Revision revision = 1; revision <= 3000; ++revision) {
      const std::string key = "k" + std::to_string(random() % 300);
      switch (random() % 4) {
        case 0:
          publish(cache, key, tombstone(revision));
          truth[key] = 0;
          break;
        case 1:
          publish(cache, key, version_of(revision, random() % 200));
          truth[key] = revision;
          break;
        default: {
          Version version;
          VersionCache::Miss miss;
          if (cache.find(key, version, miss)) {
            ASSERT_EQ(version.record.header().revision, truth[key]) << key;
          } else if (truth[key] != 0) {
            cache.offer(key, version_of(truth[key], random() % 200), miss);
          }
        }
      }
    }
    if (seed % 2 != 0) {
      for (const auto& [key, revision] : truth) {
        const Revision found = revision_in(cache, key);
        ASSERT_TRUE(found == revision || found == 0) << key;
      }
    }
  }
}

/// Readers look up and offer while one publishes: what is found is never older than what was visible before the look.
TEST(VersionCache, NeverShowsAnOldVersionToReadersBesideThePublisher) {
  constexpr std::size_t kKeys = 40;
  constexpr Revision kLast = 20'000;
  VersionCache cache(4u << 10, 2);  // small: evicts all the time
  std::array<std::atomic<Revision>, kKeys> visible{};
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  std::atomic<std::uint64_t> hits{0};
  const auto read = [&](unsigned seed) {
    std::mt19937 random(seed);
    while (!stop) {
      const std::size_t i = random() % kKeys;
      const std::string key = "key" + std::to_string(i);
      const Revision before = visible[i];
      Version version;
      VersionCache::Miss miss;
      if (cache.find(key, version, miss)) {
        ++hits;
        if (version.record.header().revision < before) ++wrong;
      } else if (const Revision now = visible[i]; now % 5 != 0) {
        cache.offer(key, version_of(now), miss);
      }
    }
  };
  std::thread first(read, 1u), second(read, 2u);
  std::mt19937 random(3);
  for (Revision revision = 1; revision <= kLast; ++revision) {
    const std::size_t i = random() % kKeys;
    // Every fifth is a deletion.
    const bool deleted = revision % 5 == 0;
    cache.begin({{"key" + std::to_string(i), deleted ? tombstone(revision) : version_of(revision)}});
    visible[i] = revision;
    cache.finish();
  }
  stop = true;
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
}

/// The whole store: a reader's get never goes back, whether cache, overlay or LMDB answers.
TEST(VersionCache, GetsNeverGoBackWhileKeysAreWrittenAndLmdbFollows) {
  TempDir dir;
  auto options = small_options(dir.path());
  options.cache_bytes = 32u << 10;
  auto opened = LogStore::open(options);
  ASSERT_TRUE(opened) << opened.error().message;
  LogStore& store = **opened;
  store.start();
  constexpr std::size_t kKeys = 60;
  std::array<std::atomic<Revision>, kKeys> answered{};
  std::atomic<bool> stop{false};
  std::atomic<int> wrong{0};
  const auto read = [&](unsigned seed) {
    std::mt19937 random(seed);
    while (!stop) {
      const std::size_t i = random() % kKeys;
      const Revision before = answered[i];
      const Revision newest = store.revision();
      auto got = get_now(store, key_of("k" + std::to_string(i)));
      if (!got || got->revision < newest) ++wrong;
      if (got && got->record && got->record->header().revision < before) ++wrong;
      if (got && !got->record && before != 0) ++wrong;
    }
  };
  std::thread first(read, 1u), second(read, 2u);
  std::mt19937 random(3);
  for (int n = 0; n < 1500; ++n) {
    const std::size_t i = random() % kKeys;
    answered[i] = put(store, "k" + std::to_string(i), std::to_string(n));
  }
  stop = true;
  first.join();
  second.join();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace troupe::storage::testing
