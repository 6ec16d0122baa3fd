#pragma once

#include <functional>
#include <memory>

#include "api/call.hpp"
#include "schema/codec/document.hpp"

/// The verbs of a resource: each takes a call that is authorized and routed, and answers it now or later.
/// They know no sockets and no threads.
namespace troupe::api {

using CallPtr = std::shared_ptr<Call>;

void get_object(const CallPtr& call);
void list_objects(const CallPtr& call);
void watch_objects(const CallPtr& call);
void create_object(const CallPtr& call);
/// How an object that is no request's body is created.
struct Birth {
  bool tracked = false;          ///< Its managedFields are as they shall be.
  std::function<void()> exists;  ///< Called when there is one of that name by now; not set: that is the answer.
};
/// Creates an object: what create_object does with the request's body.
void create_document(const CallPtr& call, schema::Document object, schema::Diagnostics& diagnostics, Birth birth);

void update_object(const CallPtr& call);
/// Server-side apply; makes the object when there is none.
void apply_object(const CallPtr& call);
/// Every kind of patch, apply among them.
void patch_object(const CallPtr& call);
void delete_object(const CallPtr& call);
/// The same, for a pod that its eviction ends, which is told in its conditions.
void delete_evicted(const CallPtr& call);
void delete_collection(const CallPtr& call);

/// pods/NAME/binding: gives the pod its node.
void bind_pod(const CallPtr& call);

/// pods/NAME/log: a container's log as text, followed if asked for.
void read_pod_log(const CallPtr& call);

/// pods/NAME/eviction: deletes the pod unless its disruption budget forbids it (429).
void evict_pod(const CallPtr& call);

/// certificatesigningrequests/NAME/approval: an update changes the conditions and nothing else.
void approve_request(const CallPtr& call);

/// Kinds that are only created and never kept: who am I, may I.
void review_access(const CallPtr& call);

/// NAME/scale: get, update and patch of the replica count as autoscaling/v1 Scale.
void scale_object(const CallPtr& call);

}  // namespace troupe::api
