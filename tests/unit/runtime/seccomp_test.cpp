#include "runtime/seccomp.hpp"

#include <gtest/gtest.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <random>

#include "runtime/capabilities.hpp"
#include "tests/unit/runtime/runtime_harness.hpp"

namespace troupe::runtime::test {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kOwn = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kOwn = AUDIT_ARCH_AARCH64;
#else
constexpr std::uint32_t kOwn = AUDIT_ARCH_RISCV64;
#endif

using Arguments = std::array<std::uint64_t, 6>;

constexpr std::uint32_t kRefused = SECCOMP_RET_ERRNO | EPERM;
constexpr std::uint32_t kUnknown = SECCOMP_RET_ERRNO | ENOSYS;
constexpr std::uint32_t kFault = 0xdeadbeef;  // no answer of a filter

std::uint32_t word_at(const seccomp_data& call, std::uint32_t offset) {
  std::uint32_t out = 0;
  if (offset + sizeof(out) > sizeof(call)) return kFault;
  std::memcpy(&out, reinterpret_cast<const char*>(&call) + offset, sizeof(out));
  return out;
}

bool holds(std::uint16_t code, std::uint32_t left, std::uint32_t right) {
  switch (BPF_OP(code)) {
    case BPF_JEQ:
      return left == right;
    case BPF_JGT:
      return left > right;
    case BPF_JGE:
      return left >= right;
    case BPF_JSET:
      return (left & right) != 0;
    default:
      return false;
  }
}

/// What the system would do with a call: the filter's answer, by the rules of BPF.
std::uint32_t judge(const SyscallFilter& filter, std::uint32_t architecture, long number,
                    const Arguments& arguments = {}) {
  seccomp_data call{};
  call.nr = static_cast<int>(number);
  call.arch = architecture;
  std::copy(arguments.begin(), arguments.end(), call.args);
  std::uint32_t accumulator = 0;
  for (std::size_t at = 0; at < filter.program.size(); ++at) {
    sock_filter one{};
    std::memcpy(&one, &filter.program[at], sizeof(one));
    if (one.code == (BPF_RET | BPF_K)) return one.k;
    if (one.code == (BPF_LD | BPF_W | BPF_ABS)) {
      accumulator = word_at(call, one.k);
    } else if (one.code == (BPF_ALU | BPF_AND | BPF_K)) {
      accumulator &= one.k;
    } else if (BPF_CLASS(one.code) == BPF_JMP && BPF_OP(one.code) == BPF_JA) {
      at += one.k;
    } else if (BPF_CLASS(one.code) == BPF_JMP) {
      at += holds(one.code, accumulator, one.k) ? one.jt : one.jf;
    } else {
      return kFault;
    }
  }
  return kFault;
}

std::uint64_t bits(std::initializer_list<const char*> names) {
  std::uint64_t out = 0;
  for (const char* name : names) out |= capability_bit(name).value();
  return out;
}

/// What a container of Kubernetes has without asking, as far as a filter cares.
std::uint64_t usual() { return bits({"CHOWN", "KILL", "SETUID", "SETGID", "SYS_CHROOT", "MKNOD"}); }

SyscallFilter default_filter(std::uint64_t capabilities) {
  auto made = compile_profile(default_profile(capabilities));
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : SyscallFilter();
}

ProfileContext context_of(std::uint64_t capabilities) {
  ProfileContext out = profile_context(capabilities);
  out.kernel_major = 6;
  out.kernel_minor = 1;
  return out;
}

SyscallFilter filter_of(const std::string& json, std::uint64_t capabilities = 0) {
  const auto profile = parse_profile(json, context_of(capabilities));
  EXPECT_TRUE(profile) << profile.error().message;
  if (!profile) return {};
  auto made = compile_profile(*profile);
  EXPECT_TRUE(made) << made.error().message;
  return made ? *made : SyscallFilter();
}

std::string fault_of(const std::string& json) {
  const auto profile = parse_profile(json, context_of(0));
  if (!profile) return profile.error().message;
  const auto made = compile_profile(*profile);
  return made ? "none" : made.error().message;
}

TEST(SeccompDefault, RefusesWhatNeedsACapabilityUntilItIsThere) {
  struct Case {
    long number;
    const char* capability;
  };
  const Case cases[] = {
      {SYS_mount, "SYS_ADMIN"},
      {SYS_umount2, "SYS_ADMIN"},
      {SYS_pivot_root, "SYS_ADMIN"},
      {SYS_setns, "SYS_ADMIN"},
      {SYS_sethostname, "SYS_ADMIN"},
      {SYS_keyctl, "SYS_ADMIN"},
      {SYS_add_key, "SYS_ADMIN"},
      {SYS_swapon, "SYS_ADMIN"},
      {SYS_move_mount, "SYS_ADMIN"},
      {SYS_io_uring_setup, "SYS_ADMIN"},
      {SYS_bpf, "SYS_ADMIN"},
      {SYS_bpf, "BPF"},
      {SYS_perf_event_open, "PERFMON"},
      {SYS_syslog, "SYSLOG"},
      {SYS_init_module, "SYS_MODULE"},
      {SYS_finit_module, "SYS_MODULE"},
      {SYS_delete_module, "SYS_MODULE"},
      {SYS_reboot, "SYS_BOOT"},
      {SYS_kexec_load, "SYS_BOOT"},
      {SYS_acct, "SYS_PACCT"},
      {SYS_chroot, "SYS_CHROOT"},
      {SYS_clock_settime, "SYS_TIME"},
      {SYS_settimeofday, "SYS_TIME"},
      {SYS_userfaultfd, "SYS_PTRACE"},
      {SYS_kcmp, "SYS_PTRACE"},
      {SYS_move_pages, "SYS_NICE"},
      {SYS_open_by_handle_at, "DAC_READ_SEARCH"},
  };
  const SyscallFilter bare = default_filter(0);
  for (const Case& each : cases) {
    EXPECT_EQ(judge(bare, kOwn, each.number), kRefused) << each.number << " without " << each.capability;
    EXPECT_EQ(judge(default_filter(bits({each.capability})), kOwn, each.number), SECCOMP_RET_ALLOW)
        << each.number << " with " << each.capability;
  }
  EXPECT_EQ(judge(default_filter(usual()), kOwn, SYS_mount), kRefused);
  EXPECT_EQ(judge(default_filter(usual()), kOwn, SYS_chroot), SECCOMP_RET_ALLOW);
}

TEST(SeccompDefault, LetsOrdinaryProgramsWork) {
  const SyscallFilter filter = default_filter(usual());
  for (const long number : {SYS_read,           SYS_write,
                            SYS_ptrace,         SYS_process_vm_readv,
                            SYS_adjtimex,       SYS_openat,
                            SYS_close,          SYS_mmap,
                            SYS_mprotect,       SYS_brk,
                            SYS_ioctl,          SYS_socket,
                            SYS_connect,        SYS_accept4,
                            SYS_clone,          SYS_execve,
                            SYS_exit_group,     SYS_wait4,
                            SYS_kill,           SYS_futex,
                            SYS_getrandom,      SYS_prctl,
                            SYS_seccomp,        SYS_setuid,
                            SYS_setgroups,      SYS_mknodat,
                            SYS_fchownat,       SYS_capset,
                            SYS_memfd_create,   SYS_statx,
                            SYS_close_range,    SYS_pidfd_open,
                            SYS_rt_sigprocmask, SYS_sched_setscheduler,
                            SYS_setpriority,    SYS_prlimit64,
                            SYS_personality,    SYS_unshare}) {
    EXPECT_EQ(judge(filter, kOwn, number), SECCOMP_RET_ALLOW) << number;
  }
}

TEST(SeccompDefault, RefusesNewNamespacesButNoThreads) {
  const SyscallFilter filter = default_filter(usual());
  const SyscallFilter admin = default_filter(bits({"SYS_ADMIN"}));
  constexpr std::uint64_t kThread = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SETTLS;
  EXPECT_EQ(judge(filter, kOwn, SYS_clone, {kThread}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, kOwn, SYS_clone, {CLONE_VM | CLONE_VFORK | SIGCHLD}), SECCOMP_RET_ALLOW);
  for (const std::uint64_t flag :
       {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET}) {
    EXPECT_EQ(judge(filter, kOwn, SYS_clone, {flag | SIGCHLD}), kRefused) << flag;
    EXPECT_EQ(judge(filter, kOwn, SYS_unshare, {flag}), kRefused) << flag;
    EXPECT_EQ(judge(admin, kOwn, SYS_clone, {flag | SIGCHLD}), SECCOMP_RET_ALLOW) << flag;
    EXPECT_EQ(judge(admin, kOwn, SYS_unshare, {flag}), SECCOMP_RET_ALLOW) << flag;
  }
  EXPECT_EQ(judge(filter, kOwn, SYS_unshare, {CLONE_NEWTIME}), kRefused);
  EXPECT_EQ(judge(filter, kOwn, SYS_clone3), kUnknown) << "so that libraries take clone";
  EXPECT_EQ(judge(admin, kOwn, SYS_clone3), SECCOMP_RET_ALLOW);
}

TEST(SeccompDefault, LetsAProgramAskForItsPersonalityAndTakeAHarmlessOne) {
  const SyscallFilter filter = default_filter(usual());
  for (const std::uint64_t allowed : {0UL, 0x8UL, 0x20000UL, 0x20008UL, 0xffffffffUL}) {
    EXPECT_EQ(judge(filter, kOwn, SYS_personality, {allowed}), SECCOMP_RET_ALLOW) << allowed;
  }
  for (const std::uint64_t refused :
       {std::uint64_t{ADDR_NO_RANDOMIZE}, std::uint64_t{READ_IMPLIES_EXEC}, std::uint64_t{9}, std::uint64_t{0xfffffffe},
        std::uint64_t{0x80000000} | ADDR_NO_RANDOMIZE}) {
    EXPECT_EQ(judge(filter, kOwn, SYS_personality, {refused}), kRefused) << refused;
  }
  EXPECT_EQ(judge(filter, kOwn, SYS_socket, {AF_VSOCK, SOCK_STREAM}), kRefused);
  EXPECT_EQ(judge(filter, kOwn, SYS_socket, {AF_INET, SOCK_STREAM}), SECCOMP_RET_ALLOW);
}

TEST(SeccompDefault, AnswersWhatItDoesNotKnowAsAnOldSystemWould) {
  const SyscallFilter filter = default_filter(usual());
  for (const long newer : {451L, 452L, 500L, 100'000L}) EXPECT_EQ(judge(filter, kOwn, newer), kUnknown) << newer;
  EXPECT_EQ(judge(filter, kOwn, 449), SECCOMP_RET_ALLOW) << "futex_waitv";
  EXPECT_EQ(judge(filter, AUDIT_ARCH_S390X, 1), SECCOMP_RET_KILL_THREAD) << "no program of this machine";
}

#if defined(__x86_64__)
TEST(SeccompDefault, HoldsForOldBinariesToo) {
  const SyscallFilter filter = default_filter(usual());
  constexpr int kMount = 21;  // of i386, and what follows
  constexpr int kClone = 120;
  constexpr int kSocketcall = 102;
  constexpr int kUmount = 22;
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, kMount), kRefused);
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, kUmount), kRefused);
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, kClone, {CLONE_NEWUSER}), kRefused);
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, kClone, {CLONE_VM}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, kSocketcall, {1}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, 3), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, 451), kUnknown);
  EXPECT_EQ(judge(filter, kOwn, 0x40000000 | SYS_mount), kUnknown) << "x32 is not offered";
}

