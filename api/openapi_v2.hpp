#pragma once

#include <string>
#include <string_view>

#include "api/custom/openapi.hpp"
#include "api/error.hpp"
#include "api/routes.hpp"
#include "base/result.hpp"

namespace troupe::api {

/// OpenAPI 2 ("Swagger") of the built-in routes, as JSON; what custom kinds add goes in at the ends of its objects.
std::string openapi_v2_json(const Routes& routes, const schema::TypeTable& types, const custom::OpenApiV2Parts& more);

/// The same document in the protobuf form that clients written in Go ask for (gnostic's openapi.v2.Document). What
/// that message has no place for is left out. An error only when the text is no JSON.
Result<std::string> openapi_v2_protobuf(std::string_view json);

/// Whether an Accept header wants it in protobuf, not in JSON. NotAcceptable when it wants neither.
ApiResult<bool> openapi_v2_in_protobuf(std::string_view accept);

}  // namespace troupe::api
