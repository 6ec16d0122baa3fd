// A process writes a known trace and is killed with -9; the store is opened again and compared with the trace.
//   TROUPE_CRASH_KILLS=N  kills a test (80, 100 and 24); TROUPE_CRASH_SEED=N  another trace and other moments
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "tests/contract/store_fixture.hpp"
#include "tests/crash/child.hpp"
#include "tests/crash/trace.hpp"

namespace troupe::storage::testing {
namespace {

constexpr Revision kLast = 1'000'000;
/// The trace keeps every version in memory: a fresh store from time to time.
constexpr int kKillsAStore = 100;

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// The life of one store with many crashes.
class Life {
 public:
  explicit Life(std::uint64_t seed) : seed_(seed), trace_(seed) {}
  const std::string& dir() const { return dir_.path(); }
  /// False, with a failure that says why: the test ends.
  bool survived(const Child& child, bool thorough) {
    EXPECT_TRUE(child.ordered()) << "answers out of order, seed " << seed_;
    Expected expected;
    expected.acknowledged = std::max(reached_, child.acknowledged());
    expected.submitted = kLast;
    expected.thorough = thorough;
    auto reached = check_store(dir(), trace_, expected);
    EXPECT_TRUE(reached) << reached.error().message << ", seed " << seed_ << ", store " << dir();
    if (!reached) return false;
    reached_ = *reached;
    return true;
  }
  std::uint64_t seed() const { return seed_; }
  Revision reached() const { return reached_; }

 private:
  TempDir dir_;
  std::uint64_t seed_;
  Trace trace_;
  Revision reached_ = 0;
};

TEST(StoreCrash, KilledAtRandomTimesItKeepsWhatItAcknowledged) {
  const std::uint64_t seed = number("TROUPE_CRASH_SEED", 1);
  const std::uint64_t kills = number("TROUPE_CRASH_KILLS", 80);
  std::mt19937_64 random(seed);
  Revision written = 0;
  for (std::uint64_t done = 0; done < kills;) {
    Life life(seed + done);
    for (int i = 0; i < kKillsAStore && done < kills; ++i, ++done) {
      Child child(life.dir(), life.seed(), kLast);
      // Some die while they start, some while they recover, most while they write.
      child.kill_after(std::chrono::microseconds(random() % (i % 3 == 0 ? 60'000 : 250'000)));
      ASSERT_TRUE(child.killed()) << "the writer ended by itself with " << child.exit_code();
      ASSERT_TRUE(life.survived(child, i % 8 == 7)) << "kill " << done;
    }
    written += life.reached();
  }
  RecordProperty("batches", std::to_string(written));
  std::printf("%llu kills, %llu batches, seed %llu\n", static_cast<unsigned long long>(kills),
              static_cast<unsigned long long>(written), static_cast<unsigned long long>(seed));
}

TEST(StoreCrash, KilledBeforeAndBehindEverySyncItKeepsWhatItAcknowledged) {
  const std::uint64_t seed = number("TROUPE_CRASH_SEED", 1);
  const std::uint64_t kills = number("TROUPE_CRASH_KILLS", 100);
  for (std::uint64_t done = 0; done < kills;) {
    Life life(seed + done);
    for (int i = 0; i < kKillsAStore && done < kills; ++i, ++done) {
      // The first calls of a fresh store, then those of each restart, ever deeper into its life.
      std::vector<std::string> environment{"TROUPE_DISK_KILL=" + std::to_string(1 + done / 2)};
      if (done % 2 == 1) environment.push_back("TROUPE_DISK_KILL_AFTER=1");
      Child child(life.dir(), life.seed(), life.reached() + 20'000, environment);
      child.wait();
      ASSERT_TRUE(child.killed()) << "the writer ended by itself with " << child.exit_code();
      ASSERT_TRUE(life.survived(child, i % 8 == 7)) << environment.front() << (done % 2 == 1 ? " behind it" : "");
    }
  }
}

TEST(StoreCrash, EverySyncOfAStoresFirstMomentsMayBeItsLast) {
  const std::uint64_t calls = number("TROUPE_CRASH_KILLS", 24);
  for (std::uint64_t call = 1; call <= calls; ++call) {
    Life life(call);
    Child child(life.dir(), life.seed(), 20'000, {"TROUPE_DISK_KILL=" + std::to_string(call)});
    child.wait();
    ASSERT_TRUE(child.killed()) << "the writer ended by itself with " << child.exit_code();
    ASSERT_TRUE(life.survived(child, true)) << "call " << call;
  }
}

}  // namespace
}  // namespace troupe::storage::testing
