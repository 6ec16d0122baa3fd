#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "runtime/runtime.hpp"
#include "runtime/user_namespace.hpp"

/// Profiles of system calls, as container runtimes have them, and the filters that are made of them.
namespace troupe::runtime {

enum class CallAction : std::uint8_t { kAllow, kErrno, kKillProcess, kKillThread, kTrap, kTrace, kLog };

/// What happens to a call: `value` is the errno of kErrno, or what a tracer is told.
struct CallVerdict {
  CallAction action = CallAction::kAllow;
  std::uint16_t value = 0;

  friend bool operator==(const CallVerdict&, const CallVerdict&) = default;
};

enum class CallComparison : std::uint8_t {
  kNotEqual,
  kLess,
  kLessEqual,
  kEqual,
  kGreaterEqual,
  kGreater,
  kMaskedEqual
};

/// A condition on one of a call's arguments.
struct CallCondition {
  unsigned argument = 0;  ///< 0 to 5
  CallComparison comparison = CallComparison::kEqual;
  std::uint64_t value = 0;   ///< kMaskedEqual: the mask.
  std::uint64_t masked = 0;  ///< kMaskedEqual: what has to be left under the mask.
};

/// What happens to these calls when all conditions hold. Names that this machine does not know count for nothing.
struct CallRule {
  std::vector<std::string> names;
  CallVerdict verdict;
  std::vector<CallCondition> conditions{};
  std::string place{};  ///< Where it stands in its profile, for messages: "syscalls[3]".
};

/// EPERM by the low 32 bits of an argument, which conditions cannot say in one rule. Something of it is given.
struct CallGuard {
  std::string name;
  unsigned argument = 0;
  std::uint32_t forbidden = 0;           ///< When it has one of these bits.
  std::vector<std::uint32_t> refused{};  ///< When it is one of these.
  std::vector<std::uint32_t> allowed{};  ///< When it is none of these; empty: any may be.
};

struct CallProfile {
  CallVerdict otherwise;  ///< For calls without a rule.
  std::vector<CallRule> rules;
  std::vector<CallGuard> guards;
  std::vector<std::string> architectures;  ///< Beside the machine's own: "x86", "x32", "arm".
  /// Calls with a higher number are answered with ENOSYS, so that libraries do without them. 0: none are.
  unsigned newest_call = 0;
  std::uint32_t flags = 0;  ///< SECCOMP_FILTER_FLAG_*
};

/// What a profile's `includes` and `excludes` ask about.
struct ProfileContext {
  std::uint64_t capabilities = 0;  ///< Bit n: the container has capability n.
  std::string architecture{};      ///< As Docker's profiles name it: "amd64".
  unsigned kernel_major = 0;
  unsigned kernel_minor = 0;
};
/// This machine, for a container with these capabilities.
ProfileContext profile_context(std::uint64_t capabilities);

/// A profile in the JSON of the OCI's runtime specification or of Docker. kInvalidArgument: what is wrong and where, as
/// line and column or as path (`syscalls[2].args[0].op: ...`). kUnsupported: it asks for a listener.
Result<CallProfile> parse_profile(std::string_view json, const ProfileContext& context);

/// The profile of a container with these capabilities that asks for RuntimeDefault: all but what reaches into the
/// machine itself, into other processes, or is seldom used and often broken.
CallProfile default_profile(std::uint64_t capabilities);

/// The filter that does what the profile says. kInvalidArgument: two rules contradict each other, it is too long, or no
/// program could start under it.
Result<SyscallFilter> compile_profile(const CallProfile& profile);

/// Reads, parses and compiles. The error names the file.
Result<SyscallFilter> load_profile(const std::string& path, const ProfileContext& context);

/// Whether a process of ours may set filters for its children.
struct FilterSupport {
  std::string obstacle{};            ///< Why there can be none at all; empty: there can.
  std::string obstacle_as_itself{};  ///< Why not without no_new_privs; empty: that is not needed.
};
/// `namespaces`: those that find_namespaces() tells of.
FilterSupport find_filter_support(const Namespaces& namespaces);

}  // namespace troupe::runtime
