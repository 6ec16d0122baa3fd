#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "runtime/handover_internal.hpp"
#include "runtime/kernel_child_internal.hpp"
#include "runtime/say.hpp"

namespace troupe::runtime {
namespace {

kj::Duration to_kj(std::chrono::milliseconds time) { return time.count() * kj::MILLISECONDS; }

std::string describe(const ExitStatus& status) {
  if (status.lost) return "ended, how is not known";
  if (status.signal != 0) return std::string("was killed by signal ") + std::to_string(status.signal);
  return "exited with code " + std::to_string(status.exit_code);
}

/// What it wrote when it crashed; empty when it wrote nothing.
std::string last_words(const std::string& path) {
  const std::string text = read_file(path).value_or("");
  return text.substr(0, text.find('\0'));
}

}  // namespace

KernelChild::KernelChild(Config config, const KeeperFiles& files, kj::Timer& timer, EventSet& events)
    : config_(std::move(config)),
      files_(files),
      timer_(timer),
      events_(events),
      budget_(config_.intensity, config_.period),
      tasks_(*this) {}

void KernelChild::run(std::function<void()> ended) {
  ended_ = std::move(ended);
  if (pid_ != 0 || start_at_ != 0) return;  // taken over
  if (!adopt()) start();
}

bool KernelChild::adopt() {
  // Same boot only: Keeper::adopt has compared the boot id by now, and a start time of another boot hardly fits.
  const ProcessStat process = parse_stat(read_file(files_.kernel()).value_or(""));
  Fd pidfd = open_process(process.pid, process.start_ticks);
  if (!pidfd || peek_exit(pidfd.get()) != Reaped::kRunning) return false;
  attached_ = true;  // it worked for an earlier keeper
  say("the keeper before this one has died; its kernel, process " + std::to_string(process.pid) + ", goes on");
  return hold({process.pid, std::move(pidfd), process.start_ticks});
}

bool KernelChild::hold(Launched process) {
  pid_ = process.pid;
  pidfd_ = std::move(process.pidfd);
  if (Status added = events_.add(pidfd_.get(), *this, 0); !added) say("kernel: " + added.error().message);
  return true;
}

void KernelChild::taskFailed(kj::Exception&& exception) {
  say(std::string("kernel: ") + exception.getDescription().cStr());
}

void KernelChild::start() {
  start_at_ = 0;
  if (stopping_ || pid_ != 0) return;
  LaunchPlan plan;
  plan.argv = config_.argv;
  plan.environment = config_.environment;
  plan.limits.push_back(config_.open_files);
  const Fd record(open(files_.kernel().c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  plan.record_fd = record.get();
  unlink(files_.last_words().c_str());
  Result<Launched> launched = launcher_.launch(plan);
  if (launched) {
    hold(std::move(*launched));
    return;
  }
  last_reason_ = "did not start: " + launched.error().message;
  restart();
}

void KernelChild::check_exit() {
  if (pid_ == 0 || peek_exit(pidfd_.get()) == Reaped::kRunning) return;
  const ExitStatus status = reap(pidfd_.get());
  pidfd_.reset();
  pid_ = 0;
  last_reason_ = describe(status);
  if (const std::string words = last_words(files_.last_words()); !words.empty()) last_reason_ += ": " + words;
  const bool by_itself = !status.lost && status.signal == 0;
  start_failed_ = config_.must_attach && !attached_ && restarts_ == 0 && by_itself && status.exit_code != 0;
  if (start_failed_) say("kernel " + last_reason_ + " before it was ready: not started again");
  if (stopping_ || start_failed_ || (!status.lost && status.exit_code == 0)) {
    ended_();
    return;
  }
  restart();
}

void KernelChild::restart() {
  if (stopping_) return;
  ++restarts_;
  if (budget_.take(std::chrono::steady_clock::now())) {
    say("kernel " + last_reason_ + "; starting it again");
    tasks_.add(kj::evalLater([this] { start(); }));
    return;
  }
  say("kernel " + last_reason_ + "; it died more than " + std::to_string(config_.intensity) + " times in " +
      std::to_string(config_.period.count()) + " ms. Workloads keep running; next try in " +
      std::to_string(config_.pause.count()) + " ms");
  budget_.reset();
  start_after(to_kj(config_.pause));
}

void KernelChild::start_after(kj::Duration pause) {
  start_at_ = monotonic_now() + pause / kj::NANOSECONDS;
  tasks_.add(timer_.afterDelay(pause).then([this] { start(); }));
}

void KernelChild::hand_over(rpc::HandedKernel::Builder out, DescriptorList& descriptors) const {
  out.setPid(pid_);
  out.setProcess(descriptors.pass(pidfd_));
  out.setRestarts(restarts_);
  out.setLastReason(last_reason_);
  out.setAttached(attached_);
  out.setStartAt(start_at_);
  auto starts = out.initStarts(static_cast<unsigned>(budget_.restarts().size()));
  unsigned filled = 0;
  for (const auto time : budget_.restarts()) {
    starts.set(filled++, std::chrono::nanoseconds(time.time_since_epoch()).count());
  }
}

void KernelChild::take_over(rpc::HandedKernel::Reader from) {
  restarts_ = from.getRestarts();
  last_reason_ = from.getLastReason().cStr();
  attached_ = from.getAttached();
  std::deque<RestartBudget::TimePoint> starts;
  for (const std::int64_t time : from.getStarts()) starts.emplace_back(std::chrono::nanoseconds(time));
  budget_.restore(std::move(starts));
  if (from.getStartAt() != 0) {
    start_after(std::max<std::int64_t>(0, from.getStartAt() - monotonic_now()) * kj::NANOSECONDS);
  } else if (Fd process = take_descriptor(from.getProcess()); process && from.getPid() > 0) {
    hold({from.getPid(), std::move(process), 0});
  }
}

void KernelChild::stop(std::chrono::milliseconds grace) {
  stopping_ = true;
  if (pid_ == 0) {
    ended_();
    return;
  }
  kill(-pid_, SIGTERM);
  tasks_.add(timer_.afterDelay(to_kj(grace)).then([this] { kill_now(); }));
}

void KernelChild::kill_now() {
  stopping_ = true;
  if (pid_ != 0) kill(-pid_, SIGKILL);
}

void KernelChild::on_ready(unsigned) { check_exit(); }

void KernelChild::fill(rpc::KernelInfo::Builder info) const {
  info.setPid(pid_);
  info.setRestarts(restarts_);
  info.setLastReason(last_reason_);
}

}  // namespace troupe::runtime
