#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace troupe::net {

/// From a container's port to the real one on the node.
using PortMap = std::map<std::uint16_t, std::uint16_t>;

/// Knows a pod's addresses and real ports: whoever needs one asks here. Any thread; every call returns at once.
class PodNetwork {
 public:
  virtual ~PodNetwork() = default;
  /// The node's own address: InternalIP, never loopback.
  virtual std::string node_address() const = 0;
  /// Gives the pod its address, the same one again when it has one. Errors: kUnavailable.
  virtual Result<std::string> attach(std::string_view pod_uid) = 0;
  /// Gives the pod a node's port for each of its own, the same ones again when it has some. kUnavailable: none is free.
  virtual Result<PortMap> give_ports(std::string_view pod_uid, const std::vector<std::uint16_t>& wanted) = 0;
  /// The ports that an earlier process has given.
  virtual void restore_ports(std::string_view pod_uid, PortMap ports) = 0;
  /// Where the pod really listens: `port` itself unless it was given another.
  virtual std::uint16_t real_port(std::string_view pod_uid, std::uint16_t port) const = 0;
  /// The pod has ports of its own that are known here: false also for a moment after a start, until the runtime told.
  virtual bool has_ports(std::string_view pod_uid) const = 0;
  /// The pod is gone. Unknown pods are ignored.
  virtual void detach(std::string_view pod_uid) = 0;
};

/// Every pod shares the node's address.
class HostNetwork final : public PodNetwork {
 public:
  static constexpr std::uint16_t kFirstPort = 20'000;
  static constexpr std::uint16_t kLastPort = 29'999;

  /// `is_free` tells whether nobody else on the machine uses a port; without it all are taken to be.
  explicit HostNetwork(std::string address, std::function<bool(std::uint16_t)> is_free = {})
      : address_(std::move(address)), is_free_(std::move(is_free)) {}

  /// `told` is called with the uid of a pod whose ports are known from now on. Before anybody else uses this.
  void on_ports(std::function<void(const std::string& pod_uid)> told) { told_ = std::move(told); }

  std::string node_address() const override { return address_; }
  Result<std::string> attach(std::string_view) override { return address_; }

  Result<PortMap> give_ports(std::string_view pod_uid, const std::vector<std::uint16_t>& wanted) override {
    std::unique_lock lock(mutex_);
    PortMap& mine = pods_[std::string(pod_uid)];
    for (const std::uint16_t port : wanted) {
      if (mine.contains(port)) continue;
      const std::uint16_t found = next_free();
      if (found == 0) return fail(ErrorCode::kUnavailable, "no port is free on this node between 20000 and 29999");
      mine[port] = found;
      taken_[found] = true;
    }
    PortMap given = mine;
    lock.unlock();
    if (told_) told_(std::string(pod_uid));
    return given;
  }

  void restore_ports(std::string_view pod_uid, PortMap ports) override {
    if (ports.empty()) return;
    {
      const std::scoped_lock lock(mutex_);
      for (const auto& [port, real] : ports) taken_[real] = true;
      pods_[std::string(pod_uid)] = std::move(ports);
    }
    if (told_) told_(std::string(pod_uid));
  }

  std::uint16_t real_port(std::string_view pod_uid, std::uint16_t port) const override {
    const std::scoped_lock lock(mutex_);
    const auto pod = pods_.find(pod_uid);
    if (pod == pods_.end()) return port;
    const auto found = pod->second.find(port);
    return found == pod->second.end() ? port : found->second;
  }

  bool has_ports(std::string_view pod_uid) const override {
    const std::scoped_lock lock(mutex_);
    return pods_.contains(pod_uid);
  }

  void detach(std::string_view pod_uid) override {
    const std::scoped_lock lock(mutex_);
    const auto pod = pods_.find(pod_uid);
    if (pod == pods_.end()) return;
    for (const auto& [port, real] : pod->second) taken_.erase(real);
    pods_.erase(pod);
  }

 private:
  /// Round the range, so that a port that was given back rests as long as possible. 0: all are taken.
  std::uint16_t next_free() {
    for (std::uint32_t tries = 0; tries <= kLastPort - kFirstPort; ++tries) {
      const std::uint16_t port = next_;
      next_ = next_ == kLastPort ? kFirstPort : static_cast<std::uint16_t>(next_ + 1);
      if (!taken_.contains(port) && (!is_free_ || is_free_(port))) return port;
    }
    return 0;
  }

  std::string address_;
  std::function<bool(std::uint16_t)> is_free_;
  std::function<void(const std::string&)> told_;
  mutable std::mutex mutex_;
  std::map<std::string, PortMap, std::less<>> pods_;
  std::map<std::uint16_t, bool> taken_;
  std::uint16_t next_ = kFirstPort;
};

}  // namespace troupe::net
