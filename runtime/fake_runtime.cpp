#include "runtime/fake_runtime.hpp"

#include <signal.h>

#include <algorithm>
#include <utility>

namespace troupe::runtime {
namespace {

constexpr std::chrono::nanoseconds kCallTime{1000};

struct FakeContainer {
  ContainerSpec spec;
  ContainerInfo info;
  FakeProgram program;
};

}  // namespace

struct FakeRuntime::State : std::enable_shared_from_this<State> {
  Host host;
  Programs programs;
  RuntimeListener* listener = nullptr;
  bool attached = false;
  bool lose_statuses = false;
  std::vector<SandboxSpec> sandboxes;
  std::vector<std::unique_ptr<FakeContainer>> containers;  // in order of creation
  pid_t next_pid = 1000;

  void later(std::chrono::nanoseconds delay, std::function<void(State&)> action) {
    host.after(delay, [weak = weak_from_this(), action = std::move(action)] {
      if (auto self = weak.lock()) action(*self);
    });
  }

  /// Runs `action` after a call's time and answers with its result.
  template <class T>
  void call(Callback<T> done, std::function<Result<T>(State&)> action) {
    later(kCallTime, [done = std::move(done), action = std::move(action)](State& self) {
      if (!self.attached)
        return done(fail(ErrorCode::kUnavailable, "not connected to the keeper: wait for on_attached"));
      done(action(self));
    });
  }

  FakeContainer* find(const std::string& id) {
    for (auto& container : containers) {
      if (container->spec.id == id) return container.get();
    }
    return nullptr;
  }
  bool has_sandbox(const std::string& id) const {
    return std::any_of(sandboxes.begin(), sandboxes.end(), [&](const auto& sandbox) { return sandbox.id == id; });
  }
  Inventory inventory() const {
    Inventory result;
    result.sandboxes = sandboxes;
    for (const auto& container : containers) result.containers.push_back(container->info);
    return result;
  }

  Status create(ContainerSpec spec) {
    if (spec.argv.empty()) return fail(ErrorCode::kInvalidArgument, "argv: no command to run");
    if (find(spec.id) != nullptr) return fail(ErrorCode::kAlreadyExists, "container " + spec.id + " exists");
    if (!has_sandbox(spec.sandbox_id)) return fail(ErrorCode::kNotFound, "no sandbox " + spec.sandbox_id);
    auto container = std::make_unique<FakeContainer>();
    container->info = {spec.id, spec.sandbox_id, spec.name, spec.attempt, ContainerState::kCreated, host.now(),
                       {},      std::nullopt};
    container->program = programs(spec);
    container->spec = std::move(spec);
    containers.push_back(std::move(container));
    return {};
  }

  Result<StartInfo> run(const std::string& id) {
    FakeContainer* container = find(id);
    if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + id);
    if (container->info.state != ContainerState::kCreated) {
      return fail(ErrorCode::kConflict, "container " + id + " was started before");
    }
    if (container->program.start_error) return fail(*container->program.start_error);
    container->info.state = ContainerState::kRunning;
    const pid_t pid = next_pid++;
    container->info.start = {pid, static_cast<std::uint64_t>(pid) * 10, host.now()};
    if (container->program.exit_after) end_later(id, *container->program.exit_after, container->program.exit_code, 0);
    return container->info.start;
  }

  void end_later(const std::string& id, std::chrono::nanoseconds delay, int code, int number) {
    later(delay, [id, code, number](State& self) { self.end(id, code, number); });
  }

  void end(const std::string& id, int code, int number) {
    FakeContainer* container = find(id);
    if (container == nullptr || container->info.state != ContainerState::kRunning) return;
    const bool lost = !attached && lose_statuses;
    container->info.state = ContainerState::kExited;
    container->info.exit =
        ContainerExit{id,   container->spec.sandbox_id,       lost ? 137 : code, lost ? 0 : number,
                      lost, container->info.start.started_at, host.now(),        container->program.last_words};
    if (attached) listener->on_exit(*container->info.exit);
  }

  void signal(FakeContainer& container, int number) {
    const bool ends = number == SIGKILL || !container.program.ignores_term;
    if (ends) end_later(container.spec.id, container.program.time_to_stop, 128 + number, number);
  }

