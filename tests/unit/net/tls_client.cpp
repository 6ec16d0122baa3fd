#include "tests/unit/net/tls_client.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <stdexcept>

#include "net/openssl.hpp"

namespace troupe::net::testing {

TlsClient::TlsClient(std::uint16_t port, const std::string& authority, const KeyPair* identity) {
  context_ = SSL_CTX_new(TLS_client_method());
  const openssl::Certificate root(PEM_read_bio_X509(openssl::reader(authority).get(), nullptr, nullptr, nullptr));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), root.get());
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  if (identity != nullptr) {
    const openssl::Certificate own(
        PEM_read_bio_X509(openssl::reader(identity->certificate).get(), nullptr, nullptr, nullptr));
    const openssl::Key key(PEM_read_bio_PrivateKey(openssl::reader(identity->key).get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_certificate(context_, own.get());
    SSL_CTX_use_PrivateKey(context_, key.get());
  }
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const timeval limit{20, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    throw std::runtime_error("connect failed");
  }
  ssl_ = SSL_new(context_);
  SSL_set_fd(ssl_, fd_);
  SSL_set1_host(ssl_, "localhost");
  if (SSL_connect(ssl_) != 1) throw std::runtime_error("TLS: " + openssl::take_error());
}

TlsClient::~TlsClient() {
  SSL_free(ssl_);
  SSL_CTX_free(context_);
  if (fd_ >= 0) ::close(fd_);
}

void TlsClient::send(std::string_view bytes) { SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size())); }

bool TlsClient::fill() {
  char buffer[4096];
  const int got = SSL_read(ssl_, buffer, sizeof buffer);
  if (got <= 0) {
    ended_ = true;
    return false;
  }
  received_.append(buffer, static_cast<std::size_t>(got));
  return true;
}

std::string TlsClient::read_until(std::string_view end) {
  while (true) {
    const std::size_t at = end.empty() ? std::string::npos : received_.find(end);
    if (at != std::string::npos) {
      std::string taken = received_.substr(0, at + end.size());
      received_.erase(0, at + end.size());
      return taken;
    }
    if (!fill()) return std::exchange(received_, {});
  }
}

std::string TlsClient::read_answer() {
  std::string head = read_until("\r\n\r\n");
  const std::size_t at = head.find("Content-Length: ");
  if (at == std::string::npos) return head;
  const std::size_t size = std::stoul(head.substr(at + 16));
  while (received_.size() < size && fill()) {
  }
  head += received_.substr(0, size);
  received_.erase(0, std::min(size, received_.size()));
  return head;
}

}  // namespace troupe::net::testing
