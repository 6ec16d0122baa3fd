#include "net/http1_session.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace troupe::net {

namespace asio = boost::asio;

namespace {

constexpr auto kUse = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t kReadSize = 16 * 1024;
constexpr unsigned kReadsATurn = 8;
constexpr std::chrono::seconds kLookPause(1);

/// The client has closed, perhaps behind bytes that nobody has read yet.
bool has_left(int socket) {
  pollfd query{socket, POLLRDHUP, 0};
  return ::poll(&query, 1, 0) == 1 && (query.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

/// Who speaks HTTP without TLS is told so, in Go's words.
void tell_plain_client(int socket) {
  static constexpr std::string_view kAnswer =
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
  static constexpr int kMostRest = 16;
  if (::send(socket, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) return;
  ::shutdown(socket, SHUT_WR);
  std::array<char, 4096> rest{};  // closing with unread bytes would reset the connection, and lose the answer
  for (int i = 0; i<kMostRest&& ::recv(socket, rest.data(), rest.size(), MSG_DONTWAIT)> 0;) ++i;
}

/// Bytes are read here and consumed before the coroutine is suspended, so that an idle connection holds no buffer.
char* scratch() {
  thread_local std::array<char, kReadSize> buffer;
  return buffer.data();
}

}  // namespace

Http1Session::Http1Session(Socket socket, std::shared_ptr<const TlsContext> tls, const HttpsServerOptions& options,
                           HttpHandler& handler, std::function<void()> ended)
    : socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      inbox_has_room_(socket_.get_executor()),
      tls_(std::move(tls), socket_.native_handle()),
      options_(options),
      handler_(handler),
      ended_(std::move(ended)),
      parser_({.header_bytes = options.max_header_bytes, .body_bytes = options.max_body_bytes},
              [&handler](std::string_view method, std::string_view target) {
                return handler.streams_body(method, target);
              }) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  const auto peer = socket_.remote_endpoint(ignored);
  loopback_ = peer.address().is_loopback();
  remote_address_ = peer.address().to_string() + ":" + std::to_string(peer.port());
}

Http1Session::~Http1Session() { ended_(); }

void Http1Session::start() {
  asio::co_spawn(
      socket_.get_executor(), [self = shared_from_this()]() -> asio::awaitable<void> { co_await self->run(); },
      asio::detached);
}

void Http1Session::stop() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->keep_alive_ = false;
    if (!self->answering_) {
      self->close_in_order();
    } else if (self->begun_) {
      self->notify_closed();  // a stream: whoever feeds it ends it
    }
  });
}

void Http1Session::kill() {
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->close_now(); });
}

asio::awaitable<bool> Http1Session::wait(asio::socket_base::wait_type what) {
  const auto [error] = co_await socket_.async_wait(what, kUse);
  co_return !error && !closed_;
}

// No co_await inside a switch: g++ 12 makes a trap of it under UBSan.
asio::awaitable<bool> Http1Session::shake_hands() {
  while (true) {
    const TlsStream::Io io = tls_.handshake();
    if (io == TlsStream::Io::kDone) break;
    if (io != TlsStream::Io::kWantRead && io != TlsStream::Io::kWantWrite) {
      if (tls_.is_plain_http()) tell_plain_client(socket_.native_handle());
      co_return false;
    }
    const bool ready = co_await wait(io == TlsStream::Io::kWantRead ? Socket::wait_read : Socket::wait_write);
    if (!ready) co_return false;
  }
  certificate_ = tls_.client_certificate(certificate_fault_);
  co_return true;
}