TEST(SeccompProfile, TakesX32WhereItIsNamed) {
  const SyscallFilter filter = filter_of(R"({"defaultAction": "SCMP_ACT_ERRNO",
      "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
      "syscalls": [{"names": ["execve", "read"], "action": "SCMP_ACT_ALLOW"}]})");
  EXPECT_EQ(judge(filter, kOwn, 0x40000000 | SYS_read), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, kOwn, 0x40000000 | SYS_write), kRefused);
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, 3), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, AUDIT_ARCH_I386, 4), kRefused);
}
#endif

TEST(SeccompProfile, ReadsWhatRuntimesRead) {
  const SyscallFilter filter = filter_of(R"({
    "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38, "flags": ["SECCOMP_FILTER_FLAG_LOG"], "comment": "x",
    "syscalls": [
      {"names": ["execve", "read", "no_such_call"], "action": "SCMP_ACT_ALLOW", "args": null},
      {"name": "write", "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2, "op": "SCMP_CMP_LE"}]},
      {"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
      {"names": ["mkdirat"], "action": "SCMP_ACT_ERRNO"},
      {"names": ["getpid"], "action": "SCMP_ACT_LOG"},
      {"names": ["getuid"], "action": "SCMP_ACT_KILL_PROCESS"},
      {"names": ["getgid"], "action": "SCMP_ACT_TRAP"},
      {"names": ["geteuid"], "action": "SCMP_ACT_TRACE", "errnoRet": 7},
      {"names": ["ioctl"], "action": "SCMP_ACT_ALLOW",
       "args": [{"index": 1, "value": 4294901760, "valueTwo": 65536, "op": "SCMP_CMP_MASKED_EQ"}]},
      {"names": ["personality"], "action": "SCMP_ACT_ALLOW",
       "args": [{"index": 0, "value": 0, "op": "SCMP_CMP_EQ"}, {"index": 0, "value": 8, "op": "SCMP_CMP_EQ"}]}]})");
  EXPECT_EQ(filter.flags, SECCOMP_FILTER_FLAG_LOG);
  EXPECT_EQ(judge(filter, kOwn, SYS_read), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, kOwn, SYS_close), kUnknown);
  EXPECT_EQ(judge(filter, kOwn, SYS_write, {2}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, kOwn, SYS_write, {3}), kUnknown);
  EXPECT_EQ(judge(filter, kOwn, SYS_kill), SECCOMP_RET_ERRNO | ENOSPC);
  EXPECT_EQ(judge(filter, kOwn, SYS_mkdirat), kRefused);
  EXPECT_EQ(judge(filter, kOwn, SYS_getpid), SECCOMP_RET_LOG);
  EXPECT_EQ(judge(filter, kOwn, SYS_getuid), SECCOMP_RET_KILL_PROCESS);
  EXPECT_EQ(judge(filter, kOwn, SYS_getgid), SECCOMP_RET_TRAP);
  EXPECT_EQ(judge(filter, kOwn, SYS_geteuid), SECCOMP_RET_TRACE | 7u);
  EXPECT_EQ(judge(filter, kOwn, SYS_ioctl, {0, 0x1ffff}), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, kOwn, SYS_ioctl, {0, 0x2ffff}), kUnknown);
  EXPECT_EQ(judge(filter, kOwn, SYS_personality, {8}), SECCOMP_RET_ALLOW) << "one argument twice: either value";
  EXPECT_EQ(judge(filter, kOwn, SYS_personality, {9}), kUnknown);
}

