@0xcf83d837823eba75;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::authentication::v1");
$K.package(name = "authentication/v1", group = "authentication.k8s.io", version = "v1");

struct BoundObjectReference {
  kind @0 :Text $K.f(proto = 1, optional = true);
  apiVersion @1 :Text $K.f(proto = 2, optional = true);
  name @2 :Text $K.f(proto = 3, optional = true);
  uid @3 :Text $K.f(proto = 4, optional = true);
}

struct SelfSubjectReview $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "genclient:onlyVerbs=create", "k8s:prerelease-lifecycle-gen:introduced=1.28"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  status @1 :SelfSubjectReviewStatus $K.f(proto = 2, emit = always, optional = true);
}

struct SelfSubjectReviewStatus {
  userInfo @0 :UserInfo $K.f(proto = 1, emit = always, optional = true);
}

struct TokenRequest $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.10"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :TokenRequestSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :TokenRequestStatus $K.f(proto = 3, emit = always, optional = true);
}

struct TokenRequestSpec {
  audiences @0 :List(Text) $K.f(proto = 1, emit = always, optional = true, listType = atomic);
  expirationSeconds @1 :Int64 $K.f(proto = 4, emit = always, pointer = true, optional = true);
  hasExpirationSeconds @2 :Bool $K.presence("expirationSeconds");
  boundObjectRef @3 :BoundObjectReference $K.f(proto = 3, emit = always, pointer = true, optional = true);
}

struct TokenRequestStatus {
  token @0 :Text $K.f(proto = 1, emit = always, optional = true);
  expirationTimestamp @1 :Int64 $K.f(kind = time, proto = 2, emit = always, optional = true);
  hasExpirationTimestamp @2 :Bool $K.presence("expirationTimestamp");
}

struct TokenReview $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "genclient:onlyVerbs=create", "k8s:prerelease-lifecycle-gen:introduced=1.6"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :TokenReviewSpec $K.f(proto = 2, emit = always, rules = ["required"]);
  status @2 :TokenReviewStatus $K.f(proto = 3, emit = always, optional = true);
}

struct TokenReviewSpec {
  token @0 :Text $K.f(proto = 1, rules = ["required"]);
  audiences @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct TokenReviewStatus {
  authenticated @0 :Bool $K.f(proto = 1, optional = true);
  user @1 :UserInfo $K.f(proto = 2, emit = always, optional = true);
  audiences @2 :List(Text) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  error @3 :Text $K.f(proto = 3, optional = true);
}

struct UserInfo {
  username @0 :Text $K.f(proto = 1, optional = true);
  uid @1 :Text $K.f(proto = 2, optional = true);
  groups @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  extra @3 :List(K.TextListEntry) $K.f(kind = map, proto = 4, emit = ifNonEmpty, optional = true);
}
