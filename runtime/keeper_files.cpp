#include "runtime/keeper_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <tuple>

namespace troupe::runtime {
namespace {

constexpr std::size_t kMaxId = 128;

Status make_folder(const std::string& path, mode_t mode) {
  if (mkdir(path.c_str(), mode) != 0 && errno != EEXIST) return fail(errno_error(errno, "mkdir " + path));
  return {};
}

/// A socket address for a path of any length: a longer one than sun_path takes is reached through its open folder.
struct Address {
  sockaddr_un address{};
  Fd folder;
};

Result<Address> address_of(const std::string& path) {
  Address result;
  std::string name = path;
  if (path.size() >= sizeof(result.address.sun_path)) {
    const std::size_t slash = path.rfind('/');
    const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash);
    result.folder.reset(open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!result.folder) return fail(errno_error(errno, "open " + folder));
    name = "/proc/self/fd/" + std::to_string(result.folder.get()) + "/" + path.substr(slash + 1);
    if (name.size() >= sizeof(result.address.sun_path)) return fail(ErrorCode::kTooLarge, "socket name: " + path);
  }
  result.address.sun_family = AF_UNIX;
  std::memcpy(result.address.sun_path, name.c_str(), name.size() + 1);
  return result;
}

}  // namespace

Status KeeperFiles::prepare() const {
  // Only the last two levels: a missing parent is more likely a typing error than a wish.
  if (Status made = make_folder(data_, 0700); !made) return made;
  if (Status made = make_folder(run_, 0700); !made) return made;
  if (Status made = make_folder(sandboxes(), 0700); !made) return made;
  if (Status made = make_folder(inits(), 0700); !made) return made;
  return make_folder(containers(), 0700);
}

void KeeperFiles::remove_empty() const {
  if (run_.starts_with(data_ + "/")) return;
  if (rmdir(containers().c_str()) != 0 || rmdir(sandboxes().c_str()) != 0 || rmdir(inits().c_str()) != 0) return;
  unlink(boot().c_str());
  rmdir(run_.c_str());
}

std::string KeeperFiles::identity() const {
  struct stat status {};
  if (stat(data_.c_str(), &status) != 0) return "none";
  char text[40];
  std::snprintf(text, sizeof(text), "%lx-%lx", static_cast<unsigned long>(status.st_dev),
                static_cast<unsigned long>(status.st_ino));
  return text;
}

Result<Fd> KeeperFiles::take_lock() const {
  Fd fd(open(lock().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd) return fail(errno_error(errno, "open " + lock()));
  // Where nobody listens, the holder is on its way out (its socket closes first): wait for it a second.
  int tries = 0;
  while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (++tries < 200 && !connect_to(socket())) {
      usleep(5000);
      continue;
    }
    return fail(ErrorCode::kAlreadyExists, "another keeper holds " + lock() + ": stop it, or use another data folder");
  }
  return fd;
}

bool valid_id(std::string_view id) {
  if (id.empty() || id.size() > kMaxId || id.front() == '.') return false;
  return std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  });
}

std::vector<std::string> entries_by_age(const std::string& folder) {
  std::vector<std::tuple<std::int64_t, std::string>> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> handle(opendir(folder.c_str()), closedir);
  if (!handle) return {};
  while (const dirent* entry = readdir(handle.get())) {
    if (entry->d_name[0] == '.') continue;
    // A container's own folder changes with every file in it: its spec is written once.
    const std::string path = folder + "/" + entry->d_name;
    const std::int64_t spec = modified_at(path + "/spec");
    found.emplace_back(spec != 0 ? spec : modified_at(path), entry->d_name);
  }
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  names.reserve(found.size());
  for (auto& [time, name] : found) names.push_back(std::move(name));
  return names;
}

Status write_file(const std::string& path, std::string_view text) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return fail(errno_error(errno, "open " + path));
  const ssize_t written = write(fd.get(), text.data(), text.size());
  if (written < 0) return fail(errno_error(errno, "write " + path));
  if (static_cast<std::size_t>(written) != text.size())
    return fail(ErrorCode::kNoSpace, "write " + path + ": cut short");
  return {};
}

std::string to_text(const ExitRecord& record) {
  return std::to_string(record.status.exit_code) + " " + std::to_string(record.status.signal) + " " +
         (record.status.lost ? "1 " : "0 ") + std::to_string(record.finished_at) +
         (record.status.oom_killed ? " 1\n" : " 0\n");
}

std::optional<ExitRecord> parse_exit(std::string_view text) {
  ExitRecord record;
  int lost = 0;
  int oom_killed = 0;
  long long finished = 0;
  const std::string copy(text);
  if (std::sscanf(copy.c_str(), "%d %d %d %lld %d", &record.status.exit_code, &record.status.signal, &lost, &finished,
                  &oom_killed) < 4) {
    return std::nullopt;
  }
  record.status.lost = lost != 0;
  record.status.oom_killed = oom_killed != 0;
  record.finished_at = finished;
  return record;
}

std::int64_t modified_at(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * 1'000'000'000LL + status.st_mtim.tv_nsec;
}

Result<Fd> listen_at(const std::string& path) {
  constexpr int kBacklog = 64;
  const std::string hidden = path + ".new";
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail(errno_error(errno, "socket"));
  Result<Address> address = address_of(hidden);
  if (!address) return fail(std::move(address.error()));
  unlink(hidden.c_str());
  const auto* raw = reinterpret_cast<const sockaddr*>(&address->address);
  if (bind(fd.get(), raw, sizeof(address->address)) != 0) return fail(errno_error(errno, "bind " + hidden));
  if (chmod(hidden.c_str(), 0600) != 0) return fail(errno_error(errno, "chmod " + hidden));
  if (listen(fd.get(), kBacklog) != 0) return fail(errno_error(errno, "listen " + hidden));
  if (std::rename(hidden.c_str(), path.c_str()) != 0) return fail(errno_error(errno, "rename to " + path));
  return fd;
}

Result<Fd> connect_to(const std::string& path) {
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return fail(errno_error(errno, "socket"));
  Result<Address> address = address_of(path);
  if (!address) return fail(std::move(address.error()));
  const auto* raw = reinterpret_cast<const sockaddr*>(&address->address);
  if (connect(fd.get(), raw, sizeof(address->address)) == 0) return fd;
  if (errno == ENOENT || errno == ECONNREFUSED || errno == EAGAIN) {
    return fail(ErrorCode::kUnavailable, "nobody listens at " + path);
  }
  return fail(errno_error(errno, "connect " + path));
}

}  // namespace troupe::runtime
