#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/http.hpp"

namespace troupe::net {

/// Reads HTTP/1.1 requests out of a stream of bytes, one after the other; knows no socket. (Beast's parser behind it.)
class Http1Parser {
 public:
  struct Limits {
    std::size_t header_bytes = 64 * 1024;      ///< Request line and header fields together.
    std::size_t body_bytes = 3 * 1024 * 1024;  ///< After chunked decoding; Kubernetes' limit.
  };

  enum class State {
    kNeedMore,        ///< Not complete: feed more bytes.
    kExpectContinue,  ///< The head came with "Expect: 100-continue": answer 100, then feed on. Reported once.
    kComplete,        ///< `take` gives the request.
    kRefused,         ///< Malformed or over a limit: `refusal_status` and `refusal_reason` say why. Nothing may follow.
  };

  explicit Http1Parser(Limits limits);
  ~Http1Parser();
  Http1Parser(const Http1Parser&) = delete;
  Http1Parser& operator=(const Http1Parser&) = delete;

  /// Takes as much of `bytes` as belongs to the current request; `consumed` says how much. Bytes not consumed must be
  /// given again, with more behind them.
  State feed(std::string_view bytes, std::size_t& consumed);

  /// The complete request (method, target, headers, body); the parser is then ready for the next.
  HttpRequest take();

  bool keep_alive() const { return keep_alive_; }    ///< Of the request last taken.
  bool version_1_0() const { return version_1_0_; }  ///< Of the request last taken: it knows no chunks.
  bool started() const { return started_; }          ///< Some byte of the current request was seen.
  int refusal_status() const { return refusal_status_; }
  const std::string& refusal_reason() const { return refusal_reason_; }

 private:
  struct Impl;
  State refuse(int status, std::string reason);
  void reset();

  Limits limits_;
  std::unique_ptr<Impl> impl_;
  bool keep_alive_ = true;
  bool version_1_0_ = false;
  bool started_ = false;
  bool continue_reported_ = false;
  int refusal_status_ = 0;
  std::string refusal_reason_;
};

}  // namespace troupe::net
