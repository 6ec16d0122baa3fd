#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "runtime/commands.hpp"
#include "runtime/runtime.hpp"

namespace troupe::runtime {

/// Containers as plain processes of this machine, held by the keeper. The client side: one kj thread that holds the
/// connection, on which all callbacks run. When the connection breaks it connects again as soon as a keeper listens
/// (told by inotify), and starts a keeper if it was given the command, or was told it by the keeper that is lost;
/// workloads live on meanwhile.
class ProcessRuntime final : public Runtime, public CommandRunner {
 public:
  struct Options {
    std::string socket_path;                  ///< DATA/keeper.sock, of any length
    std::vector<std::string> keeper_command;  ///< empty: a keeper was started by somebody else
    std::uint32_t keeper_intensity = 5;       ///< starts of a keeper within the period, then a pause
    std::chrono::milliseconds keeper_period{10'000};
    std::size_t queue_limit = 16'384;  ///< calls not yet sent; more answer kBusy
    /// Without `keeper_command`: a keeper that is lost is started again by the command it told, unless another comes
    /// within this time (a service manager may start one). Zero: that is left to others.
    std::chrono::milliseconds replace_keeper_after{0};
  };

  explicit ProcessRuntime(Options options);
  /// Ends the connection, not the workloads. Calls still open are answered with kDisconnected.
  ~ProcessRuntime() override;

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
  void open_command(CommandSpec spec, std::shared_ptr<CommandStreams> streams, Started started, Ended ended) override;
  void attach(std::string container_id, bool input, std::shared_ptr<CommandStreams> streams, Attached attached,
              Ended ended) override;

 private:
  class Thread;
  std::unique_ptr<Thread> thread_;
};

}  // namespace troupe::runtime
