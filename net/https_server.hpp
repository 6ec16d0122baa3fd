#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/http.hpp"
#include "net/tls.hpp"

namespace boost::asio {
class io_context;
}

namespace troupe::net {

struct HttpsServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: a free one; `HttpsServer::port` tells which.

  std::size_t max_connections = 10'000;  ///< More wait in the kernel's backlog until one ends.
  std::size_t max_header_bytes = 64 * 1024;
  std::size_t max_body_bytes = 3 * 1024 * 1024;
  std::size_t max_inbox_bytes = 64 * 1024;  ///< Received ahead of the answer that is being made.
  std::size_t high_water_bytes = 256 * 1024;
  std::size_t low_water_bytes = 64 * 1024;

  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds request_timeout{30'000};  ///< From a request's first byte to its last.
  std::chrono::milliseconds idle_timeout{180'000};    ///< Between requests.
  std::chrono::milliseconds write_timeout{60'000};    ///< The client takes no byte of an answer for so long.
  std::chrono::milliseconds linger_timeout{2'000};
};

/// Serves HTTPS on an io_context that the caller runs, on any number of threads.
class HttpsServer {
 public:
  /// `handler` outlives the server. Nothing is bound before `start`.
  static std::unique_ptr<HttpsServer> make(boost::asio::io_context& io, std::shared_ptr<const TlsContext> tls,
                                           HttpsServerOptions options, HttpHandler& handler);
  virtual ~HttpsServer() = default;

  /// Binds, listens and accepts. Fails with the address in the message.
  virtual Status start() = 0;

  virtual std::uint16_t port() const = 0;       ///< After `start`.
  virtual std::size_t connections() const = 0;  ///< Open now.

  /// Accepts no more and ends connections in order; those left after `grace` are cut. `stopped` is then called once,
  /// on an I/O thread.
  virtual void stop(std::chrono::milliseconds grace, std::function<void()> stopped) = 0;
};

}  // namespace troupe::net
