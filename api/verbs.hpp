#pragma once

#include <memory>

#include "api/call.hpp"

/// The verbs of a resource: each takes a call that is authorized and routed, and answers it now or later.
/// They know no sockets and no threads.
namespace troupe::api {

using CallPtr = std::shared_ptr<Call>;

void get_object(const CallPtr& call);
void list_objects(const CallPtr& call);
void watch_objects(const CallPtr& call);
void create_object(const CallPtr& call);
void update_object(const CallPtr& call);
void patch_object(const CallPtr& call);
void delete_object(const CallPtr& call);
void delete_collection(const CallPtr& call);

/// pods/NAME/binding: gives the pod its node.
void bind_pod(const CallPtr& call);

/// NAME/scale: get, update and patch of the replica count as autoscaling/v1 Scale.
void scale_object(const CallPtr& call);

}  // namespace troupe::api
