@0xd99970a6cf599e40;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::apps::v1");
$K.package(name = "apps/v1", group = "apps", version = "v1", enums = [(name = "apps/v1.DaemonSetUpdateStrategyType",
    closed = true, values = ["RollingUpdate", "OnDelete"]), (name = "apps/v1.DeploymentConditionType", values =
    ["Available", "Progressing", "ReplicaFailure"]), (name = "apps/v1.DeploymentStrategyType", closed = true, values =
    ["Recreate", "RollingUpdate"]), (name = "apps/v1.PersistentVolumeClaimRetentionPolicyType", values = ["Retain",
    "Delete"]), (name = "apps/v1.PodManagementPolicyType", closed = true, values = ["OrderedReady", "Parallel"]), (name
    = "apps/v1.ReplicaSetConditionType", values = ["ReplicaFailure"]), (name = "apps/v1.StatefulSetUpdateStrategyType",
    closed = true, values = ["RollingUpdate", "OnDelete"])]);

struct ControllerRevision $K.type(typeMeta = true, markers = ["genclient",
    "k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  data @1 :Data $K.f(kind = rawJson, proto = 2, emit = always);
  revision @2 :Int64 $K.f(proto = 3, emit = always);
}

struct ControllerRevisionList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ControllerRevision) $K.f(proto = 2, emit = always);
}

struct DaemonSet $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :DaemonSetSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :DaemonSetStatus $K.f(proto = 3, emit = always, optional = true);
}

struct DaemonSetCondition {
  type @0 :Text $K.f(proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4, optional = true);
  message @5 :Text $K.f(proto = 5, optional = true);
}

struct DaemonSetList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(DaemonSet) $K.f(proto = 2, emit = always);
}

struct DaemonSetSpec {
  selector @0 :MetaV1.LabelSelector $K.f(proto = 1, emit = always, pointer = true);
  template @1 :CoreV1.PodTemplateSpec $K.f(proto = 2, emit = always);
  updateStrategy @2 :DaemonSetUpdateStrategy $K.f(proto = 3, emit = always, optional = true);
  minReadySeconds @3 :Int32 $K.f(proto = 4, optional = true);
  revisionHistoryLimit @4 :Int32 $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  hasRevisionHistoryLimit @5 :Bool $K.presence("revisionHistoryLimit");
}

