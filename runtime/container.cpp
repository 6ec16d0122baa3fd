#include <capnp/serialize.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <utility>

#include "runtime/container_internal.hpp"
#include "runtime/mounts.hpp"
#include "runtime/say.hpp"
#include "runtime/terminal.hpp"

namespace troupe::runtime {
namespace {

constexpr unsigned kProcessTag = 2;  // 0 and 1 are the streams
constexpr int kMaxDrainReads = 32;   // a FIFO holds 64 KiB, at most a megabyte
constexpr int kOnlookerBytes = 1024 * 1024;
constexpr std::size_t kMaxOnlookers = 16;
constexpr std::size_t kMaxOnlookersInAll = 256;

LogSpec log_spec(rpc::LogSpec::Reader reader) {
  return {reader.getPath().cStr(), reader.getMaxBytes(), reader.getMaxFiles()};
}

ResourceBounds bounds_of(rpc::Confinement::Reader from) {
  const auto given = [](std::uint64_t value) { return value != 0 ? std::optional(value) : std::nullopt; };
  return {given(from.getMemoryBytes()), given(from.getCpuMillis()), given(from.getCpuShares()), given(from.getPids())};
}

void confine(rpc::Confinement::Reader from, LaunchPlan& plan) {
  if (from.getHasCapabilities()) plan.capabilities = from.getCapabilities();
  plan.no_new_privileges = from.getNoNewPrivileges();
  plan.read_only_root = from.getReadOnlyRoot();
  plan.filter.program.reserve(from.getFilter().size());
  for (const std::uint64_t each : from.getFilter()) plan.filter.program.push_back(each);
  plan.filter.flags = from.getFilterFlags();
}

LaunchPlan plan_of(rpc::ContainerSpec::Reader spec, const ContainerHost& host) {
  LaunchPlan plan;
  for (auto argument : spec.getArgv()) plan.argv.emplace_back(argument.cStr());
  plan.environment.reserve(spec.getEnvironment().size() + 3);
  plan.environment.push_back(std::string(kContainerMarker) + host.identity + "/" + spec.getId().cStr());
  for (auto variable : spec.getEnvironment()) {
    plan.environment.push_back(std::string(variable.getName().cStr()) + "=" + variable.getValue().cStr());
  }
  plan.working_directory = spec.getWorkingDirectory().size() == 0 ? "/" : spec.getWorkingDirectory().cStr();
  if (spec.getHasUser()) plan.user = spec.getUser();
  if (spec.getTerminal()) set_if_absent(plan.environment, kTerminalKind);
  set_if_absent(plan.environment,
                "HOME=" + home_of(read_file("/etc/passwd").value_or(""), plan.user.value_or(geteuid())));
  if (spec.getHasGroup()) plan.group = spec.getGroup();
  for (auto group : spec.getSupplementaryGroups()) plan.groups.push_back(group);
  plan.limits.push_back(host.open_files);  // first: the spec's own comes later and wins
  for (auto limit : spec.getLimits()) plan.limits.push_back({limit.getResource(), limit.getSoft(), limit.getHard()});
  plan.niceness = spec.getNiceness();
  for (auto mount : spec.getMounts()) {
    plan.mounts.push_back(
        {mount.getSource().cStr(), mount.getTarget().cStr(), mount.getReadOnly(), mount.getInside().cStr()});
  }
  confine(spec.getConfinement(), plan);
  plan.hostname = spec.getHostname().cStr();
  return plan;
}

constexpr const char* kTerminationFile = "/termination-log";
constexpr std::size_t kMaxLastWords = 4096;

/// The end of what a program wrote as its last words.
std::string last_words(const std::string& path) {
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat status {};
  if (!fd || fstat(fd.get(), &status) != 0 || status.st_size == 0) return {};
  std::string text(kMaxLastWords, '\0');
  const off_t from = std::max<off_t>(0, status.st_size - static_cast<off_t>(kMaxLastWords));
  const ssize_t size = pread(fd.get(), text.data(), text.size(), from);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  return text;
}

struct Namespace {
  int flag;
  const char* file;
};
constexpr Namespace kNamespaces[] = {
    {CLONE_NEWNS, "/ns/mnt"}, {CLONE_NEWUTS, "/ns/uts"}, {CLONE_NEWIPC, "/ns/ipc"}, {CLONE_NEWPID, "/ns/pid"}};

Status give_to_user(const Fd& fd, const LaunchPlan& plan, const std::string& path) {
  if (!plan.user && !plan.group) return {};
  if (fchown(fd.get(), plan.user.value_or(getuid()), plan.group.value_or(getgid())) == 0) return {};
  return fail(errno_error(errno, "chown " + path));
}

}  // namespace

std::int64_t wall_now() {
  using namespace std::chrono;
  return duration_cast<nanoseconds>(system_clock::now().time_since_epoch()).count();
}

Container::Container(ContainerHost& host, rpc::ContainerSpec::Reader spec, std::int64_t created_at, std::uint64_t order)
    : host_(host),
      id_(spec.getId().cStr()),
      sandbox_id_(spec.getSandboxId().cStr()),
      name_(spec.getName().cStr()),
      log_(log_spec(spec.getLog())),
      termination_path_(spec.getTerminationPath().cStr()),
      attempt_(spec.getAttempt()),
      created_at_(created_at),
      order_(order),
      bounds_(bounds_of(spec.getConfinement())),
      ipc_(static_cast<IpcScope>(spec.getIpc())),
      pids_(static_cast<PidScope>(spec.getPids())),
      has_input_(spec.getInput()),
      input_once_(spec.getInputOnce()),
      terminal_(spec.getTerminal()) {}

Result<Container::Pipes> Container::open_pipes(const LaunchPlan& plan) {
  Pipes pipes;
  Status opened = terminal_ ? open_terminal(plan, pipes) : open_fifos(plan, pipes);
  if (opened && !terminal_) opened = open_input(plan, pipes);
  if (!opened) return fail(std::move(opened.error()));
  const std::string record = host_.files.container(id_) + "/process";
  pipes.record.reset(open(record.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!pipes.record) return fail(errno_error(errno, "open " + record));
  return pipes;
}

Status Container::open_fifos(const LaunchPlan& plan, Pipes& pipes) {
  Fd* child_ends[2] = {&pipes.child_out, &pipes.child_err};
  for (int i = 0; i < 2; ++i) {
    const std::string path = host_.files.container(id_) + kStreamFiles[i];
    if (mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST) return fail(errno_error(errno, "mkfifo " + path));
    // Open for reading too: our death closes no pipe under the workload, and it may reopen /dev/stdout as its user.
    child_ends[i]->reset(open(path.c_str(), O_RDWR | O_CLOEXEC));
    if (!*child_ends[i]) return fail(errno_error(errno, "open " + path));
    if (Status given = give_to_user(*child_ends[i], plan, path); !given) return given;
    open_stream(i, path);
    if (!streams_[i]) return fail(errno_error(errno, "open " + path));
  }
  return {};
}

Status Container::open_input(const LaunchPlan& plan, Pipes& pipes) {
  if (!has_input_) {
    pipes.child_in.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
    return {};
  }
  const std::string path = host_.files.container(id_) + kInputFile;
  if (mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST) return fail(errno_error(errno, "mkfifo " + path));
  Fd both(open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!both) return fail(errno_error(errno, "open " + path));
  if (Status given = give_to_user(both, plan, path); !given) return given;
  if (!input_once_) {  // it never ends: the workload itself keeps it open, also while no keeper lives
    pipes.child_in = std::move(both);
    return {};
  }
  pipes.child_in.reset(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!pipes.child_in) return fail(errno_error(errno, "open " + path));
  input_ = std::move(both);
  return {};
}

Status Container::open_terminal(const LaunchPlan& plan, Pipes& pipes) {
  auto terminal = runtime::open_terminal(O_NONBLOCK);
  if (!terminal) return fail(terminal.error());
  input_ = std::move(terminal->ours);
  pipes.child_in = std::move(terminal->input);
  pipes.child_out = std::move(terminal->output);
  pipes.child_err = std::move(terminal->error);
  if (Status given = give_to_user(pipes.child_in, plan, terminal->path); !given) return given;
  streams_[0].reset(fcntl(input_.get(), F_DUPFD_CLOEXEC, 0));
  if (!streams_[0]) return fail(errno_error(errno, "open a terminal"));
  return {};
}

void Container::keep_plan(rpc::ContainerSpec::Reader spec) {
  plan_ = std::make_unique<LaunchPlan>(plan_of(spec, host_));
}

Result<LaunchPlan> Container::read_plan() const {
  const std::string path = host_.files.container(id_) + "/spec";
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) return fail(errno_error(errno, "open " + path));
  try {
    capnp::ReaderOptions ours;
    ours.traversalLimitInWords = UINT64_MAX;
    capnp::StreamFdMessageReader message(fd.get(), ours);
    return plan_of(message.getRoot<rpc::ContainerSpec>(), host_);
  } catch (const kj::Exception& e) {
    return fail(ErrorCode::kCorrupt, "read " + path + ": " + e.getDescription().cStr());
  }
}

Status Container::prepare_mounts(LaunchPlan& plan) const {
  if (!termination_path_.empty()) {
    const std::string file = host_.files.container(id_) + kTerminationFile;
    const Fd fd(open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666));
    if (!fd || fchmod(fd.get(), 0666) != 0) return fail(errno_error(errno, "make " + file));
    plan.mounts.push_back({file, termination_path_, false});
  }
  plan.own_proc = pids_ != PidScope::kNode;
  plan.own_mounts = plan.own_proc || plan.read_only_root || !plan.mounts.empty();
  return {};
}

