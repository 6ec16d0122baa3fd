#pragma once

#include <capnp/rpc-twoparty.h>
#include <kj/async-io.h>

#include <functional>
#include <list>
#include <memory>

#include "runtime/keeper_internal.hpp"
#include "runtime/kernel_child_internal.hpp"
#include "schema/rpc/keeper.capnp.h"

namespace troupe::runtime {

/// Lives as long as the keeper. Serves the keeper's RPC on its unix socket and tells the attached clients of exits.
class KeeperServer final : private kj::TaskSet::ErrorHandler {
 public:
  struct Hooks {
    std::function<const KernelChild*()> kernel;  // null: none is run
    std::function<void(bool keep_workloads)> shutdown;
    std::function<void()> attached{};  // a client has attached; may be empty
    /// Replaces the keeper's program; `failed` tells why it stays. May be empty.
    std::function<void(std::function<void(Error)> failed)> upgrade{};
    std::uint32_t upgrades = 0;          // that there were before
    std::vector<std::string> command{};  // by which a client starts another keeper in the place of this one
  };
  KeeperServer(Keeper& keeper, kj::LowLevelAsyncIoProvider& io, Hooks hooks);
  ~KeeperServer();

  /// Listens on the socket, which this takes over.
  void listen(Fd socket);

 private:
  friend class KeeperService;
  struct Connection;

  kj::Promise<void> accept_next();
  void connected(kj::Own<kj::AsyncIoStream> stream);
  void fill(rpc::Inventory::Builder inventory) const;
  /// Sends what a client has not been told, unless a call to it is under way.
  void pump(Connection& connection);
  Connection* find(std::uint64_t id);
  void drop(std::uint64_t id);
  void taskFailed(kj::Exception&& exception) override;

  Keeper& keeper_;
  kj::LowLevelAsyncIoProvider& io_;
  Hooks hooks_;
  std::uint64_t next_connection_ = 1;
  std::list<std::unique_ptr<Connection>> connections_;
  kj::Own<kj::ConnectionReceiver> receiver_;
  kj::TaskSet tasks_;
};

}  // namespace troupe::runtime
