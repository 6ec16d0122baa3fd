#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "net/pki.hpp"

namespace troupe::net {

namespace {

constexpr std::size_t kSmallFile = 4 * 1024 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool ok() const { return fd_ >= 0; }

 private:
  int fd_;
};

Status write_all(int fd, const std::string& content, const std::string& path) {
  std::size_t done = 0;
  while (done < content.size()) {
    const auto wrote = ::write(fd, content.data() + done, content.size() - done);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return fail(errno_error(errno, "write " + path));
    done += static_cast<std::size_t>(wrote);
  }
  if (::fsync(fd) != 0) return fail(errno_error(errno, "sync " + path));
  return {};
}

}  // namespace

Status write_file_atomically(const std::string& path, const std::string& content, int mode) {
  const std::string temporary = path + ".new." + std::to_string(::getpid());
  {
    const Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode));
    if (!file.ok()) return fail(errno_error(errno, "create " + temporary));
    Status written = ::fchmod(file.get(), static_cast<mode_t>(mode)) == 0
                         ? write_all(file.get(), content, temporary)
                         : Status(fail(errno_error(errno, "set the mode of " + temporary)));
    if (!written) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const auto error = errno_error(errno, "rename " + temporary + " to " + path);
    ::unlink(temporary.c_str());
    return fail(error);
  }
  const auto parent = std::filesystem::path(path).parent_path();
  const Descriptor directory(::open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok() || ::fsync(directory.get()) != 0) return fail(errno_error(errno, "sync the folder of " + path));
  return {};
}

Status keep_file(const std::string& path, const std::string& content, int mode) {
  struct stat there {};
  const bool fits = ::lstat(path.c_str(), &there) == 0 && S_ISREG(there.st_mode) && there.st_uid == ::geteuid() &&
                    (there.st_mode & 07777) == static_cast<mode_t>(mode);
  if (fits) {
    if (const auto text = read_small_file(path); text && *text == content) return {};
  }
  return write_file_atomically(path, content, mode);
}

Result<std::string> read_small_file(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return fail(errno_error(errno, "open " + path));
  std::string content;
  char buffer[16 * 1024];
  while (true) {
    const auto got = ::read(file.get(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(errno_error(errno, "read " + path));
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
    if (content.size() > kSmallFile) return fail(ErrorCode::kTooLarge, path + ": larger than 4 MiB");
  }
}

}  // namespace troupe::net
