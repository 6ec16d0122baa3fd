#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <utility>

#include "runtime/fd.hpp"
#include "runtime/seccomp.hpp"

namespace troupe::runtime {
namespace {

constexpr std::size_t kMaxProfileBytes = 1u << 20u;
constexpr std::uint32_t kX32Bit = 0x40000000;  // of a call's number: x32 shares x86_64's architecture

struct Release {
  void operator()(void* context) const { seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;
static_assert(sizeof(sock_filter) == sizeof(std::uint64_t));

std::uint32_t action_of(const CallVerdict& verdict) {
  switch (verdict.action) {
    case CallAction::kAllow:
      return SCMP_ACT_ALLOW;
    case CallAction::kErrno:
      return SCMP_ACT_ERRNO(verdict.value);
    case CallAction::kKillProcess:
      return SCMP_ACT_KILL_PROCESS;
    case CallAction::kKillThread:
      return SCMP_ACT_KILL_THREAD;
    case CallAction::kTrap:
      return SCMP_ACT_TRAP;
    case CallAction::kTrace:
      return SCMP_ACT_TRACE(verdict.value);
    case CallAction::kLog:
      return SCMP_ACT_LOG;
  }
  return SCMP_ACT_KILL_PROCESS;
}

scmp_compare comparison_of(CallComparison comparison) {
  switch (comparison) {
    case CallComparison::kNotEqual:
      return SCMP_CMP_NE;
    case CallComparison::kLess:
      return SCMP_CMP_LT;
    case CallComparison::kLessEqual:
      return SCMP_CMP_LE;
    case CallComparison::kEqual:
      return SCMP_CMP_EQ;
    case CallComparison::kGreaterEqual:
      return SCMP_CMP_GE;
    case CallComparison::kGreater:
      return SCMP_CMP_GT;
    case CallComparison::kMaskedEqual:
      return SCMP_CMP_MASKED_EQ;
  }
  return SCMP_CMP_EQ;
}

std::string reason_of(int error) {
  if (error == -EEXIST) return "another rule says otherwise about the same call";
  return std::strerror(-error);
}

Status add_rule(const CallRule& rule, std::uint32_t otherwise, scmp_filter_ctx context) {
  const std::uint32_t action = action_of(rule.verdict);
  if (action == otherwise) return {};
  std::vector<scmp_arg_cmp> conditions;
  conditions.reserve(rule.conditions.size());
  for (const CallCondition& each : rule.conditions) {
    conditions.push_back({each.argument, comparison_of(each.comparison), each.value, each.masked});
  }
  for (const std::string& name : rule.names) {
    const int number = seccomp_syscall_resolve_name(name.c_str());
    if (number == __NR_SCMP_ERROR) continue;
    const int added = seccomp_rule_add_array(context, action, number, static_cast<unsigned>(conditions.size()),
                                             conditions.empty() ? nullptr : conditions.data());
    if (added == 0) continue;
    return fail(ErrorCode::kInvalidArgument, rule.place + ": " + name + ": " + reason_of(added));
  }
  return {};
}

/// The architectures of the profile, the machine's own first. Those of the other byte order can never run here.
Result<std::vector<std::uint32_t>> add_architectures(const CallProfile& profile, scmp_filter_ctx context) {
  std::vector<std::uint32_t> out{seccomp_arch_native()};
  for (const std::string& name : profile.architectures) {
    const std::uint32_t token = seccomp_arch_resolve_name(name.c_str());
    if (token == 0) return fail(ErrorCode::kInvalidArgument, "architectures: \"" + name + "\" is not known");
    if (((token ^ out.front()) & __AUDIT_ARCH_LE) != 0 || std::find(out.begin(), out.end(), token) != out.end()) {
      continue;
    }
    const int added = seccomp_arch_add(context, token);
    if (added != 0) return fail(ErrorCode::kInvalidArgument, "architectures: " + name + ": " + reason_of(added));
    out.push_back(token);
  }
  return out;
}

sock_filter statement(unsigned code, std::uint32_t value) { return {static_cast<std::uint16_t>(code), 0, 0, value}; }
/// Where both places are how many statements are jumped over.
sock_filter jump(unsigned code, std::uint32_t value, std::size_t yes, std::size_t no) {
  return {static_cast<std::uint16_t>(BPF_JMP | code | BPF_K), static_cast<std::uint8_t>(yes),
          static_cast<std::uint8_t>(no), value};
}
constexpr unsigned kLoad = BPF_LD | BPF_W | BPF_ABS;
constexpr unsigned kReturn = BPF_RET | BPF_K;

/// Falls through when the call is none of the guard's, or one that it lets pass; the number is loaded before and after.
void append_guard(const CallGuard& guard, std::uint32_t number, std::vector<sock_filter>& out) {
  const auto offset = static_cast<std::uint32_t>(offsetof(seccomp_data, args) + guard.argument * sizeof(std::uint64_t));
  const std::size_t refusals = guard.refused.size() + (guard.forbidden != 0 ? 1 : 0);
  const std::size_t tests = refusals + guard.allowed.size();
  out.push_back(jump(BPF_JEQ, number, 0, tests + 3));
  out.push_back(statement(kLoad, offset));  // the low half: little endian
  std::size_t left = tests;                 // from a test on: so far it is to the refusal, one more to what follows it
  const auto refuse = [&](unsigned code, std::uint32_t value) {
    --left;
    out.push_back(jump(code, value, left, left == 0 ? 1 : 0));
  };
  if (guard.forbidden != 0) refuse(BPF_JSET, guard.forbidden);
  for (const std::uint32_t value : guard.refused) refuse(BPF_JEQ, value);
  for (const std::uint32_t value : guard.allowed) out.push_back(jump(BPF_JEQ, value, left--, 0));
  out.push_back(statement(kReturn, SECCOMP_RET_ERRNO | EPERM));
  out.push_back(statement(kLoad, offsetof(seccomp_data, nr)));
}

/// The number of the newest call that the profile knows on an architecture, for profiles that refuse what they do not
/// name: what is newer is answered with ENOSYS, for libraries take another refusal for an answer.
unsigned newest_named(const CallProfile& profile, std::uint32_t architecture) {
  const CallVerdict& otherwise = profile.otherwise;
  const bool refuses = otherwise.action != CallAction::kAllow && otherwise.action != CallAction::kLog &&
                       otherwise.action != CallAction::kTrace &&
                       !(otherwise.action == CallAction::kErrno && otherwise.value == ENOSYS);
  int newest = 0;
  for (const CallRule& rule : profile.rules) {
    for (const std::string& name : rule.names) {
      if (refuses) newest = std::max(newest, seccomp_syscall_resolve_name_arch(architecture, name.c_str()));
    }
  }
  return static_cast<unsigned>(newest);
}

/// What comes before libseccomp's part, for one architecture.
std::vector<sock_filter> prologue_of(const CallProfile& profile, std::uint32_t architecture, bool with_x32) {
  const unsigned newest = profile.newest_call != 0 ? profile.newest_call : newest_named(profile, architecture);
  std::vector<sock_filter> body;
  if (newest != 0) {
    body.push_back(jump(BPF_JGT, newest, 0, 1));
    body.push_back(statement(kReturn, SECCOMP_RET_ERRNO | ENOSYS));
  }
  for (const CallGuard& guard : profile.guards) {
    const int number = seccomp_syscall_resolve_name_arch(architecture, guard.name.c_str());
    if (number >= 0) append_guard(guard, static_cast<std::uint32_t>(number), body);
  }
  if (body.empty()) return body;
  // Numbers of x32 are libseccomp's to judge, where the profile has them at all.
  if (with_x32) body.insert(body.begin(), jump(BPF_JSET, kX32Bit, body.size(), 0));
  std::vector<sock_filter> out{statement(kLoad, offsetof(seccomp_data, arch)),
                               jump(BPF_JEQ, architecture, 0, body.size() + 1),
                               statement(kLoad, offsetof(seccomp_data, nr))};
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Result<std::vector<sock_filter>> exported(scmp_filter_ctx context) {
  const Fd memory(memfd_create("troupe-filter", MFD_CLOEXEC));
  if (!memory) return fail(errno_error(errno, "make memory for a filter"));
  if (const int done = seccomp_export_bpf(context, memory.get()); done != 0) {
    return fail(ErrorCode::kInternal, "make a filter: " + reason_of(done));
  }
  struct stat status {};
  if (fstat(memory.get(), &status) != 0) return fail(errno_error(errno, "read a filter"));
  std::vector<sock_filter> out(static_cast<std::size_t>(status.st_size) / sizeof(sock_filter));
  const std::size_t size = out.size() * sizeof(sock_filter);
  if (pread(memory.get(), out.data(), size, 0) != static_cast<ssize_t>(size)) {
    return fail(errno_error(errno, "read a filter"));
  }
  return out;
}

Result<std::vector<sock_filter>> compiled(const CallProfile& profile) {
  const std::uint32_t otherwise = action_of(profile.otherwise);
  const Context context(seccomp_init(otherwise));
  if (!context) return fail(ErrorCode::kInvalidArgument, "defaultAction: this machine does not know it");
  const auto architectures = add_architectures(profile, context.get());
  if (!architectures) return fail(architectures.error());
  for (const CallRule& rule : profile.rules) {
    if (Status added = add_rule(rule, otherwise, context.get()); !added) return fail(std::move(added.error()));
  }
  auto rest = exported(context.get());
  if (!rest) return rest;
  std::vector<sock_filter> out;
  const auto has = [&](std::uint32_t token) {
    return std::find(architectures->begin(), architectures->end(), token) != architectures->end();
  };
  for (const std::uint32_t architecture : *architectures) {
    if (architecture == SCMP_ARCH_X32) continue;
    const bool with_x32 = architecture == SCMP_ARCH_X86_64 && has(SCMP_ARCH_X32);
    const auto prologue = prologue_of(profile, architecture, with_x32);
    out.insert(out.end(), prologue.begin(), prologue.end());
  }
  out.insert(out.end(), rest->begin(), rest->end());
  return out;
}

/// Whether some execve may pass: without, the program itself could never start.
bool lets_start(const CallProfile& profile) {
  const auto passes = [](const CallVerdict& verdict) {
    return verdict.action == CallAction::kAllow || verdict.action == CallAction::kLog;
  };
  bool refused = false;
  for (const CallRule& rule : profile.rules) {
    if (std::find(rule.names.begin(), rule.names.end(), "execve") == rule.names.end()) continue;
    if (passes(rule.verdict)) return true;
    refused = refused || rule.conditions.empty();
  }
  return !refused && passes(profile.otherwise);
}

Result<std::string> read_profile(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!fd) return fail(errno_error(errno, "open"));
  struct stat status {};
  if (fstat(fd.get(), &status) != 0) return fail(errno_error(errno, "stat"));
  if (!S_ISREG(status.st_mode)) return fail(ErrorCode::kInvalidArgument, "it is no file");
  std::string out(kMaxProfileBytes + 1, '\0');
  std::size_t size = 0;
  while (size < out.size()) {
    const ssize_t got = read(fd.get(), out.data() + size, out.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(errno_error(errno, "read"));
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > kMaxProfileBytes) return fail(ErrorCode::kTooLarge, "it is longer than 1 MiB");
  out.resize(size);
  return out;
}

}  // namespace

Result<SyscallFilter> compile_profile(const CallProfile& profile) {
  if (!lets_start(profile)) {
    return fail(ErrorCode::kInvalidArgument, "execve is not allowed: no program could be started under it");
  }
  const auto statements = compiled(profile);
  if (!statements) return fail(statements.error());
  if (statements->size() > BPF_MAXINSNS) {
    return fail(ErrorCode::kInvalidArgument, "it makes a filter of " + std::to_string(statements->size()) +
                                                 " statements, the system takes " + std::to_string(BPF_MAXINSNS));
  }
  SyscallFilter out;
  out.program.resize(statements->size());
  std::memcpy(out.program.data(), statements->data(), statements->size() * sizeof(sock_filter));
  out.flags = profile.flags;
  return out;
}

Result<SyscallFilter> load_profile(const std::string& path, const ProfileContext& context) {
  const auto named = [&](const Error& error) {
    return fail(error.code, "cannot load seccomp profile \"" + path + "\": " + error.message);
  };
  const auto text = read_profile(path);
  if (!text) return named(text.error());
  const auto profile = parse_profile(*text, context);
  if (!profile) return named(profile.error());
  auto filter = compile_profile(*profile);
  if (!filter) return named(filter.error());
  return filter;
}

FilterSupport find_filter_support(const Namespaces& namespaces) {
  FilterSupport out;
  unsigned action = SECCOMP_RET_ERRNO;
  if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) != 0) {
    out.obstacle = std::string("the system has no filters of system calls: ") + std::strerror(errno);
    return out;
  }
  if (namespaces.mounts || prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1) return out;
  out.obstacle_as_itself = "it needs CAP_SYS_ADMIN, or allowPrivilegeEscalation: false";
  if (!namespaces.obstacle.empty()) out.obstacle_as_itself += " (" + namespaces.obstacle + ")";
  return out;
}

}  // namespace troupe::runtime
