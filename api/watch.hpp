#pragma once

#include "api/call.hpp"

namespace troupe::api {

class SharedEvents;

namespace custom {
class Watches;
}

/// The watch of a resource. Watches with the same `shared` encode an event once for each form; null: each for itself.
/// `custom` is told of watches of custom kinds, to end them; null: they last.
void watch_objects(const std::shared_ptr<Call>& call, SharedEvents* shared, custom::Watches* custom = nullptr);

}  // namespace troupe::api
