#include <fcntl.h>
#include <signal.h>

#include <utility>

#include "runtime/command_service_internal.hpp"

namespace troupe::runtime {

/// A command, shared by its capability and its connection.
struct Commands::State {
  State() : State(kj::newPromiseAndFulfiller<int>()) {}
  explicit State(kj::PromiseFulfillerPair<int> pair)
      : ended_fulfiller(kj::mv(pair.fulfiller)), exit_code(pair.promise.fork()) {}

  void kill_group() const {
    if (pid != 0 && !ended) ::kill(-pid, SIGKILL);
  }

  pid_t pid = 0;
  bool ended = false;
  kj::Own<kj::PromiseFulfiller<int>> ended_fulfiller;
  kj::ForkedPromise<int> exit_code;
};

namespace {

class CommandService final : public rpc::Command::Server {
 public:
  explicit CommandService(std::shared_ptr<Commands::State> state) : state_(std::move(state)) {}
  ~CommandService() noexcept(false) { state_->kill_group(); }

 protected:
  kj::Promise<void> wait(WaitContext context) override {
    return state_->exit_code.addBranch().then(
        [context](int exit_code) mutable { context.getResults().setExitCode(exit_code); });
  }
  kj::Promise<void> kill(KillContext) override {
    state_->kill_group();
    return kj::READY_NOW;
  }

 private:
  std::shared_ptr<Commands::State> state_;
};

class SentDescriptor final : public rpc::Descriptor::Server {
 public:
  explicit SentDescriptor(Fd fd) : fd_(std::move(fd)) {}
  kj::Maybe<int> getFd() override { return fd_.get(); }

 private:
  Fd fd_;
};

/// Ends with its client.
class AttachmentService final : public rpc::Attachment::Server {
 public:
  AttachmentService(Keeper& keeper, std::string container, std::uint64_t number, kj::Promise<bool> ended)
      : keeper_(keeper), container_(std::move(container)), number_(number), ended_(ended.fork()) {}
  ~AttachmentService() noexcept(false) { keeper_.detach(container_, number_); }

 protected:
  kj::Promise<void> wait(WaitContext context) override {
    context.allowCancellation();
    return ended_.addBranch().then([context](bool cut_off) mutable { context.getResults().setCutOff(cut_off); });
  }
  kj::Promise<void> end(EndContext) override {
    keeper_.detach(container_, number_);
    return kj::READY_NOW;
  }

 private:
  Keeper& keeper_;
  std::string container_;
  std::uint64_t number_;
  kj::ForkedPromise<bool> ended_;
};

kj::Promise<kj::Maybe<int>> descriptor(bool given, rpc::Descriptor::Client client) {
  if (!given) return kj::Maybe<int>(nullptr);
  return client.getFd().attach(kj::cp(client));
}

}  // namespace

kj::Promise<void> attach_container(Keeper& keeper, AttachContext context) {
  auto params = context.getParams();
  auto waiting = kj::heapArrayBuilder<kj::Promise<kj::Maybe<int>>>(2);
  waiting.add(descriptor(params.hasOutput(), params.getOutput()));
  waiting.add(descriptor(params.hasError(), params.getError()));
  return kj::joinPromises(waiting.finish()).then([&keeper, context](auto descriptors) mutable {
    static std::uint64_t next_number = 1;
    auto given = context.getParams();
    const std::string id = given.getId().cStr();
    Onlooker onlooker;
    const std::uint64_t number = onlooker.number = next_number++;
    onlooker.input = given.getInput();
    for (unsigned i = 0; i < 2; ++i) {
      KJ_IF_MAYBE (fd, descriptors[i]) onlooker.pipes.at(i).reset(fcntl(*fd, F_DUPFD_CLOEXEC, 0));
    }
    auto ended = kj::newPromiseAndFulfiller<bool>();
    auto fulfiller = std::make_shared<kj::Own<kj::PromiseFulfiller<bool>>>(kj::mv(ended.fulfiller));
    onlooker.ended = [fulfiller](bool cut_off) { (*fulfiller)->fulfill(kj::mv(cut_off)); };
    Result<Fd> input = keeper.attach(id, std::move(onlooker));
    auto results = context.getResults();
    auto failure = results.initFailure();
    if (!input) {
      failure.setCode(static_cast<std::uint16_t>(input.error().code));
      failure.setMessage(input.error().message);
      return;
    }
    results.setAttachment(kj::heap<AttachmentService>(keeper, id, number, kj::mv(ended.promise)));
    if (*input) results.setInput(kj::heap<SentDescriptor>(std::move(*input)));
  });
}

Commands::~Commands() {
  for (const auto& state : running_) state->kill_group();
}

kj::Promise<void> Commands::open(const std::shared_ptr<Commands>& commands, Keeper& keeper, CommandContext context) {
  auto params = context.getParams();
  auto waiting = kj::heapArrayBuilder<kj::Promise<kj::Maybe<int>>>(3);
  waiting.add(descriptor(params.hasInput(), params.getInput()));
  waiting.add(descriptor(params.hasOutput(), params.getOutput()));
  waiting.add(descriptor(params.hasError(), params.getError()));
  return kj::joinPromises(waiting.finish()).then([commands, &keeper, context](auto descriptors) mutable {
    auto given = context.getParams();
    CommandPlan plan;
    plan.container_id = given.getId().cStr();
    for (auto word : given.getArgv()) plan.argv.emplace_back(word.cStr());
    plan.terminal = given.getTerminal();
    int* const places[] = {&plan.input, &plan.output, &plan.error};
    for (int i = 0; i < 3; ++i) {
      KJ_IF_MAYBE (number, descriptors[i]) *places[i] = *number;
    }
    auto state = std::make_shared<State>();
    Result<pid_t> started = keeper.open_command(plan, [state](int exit_code) {
      state->ended = true;
      state->ended_fulfiller->fulfill(kj::mv(exit_code));
    });
    auto results = context.getResults();
    auto failure = results.initFailure();
    if (!started) {
      failure.setCode(static_cast<std::uint16_t>(started.error().code));
      failure.setMessage(started.error().message);
      return;
    }
    state->pid = *started;
    commands->running_.remove_if([](const auto& old) { return old->ended; });
    commands->running_.push_back(state);
    results.setCommand(kj::heap<CommandService>(std::move(state)));
  });
}

}  // namespace troupe::runtime
