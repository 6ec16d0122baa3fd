#include "runtime/user_namespace.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "runtime/launcher.hpp"
#include "runtime/process_info.hpp"

namespace troupe::runtime {
namespace {

constexpr std::size_t kStackBytes = 32 * 1024;

/// What the child that makes the namespace shares with us; the descriptor it opens is ours too.
struct Making {
  std::string users;
  std::string groups;
  const char* step = "";
  int fd = -1;
  int error = 0;
};

bool write_to(const char* path, const char* text, std::size_t size) {
  const int fd = open(path, O_WRONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const bool written = write(fd, text, size) == static_cast<ssize_t>(size);
  const int error = errno;
  close(fd);
  errno = error;
  return written;
}

bool make(Making& making) {
  making.step = "make a user namespace";
  if (syscall(SYS_unshare, CLONE_NEWUSER) != 0) return false;
  making.step = "give up setgroups in a user namespace";  // which else could drop a group that forbids
  if (!write_to("/proc/self/setgroups", "deny", 4)) return false;
  making.step = "map our user into a user namespace";
  if (!write_to("/proc/self/uid_map", making.users.data(), making.users.size())) return false;
  making.step = "map our group into a user namespace";
  if (!write_to("/proc/self/gid_map", making.groups.data(), making.groups.size())) return false;
  making.step = "open /proc/self/ns/user";
  making.fd = open("/proc/self/ns/user", O_RDONLY | O_CLOEXEC);
  return making.fd >= 0;
}

/// On our memory and our descriptors, while we wait: system calls only.
__attribute__((no_sanitize("address", "undefined", "thread"))) int make_main(void* argument) {
  Making& making = *static_cast<Making*>(argument);
  if (!make(making)) making.error = errno;
  _exit(0);
}

std::string only(unsigned id) { return std::to_string(id) + " " + std::to_string(id) + " 1"; }

bool has_capability(unsigned number) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  return syscall(SYS_capget, &header, data) == 0 && ((data[number / 32].effective >> number % 32) & 1u) != 0;
}

ino_t inode_of(const Fd& fd) {
  struct stat status {};
  return fstat(fd.get(), &status) == 0 ? status.st_ino : 0;
}

/// Whether a child of the plan's kind gets as far as its program; empty, or why not.
std::string rehearse(Launcher& launcher, LaunchPlan plan) {
  plan.argv = {"/"};
  plan.rehearsal = true;
  const Result<Launched> launched = launcher.launch(plan);
  if (!launched) return launched.error().message;
  return reap_ending(launched->pidfd.get()).exit_code == 0 ? "" : "a child that tried it was killed";
}

}  // namespace

bool needs_user_namespace() { return geteuid() != 0 && !has_capability(CAP_SYS_ADMIN); }

Result<Fd> make_user_namespace() {
  void* stack = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack == MAP_FAILED) return fail(errno_error(errno, "map a stack"));
  Making making{only(geteuid()), only(getegid())};
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const pid_t pid = clone(make_main, static_cast<char*>(stack) + kStackBytes,
                          CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD | SIGCHLD, &making, &pidfd);
  const int clone_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  munmap(stack, kStackBytes);
  if (pid < 0) return fail(errno_error(clone_error, "clone"));
  reap_ending(Fd(pidfd).get());
  Fd made(making.fd);
  if (made) return made;
  return fail(errno_error(making.error != 0 ? making.error : ECHILD, making.step));
}

Namespaces find_namespaces() {
  Namespaces found;
  if (has_capability(CAP_SYS_ADMIN)) {
    found.mounts = found.pids = true;
    return found;
  }
  found.by_users = needs_user_namespace();
  found.obstacle = "root without CAP_SYS_ADMIN";
  if (!found.by_users) return found;
  Result<Fd> users = make_user_namespace();
  found.obstacle = users ? "" : users.error().message;
  if (!users) return found;
  Launcher launcher;
  launcher.use_user_namespace(std::move(*users));
  LaunchPlan plan;
  plan.own_mounts = plan.own_ipc = plan.read_only_root = true;
  plan.hostname = "troupe";
  found.obstacle = rehearse(launcher, plan);
  found.mounts = found.obstacle.empty();
  if (!found.mounts) return found;
  plan.own_pids = plan.own_proc = true;
  found.obstacle = rehearse(launcher, plan);
  found.pids = found.obstacle.empty();
  return found;
}

Fd foreign_user_namespace(pid_t pid) {
  constexpr int kDeepest = 32;  // that the system allows
  struct stat ours {};
  Fd users(open(("/proc/" + std::to_string(pid) + "/ns/user").c_str(), O_RDONLY | O_CLOEXEC));
  if (!users || stat("/proc/self/ns/user", &ours) != 0 || inode_of(users) == ours.st_ino) return Fd();
  for (int depth = 0; depth < kDeepest; ++depth) {
    Fd above(ioctl(users.get(), NS_GET_PARENT));
    if (!above) return Fd();
    if (inode_of(above) == ours.st_ino) return users;
    users = std::move(above);
  }
  return Fd();
}

}  // namespace troupe::runtime
