#include "runtime/shutdown.hpp"

#include <signal.h>
#include <sys/wait.h>

#include <set>
#include <string>

#include "runtime/process_info.hpp"

namespace troupe::runtime {
namespace {

/// Kills what is left of our descendants, generation by generation: the orphans of each come to us.
void kill_remaining_children() {
  for (;;) {
    for (const pid_t pid : own_children()) kill(pid, SIGKILL);
    siginfo_t info{};
    if (waitid(P_ALL, 0, &info, WEXITED) != 0) return;
  }
}

}  // namespace

Shutdown::Shutdown(Keeper& keeper, KernelChild* kernel, std::chrono::milliseconds grace, std::function<void()> done)
    : keeper_(keeper), kernel_(kernel), grace_(grace), done_(std::move(done)) {
  keeper_.on_exit([this](Container& container) {
    if (!stopping_workloads_ || finished_) return;
    stop_next(container.sandbox_id());
    if (keeper_.running() > 0) return;
    // In a turn of its own: the container that has just exited is still at work, and finish destroys it.
    finishing_ = kj::evalLater([this] { finish(); }).eagerlyEvaluate(nullptr);
  });
}

void Shutdown::begin(bool keep_workloads) {
  if (begun_) return;
  begun_ = true;
  keep_ = keep_workloads;
  if (kernel_ != nullptr) {
    kernel_->stop(grace_);
  } else {
    kernel_ended();
  }
}

void Shutdown::kernel_ended() {
  if (!begun_ || stopping_workloads_ || finished_) return;
  if (keep_) {
    finished_ = true;
    done_();
    return;
  }
  stopping_workloads_ = true;
  std::set<std::string> sandboxes;
  keeper_.for_each_running([&](Container& container) { sandboxes.insert(container.sandbox_id()); });
  for (const std::string& id : sandboxes) stop_next(id);
  if (keeper_.running() == 0) finish();
}

void Shutdown::stop_next(const std::string& sandbox_id) {
  const Container* last = nullptr;
  keeper_.for_each_running([&](Container& container) {
    if (container.sandbox_id() != sandbox_id) return;
    if (last == nullptr || container.started_at() >= last->started_at()) last = &container;
  });
  if (last != nullptr) (void)keeper_.stop_container(last->id(), SIGTERM, static_cast<std::uint64_t>(grace_.count()));
}

void Shutdown::force() {
  if (kernel_ != nullptr) kernel_->kill_now();
  if (!keep_) keeper_.for_each_running([](Container& container) { container.signal(SIGKILL); });
}

void Shutdown::finish() {
  if (finished_) return;
  finished_ = true;
  keeper_.kill_all_strays();
  kill_remaining_children();
  keeper_.clear();
  done_();
}

}  // namespace troupe::runtime
