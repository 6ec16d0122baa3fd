#include "net/https_server.hpp"

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <map>
#include <mutex>

#include "net/http1_session.hpp"

namespace troupe::net {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr auto kAcceptPause = std::chrono::milliseconds(100);

/// Lives as long as the server or one of its connections, whichever is longer.
class Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& io, std::shared_ptr<const TlsContext> tls, HttpsServerOptions options,
           HttpHandler& handler)
      : io_(io),
        strand_(asio::make_strand(io)),
        acceptor_(strand_),
        wake_(strand_),
        tls_(std::move(tls)),
        options_(std::move(options)),
        handler_(handler) {}

  Status listen() {
    boost::system::error_code error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) {
      return fail(ErrorCode::kInvalidArgument, "listen address '" + options_.address + "': " + error.message());
    }
    const tcp::endpoint endpoint(address, options_.port);
    const std::string where = options_.address + ":" + std::to_string(options_.port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error == asio::error::address_in_use) {
      return fail(ErrorCode::kIo,
                  "listen on " + where + ": the port is in use; choose another one, or 0 for a free one");
    }
    if (error) return fail(errno_error(error.value(), "listen on " + where));
    port_ = acceptor_.local_endpoint(error).port();
    asio::co_spawn(
        strand_, [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->accept(); }, asio::detached);
    return {};
  }

  std::uint16_t port() const { return port_; }
  std::size_t connections() const { return count_; }

  void stop(std::chrono::milliseconds grace, std::function<void()> stopped) {
    asio::dispatch(strand_, [self = shared_from_this(), grace, stopped = std::move(stopped)]() mutable {
      self->stopped_ = std::move(stopped);
      self->stopping_ = true;
      boost::system::error_code ignored;
      self->acceptor_.close(ignored);
      self->for_each([](HttpSession& session) { session.stop(); });
      self->wake_.expires_after(grace);
      self->wake_.async_wait([self](const boost::system::error_code& error) {
        if (!error) self->for_each([](HttpSession& session) { session.kill(); });
      });
      self->report_if_stopped();
    });
  }

 private:
  asio::awaitable<void> accept() {
    while (!stopping_) {
      if (count_ >= options_.max_connections) {
        wake_.expires_at(std::chrono::steady_clock::time_point::max());
        waiting_for_end_ = true;
        co_await wake_.async_wait(kUse);
        waiting_for_end_ = false;
        continue;
      }
      auto strand = asio::make_strand(io_);
      auto [error, socket] = co_await acceptor_.async_accept(strand, kUse);
      if (stopping_ || error == asio::error::operation_aborted) break;
      if (error) {  // out of descriptors, or the client left already
        wake_.expires_after(kAcceptPause);
        co_await wake_.async_wait(kUse);
        continue;
      }
      open_session(std::move(socket));
    }
  }

  void open_session(tcp::socket socket) {
    const std::uint64_t id = next_++;
    ++count_;
    auto session = std::make_shared<Http1Session>(std::move(socket), tls_, options_, handler_,
                                                  [self = shared_from_this(), id] { self->ended(id); });
    {
      const std::lock_guard lock(mutex_);
      sessions_.emplace(id, session);
    }
    session->start();
  }

  void ended(std::uint64_t id) {
    {
      const std::lock_guard lock(mutex_);
      sessions_.erase(id);
    }
    const bool was_full = count_-- >= options_.max_connections;
    if (!was_full && !stopping_) return;
    asio::dispatch(strand_, [self = shared_from_this()] {
      if (self->waiting_for_end_) self->wake_.cancel();
      self->report_if_stopped();
    });
  }

  void report_if_stopped() {
    if (!stopping_ || count_ != 0 || !stopped_) return;
    wake_.cancel();
    auto call = std::move(stopped_);
    stopped_ = nullptr;
    call();
  }

  template <class Call>
  void for_each(Call call) {
    std::vector<std::shared_ptr<HttpSession>> all;
    {
      const std::lock_guard lock(mutex_);
      for (auto& [id, weak] : sessions_) {
        if (auto session = weak.lock()) all.push_back(std::move(session));
      }
    }
    for (const auto& session : all) call(*session);
  }

  asio::io_context& io_;
  asio::strand<asio::io_context::executor_type> strand_;
  tcp::acceptor acceptor_;
  asio::steady_timer wake_;
  std::shared_ptr<const TlsContext> tls_;
  HttpsServerOptions options_;
  HttpHandler& handler_;
  std::uint16_t port_ = 0;
  std::atomic<std::size_t> count_{0};
  std::atomic<bool> stopping_{false};
  bool waiting_for_end_ = false;
  std::function<void()> stopped_;
  std::mutex mutex_;
  std::map<std::uint64_t, std::weak_ptr<HttpSession>> sessions_;  ///< Guarded by mutex_.
  std::uint64_t next_ = 1;
};

class Server final : public HttpsServer {
 public:
  explicit Server(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
  ~Server() override {
    listener_->stop(std::chrono::milliseconds(0), [] {});
  }

  Status start() override { return listener_->listen(); }
  std::uint16_t port() const override { return listener_->port(); }
  std::size_t connections() const override { return listener_->connections(); }
  void stop(std::chrono::milliseconds grace, std::function<void()> stopped) override {
    listener_->stop(grace, std::move(stopped));
  }

 private:
  std::shared_ptr<Listener> listener_;
};

}  // namespace

std::unique_ptr<HttpsServer> HttpsServer::make(asio::io_context& io, std::shared_ptr<const TlsContext> tls,
                                               HttpsServerOptions options, HttpHandler& handler) {
  return std::make_unique<Server>(std::make_shared<Listener>(io, std::move(tls), std::move(options), handler));
}

}  // namespace troupe::net
