#include "actors/controllers/convert.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "actors/controllers/read_internal.hpp"
#include "schema/apps_v1.capnp.h"
#include "schema/core_v1.capnp.h"

namespace troupe::controllers {
namespace {

namespace apps = k8s::apps::v1;
namespace core = k8s::core::v1;
namespace meta = k8s::meta::v1;

Time time_of(std::int64_t seconds) { return Time(std::chrono::seconds(seconds)); }

Object common(const std::string& resource, meta::ObjectMeta::Reader from) {
  Object out;
  out.name = {resource, text(from.getNamespace()), text(from.getName())};
  out.uid = text(from.getUid());
  out.labels = entries(from.getLabels());
  for (auto owner : from.getOwnerReferences()) {
    out.owners.push_back({text(owner.getApiVersion()), text(owner.getKind()), text(owner.getName()),
                          text(owner.getUid()), owner.getHasController() && owner.getController(),
                          owner.getHasBlockOwnerDeletion() && owner.getBlockOwnerDeletion()});
  }
  for (auto one : from.getFinalizers()) out.finalizers.push_back(text(one));
  out.deleting = from.getHasDeletionTimestamp();
  return out;
}

PodView pod_view(const Object& object, core::Pod::Reader pod) {
  PodView out;
  const auto from = pod.getMetadata();
  out.name = object.name.name;
  out.uid = object.uid;
  out.labels = object.labels;
  if (const auto* owner = object.controller()) out.controller_uid = owner->uid;
  out.node_name = text(pod.getSpec().getNodeName());
  out.phase = text(pod.getStatus().getPhase());
  out.deleting = object.deleting;
  out.created = time_of(from.getCreationTimestamp());
  for (auto condition : pod.getStatus().getConditions()) {
    if (condition.getType() == "Ready" && condition.getStatus() == "True") {
      out.ready_since = time_of(condition.getLastTransitionTime());
    }
  }
  for (auto status : pod.getStatus().getContainerStatuses()) {
    out.restarts = std::max(out.restarts, status.getRestartCount());
  }
  for (auto entry : from.getAnnotations()) {
    if (entry.getKey() != "controller.kubernetes.io/pod-deletion-cost") continue;
    const auto value = entry.getValue();
    std::from_chars(value.begin(), value.end(), out.deletion_cost);
  }
  return out;
}

}  // namespace

Selector selector_of(meta::LabelSelector::Reader from) {
  Selector out;
  out.match_labels = entries(from.getMatchLabels());
  for (auto each : from.getMatchExpressions()) {
    Selector::Requirement requirement;
    requirement.key = text(each.getKey());
    requirement.op = text(each.getOperator());
    for (auto value : each.getValues()) requirement.values.push_back(text(value));
    out.requirements.push_back(std::move(requirement));
  }
  return out;
}

std::string template_key(core::PodTemplateSpec::Reader from) {
  capnp::MallocMessageBuilder builder;
  builder.setRoot(from);
  auto copy = builder.getRoot<core::PodTemplateSpec>();
  Labels labels = entries(copy.getMetadata().asReader().getLabels());
  if (labels.erase(kHashLabel) > 0) {
    auto into = copy.getMetadata();
    into.disownLabels();
    if (!labels.empty()) set_labels(labels, [&](unsigned n) { return into.initLabels(n); });
  }
  const auto words = capnp::canonicalize(copy.asReader());
  const auto bytes = words.asBytes();
  return {reinterpret_cast<const char*>(bytes.begin()), bytes.size()};
}

std::string template_hash(const std::string& key, std::int32_t collisions) {
  static constexpr std::string_view kLetters = "bcdfghjklmnpqrstvwxz2456789";
  std::uint32_t hash = 2166136261U;
  const auto mix = [&hash](unsigned char byte) { hash = (hash ^ byte) * 16777619U; };
  for (const char byte : key) mix(static_cast<unsigned char>(byte));
  for (int shift = 0; collisions > 0 && shift < 32; shift += 8) mix(static_cast<unsigned char>(collisions >> shift));
  std::string out = std::to_string(hash);
  for (char& digit : out) digit = kLetters[static_cast<unsigned char>(digit) % kLetters.size()];
  return out;
}

Result<ObjectPtr> read_object(const std::string& resource, SegmentView segment) {
  auto out = std::make_shared<Object>();
  // Every kind has its metadata first: they read alike.
  const auto read =
      with_object<meta::PartialObjectMetadata>(segment, [&](meta::PartialObjectMetadata::Reader object) -> Status {
        *out = common(resource, object.getMetadata());
        return {};
      });
  if (!read) return fail(read.error());
  if (resource == "pods") {
    const auto pod = with_object<core::Pod>(segment, [&](core::Pod::Reader object) -> Status {
      out->pod = std::make_shared<const PodView>(pod_view(*out, object));
      return {};
    });
    if (!pod) return fail(pod.error());
  }
  out->segment.assign(segment.begin(), segment.end());
  return out;
}

Result<ReplicaSetView> read_replicaset(SegmentView segment) {
  return with_object<apps::ReplicaSet>(segment, [](apps::ReplicaSet::Reader set) -> Result<ReplicaSetView> {
    ReplicaSetView out;
    const auto spec = set.getSpec();
    out.uid = text(set.getMetadata().getUid());
    out.generation = set.getMetadata().getGeneration();
    out.replicas = spec.getHasReplicas() ? spec.getReplicas() : 1;
    out.min_ready = std::chrono::seconds(spec.getMinReadySeconds());
    out.selector = selector_of(spec.getSelector());
    out.template_labels = entries(spec.getTemplate().getMetadata().getLabels());
    out.deleting = set.getMetadata().getHasDeletionTimestamp();
    return out;
  });
}

Result<RevisionView> read_revision(SegmentView segment) {
  return with_object<apps::ReplicaSet>(segment, [](apps::ReplicaSet::Reader set) -> Result<RevisionView> {
    RevisionView out;
    const auto from = set.getMetadata();
    const auto status = set.getStatus();
    out.name = text(from.getName());
    out.uid = text(from.getUid());
    for (auto owner : from.getOwnerReferences()) {
      if (owner.getController()) out.controller_uid = text(owner.getUid());
    }
    out.labels = entries(from.getLabels());
    out.annotations = entries(from.getAnnotations());
    out.template_key = template_key(set.getSpec().getTemplate());
    out.created = from.getCreationTimestamp();
    out.generation = from.getGeneration();
    out.deleting = from.getHasDeletionTimestamp();
    out.replicas = set.getSpec().getHasReplicas() ? set.getSpec().getReplicas() : 1;
    out.min_ready = set.getSpec().getMinReadySeconds();
    out.observed_generation = status.getObservedGeneration();
    out.shown = status.getReplicas();
    out.ready = status.getReadyReplicas();
    out.available = status.getAvailableReplicas();
    for (auto condition : status.getConditions()) {
      if (condition.getType() != "ReplicaFailure" || condition.getStatus() != "True") continue;
      out.failing = true;
      out.failure_reason = text(condition.getReason());
      out.failure_message = text(condition.getMessage());
    }
    return out;
  });
}

}  // namespace troupe::controllers
