#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "api/call.hpp"

namespace troupe::api {

/// Where clients reach this server.
struct BirthOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 6443;
  /// The address of the Service "kubernetes": the first of the range of service addresses.
  std::string service_address = "10.96.0.1";
};

/// Creates what a cluster is born with and is not there yet: the namespaces, the system's priority classes, an
/// APIService for each group and version, the Service "kubernetes"; and makes that service's EndpointSlice and
/// Endpoints name this server's address. All in one commit. `done` is called once, with the first failure if there was
/// one.
void create_birth_objects(const Services& services, const BirthOptions& options, std::function<void(Status)> done);

}  // namespace troupe::api
