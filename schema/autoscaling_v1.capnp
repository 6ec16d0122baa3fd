@0xfacf5d534985f6cd;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::autoscaling::v1");
$K.package(name = "autoscaling/v1", group = "autoscaling", version = "v1", enums = [(name =
    "autoscaling/v1.HorizontalPodAutoscalerConditionType", values = ["ScalingActive", "AbleToScale", "ScalingLimited",
    "ScaledToZero"]), (name = "autoscaling/v1.MetricSourceType", closed = true, values = ["Object", "Pods", "Resource",
    "ContainerResource", "External"])]);

struct ContainerResourceMetricSource {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  targetAverageUtilization @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasTargetAverageUtilization @2 :Bool $K.presence("targetAverageUtilization");
  targetAverageValue @3 :Text $K.f(kind = quantity, proto = 3, emit = ifSet, pointer = true, optional = true);
  container @4 :Text $K.f(proto = 5, emit = always);
}

struct ContainerResourceMetricStatus {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  currentAverageUtilization @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasCurrentAverageUtilization @2 :Bool $K.presence("currentAverageUtilization");
  currentAverageValue @3 :Text $K.f(kind = quantity, proto = 3, emit = always);
  container @4 :Text $K.f(proto = 4, emit = always);
}

struct CrossVersionObjectReference $K.type(markers = ["structType=atomic"]) {
  kind @0 :Text $K.f(proto = 1, emit = always);
  name @1 :Text $K.f(proto = 2, emit = always);
  apiVersion @2 :Text $K.f(proto = 3, optional = true);
}

struct ExternalMetricSource {
  metricName @0 :Text $K.f(proto = 1, emit = always);
  metricSelector @1 :MetaV1.LabelSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  targetValue @2 :Text $K.f(kind = quantity, proto = 3, emit = ifSet, pointer = true, optional = true);
  targetAverageValue @3 :Text $K.f(kind = quantity, proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct ExternalMetricStatus {
  metricName @0 :Text $K.f(proto = 1, emit = always);
  metricSelector @1 :MetaV1.LabelSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  currentValue @2 :Text $K.f(kind = quantity, proto = 3, emit = always);
  currentAverageValue @3 :Text $K.f(kind = quantity, proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct HorizontalPodAutoscaler $K.type(typeMeta = true, markers = ["genclient",
    "k8s:prerelease-lifecycle-gen:introduced=1.2"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :HorizontalPodAutoscalerSpec $K.f(proto = 2, emit = always, rules = ["required"]);
  status @2 :HorizontalPodAutoscalerStatus $K.f(proto = 3, emit = always, optional = true);
}

struct HorizontalPodAutoscalerCondition {
  type @0 :Text $K.f(values = "autoscaling/v1.HorizontalPodAutoscalerConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4, optional = true);
  message @5 :Text $K.f(proto = 5, optional = true);
}

struct HorizontalPodAutoscalerList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.2"])
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
  targetCPUUtilizationPercentage @4 :Int32 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasTargetCPUUtilizationPercentage @5 :Bool $K.presence("targetCPUUtilizationPercentage");
}

struct HorizontalPodAutoscalerStatus {
  observedGeneration @0 :Int64 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasObservedGeneration @1 :Bool $K.presence("observedGeneration");
  lastScaleTime @2 :Int64 $K.f(kind = time, proto = 2, emit = ifSet, pointer = true, optional = true);
  hasLastScaleTime @3 :Bool $K.presence("lastScaleTime");
  currentReplicas @4 :Int32 $K.f(proto = 3, emit = always);
  desiredReplicas @5 :Int32 $K.f(proto = 4, emit = always);
  currentCPUUtilizationPercentage @6 :Int32 $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasCurrentCPUUtilizationPercentage @7 :Bool $K.presence("currentCPUUtilizationPercentage");
}

struct MetricSpec {
  type @0 :Text $K.f(values = "autoscaling/v1.MetricSourceType", proto = 1, emit = always);
  object @1 :ObjectMetricSource $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  pods @2 :PodsMetricSource $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  resource @3 :ResourceMetricSource $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  containerResource @4 :ContainerResourceMetricSource $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  external @5 :ExternalMetricSource $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct MetricStatus {
  type @0 :Text $K.f(values = "autoscaling/v1.MetricSourceType", proto = 1, emit = always);
  object @1 :ObjectMetricStatus $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  pods @2 :PodsMetricStatus $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  resource @3 :ResourceMetricStatus $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  containerResource @4 :ContainerResourceMetricStatus $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  external @5 :ExternalMetricStatus $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct ObjectMetricSource {
  target @0 :CrossVersionObjectReference $K.f(proto = 1, emit = always);
  metricName @1 :Text $K.f(proto = 2, emit = always);
  targetValue @2 :Text $K.f(kind = quantity, proto = 3, emit = always);
  selector @3 :MetaV1.LabelSelector $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  averageValue @4 :Text $K.f(kind = quantity, proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct ObjectMetricStatus {
  target @0 :CrossVersionObjectReference $K.f(proto = 1, emit = always);
  metricName @1 :Text $K.f(proto = 2, emit = always);
  currentValue @2 :Text $K.f(kind = quantity, proto = 3, emit = always);
  selector @3 :MetaV1.LabelSelector $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  averageValue @4 :Text $K.f(kind = quantity, proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct PodsMetricSource {
  metricName @0 :Text $K.f(proto = 1, emit = always);
  targetAverageValue @1 :Text $K.f(kind = quantity, proto = 2, emit = always);
  selector @2 :MetaV1.LabelSelector $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct PodsMetricStatus {
  metricName @0 :Text $K.f(proto = 1, emit = always);
  currentAverageValue @1 :Text $K.f(kind = quantity, proto = 2, emit = always);
  selector @2 :MetaV1.LabelSelector $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct ResourceMetricSource {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  targetAverageUtilization @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasTargetAverageUtilization @2 :Bool $K.presence("targetAverageUtilization");
  targetAverageValue @3 :Text $K.f(kind = quantity, proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct ResourceMetricStatus {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  currentAverageUtilization @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasCurrentAverageUtilization @2 :Bool $K.presence("currentAverageUtilization");
  currentAverageValue @3 :Text $K.f(kind = quantity, proto = 3, emit = always);
}

struct Scale $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.2",
    "k8s:isSubresource=\"/scale\""]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ScaleSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :ScaleStatus $K.f(proto = 3, emit = always, optional = true);
}

struct ScaleSpec {
  replicas @0 :Int32 $K.f(proto = 1, optional = true, default = "0", rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:minimum=0"]);
}

struct ScaleStatus {
  replicas @0 :Int32 $K.f(proto = 1, emit = always);
  selector @1 :Text $K.f(proto = 2, optional = true);
}