void Container::make_places(const LaunchPlan& plan) {
  if (!plan.own_mounts) return;
  for (const MountStep& step : mount_steps(plan.mounts, plan.read_only_root, plan.own_proc)) {
    if (step.cover >= 0 || step.optional || step.proc) continue;
    if (auto place = host_.places.make("/" + step.target, mounts_folder(step))) places_.push_back(std::move(place));
  }
}

void Container::hold_places(rpc::ContainerSpec::Reader spec) {
  const auto hold = [this](const char* target) {
    if (auto place = host_.places.find(target)) places_.push_back(std::move(place));
  };
  for (auto mount : spec.getMounts()) hold(mount.getTarget().cStr());
  if (!termination_path_.empty()) hold(termination_path_.c_str());
}

void Container::prepare_ipc(LaunchPlan& plan) const {
  plan.join_fd = ipc_ == IpcScope::kSandbox ? host_.ipc_holder(sandbox_id_) : -1;
  if (plan.join_fd >= 0) plan.join_namespaces = CLONE_NEWIPC;
  plan.own_ipc = ipc_ != IpcScope::kNode && plan.join_fd < 0;
}

Result<Launched> Container::launch(LaunchPlan& plan) const {
  constexpr int kTries = 4;
  plan.own_pids = pids_ == PidScope::kContainer;
  Result<Launched> launched = fail(ErrorCode::kBusy, "no namespace");
  bool of_no_use = false;
  // A process that is about to end takes nobody into its namespaces any more: then another holds them, or nobody.
  for (int tries = 0; tries < kTries; ++tries) {
    prepare_ipc(plan);
    if (pids_ == PidScope::kSandbox) {
      const Result<int> holder = host_.pid_holder(sandbox_id_, of_no_use);
      if (!holder) return fail(holder.error());
      plan.pids_fd = *holder;
    }
    Ending ending = Ending::kNobody;
    launched = host_.launcher.launch(plan, ending);
    if (ending == Ending::kNobody) return launched;
    of_no_use = ending == Ending::kPids;
  }
  return launched;
}

