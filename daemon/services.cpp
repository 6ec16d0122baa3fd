#include "daemon/services.hpp"

#include <signal.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace troupe::daemon {

void Adopted::start(std::function<void(Status)> started, std::function<void(Error)> broken) {
  std::optional<Error> why;
  {
    const std::scoped_lock lock(mutex_);
    why = why_;
    broken_ = std::move(broken);
  }
  started(why ? Status(fail(*why)) : Status());
}

void Adopted::stop(std::function<void()> stopped) {
  {
    const std::scoped_lock lock(mutex_);
    broken_ = nullptr;
  }
  stopped();
}

void Adopted::broke(Error why) {
  const std::scoped_lock lock(mutex_);
  if (!why_) why_ = why;
  if (const auto broken = std::exchange(broken_, nullptr)) broken(std::move(why));
}

kernel::SupervisorOptions RootWatch::options() {
  kernel::SupervisorOptions options;
  options.observer = std::make_shared<const kernel::SupervisionObserver>([this](const kernel::SupervisionEvent& event) {
    const bool is_roots_end = event.supervisor.empty() && (event.kind == kernel::SupervisionEvent::Kind::kExited ||
                                                           event.kind == kernel::SupervisionEvent::Kind::kStartFailed);
    if (!is_roots_end || stopping_ || gave_up_.exchange(true)) return;
    ::kill(::getpid(), SIGTERM);
  });
  return options;
}

}  // namespace troupe::daemon