struct DaemonSetStatus {
  currentNumberScheduled @0 :Int32 $K.f(proto = 1, emit = always);
  numberMisscheduled @1 :Int32 $K.f(proto = 2, emit = always);
  desiredNumberScheduled @2 :Int32 $K.f(proto = 3, emit = always);
  numberReady @3 :Int32 $K.f(proto = 4, emit = always);
  observedGeneration @4 :Int64 $K.f(proto = 5, optional = true);
  updatedNumberScheduled @5 :Int32 $K.f(proto = 6, optional = true);
  numberAvailable @6 :Int32 $K.f(proto = 7, optional = true);
  numberUnavailable @7 :Int32 $K.f(proto = 8, optional = true);
  collisionCount @8 :Int32 $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  hasCollisionCount @9 :Bool $K.presence("collisionCount");
  conditions @10 :List(DaemonSetCondition) $K.f(proto = 10, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}

struct DaemonSetUpdateStrategy {
  type @0 :Text $K.f(values = "apps/v1.DaemonSetUpdateStrategyType", proto = 1, optional = true);
  rollingUpdate @1 :RollingUpdateDaemonSet $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct Deployment $K.type(typeMeta = true, markers = ["genclient",
    "genclient:method=GetScale,verb=get,subresource=scale,result=k8s.io/api/autoscaling/v1.Scale",
    "genclient:method=UpdateScale,verb=update,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale",
    "genclient:method=ApplyScale,verb=apply,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale",
    "k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :DeploymentSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :DeploymentStatus $K.f(proto = 3, emit = always, optional = true);
}

struct DeploymentCondition {
  type @0 :Text $K.f(values = "apps/v1.DeploymentConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastUpdateTime @2 :Int64 $K.f(kind = time, proto = 6, emit = always);
  hasLastUpdateTime @3 :Bool $K.presence("lastUpdateTime");
  lastTransitionTime @4 :Int64 $K.f(kind = time, proto = 7, emit = always);
  hasLastTransitionTime @5 :Bool $K.presence("lastTransitionTime");
  reason @6 :Text $K.f(proto = 4);
  message @7 :Text $K.f(proto = 5);
}

struct DeploymentList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Deployment) $K.f(proto = 2, emit = always);
}

struct DeploymentSpec {
  replicas @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasReplicas @1 :Bool $K.presence("replicas");
  selector @2 :MetaV1.LabelSelector $K.f(proto = 2, emit = always, pointer = true);
  template @3 :CoreV1.PodTemplateSpec $K.f(proto = 3, emit = always);
  strategy @4 :DeploymentStrategy $K.f(proto = 4, emit = always, optional = true, patch = "retainKeys");
  minReadySeconds @5 :Int32 $K.f(proto = 5, optional = true);
  revisionHistoryLimit @6 :Int32 $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  hasRevisionHistoryLimit @7 :Bool $K.presence("revisionHistoryLimit");
  paused @8 :Bool $K.f(proto = 7, optional = true);
  progressDeadlineSeconds @9 :Int32 $K.f(proto = 9, emit = ifSet, pointer = true);
  hasProgressDeadlineSeconds @10 :Bool $K.presence("progressDeadlineSeconds");
}

struct DeploymentStatus {
  observedGeneration @0 :Int64 $K.f(proto = 1, optional = true);
  replicas @1 :Int32 $K.f(proto = 2, optional = true);
  updatedReplicas @2 :Int32 $K.f(proto = 3, optional = true);
  readyReplicas @3 :Int32 $K.f(proto = 7, optional = true);
  availableReplicas @4 :Int32 $K.f(proto = 4, optional = true);
  unavailableReplicas @5 :Int32 $K.f(proto = 5, optional = true);
  terminatingReplicas @6 :Int32 $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  hasTerminatingReplicas @7 :Bool $K.presence("terminatingReplicas");
  conditions @8 :List(DeploymentCondition) $K.f(proto = 6, emit = ifNonEmpty, listType = map, keys = ["type"], patch =
      "merge", mergeKey = "type");
  collisionCount @9 :Int32 $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  hasCollisionCount @10 :Bool $K.presence("collisionCount");
}

struct DeploymentStrategy {
  type @0 :Text $K.f(values = "apps/v1.DeploymentStrategyType", proto = 1, optional = true);
  rollingUpdate @1 :RollingUpdateDeployment $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct ReplicaSet $K.type(typeMeta = true, markers = ["genclient",
    "genclient:method=GetScale,verb=get,subresource=scale,result=k8s.io/api/autoscaling/v1.Scale",
    "genclient:method=UpdateScale,verb=update,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale",
    "genclient:method=ApplyScale,verb=apply,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale",
    "k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ReplicaSetSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :ReplicaSetStatus $K.f(proto = 3, emit = always, optional = true);
}

struct ReplicaSetCondition {
  type @0 :Text $K.f(values = "apps/v1.ReplicaSetConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4, optional = true);
  message @5 :Text $K.f(proto = 5, optional = true);
}

struct ReplicaSetList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ReplicaSet) $K.f(proto = 2, emit = always);
}

struct ReplicaSetSpec {
  replicas @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasReplicas @1 :Bool $K.presence("replicas");
  minReadySeconds @2 :Int32 $K.f(proto = 4, optional = true);
  selector @3 :MetaV1.LabelSelector $K.f(proto = 2, emit = always, pointer = true);
  template @4 :CoreV1.PodTemplateSpec $K.f(proto = 3, emit = always, optional = true);
}

struct ReplicaSetStatus {
  replicas @0 :Int32 $K.f(proto = 1, emit = always);
  fullyLabeledReplicas @1 :Int32 $K.f(proto = 2, optional = true);
  readyReplicas @2 :Int32 $K.f(proto = 4, optional = true);
  availableReplicas @3 :Int32 $K.f(proto = 5, optional = true);
  terminatingReplicas @4 :Int32 $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasTerminatingReplicas @5 :Bool $K.presence("terminatingReplicas");
  observedGeneration @6 :Int64 $K.f(proto = 3, optional = true);
  conditions @7 :List(ReplicaSetCondition) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}

struct RollingUpdateDaemonSet {
  maxUnavailable @0 :K.IntOrString $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  maxSurge @1 :K.IntOrString $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct RollingUpdateDeployment {
  maxUnavailable @0 :K.IntOrString $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  maxSurge @1 :K.IntOrString $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct RollingUpdateStatefulSetStrategy {
  partition @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasPartition @1 :Bool $K.presence("partition");
  maxUnavailable @2 :K.IntOrString $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, gates =
      ["MaxUnavailableStatefulSet"]);
}

struct StatefulSet $K.type(typeMeta = true, markers = ["genclient",
    "genclient:method=GetScale,verb=get,subresource=scale,result=k8s.io/api/autoscaling/v1.Scale",
    "genclient:method=UpdateScale,verb=update,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale",
    "genclient:method=ApplyScale,verb=apply,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale",
    "k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :StatefulSetSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :StatefulSetStatus $K.f(proto = 3, emit = always, optional = true);
}

struct StatefulSetCondition {
  type @0 :Text $K.f(proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4, optional = true);
  message @5 :Text $K.f(proto = 5, optional = true);
}

struct StatefulSetList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.9"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(StatefulSet) $K.f(proto = 2, emit = always);
}

struct StatefulSetOrdinals {
  start @0 :Int32 $K.f(proto = 1, emit = always, optional = true);
}

struct StatefulSetPersistentVolumeClaimRetentionPolicy {
  whenDeleted @0 :Text $K.f(values = "apps/v1.PersistentVolumeClaimRetentionPolicyType", proto = 1);
  whenScaled @1 :Text $K.f(values = "apps/v1.PersistentVolumeClaimRetentionPolicyType", proto = 2);
}

struct StatefulSetSpec {
  replicas @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasReplicas @1 :Bool $K.presence("replicas");
  selector @2 :MetaV1.LabelSelector $K.f(proto = 2, emit = always, pointer = true);
  template @3 :CoreV1.PodTemplateSpec $K.f(proto = 3, emit = always);
  volumeClaimTemplates @4 :List(CoreV1.PersistentVolumeClaim) $K.f(proto = 4, emit = ifNonEmpty, optional = true,
      embedded = true, listType = atomic);
  serviceName @5 :Text $K.f(proto = 5, emit = always, optional = true);
  podManagementPolicy @6 :Text $K.f(values = "apps/v1.PodManagementPolicyType", proto = 6, optional = true);
  updateStrategy @7 :StatefulSetUpdateStrategy $K.f(proto = 7, emit = always);
  revisionHistoryLimit @8 :Int32 $K.f(proto = 8, emit = ifSet, pointer = true);
  hasRevisionHistoryLimit @9 :Bool $K.presence("revisionHistoryLimit");
  minReadySeconds @10 :Int32 $K.f(proto = 9, optional = true);
  persistentVolumeClaimRetentionPolicy @11 :StatefulSetPersistentVolumeClaimRetentionPolicy $K.f(proto = 10, emit =
      ifSet, pointer = true, optional = true);
  ordinals @12 :StatefulSetOrdinals $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
}

struct StatefulSetStatus {
  observedGeneration @0 :Int64 $K.f(proto = 1, optional = true);
  replicas @1 :Int32 $K.f(proto = 2, emit = always);
  readyReplicas @2 :Int32 $K.f(proto = 3);
  currentReplicas @3 :Int32 $K.f(proto = 4);
  updatedReplicas @4 :Int32 $K.f(proto = 5);
  currentRevision @5 :Text $K.f(proto = 6);
  updateRevision @6 :Text $K.f(proto = 7);
  collisionCount @7 :Int32 $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  hasCollisionCount @8 :Bool $K.presence("collisionCount");
  conditions @9 :List(StatefulSetCondition) $K.f(proto = 10, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
  availableReplicas @10 :Int32 $K.f(proto = 11, emit = always, optional = true);
}

struct StatefulSetUpdateStrategy {
  type @0 :Text $K.f(values = "apps/v1.StatefulSetUpdateStrategyType", proto = 1, optional = true);
  rollingUpdate @1 :RollingUpdateStatefulSetStrategy $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}
