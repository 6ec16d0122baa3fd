#pragma once

#include "api/error.hpp"
#include "api/routes.hpp"
#include "schema/codec/document.hpp"

/// What the API does for single kinds beyond what the tables say.
namespace troupe::api {

/// The state that objects of some kinds are born with: a pod is Pending, a namespace Active and guarded by a finalizer.
ApiStatus prepare_birth(schema::Document& object, const Resource& resource);

/// Defaults that no marker of the types names: of pods and pod templates, services, workloads.
ApiStatus apply_kind_defaults(schema::Document& object, const Resource& resource);

}  // namespace troupe::api
