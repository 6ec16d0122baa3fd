#include <capnp/message.h>
#include <capnp/serialize.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "runtime/handover_internal.hpp"
#include "runtime/keeper_internal.hpp"

namespace troupe::runtime {
namespace {

constexpr std::uint64_t kMaxGraceMillis = 7ull * 24 * 3600 * 1000;
constexpr std::size_t kMaxLimits = 64;
constexpr int kMaxSignal = 64;
constexpr std::size_t kMaxHostname = 64;
constexpr std::size_t kMaxExecs = 1024;     // of probes and hooks
constexpr std::size_t kMaxCommands = 1024;  // of people
constexpr std::uint32_t kMaxExecOutput = 64 * 1024;
constexpr std::chrono::milliseconds kFirstWait{1};  // for a process to show its environment
constexpr std::chrono::milliseconds kLastWait{1024};
constexpr std::chrono::milliseconds kPlacesStay{500};  // empty folders for mounts, after the last pod that needs them

template <class Spec>
Status write_spec(const std::string& path, Spec spec) {
  const Fd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fd) return fail(errno_error(errno, "open " + path));
  try {
    capnp::MallocMessageBuilder message;
    message.setRoot(spec);
    capnp::writeMessageToFd(fd.get(), message);
  } catch (const kj::Exception& e) {
    return fail(ErrorCode::kIo, "write " + path + ": " + e.getDescription().cStr());
  }
  return {};
}

bool holds_nul(capnp::Text::Reader text) {
  return std::string_view(text.begin(), text.size()).find('\0') != std::string_view::npos;
}

Status check_strings(rpc::ContainerSpec::Reader spec) {
  for (auto argument : spec.getArgv()) {
    if (holds_nul(argument)) return fail(ErrorCode::kInvalidArgument, "argv: a NUL character");
  }
  for (auto variable : spec.getEnvironment()) {
    const std::string_view name(variable.getName().cStr(), variable.getName().size());
    if (name.empty() || name.find('=') != std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "environment: \"" + std::string(name) + "\" is no name of a variable");
    }
    if (holds_nul(variable.getName()) || holds_nul(variable.getValue())) {
      return fail(ErrorCode::kInvalidArgument, "environment: a NUL character in " + std::string(name.data()));
    }
  }
  return {};
}

Status check_spec(rpc::ContainerSpec::Reader spec) {
  const auto id_of = [](capnp::Text::Reader text) { return std::string_view(text.begin(), text.size()); };
  if (!valid_id(id_of(spec.getId()))) {
    return fail(ErrorCode::kInvalidArgument, "container id: use [A-Za-z0-9._-]{1,128}, no dot in front");
  }
  if (spec.getArgv().size() == 0 || spec.getArgv()[0].size() == 0) {
    return fail(ErrorCode::kInvalidArgument, "argv: no command to run");
  }
  if (!spec.getLog().getPath().startsWith("/")) {
    return fail(ErrorCode::kInvalidArgument, "log.path: must be absolute");
  }
  for (auto mount : spec.getMounts()) {
    if (mount.getSource().startsWith("/") && mount.getTarget().startsWith("/") && mount.getTarget().size() > 1)
      continue;
    return fail(ErrorCode::kInvalidArgument, "mounts: source and target must be absolute, and the target not /");
  }
  if (spec.getTerminationPath().size() > 0 && !spec.getTerminationPath().startsWith("/")) {
    return fail(ErrorCode::kInvalidArgument, "terminationPath: must be absolute");
  }
  if (spec.getHostname().size() > kMaxHostname || holds_nul(spec.getHostname())) {
    return fail(ErrorCode::kInvalidArgument, "hostname: at most 64 characters");
  }
  if (spec.getIpc() > static_cast<std::uint8_t>(IpcScope::kSandbox)) {
    return fail(ErrorCode::kInvalidArgument, "ipc: no such scope");
  }
  if (spec.getPids() > static_cast<std::uint8_t>(PidScope::kSandbox)) {
    return fail(ErrorCode::kInvalidArgument, "pids: no such scope");
  }
  if (spec.getLimits().size() > kMaxLimits) return fail(ErrorCode::kInvalidArgument, "limits: more than 64");
  return check_strings(spec);
}

}  // namespace

