#pragma once

#include <cstdint>
#include <span>

#include "actors/scheduler/model.hpp"
#include "base/result.hpp"

namespace troupe::scheduler {

/// Reads a core/v1 Pod or Node from one Cap'n Proto segment. A quantity that does not parse counts as 0. kCorrupt.
Result<PodInfo> read_pod(std::span<const std::uint64_t> segment);
Result<NodeInfo> read_node(std::span<const std::uint64_t> segment);

}  // namespace troupe::scheduler
