@0xab9a358a02aaf205;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::custom_metrics::v1beta2");
$K.package(name = "custom.metrics/v1beta2", group = "custom.metrics.k8s.io", version = "v1beta2");

struct MetricIdentifier {
  name @0 :Text $K.f(proto = 1, emit = always);
  selector @1 :MetaV1.LabelSelector $K.f(proto = 2, emit = always, pointer = true, optional = true);
}

struct MetricListOptions $K.type(typeMeta = true) {
  labelSelector @0 :Text $K.f(proto = 1, optional = true);
  metricLabelSelector @1 :Text $K.f(proto = 2, optional = true);
}

struct MetricValue $K.type(typeMeta = true) {
  describedObject @0 :CoreV1.ObjectReference $K.f(proto = 1, emit = always);
  metric @1 :MetricIdentifier $K.f(proto = 2, emit = always);
  timestamp @2 :Int64 $K.f(kind = time, proto = 3, emit = always);
  hasTimestamp @3 :Bool $K.presence("timestamp");
  windowSeconds @4 :Int64 $K.f(proto = 4, emit = ifSet, pointer = true);
  hasWindowSeconds @5 :Bool $K.presence("windowSeconds");
  value @6 :Text $K.f(kind = quantity, proto = 5, emit = always);
}

struct MetricValueList $K.type(typeMeta = true) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always);
  items @1 :List(MetricValue) $K.f(proto = 2, emit = always);
}
