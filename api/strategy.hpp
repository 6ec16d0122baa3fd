#pragma once

#include <string>

#include "api/error.hpp"
#include "api/request_info.hpp"
#include "api/routes.hpp"
#include "schema/codec/document.hpp"

/// What the API does for single kinds beyond what the tables say.
namespace troupe::api {

/// The state that objects of some kinds are born with: a pod is Pending, a namespace Active and guarded by a finalizer.
ApiStatus prepare_birth(schema::Document& object, const Resource& resource);

/// A CertificateSigningRequest says who made it: its user, whatever the client has written there. `user` may be null.
ApiStatus sign_request(schema::Document& object, const Resource& resource, const User* user);

/// What the creator of an object is told of whose kind this server keeps but has no controller yet; "" for all others.
std::string idle_warning(const Resource& resource);

/// Defaults that no marker of the types names: of pods and pod templates, services, workloads.
ApiStatus apply_kind_defaults(schema::Document& object, const Resource& resource);

}  // namespace troupe::api
