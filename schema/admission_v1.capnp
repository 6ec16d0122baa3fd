@0xd611be89ba8f5eb8;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using AuthenticationV1 = import "/schema/authentication_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::admission::v1");
$K.package(name = "admission/v1", group = "admission.k8s.io", version = "v1", enums = [(name =
    "admission/v1.Operation", values = ["CREATE", "UPDATE", "DELETE", "CONNECT"]), (name = "admission/v1.PatchType",
    values = ["JSONPatch"])]);

struct AdmissionRequest {
  uid @0 :Text $K.f(proto = 1, emit = always, optional = true);
  kind @1 :MetaV1.GroupVersionKind $K.f(proto = 2, emit = always, optional = true);
  resource @2 :MetaV1.GroupVersionResource $K.f(proto = 3, emit = always, optional = true);
  subResource @3 :Text $K.f(proto = 4, optional = true);
  requestKind @4 :MetaV1.GroupVersionKind $K.f(proto = 13, emit = ifSet, pointer = true, optional = true);
  requestResource @5 :MetaV1.GroupVersionResource $K.f(proto = 14, emit = ifSet, pointer = true, optional = true);
  requestSubResource @6 :Text $K.f(proto = 15, optional = true);
  name @7 :Text $K.f(proto = 5, optional = true);
  namespace @8 :Text $K.f(proto = 6, optional = true);
  operation @9 :Text $K.f(values = "admission/v1.Operation", proto = 7, emit = always, optional = true);
  userInfo @10 :AuthenticationV1.UserInfo $K.f(proto = 8, emit = always, optional = true);
  object @11 :Data $K.f(kind = rawJson, proto = 9, emit = always, optional = true);
  oldObject @12 :Data $K.f(kind = rawJson, proto = 10, emit = always, optional = true);
  dryRun @13 :Bool $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  hasDryRun @14 :Bool $K.presence("dryRun");
  options @15 :Data $K.f(kind = rawJson, proto = 12, emit = always, optional = true);
}

struct AdmissionResponse {
  uid @0 :Text $K.f(proto = 1, emit = always, optional = true);
  allowed @1 :Bool $K.f(proto = 2, emit = always, optional = true);
  status @2 :MetaV1.Status $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  patch @3 :Data $K.f(proto = 4, emit = ifNonEmpty, optional = true);
  patchType @4 :Text $K.f(values = "admission/v1.PatchType", proto = 5, emit = ifSet, pointer = true, optional = true);
  auditAnnotations @5 :List(K.TextEntry) $K.f(kind = map, proto = 6, emit = ifNonEmpty, optional = true);
  warnings @6 :List(Text) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct AdmissionReview $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  request @0 :AdmissionRequest $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  response @1 :AdmissionResponse $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}
