@0xadfb737ae960eed7;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::apiregistration::v1");
$K.package(name = "apiregistration/v1", group = "apiregistration.k8s.io", version = "v1", enums = [(name =
    "apiregistration/v1.APIServiceConditionType", values = ["Available"]), (name =
    "apiregistration/v1.ConditionStatus", values = ["True", "False", "Unknown"])]);

struct APIService $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.10"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :APIServiceSpec $K.f(proto = 2, emit = always);
  status @2 :APIServiceStatus $K.f(proto = 3, emit = always);
}

struct APIServiceCondition {
  type @0 :Text $K.f(values = "apiregistration/v1.APIServiceConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "apiregistration/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4, optional = true);
  message @5 :Text $K.f(proto = 5, optional = true);
}

struct APIServiceList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.10"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(APIService) $K.f(proto = 2, emit = always);
}

struct APIServiceSpec {
  service @0 :ServiceReference $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  group @1 :Text $K.f(proto = 2);
  version @2 :Text $K.f(proto = 3);
  insecureSkipTLSVerify @3 :Bool $K.f(proto = 4);
  caBundle @4 :Data $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
  groupPriorityMinimum @5 :Int32 $K.f(proto = 7, emit = always);
  versionPriority @6 :Int32 $K.f(proto = 8, emit = always);
}

struct APIServiceStatus {
  conditions @0 :List(APIServiceCondition) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}

struct ServiceReference {
  namespace @0 :Text $K.f(proto = 1);
  name @1 :Text $K.f(proto = 2);
  port @2 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasPort @3 :Bool $K.presence("port");
}
