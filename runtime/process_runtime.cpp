#include "runtime/process_runtime.hpp"

#include <fcntl.h>
#include <kj/async-io.h>
#include <kj/async-unix.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "runtime/fd.hpp"
#include "runtime/keeper_link_internal.hpp"
#include "runtime/rpc_convert_internal.hpp"

namespace troupe::runtime {
namespace {

constexpr std::size_t kMaxSpecBytes = 8u << 20u;  // execve takes a quarter of the stack limit, 2 MiB as a rule

/// Sees to it that a callback is called exactly once, whatever happens to the promise that holds it.
template <class T>
class Once {
 public:
  explicit Once(Callback<T> callback) : callback_(std::move(callback)) {}
  Once(const Once&) = delete;
  Once& operator=(const Once&) = delete;
  ~Once() { (*this)(fail(ErrorCode::kDisconnected, "the runtime was closed")); }

  void operator()(Result<T> result) {
    if (auto callback = std::exchange(callback_, nullptr)) callback(std::move(result));
  }

 private:
  Callback<T> callback_;
};

Error error_of(const kj::Exception& exception) {
  const bool gone = exception.getType() == kj::Exception::Type::DISCONNECTED;
  return Error(gone ? ErrorCode::kDisconnected : ErrorCode::kInternal,
               std::string("keeper: ") + exception.getDescription().cStr());
}

std::size_t bytes_of(const ContainerSpec& spec) {
  std::size_t bytes = 0;
  for (const std::string& argument : spec.argv) bytes += argument.size() + 1;
  for (const Variable& variable : spec.environment) bytes += variable.name.size() + variable.value.size() + 2;
  return bytes;
}

}  // namespace

namespace {

using Call = std::function<void(KeeperLink*)>;  // null: the runtime is closing

/// The queue of the kj thread. Outlives it, for commands that somebody still holds.
class Mailbox {
 public:
  explicit Mailbox(std::size_t limit) : limit_(limit), wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

  int descriptor() const { return wake_.get(); }

  /// False when the queue is full or closed; the call is then not taken. `must`: full is no reason.
  bool post(Call call, bool must = false) {
    {
      const std::lock_guard lock(mutex_);
      if (closed_ || (calls_.size() >= limit_ && !must)) return false;
      calls_.push_back(std::move(call));
      if (calls_.size() > 1) return true;  // the thread has been woken for the first and takes all
    }
    wake();
    return true;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake();
  }

  /// Everything queued; nothing when it is time to end.
  std::optional<std::deque<Call>> take() {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = ::read(wake_.get(), &count, sizeof(count));
    const std::lock_guard lock(mutex_);
    if (stopping_) return std::nullopt;
    return std::exchange(calls_, {});
  }

  /// The thread has ended: what is left, and no more.
  std::deque<Call> close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    return std::exchange(calls_, {});
  }

 private:
  void wake() {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake_.get(), &one, sizeof(one));
  }

  const std::size_t limit_;
  Fd wake_;
  std::mutex mutex_;
  std::deque<Call> calls_;
  bool stopping_ = false;
  bool closed_ = false;
};

class HeldCommand final : public RunningCommand {
 public:
  HeldCommand(std::weak_ptr<Mailbox> mailbox, std::uint64_t number) : mailbox_(std::move(mailbox)), number_(number) {}
  ~HeldCommand() override {
    const auto mailbox = mailbox_.lock();
    if (!mailbox) return;
    mailbox->post(
        [number = number_](KeeperLink* link) {
          if (link != nullptr) link->drop_command(number);
        },
        true);
  }
  HeldCommand(const HeldCommand&) = delete;
  HeldCommand& operator=(const HeldCommand&) = delete;

 private:
  std::weak_ptr<Mailbox> mailbox_;
  std::uint64_t number_;
};

class HeldDescriptor final : public rpc::Descriptor::Server {
 public:
  explicit HeldDescriptor(Fd fd) : fd_(std::move(fd)) {}
  kj::Maybe<int> getFd() override { return fd_.get(); }

