#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
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
    kHead,            ///< The head of a request whose body is streamed: `take` gives it, then feed on for `take_body`.
    kComplete,        ///< `take` gives the request; of a streamed one: this was the end of its body.
    kRefused,         ///< Malformed or over a limit: `refusal_status` and `refusal_reason` say why. Nothing may follow.
  };

  /// Of a request that has a body: is it streamed?
  using Streams = std::function<bool(std::string_view method, std::string_view target)>;

  explicit Http1Parser(Limits limits, Streams streams = nullptr);
  ~Http1Parser();
  Http1Parser(const Http1Parser&) = delete;
  Http1Parser& operator=(const Http1Parser&) = delete;

  /// Takes as much of `bytes` as belongs to the current request; `consumed` says how much. Bytes not consumed must be
  /// given again, with more behind them.
  State feed(std::string_view bytes, std::size_t& consumed);

  /// The complete request (method, target, headers, body); the parser is then ready for the next.
  HttpRequest take();

  /// What came of a streamed body since it was last asked for.
  std::string take_body();

  /// Of a streamed request that was taken: what its head says of the body.
  std::optional<std::uint64_t> body_length() const { return body_length_; }
  bool expects_continue() const { return expects_continue_; }

  bool keep_alive() const { return keep_alive_; }    ///< Of the request last taken.
  bool version_1_0() const { return version_1_0_; }  ///< Of the request last taken: it knows no chunks.
  bool started() const { return started_; }          ///< Some byte of the current request was seen.
  int refusal_status() const { return refusal_status_; }
  const std::string& refusal_reason() const { return refusal_reason_; }

 private:
  struct Impl;
  State refuse(int status, std::string reason);
  State head_is_there();
  State step(std::string_view rest, std::size_t& used);
  State after_bytes();
  void reset();

  Limits limits_;
  Streams streams_;
  std::unique_ptr<Impl> impl_;
  std::string body_;  ///< Of a streamed one.
  std::optional<std::uint64_t> body_length_;
  bool expects_continue_ = false;
  bool streaming_ = false;  ///< The head was reported, its body is not complete.
  bool keep_alive_ = true;
  bool version_1_0_ = false;
  bool started_ = false;
  bool continue_reported_ = false;
  int refusal_status_ = 0;
  std::string refusal_reason_;
};

}  // namespace troupe::net
