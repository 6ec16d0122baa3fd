#include "api/answer_writer.hpp"

#include <zlib.h>

#include <algorithm>
#include <utility>

namespace troupe::api {

namespace {

/// "gzip", "deflate, gzip;q=0.5", "*": but not "gzip;q=0".
bool accepts_gzip(const net::HttpRequest& request) {
  const std::string accepted = request.headers.joined("accept-encoding");
  std::string_view rest = accepted;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(','), rest.size());
    std::string part(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::erase(part, ' ');
    const std::size_t semicolon = std::min(part.find(';'), part.size());
    const std::string name = part.substr(0, semicolon);
    if (!net::equals_ignoring_case(name, "gzip") && name != "*") continue;
    const std::string quality = part.substr(semicolon);
    return quality.find_first_of("123456789") != std::string::npos || !quality.starts_with(";q=0");
  }
  return false;
}

}  // namespace

/// zlib at its fastest level, with a gzip head. Should it fail (no memory), the answer is broken off.
class AnswerWriter::Deflater {
 public:
  Deflater() {
    constexpr int kGzip = 15 + 16;
    ready_ = deflateInit2(&stream_, 1, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Deflater() {
    if (ready_) deflateEnd(&stream_);
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  /// Appends what is ready. False when zlib failed.
  bool add(std::string_view bytes, bool last, std::string& out) {
    if (!ready_) return false;
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());  // bodies and pieces are far below 4 GiB
    int result = Z_OK;
    do {
      const std::size_t before = out.size();
      const std::size_t room = std::max<std::size_t>(bytes.size() / 4, 4096);
      out.resize(before + room);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_.avail_out = static_cast<uInt>(room);
      result = deflate(&stream_, last ? Z_FINISH : Z_NO_FLUSH);
      out.resize(out.size() - stream_.avail_out);
    } while (result == Z_OK && (stream_.avail_out == 0 || (last && result != Z_STREAM_END)));
    return result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
  }

 private:
  z_stream stream_{};
  bool ready_ = false;
};

AnswerWriter::AnswerWriter(std::shared_ptr<net::ResponseWriter> connection, const net::HttpRequest& request,
                           Environment& env)
    : env_(env), connection_(std::move(connection)), may_compress_(!request.loopback && accepts_gzip(request)) {}

AnswerWriter::~AnswerWriter() { ended(); }

void AnswerWriter::count_in(RequestSeries& series, bool long_running) {
  if (series_ != nullptr) return;
  series_ = &series;
  long_running_ = long_running;
  if (long_running) ++series.long_running;
}

void AnswerWriter::ended() {
  if (series_ == nullptr) return;
  if (long_running_) --series_->long_running;
  series_->add(status_ == 0 ? 500 : status_, std::chrono::steady_clock::now() - since_);
  series_ = nullptr;
}

void AnswerWriter::respond(net::HttpResponse response) {
  status_ = response.status;
  const bool encoded = response.headers.find("content-encoding") != nullptr;
  if (may_compress_ && !long_running_ && !encoded && response.body.size() > kCompressAtOnce) {
    const auto body = std::make_shared<const std::string>(std::exchange(response.body, {}));
    start(std::move(response));
    return send_packed(body, 0);
  }
  if (may_compress_ && !encoded && response.body.size() >= kCompressFrom) {
    std::string packed;
    if (Deflater deflater; deflater.add(response.body, true, packed)) {
      response.body = std::move(packed);
      response.headers.add("Content-Encoding", "gzip");
      if (response.headers.find("vary") == nullptr) response.headers.add("Vary", "Accept-Encoding");
    }
  }
  ended();
  connection_->respond(std::move(response));
}

/// A piece a turn, when the client has taken the ones before: other work gets the thread in between.
void AnswerWriter::send_packed(std::shared_ptr<const std::string> body, std::size_t from) {
  if (from >= body->size()) return finish();
  const bool room = write(std::make_shared<const std::string>(body->substr(from, kCompressAtOnce)));
  const auto next = [self = shared_from_this(), body = std::move(body), from] {
    self->env_.post([self, body, from] { self->send_packed(body, from + kCompressAtOnce); });
  };
  if (room) return next();
  connection_->on_drain(next);
}

void AnswerWriter::start(net::HttpResponse head) {
  status_ = head.status;
  if (may_compress_ && !long_running_ && head.headers.find("content-encoding") == nullptr) {
    deflater_ = std::make_unique<Deflater>();
    head.headers.add("Content-Encoding", "gzip");
    head.headers.add("Vary", "Accept-Encoding");
  }
  connection_->start(std::move(head));
}

bool AnswerWriter::write(net::SharedBytes bytes) {
  if (!deflater_ || !bytes) return connection_->write(std::move(bytes));
  std::string packed;
  if (!deflater_->add(*bytes, false, packed)) {
    abort();
    return true;
  }
  if (packed.empty()) return true;
  return connection_->write(std::make_shared<const std::string>(std::move(packed)));
}

void AnswerWriter::finish() {
  if (deflater_) {
    std::string packed;
    if (!deflater_->add({}, true, packed)) return abort();
    connection_->write(std::make_shared<const std::string>(std::move(packed)));
    deflater_.reset();
  }
  ended();
  connection_->finish();
}

void AnswerWriter::abort() {
  ended();
  connection_->abort();
}

void AnswerWriter::upgrade(net::HttpResponse head, std::shared_ptr<net::ByteSink> sink) {
  net::UpgradableWriter* connection = net::upgradable(*connection_);
  if (connection == nullptr) {
    net::HttpResponse refused;
    refused.status = 400;
    refused.body = "this connection cannot switch its protocol";
    return respond(std::move(refused));
  }
  status_ = head.status;
  may_compress_ = false;
  connection->upgrade(std::move(head), std::move(sink));
}

void AnswerWriter::pause_reading(bool paused) {
  if (net::UpgradableWriter* connection = net::upgradable(*connection_)) connection->pause_reading(paused);
}

}  // namespace troupe::api
