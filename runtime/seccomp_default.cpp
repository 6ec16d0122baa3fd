#include <linux/sched.h>

#include <cerrno>
#include <utility>

#include "runtime/capabilities.hpp"
#include "runtime/seccomp.hpp"

namespace troupe::runtime {
namespace {

/// The last call of Linux 5.17; what came later is not judged here.
constexpr unsigned kNewestCall = 450;
constexpr std::uint32_t kVsock = 40;  // AF_VSOCK: speaks to the hypervisor, past every network policy

constexpr std::uint64_t bit(std::string_view capability) { return capability_bit(capability).value(); }

/// Calls for those who have one of the capabilities.
struct Guarded {
  std::uint64_t capabilities;
  std::vector<std::string> names;
};

std::vector<Guarded> guarded_calls() {
  const std::uint64_t admin = bit("SYS_ADMIN");
  return {
      // What the node is made of: mounts, swap, quotas, its name.
      {admin,
       {"mount",       "umount",      "umount2",       "pivot_root",    "fsopen",        "fsconfig",      "fsmount",
        "fspick",      "move_mount",  "open_tree",     "mount_setattr", "swapon",        "swapoff",       "quotactl",
        "quotactl_fd", "sethostname", "setdomainname", "setns",         "fanotify_init", "lookup_dcookie"}},
      // Keys belong to users, not to namespaces; io_uring makes calls that no filter sees.
      {admin, {"add_key", "keyctl", "request_key", "io_uring_setup", "io_uring_enter", "io_uring_register"}},
      // What the kernel does: its code, its tracing.
      {admin | bit("BPF"), {"bpf"}},
      {admin | bit("PERFMON"), {"perf_event_open"}},
      {admin | bit("SYSLOG"), {"syslog"}},
      {bit("SYS_MODULE"),
       {"init_module", "finit_module", "delete_module", "create_module", "query_module", "get_kernel_syms"}},
      {bit("SYS_BOOT"), {"reboot", "kexec_load", "kexec_file_load"}},
      {bit("SYS_RAWIO"), {"iopl", "ioperm"}},
      {bit("SYS_PACCT"), {"acct"}},
      {bit("SYS_TTY_CONFIG"), {"vhangup"}},
      {bit("SYS_CHROOT"), {"chroot"}},
      {bit("SYS_TIME"), {"settimeofday", "stime", "clock_settime", "clock_settime64"}},
      // Files by number, whatever is mounted over them.
      {bit("DAC_READ_SEARCH"), {"open_by_handle_at"}},
      // Other processes' descriptors; a page fault that waits for a program holds the kernel up. Debuggers of a
      // container's own processes work: since Linux 4.8 ptrace leads around no filter.
      {bit("SYS_PTRACE"), {"process_madvise", "pidfd_getfd", "kcmp", "userfaultfd"}},
      // Where memory lies, others' too.
      {bit("SYS_NICE"),
       {"move_pages", "migrate_pages", "mbind", "set_mempolicy", "set_mempolicy_home_node", "get_mempolicy"}},
      // For nobody: what is of the past and ill kept.
      {0, {"_sysctl", "nfsservctl", "sysfs", "uselib", "ustat", "vm86", "vm86old"}},
  };
}

}  // namespace

CallProfile default_profile(std::uint64_t capabilities) {
  constexpr CallVerdict kRefused{CallAction::kErrno, EPERM};
  CallProfile profile;
  profile.newest_call = kNewestCall;
  for (Guarded& each : guarded_calls()) {
    if ((capabilities & each.capabilities) == 0) profile.rules.push_back({std::move(each.names), kRefused});
  }
  // Not as a rule: libseccomp would have it refuse all sockets of old binaries, which ask for them by socketcall.
  profile.guards.push_back({"socket", 0, 0, {kVsock}});
  // Linux, BSD's and System V's ways, and the question which it is; others weaken what protects memory.
  profile.guards.push_back({"personality", 0, 0, {}, {0, 0x8, 0x20000, 0x20008, 0xffffffff}});
  if ((capabilities & bit("SYS_ADMIN")) == 0) {
    constexpr std::uint64_t kNamespaces =
        CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    profile.guards.push_back({"clone", 0, static_cast<std::uint32_t>(kNamespaces)});
    profile.guards.push_back({"unshare", 0, static_cast<std::uint32_t>(kNamespaces | CLONE_NEWTIME)});
    // Its flags lie in memory, where no filter looks: without it libraries use clone.
    profile.rules.push_back({{"clone3"}, {CallAction::kErrno, ENOSYS}});
  }
#if defined(__x86_64__)
  profile.architectures = {"x86"};
#elif defined(__aarch64__)
  profile.architectures = {"arm"};
#endif
  return profile;
}

}  // namespace troupe::runtime
