#pragma once

#include <memory>

namespace troupe::net {

/// The session layer's side towards the server: one connection that speaks some version of HTTP and turns it into
/// calls of an HttpHandler. Functions are called on any thread.
class HttpSession {
 public:
  virtual ~HttpSession() = default;

  /// Takes the connection through its handshake and serves it to its end.
  virtual void start() = 0;

  /// Ends in order: no new request is taken, an answer that has begun is completed.
  virtual void stop() = 0;

  /// Ends now.
  virtual void kill() = 0;
};

}  // namespace troupe::net
