#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace troupe::kernel {

struct ExitCause;

/// Why an actor ended. Mirrors Erlang's exit reasons, with a typed kind instead of a term.
struct ExitReason {
  enum class Kind : std::uint8_t {
    kNormal,    ///< It was done.
    kShutdown,  ///< Asked to stop, or stopped in order. With a detail: Erlang's `{shutdown, Term}`.
    kKilled,    ///< Ended without being asked: `brutal_kill`, or its deadline passed.
    kError,     ///< Anything else: an exception, a failed init, an error exit. The detail says what.
  };

  Kind kind = Kind::kNormal;
  std::string detail;
  /// What led here, newest first; null when nothing is known. Bounded, see `ExitCause::kMaxDepth`.
  std::shared_ptr<const ExitCause> cause;

  static ExitReason normal() { return {}; }
  static ExitReason shutdown(std::string detail = {});
  static ExitReason killed();
  static ExitReason error(std::string detail);

  /// True for normal, shutdown and {shutdown, detail}: what a transient child may end with and not be restarted.
  bool is_orderly() const { return kind == Kind::kNormal || kind == Kind::kShutdown; }

  /// Kind and detail; the cause is a comment, not part of the value.
  friend bool operator==(const ExitReason& a, const ExitReason& b) { return a.kind == b.kind && a.detail == b.detail; }
};

/// One link of a reason chain: which child of which supervisor ended, why, how often, what the supervisor did.
struct ExitCause {
  /// A chain keeps its newest links; older ones are cut and counted in `omitted`.
  static constexpr int kMaxDepth = 8;

  std::string supervisor;
  std::string child;
  ExitReason reason;           ///< The child's; its own `cause` is the next link.
  std::uint32_t restarts = 0;  ///< How often this child was restarted before.
  std::string action;          ///< "gave up: 4 restarts in 5s, 3 allowed"
  std::uint32_t omitted = 0;   ///< Links cut off behind this one.
};

/// Puts one link in front of what `cause.reason` carries, cut to `ExitCause::kMaxDepth`.
std::shared_ptr<const ExitCause> chain(ExitCause cause);

/// "normal", "shutdown", "shutdown: detail", "killed", "error: detail".
std::string to_string(const ExitReason& reason);

/// The reason and its chain on one line: "shutdown <- pods/web error: boom (3 restarts; gave up: ...)".
std::string describe(const ExitReason& reason);

/// Reads what `to_string` writes.
ExitReason parse_exit_reason(std::string_view text);

}  // namespace troupe::kernel
