#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.hpp"

namespace troupe::net {

/// Knows a pod's addresses: whoever needs one asks here. Any thread; every call returns at once.
class PodNetwork {
 public:
  virtual ~PodNetwork() = default;
  /// The node's own address: InternalIP, never loopback.
  virtual std::string node_address() const = 0;
  /// Gives the pod its address, the same one again when it has one. Errors: kUnavailable.
  virtual Result<std::string> attach(std::string_view pod_uid) = 0;
  /// The pod is gone. Unknown pods are ignored.
  virtual void detach(std::string_view pod_uid) = 0;
};

/// Every pod shares the node's address.
class HostNetwork final : public PodNetwork {
 public:
  explicit HostNetwork(std::string address) : address_(std::move(address)) {}
  std::string node_address() const override { return address_; }
  Result<std::string> attach(std::string_view) override { return address_; }
  void detach(std::string_view) override {}

 private:
  std::string address_;
};

}  // namespace troupe::net
