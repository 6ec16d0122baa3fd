#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "net/http.hpp"
#include "net/http1_parser.hpp"
#include "net/http_session.hpp"
#include "net/https_server.hpp"
#include "net/tls.hpp"
#include "net/upgrade.hpp"

// Internal to net/: only http1_session.cpp, http1_exchange.cpp and https_server.cpp may include this (it brings Asio).
namespace troupe::net {

/// One HTTP/1.1 connection over TLS. Everything but the command queue lives on the connection's strand.
///
/// Requests of one connection are handled one after the other (pipelined ones wait in `inbox_`, bounded), while the
/// reader goes on reading, so that a client that leaves during a watch is noticed. Answers are written as far as the
/// socket takes them at once; the rest follows when it becomes writable.
class Http1Session final : public HttpSession, public std::enable_shared_from_this<Http1Session> {
 public:
  using Socket = boost::asio::ip::tcp::socket;

  Http1Session(Socket socket, std::shared_ptr<const TlsContext> tls, const HttpsServerOptions& options,
               HttpHandler& handler, std::function<void()> ended);
  ~Http1Session() override;

  void start() override;
  void stop() override;
  void kill() override;

 private:
  friend class Http1Exchange;
  friend class Http1Body;
  using Clock = std::chrono::steady_clock;

  struct Begin {
    HttpResponse response;
    bool stream = false;
  };
  struct Chunk {
    SharedBytes bytes;
  };
  struct Finish {};
  struct Abort {};
  struct OnDrain {
    std::function<void()> call;
  };
  struct OnClose {
    std::function<void()> call;
  };
  struct Upgrade {
    HttpResponse head;
    std::shared_ptr<ByteSink> sink;
  };
  struct Pause {
    bool paused = false;
  };
  struct ReadBody {
    std::function<void(std::string)> got;
  };
  struct Command {
    std::uint64_t exchange = 0;
    std::variant<Begin, Chunk, Finish, Abort, OnDrain, OnClose, Upgrade, Pause, ReadBody> what;
  };
  struct Output {
    std::string own;
    SharedBytes shared;
    std::size_t sent = 0;
    std::string_view rest() const { return std::string_view(shared ? *shared : own).substr(sent); }
  };

  // Reading (http1_session.cpp).
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<bool> shake_hands();
  /// Waits while more is not to be read; false when the client went away meanwhile.
  boost::asio::awaitable<bool> wait_for_room();
  boost::asio::awaitable<bool> wait(boost::asio::socket_base::wait_type what);
  void received(std::string_view bytes);
  std::size_t feed(std::string_view bytes);
  std::size_t begin_streamed(std::string_view rest);
  std::size_t feed_body(std::string_view bytes);
  /// No more is to be read from the client now.
  bool is_full() const;
  void serve_inbox();
  void dispatch(HttpRequest request);
  void refuse(int status, std::string_view reason);

  // Answers (http1_exchange.cpp).
  void submit(Command command);
  void run_commands();
  void run(Command& command);
  void begin(Begin& what);
  void chunk(const SharedBytes& bytes);
  void finish();
  void upgrade(Upgrade& what);
  void pause(bool paused);
  void read_body(ReadBody& what);
  void give_body();
  void answer_is_complete();
  /// `follows`: bytes that will be put behind it.
  void put(std::string_view text, std::size_t follows = 0);
  void put_shared(SharedBytes bytes);
  void flush();
  void after_flush();

  // The end, and time (http1_session.cpp).
  void close_in_order();
  void close_now();
  void notify_closed();
  Clock::time_point deadline() const;
  void arm_timer();
  void timer_fired();

  Socket socket_;
  boost::asio::steady_timer timer_;
  boost::asio::steady_timer inbox_has_room_;  ///< Used as an event: cancelled to wake the reader.
  TlsStream tls_;
  const HttpsServerOptions& options_;
  HttpHandler& handler_;
  std::function<void()> ended_;
  std::string remote_address_;
  bool loopback_ = false;
  std::shared_ptr<const ClientCertificate> certificate_;
  std::string certificate_fault_;

  Http1Parser parser_;
  std::string inbox_;  ///< Received while an answer is pending, or an incomplete head.
  bool feeding_ = false;
  bool handshake_done_ = false;
  bool reader_paused_ = false;

  bool body_open_ = false;  ///< The request was dispatched before the end of its body.
  bool continue_due_ = false;
  std::string body_;  ///< Of that body, not yet read by the handler.
  std::function<void(std::string)> body_got_;

  std::shared_ptr<ByteSink> sink_;  ///< Once the protocol was switched: gets what arrives.
  bool sink_paused_ = false;

  std::uint64_t exchange_ = 0;  ///< Number of the current exchange.
  bool answering_ = false;      ///< A request was dispatched and its answer is not complete.
  bool begun_ = false;          ///< The head of the answer is queued.
  bool chunked_ = false;
  bool head_only_ = false;
  bool keep_alive_ = true;
  std::function<void()> drained_;
  std::function<void()> closed_callback_;

  std::list<Output> output_;
  std::atomic<std::size_t> buffered_{0};
  bool waiting_writable_ = false;
  bool closing_ = false;    ///< Close once the output is sent.
  bool lingering_ = false;  ///< Sent everything, reads and drops until the client has closed too.
  bool closed_ = false;

  Clock::time_point since_;           ///< Start of the state that `deadline` judges.
  Clock::time_point write_progress_;  ///< When the socket last took output.
  Clock::time_point armed_until_ = Clock::time_point::max();

  std::mutex commands_mutex_;
  std::vector<Command> commands_;  ///< Guarded by commands_mutex_.
  bool commands_posted_ = false;   ///< Guarded by commands_mutex_.
};

/// What its handler reads of a request that is streamed.
class Http1Body final : public RequestBody {
 public:
  Http1Body(const std::shared_ptr<Http1Session>& session, std::uint64_t exchange, std::optional<std::uint64_t> length)
      : session_(session), exchange_(exchange), length_(length) {}

  std::optional<std::uint64_t> length() const override { return length_; }
  void read(std::function<void(std::string)> got) override;

 private:
  std::weak_ptr<Http1Session> session_;
  std::uint64_t exchange_;
  std::optional<std::uint64_t> length_;
};

/// The writer of one exchange.
class Http1Exchange final : public ResponseWriter, public UpgradableWriter {
 public:
  Http1Exchange(std::shared_ptr<Http1Session> session, std::uint64_t number)
      : session_(std::move(session)), number_(number) {}
  ~Http1Exchange() override;

  void respond(HttpResponse response) override;
  void start(HttpResponse head) override;
  bool write(SharedBytes bytes) override;
  void finish() override;
  void abort() override;
  std::size_t buffered() const override;
  void on_drain(std::function<void()> drained) override;
  void on_close(std::function<void()> closed) override;
  void upgrade(HttpResponse head, std::shared_ptr<ByteSink> sink) override;
  void pause_reading(bool paused) override;

 private:
  std::shared_ptr<Http1Session> session_;
  std::uint64_t number_;
  bool begun_ = false;
  bool ended_ = false;
};

}  // namespace troupe::net
