#pragma once

#include <openssl/ssl.h>

#include <string>

#include "net/pki.hpp"

namespace troupe::net::testing {

/// A blocking HTTPS client for tests: says exactly the bytes it is given. Reads give up after 20 s.
class TlsClient {
 public:
  /// Connects to 127.0.0.1:port, trusting `authority`, and shows `identity` if it is given. Throws on failure.
  TlsClient(std::uint16_t port, const std::string& authority, const KeyPair* identity = nullptr);
  ~TlsClient();
  TlsClient(const TlsClient&) = delete;
  TlsClient& operator=(const TlsClient&) = delete;

  void send(std::string_view bytes);
  /// Reads until `end` stands in what was received, which it takes and returns; what there is at the connection's end.
  std::string read_until(std::string_view end);
  /// A whole answer with Content-Length: head and body.
  std::string read_answer();
  std::string read_to_end() { return read_until({}); }
  bool at_end() const { return ended_; }

 private:
  bool fill();
  SSL_CTX* context_ = nullptr;
  SSL* ssl_ = nullptr;
  int fd_ = -1;
  bool ended_ = false;
  std::string received_;
};

}  // namespace troupe::net::testing
