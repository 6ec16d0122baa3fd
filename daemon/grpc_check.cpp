#include "daemon/grpc_check.hpp"

#include <array>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#include <memory>
#include <string>
#include <utility>

#include "daemon/grpc_call.hpp"
#include "daemon/network_words.hpp"

namespace troupe::daemon {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// One check; everything runs on its strand.
class Run : public std::enable_shared_from_this<Run> {
 public:
  using Done = std::function<void(pod::GrpcAnswer)>;

  Run(asio::io_context& io, pod::GrpcCheck check, Done done)
      : strand_(asio::make_strand(io)),
        resolver_(strand_),
        timer_(strand_),
        socket_(strand_),
        check_(std::move(check)),
        call_(check_),
        done_(std::move(done)) {}

  void start(std::chrono::milliseconds timeout) {
    asio::post(strand_, [self = shared_from_this(), timeout] {
      self->timer_.expires_after(timeout);
      self->timer_.async_wait([self](const error_code& error) {
        if (error) return;
        const bool connected = self->call_.connected();
        self->end({connected ? pod::GrpcAnswer::Kind::kCallTimeout : pod::GrpcAnswer::Kind::kConnectTimeout, 0, "", 0});
      });
      self->resolver_.async_resolve(self->check_.host, std::to_string(self->check_.port),
                                    tcp::resolver::numeric_service,
                                    [self](const error_code& error, const tcp::resolver::results_type& found) {
                                      if (!self->done_) return;  // its time was over meanwhile
                                      if (error) return self->end_dial(error);
                                      self->connect(found);
                                    });
    });
  }

 private:
  void connect(const tcp::resolver::results_type& found) {
    asio::async_connect(socket_, found, [self = shared_from_this()](const error_code& error, const tcp::endpoint&) {
      if (error) return self->end_dial(error);
      self->send();
      self->receive();
    });
  }

  /// Sends what the call has to say, one piece after another.
  void send() {
    if (sending_ || !done_) return;
    output_ = call_.take_output();
    if (output_.empty()) return;
    sending_ = true;
    asio::async_write(socket_, asio::buffer(output_),
                      [self = shared_from_this()](const error_code& error, std::size_t) {
                        self->sending_ = false;
                        if (!error) self->send();  // a connection that has ended is told by reading
                      });
  }

  void receive() {
    socket_.async_read_some(asio::buffer(input_),
                            [self = shared_from_this()](const error_code& error, std::size_t size) {
                              if (!self->done_) return;
                              self->call_.receive({self->input_.data(), size});
                              if (error) self->call_.closed(go_words(error));
                              if (const auto& answer = self->call_.answer()) return self->end(*answer);
                              self->send();
                              self->receive();
                            });
  }

  void end_dial(const error_code& error) {
    end({pod::GrpcAnswer::Kind::kNotConnected, 0,
         "transport: Error while dialing: " + dial_words(check_.host, check_.port, error), 0});
  }

  void end(pod::GrpcAnswer answer) {
    if (!done_) return;
    const Done done = std::exchange(done_, nullptr);
    error_code ignored;
    timer_.cancel();
    resolver_.cancel();
    socket_.close(ignored);
    done(std::move(answer));
  }

  asio::strand<asio::io_context::executor_type> strand_;
  tcp::resolver resolver_;
  asio::steady_timer timer_;
  tcp::socket socket_;
  pod::GrpcCheck check_;
  GrpcCall call_;
  Done done_;
  bool sending_ = false;
  std::string output_;
  std::array<char, 4096> input_{};
};

}  // namespace

void check_grpc(asio::io_context& io, pod::GrpcCheck check, std::chrono::milliseconds timeout,
                std::function<void(pod::GrpcAnswer)> done) {
  std::make_shared<Run>(io, std::move(check), std::move(done))->start(timeout);
}

}  // namespace troupe::daemon
