#pragma once

#include <memory>

#include "actors/pod/outside.hpp"
#include "daemon/pod_ports.hpp"

namespace boost::asio {
class io_context;
}
namespace troupe::kernel {
class Background;
}

namespace troupe::daemon {

/// Whether nobody listens on the port of this machine.
bool is_free_port(std::uint16_t port);

/// Probes' and hooks' connections on the program's I/O threads. Each is one connection, closed after the answer.
class AsioChecks final : public pod::Checks {
 public:
  /// `io` must outlive it and every open check; whose sockets ports are is looked up by `background`, in
  /// what `runtime` knows.
  AsioChecks(boost::asio::io_context& io, kernel::Background& background, runtime::Runtime& runtime);
  /// Answers of checks that are still open are told to nobody.
  ~AsioChecks() override;
  AsioChecks(const AsioChecks&) = delete;
  AsioChecks& operator=(const AsioChecks&) = delete;

  void http(pod::HttpCheck check, std::chrono::milliseconds timeout,
            std::function<void(Result<pod::HttpAnswer>)> done) override;
  void tcp(pod::TcpCheck check, std::chrono::milliseconds timeout, std::function<void(Status)> done) override;
  void grpc(pod::GrpcCheck check, std::chrono::milliseconds timeout,
            std::function<void(pod::GrpcAnswer)> done) override;

 private:
  struct Gate;
  void when_own(const std::string& pod, const std::string& host, std::uint16_t port,
                const std::function<void(const Status&)>& then);

  boost::asio::io_context& io_;
  kernel::Background& background_;
  runtime::Runtime& runtime_;
  std::shared_ptr<PodSockets> sockets_ = std::make_shared<PodSockets>();
  std::shared_ptr<Gate> gate_;
};

}  // namespace troupe::daemon
