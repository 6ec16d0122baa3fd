#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "actors/controllers/deployment.hpp"
#include "actors/controllers/ports.hpp"
#include "actors/controllers/replicaset.hpp"
#include "base/result.hpp"

/// Stored objects to what decisions work on, and back.
namespace troupe::controllers {

/// What every object has; of pods, their view too. kCorrupt.
Result<ObjectPtr> read_object(const std::string& resource, SegmentView segment);

/// From apps/v1 ReplicaSet, Deployment. kCorrupt.
Result<ReplicaSetView> read_replicaset(SegmentView segment);
Result<DeploymentView> read_deployment(SegmentView segment);
/// A ReplicaSet as its Deployment sees it.
Result<RevisionView> read_revision(SegmentView segment);

/// A pod from the ReplicaSet's template, named `name`, controlled by it.
Result<Segment> make_pod(SegmentView replicaset, const std::string& name);
/// A ReplicaSet from the Deployment's template as the plan says.
Result<Segment> make_replicaset(SegmentView deployment, const NewRevision& wanted);

/// The object with another status; nothing when it says that already. `now` in seconds since 1970.
Result<std::optional<Segment>> with_replicaset_status(SegmentView replicaset, const ReplicaSetStatus& status,
                                                      std::int64_t now);
Result<std::optional<Segment>> with_deployment_status(SegmentView deployment, const DeploymentStatus& status);
/// The ReplicaSet with other replicas, annotations, minReadySeconds, as asked; nothing when it is so already.
Result<std::optional<Segment>> with_change(SegmentView replicaset, const RevisionChange& change);
/// The Deployment with this annotation.
Result<std::optional<Segment>> with_annotation(SegmentView deployment, const std::string& key,
                                               const std::string& value);

/// The object (pod or ReplicaSet) with `owner` as its controller; kConflict when it has one or is being deleted.
Result<std::optional<Segment>> adopted(SegmentView object, const std::string& resource, const OwnerRef& owner);
/// Without owner references to this uid.
Result<std::optional<Segment>> released(SegmentView object, const std::string& resource, const std::string& uid);

}  // namespace troupe::controllers
