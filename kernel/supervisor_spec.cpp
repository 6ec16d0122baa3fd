#include "kernel/supervisor_spec.hpp"

#include <array>
#include <set>

namespace troupe::kernel {

namespace {

template <class T, std::size_t N>
using Names = std::array<std::pair<T, std::string_view>, N>;

constexpr Names<Strategy, 4> kStrategies{{{Strategy::kOneForOne, "one_for_one"},
                                          {Strategy::kOneForAll, "one_for_all"},
                                          {Strategy::kRestForOne, "rest_for_one"},
                                          {Strategy::kSimpleOneForOne, "simple_one_for_one"}}};
constexpr Names<Restart, 3> kRestarts{
    {{Restart::kPermanent, "permanent"}, {Restart::kTransient, "transient"}, {Restart::kTemporary, "temporary"}}};
constexpr Names<ChildType, 2> kTypes{{{ChildType::kWorker, "worker"}, {ChildType::kSupervisor, "supervisor"}}};
constexpr Names<AutoShutdown, 3> kAutoShutdowns{{{AutoShutdown::kNever, "never"},
                                                 {AutoShutdown::kAnySignificant, "any_significant"},
                                                 {AutoShutdown::kAllSignificant, "all_significant"}}};

template <class T, std::size_t N>
std::string_view name_of(const Names<T, N>& names, T value) {
  for (const auto& [v, name] : names) {
    if (v == value) return name;
  }
  return "?";
}

template <class T, std::size_t N>
std::optional<T> value_of(const Names<T, N>& names, std::string_view text) {
  for (const auto& [v, name] : names) {
    if (name == text) return v;
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Strategy value) { return name_of(kStrategies, value); }
std::string_view to_string(Restart value) { return name_of(kRestarts, value); }
std::string_view to_string(ChildType value) { return name_of(kTypes, value); }
std::string_view to_string(AutoShutdown value) { return name_of(kAutoShutdowns, value); }
std::optional<Strategy> parse_strategy(std::string_view text) { return value_of(kStrategies, text); }
std::optional<Restart> parse_restart(std::string_view text) { return value_of(kRestarts, text); }
std::optional<ChildType> parse_child_type(std::string_view text) { return value_of(kTypes, text); }
std::optional<AutoShutdown> parse_auto_shutdown(std::string_view text) { return value_of(kAutoShutdowns, text); }

std::string to_string(const Shutdown& value) {
  if (value.is_brutal_kill()) return "brutal_kill";
  if (value.is_infinity()) return "infinity";
  return std::to_string(value.deadline().count()) + "ms";
}

Status check_flags(const SupervisorFlags& flags) {
  if (flags.period <= std::chrono::nanoseconds::zero()) {
    return fail(ErrorCode::kInvalidArgument, "period must be longer than 0 (it is the window that restarts count in)");
  }
  return {};
}

Status check_child_spec(const ChildSpec& spec, AutoShutdown auto_shutdown) {
  auto invalid = [&](std::string_view what) {
    return fail(ErrorCode::kInvalidArgument, "child '" + spec.id + "': " + std::string(what));
  };
  if (spec.id.empty()) return fail(ErrorCode::kInvalidArgument, "a child has no id: give each a name of its own");
  if (!spec.start) return invalid("start is missing: say how the actor is made");
  if (spec.significant && auto_shutdown == AutoShutdown::kNever) {
    return invalid("significant needs a supervisor whose auto_shutdown is any_significant or all_significant");
  }
  if (spec.significant && spec.restart == Restart::kPermanent) {
    return invalid(
        "a permanent child is always restarted and so cannot be significant: make it transient or temporary");
  }
  if (spec.shutdown && !spec.shutdown->is_brutal_kill() && !spec.shutdown->is_infinity() &&
      spec.shutdown->deadline().count() < 0) {
    return invalid("shutdown is " + to_string(*spec.shutdown) + ", must be 0 or longer");
  }
  return {};
}

Status check_child_specs(const std::vector<ChildSpec>& specs, const SupervisorFlags& flags) {
  if (flags.strategy == Strategy::kSimpleOneForOne && specs.size() != 1) {
    return fail(ErrorCode::kInvalidArgument,
                "a simple_one_for_one supervisor needs exactly one child, its template; it has " +
                    std::to_string(specs.size()));
  }
  std::set<std::string_view> ids;
  for (const ChildSpec& spec : specs) {
    if (auto status = check_child_spec(spec, flags.auto_shutdown); !status) return status;
    if (!ids.insert(spec.id).second) {
      return fail(ErrorCode::kInvalidArgument, "child '" + spec.id + "': another child has the same id");
    }
  }
  return {};
}

}  // namespace troupe::kernel