TEST(SeccompProfile, KeepsRulesToTheirMachinesSystemsAndCapabilities) {
  const std::string own = profile_context(0).architecture;
  const std::string rules = R"({"defaultAction": "SCMP_ACT_ERRNO",
    "archMap": [{"architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}],
    "syscalls": [
      {"names": ["execve"], "action": "SCMP_ACT_ALLOW"},
      {"names": ["mount"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["chroot"], "action": "SCMP_ACT_ALLOW", "includes": {"caps": ["CAP_SYS_CHROOT", "CAP_SYS_ADMIN"]}},
      {"names": ["clone3"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38, "excludes": {"caps": ["CAP_SYS_ADMIN"]}},
      {"names": ["ptrace"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "4.8"}},
      {"names": ["bpf"], "action": "SCMP_ACT_ALLOW", "includes": {"minKernel": "6.2"}},
      {"names": ["read"], "action": "SCMP_ACT_ALLOW", "includes": {"arches": [")" +
                            own + R"("]}},
      {"names": ["write"], "action": "SCMP_ACT_ALLOW", "excludes": {"arches": [")" +
                            own + R"("]}}]})";
  const SyscallFilter bare = filter_of(rules);
  const SyscallFilter admin = filter_of(rules, bits({"SYS_ADMIN"}));
  const SyscallFilter both = filter_of(rules, bits({"SYS_ADMIN", "SYS_CHROOT"}));
  EXPECT_EQ(judge(bare, kOwn, SYS_mount), kRefused);
  EXPECT_EQ(judge(admin, kOwn, SYS_mount), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(admin, kOwn, SYS_chroot), kRefused);
  EXPECT_EQ(judge(both, kOwn, SYS_chroot), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(bare, kOwn, SYS_clone3), kUnknown);
  EXPECT_EQ(judge(bare, kOwn, SYS_ptrace), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(bare, kOwn, SYS_bpf), kRefused);
  EXPECT_EQ(judge(bare, kOwn, SYS_read), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(bare, kOwn, SYS_write), kRefused);
}

TEST(SeccompProfile, AnswersCallsNewerThanAllItNamesAsAnOldSystemWould) {
  const SyscallFilter filter = filter_of(R"({"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [
      {"names": ["execve", "openat2"], "action": "SCMP_ACT_ALLOW"}]})");
  EXPECT_EQ(judge(filter, kOwn, SYS_openat2 - 1), kRefused);
  EXPECT_EQ(judge(filter, kOwn, SYS_openat2), SECCOMP_RET_ALLOW);
  EXPECT_EQ(judge(filter, kOwn, SYS_openat2 + 1), kUnknown);
  const SyscallFilter open = filter_of(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
      {"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]})");
  EXPECT_EQ(judge(open, kOwn, SYS_mount), kRefused);
  EXPECT_EQ(judge(open, kOwn, 5000), SECCOMP_RET_ALLOW);
}

TEST(SeccompProfile, SaysWhatIsWrongAndWhere) {
  const auto rule = [](const std::string& text) {
    return R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["read"], "action": "SCMP_ACT_ERRNO"}, )" +
           text + "]}";
  };
  EXPECT_EQ(fault_of("[]"), "expected an object");
  EXPECT_EQ(fault_of("{}"), "defaultAction: missing");
  EXPECT_EQ(fault_of(R"({"defaultAction": 7})"), "defaultAction: expected a text");
  EXPECT_EQ(fault_of(R"({"defaultAction": "SCMP_ACT_FLY"})"), "defaultAction: \"SCMP_ACT_FLY\" is no action");
  EXPECT_EQ(fault_of(R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": -1})"),
            "defaultErrnoRet: expected an integer from 0 to 4095");
  EXPECT_EQ(fault_of(R"({"defaultAction": "SCMP_ACT_ALLOW", "architectures": ["SCMP_ARCH_PDP11"]})"),
            "architectures: \"pdp11\" is not known");
  EXPECT_EQ(fault_of(R"({"defaultAction": "SCMP_ACT_ALLOW", "flags": ["SECCOMP_FILTER_FLAG_X"]})"),
            "flags: \"SECCOMP_FILTER_FLAG_X\" is no flag that can be kept");
  EXPECT_EQ(fault_of(rule("{}")), "syscalls[1].names: missing");
  EXPECT_EQ(fault_of(rule("3")), "syscalls[1]: expected an object");
  EXPECT_EQ(fault_of(rule(R"({"names": ["write", 3], "action": "SCMP_ACT_ERRNO"})")),
            "syscalls[1].names[1]: expected a text");
  EXPECT_EQ(fault_of(rule(
                R"({"names": ["write"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 6, "op": "SCMP_CMP_EQ"}]})")),
            "syscalls[1].args[0].index: expected an integer from 0 to 5");
  EXPECT_EQ(fault_of(rule(R"({"names": ["write"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 0, "op": "EQ"}]})")),
            "syscalls[1].args[0].op: \"EQ\" is no comparison");
  EXPECT_EQ(fault_of(rule(R"({"names": ["write"], "action": "SCMP_ACT_NOTIFY"})")),
            "SCMP_ACT_NOTIFY and listenerPath are not supported");
  const std::string broken = fault_of("{\n  \"defaultAction\": \"SCMP_ACT_ALLOW\"\n  \"syscalls\": []\n}");
  EXPECT_NE(broken.find("line 3"), std::string::npos) << broken;
  EXPECT_EQ(fault_of(R"({"defaultAction": "SCMP_ACT_ERRNO"})"),
            "execve is not allowed: no program could be started under it");
  EXPECT_EQ(fault_of(rule(R"({"names": ["execve"], "action": "SCMP_ACT_KILL"})")),
            "execve is not allowed: no program could be started under it");
}

