#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernel/scenario.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {

/// What a scenario's actors and its runner share: how children behave, who is who, and the events.
class ScenarioWorld {
 public:
  struct Known {
    ActorRef actor;
    ActorId supervisor = 0;  ///< The life of the supervisor that it belongs to.
    Instance instance = 0;
  };

  ScenarioWorld(const Scenario& scenario, std::function<void(std::string_view)> out);

  /// The supervisors of the scenario as the kernel starts them.
  SupervisorSpec root();
  /// A child below the supervisor at `path`, for start_child.
  ChildSpec child_below(const std::string& path, const ScenarioChild& child, bool is_template);
  SupervisionObserver observer();

  void more_starts(const std::string& path, int times, const std::string& outcome);
  std::string next_start(const std::string& path);
  /// The number for the next dynamic child of the pool at `path`, as text.
  std::string next_number(const std::string& path) { return std::to_string(++numbers_[path]); }

  const Known* living(const std::string& path) const;
  const Known* known(const std::string& path) const;
  /// Null when there is no such supervisor in the scenario.
  const ScenarioSupervisor* supervisor(const std::string& path) const;
  std::string path_of(const std::string& supervisor, Instance instance) const;

  void set_step(std::size_t step) { step_ = step; }
  /// What happens from now on is the clearing up, and is not shown.
  void mute() { muted_ = true; }
  /// `fields` as name and JSON value.
  void emit(std::string_view event, const std::vector<std::pair<std::string_view, std::string>>& fields);

 private:
  SupervisorSpec below(const std::string& path, const ScenarioSupervisor& node);
  void on_event(const SupervisionEvent& event);

  std::function<void(std::string_view)> out_;
  std::size_t step_ = 0;
  bool muted_ = false;
  const ScenarioSupervisor& tree_;
  std::map<std::string, std::deque<std::string>> starts_;
  std::map<std::string, std::uint64_t> numbers_;
  std::map<std::string, Known> known_;
  std::map<std::string, const ScenarioSupervisor*> supervisors_;
  std::map<std::pair<std::string, Instance>, std::string> paths_;
};

/// Tells a scenario's worker to end.
struct ScenarioExit {
  ExitReason reason;
};

}  // namespace troupe::kernel