asio::awaitable<void> Http1Session::run() {
  since_ = Clock::now();
  arm_timer();
  const bool secured = co_await shake_hands();
  if (!secured) {
    close_now();
    co_return;
  }
  handshake_done_ = true;
  since_ = Clock::now();
  arm_timer();
  std::size_t dropped = 0;
  unsigned reads = 0;
  while (!closed_) {
    if (is_full()) {
      const bool there = co_await wait_for_room();
      if (!there) break;
      continue;
    }
    std::size_t got = 0;
    const TlsStream::Io io = tls_.read(scratch(), kReadSize, got);
    if (io == TlsStream::Io::kDone) {
      if (lingering_ || closing_) {
        dropped += got;
        if (dropped > options_.max_body_bytes) close_now();
      } else {
        received(std::string_view(scratch(), got));
      }
      if (closed_) break;
      if (got == kReadSize || tls_.holds_data()) {
        // Where a client sends without end, commands (one to pause the reading, or to end) and other connections wait.
        if (++reads % kReadsATurn == 0) co_await asio::post(socket_.get_executor(), kUse);
        continue;
      }
    } else if (io != TlsStream::Io::kWantRead && io != TlsStream::Io::kWantWrite) {
      break;
    }
    const bool ready = co_await wait(io == TlsStream::Io::kWantWrite ? Socket::wait_write : Socket::wait_read);
    if (!ready) break;
  }
  close_now();
}

bool Http1Session::is_full() const {
  if (sink_paused_) return true;
  const std::string& waiting = body_open_ ? body_ : inbox_;
  return answering_ && waiting.size() >= options_.max_inbox_bytes;
}

asio::awaitable<bool> Http1Session::wait_for_room() {
  reader_paused_ = true;
  // Nothing tells that a client left while its bytes are not read: for as long as whoever gets them wants none, look.
  const bool looks = sink_paused_ || body_open_;
  inbox_has_room_.expires_at(looks ? Clock::now() + kLookPause : Clock::time_point::max());
  co_await inbox_has_room_.async_wait(kUse);
  reader_paused_ = false;
  co_return !(looks && is_full() && !closed_ && has_left(socket_.native_handle()));
}

void Http1Session::received(std::string_view bytes) {
  if (sink_) {
    const auto sink = sink_;  // it may end the connection
    return sink->received(bytes);
  }
  if (body_open_) {
    inbox_.append(bytes);
    inbox_.erase(0, feed_body(inbox_));
    return give_body();
  }
  if (answering_) {
    inbox_.append(bytes);
    return;
  }
  if (!inbox_.empty()) {
    inbox_.append(bytes);
    serve_inbox();
    return;
  }
  const std::size_t used = feed(bytes);
  if (used < bytes.size() && !closed_ && !closing_) inbox_.append(bytes.substr(used));
}

void Http1Session::serve_inbox() {
  if (feeding_ || answering_) return;
  if (!inbox_.empty()) {
    std::string bytes = std::move(inbox_);
    inbox_.clear();
    const std::size_t used = feed(bytes);
    if (!closed_ && !closing_) inbox_ = used == 0 ? std::move(bytes) : bytes.substr(used);
  }
  if (reader_paused_ && (!answering_ || inbox_.size() < options_.max_inbox_bytes)) inbox_has_room_.cancel();
}

std::size_t Http1Session::feed(std::string_view bytes) {
  feeding_ = true;
  const bool was_started = parser_.started();
  std::size_t total = 0;
  while (!answering_ && !closing_ && !closed_ && total < bytes.size()) {
    std::size_t used = 0;
    const Http1Parser::State state = parser_.feed(bytes.substr(total), used);
    total += used;
    if (state == Http1Parser::State::kComplete) {
      dispatch(parser_.take());
    } else if (state == Http1Parser::State::kHead) {
      total += begin_streamed(bytes.substr(total));
    } else if (state == Http1Parser::State::kRefused) {
      refuse(parser_.refusal_status(), parser_.refusal_reason());
    } else if (state == Http1Parser::State::kExpectContinue) {
      put("HTTP/1.1 100 Continue\r\n\r\n");
      flush();
    } else {
      break;
    }
  }
  feeding_ = false;
  if (parser_.started() && !was_started) {
    since_ = Clock::now();
    arm_timer();
  }
  return total;
}

/// Dispatches a request whose body is streamed, or, when all of it has come with the head, whole.
std::size_t Http1Session::begin_streamed(std::string_view rest) {
  HttpRequest request = parser_.take();
  const auto length = parser_.body_length();
  body_open_ = true;
  const std::size_t used = feed_body(rest);
  if (closing_ || closed_ || answering_) return used;
  if (!body_open_) {
    request.body = std::exchange(body_, {});
  } else {
    continue_due_ = parser_.expects_continue() && body_.empty();
    request.incoming = std::make_shared<Http1Body>(shared_from_this(), exchange_ + 1, length);
  }
  dispatch(std::move(request));
  return used;
}

