#include "runtime/launcher.hpp"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "runtime/mounts.hpp"
#include "runtime/process_info.hpp"

namespace troupe::runtime {
namespace {

constexpr std::size_t kStackBytes = 64 * 1024;
constexpr std::size_t kMiddleStackBytes = 16 * 1024;
constexpr std::string_view kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

enum class Step : int {
  kNone,
  kClone,
  kDescriptors,
  kSession,
  kLimits,
  kNiceness,
  kRecord,
  kControlGroup,
  kNamespaces,
  kHostname,
  kMounts,
  kCapabilities,
  kGroups,
  kGroup,
  kUser,
  kDirectory,
  kStdio,
  kFilter,
  kExec
};

/// What parent and child share; the child only reads pointers prepared here and writes what comes after them.
struct Shared {
  const LaunchPlan* plan;
  char* const* argv;
  char* const* environment;
  char* const* candidates;  // paths to try in order, null at the end
  const int* slots;         // where the plan's descriptors are: stdin, stdout, stderr, record, join
  unsigned first_foreign;   // descriptors from here on are not the child's
  int niceness;             // the child's, when it is not its parent's
  bool set_niceness;
  Step step;
  int error;
  int detail;    // which resource limit, which mount
  bool joining;  // namespaces of another process
  MountStage stage;
  std::vector<MountStep>* mounts;
  std::vector<Mirror>* mirrors;
  const sock_fprog* filter;  // null: none
  int users;                 // a user namespace to enter; -1: none
  char* stack;               // the child's, from its end
  bool entered;              // by the process between us and the child
  pid_t pid;                 // of the child of that one
  int pidfd;
  char stat[1024];
};

constexpr int kRecordSlot = 3;
constexpr int kJoinSlot = 4;

/// A table of our own that holds the slots and what is below them: copying the caller's thousands would cost more than
/// the exec.
bool leave_descriptors(const Shared& shared) {
  return syscall(SYS_close_range, shared.first_foreign, ~0u, 2u /* CLOSE_RANGE_UNSHARE */) == 0;
}

/// Who is not root after its identity was set, or gave its capabilities up, may set a filter all the same while it
/// holds CAP_SYS_ADMIN; with no_new_privs anybody may.
bool filters_as_admin(const Shared& shared) { return shared.filter != nullptr && !shared.plan->no_new_privileges; }

// glibc's wrappers of these would signal the parent's other threads, whose list lies in the memory we share.
bool set_identity(const Shared& shared, Step& step) {
  const LaunchPlan& plan = *shared.plan;
  if (!plan.user && !plan.group && plan.groups.empty()) return true;
  step = Step::kUser;  // exec takes back what it does
  if (filters_as_admin(shared) && plan.user && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0) return false;
  step = Step::kGroups;
  if (syscall(SYS_setgroups, plan.groups.size(), plan.groups.data()) != 0) return false;
  if (plan.group) {
    step = Step::kGroup;
    if (syscall(SYS_setresgid, *plan.group, *plan.group, *plan.group) != 0) return false;
  }
  if (plan.user) {
    step = Step::kUser;
    if (syscall(SYS_setresuid, *plan.user, *plan.user, *plan.user) != 0) return false;
  }
  return true;
}

bool enter_groups(Shared& shared) {
  shared.detail = -1;
  for (const std::string& file : shared.plan->entrances) {
    ++shared.detail;
    const int fd = open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, "0", 1) != 1) return false;
    close(fd);
  }
  return true;
}

/// From the bounding set: an exec gives no more than what is in it. Without privileges that is not for us to change:
/// then no program of another user's may give more either.
bool drop_capabilities(const LaunchPlan& plan) {
  constexpr int kMost = 64;
  if (!plan.capabilities) return true;
  for (int number = 0; number < kMost; ++number) {
    if (((*plan.capabilities >> number) & 1u) != 0 || prctl(PR_CAPBSET_DROP, number, 0, 0, 0) == 0) continue;
    if (errno == EINVAL) return true;  // above the last that the system knows
    return syscall(SYS_geteuid) != 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  }
  return true;
}

