#include "net/http1_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <optional>

namespace troupe::net {

namespace http = boost::beast::http;

struct Http1Parser::Impl {
  std::optional<http::request_parser<http::string_body>> parser;
};

Http1Parser::Http1Parser(Limits limits) : limits_(limits), impl_(std::make_unique<Impl>()) { reset(); }
Http1Parser::~Http1Parser() = default;

void Http1Parser::reset() {
  auto& parser = impl_->parser.emplace();
  parser.header_limit(static_cast<std::uint32_t>(limits_.header_bytes));
  parser.body_limit(limits_.body_bytes);
  parser.eager(true);
  started_ = false;
  continue_reported_ = false;
}

Http1Parser::State Http1Parser::refuse(int status, std::string reason) {
  refusal_status_ = status;
  refusal_reason_ = std::move(reason);
  return State::kRefused;
}

Http1Parser::State Http1Parser::feed(std::string_view bytes, std::size_t& consumed) {
  consumed = 0;
  if (refusal_status_ != 0) return State::kRefused;
  auto& parser = *impl_->parser;
  while (consumed < bytes.size() && !parser.is_done()) {
    boost::system::error_code error;
    const std::string_view rest = bytes.substr(consumed);
    const std::size_t used = parser.put(boost::asio::const_buffer(rest.data(), rest.size()), error);
    consumed += used;
    started_ = true;
    if (error == http::error::need_more) {
      if (!parser.is_header_done() && rest.size() - used > limits_.header_bytes) {
        return refuse(431, "the request's header is larger than " + std::to_string(limits_.header_bytes) + " bytes");
      }
      break;
    }
    if (error == http::error::header_limit) {
      return refuse(431, "the request's header is larger than " + std::to_string(limits_.header_bytes) + " bytes");
    }
    if (error == http::error::body_limit) {
      return refuse(413, "the request's body is larger than " + std::to_string(limits_.body_bytes) + " bytes");
    }
    if (error) return refuse(400, "malformed HTTP request: " + error.message());
    if (used == 0) break;
  }
  if (parser.is_done()) {
    // HTTP/1.1 without Host, or with two, is refused: proxies before us might read them differently.
    const auto& message = parser.get();
    if (message.version() != 11 && message.version() != 10) return refuse(505, "only HTTP/1.1 and HTTP/1.0 are served");
    if (message.version() == 11 && message.count(http::field::host) != 1) {
      return refuse(400, "malformed HTTP request: exactly one Host header is needed");
    }
    return State::kComplete;
  }
  if (parser.is_header_done() && !continue_reported_) {
    continue_reported_ = true;
    if (boost::beast::iequals(parser.get()[http::field::expect], "100-continue")) return State::kExpectContinue;
  }
  return State::kNeedMore;
}

HttpRequest Http1Parser::take() {
  auto message = impl_->parser->release();
  keep_alive_ = message.keep_alive();
  version_1_0_ = message.version() == 10;
  HttpRequest request;
  request.method.assign(message.method_string().data(), message.method_string().size());
  request.target.assign(message.target().data(), message.target().size());
  for (const auto& field : message) {
    request.headers.add(std::string(field.name_string().data(), field.name_string().size()),
                        std::string(field.value().data(), field.value().size()));
  }
  request.body = std::move(message.body());
  reset();
  return request;
}

}  // namespace troupe::net
