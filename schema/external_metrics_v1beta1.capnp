@0xfdfcc4484ea791a4;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::external_metrics::v1beta1");
$K.package(name = "external.metrics/v1beta1", group = "external.metrics.k8s.io", version = "v1beta1");

struct ExternalMetricValue $K.type(typeMeta = true) {
  metricName @0 :Text $K.f(proto = 1, emit = always);
  metricLabels @1 :List(K.TextEntry) $K.f(kind = map, proto = 2, emit = always);
  timestamp @2 :Int64 $K.f(kind = time, proto = 3, emit = always);
  hasTimestamp @3 :Bool $K.presence("timestamp");
  window @4 :Int64 $K.f(proto = 4, emit = ifSet, pointer = true);
  hasWindow @5 :Bool $K.presence("window");
  value @6 :Text $K.f(kind = quantity, proto = 5, emit = always);
}

struct ExternalMetricValueList $K.type(typeMeta = true) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always);
  items @1 :List(ExternalMetricValue) $K.f(proto = 2, emit = always);
}
