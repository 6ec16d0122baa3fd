@0xecd074be855ce495;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::autoscaling::v2");
$K.package(name = "autoscaling/v2", group = "autoscaling", version = "v2", enums = [(name =
    "autoscaling/v2.HPAScalingPolicyType", values = ["Pods", "Percent"]), (name =
    "autoscaling/v2.HorizontalPodAutoscalerConditionType", values = ["ScalingActive", "AbleToScale", "ScalingLimited",
    "ScaledToZero"]), (name = "autoscaling/v2.MetricSourceType", values = ["Object", "Pods", "Resource",
    "ContainerResource", "External"]), (name = "autoscaling/v2.MetricTargetType", values = ["Utilization", "Value",
    "AverageValue"]), (name = "autoscaling/v2.ScalingPolicySelect", values = ["Max", "Min", "Disabled"])]);

struct ContainerResourceMetricSource {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  target @1 :MetricTarget $K.f(proto = 2, emit = always);
  container @2 :Text $K.f(proto = 3, emit = always);
}

struct ContainerResourceMetricStatus {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  current @1 :MetricValueStatus $K.f(proto = 2, emit = always);
  container @2 :Text $K.f(proto = 3, emit = always);
}

struct CrossVersionObjectReference {
  kind @0 :Text $K.f(proto = 1, emit = always);
  name @1 :Text $K.f(proto = 2, emit = always);
  apiVersion @2 :Text $K.f(proto = 3, optional = true);
}

struct ExternalMetricSource {
  metric @0 :MetricIdentifier $K.f(proto = 1, emit = always);
  target @1 :MetricTarget $K.f(proto = 2, emit = always);
}

struct ExternalMetricStatus {
  metric @0 :MetricIdentifier $K.f(proto = 1, emit = always);
  current @1 :MetricValueStatus $K.f(proto = 2, emit = always);
}

struct HPAScalingPolicy {
  type @0 :Text $K.f(values = "autoscaling/v2.HPAScalingPolicyType", proto = 1, emit = always);
  value @1 :Int32 $K.f(proto = 2, emit = always);
  periodSeconds @2 :Int32 $K.f(proto = 3, emit = always);
}

struct HPAScalingRules {
  stabilizationWindowSeconds @0 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasStabilizationWindowSeconds @1 :Bool $K.presence("stabilizationWindowSeconds");
  selectPolicy @2 :Text $K.f(values = "autoscaling/v2.ScalingPolicySelect", proto = 1, emit = ifSet, pointer = true,
      optional = true);
  policies @3 :List(HPAScalingPolicy) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  tolerance @4 :Text $K.f(kind = quantity, proto = 4, emit = ifSet, pointer = true, optional = true, gates =
      ["HPAConfigurableTolerance"]);
}

