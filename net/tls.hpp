#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "net/http.hpp"

struct ssl_st;
struct ssl_ctx_st;

namespace troupe::net {

/// What a server shows and whom it believes; all PEM.
struct TlsIdentity {
  std::string certificate_chain;  ///< The server's certificate, intermediate ones behind it.
  std::string private_key;
  std::string client_authorities;  ///< Issuers of client certificates; empty: none is asked for.
};

/// A server's TLS settings (1.2 and newer), shared by its connections. Wraps an SSL_CTX.
class TlsContext {
 public:
  static Result<std::shared_ptr<const TlsContext>> for_server(const TlsIdentity& identity);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

 private:
  friend class TlsStream;
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

/// TLS of one accepted connection over a non-blocking socket that somebody else owns and waits for. No call blocks.
/// Idle it holds no buffers, so that a watch costs little memory. Not thread-safe.
class TlsStream {
 public:
  enum class Io {
    kDone,       ///< Progress was made.
    kWantRead,   ///< Call again when the socket is readable.
    kWantWrite,  ///< Call again when the socket is writable.
    kClosed,     ///< The other side ended the connection.
    kError,      ///< It is broken: `error` says how.
  };

  TlsStream(std::shared_ptr<const TlsContext> context, int socket);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  Io handshake();
  Io read(char* into, std::size_t size, std::size_t& got);
  Io write(std::string_view bytes, std::size_t& written);
  void close_notify();      ///< Says goodbye if the socket takes it at once.
  bool holds_data() const;  ///< Decrypted bytes wait: the socket need not become readable.

  const std::string& error() const { return error_; }
  bool is_plain_http() const { return plain_http_; }  ///< After a handshake's error: the client spoke no TLS at all.

  /// After the handshake: the verified client certificate, or null, with the fault if one was shown.
  std::shared_ptr<const ClientCertificate> client_certificate(std::string& fault) const;

 private:
  Io result(int code);

  std::shared_ptr<const TlsContext> context_;
  ssl_st* ssl_ = nullptr;
  std::string error_;
  bool plain_http_ = false;
};

}  // namespace troupe::net
