#include <boost/asio/dispatch.hpp>
#include <charconv>
#include <ctime>

#include "net/http1_session.hpp"

namespace troupe::net {

namespace asio = boost::asio;

namespace {

constexpr std::size_t kCopyUpTo = 8 * 1024;  ///< Smaller shared pieces are copied together: one TLS record, one send.
constexpr std::size_t kRecordSize = 16 * 1024;

/// "Sun, 06 Nov 1994 08:49:37 GMT", made at most once a second and thread.
std::string_view http_date() {
  thread_local std::time_t made_at = 0;
  thread_local char text[32] = {};
  thread_local std::size_t size = 0;
  const std::time_t now = std::time(nullptr);
  if (now != made_at) {
    std::tm parts{};
    ::gmtime_r(&now, &parts);
    size = std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
    made_at = now;
  }
  return {text, size};
}

/// A line break in a value would let it speak as a field of its own.
bool is_clean(std::string_view text) { return text.find_first_of("\r\n") == std::string_view::npos; }

}  // namespace

// ---- the session's side, on its strand

void Http1Session::submit(Command command) {
  {
    const std::lock_guard lock(commands_mutex_);
    commands_.push_back(std::move(command));
    if (commands_posted_) return;
    commands_posted_ = true;
  }
  asio::dispatch(socket_.get_executor(), [self = shared_from_this()] { self->run_commands(); });
}

void Http1Session::run_commands() {
  while (true) {
    std::vector<Command> batch;
    {
      const std::lock_guard lock(commands_mutex_);
      if (commands_.empty()) {
        commands_posted_ = false;
        break;
      }
      batch.swap(commands_);
    }
    for (Command& command : batch) run(command);
  }
  flush();
  serve_inbox();
}

void Http1Session::run(Command& command) {
  const bool current = answering_ && command.exchange == exchange_ && !closed_;
  if (auto* what = std::get_if<OnClose>(&command.what)) {
    if (current) {
      closed_callback_ = std::move(what->call);
    } else if (closed_ && command.exchange == exchange_ && answering_) {
      what->call();
    }
    return;
  }
  if (!current) return;
  if (auto* what = std::get_if<Begin>(&command.what)) {
    begin(*what);
  } else if (auto* bytes = std::get_if<Chunk>(&command.what)) {
    buffered_.fetch_sub(std::min(buffered_.load(), bytes->bytes->size()));  // counted again as it is framed
    chunk(bytes->bytes);
  } else if (std::holds_alternative<Finish>(command.what)) {
    finish();
  } else if (std::holds_alternative<Abort>(command.what)) {
    close_now();
  } else if (auto* drain = std::get_if<OnDrain>(&command.what)) {
    drained_ = std::move(drain->call);
    after_flush();
  } else if (auto* other = std::get_if<Upgrade>(&command.what)) {
    upgrade(*other);
  } else if (auto* pausing = std::get_if<Pause>(&command.what)) {
    pause(pausing->paused);
  } else if (auto* reading = std::get_if<ReadBody>(&command.what)) {
    read_body(*reading);
  }
}

void Http1Session::read_body(ReadBody& what) {
  body_got_ = std::move(what.got);
  if (std::exchange(continue_due_, false) && !begun_ && body_.empty()) put("HTTP/1.1 100 Continue\r\n\r\n");
  give_body();
}

void Http1Session::give_body() {
  if (!body_got_ || (body_.empty() && body_open_)) return;
  const auto got = std::exchange(body_got_, nullptr);
  if (reader_paused_) inbox_has_room_.cancel();
  got(std::exchange(body_, {}));
}

void Http1Session::upgrade(Upgrade& what) {
  if (begun_) return;
  begun_ = true;
  chunked_ = false;
  keep_alive_ = false;
  std::string head("HTTP/1.1 ");
  head.append(std::to_string(what.head.status)).append(" ").append(status_text(what.head.status)).append("\r\n");
  for (const auto& [name, value] : what.head.headers.fields()) {
    if (is_clean(name) && is_clean(value)) head.append(name).append(": ").append(value).append("\r\n");
  }
  head.append("Date: ").append(http_date()).append("\r\n\r\n");
  put(head);
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  sink_ = std::move(what.sink);
  body_open_ = false;
  if (inbox_.empty()) return;
  const std::string early = std::exchange(inbox_, {});
  received(early);
}

void Http1Session::pause(bool paused) {
  sink_paused_ = paused && sink_ != nullptr;
  if (!sink_paused_ && reader_paused_) inbox_has_room_.cancel();
}

void Http1Session::begin(Begin& what) {
  if (begun_) return;
  begun_ = true;
  if (body_open_) keep_alive_ = false;  // the rest of it is not waited for
  const HttpResponse& response = what.response;
  std::string head;
  head.reserve(256 + (what.stream ? 0 : std::min(response.body.size(), kRecordSize)));
  head.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ").append(status_text(response.status));
  head.append("\r\n");
  for (const auto& [name, value] : response.headers.fields()) {
    if (is_clean(name) && is_clean(value)) head.append(name).append(": ").append(value).append("\r\n");
  }
  head.append("Date: ").append(http_date()).append("\r\n");
  const bool bodiless = response.status == 204 || response.status == 304 || response.status < 200;
  if (!what.stream && !bodiless) {
    head.append("Content-Length: ").append(std::to_string(response.body.size())).append("\r\n");
  } else if (what.stream && chunked_) {
    head.append("Transfer-Encoding: chunked\r\n");
  } else if (what.stream) {
    keep_alive_ = false;
  }
  if (!keep_alive_) head.append("Connection: close\r\n");
  head.append("\r\n");
  put(head);
  if (what.stream) return;
  if (!head_only_ && !bodiless) {
    if (response.body.size() <= kRecordSize) {
      put(response.body);
    } else {
      put_shared(std::make_shared<const std::string>(std::move(what.response.body)));
    }
  }
  answer_is_complete();
}

void Http1Session::chunk(const SharedBytes& bytes) {
  if (!begun_ || bytes->empty() || head_only_) return;
  const bool copied = bytes->size() <= kCopyUpTo;
  if (chunked_) {
    char size[20];
    const auto [end, error] = std::to_chars(size, size + 16, bytes->size(), 16);
    static_cast<void>(error);  // 16 digits hold every size
    end[0] = '\r';
    end[1] = '\n';
    put(std::string_view(size, static_cast<std::size_t>(end - size) + 2), copied ? bytes->size() + 2 : 0);
  }
  if (copied) {
    put(*bytes);
  } else {
    put_shared(bytes);
  }
  if (chunked_) put("\r\n");
}

void Http1Session::finish() {
  if (!begun_) return;
  if (chunked_ && !head_only_) put("0\r\n\r\n");
  answer_is_complete();
}

void Http1Session::answer_is_complete() {
  answering_ = false;
  body_open_ = false;
  body_.clear();
  body_got_ = nullptr;
  closed_callback_ = nullptr;
  drained_ = nullptr;
  sink_.reset();
  pause(false);
  since_ = Clock::now();
  if (!keep_alive_) {
    closing_ = true;
    inbox_.clear();
  }
  arm_timer();
}

void Http1Session::put(std::string_view text, std::size_t follows) {
  if (output_.empty()) write_progress_ = Clock::now();
  buffered_ += text.size();
  if (!output_.empty() && !output_.back().shared && output_.back().own.size() + text.size() <= kRecordSize &&
      output_.back().sent == 0) {
    output_.back().own.append(text);
    return;
  }
  std::string& own = output_.emplace_back().own;
  own.reserve(text.size() + follows);
  own.append(text);
}

void Http1Session::put_shared(SharedBytes bytes) {
  if (output_.empty()) write_progress_ = Clock::now();
  buffered_ += bytes->size();
  output_.emplace_back().shared = std::move(bytes);
}

void Http1Session::flush() {
  if (waiting_writable_ || closed_) return;
  while (!output_.empty()) {
    Output& front = output_.front();
    std::size_t written = 0;
    const TlsStream::Io io = tls_.write(front.rest(), written);
    if (io == TlsStream::Io::kDone) {
      write_progress_ = Clock::now();
      front.sent += written;
      buffered_.fetch_sub(std::min(buffered_.load(), written));
      if (front.rest().empty()) output_.pop_front();
      continue;
    }
    if (io != TlsStream::Io::kWantWrite) return close_now();
    waiting_writable_ = true;
    arm_timer();
    socket_.async_wait(Socket::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
      self->waiting_writable_ = false;
      if (error || self->closed_) return;
      self->flush();
      self->serve_inbox();
    });
    break;
  }
  after_flush();
}