 private:
  Fd fd_;
};

}  // namespace

/// The kj thread with its queue of calls.
class ProcessRuntime::Thread {
 public:
  explicit Thread(Options options)
      : options_(std::move(options)), mailbox_(std::make_shared<Mailbox>(options_.queue_limit)) {}
  ~Thread() {
    mailbox_->stop();
    if (thread_.joinable()) thread_.join();
    for (Call& call : mailbox_->close()) call(nullptr);
  }

  void start(RuntimeListener& listener) {
    thread_ = std::thread([this, &listener] { run(listener); });
  }

  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

  /// False when the queue is full; the call is then not taken.
  bool post(Call call) { return mailbox_->post(std::move(call)); }

  /// Posts one call of the keeper's. `make` fills the request, `convert` reads the answer.
  template <class T, class Make, class Convert>
  void call(Callback<T> done, Make make, Convert convert) {
    auto once = std::make_shared<Once<T>>(std::move(done));
    const bool taken = post([once, make = std::move(make), convert](KeeperLink* link) mutable {
      if (link == nullptr) return (*once)(fail(ErrorCode::kDisconnected, "the runtime was closed"));
      KJ_IF_MAYBE (keeper, link->keeper()) {
        auto request = make(*keeper);
        link->add_task(request.send().then([once, convert](auto&& response) { (*once)(convert(response)); },
                                           [once](kj::Exception&& e) { (*once)(fail(error_of(e))); }));
      } else {
        (*once)(fail(ErrorCode::kUnavailable, "not connected to the keeper: wait for on_attached"));
      }
    });
    if (!taken) (*once)(fail(ErrorCode::kBusy, "the runtime's queue is full"));
  }

 private:
  void run(RuntimeListener& listener) {
    kj::AsyncIoContext io = kj::setupAsyncIo();
    KeeperLink link(options_, listener, io);
    kj::UnixEventPort::FdObserver observer(io.unixEventPort, mailbox_->descriptor(),
                                           kj::UnixEventPort::FdObserver::OBSERVE_READ);
    link.open();
    while (serve(link)) observer.whenBecomesReadable().wait(io.waitScope);
  }

  /// Empties the queue; false when it is time to end.
  bool serve(KeeperLink& link) {
    auto calls = mailbox_->take();
    if (!calls) return false;
    for (Call& call : *calls) call(&link);
    return true;
  }

  Options options_;
  std::shared_ptr<Mailbox> mailbox_;
  std::thread thread_;
};

namespace {

constexpr auto kToStatus = [](auto& response) { return read(response.getFailure()); };

}  // namespace

ProcessRuntime::ProcessRuntime(Options options) : thread_(std::make_unique<Thread>(std::move(options))) {}

ProcessRuntime::~ProcessRuntime() = default;

void ProcessRuntime::start(RuntimeListener& listener) { thread_->start(listener); }

void ProcessRuntime::create_sandbox(SandboxSpec spec, Done done) {
  thread_->call<void>(
      std::move(done),
      [spec = std::move(spec)](rpc::Keeper::Client& keeper) {
        auto request = keeper.createSandboxRequest();
        write(spec, request.initSpec());
        return request;
      },
      kToStatus);
}

void ProcessRuntime::remove_sandbox(std::string id, Done done) {
  thread_->call<void>(
      std::move(done),
      [id = std::move(id)](rpc::Keeper::Client& keeper) {
        auto request = keeper.removeSandboxRequest();
        request.setId(id);
        return request;
      },
      kToStatus);
}

