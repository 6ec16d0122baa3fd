#include <algorithm>
#include <utility>

#include "runtime/command_service_internal.hpp"
#include "runtime/keeper_server_internal.hpp"
#include "runtime/say.hpp"

namespace troupe::runtime {
namespace {

constexpr std::uint64_t kMaxExitsACall = 1024;
constexpr std::size_t kMaxConnections = 64;
constexpr unsigned kMaxDescriptors = 4;  // that come with one message
constexpr std::uint64_t kMaxExecMillis = 7ull * 24 * 3600 * 1000;

template <class Results>
void answer(Results&& results, const Status& status) {
  auto failure = results.initFailure();
  if (status) return;
  failure.setCode(static_cast<std::uint16_t>(status.error().code));
  failure.setMessage(status.error().message);
}

std::string_view view(capnp::Text::Reader text) { return {text.begin(), text.size()}; }

}  // namespace

struct KeeperServer::Connection {
  std::uint64_t id = 0;
  kj::Own<kj::AsyncIoStream> stream;
  kj::Own<capnp::TwoPartyClient> rpc;
  kj::Maybe<rpc::ExitListener::Client> listener = nullptr;  // set by attach
  std::uint64_t told = 0;                                   // exit sequence
  bool busy = false;
  std::shared_ptr<Commands> commands = std::make_shared<Commands>();
};

class KeeperService final : public rpc::Keeper::Server {
 public:
  KeeperService(KeeperServer& server, KeeperServer::Connection& connection)
      : server_(server), connection_(connection), keeper_(server.keeper_) {}

 protected:
  kj::Promise<void> attach(AttachContext context) override {
    connection_.listener = context.getParams().getListener();
    connection_.told = keeper_.last_exit();
    auto results = context.getResults();
    server_.fill(results.initInventory());
    const std::vector<std::string>& words = server_.hooks_.command;
    auto command = results.initCommand(static_cast<unsigned>(words.size()));
    for (unsigned i = 0; i < words.size(); ++i) command.set(i, words[i]);
    if (server_.hooks_.attached) server_.hooks_.attached();
    return kj::READY_NOW;
  }
  kj::Promise<void> list(ListContext context) override {
    server_.fill(context.getResults().initInventory());
    return kj::READY_NOW;
  }
  kj::Promise<void> createSandbox(CreateSandboxContext context) override {
    answer(context.getResults(), keeper_.create_sandbox(context.getParams().getSpec()));
    return kj::READY_NOW;
  }
  kj::Promise<void> removeSandbox(RemoveSandboxContext context) override {
    answer(context.getResults(), keeper_.remove_sandbox(view(context.getParams().getId())));
    return kj::READY_NOW;
  }
  kj::Promise<void> createContainer(CreateContainerContext context) override {
    answer(context.getResults(), keeper_.create_container(context.getParams().getSpec()));
    return kj::READY_NOW;
  }
  kj::Promise<void> startContainer(StartContainerContext context) override {
    Result<StartInfo> started = keeper_.start_container(view(context.getParams().getId()));
    auto results = context.getResults();
    if (!started) {
      answer(results, Status(fail(std::move(started.error()))));
      return kj::READY_NOW;
    }
    answer(results, {});
    results.setPid(started->pid);
    results.setStartTicks(started->start_ticks);
    results.setStartedAt(started->started_at.time_since_epoch().count());
    return kj::READY_NOW;
  }
  kj::Promise<void> stopContainer(StopContainerContext context) override {
    auto params = context.getParams();
    answer(context.getResults(),
           keeper_.stop_container(view(params.getId()), params.getSignal(), params.getGraceMillis()));
    return kj::READY_NOW;
  }
  kj::Promise<void> removeContainer(RemoveContainerContext context) override {
    answer(context.getResults(), keeper_.remove_container(view(context.getParams().getId())));
    return kj::READY_NOW;
  }
  kj::Promise<void> reopenLog(ReopenLogContext context) override {
    answer(context.getResults(), keeper_.reopen_log(view(context.getParams().getId())));
    return kj::READY_NOW;
  }
  kj::Promise<void> exec(ExecContext context) override {
    auto params = context.getParams();
    ExecSpec spec;
    spec.container_id = params.getId().cStr();
    for (auto word : params.getArgv()) spec.argv.emplace_back(word.cStr());
    spec.timeout = std::chrono::milliseconds(std::min(params.getTimeoutMillis(), kMaxExecMillis));
    spec.max_output = params.getMaxOutput();
    context.releaseParams();
    auto answered = kj::newPromiseAndFulfiller<Result<ExecResult>>();
    // Shared: the command may end after the caller has gone.
    auto fulfiller = std::make_shared<decltype(answered.fulfiller)>(kj::mv(answered.fulfiller));
    keeper_.exec(spec, [fulfiller](Result<ExecResult> result) { (*fulfiller)->fulfill(std::move(result)); });
    return answered.promise.then([context](Result<ExecResult> result) mutable {
      auto results = context.getResults();
      if (!result) return answer(results, Status(fail(std::move(result.error()))));
      answer(results, {});
      results.setExitCode(result->exit_code);
      results.setTimedOut(result->timed_out);
      results.setOutput(kj::arrayPtr(reinterpret_cast<const kj::byte*>(result->output.data()), result->output.size()));
    });
  }
  kj::Promise<void> openCommand(OpenCommandContext context) override {
    return Commands::open(connection_.commands, keeper_, context);
  }
  kj::Promise<void> attachContainer(AttachContainerContext context) override {
    return attach_container(keeper_, context);
  }
  kj::Promise<void> shutdown(ShutdownContext context) override {
    server_.hooks_.shutdown(context.getParams().getKeepWorkloads());
    return kj::READY_NOW;
  }
  kj::Promise<void> upgrade(UpgradeContext context) override {
    auto stays = kj::newPromiseAndFulfiller<Error>();
    auto fulfiller = std::make_shared<decltype(stays.fulfiller)>(kj::mv(stays.fulfiller));
    server_.hooks_.upgrade([fulfiller](Error reason) { (*fulfiller)->fulfill(std::move(reason)); });
    return stays.promise.then(
        [context](Error reason) mutable { answer(context.getResults(), Status(fail(std::move(reason)))); });
  }

