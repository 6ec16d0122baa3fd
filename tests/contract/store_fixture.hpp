#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "storage/log_store.hpp"
#include "storage/memory_store.hpp"
#include "storage/store.hpp"

namespace troupe::storage::testing {

/// A directory that goes away with the test.
class TempDir {
 public:
  TempDir() {
    std::string name = (std::filesystem::temp_directory_path() / "troupe-store-XXXXXX").string();
    path_ = ::mkdtemp(name.data());
  }
  ~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Small segments: tests step from one to the next all the time.
inline LogStoreOptions small_options(const std::string& dir) {
  LogStoreOptions options;
  options.dir = dir;
  options.segment_bytes = 1u << 20;
  options.segments_ahead = 2;
  options.link_segments = 2;
  options.ballast_bytes = 1u << 20;
  options.follow_interval = std::chrono::milliseconds(1);
  options.follow_linger = std::chrono::milliseconds(2);
  return options;
}

/// A store whose threads run.
inline std::unique_ptr<LogStore> open_or_die(LogStoreOptions options) {
  auto store = LogStore::open(std::move(options));
  if (!store) {
    ADD_FAILURE() << store.error().message;
    std::abort();
  }
  (*store)->start();
  return std::move(*store);
}

inline Key key_of(const std::string& name, const std::string& name_space = "default", ResourceId resource = 7) {
  return *make_key(resource, name_space, name);
}
inline Record record_of(const std::string& text) { return Record::of({3, Form::kJson, Transform::kNone, 1}, text); }

inline Revision put(Store& store, const std::string& name, const std::string& text) {
  auto done = commit_and_wait(store, std::move(Batch().put(key_of(name), record_of(text))));
  EXPECT_TRUE(done) << done.error().message;
  return done ? done->revision : 0;
}
inline Revision erase(Store& store, const std::string& name) {
  auto done = commit_and_wait(store, std::move(Batch().erase(key_of(name))));
  EXPECT_TRUE(done) << done.error().message;
  return done ? done->revision : 0;
}
/// The text at a revision; "-" when absent; "!Code" on failure.
inline std::string text_of(Store& store, const std::string& name, Revision at = kNow) {
  auto got = get_now(store, key_of(name), at);
  if (!got) return "!" + std::string(to_string(got.error().code));
  return got->record ? std::string(got->record->text()) : "-";
}

class MemoryMaker {
 public:
  std::unique_ptr<Store> open() { return std::make_unique<MemoryStore>(); }
  static constexpr bool kDurable = false;
};

class LogMaker {
 public:
  std::unique_ptr<Store> open() {
    auto options = small_options(dir_.path());
    options.retain_segments = 100'000;
    options.cache_bytes = 64u << 10;  // small: gets find their versions everywhere
    return open_or_die(std::move(options));
  }
  static constexpr bool kDurable = true;

 private:
  TempDir dir_;
};

/// The log store whose overlay is never empty: LMDB follows only when told.
class LaggingLogMaker {
 public:
  std::unique_ptr<Store> open() {
    auto options = small_options(dir_.path());
    options.retain_segments = 100'000;
    options.follow_linger = std::chrono::hours(1);
    options.follow_records = 1u << 30;
    return open_or_die(std::move(options));
  }
  static constexpr bool kDurable = true;

 private:
  TempDir dir_;
};

/// A store that a test gets, whoever made it.
class AnyStore : public ::testing::Test {
 public:
  void reopen() {
    store_.reset();
    store_ = open();
  }
  Store& store() { return *store_; }
  /// What was written is there after `reopen`.
  virtual bool is_durable() const = 0;

 protected:
  void SetUp() override { store_ = open(); }
  void TearDown() override { store_.reset(); }  // before the folder goes that its maker holds
  virtual std::unique_ptr<Store> open() = 0;

 private:
  std::unique_ptr<Store> store_;
};

template <class Maker>
class StoreContract : public AnyStore {
 public:
  bool is_durable() const override { return Maker::kDurable; }

 protected:
  std::unique_ptr<Store> open() override { return maker_.open(); }

 private:
  Maker maker_;
};

using Makers = ::testing::Types<MemoryMaker, LogMaker, LaggingLogMaker>;

/// Begins a test that every store must pass, `test` being an AnyStore: its body is compiled once, not once a store.
#define STORE_CONTRACT(name)                               \
  static void check_##name(AnyStore& test);                \
  TYPED_TEST(StoreContract, name) { check_##name(*this); } \
  static void check_##name(AnyStore& test)

}  // namespace troupe::storage::testing
