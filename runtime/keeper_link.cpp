#include <fcntl.h>
#include <kj/async-unix.h>
#include <kj/io.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <utility>

#include "runtime/keeper_files.hpp"
#include "runtime/keeper_link_internal.hpp"
#include "runtime/process_info.hpp"
#include "runtime/rpc_convert_internal.hpp"

extern char** environ;

namespace troupe::runtime {
namespace {

using Observer = kj::UnixEventPort::FdObserver;

// A second reason to try: the folder did not exist yet and could not be watched, or the start failed.
constexpr unsigned kMaxDescriptors = 4;  // that come with one message
constexpr auto kRetry = 200 * kj::MILLISECONDS;

/// Resolves when the descriptor has something to read; keeps it open until then.
kj::Promise<void> when_readable(kj::UnixEventPort& port, Fd fd) {
  struct Watch {
    Watch(kj::UnixEventPort& unix_port, Fd watched)
        : fd(std::move(watched)), observer(unix_port, fd.get(), Observer::OBSERVE_READ) {}
    Fd fd;
    Observer observer;
  };
  auto watch = kj::heap<Watch>(port, std::move(fd));
  kj::Promise<void> readable = watch->observer.whenBecomesReadable();
  return readable.attach(kj::mv(watch));
}

class Listener final : public rpc::ExitListener::Server {
 public:
  explicit Listener(KeeperLink& link) : link_(link) {}

 protected:
  kj::Promise<void> exited(ExitedContext context) override {
    link_.exited(context.getParams().getContainers());
    return kj::READY_NOW;
  }

 private:
  KeeperLink& link_;
};

}  // namespace

struct KeeperLink::Session {
  Session(std::uint64_t number, kj::Own<kj::AsyncCapabilityStream> socket)
      : id(number),
        stream(kj::mv(socket)),
        rpc(*stream, kMaxDescriptors),
        keeper(rpc.bootstrap().castAs<rpc::Keeper>()) {}

