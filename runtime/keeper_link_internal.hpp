#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "runtime/fd.hpp"
#include "runtime/launcher.hpp"
#include "runtime/process_runtime.hpp"
#include "runtime/restart_budget.hpp"
#include "schema/rpc/keeper.capnp.h"

namespace troupe::runtime {

/// The connection to the keeper, on the runtime's kj thread: attaches, tells the listener, connects again, starts a
/// keeper where none is.
class KeeperLink final : private kj::TaskSet::ErrorHandler {
 public:
  KeeperLink(const ProcessRuntime::Options& options, RuntimeListener& listener, kj::AsyncIoContext& io);
  ~KeeperLink();

  /// Tries to connect; from then on the link looks after itself.
  void open();
  /// The keeper, when attached.
  kj::Maybe<rpc::Keeper::Client&> keeper();
  void add_task(kj::Promise<void> task) { tasks_.add(kj::mv(task)); }

  /// Keeps a command until it is dropped; `ended` is called once when it ends before.
  std::uint64_t hold_command(rpc::Command::Client command, const std::function<void(Result<int>)>& ended);
  /// Keeps an attachment until it is dropped; `ended` as CommandRunner::attach has it.
  std::uint64_t hold_attachment(rpc::Attachment::Client attachment, const std::function<void(Result<int>)>& ended);
  /// Kills the command if it still runs; or ends the attachment.
  void drop_command(std::uint64_t number);

  void exited(capnp::List<rpc::ContainerInfo>::Reader containers);

 private:
  struct Session;

  void attach(Fd socket);
  void attached(std::uint64_t session, rpc::Inventory::Reader inventory, capnp::List<capnp::Text>::Reader command);
  void lost(std::uint64_t session, Error reason);
  /// Resolves when a keeper has put its socket in place.
  kj::Promise<void> keeper_appears();
  /// Where no keeper is and it is ours to start one, within the budget.
  void start_keeper();
  void taskFailed(kj::Exception&& exception) override;

  const ProcessRuntime::Options& options_;
  RuntimeListener& listener_;
  kj::AsyncIoContext& io_;
  Launcher launcher_;
  RestartBudget budget_;
  std::uint64_t next_session_ = 1;
  std::unique_ptr<Session> session_;
  std::vector<std::string> told_command_;  // of the keeper that was attached last, when it is ours to replace it
  std::chrono::steady_clock::time_point lost_at_;
  Fd child_;                                // pidfd of a keeper that this process started and must reap
  bool paused_ = false;                     // the budget is spent
  std::vector<ContainerExit> early_exits_;  // came before the answer to attach was handled
  struct HeldCommand {
    rpc::Command::Client client;
    kj::Promise<void> waiting;
  };
  struct HeldAttachment {
    rpc::Attachment::Client client;
    kj::Promise<void> waiting;
  };
  std::uint64_t next_command_ = 1;
  std::map<std::uint64_t, HeldCommand> commands_;
  std::map<std::uint64_t, HeldAttachment> attachments_;
  kj::TaskSet tasks_;
};

}  // namespace troupe::runtime
