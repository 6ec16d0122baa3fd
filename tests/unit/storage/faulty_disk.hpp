#pragma once

#include <pthread.h>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/disk.hpp"

namespace troupe::storage::testing {

/// The log's syncs: counted, and held until a test lets them go. Those of new segments do not count.
class SyncGate {
 public:
  void hold() {
    std::lock_guard lock(mutex_);
    held_ = true;
  }
  void release() {
    std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  /// Waits until the log stands before a sync, and gives how many there were with this one.
  int wait_until_held() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return waiting_; });
    return syncs_;
  }
  int syncs() const {
    std::lock_guard lock(mutex_);
    return syncs_;
  }
  void pass() {
    char name[16] = {};
    (void)::pthread_getname_np(::pthread_self(), name, sizeof name);
    if (std::string_view(name) != "store-commit") return;
    std::unique_lock lock(mutex_);
    ++syncs_;
    waiting_ = true;
    changed_.notify_all();
    changed_.wait(lock, [this] { return !held_; });
    waiting_ = false;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  bool waiting_ = false;
  int syncs_ = 0;
};

/// A disk that does what a test says: writes that fail, tear or come short, syncs that fail, a size that ends.
struct Faults {
  std::atomic<int> short_writes{0};       ///< So many writes write one byte only.
  std::atomic<bool> write_enospc{false};  ///< Writes fail for lack of space...
  std::atomic<std::size_t> torn{0};       ///< ...behind so many bytes.
  std::atomic<bool> write_eio{false};
  std::atomic<bool> sync_eio{false};
  std::atomic<bool> create_enospc{false};  ///< New files cannot be filled.
  std::atomic<std::uint64_t> free{~0ull};
  std::atomic<std::uint64_t> bytes_read{0};
  /// Called once, on the writing thread, before the next write of a segment's header, when armed. Set before opening.
  std::function<void()> before_header;
  std::atomic<bool> header_armed{false};
  SyncGate gate;
};

class FaultyFile final : public File {
 public:
  FaultyFile(std::unique_ptr<File> file, std::shared_ptr<Faults> faults, bool fresh)
      : file_(std::move(file)), faults_(std::move(faults)), fresh_(fresh) {}
  Result<std::size_t> read(std::span<std::byte> to, std::uint64_t offset) override {
    auto n = file_->read(to, offset);
    if (n) faults_->bytes_read += *n;
    return n;
  }
  Result<std::size_t> write_some(std::span<const std::byte> from, std::uint64_t offset) override {
    if (offset == 0 && from.size() == kSegmentHeader && faults_->header_armed.exchange(false)) {
      faults_->before_header();
    }
    if (faults_->write_eio) return fail(ErrorCode::kIo, "injected EIO");
    if (fresh_) return fail(ErrorCode::kNoSpace, "injected ENOSPC");
    if (faults_->write_enospc && from.size() > 80) {
      if (faults_->torn > 0)
        (void)file_->write_some(from.first(std::min<std::size_t>(faults_->torn, from.size())), offset);
      return fail(ErrorCode::kNoSpace, "injected ENOSPC");
    }
    if (faults_->short_writes > 0) {
      --faults_->short_writes;
      return file_->write_some(from.first(1), offset);
    }
    return file_->write_some(from, offset);
  }
  Status sync() override {
    faults_->gate.pass();
    if (faults_->sync_eio) return fail(ErrorCode::kIo, "injected EIO");
    return file_->sync();
  }

 private:
  static constexpr std::size_t kSegmentHeader = 4096;
  std::unique_ptr<File> file_;
  std::shared_ptr<Faults> faults_;
  bool fresh_;
};

class FaultyDisk final : public Disk {
 public:
  explicit FaultyDisk(std::shared_ptr<Faults> faults) : faults_(std::move(faults)) {}
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    auto file = disk_->open(path, mode);
    if (!file) return file;
    return std::make_unique<FaultyFile>(std::move(*file), faults_, mode == OpenMode::kCreate && faults_->create_enospc);
  }
  Status rename(const std::string& from, const std::string& to) override { return disk_->rename(from, to); }
  Status remove(const std::string& path) override { return disk_->remove(path); }
  Status make_directory(const std::string& path) override { return disk_->make_directory(path); }
  Status sync_directory(const std::string& path) override { return disk_->sync_directory(path); }
  Result<std::vector<std::string>> list(const std::string& path) override { return disk_->list(path); }
  Result<std::uint64_t> free_bytes(const std::string& path) override {
    if (faults_->free != ~0ull) return faults_->free.load();
    return disk_->free_bytes(path);
  }

 private:
  std::shared_ptr<Disk> disk_ = posix_disk();
  std::shared_ptr<Faults> faults_;
};

}  // namespace troupe::storage::testing
