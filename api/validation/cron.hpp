#pragma once

#include <string>
#include <string_view>

namespace troupe::api {

/// What is wrong with a cron schedule of five fields, or a descriptor ("@hourly", "@every 1h"); "" when good.
std::string cron_fault(std::string_view schedule);

}  // namespace troupe::api
