#pragma once

#include <chrono>
#include <cstdint>

#include "daemon/objects.hpp"
#include "schema/core_v1.capnp.h"
#include "schema/segment.hpp"

namespace troupe::daemon {

namespace core = k8s::core::v1;

using schema::changed;
using schema::text;
using schema::to_segment;
using schema::with_object;

inline std::int64_t seconds_of(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}

}  // namespace troupe::daemon