std::vector<PortMapping> ports_of(rpc::SandboxSpec::Reader spec) {
  std::vector<PortMapping> ports;
  for (auto port : spec.getPorts()) ports.push_back({port.getContainerPort(), port.getNodePort()});
  return ports;
}

void remove_container_folder(const std::string& folder) {
  for (const char* name : {"/spec", "/process", "/stdin", "/stdout", "/stderr", "/exit", "/termination-log"})
    unlink((folder + name).c_str());
  rmdir(folder.c_str());
}

Keeper::Keeper(KeeperFiles files, kj::Timer& timer, EventSet& events, ResourceLimit open_files)
    : files_(std::move(files)),
      timer_(timer),
      places_(files_.places()),
      inits_(files_, launcher_),
      host_{events,
            launcher_,
            files_,
            places_,
            open_files,
            {},
            [this](Container& container) { exited(container); },
            [this](const std::string& sandbox) { return ipc_holder(sandbox); },
            [this](const std::string& sandbox, bool of_no_use) { return inits_.of(sandbox, of_no_use); }} {}

Status Keeper::create_sandbox(rpc::SandboxSpec::Reader spec) {
  Sandbox sandbox{spec.getId().cStr(),
                  spec.getPodNamespace().cStr(),
                  spec.getPodName().cStr(),
                  spec.getPodUid().cStr(),
                  next_order_,
                  ports_of(spec)};
  if (!valid_id(std::string_view(spec.getId().begin(), spec.getId().size()))) {
    return fail(ErrorCode::kInvalidArgument, "sandbox id: use [A-Za-z0-9._-]{1,128}, no dot in front");
  }
  if (sandboxes_.contains(sandbox.id)) return fail(ErrorCode::kAlreadyExists, "sandbox " + sandbox.id + " exists");
  if (Status written = write_spec(files_.sandbox(sandbox.id), spec); !written) return written;
  ++next_order_;
  sandboxes_.emplace(sandbox.id, std::move(sandbox));
  return {};
}

Status Keeper::remove_sandbox(std::string_view id) {
  const auto found = sandboxes_.find(id);
  if (found == sandboxes_.end()) return fail(ErrorCode::kNotFound, "no sandbox " + std::string(id));
  std::vector<Container*> inside;
  for (const auto& [name, container] : containers_) {
    if (container->sandbox_id() != id) continue;
    if (container->state() == ContainerState::kRunning) {
      return fail(ErrorCode::kConflict, "sandbox " + found->first + ": container " + container->id() + " runs");
    }
    inside.push_back(container.get());
  }
  for (Container* container : inside) {
    if (Status removed = forget(*container); !removed) return removed;
  }
  inits_.end(found->first);
  unlink(files_.sandbox(id).c_str());
  sandboxes_.erase(found);
  remove_places_later();
  return {};
}

void Keeper::remove_places_later() {
  if (places_due_ || !places_.has_freed()) return;
  places_due_ = true;
  places_removal_ = timer_.afterDelay(kPlacesStay.count() * kj::MILLISECONDS)
                        .then([this] {
                          places_due_ = false;
                          places_.remove_freed();
                        })
                        .eagerlyEvaluate(nullptr);
}

