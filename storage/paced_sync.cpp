#include "storage/paced_sync.hpp"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <thread>

namespace troupe::storage {
namespace {

thread_local const Pacing* current = nullptr;

/// 0 or errno. An error of sync_file_range is an error of the sync: the kernel reports it once, to whoever asks first.
int write_back(int fd, const Pacing& pacing) {
  using Clock = std::chrono::steady_clock;
  struct stat info {};
  if (::fstat(fd, &info) != 0) return errno;
  constexpr unsigned kFlags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
  const auto piece = static_cast<off_t>(pacing.piece);
  for (off_t at = 0; at < info.st_size; at += piece) {
    const auto begin = Clock::now();
    if (::sync_file_range(fd, at, piece, kFlags) != 0) {
      // This file system does not know it: the sync itself does everything then.
      return errno == ESPIPE || errno == ENOSYS || errno == EINVAL ? 0 : errno;
    }
    const auto took = Clock::now() - begin;
    // Below this the piece had nothing to write.
    if (took < std::chrono::microseconds(50)) continue;
    const int percent = pacing.rest_now ? pacing.rest_now() : pacing.rest_percent;
    if (percent == 0) continue;
    const auto rest = took * percent / 100;
    std::this_thread::sleep_for(std::min<Clock::duration>(rest, std::chrono::milliseconds(20)));
  }
  return 0;
}

}  // namespace

PacedSync::PacedSync(const Pacing& pacing) { current = &pacing; }
PacedSync::~PacedSync() { current = nullptr; }

/// The next fdatasync behind ours: libc's, or a recorder's that was preloaded.
int real_fdatasync(int fd) {
  using Function = int (*)(int);
  static const auto next = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "fdatasync"));
  return next(fd);
}

int paced_fdatasync(int fd) {
  if (current != nullptr) {
    if (const int error = write_back(fd, *current); error != 0) {
      errno = error;
      return -1;
    }
  }
  return real_fdatasync(fd);
}

}  // namespace troupe::storage

extern "C" int fdatasync(int fd) { return troupe::storage::paced_fdatasync(fd); }
