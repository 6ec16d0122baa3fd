@0xf8552a9de2c6b452;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::metrics::v1beta1");
$K.package(name = "metrics/v1beta1", group = "metrics.k8s.io", version = "v1beta1");

struct ContainerMetrics {
  name @0 :Text $K.f(proto = 1, emit = always);
  usage @1 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 2, emit =
      always);
}

struct NodeMetrics $K.type(typeMeta = true, markers = ["genclient", "genclient:readonly", "genclient:nonNamespaced"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  timestamp @1 :Int64 $K.f(kind = time, proto = 2, emit = always);
  hasTimestamp @2 :Bool $K.presence("timestamp");
  window @3 :Int64 $K.f(kind = duration, proto = 3, emit = always);
  usage @4 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 4, emit =
      always);
}

struct NodeMetricsList $K.type(typeMeta = true) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always);
  items @1 :List(NodeMetrics) $K.f(proto = 2, emit = always);
}

struct PodMetrics $K.type(typeMeta = true, markers = ["genclient", "genclient:readonly"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  timestamp @1 :Int64 $K.f(kind = time, proto = 2, emit = always);
  hasTimestamp @2 :Bool $K.presence("timestamp");
  window @3 :Int64 $K.f(kind = duration, proto = 3, emit = always);
  containers @4 :List(ContainerMetrics) $K.f(proto = 4, emit = always, listType = atomic);
}

struct PodMetricsList $K.type(typeMeta = true) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always);
  items @1 :List(PodMetrics) $K.f(proto = 2, emit = always);
}