Status Keeper::create_container(rpc::ContainerSpec::Reader spec) {
  if (Status checked = check_spec(spec); !checked) return checked;
  const std::string id = spec.getId().cStr();
  if (find(id) != nullptr) return fail(ErrorCode::kAlreadyExists, "container " + id + " exists");
  if (!sandboxes_.contains(std::string_view(spec.getSandboxId().cStr()))) {
    return fail(ErrorCode::kNotFound, "no sandbox " + std::string(spec.getSandboxId().cStr()));
  }
  const std::string folder = files_.container(id);
  if (mkdir(folder.c_str(), 0700) != 0) return fail(errno_error(errno, "mkdir " + folder));
  if (Status written = write_spec(folder + "/spec", spec); !written) {
    remove_container_folder(folder);
    return written;
  }
  auto container = std::make_unique<Container>(host_, spec, wall_now(), next_order_++);
  container->keep_plan(spec);
  containers_.emplace(container->id(), std::move(container));
  return {};
}

Result<StartInfo> Keeper::start_container(std::string_view id) {
  Container* container = find(id);
  if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + std::string(id));
  Result<StartInfo> started = container->start();
  if (started && container->state() == ContainerState::kRunning) by_pid_.emplace(container->pid(), container);
  return started;
}

Status Keeper::stop_container(std::string_view id, int signal, std::uint64_t grace_millis) {
  Container* container = find(id);
  if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + std::string(id));
  if (signal < 1 || signal > kMaxSignal)
    return fail(ErrorCode::kInvalidArgument, "no signal " + std::to_string(signal));
  if (container->state() != ContainerState::kRunning) return {};
  container->signal(signal);
  if (signal == SIGKILL) return {};
  constexpr std::int64_t kNanosPerMilli = 1'000'000;
  const auto grace = static_cast<std::int64_t>(std::min(grace_millis, kMaxGraceMillis));
  kill_later(*container, monotonic_now() + grace * kNanosPerMilli);
  return {};
}

void Keeper::kill_later(Container& container, std::int64_t at) {
  container.kill_at = at;
  const auto rest = std::max<std::int64_t>(0, at - monotonic_now()) * kj::NANOSECONDS;
  container.grace_timer =
      timer_.afterDelay(rest).then([&container] { container.signal(SIGKILL); }).eagerlyEvaluate(nullptr);
}

Status Keeper::remove_container(std::string_view id) {
  Container* container = find(id);
  if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + std::string(id));
  return forget(*container);
}

Status Keeper::forget(Container& container) {
  if (container.state() == ContainerState::kRunning) {
    return fail(ErrorCode::kConflict, "container " + container.id() + " runs: stop it first");
  }
  remove_container_folder(files_.container(container.id()));
  if (!container.remove_traces()) left_groups_.push_back(container.id());
  exits_.erase(container.exit_sequence());
  containers_.erase(containers_.find(container.id()));
  return {};
}

Status Keeper::reopen_log(std::string_view id) {
  Container* container = find(id);
  if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + std::string(id));
  if (container->state() != ContainerState::kRunning)
    return fail(ErrorCode::kConflict, "container " + container->id() + " does not run");
  return container->reopen_log();
}

void Keeper::exec(const ExecSpec& spec, ExecRun::Done done) {
  Result<LaunchPlan> plan = plan_exec(spec);
  if (!plan) return done(fail(std::move(plan.error())));
  const std::chrono::milliseconds most(static_cast<std::int64_t>(kMaxGraceMillis));
  const bool bounded = spec.timeout.count() > 0 && spec.timeout < most;
  const std::uint32_t output = std::min<std::uint32_t>(spec.max_output, kMaxExecOutput);
  Status started = start_exec(*plan, output, bounded ? spec.timeout : most, done);
  if (!started) done(fail(std::move(started.error())));
}

Status Keeper::run_program(LaunchPlan plan, std::chrono::milliseconds timeout, ExecRun::Done done) {
  return start_exec(plan, kMaxExecOutput, timeout, done);
}

kj::Promise<void> Keeper::when_quiet() {
  if (exec_count_ == 0) return kj::READY_NOW;
  auto quiet = kj::newPromiseAndFulfiller<void>();
  quiet_ = kj::mv(quiet.fulfiller);
  return kj::mv(quiet.promise);
}