TEST(SeccompProfile, RefusesContradictionsAndWhatIsTooLong) {
  const std::string condition = R"("args": [{"index": 0, "value": 1, "op": "SCMP_CMP_EQ"}])";
  EXPECT_EQ(fault_of(R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
                {"names": ["write"], "action": "SCMP_ACT_ERRNO", )" +
                     condition + R"(}, {"names": ["write"], "action": "SCMP_ACT_KILL", )" + condition + "}]}"),
            "syscalls[1]: write: another rule says otherwise about the same call");
  CallProfile profile;
  for (std::uint64_t i = 1; i <= 220; ++i) {
    CallRule rule{{"prctl"}, {CallAction::kErrno, EPERM}};
    for (unsigned argument = 0; argument < 5; ++argument) {
      rule.conditions.push_back({argument, CallComparison::kEqual, i << 32u | i});
    }
    profile.rules.push_back(std::move(rule));
  }
  const auto made = compile_profile(profile);
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find("the system takes 4096"), std::string::npos) << made.error().message;
}

TEST(SeccompProfile, AFileThatCannotBeReadIsNamed) {
  const TestFolder folder;
  const auto fault = [&](const std::string& path) {
    const auto loaded = load_profile(path, context_of(0));
    return loaded ? std::string("none") : loaded.error().message;
  };
  const std::string file = folder.path() + "/a.json";
  EXPECT_EQ(fault(file), "cannot load seccomp profile \"" + file + "\": open: No such file or directory");
  EXPECT_EQ(fault(folder.path()), "cannot load seccomp profile \"" + folder.path() + "\": it is no file");
  const std::string fifo = folder.path() + "/fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(fault(fifo), "cannot load seccomp profile \"" + fifo + "\": it is no file");
  std::ofstream(file) << R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mount"]}]})";
  EXPECT_EQ(fault(file), "cannot load seccomp profile \"" + file + "\": syscalls[0].action: missing");
  std::ofstream(file) << std::string((1u << 20u) + 1, ' ');
  EXPECT_EQ(fault(file), "cannot load seccomp profile \"" + file + "\": it is longer than 1 MiB");
  std::ofstream(file)
      << R"({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mount"], "action": "SCMP_ACT_ERRNO"}]})";
  EXPECT_EQ(fault(file), "none");
}