/// From the process itself: what is inheritable comes back with an exec by root, and what is ambient with any. Those in
/// a user namespace were for its mounts. CAP_SYS_ADMIN stays for the filter where it is needed, until exec: that gives
/// no one what is neither inheritable nor, for root, in the bounding set.
bool keep_capabilities(const Shared& shared) {
  const LaunchPlan& plan = *shared.plan;
  const bool as_admin = filters_as_admin(shared) && (shared.users >= 0 || plan.user || plan.capabilities);
  if (!plan.capabilities && shared.users < 0 && !as_admin) return true;
  const std::uint64_t wanted = shared.users >= 0 ? 0 : plan.capabilities.value_or(~std::uint64_t{0});
  const std::uint64_t until_exec = as_admin ? std::uint64_t{1} << CAP_SYS_ADMIN : 0;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};
  if (syscall(SYS_capget, &header, data) != 0) return false;
  for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; ++i) {
    const auto kept = static_cast<std::uint32_t>(wanted >> (32 * i));
    const auto admin = static_cast<std::uint32_t>(until_exec >> (32 * i));
    data[i].permitted &= kept | admin;
    data[i].effective = (data[i].effective & kept) | (data[i].permitted & admin);
    data[i].inheritable &= kept;  // the ambient ones follow
  }
  return syscall(SYS_capset, &header, data) == 0;
}

bool enter_users(Shared& shared) {
  if (shared.users < 0 || shared.entered) return true;
  shared.entered = syscall(SYS_setns, shared.users, CLONE_NEWUSER) == 0;
  return shared.entered;
}

bool enter_namespaces(Shared& shared) {
  const LaunchPlan& plan = *shared.plan;
  shared.joining = plan.join_fd >= 0;
  if (shared.joining && syscall(SYS_setns, shared.slots[kJoinSlot], plan.join_namespaces) != 0) return false;
  shared.joining = false;
  const int own = (plan.own_mounts ? CLONE_NEWNS : 0) | (plan.hostname.empty() ? 0 : CLONE_NEWUTS) |
                  (plan.own_ipc ? CLONE_NEWIPC : 0);
  if (own != 0 && syscall(SYS_unshare, own) != 0) return false;
  shared.step = Step::kHostname;
  return plan.hostname.empty() || syscall(SYS_sethostname, plan.hostname.data(), plan.hostname.size()) == 0;
}

bool set_mounts(Shared& shared) {
  return !shared.plan->own_mounts ||
         make_mounts(*shared.mounts, *shared.mirrors, shared.plan->read_only_root, shared.stage, shared.detail);
}

bool write_record(Shared& shared) {
  const int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  if (fd < 0) return false;
  const ssize_t size = read(fd, shared.stat, sizeof(shared.stat) - 1);
  close(fd);
  if (size <= 0) return false;
  shared.stat[size] = '\0';
  return shared.plan->record_fd < 0 ||
         write(shared.slots[kRecordSlot], shared.stat, static_cast<std::size_t>(size)) == size;
}

bool set_limits(Shared& shared) {
  const LaunchPlan& plan = *shared.plan;
  for (const ResourceLimit& limit : plan.limits) {
    shared.detail = limit.resource;
    const rlimit64 value{limit.soft, limit.hard};
    if (syscall(SYS_prlimit64, 0, limit.resource, &value, nullptr) != 0) return false;
  }
  return true;
}

/// A signal that is ignored stays ignored through exec; a handler of ours must not run on the shared memory.
void reset_signals(const LaunchPlan& plan) {
  struct sigaction plain {};
  plain.sa_handler = SIG_DFL;
  for (int number = 1; number < NSIG; ++number) sigaction(number, &plain, nullptr);
  plain.sa_handler = SIG_IGN;
  if (plan.ignore_children) sigaction(SIGCHLD, &plain, nullptr);
}

/// From here on the child may be refused any call, those that tell of it included.
bool set_filter(const Shared& shared) {
  return shared.filter == nullptr ||
         syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, shared.plan->filter.flags, shared.filter) == 0;
}

