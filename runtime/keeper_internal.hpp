#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/container_internal.hpp"
#include "runtime/event_set.hpp"
#include "runtime/exec_internal.hpp"
#include "runtime/keeper_files.hpp"
#include "runtime/launcher.hpp"
#include "runtime/sandbox_inits_internal.hpp"
#include "schema/rpc/handover.capnp.h"
#include "schema/rpc/keeper.capnp.h"

namespace troupe::runtime {

class Handed;

/// A command to run beside a container's process, on three descriptors or on one terminal.
struct CommandPlan {
  std::string container_id;
  std::vector<std::string> argv;
  bool terminal = false;
  int input = -1;  ///< -1: /dev/null, for all three
  int output = -1;
  int error = -1;
};

std::vector<PortMapping> ports_of(rpc::SandboxSpec::Reader spec);
void remove_container_folder(const std::string& folder);

/// What the keeper holds: sandboxes and containers, in memory and in its files. One thread, kj's loop. Knows no socket
/// and no kernel process: KeeperServer and KernelChild do.
class Keeper {
 public:
  /// `open_files`: the RLIMIT_NOFILE that workloads get unless their spec says another.
  Keeper(KeeperFiles files, kj::Timer& timer, EventSet& events, ResourceLimit open_files);

  /// Takes up what an earlier keeper left: on disk, and, where this program took its place, in `handed`. Folders that
  /// make no sense are removed.
  Status adopt(const Handed* handed = nullptr);
  /// For the program that takes our place in this process.
  void hand_over(rpc::Handover::Builder out, DescriptorList& descriptors) const;

  Status create_sandbox(rpc::SandboxSpec::Reader spec);
  Status remove_sandbox(std::string_view id);
  Status create_container(rpc::ContainerSpec::Reader spec);
  Result<StartInfo> start_container(std::string_view id);
  Status stop_container(std::string_view id, int signal, std::uint64_t grace_millis);
  Status remove_container(std::string_view id);
  Status reopen_log(std::string_view id);
  /// `done` is called once, perhaps at once.
  void exec(const ExecSpec& spec, ExecRun::Done done);
  /// Copies what a container writes to an onlooker's pipes until `detach`; the descriptor of its input.
  Result<Fd> attach(std::string_view id, Onlooker onlooker);
  void detach(std::string_view id, std::uint64_t number);
  /// Runs a program that belongs to no container, its output collected.
  Status run_program(LaunchPlan plan, std::chrono::milliseconds timeout, ExecRun::Done done);
  /// Resolves when no command of a probe or hook runs.
  kj::Promise<void> when_quiet();
  /// Runs a command on the caller's descriptors, which stay his; the pid. `ended` is called once when it has ended.
  Result<pid_t> open_command(const CommandPlan& command, std::function<void(int exit_code)> ended);

  void fill(rpc::Inventory::Builder inventory) const;
  /// Calls `visit` for each exit with a sequence above `after`, in order.
  void exits_after(std::uint64_t after, const std::function<void(const Container&)>& visit) const;
  std::uint64_t exit_count_after(std::uint64_t after) const;
  std::uint64_t last_exit() const { return last_exit_; }
  /// Called after each exit, in the order given here.
  void on_exit(std::function<void(Container&)> handler) { exit_handlers_.push_back(std::move(handler)); }

  /// After SIGCHLD: finishes containers that ended, reaps orphans that came to us. Stops at `spare`, whose owner must
  /// have looked before.
  void reap_children(pid_t spare);
  /// Kills descendants of ended containers that left their process group; they come to us as orphans.
  void kill_strays();
  /// The same, wherever in the system they went.
  void kill_all_strays();

  std::size_t running() const { return by_pid_.size(); }
  void for_each_running(const std::function<void(Container&)>& visit);
  /// Forgets everything, on disk too: after the last workload has ended.
  void clear();

 private:
  Container* find(std::string_view id);
  Status forget(Container& container);
  void exited(Container& container);
  /// `whole_system`: strays may be anybody's children.
  void schedule_stray_check(bool whole_system);
  /// Kills the process if it is a stray; false when it shows no environment, so that it must be looked at again.
  bool judge(pid_t pid) const;
  /// Judges the unclear ones again after this while, and then after twice the while. A process that has really no
  /// environment is let go after the last look.
  kj::Promise<void> judge_again(std::chrono::milliseconds after);
  void adopt_sandboxes();
  /// From its folder; null when that is damaged, and then gone.
  Container* make_adopted(const std::string& id);
  void take_over(Container& container, rpc::HandedContainer::Reader from);
  void take_over(const Handed& handed);
  /// Soon: who comes in the meantime finds the places as they are.
  void remove_places_later();
  /// When the grace of a stop ends; `at` is CLOCK_MONOTONIC in nanoseconds.
  void kill_later(Container& container, std::int64_t at);
  /// Where this process may make no namespaces itself: the user namespace of what it took up, or a new one.
  void choose_user_namespace();
  /// Groups whose containers are forgotten.
  void adopt_groups();

  Result<LaunchPlan> plan_exec(const ExecSpec& spec);
  Status start_exec(LaunchPlan& plan, std::uint32_t max_output, std::chrono::milliseconds timeout, ExecRun::Done& done);
  /// How to start a command in the container: refuses what cannot be.
  Result<LaunchPlan> plan_command(const std::string& id, const std::vector<std::string>& argv);
  int ipc_holder(const std::string& sandbox) const;
  /// `count` has one more until `done`.
  ExecRun::Done then_sweep(std::size_t& count, ExecRun::Done done);
  /// Looks at a command that ended; false when the pid is none.
  bool exec_ended(pid_t pid);

  struct Sandbox {
    std::string id;
    std::string pod_namespace;
    std::string pod_name;
    std::string pod_uid;
    std::uint64_t order = 0;
    std::vector<PortMapping> ports;
  };

  KeeperFiles files_;
  kj::Timer& timer_;
  Launcher launcher_;
  Places places_;  // outlives the containers
  SandboxInits inits_;
  ContainerHost host_;
  std::map<std::string, Sandbox, std::less<>> sandboxes_;
  std::unordered_map<std::string_view, std::unique_ptr<Container>> containers_;  // keyed by the container's own id
  std::unordered_map<pid_t, Container*> by_pid_;                                 // running ones
  std::map<std::uint64_t, Container*> exits_;                                    // by exit sequence
  std::unordered_map<pid_t, std::unique_ptr<ExecRun>> execs_;                    // also ended ones, until swept
  std::size_t exec_count_ = 0;                                                   // that run, for probes and hooks
  std::size_t command_count_ = 0;                                                // the same, on streams of their own
  std::uint64_t next_order_ = 1;
  std::uint64_t last_exit_ = 0;
  std::vector<std::function<void(Container&)>> exit_handlers_;
  std::vector<Fd> ended_mounts_;          // let go when the exits have been told
  std::vector<std::string> left_groups_;  // a process was in them when their container was forgotten: tried again
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> quiet_ = nullptr;
  bool stray_check_due_ = false;
  bool places_due_ = false;
  kj::Promise<void> places_removal_ = kj::READY_NOW;
  bool search_system_ = false;
  kj::Promise<void> stray_check_ = kj::READY_NOW;
  kj::Promise<void> exec_sweep_ = kj::READY_NOW;
  std::set<pid_t> unclear_;  // showed no environment when they were judged
  kj::Promise<void> second_look_ = kj::READY_NOW;
};

}  // namespace troupe::runtime
