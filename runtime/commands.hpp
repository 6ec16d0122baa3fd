#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "runtime/fd.hpp"
#include "runtime/runtime.hpp"

namespace troupe::runtime {

/// A command to run beside a container's process: its environment, user, folder and mounts.
struct CommandSpec {
  std::string container_id;
  std::vector<std::string> argv;
  bool terminal = false;  ///< The three streams are one terminal, which becomes the command's own.
};

/// The command's ends of its streams; an empty one is /dev/null. They are closed here once the command has them.
struct CommandStreams {
  Fd input;
  Fd output;
  Fd error;
};

/// A command that runs. Destroying it kills the command and its process group.
class RunningCommand {
 public:
  virtual ~RunningCommand() = default;
};

/// An attachment to a running container; destroying `held` ends it.
struct AttachedContainer {
  Fd input;  ///< Of its stdin or its terminal; empty when it was not asked for or there is none.
  std::shared_ptr<RunningCommand> held;
};

/// Runs commands with streams of their own beside containers: what `kubectl exec` needs of a runtime.
class CommandRunner {
 public:
  using Started = std::function<void(Result<std::shared_ptr<RunningCommand>>)>;
  using Ended = std::function<void(Result<int> exit_code)>;

  virtual ~CommandRunner() = default;

  /// `started` is called once; after success `ended` is called once, unless the command was destroyed before. Both on
  /// the runtime's thread. Errors as of Runtime::exec; `ended` with kDisconnected when the keeper was lost.
  virtual void open_command(CommandSpec spec, std::shared_ptr<CommandStreams> streams, Started started,
                            Ended ended) = 0;

  using Attached = std::function<void(Result<std::shared_ptr<AttachedContainer>>)>;
  /// From now on what the container writes is copied to `streams` (pipes), which end with it. kConflict: it does not
  /// run. After success `ended` is called once, with 0 at the container's end, kBusy when the streams were cut off
  /// because nobody read them, kDisconnected when the keeper was lost; not when the attachment was destroyed before.
  virtual void attach(std::string container_id, bool input, std::shared_ptr<CommandStreams> streams, Attached attached,
                      Ended ended) = 0;
};

}  // namespace troupe::runtime
