#include <string_view>
#include <utility>

#include "actors/controllers/convert.hpp"
#include "actors/controllers/read_internal.hpp"
#include "schema/apps_v1.capnp.h"

namespace troupe::controllers {
namespace {

namespace apps = k8s::apps::v1;

DeploymentStatus status_of(apps::DeploymentStatus::Reader from) {
  DeploymentStatus out;
  out.observed_generation = from.getObservedGeneration();
  out.replicas = from.getReplicas();
  out.updated = from.getUpdatedReplicas();
  out.ready = from.getReadyReplicas();
  out.available = from.getAvailableReplicas();
  out.unavailable = from.getUnavailableReplicas();
  out.collisions = from.getHasCollisionCount() ? from.getCollisionCount() : 0;
  for (auto each : from.getConditions()) {
    out.conditions.push_back({text(each.getType()), text(each.getStatus()), text(each.getReason()),
                              text(each.getMessage()), each.getLastUpdateTime(), each.getLastTransitionTime()});
  }
  return out;
}

}  // namespace

Result<DeploymentView> read_deployment(SegmentView segment) {
  return with_object<apps::Deployment>(segment, [](apps::Deployment::Reader from) -> Result<DeploymentView> {
    DeploymentView out;
    const auto spec = from.getSpec();
    out.name = text(from.getMetadata().getName());
    out.uid = text(from.getMetadata().getUid());
    out.generation = from.getMetadata().getGeneration();
    out.deleting = from.getMetadata().getHasDeletionTimestamp();
    out.paused = spec.getPaused();
    out.recreate = spec.getStrategy().getType() == "Recreate";
    out.replicas = spec.getHasReplicas() ? spec.getReplicas() : 1;
    const auto rolling = spec.getStrategy().getRollingUpdate();
    if (rolling.hasMaxSurge()) out.max_surge = share_of(rolling.getMaxSurge());
    if (rolling.hasMaxUnavailable()) out.max_unavailable = share_of(rolling.getMaxUnavailable());
    out.min_ready = spec.getMinReadySeconds();
    if (spec.getHasRevisionHistoryLimit()) out.history_limit = spec.getRevisionHistoryLimit();
    if (spec.getHasProgressDeadlineSeconds()) out.progress_deadline = spec.getProgressDeadlineSeconds();
    out.selector = selector_of(spec.getSelector());
    out.annotations = entries(from.getMetadata().getAnnotations());
    out.status = status_of(from.getStatus());
    out.template_key = template_key(spec.getTemplate());
    out.template_hash = template_hash(out.template_key, out.status.collisions);
    return out;
  });
}

Result<std::optional<Segment>> with_deployment_status(SegmentView deployment, const DeploymentStatus& status) {
  return changed<apps::Deployment>(deployment, [&](apps::Deployment::Builder object) {
    if (status_of(object.getStatus().asReader()) == status) return false;
    auto into = object.getStatus();
    into.setObservedGeneration(status.observed_generation);
    into.setReplicas(status.replicas);
    into.setUpdatedReplicas(status.updated);
    into.setReadyReplicas(status.ready);
    into.setAvailableReplicas(status.available);
    into.setUnavailableReplicas(status.unavailable);
    into.setCollisionCount(status.collisions);
    into.setHasCollisionCount(status.collisions > 0);
    auto list = into.initConditions(static_cast<unsigned>(status.conditions.size()));
    for (unsigned i = 0; i < list.size(); ++i) {
      const auto& each = status.conditions[i];
      list[i].setType(each.type);
      list[i].setStatus(each.status);
      list[i].setReason(each.reason);
      list[i].setMessage(each.message);
      list[i].setLastUpdateTime(each.updated);
      list[i].setHasLastUpdateTime(true);
      list[i].setLastTransitionTime(each.transitioned);
      list[i].setHasLastTransitionTime(true);
    }
    return true;
  });
}

Result<std::optional<Segment>> with_annotation(SegmentView deployment, const std::string& key,
                                               const std::string& value) {
  return changed<apps::Deployment>(deployment, [&](apps::Deployment::Builder object) {
    auto into = object.getMetadata();
    Labels annotations = entries(into.asReader().getAnnotations());
    if (annotations[key] == value) return false;
    annotations[key] = value;
    set_labels(annotations, [&](unsigned n) { return into.initAnnotations(n); });
    return true;
  });
}

Result<Segment> make_replicaset(SegmentView deployment, const NewRevision& wanted) {
  return with_object<apps::Deployment>(deployment, [&](apps::Deployment::Reader from) -> Result<Segment> {
    capnp::MallocMessageBuilder builder;
    auto set = builder.initRoot<apps::ReplicaSet>();
    auto into = set.initMetadata();
    into.setName(wanted.name);
    into.setNamespace(from.getMetadata().getNamespace());
    Labels labels = entries(from.getSpec().getTemplate().getMetadata().getLabels());
    labels[kHashLabel] = wanted.hash;
    set_labels(labels, [&](unsigned n) { return into.initLabels(n); });
    set_labels(wanted.annotations, [&](unsigned n) { return into.initAnnotations(n); });
    auto owner = into.initOwnerReferences(1)[0];
    owner.setApiVersion("apps/v1");
    owner.setKind("Deployment");
    owner.setName(from.getMetadata().getName());
    owner.setUid(from.getMetadata().getUid());
    owner.setController(true);
    owner.setHasController(true);
    owner.setBlockOwnerDeletion(true);
    owner.setHasBlockOwnerDeletion(true);
    auto spec = set.initSpec();
    spec.setReplicas(wanted.replicas);
    spec.setHasReplicas(true);
    spec.setMinReadySeconds(from.getSpec().getMinReadySeconds());
    spec.setSelector(from.getSpec().getSelector());
    Labels selected = entries(from.getSpec().getSelector().getMatchLabels());
    selected[kHashLabel] = wanted.hash;
    set_labels(selected, [&](unsigned n) { return spec.getSelector().initMatchLabels(n); });
    spec.setTemplate(from.getSpec().getTemplate());
    set_labels(labels, [&](unsigned n) { return spec.getTemplate().getMetadata().initLabels(n); });
    return to_segment<apps::ReplicaSet>(set.asReader());
  });
}

}  // namespace troupe::controllers
