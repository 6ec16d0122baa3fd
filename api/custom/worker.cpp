#include "api/custom/worker.hpp"

#include <pthread.h>

#include <exception>
#include <utility>

namespace troupe::api::custom {

Worker::Worker() : thread_([this] { run(); }) { pthread_setname_np(thread_.native_handle(), "custom-kinds"); }

Worker::~Worker() { stop(); }

void Worker::stop() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Worker::post(std::function<void()> job) {
  {
    const std::scoped_lock lock(mutex_);
    if (stopping_) return;
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void Worker::run() {
  for (;;) {
    std::function<void()> job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    try {
      job();
    } catch (const std::exception&) {
      // Who gave the job has caught what it can go on from; the thread, and with it the kernel, outlives the rest.
    }
  }
}

}  // namespace troupe::api::custom
