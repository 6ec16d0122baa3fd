#include "storage/disk.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace troupe::storage {
namespace {

Status check(int rc, std::string_view what, const std::string& path) {
  if (rc == 0) return {};
  return fail(errno_error(errno, std::string(what) + " " + path));
}

class PosixFile final : public File {
 public:
  PosixFile(int fd, std::string path) : fd_(fd), path_(std::move(path)) {}
  ~PosixFile() override { ::close(fd_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<std::size_t> read(std::span<std::byte> to, std::uint64_t offset) override {
    std::size_t done = 0;
    while (done < to.size()) {
      const ssize_t n = ::pread(fd_, to.data() + done, to.size() - done, static_cast<off_t>(offset + done));
      if (n == 0) break;
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) return fail(errno_error(errno, "read " + path_));
      done += static_cast<std::size_t>(n);
    }
    return done;
  }

  Result<std::size_t> write_some(std::span<const std::byte> from, std::uint64_t offset) override {
    for (;;) {
      const ssize_t n = ::pwrite(fd_, from.data(), from.size(), static_cast<off_t>(offset));
      if (n >= 0) return static_cast<std::size_t>(n);
      if (errno == EINTR) continue;
      if (errno != EINVAL || !direct_) return fail(errno_error(errno, "write " + path_));
      write_direct(false);
    }
  }

  void write_direct(bool on) override {
    const int flags = ::fcntl(fd_, F_GETFL);
    if (flags < 0) return;
    direct_ = ::fcntl(fd_, F_SETFL, on ? flags | O_DIRECT : flags & ~O_DIRECT) == 0 && on;
  }

  Status sync() override { return check(::fdatasync(fd_), "fdatasync", path_); }

  Status write_back(std::uint64_t offset, std::uint64_t bytes) override {
    constexpr unsigned kFlags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    const int rc = ::sync_file_range(fd_, static_cast<off_t>(offset), static_cast<off_t>(bytes), kFlags);
    // A file system that does not know it leaves everything to the sync.
    if (rc != 0 && (errno == ENOSYS || errno == EINVAL || errno == ESPIPE)) return {};
    return check(rc, "write back", path_);
  }

 private:
  int fd_;
  std::string path_;
  bool direct_ = false;
};

/// Also when it ends with an error.
class DirectWrites {
 public:
  DirectWrites(File& file, bool on) : file_(file), on_(on) {
    if (on_) file_.write_direct(true);
  }
  ~DirectWrites() {
    if (on_) file_.write_direct(false);
  }
  DirectWrites(const DirectWrites&) = delete;
  DirectWrites& operator=(const DirectWrites&) = delete;

 private:
  File& file_;
  bool on_;
};

class PosixDisk final : public Disk {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    const int create = mode == OpenMode::kCreate ? O_CREAT : 0;
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC | create, 0600);
    if (fd < 0) return fail(errno_error(errno, "open " + path));
    return std::make_unique<PosixFile>(fd, path);
  }
  Status rename(const std::string& from, const std::string& to) override {
    return check(::rename(from.c_str(), to.c_str()), "rename", from);
  }
  Status remove(const std::string& path) override { return check(::unlink(path.c_str()), "remove", path); }
  Status make_directory(const std::string& path) override {
    if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) return {};
    return fail(errno_error(errno, "create directory " + path));
  }
  Status sync_directory(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return fail(errno_error(errno, "open directory " + path));
    auto result = check(::fsync(fd), "fsync directory", path);
    ::close(fd);
    return result;
  }
  Result<std::vector<std::string>> list(const std::string& path) override {
    DIR* dir = ::opendir(path.c_str());
    if (dir == nullptr) return fail(errno_error(errno, "read directory " + path));
    std::vector<std::string> names;
    while (const dirent* entry = ::readdir(dir)) {
      const std::string_view name = entry->d_name;
      if (name != "." && name != "..") names.emplace_back(name);
    }
    ::closedir(dir);
    return names;
  }
  Result<std::uint64_t> free_bytes(const std::string& path) override {
    struct statvfs info {};
    if (::statvfs(path.c_str(), &info) != 0) return fail(errno_error(errno, "statvfs " + path));
    return static_cast<std::uint64_t>(info.f_bavail) * info.f_frsize;
  }
};

}  // namespace

std::shared_ptr<Disk> posix_disk() { return std::make_shared<PosixDisk>(); }

Status write_all(File& file, std::span<const std::byte> from, std::uint64_t offset) {
  while (!from.empty()) {
    auto n = file.write_some(from, offset);
    if (!n) return fail(std::move(n.error()));
    if (*n == 0) return fail(ErrorCode::kIo, "a write of " + std::to_string(from.size()) + " bytes wrote nothing");
    from = from.subspan(*n);
    offset += *n;
  }
  return {};
}

Status fill_with_zeros(File& file, std::uint64_t bytes,
                       const std::function<void(std::chrono::steady_clock::duration)>& rest) {
  using Clock = std::chrono::steady_clock;
  constexpr std::uint64_t kPiece = 256u << 10;
  constexpr std::size_t kBlock = 4096;
  const std::unique_ptr<std::byte, void (*)(void*)> zeros(static_cast<std::byte*>(std::aligned_alloc(kBlock, kPiece)),
                                                          std::free);
  if (!zeros) throw std::bad_alloc();
  std::memset(zeros.get(), 0, kPiece);
  // Zeros in the page cache are of no use, and copying them there is half of this work.
  const DirectWrites direct(file, bytes % kBlock == 0);
  for (std::uint64_t at = 0; at < bytes;) {
    const auto begin = Clock::now();
    const std::uint64_t n = std::min(kPiece, bytes - at);
    if (auto ok = write_all(file, {zeros.get(), n}, at); !ok) return ok;
    // In pieces: the log's own syncs would wait behind one big sync of 64 MiB. One sync at the end: each sync of a
    // file that grew commits the file system's journal, for which the log's syncs would wait too.
    if (auto ok = file.write_back(at, n); !ok) return ok;
    at += n;
    if (rest) rest(Clock::now() - begin);
  }
  return file.sync();
}

Result<LockFile> LockFile::acquire(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return fail(errno_error(errno, "open " + path));
  LockFile lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return fail(errno_error(errno, "lock " + path));
    char pid[32] = {};
    const ssize_t n = ::pread(fd, pid, sizeof pid - 1, 0);
    std::string holder = n > 0 ? std::string(pid, static_cast<std::size_t>(n)) : "unknown";
    while (!holder.empty() && holder.back() == '\n') holder.pop_back();
    return fail(ErrorCode::kUnavailable, path + " is held by process " + holder +
                                             ": one process only may open a store; stop that one or give this one "
                                             "another data directory");
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, pid.data(), pid.size(), 0) < 0) {
    // Only the message for a second process suffers; a full disk must not keep the store closed.
    std::fprintf(stderr, "store: could not write the pid into %s\n", path.c_str());
  }
  return lock;
}

LockFile::LockFile(LockFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
LockFile::~LockFile() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace troupe::storage