/// Tries each candidate as a shell does: goes on over what is missing, remembers what was refused.
void execute(Shared& shared) {
  int error = ENOENT;
  for (char* const* path = shared.candidates; *path != nullptr; ++path) {
    execve(*path, shared.argv, shared.environment);
    if (errno == EACCES) {
      error = EACCES;
    } else if (errno != ENOENT && errno != ENOTDIR) {
      error = errno;
      break;
    } else if (shared.candidates[1] == nullptr) {
      error = errno;
    }
  }
  errno = error;
}

bool prepare(Shared& shared) {
  const LaunchPlan& plan = *shared.plan;
  shared.step = Step::kNamespaces;
  if (!enter_users(shared)) return false;
  shared.step = Step::kDescriptors;
  if (!leave_descriptors(shared)) return false;
  shared.step = Step::kSession;
  if (setsid() < 0) return false;
  if (plan.terminal && ioctl(shared.slots[0], TIOCSCTTY, 0) != 0) return false;
  reset_signals(plan);
  shared.step = Step::kRecord;
  if (!write_record(shared)) return false;
  shared.step = Step::kControlGroup;
  if (!enter_groups(shared)) return false;
  shared.step = Step::kNamespaces;
  if (!enter_namespaces(shared)) return false;
  shared.step = Step::kMounts;
  if (!set_mounts(shared)) return false;
  shared.step = Step::kLimits;  // which might be too narrow for what came before
  if (!set_limits(shared)) return false;
  // Late: until then the child has the priority of its parent, which waits for it.
  shared.step = Step::kNiceness;
  if (shared.set_niceness && setpriority(PRIO_PROCESS, 0, shared.niceness) != 0) return false;
  shared.step = Step::kCapabilities;
  if (!drop_capabilities(plan)) return false;
  if (!set_identity(shared, shared.step)) return false;
  shared.step = Step::kCapabilities;
  if (!keep_capabilities(shared)) return false;
  if (plan.no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return false;
  shared.step = Step::kDirectory;
  if (!plan.working_directory.empty() && chdir(plan.working_directory.c_str()) != 0) return false;
  shared.step = Step::kStdio;
  const int streams[] = {plan.stdin_fd, plan.stdout_fd, plan.stderr_fd};
  for (int i = 0; i < 3; ++i) {
    if (streams[i] >= 0 && dup2(shared.slots[i], i) < 0) return false;
  }
  syscall(SYS_close_range, 3u, ~0u, 4u /* CLOSE_RANGE_CLOEXEC */);
  return true;
}

/// Runs in the child on the parent's memory: system calls only, no allocation, no return into the parent's frames.
__attribute__((no_sanitize("address", "undefined", "thread"))) int child_main(void* argument) {
  Shared& shared = *static_cast<Shared*>(argument);
  if (prepare(shared)) {
    if (shared.plan->rehearsal) _exit(0);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, nullptr);
    shared.step = Step::kFilter;
    if (set_filter(shared)) {
      shared.step = Step::kExec;
      execute(shared);
    }
  }
  shared.error = errno;
  _exit(127);
}

constexpr int kChildFlags = CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_PIDFD | SIGCHLD;

/// Whoever is in the user namespace may make PID namespaces and join them, but is not in them: his children are. So
/// this one, on our memory too, starts the child, as ours.
__attribute__((no_sanitize("address", "undefined", "thread"))) int middle_main(void* argument) {
  Shared& shared = *static_cast<Shared*>(argument);
  const LaunchPlan& plan = *shared.plan;
  shared.step = Step::kNamespaces;
  const bool ready = enter_users(shared) && (plan.own_pids ? syscall(SYS_unshare, CLONE_NEWPID) == 0
                                                           : syscall(SYS_setns, plan.pids_fd, CLONE_NEWPID) == 0);
  if (ready) {
    shared.step = Step::kClone;
    shared.pid =
        clone(child_main, shared.stack - kMiddleStackBytes, kChildFlags | CLONE_PARENT, &shared, &shared.pidfd);
  }
  if (shared.pid <= 0) shared.error = errno;
  _exit(0);
}