int Keeper::ipc_holder(const std::string& sandbox) const {
  for (const auto& [pid, container] : by_pid_) {
    const bool may = container->ipc() != IpcScope::kNode && container->sandbox_id() == sandbox;
    if (may && peek_exit(container->pidfd()) == Reaped::kRunning) return container->pidfd();
  }
  return -1;
}

Result<LaunchPlan> Keeper::plan_command(const std::string& id, const std::vector<std::string>& argv) {
  const Container* container = find(id);
  if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + id);
  if (container->state() != ContainerState::kRunning) {
    return fail(ErrorCode::kConflict, "container " + id + " does not run");
  }
  if (argv.empty()) return fail(ErrorCode::kInvalidArgument, "argv: no command to run");
  Result<LaunchPlan> plan = container->exec_plan();
  if (!plan) return plan;
  plan->argv = argv;
  const Result<int> own = container->own_namespaces();
  if (!own) return fail(own.error());
  plan->join_namespaces = *own & ~CLONE_NEWPID;
  if (plan->join_namespaces != 0) plan->join_fd = container->pidfd();
  if ((*own & CLONE_NEWPID) != 0) plan->pids_fd = container->pidfd();
  return plan;
}

ExecRun::Done Keeper::then_sweep(std::size_t& count, ExecRun::Done done) {
  ++count;
  return [this, &count, done = std::move(done)](Result<ExecResult> result) {
    --count;
    done(std::move(result));
    if (exec_count_ == 0) {
      KJ_IF_MAYBE (quiet, std::exchange(quiet_, nullptr)) (*quiet)->fulfill();
    }
    exec_sweep_ = kj::evalLast([this] {
                    std::erase_if(execs_, [](const auto& entry) { return entry.second->ended(); });
                  }).eagerlyEvaluate(nullptr);
  };
}

Result<LaunchPlan> Keeper::plan_exec(const ExecSpec& spec) {
  if (exec_count_ >= kMaxExecs) return fail(ErrorCode::kBusy, "too many commands of probes and hooks run");
  return plan_command(spec.container_id, spec.argv);
}

Status Keeper::start_exec(LaunchPlan& plan, std::uint32_t max_output, std::chrono::milliseconds timeout,
                          ExecRun::Done& done) {
  int ends[2] = {-1, -1};
  if (pipe2(ends, O_CLOEXEC) != 0) return fail(errno_error(errno, "make a pipe"));
  Fd output(ends[0]);
  const Fd input(ends[1]);
  fcntl(output.get(), F_SETFL, O_NONBLOCK);
  const Fd null(open("/dev/null", O_RDONLY | O_CLOEXEC));
  plan.stdin_fd = null.get();
  plan.stdout_fd = plan.stderr_fd = input.get();
  Result<Launched> launched = launcher_.launch(plan);
  if (!launched) return fail(std::move(launched.error()));
  auto run =
      std::make_unique<ExecRun>(std::move(*launched), std::move(output), max_output, then_sweep(exec_count_, done));
  if (!run->watch(host_.events, timer_, timeout)) kill(-run->pid(), SIGKILL);  // its end comes by SIGCHLD
  execs_.emplace(run->pid(), std::move(run));
  return {};
}

