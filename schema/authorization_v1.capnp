@0xc4118c3bb47b0789;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::authorization::v1");
$K.package(name = "authorization/v1", group = "authorization.k8s.io", version = "v1");

struct FieldSelectorAttributes {
  rawSelector @0 :Text $K.f(proto = 1, optional = true);
  requirements @1 :List(MetaV1.FieldSelectorRequirement) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType =
      atomic);
}

struct LabelSelectorAttributes {
  rawSelector @0 :Text $K.f(proto = 1, optional = true);
  requirements @1 :List(MetaV1.LabelSelectorRequirement) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType =
      atomic);
}

struct LocalSubjectAccessReview $K.type(typeMeta = true, markers = ["genclient", "genclient:onlyVerbs=create",
    "k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :SubjectAccessReviewSpec $K.f(proto = 2, emit = always);
  status @2 :SubjectAccessReviewStatus $K.f(proto = 3, emit = always, optional = true);
}

struct NonResourceAttributes {
  path @0 :Text $K.f(proto = 1, optional = true);
  verb @1 :Text $K.f(proto = 2, optional = true);
}

struct NonResourceRule {
  verbs @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic);
  nonResourceURLs @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct ResourceAttributes {
  namespace @0 :Text $K.f(proto = 1, optional = true);
  verb @1 :Text $K.f(proto = 2, optional = true);
  group @2 :Text $K.f(proto = 3, optional = true);
  version @3 :Text $K.f(proto = 4, optional = true);
  resource @4 :Text $K.f(proto = 5, optional = true);
  subresource @5 :Text $K.f(proto = 6, optional = true);
  name @6 :Text $K.f(proto = 7, optional = true);
  fieldSelector @7 :FieldSelectorAttributes $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  labelSelector @8 :LabelSelectorAttributes $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
}

struct ResourceRule {
  verbs @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic);
  apiGroups @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  resources @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  resourceNames @3 :List(Text) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct SelfSubjectAccessReview $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "genclient:onlyVerbs=create", "k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :SelfSubjectAccessReviewSpec $K.f(proto = 2, emit = always);
  status @2 :SubjectAccessReviewStatus $K.f(proto = 3, emit = always, optional = true);
}

struct SelfSubjectAccessReviewSpec {
  resourceAttributes @0 :ResourceAttributes $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  nonResourceAttributes @1 :NonResourceAttributes $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct SelfSubjectRulesReview $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "genclient:onlyVerbs=create", "k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :SelfSubjectRulesReviewSpec $K.f(proto = 2, emit = always);
  status @2 :SubjectRulesReviewStatus $K.f(proto = 3, emit = always, optional = true);
}

struct SelfSubjectRulesReviewSpec {
  namespace @0 :Text $K.f(proto = 1);
}

struct SubjectAccessReview $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "genclient:onlyVerbs=create", "k8s:prerelease-lifecycle-gen:introduced=1.6"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :SubjectAccessReviewSpec $K.f(proto = 2, emit = always);
  status @2 :SubjectAccessReviewStatus $K.f(proto = 3, emit = always, optional = true);
}

struct SubjectAccessReviewSpec {
  resourceAttributes @0 :ResourceAttributes $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  nonResourceAttributes @1 :NonResourceAttributes $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  user @2 :Text $K.f(proto = 3, optional = true);
  groups @3 :List(Text) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  extra @4 :List(K.TextListEntry) $K.f(kind = map, proto = 5, emit = ifNonEmpty, optional = true);
  uid @5 :Text $K.f(proto = 6, optional = true);
}

struct SubjectAccessReviewStatus {
  allowed @0 :Bool $K.f(proto = 1, emit = always);
  denied @1 :Bool $K.f(proto = 4, optional = true);
  reason @2 :Text $K.f(proto = 2, optional = true);
  evaluationError @3 :Text $K.f(proto = 3, optional = true);
}

struct SubjectRulesReviewStatus {
  resourceRules @0 :List(ResourceRule) $K.f(proto = 1, emit = always, listType = atomic);
  nonResourceRules @1 :List(NonResourceRule) $K.f(proto = 2, emit = always, listType = atomic);
  incomplete @2 :Bool $K.f(proto = 3, emit = always);
  evaluationError @3 :Text $K.f(proto = 4, optional = true);
}