void Http1Session::after_flush() {
  if (drained_ && buffered_ <= options_.low_water_bytes) {
    auto call = std::move(drained_);
    drained_ = nullptr;
    call();
  }
  if (output_.empty() && closing_ && !lingering_ && !closed_) {
    // Closing with unread bytes would reset the connection, and the client might lose the answer.
    lingering_ = true;
    since_ = Clock::now();
    tls_.close_notify();
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    inbox_has_room_.cancel();
    arm_timer();
  }
}

// ---- the handler's side, on any thread

Http1Exchange::~Http1Exchange() {
  if (ended_) return;
  if (begun_) {
    abort();
  } else {
    respond(session_->handler_.refusal(500, "the request was dropped without an answer"));
  }
}

void Http1Exchange::respond(HttpResponse response) {
  if (begun_) return;
  begun_ = ended_ = true;
  session_->submit({number_, Http1Session::Begin{std::move(response), false}});
}

void Http1Exchange::start(HttpResponse head) {
  if (begun_) return;
  begun_ = true;
  session_->submit({number_, Http1Session::Begin{std::move(head), true}});
}

bool Http1Exchange::write(SharedBytes bytes) {
  if (!begun_ || ended_ || !bytes) return true;
  session_->buffered_ += bytes->size();
  session_->submit({number_, Http1Session::Chunk{std::move(bytes)}});
  return session_->buffered_ <= session_->options_.high_water_bytes;
}

void Http1Exchange::finish() {
  if (!begun_ || ended_) return;
  ended_ = true;
  session_->submit({number_, Http1Session::Finish{}});
}

void Http1Exchange::abort() {
  if (ended_) return;
  begun_ = ended_ = true;
  session_->submit({number_, Http1Session::Abort{}});
}

std::size_t Http1Exchange::buffered() const { return session_->buffered_; }

void Http1Exchange::on_drain(std::function<void()> drained) {
  session_->submit({number_, Http1Session::OnDrain{std::move(drained)}});
}

void Http1Exchange::on_close(std::function<void()> closed) {
  session_->submit({number_, Http1Session::OnClose{std::move(closed)}});
}

void Http1Exchange::upgrade(HttpResponse head, std::shared_ptr<ByteSink> sink) {
  if (begun_) return;
  begun_ = true;
  session_->submit({number_, Http1Session::Upgrade{std::move(head), std::move(sink)}});
}

void Http1Body::read(std::function<void(std::string)> got) {
  if (const auto session = session_.lock()) session->submit({exchange_, Http1Session::ReadBody{std::move(got)}});
}

void Http1Exchange::pause_reading(bool paused) { session_->submit({number_, Http1Session::Pause{paused}}); }

}  // namespace troupe::net
