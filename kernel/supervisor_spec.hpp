#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace troupe::kernel {

/// What happens to the siblings when a child is restarted. Names and meaning are OTP's.
enum class Strategy : std::uint8_t { kOneForOne, kOneForAll, kRestForOne, kSimpleOneForOne };

/// When a child that ended is started again: always, after an error only, never.
enum class Restart : std::uint8_t { kPermanent, kTransient, kTemporary };

enum class ChildType : std::uint8_t { kWorker, kSupervisor };

/// Whether the supervisor stops itself when significant children end by themselves, and are not restarted.
enum class AutoShutdown : std::uint8_t { kNever, kAnySignificant, kAllSignificant };

/// How a child is stopped: killed at once, or asked and killed when it did not end in time.
class Shutdown {
 public:
  static Shutdown brutal_kill() { return Shutdown(Kind::kBrutalKill, {}); }
  static Shutdown infinity() { return Shutdown(Kind::kInfinity, {}); }
  static Shutdown after(std::chrono::milliseconds deadline) { return Shutdown(Kind::kAfter, deadline); }

  bool is_brutal_kill() const { return kind_ == Kind::kBrutalKill; }
  bool is_infinity() const { return kind_ == Kind::kInfinity; }
  /// Time from asking to killing; only meaningful for `after`.
  std::chrono::milliseconds deadline() const { return deadline_; }

  friend bool operator==(const Shutdown&, const Shutdown&) = default;

 private:
  enum class Kind : std::uint8_t { kBrutalKill, kAfter, kInfinity };
  Shutdown(Kind kind, std::chrono::milliseconds deadline) : kind_(kind), deadline_(deadline) {}

  Kind kind_;
  std::chrono::milliseconds deadline_;
};

/// The flags of a supervisor, with OTP's defaults.
struct SupervisorFlags {
  Strategy strategy = Strategy::kOneForOne;
  /// More than `intensity` restarts within `period` end the supervisor.
  std::uint32_t intensity = 1;
  std::chrono::nanoseconds period = std::chrono::seconds(5);
  AutoShutdown auto_shutdown = AutoShutdown::kNever;
};

/// Makes a child's actor. Here it is only passed on; "kernel/supervisor.hpp" has the one for actors.
class ChildFactory {
 public:
  virtual ~ChildFactory() = default;
};

/// One child, as a value. `significant` and `shutdown` follow OTP: a worker has 5 s, a supervisor infinity.
struct ChildSpec {
  std::string id;  ///< Unique in its supervisor, not empty.
  std::shared_ptr<const ChildFactory> start;
  Restart restart = Restart::kPermanent;
  ChildType type = ChildType::kWorker;
  std::optional<Shutdown> shutdown;
  bool significant = false;

  /// The value that applies: what is set, or the default of the type.
  Shutdown effective_shutdown() const {
    if (shutdown) return *shutdown;
    return type == ChildType::kSupervisor ? Shutdown::infinity() : Shutdown::after(std::chrono::seconds(5));
  }
};

/// Flags and children that have been checked.
Status check_flags(const SupervisorFlags& flags);

/// One child: an id, a start function, a deadline that is not negative, `significant` only where it can mean something.
/// The message names the child and says what to change.
Status check_child_spec(const ChildSpec& spec, AutoShutdown auto_shutdown);

/// All children: each by itself, and no id twice. A simple_one_for_one supervisor has exactly one, its template.
Status check_child_specs(const std::vector<ChildSpec>& specs, const SupervisorFlags& flags);

std::string_view to_string(Strategy value);
std::string_view to_string(Restart value);
std::string_view to_string(ChildType value);
std::string_view to_string(AutoShutdown value);
/// "brutal_kill", "infinity" or "5000ms".
std::string to_string(const Shutdown& value);

std::optional<Strategy> parse_strategy(std::string_view text);
std::optional<Restart> parse_restart(std::string_view text);
std::optional<ChildType> parse_child_type(std::string_view text);
std::optional<AutoShutdown> parse_auto_shutdown(std::string_view text);

}  // namespace troupe::kernel
