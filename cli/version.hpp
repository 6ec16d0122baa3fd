#pragma once

#include <string_view>

namespace troupe::cli {

/// "0.1.0": the version of the CMake project.
constexpr std::string_view version() { return TROUPE_VERSION; }

}  // namespace troupe::cli
