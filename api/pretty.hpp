#pragma once

#include <string>
#include <string_view>

#include "api/call.hpp"

namespace troupe::api {

/// JSON is to be indented: by `pretty`, and without it for people who look with curl or a browser.
bool wants_pretty(const Call& call);

/// JSON without spaces between its parts, indented by two spaces a level as kube-apiserver does.
std::string indented(std::string_view json);

}  // namespace troupe::api
