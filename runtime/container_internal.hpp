#pragma once

#include <kj/async.h>

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "runtime/cgroup.hpp"
#include "runtime/cri_log.hpp"
#include "runtime/event_set.hpp"
#include "runtime/keeper_files.hpp"
#include "runtime/launcher.hpp"
#include "runtime/places.hpp"
#include "runtime/runtime.hpp"
#include "schema/rpc/handover.capnp.h"
#include "schema/rpc/keeper.capnp.h"

namespace troupe::runtime {

class Container;
class DescriptorList;

/// What all containers of a keeper share.
struct ContainerHost {
  EventSet& events;
  Launcher& launcher;
  const KeeperFiles& files;
  Places& places;
  ResourceLimit open_files;                // the limit that the keeper was started with: it raises its own
  std::string identity;                    // of the keeper, for markers
  std::function<void(Container&)> exited;  // called once, when all is recorded
  /// A process with an IPC namespace for the whole sandbox, if one runs: its pidfd, or -1.
  std::function<int(const std::string& sandbox)> ipc_holder;
  /// The first process of the sandbox' PID namespace, made when there is none, or when what there is is `of_no_use`:
  /// its pidfd.
  std::function<Result<int>(const std::string& sandbox, bool of_no_use)> pid_holder;
  std::string read_buffer = std::string(64 * 1024, '\0');
  std::string log_scratch{};
  std::size_t onlookers = 0;  // of all containers
  const Cgroups cgroups = Cgroups::find();
  /// The folder of this keeper's groups.
  std::string group_folder() const { return "troupe-" + identity; }
};

/// In a container's folder.
inline constexpr const char* kInputFile = "/stdin";
inline constexpr const char* kStreamFiles[2] = {"/stdout", "/stderr"};

/// Of a process in /proc.
inline std::string folder_of(pid_t pid) { return "/proc/" + std::to_string(pid); }

/// Wall-clock time, Unix nanoseconds.
std::int64_t wall_now();

/// Who sees what a container writes: pipes of his, each may be empty.
struct Onlooker {
  std::uint64_t number = 0;
  std::array<Fd, 2> pipes;  ///< stdout, stderr
  bool input = false;
  std::function<void(bool cut_off)> ended;  ///< Called once, unless he is gone before.
};

/// The keeper's side of a container: its process, its two streams and its log. Holds about 700 bytes; from its start
/// on the spec is on disk only, for environments can be a megabyte.
class Container final : public Watcher {
 public:
  Container(ContainerHost& host, rpc::ContainerSpec::Reader spec, std::int64_t created_at, std::uint64_t order);

  /// Keeps what a start needs in memory until then. The spec must be on disk as well.
  void keep_plan(rpc::ContainerSpec::Reader spec);
  /// What its mounts lie on stays as long as it does: for who takes up a container that may run.
  void hold_places(rpc::ContainerSpec::Reader spec);
  /// Runs the program. kConflict when it was started before.
  Result<StartInfo> start();
  /// Takes up what an earlier keeper left: the running process, or its exit. `same_boot`: pids still mean something.
  void adopt(bool same_boot);
  /// For the program that takes our place in this process.
  void hand_over(rpc::HandedContainer::Builder out, DescriptorList& descriptors) const;
  /// Goes on as the program did whose place this one took. Its `kill_at` is the caller's to heed.
  void take_over(rpc::HandedContainer::Reader from);
  /// To the whole process group of a running container; to the process alone when it is not our child and may be gone.
  void signal(int number);
  /// Looks whether the process ended, and finishes if so.
  void check_exit();
  Status reopen_log() { return log_.open(); }
  /// Deletes the log's files and the control group: the container is forgotten. False: a process is in the group still.
  bool remove_traces() {
    log_.remove();
    return remove_group();
  }
  /// How a command beside this container's process is started, but for its words and streams.
  Result<LaunchPlan> exec_plan() const;
  /// The namespaces of its process that are not the keeper's: CLONE_NEW*. kConflict when it has just ended.
  Result<int> own_namespaces() const;
  int pidfd() const { return pidfd_.get(); }
  /// Gives up the hold on an ended process' mount namespace: what is let go last is taken apart by who lets it go,
  /// which takes longer than all else that an exit needs.
  Fd release_mounts() { return std::move(mounts_); }
  /// Copies the output to pipes until the end or `look_away`; the descriptor of its input, if that is wanted and there.
  /// kConflict when it does not run.
  Result<Fd> look_on(Onlooker onlooker);
  void look_away(std::uint64_t number);
  void on_ready(unsigned tag) override;

