@0xe77b1108eea3fef2;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::discovery::v1");
$K.package(name = "discovery/v1", group = "discovery.k8s.io", version = "v1");

struct Endpoint {
  addresses @0 :List(Text) $K.f(proto = 1, emit = always, listType = set, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:required", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=100"]);
  conditions @1 :EndpointConditions $K.f(proto = 2, emit = always);
  hostname @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  targetRef @3 :CoreV1.ObjectReference $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  deprecatedTopology @4 :List(K.TextEntry) $K.f(kind = map, proto = 5, emit = ifNonEmpty, optional = true);
  nodeName @5 :Text $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  zone @6 :Text $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hints @7 :EndpointHints $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
}

struct EndpointConditions {
  ready @0 :Bool $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasReady @1 :Bool $K.presence("ready");
  serving @2 :Bool $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasServing @3 :Bool $K.presence("serving");
  terminating @4 :Bool $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasTerminating @5 :Bool $K.presence("terminating");
}

struct EndpointHints {
  forZones @0 :List(ForZone) $K.f(proto = 1, emit = ifNonEmpty, listType = atomic);
  forNodes @1 :List(ForNode) $K.f(proto = 2, emit = ifNonEmpty, listType = atomic);
}

struct EndpointPort $K.type(markers = ["structType=atomic"]) {
  name @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true);
  protocol @1 :Text $K.f(values = "core/v1.Protocol", proto = 2, emit = ifSet, pointer = true);
  port @2 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true);
  hasPort @3 :Bool $K.presence("port");
  appProtocol @4 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct EndpointSlice $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.21"])
    {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  addressType @1 :Text $K.f(proto = 4, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:immutable"]);
  endpoints @2 :List(Endpoint) $K.f(proto = 2, emit = always, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  ports @3 :List(EndpointPort) $K.f(proto = 3, emit = always, optional = true, listType = atomic);
}

struct EndpointSliceList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.21"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(EndpointSlice) $K.f(proto = 2, emit = always);
}

struct ForNode {
  name @0 :Text $K.f(proto = 1, emit = always);
}

struct ForZone {
  name @0 :Text $K.f(proto = 1, emit = always);
}
