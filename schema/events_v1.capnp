@0xbec5b8f62c208643;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::events::v1");
$K.package(name = "events/v1", group = "events.k8s.io", version = "v1");

struct Event $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  eventTime @1 :Int64 $K.f(kind = microTime, proto = 2, emit = always);
  hasEventTime @2 :Bool $K.presence("eventTime");
  series @3 :EventSeries $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  reportingController @4 :Text $K.f(proto = 4);
  reportingInstance @5 :Text $K.f(proto = 5);
  action @6 :Text $K.f(proto = 6);
  reason @7 :Text $K.f(proto = 7);
  regarding @8 :CoreV1.ObjectReference $K.f(proto = 8, emit = always, optional = true);
  related @9 :CoreV1.ObjectReference $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  note @10 :Text $K.f(proto = 10, optional = true);
  type @11 :Text $K.f(proto = 11);
  deprecatedSource @12 :CoreV1.EventSource $K.f(proto = 12, emit = always, optional = true);
  deprecatedFirstTimestamp @13 :Int64 $K.f(kind = time, proto = 13, emit = always, optional = true);
  hasDeprecatedFirstTimestamp @14 :Bool $K.presence("deprecatedFirstTimestamp");
  deprecatedLastTimestamp @15 :Int64 $K.f(kind = time, proto = 14, emit = always, optional = true);
  hasDeprecatedLastTimestamp @16 :Bool $K.presence("deprecatedLastTimestamp");
  deprecatedCount @17 :Int32 $K.f(proto = 15, optional = true);
}

struct EventList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Event) $K.f(proto = 2, emit = always);
}

struct EventSeries {
  count @0 :Int32 $K.f(proto = 1, emit = always);
  lastObservedTime @1 :Int64 $K.f(kind = microTime, proto = 2, emit = always);
  hasLastObservedTime @2 :Bool $K.presence("lastObservedTime");
}
