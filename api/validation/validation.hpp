#pragma once

#include <string_view>
#include <vector>

#include "api/error.hpp"
#include "api/routes.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api {

/// What is wrong with an object beside its metadata, which metadata_faults() tells: a cause a fault. Defaults are
/// filled in before.
std::vector<Cause> object_faults(const schema::Node& object, const Resource& resource);

/// What an update may not change, and the rules for the new object. `subresource` as in a path; of "status" nothing
/// is checked here.
std::vector<Cause> change_faults(const schema::Node& object, const schema::Node& old, const Resource& resource,
                                 std::string_view subresource);

}  // namespace troupe::api
