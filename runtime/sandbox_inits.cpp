#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "runtime/process_info.hpp"
#include "runtime/sandbox_inits_internal.hpp"
#include "runtime/user_namespace.hpp"

namespace troupe::runtime {
namespace {

void kill_by(const Fd& pidfd) { syscall(SYS_pidfd_send_signal, pidfd.get(), SIGKILL, nullptr, 0); }

}  // namespace

Status SandboxInits::prepare_image() {
  constexpr unsigned kCloseOnExec = 1;
  constexpr unsigned kExecutable = 0x10;  // Linux 6.3; before that every one was
  if (image_) return {};
  Fd file(static_cast<int>(syscall(SYS_memfd_create, "troupe-init", kCloseOnExec | kExecutable)));
  if (!file && errno == EINVAL) {
    file.reset(static_cast<int>(syscall(SYS_memfd_create, "troupe-init", kCloseOnExec)));
  }
  if (!file) return fail(errno_error(errno, "make memory for the sandbox' first process"));
  const std::string_view image = sandbox_init_image();
  if (write(file.get(), image.data(), image.size()) != static_cast<ssize_t>(image.size())) {
    return fail(errno_error(errno, "make memory for the sandbox' first process"));
  }
  image_ = std::move(file);
  return {};
}

Result<int> SandboxInits::of(const std::string& sandbox, bool of_no_use) {
  if (of_no_use) end(sandbox);
  const auto found = pidfds_.find(sandbox);
  if (found != pidfds_.end() && peek_exit(found->second.get()) == Reaped::kRunning) return found->second.get();
  return start(sandbox);
}

Result<int> SandboxInits::start(const std::string& sandbox) {
  if (Status prepared = prepare_image(); !prepared) return fail(std::move(prepared.error()));
  const Fd record(open(files_.init(sandbox).c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!record || !null) return fail(errno_error(errno, "open " + files_.init(sandbox)));
  LaunchPlan plan;
  plan.argv = {"troupe-init"};
  plan.program = "/proc/self/fd/0";
  plan.working_directory = "/";
  plan.stdin_fd = image_.get();
  plan.stdout_fd = plan.stderr_fd = null.get();
  plan.record_fd = record.get();
  plan.own_pids = true;
  plan.ignore_children = true;
  Result<Launched> launched = launcher_.launch(plan);
  if (!launched) return fail(launched.error().with_context("start a PID namespace"));
  Fd& held = pidfds_[sandbox];
  held = std::move(launched->pidfd);
  return held.get();
}

void SandboxInits::adopt(bool same_boot, const std::function<bool(const std::string& id)>& wanted) {
  for (const std::string& id : entries_by_age(files_.inits())) {
    const ProcessStat process = parse_stat(read_file(files_.init(id)).value_or(""));
    Fd pidfd = same_boot ? open_process(process.pid, process.start_ticks) : Fd();
    if (pidfd && wanted(id)) {
      pidfds_.insert_or_assign(id, std::move(pidfd));
      continue;
    }
    if (pidfd) kill_by(pidfd);
    unlink(files_.init(id).c_str());
  }
}

Fd SandboxInits::user_namespace() const {
  for (const auto& [id, pidfd] : pidfds_) {
    const ProcessStat process = parse_stat(read_file(files_.init(id)).value_or(""));
    if (Fd users = foreign_user_namespace(process.pid)) return users;
  }
  return Fd();
}

void SandboxInits::end(const std::string& sandbox) {
  const auto found = pidfds_.find(sandbox);
  if (found == pidfds_.end()) return;
  kill_by(found->second);
  pidfds_.erase(found);
  unlink(files_.init(sandbox).c_str());
}

void SandboxInits::clear() {
  while (!pidfds_.empty()) {
    const std::string sandbox = pidfds_.begin()->first;  // end() lets go of the entry's own
    end(sandbox);
  }
}

}  // namespace troupe::runtime