  void fill(rpc::ContainerInfo::Builder info) const;

  const std::string& id() const { return id_; }
  const std::string& sandbox_id() const { return sandbox_id_; }
  IpcScope ipc() const { return ipc_; }
  PidScope pids() const { return pids_; }
  ContainerState state() const { return state_; }
  /// Whether its descendants come to us when it ends; false when another keeper had started it.
  bool was_our_child() const { return our_child_; }
  pid_t pid() const { return pid_; }
  std::uint64_t order() const { return order_; }
  std::int64_t started_at() const { return started_at_; }
  std::uint64_t exit_sequence() const { return exit_sequence_; }
  void set_exit_sequence(std::uint64_t sequence) { exit_sequence_ = sequence; }
  /// The kill after a stop's grace; replaced by the next stop.
  kj::Maybe<kj::Promise<void>> grace_timer = nullptr;
  std::int64_t kill_at = 0;  ///< when that is, CLOCK_MONOTONIC in nanoseconds; 0: no stop is under way

 private:
  struct Pipes {
    Fd child_in;
    Fd child_out;
    Fd child_err;
    Fd record;
  };
  Result<LaunchPlan> read_plan() const;
  /// Makes the file for last words.
  Status prepare_mounts(LaunchPlan& plan) const;
  /// Makes what its mounts lie on, where that is the node itself.
  void make_places(const LaunchPlan& plan);
  /// Chooses the IPC namespace.
  void prepare_ipc(LaunchPlan& plan) const;
  /// Chooses the PID namespace, and starts the program in it.
  Result<Launched> launch(LaunchPlan& plan) const;
  /// Makes the control group that its bounds ask for.
  Status prepare_group(LaunchPlan& plan) const;
  /// Removes it; false when it is not empty.
  bool remove_group() const;
  Result<Pipes> open_pipes(const LaunchPlan& plan);
  Status open_input(const LaunchPlan& plan, Pipes& pipes);
  Status open_terminal(const LaunchPlan& plan, Pipes& pipes);
  Status open_fifos(const LaunchPlan& plan, Pipes& pipes);
  /// To all onlookers; who is too far behind is none any more.
  void show(int index, std::string_view bytes);
  Status watch();
  void open_stream(int index, const std::string& path);
  void close_stream(int index);
  /// Reads once; false when there is nothing more for now.
  bool read_stream(int index);
  void drain();
  void finish(const ExitStatus& status, std::int64_t finished_at, bool record);
  void close_log_when_done();
  void discard_start();

  ContainerHost& host_;
  std::string id_;
  std::string sandbox_id_;
  std::string name_;
  CriLog log_;
  std::string termination_path_;
  std::unique_ptr<LaunchPlan> plan_;  // from creation to start
  std::uint32_t attempt_;
  ContainerState state_ = ContainerState::kCreated;
  pid_t pid_ = 0;
  std::uint64_t start_ticks_ = 0;
  std::int64_t created_at_;
  std::int64_t started_at_ = 0;
  std::int64_t finished_at_ = 0;
  std::uint64_t order_;
  std::uint64_t exit_sequence_ = 0;
  ExitStatus exit_;
  ResourceBounds bounds_;
  bool our_child_ = false;
  Fd pidfd_;
  Fd mounts_;      // its mount namespace, when it has one of its own
  Fd streams_[2];  // our ends of the FIFOs, or the terminal
  IpcScope ipc_;
  PidScope pids_;
  bool has_input_;
  bool input_once_;
  bool terminal_;
  Fd input_;  // keeps stdin from ending where it may end, or the terminal
  std::vector<Onlooker> onlookers_;
  std::vector<std::shared_ptr<Place>> places_;  // that its mounts lie on
};

}  // namespace troupe::runtime
