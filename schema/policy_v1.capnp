@0xbbe1ea1b5de8e7d9;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::policy::v1");
$K.package(name = "policy/v1", group = "policy", version = "v1", enums = [(name =
    "policy/v1.UnhealthyPodEvictionPolicyType", closed = true, values = ["IfHealthyBudget", "AlwaysAllow"])]);

struct Eviction $K.type(typeMeta = true, markers = ["genclient", "genclient:noVerbs",
    "k8s:prerelease-lifecycle-gen:introduced=1.22"], kinds = [(group = "policy", version = "v1beta1")]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  deleteOptions @1 :MetaV1.DeleteOptions $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct PodDisruptionBudget $K.type(typeMeta = true, markers = ["genclient",
    "k8s:prerelease-lifecycle-gen:introduced=1.21"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :PodDisruptionBudgetSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :PodDisruptionBudgetStatus $K.f(proto = 3, emit = always, optional = true);
}

struct PodDisruptionBudgetList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.21"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(PodDisruptionBudget) $K.f(proto = 2, emit = always);
}

struct PodDisruptionBudgetSpec {
  minAvailable @0 :K.IntOrString $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  selector @1 :MetaV1.LabelSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, patch = "replace");
  maxUnavailable @2 :K.IntOrString $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  unhealthyPodEvictionPolicy @3 :Text $K.f(values = "policy/v1.UnhealthyPodEvictionPolicyType", proto = 4, emit =
      ifSet, pointer = true, optional = true);
}

struct PodDisruptionBudgetStatus {
  observedGeneration @0 :Int64 $K.f(proto = 1, optional = true);
  disruptedPods @1 :List(K.TimeEntry) $K.f(kind = map, of = time, proto = 2, emit = ifNonEmpty, optional = true);
  disruptionsAllowed @2 :Int32 $K.f(proto = 3, emit = always, optional = true);
  currentHealthy @3 :Int32 $K.f(proto = 4, emit = always, optional = true);
  desiredHealthy @4 :Int32 $K.f(proto = 5, emit = always, optional = true);
  expectedPods @5 :Int32 $K.f(proto = 6, emit = always, optional = true);
  conditions @6 :List(MetaV1.Condition) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}