/// The child's pid, or -1 and errno; nothing of one in between is left.
pid_t start_child(Shared& shared, bool by_another, int& pidfd) {
  if (!by_another) {
    const int own_pids = shared.plan->own_pids && shared.users < 0 ? CLONE_NEWPID : 0;
    return clone(child_main, shared.stack, kChildFlags | own_pids, &shared, &pidfd);
  }
  int middle = -1;
  if (clone(middle_main, shared.stack, kChildFlags, &shared, &middle) < 0) return -1;
  const ExitStatus ended = reap_ending(middle);
  close(middle);
  if (shared.pid > 0 && ended.exit_code != 0) {  // killed: what it started must not go on alone on our memory
    syscall(SYS_pidfd_send_signal, shared.pidfd, SIGKILL, nullptr, 0);
    shared.error = EINTR;
  }
  pidfd = shared.pidfd;
  errno = shared.error != 0 ? shared.error : EINTR;
  return shared.pid > 0 ? shared.pid : -1;
}

bool asks_for_namespaces(const LaunchPlan& plan) {
  return plan.own_mounts || !plan.hostname.empty() || plan.own_ipc || plan.own_pids || plan.pids_fd >= 0 ||
         (plan.join_fd >= 0 && plan.join_namespaces != 0) || (!plan.filter.empty() && !plan.no_new_privileges);
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> candidates_of(const LaunchPlan& plan) {
  const std::string& program = plan.program.empty() ? plan.argv.front() : plan.program;
  if (program.find('/') != std::string::npos) return {program};
  std::string_view path = kDefaultPath;
  for (const std::string& variable : plan.environment) {
    if (variable.starts_with("PATH=")) path = std::string_view(variable).substr(5);
  }
  std::vector<std::string> result;
  while (!path.empty()) {
    const std::size_t colon = path.find(':');
    const std::string_view folder = path.substr(0, colon);
    if (!folder.empty()) result.push_back(std::string(folder) + "/" + program);
    path = colon == std::string_view::npos ? std::string_view() : path.substr(colon + 1);
  }
  return result;
}

ErrorCode code_of(int error) {
  switch (error) {
    case E2BIG:
      return ErrorCode::kTooLarge;
    case ENOEXEC:
    case ENOTDIR:
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case EINVAL:
      return ErrorCode::kInvalidArgument;
    case ENOMEM:
      return ErrorCode::kBusy;
    case EXDEV:
      return ErrorCode::kPermission;
    default:
      return errno_error(error, "").code;
  }
}

constexpr const char* kPidsEnding = "join the PID namespace: its first process is ending";

std::string describe_mount(const Shared& shared) {
  if (shared.stage == MountStage::kPrivate) return "keep mounts to itself";
  if (shared.stage == MountStage::kMirror) {
    return "make places for mounts in \"" + (*shared.mirrors)[static_cast<std::size_t>(shared.detail)].folder + "\"";
  }
  if (shared.stage == MountStage::kReadOnlyRoot) return "make the root file system read-only";
  const MountStep& step = (*shared.mounts)[static_cast<std::size_t>(shared.detail)];
  std::string text = "mount \"" + step.source + "\" at \"" + step.place + "\"";
  if (shared.error != EXDEV) return text;
  if (shared.stage == MountStage::kTarget) return text + ": a link leads out of the volume";
  return text + ": subPath \"" + step.inside + "\" leaves the volume";
}

/// A process whose namespaces the child was to join.
Ending ending_of(const Shared& shared) {
  if (shared.step != Step::kNamespaces || shared.error != ESRCH) return Ending::kNobody;
  if (shared.joining) return Ending::kJoined;
  return shared.plan->pids_fd >= 0 ? Ending::kPids : Ending::kNobody;
}

std::string describe(const Shared& shared) {
  const LaunchPlan& plan = *shared.plan;
  switch (shared.step) {
    case Step::kLimits:
      return "set resource limit " + std::to_string(shared.detail);
    case Step::kNiceness:
      return "set niceness " + std::to_string(shared.niceness);
    case Step::kRecord:
      return "record the process";
    case Step::kDescriptors:
      return "leave the keeper's descriptors";
    case Step::kMounts:
      return describe_mount(shared);
    case Step::kClone:
      return "clone";
    case Step::kNamespaces:
      if (ending_of(shared) == Ending::kJoined) return "join the container's namespaces: it is ending";
      if (ending_of(shared) == Ending::kPids) return kPidsEnding;
      return plan.join_fd >= 0 ? "join the container's namespaces" : "make namespaces";
    case Step::kHostname:
      return "set the host name \"" + plan.hostname + "\"";
    case Step::kControlGroup:
      return "enter the control group " + plan.entrances[static_cast<std::size_t>(shared.detail)];
    case Step::kCapabilities:
      return "give up capabilities";
    case Step::kGroups:
      return "set supplementary groups";
    case Step::kGroup:
      return "set group " + std::to_string(plan.group.value_or(0));
    case Step::kUser:
      return "set user " + std::to_string(plan.user.value_or(0));
    case Step::kDirectory:
      return "chdir to \"" + plan.working_directory + "\"";
    case Step::kStdio:
      return "connect standard streams";
    case Step::kFilter:
      return "set the filter of system calls";
    case Step::kExec:
      return "exec \"" + plan.argv.front() + "\"";
    case Step::kNone:
    case Step::kSession:
      break;
  }
  return "start a session";
}

Error start_error(const Shared& shared) {
  const LaunchPlan& plan = *shared.plan;
  std::string text = describe(shared);
  if (ending_of(shared) != Ending::kNobody) return Error(ErrorCode::kBusy, std::move(text));
  if (shared.step == Step::kExec) {
    struct stat status {};
    if (shared.error == ENOENT && plan.argv.front().find('/') == std::string::npos) {
      return Error(ErrorCode::kNotFound, text + ": executable file not found in $PATH");
    }
    // Asked from the child's working directory only when the path is absolute: else we would look elsewhere.
    const bool directory = shared.error == EACCES && plan.argv.front().starts_with('/') &&
                           stat(plan.argv.front().c_str(), &status) == 0 && S_ISDIR(status.st_mode);
    if (directory) text += ": is a directory";
  }
  return Error(code_of(shared.error), errno_error(shared.error, text).message);
}

/// With all signals blocked.
Result<Launched> start(Shared& shared) {
  const bool by_another = shared.users >= 0 && (shared.plan->own_pids || shared.plan->pids_fd >= 0);
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int pidfd = -1;
  const pid_t pid = start_child(shared, by_another, pidfd);
  const int clone_error = errno;
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (pid < 0) return fail(shared.error != 0 ? start_error(shared) : errno_error(clone_error, "clone"));
  Launched launched{pid, Fd(pidfd), 0};
  if (shared.error != 0) {
    siginfo_t info{};
    waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(pidfd), &info, WEXITED);
    return fail(start_error(shared));
  }
  launched.start_ticks = parse_stat(shared.stat).start_ticks;
  return launched;
}

}  // namespace

