#include <utility>
#include <vector>

#include "actors/controllers/convert.hpp"
#include "actors/controllers/read_internal.hpp"
#include "schema/apps_v1.capnp.h"
#include "schema/core_v1.capnp.h"

namespace troupe::controllers {
namespace {

namespace apps = k8s::apps::v1;
namespace core = k8s::core::v1;
namespace meta = k8s::meta::v1;

ReplicaSetStatus status_of(apps::ReplicaSetStatus::Reader from) {
  ReplicaSetStatus out{from.getReplicas(), from.getFullyLabeledReplicas(), from.getReadyReplicas(),
                       from.getAvailableReplicas(), from.getObservedGeneration()};
  for (auto each : from.getConditions()) {
    if (each.getType() != "ReplicaFailure") continue;
    out.failure_reason = text(each.getReason());
    out.failure_message = text(each.getMessage());
  }
  return out;
}

void set_owner(meta::OwnerReference::Builder into, const OwnerRef& owner) {
  into.setApiVersion(owner.api_version);
  into.setKind(owner.kind);
  into.setName(owner.name);
  into.setUid(owner.uid);
  into.setController(true);
  into.setHasController(true);
  into.setBlockOwnerDeletion(owner.block_deletion);
  into.setHasBlockOwnerDeletion(true);
}

/// A message to copy list items from while their list is made anew.
struct Kept {
  explicit Kept(meta::ObjectMeta::Reader from) { builder.setRoot(from); }
  meta::ObjectMeta::Reader get() { return builder.getRoot<meta::ObjectMeta>().asReader(); }
  capnp::MallocMessageBuilder builder;
};

Status add_owner(meta::ObjectMeta::Builder into, const OwnerRef& owner) {
  if (into.getHasDeletionTimestamp()) return fail(ErrorCode::kConflict, "the object is being deleted");
  Kept kept(into.asReader());
  const auto before = kept.get().getOwnerReferences();
  for (auto one : before) {
    if (one.getController()) return fail(ErrorCode::kConflict, "the object has a controller already");
  }
  auto list = into.initOwnerReferences(before.size() + 1);
  for (unsigned i = 0; i < before.size(); ++i) list.setWithCaveats(i, before[i]);
  set_owner(list[before.size()], owner);
  return {};
}

bool drop_owner(meta::ObjectMeta::Builder into, const std::string& uid) {
  Kept kept(into.asReader());
  std::vector<meta::OwnerReference::Reader> left;
  const auto before = kept.get().getOwnerReferences();
  for (auto one : before) {
    if (text(one.getUid()) != uid) left.push_back(one);
  }
  if (left.size() == before.size()) return false;
  auto list = into.initOwnerReferences(static_cast<unsigned>(left.size()));
  for (unsigned i = 0; i < list.size(); ++i) list.setWithCaveats(i, left[i]);
  return true;
}

template <class T>
Result<std::optional<Segment>> adopted_as(SegmentView object, const OwnerRef& owner) {
  Status refused;
  auto out = changed<T>(object, [&](typename T::Builder root) {
    refused = add_owner(root.getMetadata(), owner);
    return refused.has_value();
  });
  if (!refused) return fail(refused.error());
  return out;
}

template <class T>
Result<std::optional<Segment>> released_as(SegmentView object, const std::string& uid) {
  return changed<T>(object, [&](typename T::Builder root) { return drop_owner(root.getMetadata(), uid); });
}

}  // namespace

Result<std::optional<Segment>> adopted(SegmentView object, const std::string& resource, const OwnerRef& owner) {
  return resource == "pods" ? adopted_as<core::Pod>(object, owner) : adopted_as<apps::ReplicaSet>(object, owner);
}

Result<std::optional<Segment>> released(SegmentView object, const std::string& resource, const std::string& uid) {
  return resource == "pods" ? released_as<core::Pod>(object, uid) : released_as<apps::ReplicaSet>(object, uid);
}

Result<Segment> make_pod(SegmentView replicaset, const std::string& name) {
  return with_object<apps::ReplicaSet>(replicaset, [&](apps::ReplicaSet::Reader set) -> Result<Segment> {
    capnp::MallocMessageBuilder builder;
    auto pod = builder.initRoot<core::Pod>();
    const auto pattern = set.getSpec().getTemplate();
    auto into = pod.initMetadata();
    into.setName(name);
    into.setGenerateName(text(set.getMetadata().getName()) + "-");
    into.setNamespace(set.getMetadata().getNamespace());
    if (pattern.getMetadata().hasLabels()) into.setLabels(pattern.getMetadata().getLabels());
    if (pattern.getMetadata().hasAnnotations()) into.setAnnotations(pattern.getMetadata().getAnnotations());
    if (pattern.getMetadata().hasFinalizers()) into.setFinalizers(pattern.getMetadata().getFinalizers());
    OwnerRef owner{"apps/v1", "ReplicaSet", text(set.getMetadata().getName()), text(set.getMetadata().getUid()),
                   true,      true};
    set_owner(into.initOwnerReferences(1)[0], owner);
    pod.setSpec(pattern.getSpec());
    return to_segment<core::Pod>(pod.asReader());
  });
}

Result<std::optional<Segment>> with_replicaset_status(SegmentView replicaset, const ReplicaSetStatus& status,
                                                      std::int64_t now) {
  return changed<apps::ReplicaSet>(replicaset, [&](apps::ReplicaSet::Builder object) {
    const ReplicaSetStatus before = status_of(object.getStatus().asReader());
    if (before == status) return false;
    auto into = object.getStatus();
    into.setReplicas(status.replicas);
    into.setFullyLabeledReplicas(status.fully_labeled);
    into.setReadyReplicas(status.ready);
    into.setAvailableReplicas(status.available);
    into.setObservedGeneration(status.observed_generation);
    if (before.failure_reason == status.failure_reason && before.failure_message == status.failure_message) return true;
    auto list = into.initConditions(status.failure_reason.empty() ? 0 : 1);
    if (list.size() == 0) return true;
    list[0].setType("ReplicaFailure");
    list[0].setStatus("True");
    list[0].setReason(status.failure_reason);
    list[0].setMessage(status.failure_message);
    list[0].setLastTransitionTime(now);
    list[0].setHasLastTransitionTime(true);
    return true;
  });
}

Result<std::optional<Segment>> with_change(SegmentView replicaset, const RevisionChange& change) {
  return changed<apps::ReplicaSet>(replicaset, [&](apps::ReplicaSet::Builder object) {
    auto spec = object.getSpec();
    bool of_spec = false;
    if (change.replicas && (!spec.getHasReplicas() || spec.getReplicas() != *change.replicas)) {
      spec.setReplicas(*change.replicas);
      spec.setHasReplicas(true);
      of_spec = true;
    }
    if (change.min_ready && spec.getMinReadySeconds() != *change.min_ready) {
      spec.setMinReadySeconds(*change.min_ready);
      of_spec = true;
    }
    auto into = object.getMetadata();
    if (of_spec) into.setGeneration(into.getGeneration() + 1);
    Labels annotations = entries(into.asReader().getAnnotations());
    const Labels before = annotations;
    for (const auto& [key, value] : change.annotations) annotations[key] = value;
    if (annotations == before) return of_spec;
    set_labels(annotations, [&](unsigned n) { return into.initAnnotations(n); });
    return true;
  });
}

}  // namespace troupe::controllers
