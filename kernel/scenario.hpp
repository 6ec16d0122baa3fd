#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "kernel/supervisor_spec.hpp"

namespace troupe::kernel {

struct ScenarioSupervisor;

/// A child of a scenario: a worker with a behaviour, or a supervisor.
struct ScenarioChild {
  std::string id;
  Restart restart = Restart::kPermanent;
  std::optional<Shutdown> shutdown;
  bool significant = false;
  /// What a worker does when it is asked to end: "obey", "ignore", or the reason that it ends with instead.
  std::string on_exit = "obey";
  /// Outcomes of its first starts: "ok", "ignore", or the reason that init fails with. Later ones are ok.
  std::vector<std::string> starts;
  std::shared_ptr<const ScenarioSupervisor> supervisor;  ///< Null: a worker.
};

struct ScenarioSupervisor {
  SupervisorFlags flags;
  std::vector<ScenarioChild> children;
};

/// One thing that happens. After each the tree comes to rest before the next.
struct ScenarioStep {
  enum class Kind : std::uint8_t {
    kExit,        ///< `child` ends with `reason`; "killed": it is killed. A supervisor stops its children first.
    kFailNext,    ///< The next `times` starts of `child` fail with `reason`.
    kIgnoreNext,  ///< The next `times` starts of `child` say ignore.
    kStartChild,  ///< `supervisor` gets a child more: `spec`, or for simple_one_for_one the next number.
    kTerminateChild,
    kRestartChild,
    kDeleteChild,
    kWhichChildren,
    kCountChildren,
    kGetChildSpec,
    kAdvance,  ///< `seconds` pass.
    kBurst,    ///< `steps` happen before `supervisor` gets to see any of them.
    kStop,     ///< The root is asked to shut down.
  };
  Kind kind = Kind::kStop;
  std::string child;       ///< A path ("root/a") for exit, fail_next, ignore_next; an id for calls.
  std::string supervisor;  ///< A path.
  std::string reason;
  int times = 1;
  std::int64_t seconds = 0;
  std::shared_ptr<const ScenarioChild> spec;
  std::vector<ScenarioStep> steps;
};

/// A tree of supervisors and what happens to it, as data: docs/supervision.md has the format.
struct Scenario {
  static constexpr std::size_t kMaxBytes = 4 << 20;
  static constexpr std::size_t kMaxSteps = 10'000;
  static constexpr std::size_t kMaxChildren = 10'000;
  static constexpr int kMaxDepth = 16;

  std::string name;
  ScenarioSupervisor tree;  ///< The root; its path is "root".
  std::vector<ScenarioStep> steps;
};

/// Reads JSON (or YAML). Errors say "3:14: ..." (line and column), what is wrong and what is expected.
Result<Scenario> parse_scenario(std::string_view text);

/// One line of JSON that parse_scenario reads.
std::string to_json(const Scenario& scenario);

std::string_view to_string(ScenarioStep::Kind kind);
/// A JSON string with its quotes.
std::string quote_json(std::string_view text);

}  // namespace troupe::kernel
