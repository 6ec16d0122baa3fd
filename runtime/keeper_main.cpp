#include <fcntl.h>
#include <getopt.h>
#include <malloc.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <optional>

#include "runtime/handover_internal.hpp"
#include "runtime/keeper_files.hpp"
#include "runtime/keeper_internal.hpp"
#include "runtime/keeper_server_internal.hpp"
#include "runtime/kernel_child_internal.hpp"
#include "runtime/say.hpp"
#include "runtime/shutdown.hpp"
#include "runtime/upgrade_internal.hpp"

extern char** environ;

namespace troupe::runtime {
namespace {

constexpr const char* kUsage =
    "usage: troupe-keeper --data-dir=FOLDER [option...] [-- KERNEL [argument...]]\n"
    "  --data-dir=FOLDER       socket, lock and state; made if missing\n"
    "  --run-dir=FOLDER        state of what runs (run in the data folder); best on a tmpfs\n"
    "  --keep-workloads        SIGTERM leaves the workloads running, for the next keeper\n"
    "  --stop-grace-ms=N       from SIGTERM to SIGKILL for each workload at the end (30000)\n"
    "  --restart-intensity=N   restarts of the kernel within the period (5)\n"
    "  --restart-period-ms=N   (10000)\n"
    "  --restart-pause-ms=N    pause when the budget is spent (60000)\n"
    "  --must-attach           end with 1 when the first kernel exits with an error before it attached\n"
    "  --check-handover=N      exit with 0 when this program can take the place of a keeper that hands over version N\n"
    "signals: TERM, INT, HUP end it; USR2 replaces its program by the one that lies at its path\n";

struct Options {
  std::string data_folder;
  std::string run_folder;
  bool keep_workloads = false;
  std::chrono::milliseconds stop_grace{30'000};
  KernelChild::Config kernel;
  std::optional<std::uint32_t> check_handover;
};

bool parse_number(const char* text, std::uint32_t& value) {
  const char* end = text + std::strlen(text);
  const auto [stop, error] = std::from_chars(text, end, value);
  return error == std::errc() && stop == end;
}

std::optional<Options> parse(int argc, char** argv) {
  static const option kLong[] = {
      {"data-dir", required_argument, nullptr, 'd'},          {"run-dir", required_argument, nullptr, 'r'},
      {"keep-workloads", no_argument, nullptr, 'k'},          {"stop-grace-ms", required_argument, nullptr, 'g'},
      {"restart-intensity", required_argument, nullptr, 'i'}, {"restart-period-ms", required_argument, nullptr, 'p'},
      {"restart-pause-ms", required_argument, nullptr, 'a'},  {"must-attach", no_argument, nullptr, 'm'},
      {"check-handover", required_argument, nullptr, 'c'},    {nullptr, 0, nullptr, 0}};
  Options options;
  bool good = true;
  for (int found = 0; (found = getopt_long(argc, argv, "+", kLong, nullptr)) != -1;) {
    std::uint32_t number = 0;
    if (std::strchr("gipac", found) != nullptr) good = parse_number(optarg, number) && good;
    const std::chrono::milliseconds time(number);
    if (found == 'd') options.data_folder = optarg;
    if (found == 'r') options.run_folder = optarg;
    if (found == 'k') options.keep_workloads = true;
    if (found == 'm') options.kernel.must_attach = true;
    if (found == 'g') options.stop_grace = time;
    if (found == 'i') options.kernel.intensity = number;
    if (found == 'p') options.kernel.period = time;
    if (found == 'a') options.kernel.pause = time;
    if (found == 'c') options.check_handover = number;
    if (found == '?') good = false;
  }
  for (int i = optind; i < argc; ++i) options.kernel.argv.emplace_back(argv[i]);
  if (!good || (options.data_folder.empty() && !options.check_handover)) return std::nullopt;
  return options;
}

/// Three descriptors a child and one log: takes what the system allows. Returns the limit before.
ResourceLimit raise_open_files() {
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit wanted{before.rlim_max, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &wanted);
  return {RLIMIT_NOFILE, before.rlim_cur, before.rlim_max};
}

/// What the process does to itself, and undoes before another program takes its place: that one does it again.
struct OwnSettings {
  static constexpr int kGain = 10;
  ResourceLimit open_files;
  int niceness = getpriority(PRIO_PROCESS, 0);