  std::uint64_t id;
  kj::Own<kj::AsyncCapabilityStream> stream;
  capnp::TwoPartyClient rpc;
  rpc::Keeper::Client keeper;
  bool attached = false;
};

KeeperLink::KeeperLink(const ProcessRuntime::Options& options, RuntimeListener& listener, kj::AsyncIoContext& io)
    : options_(options),
      listener_(listener),
      io_(io),
      budget_(options.keeper_intensity, options.keeper_period),
      tasks_(*this) {}

KeeperLink::~KeeperLink() = default;

void KeeperLink::taskFailed(kj::Exception&& exception) {
  // Every task handles its own errors; what comes here is a bug, told where the kernel looks.
  if (session_) lost(session_->id, Error(ErrorCode::kInternal, exception.getDescription().cStr()));
}

kj::Maybe<rpc::Keeper::Client&> KeeperLink::keeper() {
  if (!session_ || !session_->attached) return nullptr;
  return session_->keeper;
}

void KeeperLink::open() {
  if (session_) return;
  // The watch first: a keeper that appears between the try and the watch would be missed.
  kj::Promise<void> appears = keeper_appears();
  Result<Fd> socket = connect_to(options_.socket_path);
  if (socket) {
    attach(std::move(*socket));
    return;
  }
  start_keeper();
  const auto retry = paused_ ? options_.keeper_period.count() * kj::MILLISECONDS : kRetry;
  kj::Promise<void> wake = appears.exclusiveJoin(io_.provider->getTimer().afterDelay(retry));
  if (child_) wake = wake.exclusiveJoin(when_readable(io_.unixEventPort, Fd(fcntl(child_.get(), F_DUPFD_CLOEXEC, 0))));
  tasks_.add(wake.then([this] { open(); }));
}

kj::Promise<void> KeeperLink::keeper_appears() {
  const std::size_t slash = options_.socket_path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : options_.socket_path.substr(0, slash);
  Fd inotify(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify || inotify_add_watch(inotify.get(), folder.c_str(), IN_MOVED_TO) < 0) return kj::NEVER_DONE;
  return when_readable(io_.unixEventPort, std::move(inotify));
}

void KeeperLink::start_keeper() {
  if (child_ && peek_exit(child_.get()) != Reaped::kRunning) {
    reap(child_.get());
    child_.reset();
  }
  paused_ = false;
  const std::vector<std::string>& command = options_.keeper_command.empty() ? told_command_ : options_.keeper_command;
  if (child_ || command.empty()) return;
  if (options_.keeper_command.empty() && std::chrono::steady_clock::now() < lost_at_ + options_.replace_keeper_after) {
    return;
  }
  if (!budget_.take(std::chrono::steady_clock::now())) {
    paused_ = true;
    return;
  }
  LaunchPlan plan;
  plan.argv = command;
  for (char** variable = environ; *variable != nullptr; ++variable) plan.environment.emplace_back(*variable);
  Result<Launched> launched = launcher_.launch(plan);
  if (launched) {
    child_ = std::move(launched->pidfd);
  } else {
    listener_.on_detached(launched.error().with_context("start a keeper"));
  }
}

void KeeperLink::attach(Fd socket) {
  const std::uint64_t id = next_session_++;
  auto stream = io_.lowLevelProvider->wrapUnixSocketFd(kj::AutoCloseFd(socket.release()),
                                                       kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
  session_ = std::make_unique<Session>(id, kj::mv(stream));
  auto request = session_->keeper.attachRequest();
  request.setListener(kj::heap<Listener>(*this));
  tasks_.add(request.send().then(
      [this, id](auto&& response) { attached(id, response.getInventory(), response.getCommand()); },
      [this, id](kj::Exception&& e) { lost(id, Error(ErrorCode::kUnavailable, e.getDescription().cStr())); }));
  tasks_.add(session_->rpc.onDisconnect().then(
      [this, id] { lost(id, Error(ErrorCode::kDisconnected, "the keeper closed the connection")); }));
}

void KeeperLink::attached(std::uint64_t session, rpc::Inventory::Reader inventory,
                          capnp::List<capnp::Text>::Reader command) {
  if (!session_ || session_->id != session) return;
  session_->attached = true;
  told_command_.clear();
  if (options_.replace_keeper_after.count() > 0) {
    for (const auto word : command) told_command_.emplace_back(word.cStr());
  }
  listener_.on_attached(read(inventory));
  for (ContainerExit& exit : std::exchange(early_exits_, {})) listener_.on_exit(std::move(exit));
}

void KeeperLink::exited(capnp::List<rpc::ContainerInfo>::Reader containers) {
  const bool early = !session_ || !session_->attached;
  for (auto container : containers) {
    ContainerInfo info = read(container);
    if (!info.exit) continue;
    if (early) {
      early_exits_.push_back(std::move(*info.exit));
    } else {
      listener_.on_exit(std::move(*info.exit));
    }
  }
}

std::uint64_t KeeperLink::hold_command(rpc::Command::Client command, const std::function<void(Result<int>)>& ended) {
  const std::uint64_t number = next_command_++;
  auto waiting = command.waitRequest()
                     .send()
                     .then([ended](auto&& response) { ended(response.getExitCode()); },
                           [ended](kj::Exception&& e) {
                             ended(fail(ErrorCode::kDisconnected, std::string("keeper: ") + e.getDescription().cStr()));
                           })
                     .eagerlyEvaluate(nullptr);
  commands_.emplace(number, HeldCommand{kj::mv(command), kj::mv(waiting)});
  return number;
}

std::uint64_t KeeperLink::hold_attachment(rpc::Attachment::Client attachment,
                                          const std::function<void(Result<int>)>& ended) {
  const std::uint64_t number = next_command_++;
  auto told = [ended](auto&& response) {
    if (!response.getCutOff()) return ended(0);
    ended(fail(ErrorCode::kBusy, "cut off: its output came faster than it was taken, by more than 1 MiB"));
  };
  auto lost = [ended](kj::Exception&& e) {
    // A keeper of before does not tell: then the output's end is the end, whatever ended it.
    if (e.getType() == kj::Exception::Type::UNIMPLEMENTED) return ended(0);
    ended(fail(ErrorCode::kDisconnected, std::string("keeper: ") + e.getDescription().cStr()));
  };
  auto waiting = attachment.waitRequest().send().then(kj::mv(told), kj::mv(lost)).eagerlyEvaluate(nullptr);
  attachments_.emplace(number, HeldAttachment{kj::mv(attachment), kj::mv(waiting)});
  return number;
}

void KeeperLink::drop_command(std::uint64_t number) {
  if (const auto attachment = attachments_.find(number); attachment != attachments_.end()) {
    tasks_.add(attachment->second.client.endRequest().send().then([](auto&&) {}, [](kj::Exception&&) {}));
    attachments_.erase(attachment);
  }
  const auto found = commands_.find(number);
  if (found == commands_.end()) return;
  tasks_.add(found->second.client.killRequest().send().then([](auto&&) {}, [](kj::Exception&&) {}));
  commands_.erase(found);
}

void KeeperLink::lost(std::uint64_t session, Error reason) {
  if (!session_ || session_->id != session) return;
  const bool was_attached = session_->attached;
  session_->attached = false;
  early_exits_.clear();
  if (was_attached) lost_at_ = std::chrono::steady_clock::now();
  if (was_attached) listener_.on_detached(std::move(reason));
  // In a turn of its own: this may run inside one of the session's promises.
  tasks_.add(kj::evalLater([this, session] {
    if (!session_ || session_->id != session) return;
    session_.reset();
    open();
  }));
}

}  // namespace troupe::runtime
