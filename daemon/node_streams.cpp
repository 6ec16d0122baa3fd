#include "daemon/node_streams.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <cerrno>
#include <utility>

#include "runtime/terminal.hpp"

namespace troupe::daemon {

namespace {

using runtime::CommandStreams;
using runtime::Fd;

Status make_pipe(Fd& reading, Fd& writing) {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(errno_error(errno, "make a pipe"));
  reading.reset(ends[0]);
  writing.reset(ends[1]);
  return {};
}

/// Sets a terminal's size by a descriptor of its own: the stream may be closed while one is set.
std::function<void(std::uint16_t, std::uint16_t)> resizer(int terminal) {
  auto sizes = std::make_shared<Fd>(fcntl(terminal, F_DUPFD_CLOEXEC, 0));
  return [sizes](std::uint16_t width, std::uint16_t height) {
    const winsize size{height, width, 0, 0};
    ioctl(sizes->get(), TIOCSWINSZ, &size);
  };
}

/// A terminal's ends: ours is input and output at once.
Status open_terminal(boost::asio::io_context& io, CommandStreams& theirs, api::Connected& ours) {
  auto made = runtime::open_terminal();
  if (!made) return fail(made.error());
  theirs.input = std::move(made->input);
  theirs.output = std::move(made->output);
  theirs.error = std::move(made->error);
  ours.resize = resizer(made->ours.get());
  ours.input = ours.output = net::make_byte_stream(io, made->ours.release());
  return {};
}

Status open_pipes(boost::asio::io_context& io, const api::NodeCommand& command, CommandStreams& theirs,
                  api::Connected& ours) {
  struct Stream {
    bool wanted;
    bool to_command;
    Fd* theirs;
    std::shared_ptr<net::ByteStream>* ours;
  };
  const Stream streams[] = {{command.input, true, &theirs.input, &ours.input},
                            {command.output, false, &theirs.output, &ours.output},
                            {command.error, false, &theirs.error, &ours.error}};
  for (const Stream& stream : streams) {
    if (!stream.wanted) continue;
    Fd reading;
    Fd writing;
    if (Status made = make_pipe(reading, writing); !made) return made;
    *stream.theirs = std::move(stream.to_command ? reading : writing);
    *stream.ours = net::make_byte_stream(io, (stream.to_command ? writing : reading).release());
  }
  return {};
}

}  // namespace

void LocalStreams::use(runtime::Runtime* runtime, runtime::CommandRunner* runner, const net::PodNetwork* network,
                       std::string node_name) {
  const std::scoped_lock lock(mutex_);
  runtime_ = runtime;
  node_name_ = std::move(node_name);
  runner_ = runner;
  network_ = network;
}

void LocalStreams::exec(api::NodeCommand command, Opened opened, Ended ended) {
  auto theirs = std::make_shared<CommandStreams>();
  auto ours = std::make_shared<api::Connected>();
  const Status made = command.terminal ? open_terminal(io_, *theirs, *ours) : open_pipes(io_, command, *theirs, *ours);
  if (!made) return opened(fail(made.error()));
  runtime::CommandSpec spec{std::move(command.run), std::move(command.argv), command.terminal};
  const std::scoped_lock lock(mutex_);
  if (runner_ == nullptr) return opened(fail(ErrorCode::kUnavailable, "the node is not ready"));
  runner_->open_command(
      std::move(spec), theirs,
      [opened = std::move(opened), ours](Result<std::shared_ptr<runtime::RunningCommand>> running) {
        if (!running) return opened(fail(running.error()));
        ours->held = std::move(*running);
        opened(std::move(*ours));
      },
      std::move(ended));
}

void LocalStreams::attach(api::NodeCommand container, Opened opened, Ended ended) {
  auto theirs = std::make_shared<CommandStreams>();
  auto ours = std::make_shared<api::Connected>();
  api::NodeCommand outputs = container;
  outputs.input = false;
  if (Status made = open_pipes(io_, outputs, *theirs, *ours); !made) return opened(fail(made.error()));
  const std::scoped_lock lock(mutex_);
  if (runner_ == nullptr) return opened(fail(ErrorCode::kUnavailable, "the node is not ready"));
  const bool needs_descriptor = container.input || container.terminal;
  runner_->attach(
      container.run, needs_descriptor, theirs,
      [this, opened = std::move(opened), ours,
       container](Result<std::shared_ptr<runtime::AttachedContainer>> attached) {
        if (!attached) return opened(fail(attached.error()));
        Fd& input = (*attached)->input;
        if (container.terminal && input) ours->resize = resizer(input.get());
        if (container.input && input) ours->input = net::make_byte_stream(io_, input.release());
        ours->held = (*attached)->held;
        opened(std::move(*ours));
      },
      std::move(ended));
}

void LocalStreams::dial(const std::string& pod_uid, std::uint16_t port, Opened opened) {
  std::uint16_t real = port;
  {
    const std::scoped_lock lock(mutex_);
    if (network_ == nullptr) return opened(fail(ErrorCode::kUnavailable, "the node is not ready"));
    real = network_->real_port(pod_uid, port);
  }
  const auto connect = [this, real, opened](const PortOwner& owner) {
    if (owner.kind != PortOwner::Kind::kPod) return opened(fail(ErrorCode::kUnavailable, "connection refused"));
    net::dial(io_, owner.address, real, [opened](Result<std::shared_ptr<net::ByteStream>> stream) {
      if (!stream) return opened(fail(stream.error()));
      api::Connected ours;
      ours.input = std::move(*stream);
      opened(std::move(ours));
    });
  };
  const PortOwner known = sockets_->recall(pod_uid, real);
  if (known.kind != PortOwner::Kind::kUnknown) return connect(known);
  const std::scoped_lock lock(mutex_);
  if (runtime_ == nullptr) return opened(fail(ErrorCode::kUnavailable, "the node is not ready"));
  runtime_->list([this, pod_uid, real, connect, opened](const Result<runtime::Inventory>& inventory) {
    if (!inventory) return opened(fail(inventory.error()));
    auto owner = std::make_shared<PortOwner>();
    const auto look = [owner, sockets = sockets_, pod_uid, real, mains = main_processes(*inventory, pod_uid)] {
      *owner = sockets->look(pod_uid, real, mains);
    };
    const auto go_on = [this, owner, connect] { boost::asio::post(io_, [owner, connect] { connect(*owner); }); };
    if (!background_.run(look, go_on)) opened(fail(ErrorCode::kBusy, "this node has too much to do"));
  });
}

void LocalStreams::usage(std::function<void(Result<api::NodeUsage>)> done) {
  const std::scoped_lock lock(mutex_);
  if (runtime_ == nullptr) return done(fail(ErrorCode::kUnavailable, "the node is not ready"));
  runtime_->list([this, name = node_name_, done = std::move(done)](Result<runtime::Inventory> inventory) {
    if (!inventory) return done(fail(inventory.error()));
    auto usage = std::make_shared<api::NodeUsage>();
    auto measure = [meter = meter_, usage, name, inventory = std::move(*inventory)] {
      *usage = meter->measure(inventory);
      usage->node_name = name;
    };
    const bool taken = background_.run(std::move(measure), [this, usage, done] {
      boost::asio::post(io_, [usage, done] { done(std::move(*usage)); });
    });
    if (!taken) done(fail(ErrorCode::kBusy, "this node has too much to do"));
  });
}

}  // namespace troupe::daemon
