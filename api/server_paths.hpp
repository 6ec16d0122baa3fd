#pragma once

#include <memory>
#include <string>

#include "api/call.hpp"
#include "api/front.hpp"
#include "api/routes.hpp"

/// Paths that are about the server itself.
namespace troupe::api {

/// Answers /livez, /readyz, /healthz and the single checks below them: in one word, or (`?verbose`, and whenever
/// something is wrong) check by check. 404 for a check that there is none of.
void serve_health(const std::shared_ptr<Call>& call, bool ok);

/// What "/" says: the paths that are served, as JSON.
std::string root_paths(const Routes& routes, const PathHandlers& own);

}  // namespace troupe::api