Launcher::Launcher() : niceness_(getpriority(PRIO_PROCESS, 0)) {
  take_slots();
  stack_ = mmap(nullptr, kStackBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (stack_ == MAP_FAILED) stack_ = nullptr;
}

Launcher::~Launcher() {
  if (null_ >= 0) close(null_);
  if (pids_ >= 0) close(pids_);
  for (const int slot : slots_) {
    if (slot >= 0) close(slot);
  }
  if (stack_ != nullptr) munmap(stack_, kStackBytes);
}

/// Takes the lowest free descriptors, which is why a launcher should be made early.
bool Launcher::take_slots() {
  if (null_ < 0) null_ = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int& slot : slots_) {
    if (slot < 0) slot = fcntl(null_, F_DUPFD_CLOEXEC, 3);
    if (slot < 0) return false;
  }
  return true;
}

/// What a child was given must not stay open here: its streams would never end.
void Launcher::release_slots() {
  for (const int slot : slots_) dup3(null_, slot, O_CLOEXEC);
}

/// Children of ours start in it until we enter our own again; a negative one: our own.
Status Launcher::enter_pids(int pidfd, Ending& ending) {
  if (pids_ < 0 && pidfd >= 0) pids_ = open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC);
  if (pids_ < 0) return fail(errno_error(errno, "open /proc/self/ns/pid"));
  if (syscall(SYS_setns, pidfd >= 0 ? pidfd : pids_, CLONE_NEWPID) == 0) return {};
  if (errno == ESRCH) {
    ending = Ending::kPids;
    return fail(ErrorCode::kBusy, kPidsEnding);
  }
  return fail(errno_error(errno, "join the PID namespace"));
}

