#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "actors/node/ports.hpp"
#include "daemon/objects.hpp"

namespace troupe::daemon {

/// The Node object of a machine that was never registered before.
Segment new_node(const node::NodeReport& report, const std::string& uid, std::chrono::system_clock::time_point now);

/// The Node with the report's status; what belongs to others (labels, taints, cordon) stays. Nothing when it says all
/// that already: no write. kCorrupt.
Result<std::optional<Segment>> updated_node(SegmentView current, const node::NodeReport& report,
                                            std::chrono::system_clock::time_point now);

}  // namespace troupe::daemon
