#pragma once

#include <kj/async.h>
#include <sys/types.h>

#include <list>
#include <memory>

#include "runtime/keeper_internal.hpp"
#include "schema/rpc/keeper.capnp.h"

namespace troupe::runtime {

using CommandContext = capnp::CallContext<rpc::Keeper::OpenCommandParams, rpc::Keeper::OpenCommandResults>;

using AttachContext = capnp::CallContext<rpc::Keeper::AttachContainerParams, rpc::Keeper::AttachContainerResults>;

/// Attaches the caller to a container, on the descriptors that came with the call.
kj::Promise<void> attach_container(Keeper& keeper, AttachContext context);

/// The commands that one connection has opened. What still runs when the connection ends is killed: nobody reads it.
class Commands {
 public:
  Commands() = default;
  ~Commands();
  Commands(const Commands&) = delete;
  Commands& operator=(const Commands&) = delete;

  /// Starts one on the descriptors that came with the call, which must belong to this connection.
  static kj::Promise<void> open(const std::shared_ptr<Commands>& commands, Keeper& keeper, CommandContext context);

  struct State;

 private:
  std::list<std::shared_ptr<State>> running_;
};

}  // namespace troupe::runtime