  /// On a busy machine a start waits for the processor more than it works: the keeper and a child before its exec come
  /// first, where the system lets us. Launchers made before remember the niceness that the workloads get.
  void prefer() const { (void)setpriority(PRIO_PROCESS, 0, niceness - kGain); }
  void undo() const {
    (void)setpriority(PRIO_PROCESS, 0, niceness);
    const rlimit before{open_files.soft, open_files.hard};
    setrlimit(RLIMIT_NOFILE, &before);
  }
};

void prepare_process() {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  signal(SIGPIPE, SIG_IGN);
  // Big buffers (a megabyte of environment) go back to the system at once, instead of raising the threshold.
  mallopt(M_MMAP_THRESHOLD, 64 * 1024);
  mallopt(M_TRIM_THRESHOLD, 128 * 1024);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR2}) kj::UnixEventPort::captureSignal(number);
}

class Application final : private kj::TaskSet::ErrorHandler {
 public:
  Application(Options options, kj::AsyncIoContext& io, OwnSettings settings, Upgrade::Program program,
              std::optional<Handed> handed)
      : options_(std::move(options)),
        io_(io),
        settings_(settings),
        program_(std::move(program)),
        handed_(std::move(handed)),
        files_(options_.data_folder, options_.run_folder),
        events_(io.unixEventPort),
        keeper_(files_, io.provider->getTimer(), events_, settings.open_files),
        tasks_(*this) {
    options_.kernel.open_files = settings.open_files;
  }

  /// Runs until the shutdown is done.
  Status run() {
    Status prepared = files_.prepare();
    if (!prepared) return prepared;
    if (handed_) lock_ = take_descriptor(handed_->root().getLock());
    if (!lock_) {
      Result<Fd> taken = files_.take_lock();
      if (!taken) return fail(std::move(taken.error()));
      lock_ = std::move(*taken);
    }
    prepared = keeper_.adopt(handed_ ? &*handed_ : nullptr);
    if (!prepared) return prepared;
    Fd socket = handed_ ? take_descriptor(handed_->root().getSocket()) : Fd();
    if (!socket) {
      Result<Fd> made = listen_at(files_.socket());
      if (!made) return fail(std::move(made.error()));
      socket = std::move(*made);
    }

    auto finished = kj::newPromiseAndFulfiller<void>();
    start_parts(std::move(socket), [&finished] { finished.fulfiller->fulfill(); });
    settings_.prefer();
    finished.promise.wait(io_.waitScope);
    unlink(files_.socket().c_str());
    unlink(files_.kernel().c_str());
    unlink(files_.last_words().c_str());
    files_.remove_empty();
    if (kernel_ && kernel_->start_failed()) return fail(ErrorCode::kUnavailable, "Troupe did not start: see above");
    return {};
  }

 private:
  void make_kernel() {
    if (options_.kernel.argv.empty()) return;
    for (char** variable = environ; *variable != nullptr; ++variable) {
      options_.kernel.environment.emplace_back(*variable);
    }
    options_.kernel.environment.push_back("TROUPE_KEEPER_SOCKET=" + files_.socket());
    options_.kernel.environment.push_back("TROUPE_LAST_WORDS=" + files_.last_words());
    kernel_ = std::make_unique<KernelChild>(options_.kernel, files_, io_.provider->getTimer(), events_);
    if (handed_ && handed_->root().hasKernel()) kernel_->take_over(handed_->root().getKernel());
  }

  /// This keeper's own command; the kernel that would give it has attached, so it need not attach to count as started.
  std::vector<std::string> successor_command() const {
    std::vector<std::string> command{program_.path};
    const auto& words = program_.argv;
    bool ours = true;  // what stands before the kernel's command
    for (std::size_t i = 1; i < words.size(); ++i) {
      ours = ours && words[i] != "--";
      if (!ours || words[i] != "--must-attach") command.push_back(words[i]);
    }
    return command;
  }

  void make_upgrade(int socket) {
    const auto fill = [this, socket](rpc::Handover::Builder out, DescriptorList& descriptors) {
      Fd listening(socket);
      out.setSocket(descriptors.pass(listening));
      listening.release();  // kj's
      out.setLock(descriptors.pass(lock_));
      out.setUpgrades(upgrades_ + 1);
    };
    const auto staying = [this] {
      raise_open_files();
      settings_.prefer();
    };
    upgrade_ = std::make_unique<Upgrade>(
        program_, keeper_, kernel_.get(), io_.provider->getTimer(), fill, [this] { settings_.undo(); }, staying);
  }

