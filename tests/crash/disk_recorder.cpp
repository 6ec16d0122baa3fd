// Preloaded into the writer, built without sanitizers. What happens to files under TROUPE_DISK_ROOT is, one call at a
// time,
//   recorded into the file TROUPE_DISK_RECORD (recording.hpp has the format; acknowledgements on descriptor 1 too), or
//   counted: before the TROUPE_DISK_KILL-th call that makes something durable the process gets SIGKILL, with
//   TROUPE_DISK_KILL_AFTER=1 right behind it.
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "tests/crash/record_format.hpp"

namespace {

using troupe::storage::testing::DiskCall;
using troupe::storage::testing::DiskCallKind;

constexpr int kMaxFiles = 4096;

pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
bool watched[kMaxFiles];  // by descriptor
bool synchronous[kMaxFiles];
char root[512];
int record_fd = -1;
long kill_at = 0;
bool kill_after = false;
long durable_calls = 0;

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

__attribute__((constructor)) void begin() {
  if (const char* dir = ::getenv("TROUPE_DISK_ROOT")) std::snprintf(root, sizeof root, "%s", dir);
  if (const char* file = ::getenv("TROUPE_DISK_RECORD")) {
    record_fd = static_cast<int>(::syscall(SYS_open, file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  }
  if (const char* n = ::getenv("TROUPE_DISK_KILL")) kill_at = std::atol(n);
  kill_after = ::getenv("TROUPE_DISK_KILL_AFTER") != nullptr;
}

bool ours(const char* path) { return root[0] != 0 && std::strncmp(path, root, std::strlen(root)) == 0; }
bool ours(int fd) { return fd >= 0 && fd < kMaxFiles && watched[fd]; }

void append(const void* bytes, std::size_t size) {
  const char* from = static_cast<const char*>(bytes);
  while (size > 0) {
    const long n = ::syscall(SYS_write, record_fd, from, size);
    if (n <= 0) ::_exit(99);
    from += n;
    size -= static_cast<std::size_t>(n);
  }
}
void note(DiskCallKind kind, int fd, std::uint64_t offset, const void* a, std::size_t a_size, const char* b = "",
          bool sync = false) {
  if (record_fd < 0) return;
  const DiskCall call{
      kind,           fd, offset, static_cast<std::uint32_t>(a_size), static_cast<std::uint32_t>(std::strlen(b)),
      sync ? 1u : 0u, 0};
  append(&call, sizeof call);
  append(a, a_size);
  append(b, std::strlen(b));
}
void note(DiskCallKind kind, const char* a, const char* b = "") { note(kind, -1, 0, a, std::strlen(a), b); }

/// Calls stand in the record in one order, so each is alone while it runs.
class Turn {
 public:
  explicit Turn(bool durable) : durable_(durable) {
    ::pthread_mutex_lock(&mutex);
    if (durable_ && ++durable_calls == kill_at && !kill_after) die();
  }
  ~Turn() {
    if (durable_ && durable_calls == kill_at && kill_after) die();
    ::pthread_mutex_unlock(&mutex);
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  static void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
  }
  bool durable_;
};

int open_file(const char* name, const char* path, int flags, mode_t mode) {
  using Open = int(const char*, int, ...);
  const auto real = next<Open>(name);
  if (!ours(path)) {
    const int fd = real(path, flags, mode);
    if (fd >= 0 && fd < kMaxFiles) watched[fd] = false;
    return fd;
  }
  const Turn turn(false);
  const int fd = real(path, flags, mode);
  if (fd < 0 || fd >= kMaxFiles) return fd;
  watched[fd] = true;
  synchronous[fd] = (flags & O_DSYNC) != 0;
  note(DiskCallKind::kOpen, fd, static_cast<std::uint64_t>(flags), path, std::strlen(path));
  return fd;
}

int sync_file(const char* name, int fd) {
  const auto real = next<int(int)>(name);
  if (!ours(fd)) return real(fd);
  const Turn turn(true);
  const int rc = real(fd);
  if (rc == 0) note(DiskCallKind::kSync, fd, 0, "", 0);
  return rc;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
  va_end(args);
  return open_file("open", path, flags, mode);
}
int open64(const char* path, int flags, ...) {
  va_list args;
  va_start(args, flags);
  const mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
  va_end(args);
  return open_file("open64", path, flags, mode);
}
int close(int fd) {
  if (fd >= 0 && fd < kMaxFiles) watched[fd] = false;
  return next<int(int)>("close")(fd);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  const auto real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  if (!ours(fd)) return real(fd, bytes, size, offset);
  const Turn turn(synchronous[fd]);
  const ssize_t n = real(fd, bytes, size, offset);
  if (n > 0) {
    note(DiskCallKind::kWrite, fd, static_cast<std::uint64_t>(offset), bytes, static_cast<size_t>(n), "",
         synchronous[fd]);
  }
  return n;
}
ssize_t writev(int fd, const iovec* parts, int count) {
  const auto real = next<ssize_t(int, const iovec*, int)>("writev");
  if (!ours(fd)) return real(fd, parts, count);
  const Turn turn(synchronous[fd]);
  auto offset = static_cast<std::uint64_t>(::lseek(fd, 0, SEEK_CUR));
  const ssize_t written = real(fd, parts, count);
  auto left = static_cast<size_t>(written < 0 ? 0 : written);
  for (int i = 0; i < count && left > 0; ++i) {
    const size_t n = parts[i].iov_len < left ? parts[i].iov_len : left;
    note(DiskCallKind::kWrite, fd, offset, parts[i].iov_base, n, "", synchronous[fd]);
    offset += n;
    left -= n;
  }
  return written;
}
ssize_t write(int fd, const void* bytes, size_t size) {
  const auto real = next<ssize_t(int, const void*, size_t)>("write");
  if (fd != 1) return real(fd, bytes, size);
  const Turn turn(false);
  note(DiskCallKind::kAnswer, fd, 0, bytes, size);
  return real(fd, bytes, size);
}
int ftruncate(int fd, off_t size) noexcept {
  const auto real = next<int(int, off_t)>("ftruncate");
  if (!ours(fd)) return real(fd, size);
  const Turn turn(false);
  const int rc = real(fd, size);
  if (rc == 0) note(DiskCallKind::kTruncate, fd, static_cast<std::uint64_t>(size), "", 0);
  return rc;
}
int fdatasync(int fd) { return sync_file("fdatasync", fd); }
int fsync(int fd) { return sync_file("fsync", fd); }

int rename(const char* from, const char* to) noexcept {
  const auto real = next<int(const char*, const char*)>("rename");
  if (!ours(to)) return real(from, to);
  const Turn turn(true);
  const int rc = real(from, to);
  if (rc == 0) note(DiskCallKind::kRename, from, to);
  return rc;
}
int unlink(const char* path) noexcept {
  const auto real = next<int(const char*)>("unlink");
  if (!ours(path)) return real(path);
  const Turn turn(true);
  const int rc = real(path);
  if (rc == 0) note(DiskCallKind::kRemove, path);
  return rc;
}
int mkdir(const char* path, mode_t mode) noexcept {
  const auto real = next<int(const char*, mode_t)>("mkdir");
  if (!ours(path)) return real(path, mode);
  const Turn turn(true);
  const int rc = real(path, mode);
  if (rc == 0) note(DiskCallKind::kMakeDirectory, path);
  return rc;
}

}  // extern "C"