Result<pid_t> Keeper::open_command(const CommandPlan& command, std::function<void(int exit_code)> ended) {
  if (command_count_ >= kMaxCommands) return fail(ErrorCode::kBusy, "too many commands run beside containers");
  Result<LaunchPlan> plan = plan_command(command.container_id, command.argv);
  if (!plan) return fail(std::move(plan.error()));
  const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  plan->stdin_fd = command.input >= 0 ? command.input : null.get();
  plan->stdout_fd = command.output >= 0 ? command.output : null.get();
  plan->stderr_fd = command.error >= 0 ? command.error : null.get();
  plan->terminal = command.terminal;
  if (command.terminal) set_if_absent(plan->environment, kTerminalKind);
  if (plan->user || plan->group) {
    // So that the command may open /dev/stdout or its terminal again as its user. What refuses serves all the same.
    for (const int fd : {command.input, command.output, command.error}) {
      if (fd >= 0) (void)fchown(fd, plan->user.value_or(getuid()), plan->group.value_or(getgid()));
    }
  }
  Result<Launched> launched = launcher_.launch(*plan);
  if (!launched) return fail(std::move(launched.error()));
  auto run = std::make_unique<ExecRun>(
      std::move(*launched), Fd(), 0,
      then_sweep(command_count_, [ended = std::move(ended)](const Result<ExecResult>& result) {
        ended(result ? result->exit_code : 137);
      }));
  const pid_t pid = run->pid();
  // What cannot be watched is killed: its end comes by SIGCHLD.
  if (!run->watch(host_.events, timer_, std::chrono::milliseconds(0))) kill(-pid, SIGKILL);
  execs_.emplace(pid, std::move(run));
  return pid;
}

Result<Fd> Keeper::attach(std::string_view id, Onlooker onlooker) {
  Container* container = find(id);
  if (container == nullptr) return fail(ErrorCode::kNotFound, "no container " + std::string(id));
  return container->look_on(std::move(onlooker));
}

void Keeper::detach(std::string_view id, std::uint64_t number) {
  if (Container* container = find(id)) container->look_away(number);
}

bool Keeper::exec_ended(pid_t pid) {
  const auto found = execs_.find(pid);
  if (found == execs_.end() || found->second->ended()) return false;
  found->second->check_exit();
  return true;
}

Container* Keeper::find(std::string_view id) {
  const auto found = containers_.find(id);
  return found == containers_.end() ? nullptr : found->second.get();
}

void Keeper::exited(Container& container) {
  by_pid_.erase(container.pid());
  container.set_exit_sequence(++last_exit_);
  exits_.emplace(last_exit_, &container);
  for (const auto& handler : exit_handlers_) handler(container);
  if (Fd mounts = container.release_mounts()) ended_mounts_.push_back(std::move(mounts));
  // Who lost his parent in a PID namespace went to that one's first process, not to us.
  schedule_stray_check(!container.was_our_child() || container.pids() == PidScope::kSandbox);
}

void Keeper::fill(rpc::Inventory::Builder inventory) const {
  std::vector<const Sandbox*> sandboxes;
  for (const auto& [id, sandbox] : sandboxes_) sandboxes.push_back(&sandbox);
  std::sort(sandboxes.begin(), sandboxes.end(), [](auto* a, auto* b) { return a->order < b->order; });
  auto sandbox_list = inventory.initSandboxes(static_cast<unsigned>(sandboxes.size()));
  for (unsigned i = 0; i < sandboxes.size(); ++i) {
    sandbox_list[i].setId(sandboxes[i]->id);
    sandbox_list[i].setPodNamespace(sandboxes[i]->pod_namespace);
    sandbox_list[i].setPodName(sandboxes[i]->pod_name);
    sandbox_list[i].setPodUid(sandboxes[i]->pod_uid);
    const auto& ports = sandboxes[i]->ports;
    auto port_list = sandbox_list[i].initPorts(static_cast<unsigned>(ports.size()));
    for (unsigned j = 0; j < ports.size(); ++j) {
      port_list[j].setContainerPort(ports[j].container_port);
      port_list[j].setNodePort(ports[j].node_port);
    }
  }
  std::vector<const Container*> containers;
  for (const auto& [id, container] : containers_) containers.push_back(container.get());
  std::sort(containers.begin(), containers.end(), [](auto* a, auto* b) { return a->order() < b->order(); });
  auto container_list = inventory.initContainers(static_cast<unsigned>(containers.size()));
  for (unsigned i = 0; i < containers.size(); ++i) containers[i]->fill(container_list[i]);
  inventory.setKeeperPid(getpid());
}

