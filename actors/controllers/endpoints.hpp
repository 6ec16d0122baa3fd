#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "actors/controllers/reconciler.hpp"
#include "actors/controllers/replicaset.hpp"

/// Who answers for a Service: its EndpointSlices and its Endpoints.
namespace troupe::controllers {

struct ServicePortView {
  std::string name;
  std::string protocol = "TCP";
  std::int32_t target = 0;  ///< 0: by name.
  std::string target_name;
};

/// A pod that may answer.
struct BackendView {
  std::string name;
  std::string uid;
  std::string node;
  std::vector<std::string> addresses;
  bool ready = false;
  bool deleting = false;
  bool ended = false;
  bool own_ports = false;              ///< It asked for ports of its own.
  std::vector<ServicePortView> ports;  ///< Containers' ports: name, protocol, number in `target`.
};

struct EndpointPortView {
  std::string name;
  std::string protocol;
  std::int32_t port = 0;

  friend bool operator==(const EndpointPortView&, const EndpointPortView&) = default;
  friend bool operator<(const EndpointPortView& a, const EndpointPortView& b) {
    return std::tie(a.name, a.protocol, a.port) < std::tie(b.name, b.protocol, b.port);
  }
};

struct EndpointView {
  std::string address;
  std::string pod;
  std::string uid;
  std::string node;
  bool ready = false;
  bool terminating = false;

  friend bool operator==(const EndpointView&, const EndpointView&) = default;
};

/// Endpoints with the same ports: one EndpointSlice, or one subset of Endpoints.
struct EndpointGroup {
  std::vector<EndpointPortView> ports;
  std::vector<EndpointView> endpoints;  ///< By pod name.

  friend bool operator==(const EndpointGroup&, const EndpointGroup&) = default;
};

inline constexpr std::size_t kMaxEndpoints = 100;

/// From a container's port of a pod (by uid) to the one it really listens on.
using RealPort = std::function<std::int32_t(const std::string& uid, std::int32_t port)>;

struct PodPorts {
  RealPort real_port;
  /// Whether the real ports of a pod that has its own are known yet.
  std::function<bool(const std::string& uid)> known;
  /// The actor of this registry key gets a Poke when the ports of one of these pods (and no others) get known.
  std::function<void(const std::string& actor, std::set<std::string> uids)> wait;
};

/// Groups of at most `kMaxEndpoints`; pods without an address and those that have ended do not count. A port that a
/// pod does not have is left out for it. `publish_all`: who is not ready is shown as ready (publishNotReadyAddresses).
std::vector<EndpointGroup> group_endpoints(const std::vector<ServicePortView>& ports, std::vector<BackendView> pods,
                                           bool publish_all, const RealPort& real_port);

/// An actor a Service with a selector.
ControlledKind services(const PodPorts& ports);

}  // namespace troupe::controllers
