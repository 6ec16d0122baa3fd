#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "api/streaming/node_streams.hpp"
#include "daemon/node_usage.hpp"
#include "daemon/pod_ports.hpp"
#include "kernel/background.hpp"
#include "net/pod_network.hpp"
#include "runtime/commands.hpp"

namespace troupe::daemon {

/// Streams to the containers and ports of this machine's pods. Made before the parts it uses, which are told later.
class LocalStreams final : public api::NodeStreams {
 public:
  /// `background` reads /proc.
  LocalStreams(boost::asio::io_context& io, kernel::Background& background) : io_(io), background_(background) {}

  /// Before that, everything is answered with kUnavailable; null again before they end.
  void use(runtime::Runtime* runtime, runtime::CommandRunner* runner, const net::PodNetwork* network,
           std::string node_name);

  void exec(api::NodeCommand command, Opened opened, Ended ended) override;
  void attach(api::NodeCommand container, Opened opened, Ended ended) override;
  void dial(const std::string& pod_uid, std::uint16_t port, Opened opened) override;
  void usage(std::function<void(Result<api::NodeUsage>)> done) override;

 private:
  boost::asio::io_context& io_;
  kernel::Background& background_;
  std::mutex mutex_;
  runtime::Runtime* runtime_ = nullptr;
  runtime::CommandRunner* runner_ = nullptr;
  std::string node_name_;
  std::shared_ptr<UsageMeter> meter_ = std::make_shared<UsageMeter>();  // outlived by nobody who measures
  const net::PodNetwork* network_ = nullptr;
  std::shared_ptr<PodSockets> sockets_ = std::make_shared<PodSockets>();
};

}  // namespace troupe::daemon
