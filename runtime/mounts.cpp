#include "runtime/mounts.hpp"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string_view>

namespace troupe::runtime {
namespace {

constexpr mode_t kFolderMode = 0755;
constexpr mode_t kFileMode = 0644;
constexpr mode_t kPermissions = 07777;

int open_below(int base, const char* path, bool beneath) {
  open_how how{};
  how.flags = O_PATH | O_CLOEXEC;
  how.resolve = beneath ? RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS : 0;
  return static_cast<int>(syscall(SYS_openat2, base, path, &how, sizeof(how)));
}

/// Not through a link: a name that is taken, even by a dangling one, stays as it is.
bool make_one(int folder, const char* name, bool is_folder, mode_t mode) {
  if (is_folder) return mkdirat(folder, name, mode) == 0 || errno == EEXIST;
  const int made = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode);
  if (made >= 0) close(made);
  return made >= 0 || errno == EEXIST;
}

int make_parts(int base, const char* path, bool is_folder, mode_t mode, bool beneath) {
  std::array<char, PATH_MAX> prefix{};
  const std::size_t size = strlen(path);
  if (size >= prefix.size()) {
    errno = ENAMETOOLONG;
    return -1;
  }
  int above = base;
  for (std::size_t begin = 0, end = 0; begin < size; begin = end) {
    while (begin < size && path[begin] == '/') ++begin;
    for (end = begin; end < size && path[end] != '/'; ++end) {
    }
    if (end == begin) break;
    memcpy(prefix.data(), path, end);
    prefix[end] = '\0';
    int next = open_below(base, prefix.data(), beneath);
    if (next < 0 && errno == ENOENT && make_one(above, prefix.data() + begin, is_folder || end < size, mode)) {
      next = open_below(base, prefix.data(), beneath);
    }
    const int error = errno;
    if (above != base) close(above);
    errno = error;
    if (next < 0) return -1;
    above = next;
  }
  return above == base ? open_below(base, ".", beneath) : above;
}

std::string without_slashes(const std::string& path) {
  const std::size_t first = path.find_first_not_of('/');
  if (first == std::string::npos) return {};
  return path.substr(first, path.find_last_not_of('/') + 1 - first);
}

std::size_t depth(const std::string& path) {
  std::size_t parts = 0;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '/' && (i == 0 || path[i - 1] == '/')) ++parts;
  }
  return parts;
}

