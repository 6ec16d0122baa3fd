// A file system that is really full, not a fault that was injected.
#include <sched.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <optional>

#include "tests/contract/store_fixture.hpp"

namespace troupe::storage::testing {
namespace {

/// A small tmpfs, seen by this process only.
class SmallDisk {
 public:
  ~SmallDisk() {
    if (mounted_) ::umount2(dir_.path().c_str(), MNT_DETACH);
  }
  /// Empty, or why there is none.
  std::string mount(const char* size) {
    if (::geteuid() != 0) return "mounting a small tmpfs needs root";
    if (::unshare(CLONE_NEWNS) != 0) return std::string("unshare: ") + std::strerror(errno);
    if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) {
      return std::string("private mounts: ") + std::strerror(errno);
    }
    if (::mount("tmpfs", path().c_str(), "tmpfs", 0, size) != 0) return std::string("mount: ") + std::strerror(errno);
    mounted_ = true;
    return {};
  }
  bool resize(const char* size) { return ::mount("tmpfs", path().c_str(), "tmpfs", MS_REMOUNT, size) == 0; }
  const std::string& path() const { return dir_.path(); }

 private:
  TempDir dir_;
  bool mounted_ = false;
};

std::unique_ptr<LogStore> open_started(const std::string& dir) {
  auto options = small_options(dir);
  options.retain_segments = 4;
  auto store = LogStore::open(std::move(options));
  EXPECT_TRUE(store) << store.error().message;
  if (!store) return nullptr;
  (*store)->start();
  return std::move(*store);
}

std::string name_of(int i) { return "object-" + std::to_string(i); }

void expect_objects(LogStore& store, int first, int last) {
  for (int i = first; i < last; ++i) {
    ASSERT_EQ(text_of(store, name_of(i)), std::string(9000, static_cast<char>('a' + i % 26))) << i;
  }
}

TEST(FullDisk, ItRefusesPutsLosesNothingAndWorksAgainWhenThereIsRoom) {
  SmallDisk disk;
  if (const std::string why = disk.mount("size=24m"); !why.empty()) GTEST_SKIP() << why;
  const std::string dir = disk.path() + "/store";
  auto store = open_started(dir);
  ASSERT_TRUE(store);
  std::optional<Error> refused;
  int written = 0;
  for (; written < 20'000; ++written) {
    const std::string text(9000, static_cast<char>('a' + written % 26));
    auto done = commit_and_wait(*store, std::move(Batch().put(key_of(name_of(written)), record_of(text))));
    if (done) continue;
    refused = done.error();
    break;
  }
  ASSERT_TRUE(refused) << "24 MiB never became full";
  EXPECT_EQ(refused->code, ErrorCode::kNoSpace) << refused->message;
  EXPECT_NE(refused->message.find("full"), std::string::npos) << refused->message;
  ASSERT_GT(written, 100);
  expect_objects(*store, 0, written);
  // What frees space works on the full disk.
  constexpr int kErased = 50;
  for (int i = 0; i < kErased; ++i) erase(*store, name_of(i));
  const Revision before = store->revision();
  store.reset();

  // It also opens there, or says that the disk is full; more room helps then.
  auto again = LogStore::open(small_options(dir));
  if (!again) {
    EXPECT_EQ(again.error().code, ErrorCode::kNoSpace) << again.error().message;
  }
  ASSERT_TRUE(disk.resize("size=96m"));
  if (again) {
    EXPECT_EQ((*again)->revision(), before);
    store = std::move(*again);
    store->start();
  } else {
    store = open_started(dir);
  }
  ASSERT_TRUE(store);
  ASSERT_TRUE(store->settle());
  expect_objects(*store, kErased, written);
  put(*store, name_of(0), "there is room");
  store.reset();
  store = open_started(dir);
  ASSERT_TRUE(store);
  EXPECT_EQ(text_of(*store, name_of(0)), "there is room");
  EXPECT_EQ(text_of(*store, name_of(1)), "-");
  expect_objects(*store, kErased, written);
}

}  // namespace
}  // namespace troupe::storage::testing