void ProcessRuntime::create_container(ContainerSpec spec, Done done) {
  if (bytes_of(spec) > kMaxSpecBytes) {
    // Through the queue all the same: every callback comes on the runtime's thread.
    auto refused = [done](KeeperLink*) {
      done(fail(ErrorCode::kTooLarge, "arguments and environment: more than 8 MiB"));
    };
    if (!thread_->post(refused)) refused(nullptr);
    return;
  }
  thread_->call<void>(
      std::move(done),
      [spec = std::move(spec)](rpc::Keeper::Client& keeper) {
        auto request = keeper.createContainerRequest();
        write(spec, request.initSpec());
        return request;
      },
      kToStatus);
}

void ProcessRuntime::start_container(std::string id, Callback<StartInfo> done) {
  thread_->call<StartInfo>(
      std::move(done),
      [id = std::move(id)](rpc::Keeper::Client& keeper) {
        auto request = keeper.startContainerRequest();
        request.setId(id);
        return request;
      },
      [](auto& response) -> Result<StartInfo> {
        if (Status status = read(response.getFailure()); !status) return fail(std::move(status.error()));
        return StartInfo{response.getPid(), response.getStartTicks(),
                         WallTime(std::chrono::nanoseconds(response.getStartedAt()))};
      });
}

void ProcessRuntime::stop_container(std::string id, int signal, std::chrono::milliseconds grace, Done done) {
  thread_->call<void>(
      std::move(done),
      [id = std::move(id), signal, grace](rpc::Keeper::Client& keeper) {
        auto request = keeper.stopContainerRequest();
        request.setId(id);
        request.setSignal(signal);
        request.setGraceMillis(static_cast<std::uint64_t>(std::max<std::int64_t>(0, grace.count())));
        return request;
      },
      kToStatus);
}

void ProcessRuntime::remove_container(std::string id, Done done) {
  thread_->call<void>(
      std::move(done),
      [id = std::move(id)](rpc::Keeper::Client& keeper) {
        auto request = keeper.removeContainerRequest();
        request.setId(id);
        return request;
      },
      kToStatus);
}

void ProcessRuntime::exec(ExecSpec spec, Callback<ExecResult> done) {
  thread_->call<ExecResult>(
      std::move(done),
      [spec = std::move(spec)](rpc::Keeper::Client& keeper) {
        auto request = keeper.execRequest();
        request.setId(spec.container_id);
        auto argv = request.initArgv(static_cast<unsigned>(spec.argv.size()));
        for (unsigned i = 0; i < spec.argv.size(); ++i) argv.set(i, spec.argv[i]);
        request.setTimeoutMillis(static_cast<std::uint64_t>(std::max<std::int64_t>(0, spec.timeout.count())));
        request.setMaxOutput(spec.max_output);
        return request;
      },
      [](auto& response) -> Result<ExecResult> {
        if (Status status = read(response.getFailure()); !status) return fail(std::move(status.error()));
        const auto output = response.getOutput();
        return ExecResult{response.getExitCode(), response.getTimedOut(), std::string(output.begin(), output.end())};
      });
}

void ProcessRuntime::list(Callback<Inventory> done) {
  thread_->call<Inventory>(
      std::move(done), [](rpc::Keeper::Client& keeper) { return keeper.listRequest(); },
      [](auto& response) -> Result<Inventory> { return read(response.getInventory()); });
}

void ProcessRuntime::reopen_log(std::string id, Done done) {
  thread_->call<void>(
      std::move(done),
      [id = std::move(id)](rpc::Keeper::Client& keeper) {
        auto request = keeper.reopenLogRequest();
        request.setId(id);
        return request;
      },
      kToStatus);
}

