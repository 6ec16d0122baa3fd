#pragma once

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>
#include <utility>

namespace troupe::storage {

/// A thread that `top -H` and a profile show by its name (at most 15 bytes).
template <class F>
std::thread named_thread(const char* name, F&& run) {
  return std::thread([name, run = std::forward<F>(run)]() mutable {
    pthread_setname_np(pthread_self(), name);
    run();
  });
}

/// A thread for work that may take longer when others want the processor. Never for one whose locks an answer waits for
/// long: they are given back late too.
template <class F>
std::thread background_thread(const char* name, F&& run) {
  return named_thread(name, [run = std::forward<F>(run)]() mutable {
    constexpr int kNicer = 10;
    const auto self = static_cast<id_t>(::syscall(SYS_gettid));
    // Refused or not: the thread only works at another pace.
    (void)::setpriority(PRIO_PROCESS, self, ::getpriority(PRIO_PROCESS, self) + kNicer);
    run();
  });
}

}  // namespace troupe::storage
