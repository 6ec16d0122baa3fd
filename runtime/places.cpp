#include "runtime/places.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "runtime/keeper_files.hpp"
#include "runtime/process_info.hpp"
#include "runtime/say.hpp"

namespace troupe::runtime {
namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;
constexpr int kTries = 4;

std::string above(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

/// The folder without a link in it; nothing when it is none.
std::optional<std::string> real(const std::string& folder) {
  std::array<char, PATH_MAX> text{};
  if (realpath(folder.c_str(), text.data()) == nullptr) return std::nullopt;
  return std::string(text.data());
}

/// What is missing of the target, the uppermost first, as paths without a link in them; nothing when it cannot be made.
std::optional<std::vector<std::string>> missing_of(const std::string& target) {
  std::vector<std::string> out;
  std::string known = "/";
  for (std::size_t begin = 0, end = 0; (begin = target.find_first_not_of('/', end)) != std::string::npos;) {
    end = std::min(target.find('/', begin), target.size());
    if (!out.empty()) {
      out.push_back(out.back() + "/" + target.substr(begin, end - begin));
      continue;
    }
    const std::string next = target.substr(0, end);
    struct stat status {};
    if (stat(next.c_str(), &status) == 0) {
      known = next;
      continue;
    }
    if (errno != ENOENT || lstat(next.c_str(), &status) == 0) return std::nullopt;
    const auto folder = real(known);
    if (!folder) return std::nullopt;
    out.push_back((*folder == "/" ? "" : *folder) + "/" + target.substr(begin, end - begin));
  }
  return out;
}

bool is_empty_folder(int fd) {
  const int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return false;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(fdopendir(copy), closedir);
  if (!folder) return false;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name(entry->d_name);
    if (name != "." && name != "..") return false;
  }
  return true;
}

/// Nothing is in it, so that it could be removed: an empty folder, an empty file.
bool is_bare(int fd, const struct stat& status) {
  return S_ISDIR(status.st_mode) ? is_empty_folder(fd) : S_ISREG(status.st_mode) && status.st_size == 0;
}

/// With the modes as they are named.
class WithoutMask {
 public:
  WithoutMask() : before_(umask(0)) {}
  ~WithoutMask() { umask(before_); }
  WithoutMask(const WithoutMask&) = delete;
  WithoutMask& operator=(const WithoutMask&) = delete;

 private:
  mode_t before_;
};

bool make_one(const std::string& path, bool folder) {
  if (folder) return mkdir(path.c_str(), kFolderMode) == 0;
  const Fd made(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  return static_cast<bool>(made);
}

}  // namespace

Place::~Place() {
  if (places_.made_.contains(path_)) places_.freed_.insert(path_);
}

void Places::adopt() {
  const std::string text = read_file(record_).value_or("");
  for (std::size_t begin = 0, end = 0; begin < text.size(); begin = end + 1) {
    end = std::min(text.find('\0', begin), text.size());
    if (text[begin] == '/') made_.insert(text.substr(begin, end - begin));
  }
}

std::shared_ptr<Place> Places::make(const std::string& target, bool folder) {
  for (int tries = 0; tries < kTries; ++tries) {
    if (const auto found = held_.find(target); found != held_.end()) {
      if (auto place = found->second.lock()) return place;
    }
    std::shared_ptr<Place> place;
    if (!make_missing(target, folder) || hold(target, place)) return place;
  }
  return nullptr;
}

std::shared_ptr<Place> Places::find(const std::string& target) {
  if (const auto found = held_.find(target); found != held_.end()) {
    if (auto place = found->second.lock()) return place;
  }
  std::shared_ptr<Place> place;
  (void)hold(target, place);
  return place;
}

bool Places::make_missing(const std::string& target, bool folder) {
  const auto missing = missing_of(target);
  if (!missing) return false;
  if (missing->empty()) return true;
  made_.insert(missing->begin(), missing->end());
  write();
  const WithoutMask modes;
  for (std::size_t i = 0; i < missing->size(); ++i) {
    if (make_one((*missing)[i], folder || i + 1 < missing->size())) continue;
    const bool others = errno == EEXIST;  // somebody else was quicker: it is his
    for (std::size_t rest = i; rest < (others ? i + 1 : missing->size()); ++rest) made_.erase((*missing)[rest]);
    write();
    if (!others) return false;
  }
  return true;
}

bool Places::hold(const std::string& target, std::shared_ptr<Place>& place) {
  struct stat status {};
  struct stat now {};
  // Nothing is opened but folders and files: to open a device may do something.
  if (stat(target.c_str(), &status) != 0) return errno != ENOENT;
  if (!S_ISDIR(status.st_mode) && !S_ISREG(status.st_mode)) return true;
  Fd lock(open(target.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!lock) return errno != ENOENT;
  if (fstat(lock.get(), &status) != 0 || !is_bare(lock.get(), status)) return true;
  if (flock(lock.get(), LOCK_SH | LOCK_NB) != 0) return errno != EWOULDBLOCK;
  auto path = real(target);
  if (!path || stat(target.c_str(), &now) != 0) return false;
  if (now.st_ino != status.st_ino || now.st_dev != status.st_dev) return false;
  place = std::make_shared<Place>(*this, std::move(*path), std::move(lock));
  held_[target] = place;
  return true;
}

void Places::remove_freed() {
  if (freed_.empty()) return;
  std::erase_if(held_, [](const auto& entry) { return entry.second.expired(); });
  const std::size_t before = made_.size();
  for (std::string path : std::exchange(freed_, {})) {
    for (; made_.contains(path) && remove(path); path = above(path)) made_.erase(path);
  }
  if (made_.size() != before) write();
}

void Places::remove_all() {
  freed_.clear();
  const std::size_t before = made_.size();
  const std::vector<std::string> all(made_.rbegin(), made_.rend());  // what lies in a folder comes before it
  for (const std::string& path : all) {
    if (remove(path)) made_.erase(path);
  }
  if (made_.size() != before) write();
}

bool Places::remove(const std::string& path) {
  struct stat status {};
  const Fd lock(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
  if (!lock) return errno == ENOENT || errno == ELOOP || errno == ENOTDIR;
  if (fstat(lock.get(), &status) != 0 || !is_bare(lock.get(), status)) return false;
  if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) return false;
  const int removed = S_ISDIR(status.st_mode) ? rmdir(path.c_str()) : unlink(path.c_str());
  return removed == 0 || errno == ENOENT;
}

/// Complete when it is there: a crash must not lose what others need to clean up.
void Places::write() const {
  if (made_.empty()) {
    unlink(record_.c_str());
    return;
  }
  std::string text;
  for (const std::string& path : made_) text.append(path).push_back('\0');
  const std::string draft = record_ + ".new";
  const Status written = write_file(draft, text);
  if (written && rename(draft.c_str(), record_.c_str()) == 0) return;
  say("cannot keep in mind which places for mounts were made: " +
      (written ? errno_error(errno, "rename " + draft).message : written.error().message));
}

}  // namespace troupe::runtime