 private:
  KeeperServer& server_;
  KeeperServer::Connection& connection_;  // outlives the service: it owns the link that holds it
  Keeper& keeper_;
};

KeeperServer::KeeperServer(Keeper& keeper, kj::LowLevelAsyncIoProvider& io, Hooks hooks)
    : keeper_(keeper), io_(io), hooks_(std::move(hooks)), tasks_(*this) {
  keeper_.on_exit([this](Container&) {
    for (auto& connection : connections_) pump(*connection);
  });
}

KeeperServer::~KeeperServer() = default;

void KeeperServer::taskFailed(kj::Exception&& exception) {
  say(std::string("a connection failed: ") + exception.getDescription().cStr());
}

void KeeperServer::listen(Fd socket) {
  receiver_ = io_.wrapListenSocketFd(kj::AutoCloseFd(socket.release()), kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK);
  tasks_.add(accept_next());
}

kj::Promise<void> KeeperServer::accept_next() {
  return receiver_->accept().then([this](kj::Own<kj::AsyncIoStream>&& stream) {
    if (connections_.size() < kMaxConnections) {
      connected(kj::mv(stream));
    } else {
      say("refused a connection: 64 are open");
    }
    return accept_next();
  });
}

void KeeperServer::connected(kj::Own<kj::AsyncIoStream> stream) {
  auto connection = std::make_unique<Connection>();
  const std::uint64_t id = next_connection_++;
  connection->id = id;
  connection->stream = kj::mv(stream);
  auto& socket = kj::downcast<kj::AsyncCapabilityStream>(*connection->stream);  // what is accepted is a unix socket
  connection->rpc = kj::heap<capnp::TwoPartyClient>(
      socket, kMaxDescriptors, kj::heap<KeeperService>(*this, *connection), capnp::rpc::twoparty::Side::SERVER);
  // In a turn of its own: the promise belongs to what is dropped.
  tasks_.add(connection->rpc->onDisconnect().then([this, id] { tasks_.add(kj::evalLater([this, id] { drop(id); })); }));
  connections_.push_back(std::move(connection));
}

void KeeperServer::fill(rpc::Inventory::Builder inventory) const {
  keeper_.fill(inventory);
  inventory.setUpgrades(hooks_.upgrades);
  if (const KernelChild* kernel = hooks_.kernel()) kernel->fill(inventory.initKernel());
}

void KeeperServer::pump(Connection& connection) {
  const std::uint64_t count = std::min(keeper_.exit_count_after(connection.told), kMaxExitsACall);
  if (connection.busy || count == 0) return;
  KJ_IF_MAYBE (listener, connection.listener) {
    auto request = listener->exitedRequest();
    auto list = request.initContainers(static_cast<unsigned>(count));
    unsigned filled = 0;
    keeper_.exits_after(connection.told, [&](const Container& container) {
      if (filled == count) return;
      container.fill(list[filled++]);
      connection.told = container.exit_sequence();
    });
    connection.busy = true;
    const std::uint64_t id = connection.id;
    tasks_.add(request.send().then(
        [this, id](auto&&) {
          Connection* still = find(id);
          if (still == nullptr) return;
          still->busy = false;
          pump(*still);
        },
        [](kj::Exception&&) {}));  // the connection is ending; the next attach tells all
  }
}

KeeperServer::Connection* KeeperServer::find(std::uint64_t id) {
  for (auto& connection : connections_) {
    if (connection->id == id) return connection.get();
  }
  return nullptr;
}

void KeeperServer::drop(std::uint64_t id) {
  connections_.remove_if([id](const auto& connection) { return connection->id == id; });
}

}  // namespace troupe::runtime
