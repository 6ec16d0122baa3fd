#include "runtime/mirrors.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace troupe::runtime {
namespace {

constexpr std::size_t kMostEntries = 4096;

bool exists(const std::string& path) {
  struct stat status {};
  return lstat(path.c_str(), &status) == 0 || errno != ENOENT;
}

/// The deepest folder on the way to the target, when only the way on is missing; else empty.
std::string folder_before(const std::string& target) {
  std::string folder = "/";
  for (std::size_t begin = 0, end = 0; begin < target.size(); begin = end) {
    begin = target.find_first_not_of('/', begin);
    if (begin == std::string::npos) return {};
    end = std::min(target.find('/', begin), target.size());
    const std::string next = target.substr(0, end);
    struct stat status {};
    if (stat(next.c_str(), &status) == 0) {
      if (!S_ISDIR(status.st_mode)) return {};
      folder = next;
      continue;
    }
    if (errno != ENOENT || exists(next)) return {};
    std::array<char, PATH_MAX> real{};
    return realpath(folder.c_str(), real.data()) != nullptr ? std::string(real.data()) : std::string();
  }
  return {};
}

bool list(Mirror& mirror) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir(mirror.folder.c_str()), closedir);
  if (!folder) return false;
  while (const dirent* entry = readdir(folder.get())) {
    const std::string_view name(entry->d_name);
    if (name == "." || name == "..") continue;
    if (mirror.entries.size() == kMostEntries) return false;
    mirror.entries.push_back({std::string(name), entry->d_type});
  }
  return true;
}

int new_memory() {
  const int context = fsopen("tmpfs", FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  int tree = -1;
  if (fsconfig(context, FSCONFIG_SET_STRING, "mode", "0755", 0) == 0 &&
      fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0) {
    tree = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV);
  }
  const int error = errno;
  close(context);
  errno = error;
  return tree;
}

bool copy_link(int from, int to, const char* name) {
  std::array<char, PATH_MAX> target{};
  const ssize_t size = readlinkat(from, name, target.data(), target.size() - 1);
  if (size < 0) return errno == ENOENT;
  target[static_cast<std::size_t>(size)] = '\0';
  return symlinkat(target.data(), to, name) == 0;
}

/// False with ENOENT when it is gone meanwhile, which is no failure.
bool bind(int from, int to, const char* name, bool is_folder) {
  const unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
  const int tree = open_tree(from, name, flags);
  if (tree < 0) return false;
  bool made = is_folder ? mkdirat(to, name, 0755) == 0 : mknodat(to, name, S_IFREG | 0644, 0) == 0;
  made = made && move_mount(tree, "", to, name, MOVE_MOUNT_F_EMPTY_PATH) == 0;
  const int error = errno;
  close(tree);
  errno = error;
  return made;
}

bool copy_entry(int from, int to, const Mirror::Entry& entry) {
  const char* name = entry.name.c_str();
  unsigned char type = entry.type;
  if (type == DT_UNKNOWN) {
    struct stat status {};
    if (fstatat(from, name, &status, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) != 0) return errno == ENOENT;
    type = static_cast<unsigned char>(IFTODT(status.st_mode));
  }
  if (type == DT_LNK) return copy_link(from, to, name);
  return bind(from, to, name, type == DT_DIR) || errno == ENOENT;
}

bool fill(Mirror& mirror, int original) {
  mirror.copy = new_memory();
  if (mirror.copy < 0) return false;
  if (move_mount(mirror.copy, "", original, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) != 0) return false;
  for (const Mirror::Entry& entry : mirror.entries) {
    if (!copy_entry(original, mirror.copy, entry)) return false;
  }
  // What lies over the root is not seen before it is ours.
  return mirror.folder.size() > 1 || (fchdir(mirror.copy) == 0 && chroot(".") == 0);
}

}  // namespace

std::vector<Mirror> mirrors_for(const std::vector<std::string>& targets) {
  std::vector<Mirror> out;
  for (const std::string& target : targets) {
    Mirror mirror{folder_before(target), {}};
    const bool known =
        std::any_of(out.begin(), out.end(), [&](const auto& one) { return one.folder == mirror.folder; });
    if (mirror.folder.empty() || known || access(mirror.folder.c_str(), W_OK | X_OK) == 0 || !list(mirror)) continue;
    out.push_back(std::move(mirror));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.folder.size() < b.folder.size(); });
  return out;
}

bool make_mirrors(std::vector<Mirror>& mirrors, int& at) {
  at = -1;
  for (Mirror& mirror : mirrors) {
    ++at;
    const int original = open(mirror.folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (original < 0) return false;
    const bool filled = fill(mirror, original);
    const int error = errno;
    close(original);
    errno = error;
    if (!filled) return false;
  }
  return true;
}

bool seal_mirrors(const std::vector<Mirror>& mirrors, int& at) {
  mount_attr change{};
  change.attr_set = MOUNT_ATTR_RDONLY;
  at = -1;
  for (const Mirror& mirror : mirrors) {
    ++at;
    if (mount_setattr(mirror.copy, "", AT_EMPTY_PATH, &change, sizeof(change)) != 0) return false;
  }
  return true;
}

}  // namespace troupe::runtime
