#include "tests/otp/generate.hpp"

#include <map>

namespace troupe::kernel::testing {

namespace {

using Kind = ScenarioStep::Kind;

/// splitmix64: the same numbers everywhere, which std::uniform_int_distribution does not promise.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : state_(seed) {
    // Neighbouring seeds are to give unrelated numbers: splitmix64 only steps through one sequence.
    for (int i = 0; i < 3; ++i) state_ = next() ^ (seed << 32);
  }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  int below(int n) { return static_cast<int>(next() % static_cast<std::uint64_t>(n)); }
  bool chance(int percent) { return below(100) < percent; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<std::size_t>(below(static_cast<int>(from.size())))];
  }

 private:
  std::uint64_t state_;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : dice_(seed) {}

  Scenario run() {
    Scenario scenario;
    scenario.tree = supervisor("root", 1);
    const int steps = 5 + dice_.below(15);
    for (int i = 0; i < steps; ++i) scenario.steps.push_back(step());
    if (dice_.chance(50)) {
      ScenarioStep stop;
      stop.kind = Kind::kStop;
      scenario.steps.push_back(std::move(stop));
    }
    return scenario;
  }

 private:
  struct Place {
    std::string path;
    bool dynamic = false;
    AutoShutdown auto_shutdown = AutoShutdown::kNever;
    std::vector<std::string> ids;   ///< All that it has or may have; of dynamic children the numbers so far.
    std::vector<bool> supervisors;  ///< Of the same.
  };

  ScenarioSupervisor supervisor(const std::string& path, int level) {
    ScenarioSupervisor result;
    const bool dynamic = level > 1 ? dice_.chance(20) : dice_.chance(10);
    const std::vector<Strategy> strategies{Strategy::kOneForOne, Strategy::kOneForAll, Strategy::kRestForOne};
    result.flags.strategy = dynamic ? Strategy::kSimpleOneForOne : dice_.pick(strategies);
    // The root is to last for most of the steps, those below are to give up now and then.
    result.flags.intensity = static_cast<std::uint32_t>(level == 1 ? 2 + dice_.below(10) : dice_.below(5));
    result.flags.period = std::chrono::seconds(1000);
    if (dice_.chance(level == 1 ? 12 : 30)) {
      result.flags.auto_shutdown = dice_.chance(50) ? AutoShutdown::kAnySignificant : AutoShutdown::kAllSignificant;
    }
    const std::size_t place = places_.size();
    places_.push_back({path, dynamic, result.flags.auto_shutdown, {}, {}});
    const int count = dynamic ? 1 : dice_.below(5) + (level == 1 ? 1 : 0);
    for (int i = 0; i < count; ++i) {
      const std::string id(1, static_cast<char>('a' + i));
      const bool below = !dynamic && level < 3 && dice_.chance(level == 1 ? 40 : 25);
      result.children.push_back(child(path, id, result.flags.auto_shutdown, below ? level + 1 : 0, dynamic));
      if (dynamic) continue;
      places_[place].ids.push_back(id);
      places_[place].supervisors.push_back(below);
    }
    return result;
  }

  ScenarioChild child(const std::string& path, const std::string& id, AutoShutdown auto_shutdown, int below_level,
                      bool is_template) {
    ScenarioChild result;
    result.id = id;
    result.restart = dice_.pick(std::vector<Restart>{Restart::kPermanent, Restart::kPermanent, Restart::kTransient,
                                                     Restart::kTransient, Restart::kTemporary});
    if (auto_shutdown != AutoShutdown::kNever && result.restart != Restart::kPermanent) {
      result.significant = dice_.chance(60);
    }
    if (below_level > 0) {
      result.supervisor = std::make_shared<const ScenarioSupervisor>(supervisor(path + "/" + id, below_level));
      return result;
    }
    const int kind = dice_.below(10);
    if (kind == 0) {
      result.shutdown = Shutdown::brutal_kill();
    } else if (kind == 1) {
      result.shutdown = Shutdown::infinity();
    } else if (kind == 2) {
      result.shutdown = Shutdown::after(std::chrono::milliseconds(5));
      result.on_exit = "ignore";
    } else if (kind == 3) {
      result.on_exit = reason();
    } else if (kind == 4) {
      result.shutdown = Shutdown::brutal_kill();
      result.on_exit = "ignore";
    }
    if (!is_template && dice_.chance(8)) {
      // The first start fails seldom: most scenarios are to begin with a tree that stands.
      for (int i = dice_.below(2); i >= 0; --i) result.starts.emplace_back("ok");
      result.starts.emplace_back(dice_.chance(60) ? "error: flaky" : "ignore");
    } else if (!is_template && dice_.chance(2)) {
      result.starts.emplace_back(dice_.chance(50) ? "error: never" : "ignore");
    }
    return result;
  }

  std::string reason() {
    static const std::vector<std::string> kReasons{"normal",      "shutdown",    "shutdown: done", "error: boom",
                                                   "error: boom", "error: bang", "killed",         "killed"};
    std::string reason = dice_.pick(kReasons);
    return reason;
  }

  Place& place() { return places_[static_cast<std::size_t>(dice_.below(static_cast<int>(places_.size())))]; }

  /// An id of the place, or now and then one that is not there.
  std::string id_of(Place& at) {
    if (at.ids.empty() || dice_.chance(3)) return "zz";
    return dice_.pick(at.ids);
  }

  ScenarioStep step() {
    const int what = dice_.below(100);
    if (what < 5) {
      ScenarioStep result;
      result.kind = Kind::kAdvance;
      result.seconds = dice_.chance(50) ? 1200 : 400;
      return result;
    }
    if (what < 20) return burst();
    return step_at(place(), false);
  }

  ScenarioStep burst() {
    ScenarioStep result;
    result.kind = Kind::kBurst;
    Place& at = place();
    result.supervisor = at.path;
    if (dice_.chance(35)) return failing_restart(at);
    const int count = 2 + dice_.below(3);
    for (int i = 0; i < count; ++i) result.steps.push_back(step_at(at, true));
    return result;
  }

  /// A child ends, cannot be restarted, and calls about it come before the next try.
  ScenarioStep failing_restart(Place& at) {
    ScenarioStep result;
    result.kind = Kind::kBurst;
    result.supervisor = at.path;
    const std::string id = id_of(at);
    ScenarioStep fail;
    fail.kind = Kind::kFailNext;
    fail.child = at.path + "/" + (dice_.chance(75) ? id : id_of(at));
    fail.reason = "error: failed";
    fail.times = 1 + dice_.below(2);
    result.steps.push_back(std::move(fail));
    ScenarioStep exit;
    exit.kind = Kind::kExit;
    exit.child = at.path + "/" + id;
    exit.reason = "error: boom";
    result.steps.push_back(std::move(exit));
    for (int i = dice_.below(3); i >= 0; --i) {
      ScenarioStep ask;
      call(at, ask);
      if (!ask.child.empty() && dice_.chance(80)) ask.child = id;
      result.steps.push_back(std::move(ask));
    }
    return result;
  }

  ScenarioStep step_at(Place& at, bool in_burst) {
    ScenarioStep result;
    const int what = dice_.below(100);
    if (what < 45) {
      end_of(at, in_burst, result);
    } else if (what < 60) {
      const std::string id = id_of(at);
      result.child = at.path + "/" + id;
      // A dynamic child whose restart says ignore is one of the documented differences.
      result.kind = what < 56 || at.dynamic ? Kind::kFailNext : Kind::kIgnoreNext;
      if (result.kind == Kind::kFailNext) result.reason = dice_.chance(80) ? "error: failed" : "shutdown: not now";
      result.times = 1 + dice_.below(3);
    } else if (what < 70) {
      start(at, result);
    } else {
      call(at, result);
    }
    return result;
  }

  void end_of(Place& at, bool in_burst, ScenarioStep& result) {
    result.kind = Kind::kExit;
    result.reason = reason();
    if (at.ids.empty()) {
      result.child = at.path + "/zz";
      return;
    }
    const auto index = static_cast<std::size_t>(dice_.below(static_cast<int>(at.ids.size())));
    result.child = at.path + "/" + at.ids[index];
    if (!at.supervisors[index]) return;
    if (result.reason == "killed" || in_burst) result.reason = "error: boom";  // a kill's order is not determined
  }

  void start(Place& at, ScenarioStep& result) {
    result.kind = Kind::kStartChild;
    result.supervisor = at.path;
    if (at.dynamic) {
      at.ids.push_back(std::to_string(at.ids.size() + 1));
      at.supervisors.push_back(false);
      return;
    }
    std::string id;
    if (!at.ids.empty() && dice_.chance(30)) {
      const auto index = static_cast<std::size_t>(dice_.below(static_cast<int>(at.ids.size())));
      if (!at.supervisors[index]) id = at.ids[index];
    }
    if (id.empty()) {
      id = "n" + std::to_string(at.ids.size());
      at.ids.push_back(id);
      at.supervisors.push_back(false);
    }
    result.spec = std::make_shared<const ScenarioChild>(child(at.path, id, at.auto_shutdown, 0, false));
  }

  void call(Place& at, ScenarioStep& result) {
    static const std::vector<Kind> kCalls{Kind::kTerminateChild, Kind::kTerminateChild, Kind::kRestartChild,
                                          Kind::kRestartChild,   Kind::kDeleteChild,    Kind::kWhichChildren,
                                          Kind::kCountChildren,  Kind::kGetChildSpec};
    result.kind = dice_.pick(kCalls);
    // After a restarting dynamic child is terminated OTP counts wrong: a documented difference.
    if (at.dynamic && result.kind == Kind::kCountChildren) result.kind = Kind::kWhichChildren;
    result.supervisor = at.path;
    if (result.kind != Kind::kWhichChildren && result.kind != Kind::kCountChildren) result.child = id_of(at);
  }

  Dice dice_;
  std::vector<Place> places_;
};

}  // namespace

Scenario generate_scenario(std::uint64_t seed) { return Generator(seed).run(); }

}  // namespace troupe::kernel::testing
