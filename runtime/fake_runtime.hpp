#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/runtime.hpp"

namespace troupe::runtime {

/// How a simulated program behaves.
struct FakeProgram {
  std::optional<Error> start_error;                    ///< it cannot be started
  std::optional<std::chrono::nanoseconds> exit_after;  ///< ends by itself, counted from its start; else it runs on
  int exit_code = 0;
  bool ignores_term = false;                    ///< only SIGKILL ends it
  std::chrono::nanoseconds time_to_stop{1000};  ///< from a signal to its end
  std::string last_words{};                     ///< told with its end
};

/// How a command behaves that is run beside a container.
struct FakeCommand {
  std::chrono::nanoseconds time{1000};
  int exit_code = 0;
  std::string output{};
};

/// The runtime's simulated twin: one thread, virtual time, nothing outside the process. Every callback comes from
/// `FakeHost::after`, so a seeded host decides all orders.
class FakeRuntime final : public Runtime {
 public:
  /// What drives it: a scenario's clock. `after` calls back once, later, never from inside.
  struct Host {
    std::function<WallTime()> now;
    std::function<void(std::chrono::nanoseconds, std::function<void()>)> after;
  };
  using Programs = std::function<FakeProgram(const ContainerSpec&)>;

  FakeRuntime(Host host, Programs programs);
  /// What commands do; without it all succeed.
  std::function<FakeCommand(const ExecSpec&)> commands;
  ~FakeRuntime() override;

  void start(RuntimeListener& listener) override;
  void create_sandbox(SandboxSpec spec, Done done) override;
  void remove_sandbox(std::string id, Done done) override;
  void create_container(ContainerSpec spec, Done done) override;
  void start_container(std::string id, Callback<StartInfo> done) override;
  void stop_container(std::string id, int signal, std::chrono::milliseconds grace, Done done) override;
  void remove_container(std::string id, Done done) override;
  void exec(ExecSpec spec, Callback<ExecResult> done) override;
  void list(Callback<Inventory> done) override;
  void reopen_log(std::string id, Done done) override;

  /// Injected faults. A signal from outside, as kill(1) sends it; false when the container does not run.
  bool kill_process(const std::string& id, int signal);
  /// The keeper dies: calls fail with kUnavailable, exits are seen after attach(), their status lost if so wanted.
  void detach(bool lose_statuses);
  void attach();

 private:
  struct State;
  std::shared_ptr<State> state_;  // pending callbacks hold it weakly
};

}  // namespace troupe::runtime