Result<Launched> Launcher::launch(const LaunchPlan& plan) {
  Ending ending = Ending::kNobody;
  return launch(plan, ending);
}

Result<Launched> Launcher::launch(const LaunchPlan& plan, Ending& ending) {
  ending = Ending::kNobody;
  if (!take_slots()) return fail(errno_error(errno, "open /dev/null for a launch"));
  const int wanted[kLaunchSlots] = {plan.stdin_fd, plan.stdout_fd, plan.stderr_fd, plan.record_fd, plan.join_fd};
  for (int i = 0; i < kLaunchSlots; ++i) {
    if (wanted[i] >= 0 && dup3(wanted[i], slots_[i], O_CLOEXEC) < 0) return fail(errno_error(errno, "dup3"));
  }
  if (stack_ == nullptr) return fail(ErrorCode::kBusy, "no memory for the launcher's stack");
  if (plan.argv.empty() || plan.argv.front().empty()) return fail(ErrorCode::kInvalidArgument, "no command to run");
  const std::vector<std::string> paths = candidates_of(plan);
  const std::vector<char*> path_pointers = pointers(paths);
  const std::vector<char*> argv = pointers(plan.argv);
  const std::vector<char*> environment = pointers(plan.environment);
  std::vector<MountStep> mounts = mount_steps(plan.mounts, plan.read_only_root, plan.own_proc);
  if (plan.filter.program.size() > BPF_MAXINSNS) return fail(ErrorCode::kInvalidArgument, "the filter is too long");
  std::vector<sock_filter> filter(plan.filter.program.size());
  if (!filter.empty()) std::memcpy(filter.data(), plan.filter.program.data(), filter.size() * sizeof(sock_filter));
  const sock_fprog filter_program{static_cast<unsigned short>(filter.size()), filter.data()};
  Shared shared{};
  shared.plan = &plan;
  shared.filter = filter.empty() ? nullptr : &filter_program;
  shared.mounts = &mounts;
  shared.argv = argv.data();
  shared.environment = environment.data();
  shared.candidates = path_pointers.data();
  shared.slots = slots_;
  shared.niceness = plan.niceness != 0 ? plan.niceness : niceness_;
  shared.set_niceness = getpriority(PRIO_PROCESS, 0) != shared.niceness;
  shared.first_foreign = static_cast<unsigned>(*std::max_element(slots_, slots_ + kLaunchSlots)) + 1;

  shared.users = asks_for_namespaces(plan) ? users_.get() : -1;
  shared.stack = static_cast<char*>(stack_) + kStackBytes;
  std::vector<Mirror> mirrors;
  if (shared.users >= 0) mirrors = mirrors_for(mounts);  // others may write wherever they want
  shared.mirrors = &mirrors;
  const bool leaves = plan.pids_fd >= 0 && shared.users < 0;
  if (leaves) {
    if (Status entered = enter_pids(plan.pids_fd, ending); !entered) {
      release_slots();
      return fail(std::move(entered.error()));
    }
  }
  Result<Launched> launched = start(shared);
  Ending home = Ending::kNobody;
  if (leaves) (void)enter_pids(-1, home);  // the way home is never refused to who could leave
  if (!launched) ending = ending_of(shared);
  release_slots();
  return launched;
}

}  // namespace troupe::runtime
