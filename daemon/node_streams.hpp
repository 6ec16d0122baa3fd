#pragma once

#include <memory>
#include <mutex>

#include "api/streaming/node_streams.hpp"
#include "daemon/node_usage.hpp"
#include "net/pod_network.hpp"
#include "runtime/commands.hpp"

namespace troupe::daemon {

/// Streams to the containers and ports of this machine's pods. Made before the parts it uses, which are told later.
class LocalStreams final : public api::NodeStreams {
 public:
  explicit LocalStreams(boost::asio::io_context& io) : io_(io) {}

  /// Before that, everything is answered with kUnavailable; null again before they end.
  void use(runtime::Runtime* runtime, runtime::CommandRunner* runner, const net::PodNetwork* network,
           std::string node_name);

  void exec(api::NodeCommand command, Opened opened, Ended ended) override;
  void attach(api::NodeCommand container, Opened opened) override;
  void dial(const std::string& pod_uid, std::uint16_t port, Opened opened) override;
  void usage(std::function<void(Result<api::NodeUsage>)> done) override;

 private:
  boost::asio::io_context& io_;
  std::mutex mutex_;
  runtime::Runtime* runtime_ = nullptr;
  runtime::CommandRunner* runner_ = nullptr;
  std::string node_name_;
  UsageMeter meter_;
  const net::PodNetwork* network_ = nullptr;
};

}  // namespace troupe::daemon
