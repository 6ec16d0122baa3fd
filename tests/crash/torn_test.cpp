// What a program did to its disk is recorded; then every moment of it is made the last one, with what a crash of the
// machine may leave of writes that were not synced.
//   TROUPE_CRASH_IMAGES=N  disks to look at (600; 0: all moments, each lost in each way); TROUPE_CRASH_SEED=N
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <set>

#include "storage/state.hpp"
#include "tests/contract/store_fixture.hpp"
#include "tests/crash/child.hpp"
#include "tests/crash/recording.hpp"
#include "tests/crash/trace.hpp"

namespace troupe::storage::testing {
namespace {

using Loss = CrashDisk::Loss;
constexpr Revision kBatches = 250;

std::uint64_t number(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/// Memory when there is some: an image is opened once and thrown away.
std::string image_dir() {
  const std::string base = std::filesystem::exists("/dev/shm") ? "/dev/shm" : std::filesystem::temp_directory_path();
  std::string name = base + "/troupe-image-XXXXXX";
  return ::mkdtemp(name.data());
}

class Image {
 public:
  Image() = default;
  ~Image() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Image(const Image&) = delete;
  Image& operator=(const Image&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_ = image_dir();
};

class Images {
 public:
  explicit Images(std::uint64_t seed) : seed_(seed), random_(seed), trace_(seed) {}
  bool survives(const CrashDisk& disk, Loss loss, Revision acknowledged, std::size_t moment) {
    const std::string dir = image_dir();
    disk.crash(dir, loss, random_);
    // A trace only goes forward, an image may go back.
    Trace trace = trace_;
    Expected expected{acknowledged, kBatches, count_++ % 10 == 0};
    auto reached = check_store(dir, trace, expected);
    EXPECT_TRUE(reached) << reached.error().message << "; call " << moment << ", loss " << static_cast<int>(loss)
                         << ", seed " << seed_ << ", left in " << dir;
    if (!reached) return false;
    std::error_code ignored;
    std::filesystem::remove_all(dir, ignored);
    trace_.advance(acknowledged);
    return true;
  }
  std::uint64_t count() const { return count_; }

 private:
  std::uint64_t seed_;
  std::mt19937_64 random_;
  Trace trace_;
  std::uint64_t count_ = 0;
};

TEST(StoreCrash, TornAndReorderedWritesLoseNothingThatWasAcknowledged) {
  const std::uint64_t seed = number("TROUPE_CRASH_SEED", 1);
  const std::uint64_t bound = number("TROUPE_CRASH_IMAGES", 600);
  TempDir dir, store;
  const std::string record = dir.path() + "/record";
  Child child(store.path(), seed, kBatches, {"TROUPE_DISK_RECORD=" + record});
  child.wait();
  ASSERT_EQ(child.exit_code(), 0);
  ASSERT_EQ(child.acknowledged(), kBatches);
  const auto calls = read_recording(record);
  ASSERT_GT(calls.size(), 2 * kBatches) << "the recorder saw too little";

  CrashDisk disk(store.path());
  Images images(seed);
  std::mt19937_64 random(seed);
  Revision acknowledged = 0;
  const Loss losses[] = {Loss::kNothing, Loss::kAll, Loss::kWrites, Loss::kSectors};
  for (std::size_t i = 0; i < calls.size(); ++i) {
    disk.apply(calls[i]);
    if (calls[i].call.kind == DiskCallKind::kAnswer) acknowledged = std::strtoull(calls[i].first.c_str(), nullptr, 10);
    for (const Loss loss : losses) {
      if (bound != 0 && random() % (4 * calls.size()) >= bound) continue;
      ASSERT_TRUE(images.survives(disk, loss, acknowledged, i));
    }
  }
  EXPECT_EQ(acknowledged, kBatches);
  std::printf("%zu calls, %llu disks, seed %llu\n", calls.size(), static_cast<unsigned long long>(images.count()),
              static_cast<unsigned long long>(seed));
}

/// The revision behind which LMDB in an image says that nothing was acknowledged; nothing where it does not say so. On
/// a copy, since looking takes the mark away.
std::optional<Revision> marked_end(const std::string& image) {
  if (!std::filesystem::exists(image + "/state/data.mdb")) return std::nullopt;
  const Image copy;
  std::filesystem::copy_file(image + "/state/data.mdb", copy.path() + "/data.mdb");
  State::Options options;
  options.dir = copy.path();
  options.map_bytes = crash_options(image).map_bytes;
  auto state = State::open(options);
  EXPECT_TRUE(state) << state.error().message;
  if (!state || (*state)->meta().ended == 0) return std::nullopt;
  EXPECT_EQ((*state)->meta().ended, (*state)->meta().applied.end);
  return (*state)->meta().applied.revision;
}

TEST(StoreCrash, AMarkOfAStopInOrderNeverStandsBesideWritesThatWereAcknowledgedSince) {
  const std::uint64_t seed = number("TROUPE_CRASH_SEED", 1);
  TempDir dir, store;
  const std::string record = dir.path() + "/record";
  constexpr Revision kLives[] = {20, 40, 60};
  for (const Revision last : kLives) {
    Child child(store.path(), seed, last, {"TROUPE_DISK_RECORD=" + record});
    child.wait();
    ASSERT_EQ(child.exit_code(), 0);
    ASSERT_EQ(child.acknowledged(), last);
  }
  const auto calls = read_recording(record);
  CrashDisk disk(store.path());
  std::mt19937_64 random(seed);
  Revision acknowledged = 0;
  std::set<Revision> ends;
  for (std::size_t i = 0; i < calls.size(); ++i) {
    disk.apply(calls[i]);
    if (calls[i].call.kind == DiskCallKind::kAnswer) acknowledged = std::strtoull(calls[i].first.c_str(), nullptr, 10);
    for (const Loss loss : {Loss::kNothing, Loss::kAll, Loss::kWrites, Loss::kSectors}) {
      const Image image;
      disk.crash(image.path(), loss, random);
      const auto end = marked_end(image.path());
      if (end) {
        ends.insert(*end);
        ASSERT_EQ(*end, acknowledged) << "call " << i << ", loss " << static_cast<int>(loss) << ", seed " << seed;
      }
      if (random() % 8 != 0) continue;
      Trace trace(seed);
      auto reached = check_store(image.path(), trace, {acknowledged, kLives[2], false});
      ASSERT_TRUE(reached) << reached.error().message << "; call " << i << ", loss " << static_cast<int>(loss)
                           << ", seed " << seed;
    }
  }
  EXPECT_EQ(acknowledged, kLives[2]);
  EXPECT_EQ(ends, std::set<Revision>(std::begin(kLives), std::end(kLives))) << "each stop left its mark";
  std::printf("%zu calls, seed %llu\n", calls.size(), static_cast<unsigned long long>(seed));
}

TEST(StoreCrash, AMissingSyncWouldBeNoticed) {
  TempDir dir, store;
  const std::string record = dir.path() + "/record";
  Child child(store.path(), 1, 50, {"TROUPE_DISK_RECORD=" + record});
  child.wait();
  ASSERT_EQ(child.exit_code(), 0);
  std::mt19937_64 random(1);
  for (const std::string forgotten : {"none", "log"}) {
    CrashDisk disk(store.path());
    std::map<int, std::string> paths;
    for (const RecordedCall& call : read_recording(record)) {
      if (call.call.kind == DiskCallKind::kOpen) paths[call.call.fd] = call.first;
      const bool log = paths[call.call.fd].ends_with(".log");
      if (call.call.kind == DiskCallKind::kSync && log && forgotten == "log") continue;
      disk.apply(call);
    }
    const TempDir image;
    disk.crash(image.path(), Loss::kAll, random);
    Trace trace(1);
    const auto reached = check_store(image.path(), trace, {50, 50, false});
    EXPECT_EQ(reached.has_value(), forgotten == "none");
  }
}

}  // namespace
}  // namespace troupe::storage::testing