void ProcessRuntime::open_command(CommandSpec spec, std::shared_ptr<CommandStreams> streams, Started started,
                                  Ended ended) {
  using Held = std::shared_ptr<RunningCommand>;
  auto once = std::make_shared<Once<Held>>(std::move(started));
  std::weak_ptr<Mailbox> mailbox = thread_->mailbox();
  const bool taken = thread_->post([once, spec = std::move(spec), streams = std::move(streams), mailbox,
                                    ended = std::move(ended)](KeeperLink* link) {
    if (link == nullptr) return (*once)(fail(ErrorCode::kDisconnected, "the runtime was closed"));
    KJ_IF_MAYBE (keeper, link->keeper()) {
      auto request = keeper->openCommandRequest();
      request.setId(spec.container_id);
      auto argv = request.initArgv(static_cast<unsigned>(spec.argv.size()));
      for (unsigned i = 0; i < spec.argv.size(); ++i) argv.set(i, spec.argv[i]);
      request.setTerminal(spec.terminal);
      if (streams->input) request.setInput(kj::heap<HeldDescriptor>(std::move(streams->input)));
      if (streams->output) request.setOutput(kj::heap<HeldDescriptor>(std::move(streams->output)));
      if (streams->error) request.setError(kj::heap<HeldDescriptor>(std::move(streams->error)));
      link->add_task(request.send().then(
          [once, link, mailbox, ended](auto&& response) {
            if (Status status = read(response.getFailure()); !status) return (*once)(fail(std::move(status.error())));
            const std::uint64_t number = link->hold_command(response.getCommand(), ended);
            (*once)(std::make_shared<HeldCommand>(mailbox, number));
          },
          [once](kj::Exception&& e) { (*once)(fail(error_of(e))); }));
    } else {
      (*once)(fail(ErrorCode::kUnavailable, "not connected to the keeper: wait for on_attached"));
    }
  });
  if (!taken) (*once)(fail(ErrorCode::kBusy, "the runtime's queue is full"));
}

void ProcessRuntime::attach(std::string container_id, bool input, std::shared_ptr<CommandStreams> streams,
                            Attached attached, Ended ended) {
  using Held = std::shared_ptr<AttachedContainer>;
  auto once = std::make_shared<Once<Held>>(std::move(attached));
  std::weak_ptr<Mailbox> mailbox = thread_->mailbox();
  const bool taken = thread_->post([once, container_id = std::move(container_id), input, streams = std::move(streams),
                                    mailbox, ended = std::move(ended)](KeeperLink* link) {
    if (link == nullptr) return (*once)(fail(ErrorCode::kDisconnected, "the runtime was closed"));
    KJ_IF_MAYBE (keeper, link->keeper()) {
      auto request = keeper->attachContainerRequest();
      request.setId(container_id);
      request.setInput(input);
      if (streams->output) request.setOutput(kj::heap<HeldDescriptor>(std::move(streams->output)));
      if (streams->error) request.setError(kj::heap<HeldDescriptor>(std::move(streams->error)));
      link->add_task(request.send()
                         .then([once, link, mailbox, ended](auto&& response) -> kj::Promise<void> {
                           if (Status status = read(response.getFailure()); !status) {
                             (*once)(fail(std::move(status.error())));
                             return kj::READY_NOW;
                           }
                           auto attachment = response.getAttachment();
                           auto held = std::make_shared<AttachedContainer>();
                           held->held =
                               std::make_shared<HeldCommand>(mailbox, link->hold_attachment(attachment, ended));
                           if (!response.hasInput()) {
                             (*once)(held);
                             return kj::READY_NOW;
                           }
                           auto source = response.getInput();
                           auto got = source.getFd();
                           return got.then([once, held, source = kj::mv(source)](auto descriptor) mutable {
                             KJ_IF_MAYBE (fd, descriptor) held->input.reset(fcntl(*fd, F_DUPFD_CLOEXEC, 0));
                             // Lets go of the other copy first: an input ends with the last of them.
                             { const auto dropped = kj::mv(source); }
                             (*once)(held);
                           });
                         })
                         .catch_([once](kj::Exception&& e) { (*once)(fail(error_of(e))); }));
    } else {
      (*once)(fail(ErrorCode::kUnavailable, "not connected to the keeper: wait for on_attached"));
    }
  });
  if (!taken) (*once)(fail(ErrorCode::kBusy, "the runtime's queue is full"));
}

}  // namespace troupe::runtime
