#pragma once

#include <cstdint>
#include <string>

#include "kernel/random.hpp"

namespace troupe::daemon {

inline std::uint64_t new_number(kernel::Random& random) { return random.next(); }

/// A random UUID, version 4.
std::string new_uid(kernel::Random& random);

}  // namespace troupe::daemon
