@0xf34c300119a24cde;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::networking::v1");
$K.package(name = "networking/v1", group = "networking.k8s.io", version = "v1", enums = [(name =
    "networking/v1.PolicyType", closed = true, values = ["Ingress", "Egress"])]);

struct HTTPIngressPath {
  path @0 :Text $K.f(proto = 1, optional = true);
  pathType @1 :Text $K.f(proto = 3, emit = always, pointer = true);
  backend @2 :IngressBackend $K.f(proto = 2, emit = always);
}

struct HTTPIngressRuleValue {
  paths @0 :List(HTTPIngressPath) $K.f(proto = 1, emit = always, listType = atomic);
}

struct IPAddress $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.33"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :IPAddressSpec $K.f(proto = 2, emit = always, rules = ["required"]);
}

struct IPAddressList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.33"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(IPAddress) $K.f(proto = 2, emit = always);
}

struct IPAddressSpec {
  parentRef @0 :ParentReference $K.f(proto = 1, emit = ifSet, pointer = true, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:required", "k8s:alpha(since: \"1.36\")=+k8s:immutable"]);
}

struct IPBlock {
  cidr @0 :Text $K.f(proto = 1, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  except @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct Ingress $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :IngressSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :IngressStatus $K.f(proto = 3, emit = always, optional = true);
}

struct IngressBackend {
  service @0 :IngressServiceBackend $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  resource @1 :CoreV1.TypedLocalObjectReference $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct IngressClass $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :IngressClassSpec $K.f(proto = 2, emit = always, optional = true);
}

struct IngressClassList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(IngressClass) $K.f(proto = 2, emit = always);
}

struct IngressClassParametersReference {
  apiGroup @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  kind @1 :Text $K.f(proto = 2, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  name @2 :Text $K.f(proto = 3, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  scope @3 :Text $K.f(proto = 4, emit = always, pointer = true, optional = true);
  namespace @4 :Text $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct IngressClassSpec {
  controller @0 :Text $K.f(proto = 1);
  parameters @1 :IngressClassParametersReference $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
}

struct IngressList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Ingress) $K.f(proto = 2, emit = always);
}

struct IngressLoadBalancerIngress {
  ip @0 :Text $K.f(proto = 1, optional = true);
  hostname @1 :Text $K.f(proto = 2, optional = true);
  ports @2 :List(IngressPortStatus) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct IngressLoadBalancerStatus {
  ingress @0 :List(IngressLoadBalancerIngress) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct IngressPortStatus {
  port @0 :Int32 $K.f(proto = 1, emit = always);
  protocol @1 :Text $K.f(values = "core/v1.Protocol", proto = 2, emit = always);
  error @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true, rules =
      ["kubebuilder:validation:Required",
      "kubebuilder:validation:Pattern=`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`",
      "kubebuilder:validation:MaxLength=316"]);
}

struct IngressRule {
  host @0 :Text $K.f(proto = 1, optional = true);
  ingressRuleValue @1 :IngressRuleValue $K.f(proto = 2, json = "IngressRuleValue", optional = true, inlined = true);
}

struct IngressRuleValue {
  http @0 :HTTPIngressRuleValue $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
}

struct IngressServiceBackend {
  name @0 :Text $K.f(proto = 1, emit = always);
  port @1 :ServiceBackendPort $K.f(proto = 2, emit = always);
}

struct IngressSpec {
  ingressClassName @0 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  defaultBackend @1 :IngressBackend $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  tls @2 :List(IngressTLS) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  rules @3 :List(IngressRule) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct IngressStatus {
  loadBalancer @0 :IngressLoadBalancerStatus $K.f(proto = 1, emit = always, optional = true);
}

struct IngressTLS {
  hosts @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  secretName @1 :Text $K.f(proto = 2, optional = true);
}

struct NetworkPolicy $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.7"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :NetworkPolicySpec $K.f(proto = 2, emit = always, optional = true);
}

struct NetworkPolicyEgressRule {
  ports @0 :List(NetworkPolicyPort) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  to @1 :List(NetworkPolicyPeer) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
}

struct NetworkPolicyIngressRule {
  ports @0 :List(NetworkPolicyPort) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  from @1 :List(NetworkPolicyPeer) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
}

struct NetworkPolicyList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.19"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(NetworkPolicy) $K.f(proto = 2, emit = always);
}

struct NetworkPolicyPeer {
  podSelector @0 :MetaV1.LabelSelector $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  namespaceSelector @1 :MetaV1.LabelSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  ipBlock @2 :IPBlock $K.f(proto = 3, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
}

struct NetworkPolicyPort {
  protocol @0 :Text $K.f(values = "core/v1.Protocol", proto = 1, emit = ifSet, pointer = true, optional = true);
  port @1 :K.IntOrString $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  endPort @2 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasEndPort @3 :Bool $K.presence("endPort");
}

struct NetworkPolicySpec {
  podSelector @0 :MetaV1.LabelSelector $K.f(proto = 1, emit = always, optional = true);
  ingress @1 :List(NetworkPolicyIngressRule) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic,
      rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  egress @2 :List(NetworkPolicyEgressRule) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic, rules
      = ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  policyTypes @3 :List(Text) $K.f(values = "networking/v1.PolicyType", proto = 4, emit = ifNonEmpty, optional = true,
      listType = atomic);
}

struct ParentReference {
  group @0 :Text $K.f(proto = 1, optional = true);
  resource @1 :Text $K.f(proto = 2, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  namespace @2 :Text $K.f(proto = 3, optional = true);
  name @3 :Text $K.f(proto = 4, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
}

struct ServiceBackendPort $K.type(markers = ["structType=atomic"]) {
  name @0 :Text $K.f(proto = 1, optional = true);
  number @1 :Int32 $K.f(proto = 2, optional = true);
}

struct ServiceCIDR $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.33"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ServiceCIDRSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :ServiceCIDRStatus $K.f(proto = 3, emit = always, optional = true);
}

struct ServiceCIDRList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.33"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ServiceCIDR) $K.f(proto = 2, emit = always);
}

struct ServiceCIDRSpec {
  cidrs @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct ServiceCIDRStatus {
  conditions @0 :List(MetaV1.Condition) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}
