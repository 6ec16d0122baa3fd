#pragma once

#include "api/error.hpp"
#include "api/routes.hpp"
#include "schema/codec/document.hpp"

/// How objects that are being deleted may change, and when they go.
namespace troupe::api {

/// True when nothing holds an object that is being deleted any more: no finalizer, no grace left, and of a namespace no
/// finalizer in its spec.
bool is_gone(const schema::Node& object, const Resource& resource);

/// A namespace's spec.finalizers are changed by its subresource "finalize" only; an object that is being deleted gets
/// no new finalizer (Forbidden field).
ApiStatus keep_finalizer_rules(schema::Document& object, const schema::Node& old, const Resource& resource,
                               std::string_view subresource);

/// Makes the finalizers orphan and foregroundDeletion those that a deletion's `propagation` asks for ("": they stay as
/// they are). True when something changed.
ApiResult<bool> set_propagation(schema::Document& object, std::string_view propagation);

/// Tells a pod's watchers that its eviction, not its owner, ends it: condition DisruptionTarget, true since `now` (RFC
/// 3339) or since it was before. True when something changed.
ApiResult<bool> set_disruption_target(schema::Document& pod, std::string_view now);

/// True for a Namespace.
bool is_namespace(const Resource& resource);

}  // namespace troupe::api
