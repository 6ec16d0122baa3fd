#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "net/byte_stream.hpp"

namespace troupe::api {

/// A command for a container's run ("UID.CONTAINER.ATTEMPT").
struct NodeCommand {
  std::string run;
  std::vector<std::string> argv;
  bool input = false;
  bool output = false;
  bool error = false;
  bool terminal = false;  ///< Input and output are one terminal; there is no stream of errors.
};

/// What is connected to something on the node. Streams that were not asked for are null. Dropping `held` ends what was
/// started for it.
struct Connected {
  std::shared_ptr<net::ByteStream> input;
  std::shared_ptr<net::ByteStream> output;
  std::shared_ptr<net::ByteStream> error;
  std::function<void(std::uint16_t width, std::uint16_t height)> resize;  ///< Set for a terminal.
  std::shared_ptr<void> held;
};

struct ContainerUsage {
  std::string pod_namespace;
  std::string pod_name;
  std::string name;
  std::uint64_t nanocores = 0;  ///< Over the window.
  std::uint64_t memory_bytes = 0;
};

/// What a node and its containers use.
struct NodeUsage {
  std::string node_name;
  std::uint64_t nanocores = 0;
  std::uint64_t memory_bytes = 0;
  std::chrono::milliseconds window{0};
  std::vector<ContainerUsage> containers;
};

/// What exec, attach, port-forward and proxy need of the node where the pod runs. Callbacks come on any thread.
class NodeStreams {
 public:
  using Opened = std::function<void(Result<Connected>)>;
  using Ended = std::function<void(Result<int> exit_code)>;

  virtual ~NodeStreams() = default;

  /// Runs a command beside the container's process. `ended` is called once after success, unless `held` was dropped.
  /// kNotFound, kConflict: the container does not run.
  virtual void exec(NodeCommand command, Opened opened, Ended ended) = 0;

  /// Connects to what the container's process itself reads and writes, from now on. `argv` is not used; the output
  /// streams end with the process. `ended` as for exec: 0 when the process ended, whatever its exit code; an error when
  /// the client was cut off before.
  virtual void attach(NodeCommand container, Opened opened, Ended ended) = 0;

  /// Connects to a port of the pod's own, by TCP: both directions are `input`. Without a uid: to one that any pod of
  /// the node listens on. kUnavailable ("connection refused"): no process of a pod's listens there.
  virtual void dial(const std::string& pod_uid, std::uint16_t port, Opened opened) = 0;

  /// What is used now; of processor time the mean since it was last asked for.
  virtual void usage(std::function<void(Result<NodeUsage>)> done) = 0;
};

}  // namespace troupe::api
