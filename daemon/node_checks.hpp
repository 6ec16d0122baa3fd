#pragma once

#include <memory>

#include "actors/pod/outside.hpp"

namespace boost::asio {
class io_context;
}

namespace troupe::daemon {

/// Whether nobody listens on the port of this machine.
bool is_free_port(std::uint16_t port);

/// Whether this process, and so its keeper, may make mount namespaces (CAP_SYS_ADMIN).
bool may_mount();

/// Probes' and hooks' connections on the program's I/O threads. Each is one connection, closed after the answer.
class AsioChecks final : public pod::Checks {
 public:
  /// `io` must outlive it and every open check.
  explicit AsioChecks(boost::asio::io_context& io);
  /// Answers of checks that are still open are told to nobody.
  ~AsioChecks() override;
  AsioChecks(const AsioChecks&) = delete;
  AsioChecks& operator=(const AsioChecks&) = delete;

  void http(pod::HttpCheck check, std::chrono::milliseconds timeout,
            std::function<void(Result<pod::HttpAnswer>)> done) override;
  void tcp(std::string host, std::uint16_t port, std::chrono::milliseconds timeout,
           std::function<void(Status)> done) override;
  void grpc(pod::GrpcCheck check, std::chrono::milliseconds timeout,
            std::function<void(pod::GrpcAnswer)> done) override;

 private:
  struct Gate;

  boost::asio::io_context& io_;
  std::shared_ptr<Gate> gate_;
};

}  // namespace troupe::daemon
