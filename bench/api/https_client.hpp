#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace troupe::bench {

/// Where a server is, and who asks.
class Endpoint {
 public:
  /// `pki`: the folder with ca.crt, admin.crt and admin.key. Ends the program when it cannot be used.
  Endpoint(const std::string& pki, std::uint16_t port);
  ~Endpoint();
  Endpoint(const Endpoint&) = delete;
  Endpoint& operator=(const Endpoint&) = delete;
  std::uint16_t port() const { return port_; }

 private:
  friend class Connection;
  ssl_ctx_st* context_;
  std::uint16_t port_;
};

/// One HTTP/1.1 connection over TLS with at most one request at a time. Reads as little of an answer as a benchmark
/// needs, so that the client's own work stays small. Ends the program on a fault.
class Connection {
 public:
  explicit Connection(const Endpoint& to);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// False when nobody listens there (yet).
  static bool answers(const Endpoint& to);

  int descriptor() const { return socket_; }
  void keep_body(bool keep) { keep_ = keep; }

  void send(std::string_view request);
  /// Takes what has come, without waiting; true when the answer is complete.
  bool read();
  /// Waits for the whole answer; its status.
  int wait();
  int ask(std::string_view request) {
    send(request);
    return wait();
  }
  /// Waits until `read` has something to take.
  void wait_readable() const;

  int status() const { return status_; }
  std::size_t body_bytes() const { return body_bytes_; }  ///< Of this answer so far.
  std::size_t lines() const { return lines_; }            ///< Line feeds in the body so far: a watch's events.
  const std::string& body() const { return body_; }       ///< With `keep_body`.

 private:
  bool take(std::string_view bytes);
  bool take_head();
  bool take_chunks(std::string_view& bytes);
  void take_body(std::string_view bytes);

  ssl_st* ssl_ = nullptr;
  int socket_ = -1;
  bool keep_ = false;
  std::string head_;
  std::string body_;
  bool in_body_ = false;
  bool chunked_ = false;
  std::size_t left_ = 0;    ///< Of the body, or of the chunk.
  std::string chunk_line_;  ///< A chunk's size as far as it has come.
  bool last_chunk_ = false;
  int status_ = 0;
  std::size_t body_bytes_ = 0;
  std::size_t lines_ = 0;
};

std::string get(std::string_view path);
std::string send_json(std::string_view method, std::string_view path, std::string_view body,
                      std::string_view content_type = "application/json");

[[noreturn]] void die(const std::string& what);

}  // namespace troupe::bench