  void start_parts(Fd socket, std::function<void()> done) {
    make_kernel();
    make_upgrade(socket.get());
    if (handed_) upgrades_ = handed_->root().getUpgrades();
    KeeperServer::Hooks hooks{[this] { return kernel_.get(); },
                              [this](bool keep) { end(keep); },
                              [this] {
                                if (kernel_) kernel_->attached();
                              },
                              [this](Upgrade::Failed failed) { upgrade_->begin(std::move(failed)); },
                              upgrades_,
                              successor_command()};
    server_ = std::make_unique<KeeperServer>(keeper_, *io_.lowLevelProvider, std::move(hooks));
    shutdown_ = std::make_unique<Shutdown>(keeper_, kernel_.get(), options_.stop_grace, std::move(done));
    server_->listen(std::move(socket));
    tasks_.add(events_.run());
    tasks_.add(reap());
    for (const int number : {SIGTERM, SIGINT, SIGHUP}) tasks_.add(end_on(number));
    tasks_.add(upgrade_on_signal());
    if (kernel_) {
      kernel_->run([this] {
        // What an earlier Troupe left running is not ended by a wrong option of this one.
        if (!shutdown_->begun()) begin_shutdown(options_.keep_workloads || kernel_->start_failed());
        shutdown_->kernel_ended();
      });
    }
    if (handed_) tasks_.add(kj::evalLater([this] { go_on(); }));
  }

  /// After a handover: looks at all that ended meanwhile.
  void go_on() {
    handed_.reset();
    check_children();
    say("its program was replaced; it goes on with " + std::to_string(keeper_.running()) + " running containers");
  }

  void begin_shutdown(bool keep) {
    upgrade_->forbid();
    shutdown_->begin(keep);
  }

  void end(bool keep) {
    if (shutdown_->begun()) {
      shutdown_->force();
    } else {
      begin_shutdown(keep);
    }
  }

  void check_children() {
    if (kernel_) kernel_->check_exit();
    keeper_.reap_children(kernel_ ? kernel_->pid() : 0);
  }

  kj::Promise<void> reap() {
    return io_.unixEventPort.onSignal(SIGCHLD).then([this](siginfo_t) {
      check_children();
      return reap();
    });
  }

  kj::Promise<void> end_on(int number) {
    return io_.unixEventPort.onSignal(number).then([this, number](siginfo_t) {
      end(options_.keep_workloads);
      return end_on(number);
    });
  }

  kj::Promise<void> upgrade_on_signal() {
    return io_.unixEventPort.onSignal(SIGUSR2).then([this](siginfo_t) {
      upgrade_->begin([](const Error&) {});  // which has said it
      return upgrade_on_signal();
    });
  }

  void taskFailed(kj::Exception&& exception) override { say(exception.getDescription().cStr()); }

  Options options_;
  kj::AsyncIoContext& io_;
  OwnSettings settings_;
  Upgrade::Program program_;
  std::optional<Handed> handed_;  // until all of it is taken over
  std::uint32_t upgrades_ = 0;
  KeeperFiles files_;
  Fd lock_;
  EventSet events_;
  Keeper keeper_;
  std::unique_ptr<KernelChild> kernel_;
  std::unique_ptr<Upgrade> upgrade_;
  std::unique_ptr<KeeperServer> server_;
  std::unique_ptr<Shutdown> shutdown_;
  kj::TaskSet tasks_;
};

int keeper_main(int argc, char** argv) {
  std::optional<Handed> handed = Handed::take();  // first: what it cannot use it closes
  Upgrade::Program program{program_path(argv[0]), {argv, argv + argc}};
  std::optional<Options> options = parse(argc, argv);
  if (!options) {
    std::fputs(kUsage, stderr);
    return 2;
  }
  if (options->check_handover) {
    if (*options->check_handover == kHandoverVersion) return 0;
    std::fprintf(stderr, "understands only version %u\n", unsigned{kHandoverVersion});
    return 1;
  }
  prepare_process();
  const OwnSettings settings{raise_open_files()};
  kj::AsyncIoContext io = kj::setupAsyncIo();
  Application application(std::move(*options), io, settings, std::move(program), std::move(handed));
  if (const Status ended = application.run(); !ended) {
    say(ended.error().message);
    return 1;
  }
  return 0;
}

}  // namespace
}  // namespace troupe::runtime

int main(int argc, char** argv) { return troupe::runtime::keeper_main(argc, argv); }
