#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace troupe::storage {

/// An open file of the log. Errors carry errno's text; kNoSpace for ENOSPC and EDQUOT.
class File {
 public:
  virtual ~File() = default;
  /// Bytes read from `offset`; fewer than asked only at the file's end.
  virtual Result<std::size_t> read(std::span<std::byte> to, std::uint64_t offset) = 0;
  /// Bytes written, possibly fewer than given.
  virtual Result<std::size_t> write_some(std::span<const std::byte> from, std::uint64_t offset) = 0;
  /// fdatasync. After an error nothing is known about what is on disk: it is never tried again.
  virtual Status sync() = 0;
  /// Starts writing a range to the disk and waits for it: no promise, only less work for the next sync.
  virtual Status write_back(std::uint64_t offset, std::uint64_t bytes) {
    (void)offset;
    (void)bytes;
    return {};
  }
  /// While it is on, writes of whole 4,096-byte blocks from memory aligned to that go past the page cache, where the
  /// file system can do it; others are not allowed.
  virtual void write_direct(bool on) { (void)on; }
};

enum class OpenMode : std::uint8_t { kExisting, kCreate };

/// What the log needs of the operating system: a port, so that tests can tear writes and fill disks.
class Disk {
 public:
  virtual ~Disk() = default;
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;
  virtual Status make_directory(const std::string& path) = 0;
  virtual Status sync_directory(const std::string& path) = 0;
  /// Names (not paths) in a directory, unordered.
  virtual Result<std::vector<std::string>> list(const std::string& path) = 0;
  /// Free for this process, in bytes.
  virtual Result<std::uint64_t> free_bytes(const std::string& path) = 0;
};

std::shared_ptr<Disk> posix_disk();

/// Writes everything, in as many calls as it takes.
Status write_all(File& file, std::span<const std::byte> from, std::uint64_t offset);
/// Writes zeros in pieces and syncs, so that later writes change no metadata and one fdatasync is enough for them.
/// `rest`: called after each piece that was written back, with the time that it took.
Status fill_with_zeros(File& file, std::uint64_t bytes,
                       const std::function<void(std::chrono::steady_clock::duration)>& rest = {});

/// Holds DIR/LOCK for the life of the object: one process has a store, no second one.
class LockFile {
 public:
  /// kUnavailable: another process holds it; the message has its pid. kPermission, kIo.
  static Result<LockFile> acquire(const std::string& path);
  LockFile(LockFile&& other) noexcept;
  LockFile& operator=(LockFile&&) = delete;
  ~LockFile();

 private:
  explicit LockFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace troupe::storage
