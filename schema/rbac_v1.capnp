@0xaa522a796d436b51;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::rbac::v1");
$K.package(name = "rbac/v1", group = "rbac.authorization.k8s.io", version = "v1");

struct AggregationRule {
  clusterRoleSelectors @0 :List(MetaV1.LabelSelector) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType =
      atomic);
}

struct ClusterRole $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.8"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  rules @1 :List(PolicyRule) $K.f(proto = 2, emit = always, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  aggregationRule @2 :AggregationRule $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct ClusterRoleBinding $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.8"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  subjects @1 :List(Subject) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  roleRef @2 :RoleRef $K.f(proto = 3, emit = always, rules = ["required"]);
}

struct ClusterRoleBindingList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.8"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ClusterRoleBinding) $K.f(proto = 2, emit = always);
}

struct ClusterRoleList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.8"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ClusterRole) $K.f(proto = 2, emit = always);
}

struct PolicyRule {
  verbs @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  apiGroups @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  resources @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  resourceNames @3 :List(Text) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  nonResourceURLs @4 :List(Text) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct Role $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.8"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  rules @1 :List(PolicyRule) $K.f(proto = 2, emit = always, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
}

struct RoleBinding $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.8"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  subjects @1 :List(Subject) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  roleRef @2 :RoleRef $K.f(proto = 3, emit = always, rules = ["required"]);
}

struct RoleBindingList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.8"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(RoleBinding) $K.f(proto = 2, emit = always);
}

struct RoleList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.8"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Role) $K.f(proto = 2, emit = always);
}

struct RoleRef $K.type(markers = ["structType=atomic"]) {
  apiGroup @0 :Text $K.f(proto = 1, emit = always, optional = true);
  kind @1 :Text $K.f(proto = 2, emit = always, rules = ["required"]);
  name @2 :Text $K.f(proto = 3, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
}

struct Subject $K.type(markers = ["structType=atomic"]) {
  kind @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  apiGroup @1 :Text $K.f(proto = 2, optional = true);
  name @2 :Text $K.f(proto = 3, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  namespace @3 :Text $K.f(proto = 4, optional = true);
}
