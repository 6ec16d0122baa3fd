#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::daemon {

/// The address by which a port of this machine is reached, if a process of the pod listens on it by TCP: other
/// processes' ports are none of the pod's, although it shares their address. Reads /proc: milliseconds.
std::optional<std::string> address_of_pod_port(std::string_view pod_uid, std::uint16_t port);

}  // namespace troupe::daemon
