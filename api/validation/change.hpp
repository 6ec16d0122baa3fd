#pragma once

#include <string_view>

#include "api/routes.hpp"
#include "api/validation/faults.hpp"

namespace troupe::api {

/// Reports what an update changes though it may not: immutable fields of the kind.
void check_change(const schema::Node& object, const schema::Node& old, const Resource& resource,
                  std::string_view subresource, Faults& faults);

}  // namespace troupe::api
