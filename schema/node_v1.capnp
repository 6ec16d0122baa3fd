@0xc143258700838148;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::node::v1");
$K.package(name = "node/v1", group = "node.k8s.io", version = "v1");

struct Overhead {
  podFixed @0 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 1,
      emit = ifNonEmpty, optional = true);
}

struct RuntimeClass $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.20"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  handler @1 :Text $K.f(proto = 2, emit = always, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:format=\"k8s-short-name\"", "k8s:alpha(since: \"1.36\")=+k8s:immutable",
      "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  overhead @2 :Overhead $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  scheduling @3 :Scheduling $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct RuntimeClassList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.20"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(RuntimeClass) $K.f(proto = 2, emit = always);
}

struct Scheduling {
  nodeSelector @0 :List(K.TextEntry) $K.f(kind = map, proto = 1, emit = ifNonEmpty, optional = true, mapType = atomic);
  tolerations @1 :List(CoreV1.Toleration) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
}