bool lies_inside(const std::string& path, const std::string& folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

bool is_folder(int fd, mode_t& mode) {
  struct stat status {};
  if (fstat(fd, &status) != 0) return false;
  mode = status.st_mode & kPermissions;
  return S_ISDIR(status.st_mode);
}

bool set_read_only(int base, const char* path, unsigned flags) {
  mount_attr change{};
  change.attr_set = MOUNT_ATTR_RDONLY;
  return mount_setattr(base, path, flags, &change, sizeof(change)) == 0;
}

/// A procfs of the caller's PID namespace, attached nowhere yet.
int new_proc() {
  const int context = fsopen("proc", FSOPEN_CLOEXEC);
  if (context < 0) return -1;
  int tree = -1;
  if (fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0) == 0) {
    tree = fsmount(context, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
  }
  const int error = errno;
  close(context);
  errno = error;
  return tree;
}

bool open_source(MountStep& step) {
  if (step.proc) {
    step.tree = new_proc();
    return step.tree >= 0;
  }
  int source = open(step.source.c_str(), O_PATH | O_CLOEXEC);
  if (source >= 0 && !step.inside.empty()) {
    const int base = source;
    mode_t mode = kFolderMode;
    (void)is_folder(base, mode);
    source = make_path(base, step.inside.c_str(), true, mode, true);
    const int error = errno;
    close(base);
    errno = error;
  }
  if (source < 0) return step.optional && errno == ENOENT;
  step.tree = open_tree(source, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
  const int error = errno;
  close(source);
  errno = error;
  return step.tree >= 0 && (!step.read_only || set_read_only(step.tree, "", AT_EMPTY_PATH));
}

/// A descriptor of the place for a mount; -1 and errno.
int make_place(const std::vector<MountStep>& steps, const MountStep& step, int root) {
  mode_t mode = 0;
  const bool folder = is_folder(step.tree, mode);
  const bool covered = step.cover >= 0;
  const int base = covered ? steps[static_cast<std::size_t>(step.cover)].tree : root;
  const int place = make_path(base, step.target.c_str(), folder, kFolderMode, covered);
  if (place < 0 || is_folder(place, mode) == folder) return place;
  close(place);
  errno = folder ? ENOTDIR : EISDIR;
  return -1;
}

bool attach(const std::vector<MountStep>& steps, const MountStep& step, int root) {
  const int place = make_place(steps, step, root);
  if (place < 0) return false;
  const int moved = move_mount(step.tree, "", place, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
  const int error = errno;
  close(place);
  errno = error;
  return moved == 0;
}

/// What lies on the root itself must be there before that becomes read-only.
bool make_first_places(std::vector<MountStep>& steps, int root, int& at) {
  at = -1;
  for (const MountStep& step : steps) {
    ++at;
    if (step.cover >= 0 || step.tree < 0) continue;
    const int place = make_place(steps, step, root);
    if (place < 0) return false;
    close(place);
  }
  return true;
}

/// What stays as it was, /proc and /dev, is opened when the root is as it shall be.
bool open_sources(std::vector<MountStep>& steps, bool kept, int& at) {
  at = -1;
  for (MountStep& step : steps) {
    ++at;
    if ((step.optional || step.proc) == kept && !open_source(step)) return false;
  }
  return true;
}

bool attach_all(const std::vector<MountStep>& steps, int root, int& at) {
  at = -1;
  for (const MountStep& step : steps) {
    ++at;
    if (step.tree >= 0 && !attach(steps, step, root)) return false;
  }
  return true;
}

bool make_all(std::vector<MountStep>& steps, std::vector<Mirror>& mirrors, bool read_only_root, MountStage& stage,
              int& at) {
  stage = MountStage::kPrivate;
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return false;
  stage = MountStage::kSource;
  if (!open_sources(steps, false, at)) return false;
  stage = MountStage::kMirror;
  if (!make_mirrors(mirrors, at)) return false;
  stage = MountStage::kPrivate;
  const int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (root < 0) return false;
  stage = MountStage::kTarget;
  if (!make_first_places(steps, root, at)) return false;
  stage = MountStage::kMirror;
  if (!seal_mirrors(mirrors, at)) return false;
  stage = MountStage::kSource;
  if (!open_sources(steps, true, at)) return false;
  stage = MountStage::kReadOnlyRoot;
  if (read_only_root && !set_read_only(AT_FDCWD, "/", AT_RECURSIVE)) return false;
  stage = MountStage::kTarget;
  return attach_all(steps, root, at);
}

}  // namespace

int make_path(int base, const char* path, bool is_folder, mode_t mode, bool beneath) {
  const int found = open_below(base, path, beneath);
  if (found >= 0 || errno != ENOENT) return found;
  return make_parts(base, path, is_folder, mode, beneath);
}

bool mounts_folder(const MountStep& step) {
  struct stat status {};
  if (step.inside.empty()) return stat(step.source.c_str(), &status) != 0 || S_ISDIR(status.st_mode);
  const int base = open(step.source.c_str(), O_PATH | O_CLOEXEC);
  if (base < 0) return true;
  const int inside = open_below(base, step.inside.c_str(), true);
  close(base);
  if (inside < 0) return true;
  mode_t mode = 0;
  const bool folder = is_folder(inside, mode);
  close(inside);
  return folder;
}

std::vector<MountStep> mount_steps(const std::vector<Mount>& mounts, bool read_only_root, bool own_proc) {
  std::vector<MountStep> out;
  out.reserve(mounts.size() + 2);
  std::vector<const Mount*> sorted;
  sorted.reserve(mounts.size());
  for (const Mount& mount : mounts) sorted.push_back(&mount);
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const Mount* a, const Mount* b) { return depth(a->target) < depth(b->target); });
  for (const char* kept : {"/proc", "/dev"}) {
    const bool proc = own_proc && std::string_view(kept) == "/proc";
    if (proc || read_only_root) out.push_back({kept, "", kept + 1, kept, -1, false, !proc, proc});
  }
  for (const Mount* mount : sorted) {
    MountStep step{mount->source, mount->inside, without_slashes(mount->target), mount->target, -1, mount->read_only};
    for (std::size_t i = 0; i < out.size(); ++i) {
      const std::string above = without_slashes(out[i].place);
      if (out[i].optional || !lies_inside(without_slashes(mount->target), above)) continue;
      step.cover = static_cast<int>(i);
      step.target = without_slashes(mount->target).substr(above.size() + 1);
    }
    out.push_back(std::move(step));
  }
  return out;
}

std::vector<Mirror> mirrors_for(const std::vector<MountStep>& steps) {
  std::vector<std::string> targets;
  targets.reserve(steps.size());
  for (const MountStep& step : steps) {
    if (step.cover < 0 && !step.optional && !step.proc) targets.push_back(step.place);
  }
  return mirrors_for(targets);
}

bool make_mounts(std::vector<MountStep>& steps, std::vector<Mirror>& mirrors, bool read_only_root, MountStage& stage,
                 int& step) {
  const mode_t before = umask(0);
  const bool made = make_all(steps, mirrors, read_only_root, stage, step);
  umask(before);
  return made;
}

}  // namespace troupe::runtime
