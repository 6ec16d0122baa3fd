#pragma once

#include <functional>

#include "api/call.hpp"

namespace troupe::api {

/// Creates what every cluster is born with and what is missing now: the namespaces default, kube-system, kube-public,
/// kube-node-lease. `done` is called once, on any thread.
void create_birth_objects(Services services, std::function<void(Status)> done);

}  // namespace troupe::api
