#include "api/asio_environment.hpp"

#include <sys/random.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <stdexcept>

namespace troupe::api {

namespace {

namespace asio = boost::asio;

/// The timer lives on a strand, so that it may be ended on any thread.
class StrandTimer final : public Environment::Timer {
 public:
  StrandTimer(asio::io_context& io, std::chrono::milliseconds delay, std::function<void()> job)
      : state_(std::make_shared<State>(io)) {
    asio::post(state_->strand, [state = state_, delay, job = std::move(job)]() mutable {
      if (state->ended) return;
      state->timer.expires_after(delay);
      state->timer.async_wait([state, job = std::move(job)](const boost::system::error_code& error) {
        if (!error && !state->ended) job();
      });
    });
  }
  ~StrandTimer() override {
    asio::post(state_->strand, [state = state_] {
      state->ended = true;
      state->timer.cancel();
    });
  }

 private:
  struct State {
    explicit State(asio::io_context& io) : strand(asio::make_strand(io)), timer(strand) {}
    asio::strand<asio::io_context::executor_type> strand;
    asio::steady_timer timer;
    bool ended = false;
  };
  std::shared_ptr<State> state_;
};

class AsioEnvironment final : public Environment {
 public:
  explicit AsioEnvironment(asio::io_context& io) : io_(io) {}

  void post(std::function<void()> job) override { asio::post(io_, std::move(job)); }
  std::unique_ptr<Timer> after(std::chrono::milliseconds delay, std::function<void()> job) override {
    return std::make_unique<StrandTimer>(io_, delay, std::move(job));
  }
  std::chrono::system_clock::time_point now() override { return std::chrono::system_clock::now(); }
  std::uint64_t random() override {
    // Drawn by the handful: each object that is made takes two.
    thread_local std::array<std::uint64_t, 32> drawn;  // getrandom never stops short below 256 bytes
    thread_local std::size_t left = 0;
    if (left == 0) {
      if (::getrandom(drawn.data(), sizeof drawn, 0) != sizeof drawn) throw std::runtime_error("getrandom failed");
      left = drawn.size();
    }
    return drawn[--left];
  }

 private:
  asio::io_context& io_;
};

}  // namespace

std::unique_ptr<Environment> make_asio_environment(asio::io_context& io) {
  return std::make_unique<AsioEnvironment>(io);
}

}  // namespace troupe::api
