#include "kernel/io_threads.hpp"

#include <sched.h>

#include <boost/asio/defer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace troupe::kernel {
namespace {

namespace asio = boost::asio;

thread_local const void* current_owner = nullptr;
thread_local int current_index = -1;

std::size_t usable_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return 1;
  const int count = CPU_COUNT(&set);
  return count > 0 ? static_cast<std::size_t>(count) : 1;
}

// What the alarm and its waiting handlers share: handlers may outlive the alarm in Asio's queue.
struct AlarmState {
  AlarmState(asio::io_context& context, std::function<void()> r) : timer(context), ring(std::move(r)) {}

  std::mutex mutex;
  asio::steady_timer timer;  // under mutex
  std::mutex ringing;        // held while `ring` runs
  std::function<void()> ring;
  bool gone = false;  // under ringing
};

class AsioAlarm final : public IoThreads::Alarm {
 public:
  AsioAlarm(asio::io_context& context, std::function<void()> ring)
      : state_(std::make_shared<AlarmState>(context, std::move(ring))) {}
  ~AsioAlarm() override {
    {
      const std::lock_guard lock(state_->ringing);
      state_->gone = true;
      state_->ring = nullptr;
    }
    const std::lock_guard lock(state_->mutex);
    state_->timer.cancel();
  }

  void set(TimePoint when) override {
    const std::lock_guard lock(state_->mutex);
    if (when == TimePoint::max()) {
      state_->timer.cancel();
      return;
    }
    state_->timer.expires_at(std::chrono::steady_clock::time_point(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(when.time_since_epoch())));
    state_->timer.async_wait([state = state_](const boost::system::error_code& error) {
      if (error) return;
      const std::lock_guard ringing(state->ringing);
      if (!state->gone) state->ring();
    });
  }

 private:
  std::shared_ptr<AlarmState> state_;
};

}  // namespace

struct IoThreads::State {
  explicit State(std::size_t count)
      : context(static_cast<int>(count)), guard(asio::make_work_guard(context)), size(count) {}

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> guard;
  std::size_t size;
  std::vector<std::thread> threads;
};

IoThreads::IoThreads(std::size_t threads) : state_(std::make_unique<State>(threads != 0 ? threads : usable_cores())) {
  for (std::size_t i = 0; i < state_->size; ++i)
    state_->threads.emplace_back([this, i] {
      current_owner = this;
      current_index = static_cast<int>(i);
      pthread_setname_np(pthread_self(), ("troupe-io-" + std::to_string(i)).c_str());
      state_->context.run();
    });
}

IoThreads::~IoThreads() {
  state_->guard.reset();
  state_->context.stop();
  for (auto& thread : state_->threads) thread.join();
}

boost::asio::io_context& IoThreads::context() { return state_->context; }
std::size_t IoThreads::size() const { return state_->size; }
int IoThreads::current() const { return current_owner == this ? current_index : -1; }

void IoThreads::post(Job job) {
  asio::post(state_->context, [job] { job.run(job.a, job.b); });
}

void IoThreads::defer(Job job) {
  asio::defer(state_->context, [job] { job.run(job.a, job.b); });
}

std::unique_ptr<IoThreads::Alarm> IoThreads::make_alarm(std::function<void()> ring) {
  return std::make_unique<AsioAlarm>(state_->context, std::move(ring));
}

}  // namespace troupe::kernel
