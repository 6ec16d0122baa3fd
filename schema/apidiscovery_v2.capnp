@0xc04622b42f90d1a5;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::apidiscovery::v2");
$K.package(name = "apidiscovery/v2", group = "apidiscovery.k8s.io", version = "v2", enums = [(name =
    "apidiscovery/v2.DiscoveryFreshness", values = ["Current", "Stale"]), (name = "apidiscovery/v2.ResourceScope",
    values = ["Cluster", "Namespaced"])]);

struct APIGroupDiscovery $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.30"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  versions @1 :List(APIVersionDiscovery) $K.f(proto = 2, emit = ifNonEmpty, listType = map, keys = ["version"]);
}

struct APIGroupDiscoveryList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.30"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(APIGroupDiscovery) $K.f(proto = 2, emit = always);
}

struct APIResourceDiscovery {
  resource @0 :Text $K.f(proto = 1, emit = always);
  responseKind @1 :MetaV1.GroupVersionKind $K.f(proto = 2, emit = ifSet, pointer = true);
  scope @2 :Text $K.f(values = "apidiscovery/v2.ResourceScope", proto = 3, emit = always);
  singularResource @3 :Text $K.f(proto = 4, emit = always);
  verbs @4 :List(Text) $K.f(proto = 5, emit = always, listType = set);
  shortNames @5 :List(Text) $K.f(proto = 6, emit = ifNonEmpty, listType = set);
  categories @6 :List(Text) $K.f(proto = 7, emit = ifNonEmpty, listType = set);
  subresources @7 :List(APISubresourceDiscovery) $K.f(proto = 8, emit = ifNonEmpty, listType = map, keys =
      ["subresource"]);
}

struct APISubresourceDiscovery {
  subresource @0 :Text $K.f(proto = 1, emit = always);
  responseKind @1 :MetaV1.GroupVersionKind $K.f(proto = 2, emit = ifSet, pointer = true);
  acceptedTypes @2 :List(MetaV1.GroupVersionKind) $K.f(proto = 3, emit = ifNonEmpty, listType = map, keys = ["group",
      "version", "kind"]);
  verbs @3 :List(Text) $K.f(proto = 4, emit = always, listType = set);
}

struct APIVersionDiscovery {
  version @0 :Text $K.f(proto = 1, emit = always);
  resources @1 :List(APIResourceDiscovery) $K.f(proto = 2, emit = ifNonEmpty, listType = map, keys = ["resource"]);
  freshness @2 :Text $K.f(values = "apidiscovery/v2.DiscoveryFreshness", proto = 3);
}
