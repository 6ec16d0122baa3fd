#pragma once

#include <string_view>

#include "api/validation/faults.hpp"

namespace troupe::api {

/// Of a pod only images, tolerations (more of them), the active deadline (shorter) and scheduling gates (fewer) change;
/// by "resize" its resources, by "ephemeralcontainers" those are added to.
void check_pod_change(const schema::Node& now, const schema::Node& old, std::string_view subresource, Faults& faults);

}  // namespace troupe::api