Status Container::prepare_group(LaunchPlan& plan) const {
  if (bounds_.empty()) return {};
  auto entrances = host_.cgroups.make(host_.group_folder(), id_, bounds_);
  if (!entrances) return fail(std::move(entrances.error()));
  plan.entrances = std::move(*entrances);
  return {};
}

bool Container::remove_group() const { return bounds_.empty() || host_.cgroups.remove(host_.group_folder(), id_); }

Result<LaunchPlan> Container::exec_plan() const {
  Result<LaunchPlan> plan = read_plan();
  if (!plan) return plan;
  plan->mounts.clear();
  plan->read_only_root = false;  // it joins the mounts that are so
  plan->hostname.clear();
  if (Status entered = prepare_group(*plan); !entered) return fail(std::move(entered.error()));
  return plan;
}

Result<int> Container::own_namespaces() const {
  int own = 0;
  for (const Namespace& each : kNamespaces) {
    struct stat ours {};
    struct stat theirs {};
    if (stat((folder_of(pid_) + each.file).c_str(), &theirs) != 0) {
      const bool refused = errno == EACCES || errno == EPERM;
      if (refused && !host_.launcher.uses_user_namespace()) continue;  // then nobody got one of his own
      if (refused) return fail(ErrorCode::kPermission, "container " + id_ + " hides its namespaces");
      return fail(ErrorCode::kConflict, "container " + id_ + " does not run any more");
    }
    if (stat((std::string("/proc/self") + each.file).c_str(), &ours) == 0 && ours.st_ino != theirs.st_ino) {
      own |= each.flag;
    }
  }
  return own;
}