std::uint64_t Keeper::exit_count_after(std::uint64_t after) const {
  return static_cast<std::uint64_t>(std::distance(exits_.upper_bound(after), exits_.end()));
}

void Keeper::exits_after(std::uint64_t after, const std::function<void(const Container&)>& visit) const {
  for (auto exit = exits_.upper_bound(after); exit != exits_.end(); ++exit) visit(*exit->second);
}

void Keeper::for_each_running(const std::function<void(Container&)>& visit) {
  std::vector<Container*> running;
  for (const auto& [pid, container] : by_pid_) running.push_back(container);
  std::sort(running.begin(), running.end(), [](auto* a, auto* b) { return a->order() < b->order(); });
  for (Container* container : running) visit(*container);
}

void Keeper::reap_children(pid_t spare) {
  for (;;) {
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOWAIT | WNOHANG) != 0 || info.si_pid == 0) return;
    if (info.si_pid == spare) return;  // ended just now: another SIGCHLD is on its way
    if (const auto found = by_pid_.find(info.si_pid); found != by_pid_.end()) {
      found->second->check_exit();
      continue;
    }
    if (exec_ended(info.si_pid)) continue;
    siginfo_t orphan{};
    waitid(P_PID, static_cast<id_t>(info.si_pid), &orphan, WEXITED | WNOHANG);
    schedule_stray_check(false);  // its own children have just come to us
  }
}

void Keeper::schedule_stray_check(bool whole_system) {
  search_system_ = search_system_ || whole_system;
  if (stray_check_due_) return;
  stray_check_due_ = true;
  stray_check_ = kj::evalLast([this] {
                   stray_check_due_ = false;
                   ended_mounts_.clear();
                   kill_strays();
                 }).eagerlyEvaluate(nullptr);
}

bool Keeper::judge(pid_t pid) const {
  if (pid == getpid() || by_pid_.contains(pid)) return true;
  const auto marker = container_marker(pid);
  if (!marker) return false;
  const std::size_t slash = marker->find('/');
  if (slash == std::string::npos || std::string_view(*marker).substr(0, slash) != host_.identity) return true;
  const auto found = containers_.find(std::string_view(*marker).substr(slash + 1));
  if (found != containers_.end() && found->second->state() == ContainerState::kRunning) return true;
  // While the descriptor is open the pid is nobody else's; the marker says that it was not before either.
  const Fd process = open_process(pid, read_stat(pid).start_ticks);
  if (!process) return true;
  const auto still = container_marker(pid);
  if (still == marker) kill(pid, SIGKILL);
  return still.has_value();  // else it has begun to replace its program between our looks
}

void Keeper::kill_strays() {
  for (const pid_t pid : std::exchange(search_system_, false) ? all_processes() : own_children()) {
    if (!judge(pid)) unclear_.insert(pid);
  }
  if (!unclear_.empty()) second_look_ = judge_again(kFirstWait).eagerlyEvaluate(nullptr);
  std::erase_if(left_groups_, [this](const std::string& name) {
    return containers_.contains(name) || host_.cgroups.remove(host_.group_folder(), name);
  });
}

kj::Promise<void> Keeper::judge_again(std::chrono::milliseconds after) {
  return timer_.afterDelay(after.count() * kj::MILLISECONDS).then([this, after]() -> kj::Promise<void> {
    std::erase_if(unclear_, [this](pid_t pid) { return judge(pid); });
    if (after >= kLastWait) unclear_.clear();
    return unclear_.empty() ? kj::Promise<void>(kj::READY_NOW) : judge_again(after * 2);
  });
}

void Keeper::kill_all_strays() {
  search_system_ = true;
  kill_strays();
}

void Keeper::clear() {
  while (!containers_.empty()) {
    if (!forget(*containers_.begin()->second)) return;
  }
  inits_.clear();
  for (const auto& [id, sandbox] : sandboxes_) unlink(files_.sandbox(id).c_str());
  sandboxes_.clear();
  places_.remove_all();
}

}  // namespace troupe::runtime
