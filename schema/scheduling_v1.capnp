@0xa967dae65ccc2b6b;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::scheduling::v1");
$K.package(name = "scheduling/v1", group = "scheduling.k8s.io", version = "v1");

struct PriorityClass $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.14"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  value @1 :Int32 $K.f(proto = 2, emit = always, optional = true);
  globalDefault @2 :Bool $K.f(proto = 3, optional = true);
  description @3 :Text $K.f(proto = 4, optional = true);
  preemptionPolicy @4 :Text $K.f(values = "core/v1.PreemptionPolicy", proto = 5, emit = ifSet, pointer = true, optional
      = true);
}

struct PriorityClassList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.14"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(PriorityClass) $K.f(proto = 2, emit = always);
}