void Container::open_stream(int index, const std::string& path) {
  streams_[index].reset(open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
}

/// Who attached to a terminal holds a copy of it.
void Container::close_stream(int index) {
  if (!streams_[index]) return;
  host_.events.remove(streams_[index].get());
  streams_[index].reset();
}

Result<StartInfo> Container::start() {
  if (state_ != ContainerState::kCreated) return fail(ErrorCode::kConflict, "container " + id_ + " was started before");
  LaunchPlan plan;
  if (plan_) {
    plan = std::move(*plan_);
    plan_.reset();
  } else {
    Result<LaunchPlan> read = read_plan();
    if (!read) return fail(std::move(read.error()));
    plan = std::move(*read);
  }
  if (Status prepared = prepare_mounts(plan); !prepared) return fail(std::move(prepared.error()));
  make_places(plan);
  if (Status prepared = prepare_group(plan); !prepared) {
    discard_start();
    return fail(std::move(prepared.error()));
  }
  log_.begin();
  Result<Pipes> pipes = open_pipes(plan);
  Result<Launched> launched = fail(ErrorCode::kIo, "");
  if (pipes) {
    plan.stdin_fd = pipes->child_in.get();
    plan.terminal = terminal_;
    plan.stdout_fd = pipes->child_out.get();
    plan.stderr_fd = pipes->child_err.get();
    plan.record_fd = pipes->record.get();
    launched = launch(plan);
  }
  if (!pipes || !launched) {
    discard_start();
    return fail(pipes ? std::move(launched.error()) : std::move(pipes.error()));
  }
  pid_ = launched->pid;
  pidfd_ = std::move(launched->pidfd);
  if (plan.own_mounts) mounts_.reset(open((folder_of(pid_) + "/ns/mnt").c_str(), O_RDONLY | O_CLOEXEC));
  start_ticks_ = launched->start_ticks;
  started_at_ = wall_now();
  state_ = ContainerState::kRunning;
  if (Status watched = watch(); !watched) {  // no memory in the kernel: better no process than one unseen
    kill(-pid_, SIGKILL);
    finish(reap(pidfd_.get()), wall_now(), true);
  }
  return StartInfo{pid_, start_ticks_, WallTime(std::chrono::nanoseconds(started_at_))};
}

void Container::discard_start() {
  for (int i = 0; i < 2; ++i) close_stream(i);
  input_.reset();
  log_.close();
  remove_group();
  const std::string folder = host_.files.container(id_);
  for (const char* name : {kInputFile, "/stdout", "/stderr", "/process", kTerminationFile})
    unlink((folder + name).c_str());
}

Status Container::watch() {
  if (pidfd_) {
    if (Status added = host_.events.add(pidfd_.get(), *this, kProcessTag); !added) return added;
  }
  for (unsigned i = 0; i < 2; ++i) {
    if (!streams_[i]) continue;
    if (Status added = host_.events.add(streams_[i].get(), *this, i); !added) return added;
  }
  return {};
}

void Container::signal(int number) {
  if (state_ != ContainerState::kRunning || !pidfd_) return;
  // The process is not reaped yet, or was alive a moment ago: its group's number cannot be another's.
  if (peek_exit(pidfd_.get()) == Reaped::kRunning) kill(-pid_, number);
}

void Container::check_exit() {
  if (state_ != ContainerState::kRunning || !pidfd_) return;
  const Reaped now = peek_exit(pidfd_.get());
  if (now == Reaped::kRunning) return;
  // An unreaped leader keeps the group's number ours: what the process left in its group goes with it.
  our_child_ = now == Reaped::kChildExited;
  if (our_child_) kill(-pid_, SIGKILL);
  finish(reap(pidfd_.get()), wall_now(), true);
}

void Container::finish(const ExitStatus& status, std::int64_t finished_at, bool record) {
  drain();
  const auto onlookers = std::exchange(onlookers_, {});
  host_.onlookers -= onlookers.size();
  for (const Onlooker& onlooker : onlookers) {
    if (onlooker.ended) onlooker.ended(false);
  }
  input_.reset();
  if (terminal_) close_stream(0);  // nobody else keeps it: what comes after the end comes from nobody
  pidfd_.reset();
  grace_timer = nullptr;
  kill_at = 0;
  state_ = ContainerState::kExited;
  exit_ = status;
  if (record && bounds_.memory_bytes) exit_.oom_killed = host_.cgroups.oom_kills(host_.group_folder(), id_) > 0;
  finished_at_ = finished_at;
  if (!bounds_.empty())
    host_.cgroups.kill_all(host_.group_folder(), id_);  // wherever it went, whatever it calls itself
  // A refused write costs a restarted keeper the status, no more.
  if (record) (void)write_file(host_.files.container(id_) + "/exit", to_text({exit_, finished_at}));
  close_log_when_done();
  host_.exited(*this);
}

void Container::on_ready(unsigned tag) {
  if (tag == kProcessTag) {
    check_exit();
  } else if (streams_[tag]) {
    read_stream(static_cast<int>(tag));
    close_log_when_done();
  }
}

bool Container::read_stream(int index) {
  std::string& buffer = host_.read_buffer;
  const ssize_t size = read(streams_[index].get(), buffer.data(), buffer.size());
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  const auto stream = static_cast<LogStream>(index);
  if (size > 0) {
    const std::string_view bytes(buffer.data(), static_cast<std::size_t>(size));
    log_.append(stream, bytes, wall_now(), host_.log_scratch);
    if (!onlookers_.empty()) show(index, bytes);
    return true;
  }
  log_.end(stream, wall_now(), host_.log_scratch);
  close_stream(index);
  return false;
}

Result<Fd> Container::look_on(Onlooker onlooker) {
  if (state_ != ContainerState::kRunning) return fail(ErrorCode::kConflict, "container " + id_ + " does not run");
  if (onlookers_.size() >= kMaxOnlookers || host_.onlookers >= kMaxOnlookersInAll) {
    return fail(ErrorCode::kBusy, "too many are attached to container " + id_);
  }
  for (const Fd& pipe : onlooker.pipes) {
    if (!pipe) continue;
    fcntl(pipe.get(), F_SETFL, O_NONBLOCK);
    fcntl(pipe.get(), F_SETPIPE_SZ, kOnlookerBytes);  // what the system refuses makes him slower, no more
  }
  Fd input;
  if (onlooker.input && terminal_ && input_) input.reset(fcntl(input_.get(), F_DUPFD_CLOEXEC, 0));
  if (onlooker.input && !terminal_ && has_input_ && (input_ || !input_once_)) {
    input.reset(open((host_.files.container(id_) + kInputFile).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (input_once_) input_.reset();  // it ends with him
  }
  onlooker.input = static_cast<bool>(input);
  onlookers_.push_back(std::move(onlooker));
  ++host_.onlookers;
  return input;
}

void Container::look_away(std::uint64_t number) {
  const auto found = std::find_if(onlookers_.begin(), onlookers_.end(),
                                  [number](const Onlooker& one) { return one.number == number; });
  if (found == onlookers_.end()) return;
  onlookers_.erase(found);
  --host_.onlookers;
}

void Container::show(int index, std::string_view bytes) {
  for (Onlooker& onlooker : onlookers_) {
    Fd& pipe = onlooker.pipes.at(static_cast<std::size_t>(index));
    if (!pipe) continue;
    if (write(pipe.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size())) continue;
    onlooker.pipes = {};
    if (const auto ended = std::exchange(onlooker.ended, nullptr)) ended(true);
  }
}

void Container::drain() {
  for (int i = 0; i < 2; ++i) {
    for (int reads = 0; streams_[i] && reads < kMaxDrainReads && read_stream(i); ++reads) {
    }
  }
}

void Container::close_log_when_done() {
  // Until then a descendant that outlives the process still writes; removing the container ends that.
  if (state_ != ContainerState::kExited || streams_[0] || streams_[1]) return;
  log_.close();
  if (log_.dropped_bytes() == 0) return;
  say("container " + id_ + ": the disk refused " + std::to_string(log_.dropped_bytes()) + " bytes of its log");
}

void Container::fill(rpc::ContainerInfo::Builder info) const {
  info.setId(id_);
  info.setSandboxId(sandbox_id_);
  info.setName(name_);
  info.setAttempt(attempt_);
  info.setState(static_cast<std::uint8_t>(state_));
  info.setPid(pid_);
  info.setStartTicks(start_ticks_);
  info.setCreatedAt(created_at_);
  info.setStartedAt(started_at_);
  if (state_ != ContainerState::kExited) return;
  auto exit = info.initExit();
  exit.setExitCode(exit_.exit_code);
  exit.setSignal(exit_.signal);
  exit.setStatusLost(exit_.lost);
  if (!termination_path_.empty()) exit.setLastWords(last_words(host_.files.container(id_) + kTerminationFile));
  exit.setOomKilled(exit_.oom_killed);
  exit.setFinishedAt(finished_at_);
  exit.setSequence(exit_sequence_);
}

}  // namespace troupe::runtime
