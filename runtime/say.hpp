#pragma once

#include <string_view>

namespace troupe::runtime {

/// The keeper's own words, one line on its standard error; lost when nobody can read them, never waited for long.
void say(std::string_view text);

}  // namespace troupe::runtime
