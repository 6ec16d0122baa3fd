#include "bench/api/https_client.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>

namespace troupe::bench {

namespace {

constexpr std::size_t kReadSize = 64 * 1024;

int open_socket(std::uint16_t port) {
  const int made = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) die("no socket: raise the limit of open files");
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(made, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0) return made;
  ::close(made);
  return -1;
}

}  // namespace

void die(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

Endpoint::Endpoint(const std::string& pki, std::uint16_t port)
    : context_(SSL_CTX_new(TLS_client_method())), port_(port) {
  if (SSL_CTX_load_verify_locations(context_, (pki + "/ca.crt").c_str(), nullptr) != 1 ||
      SSL_CTX_use_certificate_chain_file(context_, (pki + "/admin.crt").c_str()) != 1 ||
      SSL_CTX_use_PrivateKey_file(context_, (pki + "/admin.key").c_str(), SSL_FILETYPE_PEM) != 1) {
    die("no usable certificates in " + pki);
  }
  SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
  // Its own certificate alone, as kubectl sends it, not the authority's with it.
  SSL_CTX_set_mode(context_, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY | SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_read_ahead(context_, 1);
}

Endpoint::~Endpoint() { SSL_CTX_free(context_); }

Connection::Connection(const Endpoint& to) : ssl_(SSL_new(to.context_)), socket_(open_socket(to.port_)) {
  if (socket_ < 0) die("nobody listens on port " + std::to_string(to.port_));
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  SSL_set_fd(ssl_, socket_);
  if (SSL_connect(ssl_) != 1) {
    ERR_print_errors_fp(stderr);
    die("TLS handshake failed");
  }
  ::fcntl(socket_, F_SETFL, O_NONBLOCK);
}

Connection::~Connection() {
  SSL_free(ssl_);
  if (socket_ >= 0) ::close(socket_);
}

bool Connection::answers(const Endpoint& to) {
  const int made = open_socket(to.port_);
  if (made < 0) return false;
  ::close(made);
  return true;
}

void Connection::send(std::string_view request) {
  head_.clear();
  body_.clear();
  in_body_ = chunked_ = last_chunk_ = false;
  body_bytes_ = lines_ = 0;
  while (true) {
    const int sent = SSL_write(ssl_, request.data(), static_cast<int>(request.size()));
    if (sent > 0) return;
    if (SSL_get_error(ssl_, sent) != SSL_ERROR_WANT_WRITE) die("the server closed the connection");
    pollfd query{socket_, POLLOUT, 0};
    ::poll(&query, 1, -1);
  }
}

bool Connection::read() {
  static std::array<char, kReadSize> buffer;
  while (true) {
    const int got = SSL_read(ssl_, buffer.data(), static_cast<int>(buffer.size()));
    if (got <= 0) {
      if (SSL_get_error(ssl_, got) != SSL_ERROR_WANT_READ) die("the server closed the connection in an answer");
      return false;
    }
    if (take({buffer.data(), static_cast<std::size_t>(got)})) return true;
    if (SSL_has_pending(ssl_) == 0 && got < 16 * 1024) return false;
  }
}

void Connection::wait_readable() const {
  pollfd query{socket_, POLLIN, 0};
  if (::poll(&query, 1, 60'000) != 1) die("no answer for a minute");
}

int Connection::wait() {
  while (!read()) wait_readable();
  return status_;
}

bool Connection::take(std::string_view bytes) {
  if (!in_body_) {
    const std::size_t known = head_.size();
    head_ += bytes;
    const std::size_t end = head_.find("\r\n\r\n", known < 3 ? 0 : known - 3);
    if (end == std::string::npos) return false;
    bytes.remove_prefix(end + 4 - known);
    head_.resize(end + 4);
    if (take_head()) return true;
  }
  if (chunked_) return take_chunks(bytes);
  take_body(bytes);
  left_ -= std::min(left_, bytes.size());
  return left_ == 0;
}

/// True when no body follows.
bool Connection::take_head() {
  in_body_ = true;
  status_ = std::atoi(head_.c_str() + 9);
  chunked_ = head_.find("\r\nTransfer-Encoding: chunked") != std::string::npos;
  left_ = 0;
  if (chunked_) return false;
  const std::size_t length = head_.find("\r\nContent-Length: ");
  if (length == std::string::npos) die("an answer without length: " + head_);
  left_ = static_cast<std::size_t>(std::atoll(head_.c_str() + length + 18));
  return left_ == 0;
}

bool Connection::take_chunks(std::string_view& bytes) {
  while (!bytes.empty()) {
    if (left_ > 2) {
      const std::size_t part = std::min(left_ - 2, bytes.size());
      take_body(bytes.substr(0, part));
      bytes.remove_prefix(part);
      left_ -= part;
    } else if (left_ > 0) {  // the line's end behind the chunk
      bytes.remove_prefix(1);
      if (--left_ == 0 && last_chunk_) return true;
    } else {
      const char next = bytes.front();
      bytes.remove_prefix(1);
      if (next != '\n') {
        chunk_line_ += next;
        continue;
      }
      left_ = std::strtoull(chunk_line_.c_str(), nullptr, 16);
      last_chunk_ = left_ == 0;
      left_ += 2;
      chunk_line_.clear();
    }
  }
  return false;
}

void Connection::take_body(std::string_view bytes) {
  body_bytes_ += bytes.size();
  if (keep_) body_ += bytes;
  if (chunked_) lines_ += static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n";
}

std::string send_json(std::string_view method, std::string_view path, std::string_view body,
                      std::string_view content_type) {
  std::string request(method);
  request.append(" ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\nContent-Type: ");
  request.append(content_type).append("\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n\r\n");
  return request.append(body);
}

}  // namespace troupe::bench
