#pragma once

#include <string>
#include <vector>

#include "api/routes.hpp"
#include "schema/codec/document.hpp"

namespace troupe::api {

/// What a client is warned of who writes an object that this server keeps and does not act on, though another would:
/// admission webhooks and policies, services that are to answer for a group.
std::vector<std::string> kept_only_warnings(const Resource& resource, const schema::Node& object);

}  // namespace troupe::api
