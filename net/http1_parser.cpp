#include "net/http1_parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <optional>
#include <utility>

namespace troupe::net {

namespace http = boost::beast::http;

namespace {

constexpr std::uint64_t kReservedAtMost = 4 * 1024 * 1024;

/// A body as a string. Unlike Beast's own it does not believe a head that promises gigabytes.
struct TextBody {
  using value_type = std::string;

  class reader {  // NOLINT(readability-identifier-naming): Beast's name
   public:
    template <bool kIsRequest, class Fields>
    reader(http::header<kIsRequest, Fields>&, std::string& body) : body_(body) {}

    void init(const boost::optional<std::uint64_t>& length, boost::system::error_code& error) {
      if (length) body_.reserve(static_cast<std::size_t>(std::min(*length, kReservedAtMost)));
      error = {};
    }

    template <class Buffers>
    std::size_t put(const Buffers& buffers, boost::system::error_code& error) {
      std::size_t size = 0;
      for (const boost::asio::const_buffer each : boost::beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(each.data()), each.size());
        size += each.size();
      }
      error = {};
      return size;
    }

    void finish(boost::system::error_code& error) { error = {}; }

   private:
    std::string& body_;
  };
};

std::string_view text_of(boost::beast::string_view text) { return {text.data(), text.size()}; }

/// "https://host/path" is a request for "/path", as proxies send it.
std::string_view own_part(std::string_view target) {
  const std::size_t scheme = target.starts_with("https://") ? 8 : target.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return target;
  const std::size_t path = target.find('/', scheme);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

template <class Message>
HttpRequest head_of(const Message& message) {
  HttpRequest request;
  request.method = text_of(message.method_string());
  request.target = own_part(text_of(message.target()));
  for (const auto& field : message) {
    request.headers.add(std::string(text_of(field.name_string())), std::string(text_of(field.value())));
  }
  return request;
}

}  // namespace

struct Http1Parser::Impl {
  std::optional<http::request_parser<TextBody>> parser;
};

Http1Parser::Http1Parser(Limits limits, Streams streams)
    : limits_(limits), streams_(std::move(streams)), impl_(std::make_unique<Impl>()) {
  reset();
}
Http1Parser::~Http1Parser() = default;

void Http1Parser::reset() {
  auto& parser = impl_->parser.emplace();
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser.body_limit(boost::none);  // set when it is known what the body is for
  started_ = false;
  continue_reported_ = false;
  streaming_ = false;
}

Http1Parser::State Http1Parser::refuse(int status, std::string reason) {
  refusal_status_ = status;
  refusal_reason_ = std::move(reason);
  return State::kRefused;
}

/// kNeedMore: go on.
Http1Parser::State Http1Parser::head_is_there() {
  auto& parser = *impl_->parser;
  const auto& message = parser.get();
  // HTTP/1.1 without Host, or with two, is refused: proxies before us might read them differently.
  if (message.version() != 11 && message.version() != 10) return refuse(505, "only HTTP/1.1 and HTTP/1.0 are served");
  if (message.version() == 11 && message.count(http::field::host) != 1) {
    return refuse(400, "malformed HTTP request: exactly one Host header is needed");
  }
  // Whose end nobody can tell: what follows could be taken for a request of its own.
  const std::size_t codings = message.count(http::field::transfer_encoding);
  if (codings > 1 || (codings == 1 && !boost::beast::iequals(message[http::field::transfer_encoding], "chunked"))) {
    return refuse(501, "malformed HTTP request: of the transfer encodings only chunked is known");
  }
  if (parser.is_done()) return State::kNeedMore;
  const auto length = parser.content_length();
  if (streams_ && streams_(text_of(message.method_string()), own_part(text_of(message.target())))) {
    streaming_ = true;
    body_length_ = length ? std::optional<std::uint64_t>(*length) : std::nullopt;
    expects_continue_ = boost::beast::iequals(message[http::field::expect], "100-continue");
    return State::kHead;
  }
  if (length && *length > limits_.body_bytes) {
    return refuse(413, "the request's body is larger than " + std::to_string(limits_.body_bytes) + " bytes");
  }
  parser.body_limit(limits_.body_bytes);
  return State::kNeedMore;
}

/// Reads one part of the request; kNeedMore whenever nothing is to be reported.
Http1Parser::State Http1Parser::step(std::string_view rest, std::size_t& used) {
  auto& parser = *impl_->parser;
  const bool in_head = !parser.is_header_done();
  boost::system::error_code error;
  used = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
  started_ = true;
  const bool line_too_long = error == http::error::need_more && rest.size() - used > limits_.header_bytes;
  if (error == http::error::header_limit || (line_too_long && in_head)) {
    return refuse(431, "the request's header is larger than " + std::to_string(limits_.header_bytes) + " bytes");
  }
  if (line_too_long) return refuse(400, "malformed HTTP request: a chunk's head or the trailer is too long");
  if (error == http::error::body_limit) {
    return refuse(413, "the request's body is larger than " + std::to_string(limits_.body_bytes) + " bytes");
  }
  if (error && error != http::error::need_more) return refuse(400, "malformed HTTP request: " + error.message());
  return in_head && parser.is_header_done() ? head_is_there() : State::kNeedMore;
}

Http1Parser::State Http1Parser::feed(std::string_view bytes, std::size_t& consumed) {
  consumed = 0;
  if (refusal_status_ != 0) return State::kRefused;
  while (consumed < bytes.size() && !impl_->parser->is_done()) {
    std::size_t used = 0;
    const bool in_head = !impl_->parser->is_header_done();
    const State reported = step(bytes.substr(consumed), used);
    consumed += used;
    if (reported != State::kNeedMore) return reported;
    if (used == 0 || (in_head && !impl_->parser->is_header_done())) break;
  }
  return after_bytes();
}

Http1Parser::State Http1Parser::after_bytes() {
  auto& parser = *impl_->parser;
  if (streaming_) {
    body_.append(std::exchange(parser.get().body(), {}));
    if (!parser.is_done()) return State::kNeedMore;
    reset();
    return State::kComplete;
  }
  if (parser.is_done()) return State::kComplete;
  if (parser.is_header_done() && !continue_reported_) {
    continue_reported_ = true;
    if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) return State::kExpectContinue;
  }
  return State::kNeedMore;
}

HttpRequest Http1Parser::take() {
  auto& parser = *impl_->parser;
  keep_alive_ = parser.get().keep_alive();
  version_1_0_ = parser.get().version() == 10;
  HttpRequest request = head_of(parser.get());
  if (streaming_) return request;
  request.body = std::move(parser.get().body());
  reset();
  return request;
}

std::string Http1Parser::take_body() { return std::exchange(body_, {}); }

}  // namespace troupe::net
