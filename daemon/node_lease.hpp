#pragma once

#include <chrono>
#include <string>

#include "daemon/objects.hpp"

namespace troupe::daemon {

/// Makes or renews the node's Lease in kube-node-lease, best effort. Not a heartbeat: it is renewed when the node's
/// process starts and when its report changes, for an idle node writes nothing.
void renew_lease(Objects& objects, const std::string& node, const std::string& uid,
                 std::chrono::system_clock::time_point now);

}  // namespace troupe::daemon
