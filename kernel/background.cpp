#include "kernel/background.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace troupe::kernel {

struct Background::Shared {
  struct Job {
    std::function<void()> work;
    std::function<void()> done;
  };

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool stopped = false;
  std::mutex telling;  // held while a `done` runs; taken before `mutex`

  static void serve(const std::shared_ptr<Shared>& shared) {
    for (;;) {
      Job job;
      {
        std::unique_lock lock(shared->mutex);
        ++shared->idle;
        shared->changed.wait(lock, [&] { return shared->stopped || !shared->jobs.empty(); });
        --shared->idle;
        if (shared->stopped) return;
        job = std::move(shared->jobs.front());
        shared->jobs.pop_front();
      }
      job.work();
      const std::scoped_lock telling(shared->telling);
      if (!shared->is_stopped()) job.done();
    }
  }

  bool is_stopped() {
    const std::scoped_lock lock(mutex);
    return stopped;
  }
};

Background::Background() : shared_(std::make_shared<Shared>()) {}

Background::~Background() { stop(); }

bool Background::run(std::function<void()> work, std::function<void()> done) {
  const std::scoped_lock lock(shared_->mutex);
  if (shared_->stopped || shared_->jobs.size() >= kMostJobs) return false;
  shared_->jobs.push_back({std::move(work), std::move(done)});
  if (shared_->idle < shared_->jobs.size() && shared_->threads < kThreads) {
    ++shared_->threads;
    // Detached: one that hangs in the system can be waited for by nobody. It owns what it touches.
    std::thread([shared = shared_] { Shared::serve(shared); }).detach();
  }
  shared_->changed.notify_one();
  return true;
}

void Background::stop() {
  const std::scoped_lock telling(shared_->telling);
  std::deque<Shared::Job> dropped;
  {
    const std::scoped_lock lock(shared_->mutex);
    shared_->stopped = true;
    dropped.swap(shared_->jobs);
  }
  shared_->changed.notify_all();
}

}  // namespace troupe::kernel
