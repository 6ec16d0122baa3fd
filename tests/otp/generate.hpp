#pragma once

#include <cstdint>

#include "kernel/scenario.hpp"

namespace troupe::kernel::testing {

/// A scenario drawn from `seed`: a tree of up to three levels and a dozen or so steps. The same on every machine.
Scenario generate_scenario(std::uint64_t seed);

}  // namespace troupe::kernel::testing
