#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "actors/node/node_actor.hpp"
#include "actors/pod/convert.hpp"
#include "api/routes.hpp"
#include "daemon/events.hpp"
#include "daemon/node_objects.hpp"
#include "daemon/node_ports.hpp"
#include "daemon/objects.hpp"
#include "daemon/scheduler_ports.hpp"
#include "kernel/system.hpp"
#include "net/pod_network.hpp"
#include "runtime/fake_runtime.hpp"
#include "storage/memory_store.hpp"

namespace troupe::scenario {

/// A pod to create, as its author would write it.
struct PodManifest {
  std::string name = "web";
  std::string restart_policy = "Always";
  std::string command = "/bin/web";
  std::int64_t grace_seconds = 30;
  std::string backoff;  ///< The annotation, when not empty.
  std::string cpu;      ///< A request, when not empty.
  std::vector<std::string> init_commands;
  std::string liveness;   ///< The command of a liveness probe, one a second, two failures; when not empty.
  std::string readiness;  ///< The same for readiness.
  std::string strategy;   ///< The annotation troupe.dev/restart-strategy, when not empty.
  std::vector<std::string> more_commands;  ///< Of main containers behind "main": "main-1", "main-2"…
  std::vector<std::int32_t> restart_all;   ///< Exit codes of "main" that restart all containers; when not empty.
  std::string config_map;                  ///< A variable comes from its key "k", when not empty.
  std::vector<std::string> gates;          ///< Types of conditions that readiness waits for.
};

/// One machine on virtual time: store and runtime (the keeper) outlive the kernel, which may crash and start again.
/// Everything runs on the caller's thread, in an order that follows from the seed.
class PodWorld {
 public:
  explicit PodWorld(std::uint64_t seed);
  ~PodWorld();

  /// How a program behaves that a container runs, by its first word; others run for ever.
  std::map<std::string, runtime::FakeProgram> programs;
  /// How a command behaves that a probe runs; others succeed.
  std::map<std::string, runtime::FakeCommand> commands;

  void start_kernel();
  /// The kernel process is gone at once; what was under way in it is lost.
  void crash_kernel();

  void create(const PodManifest& manifest);
  /// What the API does on DELETE: the object is marked, or erased when it has no node.
  void remove(const std::string& name);

  /// What somebody who writes pods/status does: the condition is as given, all others stay; an empty status removes it.
  void set_condition(const std::string& pod, const std::string& type, const std::string& status);

  /// A ConfigMap with the key "k".
  void create_config_map(const std::string& name);

  void run_for(std::chrono::nanoseconds span);
  std::chrono::nanoseconds now() const;

  std::optional<pod::PodObject> get(const std::string& name);
  /// Of the first main container.
  pod::ContainerStatus main_of(const std::string& name);
  std::string condition(const std::string& pod, const std::string& type);
  /// "reason: message" of all events of a pod, as a list shows them: in the order of their names.
  std::vector<std::string> events_of(const std::string& pod);
  runtime::Inventory inventory();
  std::size_t running_processes();
  /// Kills a container's process of a pod from outside; false when none runs.
  bool kill(const std::string& name, int signal, const std::string& container = "main");
  /// Ends an actor by its registry key, as a bug would; false when there is none.
  bool kill_actor(const std::string& key);

  runtime::FakeRuntime& keeper() { return *fake_; }

 private:
  class Proxy;
  class Host;
  struct Kernel;
  struct Job {
    std::chrono::nanoseconds at;
    std::uint64_t number;
    bool of_kernel;
    std::function<void()> run;
  };

  void post(std::chrono::nanoseconds delay, bool of_kernel, std::function<void()> run);
  void run_due();
  std::optional<std::chrono::nanoseconds> next_due() const;

  std::uint64_t seed_;
  std::uint64_t kernels_ = 0;
  std::uint64_t uids_ = 0;
  std::uint64_t jobs_made_ = 0;
  std::chrono::nanoseconds now_{0};
  std::map<std::pair<std::chrono::nanoseconds, std::uint64_t>, Job> jobs_;
  std::unique_ptr<storage::MemoryStore> store_;
  std::unique_ptr<api::Routes> routes_;
  std::unique_ptr<runtime::FakeRuntime> fake_;
  std::unique_ptr<Proxy> proxy_;
  std::unique_ptr<Kernel> kernel_;
};

}  // namespace troupe::scenario