  Status stop(const std::string& id, int number, std::chrono::milliseconds grace) {
    FakeContainer* container = find(id);
    if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + id);
    if (number < 1 || number > 64) return fail(ErrorCode::kInvalidArgument, "no signal " + std::to_string(number));
    if (container->info.state != ContainerState::kRunning) return {};
    signal(*container, number);
    if (number != SIGKILL) end_later(id, grace + container->program.time_to_stop, 128 + SIGKILL, SIGKILL);
    return {};
  }

  Status remove(const std::string& id) {
    FakeContainer* container = find(id);
    if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + id);
    if (container->info.state == ContainerState::kRunning) {
      return fail(ErrorCode::kConflict, "container " + id + " runs: stop it first");
    }
    std::erase_if(containers, [&](const auto& other) { return other->spec.id == id; });
    return {};
  }

  Status remove_sandbox(const std::string& id) {
    if (!has_sandbox(id)) return fail(ErrorCode::kNotFound, "no sandbox " + id);
    const auto inside = [&](const auto& container) { return container->spec.sandbox_id == id; };
    for (const auto& container : containers) {
      if (inside(container) && container->info.state == ContainerState::kRunning) {
        return fail(ErrorCode::kConflict, "sandbox " + id + ": container " + container->spec.id + " runs");
      }
    }
    std::erase_if(containers, inside);
    std::erase_if(sandboxes, [&](const auto& sandbox) { return sandbox.id == id; });
    return {};
  }
};

FakeRuntime::FakeRuntime(Host host, Programs programs) : state_(std::make_shared<State>()) {
  state_->host = std::move(host);
  state_->programs = std::move(programs);
}

FakeRuntime::~FakeRuntime() = default;

void FakeRuntime::start(RuntimeListener& listener) {
  state_->listener = &listener;
  attach();
}

void FakeRuntime::create_sandbox(SandboxSpec spec, Done done) {
  state_->call<void>(std::move(done), [spec = std::move(spec)](State& state) -> Status {
    if (spec.id.empty()) return fail(ErrorCode::kInvalidArgument, "sandbox id: empty");
    if (state.has_sandbox(spec.id)) return fail(ErrorCode::kAlreadyExists, "sandbox " + spec.id + " exists");
    state.sandboxes.push_back(spec);
    return {};
  });
}

void FakeRuntime::remove_sandbox(std::string id, Done done) {
  state_->call<void>(std::move(done), [id = std::move(id)](State& state) { return state.remove_sandbox(id); });
}

void FakeRuntime::create_container(ContainerSpec spec, Done done) {
  state_->call<void>(std::move(done), [spec = std::move(spec)](State& state) { return state.create(spec); });
}

void FakeRuntime::start_container(std::string id, Callback<StartInfo> done) {
  state_->call<StartInfo>(std::move(done), [id = std::move(id)](State& state) { return state.run(id); });
}

void FakeRuntime::stop_container(std::string id, int signal, std::chrono::milliseconds grace, Done done) {
  state_->call<void>(std::move(done),
                     [id = std::move(id), signal, grace](State& state) { return state.stop(id, signal, grace); });
}

void FakeRuntime::remove_container(std::string id, Done done) {
  state_->call<void>(std::move(done), [id = std::move(id)](State& state) { return state.remove(id); });
}

void FakeRuntime::exec(ExecSpec spec, Callback<ExecResult> done) {
  const FakeCommand command = commands ? commands(spec) : FakeCommand();
  state_->later(kCallTime, [spec = std::move(spec), command, done = std::move(done)](State& state) {
    if (!state.attached) return done(fail(ErrorCode::kUnavailable, "not connected to the keeper"));
    const FakeContainer* container = state.find(spec.container_id);
    if (container == nullptr) return done(fail(ErrorCode::kNotFound, "no container " + spec.container_id));
    if (container->info.state != ContainerState::kRunning) {
      return done(fail(ErrorCode::kConflict, "container " + spec.container_id + " does not run"));
    }
    const bool late = spec.timeout.count() > 0 && command.time > spec.timeout;
    const auto time = late ? std::chrono::nanoseconds(spec.timeout) : command.time;
    state.later(time, [late, command, done](State&) {
      done(ExecResult{late ? 137 : command.exit_code, late, command.output});
    });
  });
}

void FakeRuntime::list(Callback<Inventory> done) {
  state_->call<Inventory>(std::move(done), [](State& state) -> Result<Inventory> { return state.inventory(); });
}

void FakeRuntime::reopen_log(std::string id, Done done) {
  state_->call<void>(std::move(done), [id = std::move(id)](State& state) -> Status {
    const FakeContainer* container = state.find(id);
    if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + id);
    if (container->info.state == ContainerState::kRunning) return {};
    return fail(ErrorCode::kConflict, "container " + id + " does not run");
  });
}

bool FakeRuntime::kill_process(const std::string& id, int signal) {
  FakeContainer* container = state_->find(id);
  if (container == nullptr || container->info.state != ContainerState::kRunning) return false;
  state_->signal(*container, signal);
  return true;
}

void FakeRuntime::detach(bool lose_statuses) {
  if (!state_->attached) return;
  state_->attached = false;
  state_->lose_statuses = lose_statuses;
  state_->later(kCallTime, [](State& state) {
    state.listener->on_detached(Error(ErrorCode::kDisconnected, "the keeper closed the connection"));
  });
}

void FakeRuntime::attach() {
  state_->later(kCallTime, [](State& state) {
    if (std::exchange(state.attached, true)) return;
    state.listener->on_attached(state.inventory());
  });
}

}  // namespace troupe::runtime
