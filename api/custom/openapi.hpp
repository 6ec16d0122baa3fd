#pragma once

#include <string>
#include <string_view>

#include "api/routes.hpp"
#include "schema/type_table.hpp"

/// OpenAPI 3 of custom kinds: what their definitions say, with the paths that serve them.
namespace troupe::api::custom {

/// `index` (of the built-in kinds) with the group-versions that have custom kinds.
std::string openapi_index(std::string index, const Routes& routes);
/// "apis/example.com/v1" → its document; empty when it has no custom kinds.
std::string openapi_document(std::string_view path, const Routes& routes, const schema::TypeTable& types);

}  // namespace troupe::api::custom
