#pragma once

#include "api/call.hpp"

namespace troupe::api {

class SharedEvents;

/// The watch of a resource. Watches with the same `shared` encode an event once for each form; null: each for itself.
void watch_objects(const std::shared_ptr<Call>& call, SharedEvents* shared);

}  // namespace troupe::api
