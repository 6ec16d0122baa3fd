#pragma once

#include <pthread.h>

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

}  // namespace troupe::storage
