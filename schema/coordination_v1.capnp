@0xc2226b049a854dfa;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::coordination::v1");
$K.package(name = "coordination/v1", group = "coordination.k8s.io", version = "v1", enums = [(name =
    "coordination/v1.CoordinatedLeaseStrategy", values = ["OldestEmulationVersion"])]);

struct Lease $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.14"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :LeaseSpec $K.f(proto = 2, emit = always, optional = true);
}

struct LeaseList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Lease) $K.f(proto = 2, emit = always);
}

struct LeaseSpec {
  holderIdentity @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  leaseDurationSeconds @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasLeaseDurationSeconds @2 :Bool $K.presence("leaseDurationSeconds");
  acquireTime @3 :Int64 $K.f(kind = microTime, proto = 3, emit = ifSet, pointer = true, optional = true);
  hasAcquireTime @4 :Bool $K.presence("acquireTime");
  renewTime @5 :Int64 $K.f(kind = microTime, proto = 4, emit = ifSet, pointer = true, optional = true);
  hasRenewTime @6 :Bool $K.presence("renewTime");
  leaseTransitions @7 :Int32 $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasLeaseTransitions @8 :Bool $K.presence("leaseTransitions");
  strategy @9 :Text $K.f(values = "coordination/v1.CoordinatedLeaseStrategy", proto = 6, emit = ifSet, pointer = true,
      optional = true, gates = ["CoordinatedLeaderElection"]);
  preferredHolder @10 :Text $K.f(proto = 7, emit = ifSet, pointer = true, optional = true, gates =
      ["CoordinatedLeaderElection"]);
}