TEST(SeccompProfile, WhateverIsInTheFileEndsInAFilterOrAReason) {
  const std::string good = R"({"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "archMap": [{"architecture":
    "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86"]}], "syscalls": [{"names": ["execve", "read"], "action":
    "SCMP_ACT_ALLOW"}, {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2114060288,
    "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}], "includes": {"caps": ["CAP_KILL"], "minKernel": "4.8"}}]})";
  for (unsigned seed = 0; seed < 500; ++seed) {
    std::mt19937 random(seed);
    std::string text = good;
    for (unsigned i = 0; i < 1 + seed % 4; ++i) {
      const std::size_t at = random() % text.size();
      if (random() % 2 == 0) {
        text.erase(at, 1 + random() % 20);
      } else {
        text[at] = "\"{}[],:0-9a "[random() % 12];
      }
    }
    const auto profile = parse_profile(text, context_of(random()));
    if (!profile) {
      EXPECT_FALSE(profile.error().message.empty()) << "seed " << seed;
      continue;
    }
    const auto made = compile_profile(*profile);
    if (!made) {
      EXPECT_FALSE(made.error().message.empty()) << "seed " << seed;
      continue;
    }
    EXPECT_NE(judge(*made, kOwn, SYS_read), kFault) << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::runtime::test