std::size_t Http1Session::feed_body(std::string_view bytes) {
  std::size_t total = 0;
  while (body_open_ && total < bytes.size()) {
    std::size_t used = 0;
    const Http1Parser::State state = parser_.feed(bytes.substr(total), used);
    total += used;
    body_.append(parser_.take_body());
    if (state == Http1Parser::State::kComplete) {
      body_open_ = false;
    } else if (state == Http1Parser::State::kRefused) {
      body_open_ = false;
      answering_ ? close_now() : refuse(parser_.refusal_status(), parser_.refusal_reason());
      return bytes.size();
    } else if (used == 0) {
      break;
    }
  }
  return total;
}

void Http1Session::dispatch(HttpRequest request) {
  keep_alive_ = keep_alive_ && parser_.keep_alive();
  chunked_ = !parser_.version_1_0();  // a stream to an HTTP/1.0 client ends with its connection
  head_only_ = request.method == "HEAD";
  request.remote_address = remote_address_;
  request.loopback = loopback_;
  request.certificate = certificate_;
  request.certificate_fault = certificate_fault_;
  answering_ = true;
  begun_ = false;
  ++exchange_;
  auto writer = std::make_shared<Http1Exchange>(shared_from_this(), exchange_);
  try {
    handler_.handle(std::move(request), std::move(writer));
  } catch (const std::exception&) {
    // The writer was dropped on the way and has answered 500 for it.
  }
}

void Http1Session::refuse(int status, std::string_view reason) {
  keep_alive_ = false;
  answering_ = true;
  begun_ = false;
  ++exchange_;
  Begin answer{handler_.refusal(status, reason), false};
  begin(answer);
  flush();
}

void Http1Session::close_in_order() {
  if (closed_ || closing_) return;
  closing_ = true;
  since_ = Clock::now();
  arm_timer();
  flush();
}

void Http1Session::close_now() {
  if (closed_) return;
  closed_ = true;
  tls_.close_notify();
  boost::system::error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  inbox_has_room_.cancel();
  output_.clear();
  buffered_ = 0;
  inbox_.clear();
  notify_closed();
  drained_ = nullptr;
  body_got_ = nullptr;
  body_.clear();
  sink_.reset();
}

void Http1Session::notify_closed() {
  auto call = std::move(closed_callback_);
  closed_callback_ = nullptr;
  if (call) call();
}

Http1Session::Clock::time_point Http1Session::deadline() const {
  if (!handshake_done_) return since_ + options_.handshake_timeout;
  if (lingering_) return since_ + options_.linger_timeout;
  if (sink_) return Clock::time_point::max();  // a terminal's reader may rest for hours
  if (!output_.empty()) return write_progress_ + options_.write_timeout;
  if (closing_) return since_ + options_.linger_timeout;
  if (answering_) return Clock::time_point::max();
  if (parser_.started() || !inbox_.empty()) return since_ + options_.request_timeout;
  return since_ + options_.idle_timeout;
}

void Http1Session::arm_timer() {
  const auto until = deadline();
  if (closed_ || until >= armed_until_) return;  // the timer looks again when it fires
  armed_until_ = until;
  timer_.expires_at(until);
  timer_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
    const auto self = weak.lock();
    if (self && !error) self->timer_fired();
  });
}

void Http1Session::timer_fired() {
  if (closed_) return;
  armed_until_ = Clock::time_point::max();
  if (deadline() > Clock::now()) return arm_timer();
  const bool slow_request = handshake_done_ && !answering_ && !closing_ && parser_.started();
  if (slow_request) {
    refuse(408, "the request did not arrive in time");
  } else if (handshake_done_ && !answering_ && !closing_ && output_.empty()) {
    close_in_order();
  } else {
    close_now();
  }
}

}  // namespace troupe::net
