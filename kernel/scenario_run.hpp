#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.hpp"
#include "kernel/scenario.hpp"

namespace troupe::kernel {

/// Runs a scenario through real supervisors and actors, in deterministic mode. `out` gets each event as one line of
/// JSON without its end; docs/supervision.md describes them. The same scenario and seed give the same lines; the seed
/// only decides in which order actors that do not depend on each other run.
Status run_scenario(const Scenario& scenario, std::uint64_t seed, const std::function<void(std::string_view)>& out);

}  // namespace troupe::kernel
