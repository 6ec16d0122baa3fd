#pragma once

#include <string>
#include <string_view>

#include "api/negotiation.hpp"
#include "api/routes.hpp"

/// What clients find under /api and /apis, as JSON. All of it follows from the routes.
namespace troupe::api {

std::string core_versions_json(std::string_view server_address);  ///< /api
std::string group_list_json(const Routes& routes);                ///< /apis
/// /apis/GROUP; empty when there is none.
std::string group_json(const Routes& routes, std::string_view group);
/// /api/v1, /apis/GROUP/VERSION; empty when there is none.
std::string resource_list_json(const Routes& routes, std::string_view group, std::string_view version);

/// The aggregated form of /api (`core`) or /apis; `version` is "v2" or "v2beta1".
std::string aggregated_json(const Routes& routes, bool core, std::string_view version);
/// Clients take the answer for the old form unless it is exactly this.
std::string aggregated_content_type(std::string_view version);

/// A strong ETag of a body.
std::string etag_of(std::string_view body);

}  // namespace troupe::api