struct HorizontalPodAutoscaler $K.type(typeMeta = true, markers = ["genclient",
    "k8s:prerelease-lifecycle-gen:introduced=1.23"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :HorizontalPodAutoscalerSpec $K.f(proto = 2, emit = always, rules = ["required"]);
  status @2 :HorizontalPodAutoscalerStatus $K.f(proto = 3, emit = always, optional = true);
}

struct HorizontalPodAutoscalerBehavior {
  scaleUp @0 :HPAScalingRules $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  scaleDown @1 :HPAScalingRules $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct HorizontalPodAutoscalerCondition {
  type @0 :Text $K.f(values = "autoscaling/v2.HorizontalPodAutoscalerConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4, optional = true);
  message @5 :Text $K.f(proto = 5, optional = true);
}

struct HorizontalPodAutoscalerList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.23"])
    {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(HorizontalPodAutoscaler) $K.f(proto = 2, emit = always);
}

struct HorizontalPodAutoscalerSpec {
  scaleTargetRef @0 :CrossVersionObjectReference $K.f(proto = 1, emit = always);
  minReplicas @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:ifEnabled(HPAScaleToZero)=+k8s:minimum=0",
      "k8s:alpha(since: \"1.36\")=+k8s:ifDisabled(HPAScaleToZero)=+k8s:minimum=1"]);
  hasMinReplicas @2 :Bool $K.presence("minReplicas");
  maxReplicas @3 :Int32 $K.f(proto = 3, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:minimum=1"]);
  metrics @4 :List(MetricSpec) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  behavior @5 :HorizontalPodAutoscalerBehavior $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct HorizontalPodAutoscalerStatus {
  observedGeneration @0 :Int64 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasObservedGeneration @1 :Bool $K.presence("observedGeneration");
  lastScaleTime @2 :Int64 $K.f(kind = time, proto = 2, emit = ifSet, pointer = true, optional = true);
  hasLastScaleTime @3 :Bool $K.presence("lastScaleTime");
  currentReplicas @4 :Int32 $K.f(proto = 3, optional = true);
  desiredReplicas @5 :Int32 $K.f(proto = 4, emit = always);
  currentMetrics @6 :List(MetricStatus) $K.f(proto = 5, emit = always, optional = true, listType = atomic);
  conditions @7 :List(HorizontalPodAutoscalerCondition) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType =
      map, keys = ["type"], patch = "merge", mergeKey = "type");
}

struct MetricIdentifier {
  name @0 :Text $K.f(proto = 1, emit = always);
  selector @1 :MetaV1.LabelSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct MetricSpec {
  type @0 :Text $K.f(values = "autoscaling/v2.MetricSourceType", proto = 1, emit = always);
  object @1 :ObjectMetricSource $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  pods @2 :PodsMetricSource $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  resource @3 :ResourceMetricSource $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  containerResource @4 :ContainerResourceMetricSource $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  external @5 :ExternalMetricSource $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct MetricStatus {
  type @0 :Text $K.f(values = "autoscaling/v2.MetricSourceType", proto = 1, emit = always);
  object @1 :ObjectMetricStatus $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  pods @2 :PodsMetricStatus $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  resource @3 :ResourceMetricStatus $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  containerResource @4 :ContainerResourceMetricStatus $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  external @5 :ExternalMetricStatus $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct MetricTarget {
  type @0 :Text $K.f(values = "autoscaling/v2.MetricTargetType", proto = 1, emit = always);
  value @1 :Text $K.f(kind = quantity, proto = 2, emit = ifSet, pointer = true, optional = true);
  averageValue @2 :Text $K.f(kind = quantity, proto = 3, emit = ifSet, pointer = true, optional = true);
  averageUtilization @3 :Int32 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasAverageUtilization @4 :Bool $K.presence("averageUtilization");
}

struct MetricValueStatus {
  value @0 :Text $K.f(kind = quantity, proto = 1, emit = ifSet, pointer = true, optional = true);
  averageValue @1 :Text $K.f(kind = quantity, proto = 2, emit = ifSet, pointer = true, optional = true);
  averageUtilization @2 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasAverageUtilization @3 :Bool $K.presence("averageUtilization");
}

struct ObjectMetricSource {
  describedObject @0 :CrossVersionObjectReference $K.f(proto = 1, emit = always);
  target @1 :MetricTarget $K.f(proto = 2, emit = always);
  metric @2 :MetricIdentifier $K.f(proto = 3, emit = always);
}

struct ObjectMetricStatus {
  metric @0 :MetricIdentifier $K.f(proto = 1, emit = always);
  current @1 :MetricValueStatus $K.f(proto = 2, emit = always);
  describedObject @2 :CrossVersionObjectReference $K.f(proto = 3, emit = always);
}

struct PodsMetricSource {
  metric @0 :MetricIdentifier $K.f(proto = 1, emit = always);
  target @1 :MetricTarget $K.f(proto = 2, emit = always);
}

struct PodsMetricStatus {
  metric @0 :MetricIdentifier $K.f(proto = 1, emit = always);
  current @1 :MetricValueStatus $K.f(proto = 2, emit = always);
}

struct ResourceMetricSource {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  target @1 :MetricTarget $K.f(proto = 2, emit = always);
}

struct ResourceMetricStatus {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  current @1 :MetricValueStatus $K.f(proto = 2, emit = always);
}
