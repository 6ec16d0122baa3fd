#include "runtime/event_set.hpp"

#include <kj/async.h>
#include <sys/epoll.h>

#include <cerrno>

namespace troupe::runtime {
namespace {

constexpr int kBatch = 64;
constexpr std::uint64_t kTagMask = 7;

}  // namespace

EventSet::EventSet(kj::UnixEventPort& port)
    : epoll_(epoll_create1(EPOLL_CLOEXEC)),
      observer_(port, epoll_.get(), kj::UnixEventPort::FdObserver::OBSERVE_READ) {}

Status EventSet::add(int fd, Watcher& watcher, unsigned tag) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = reinterpret_cast<std::uintptr_t>(&watcher) | tag;
  if (epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) != 0) return fail(errno_error(errno, "watch a descriptor"));
  return {};
}

void EventSet::remove(int fd) { epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

kj::Promise<void> EventSet::run() {
  return kj::evalLater([this] { return serve(); });
}

kj::Promise<void> EventSet::serve() {
  epoll_event events[kBatch];
  const int count = epoll_wait(epoll_.get(), events, kBatch, 0);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t data = events[i].data.u64;
    auto* watcher = reinterpret_cast<Watcher*>(static_cast<std::uintptr_t>(data & ~kTagMask));
    watcher->on_ready(static_cast<unsigned>(data & kTagMask));
  }
  // kj reports only changes from "nothing ready": so empty the set first, a batch a turn to let calls through, and ask
  // in the same turn that found it empty.
  if (count != 0) return kj::evalLater([this] { return serve(); });
  return observer_.whenBecomesReadable().then([this] { return serve(); });
}

}  // namespace troupe::runtime
