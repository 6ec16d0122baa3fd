@0xa9e4a417d9432d1f;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::flowcontrol::v1");
$K.package(name = "flowcontrol/v1", group = "flowcontrol.apiserver.k8s.io", version = "v1", enums = [(name =
    "flowcontrol/v1.ConditionStatus", values = ["True", "False", "Unknown"]), (name =
    "flowcontrol/v1.FlowDistinguisherMethodType", values = ["ByUser", "ByNamespace"]), (name =
    "flowcontrol/v1.LimitResponseType", values = ["Queue", "Reject"]), (name =
    "flowcontrol/v1.PriorityLevelEnablement", values = ["Exempt", "Limited"]), (name = "flowcontrol/v1.SubjectKind",
    values = ["User", "Group", "ServiceAccount"])]);

struct ExemptPriorityLevelConfiguration {
  nominalConcurrencyShares @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasNominalConcurrencyShares @1 :Bool $K.presence("nominalConcurrencyShares");
  lendablePercent @2 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasLendablePercent @3 :Bool $K.presence("lendablePercent");
}

struct FlowDistinguisherMethod {
  type @0 :Text $K.f(values = "flowcontrol/v1.FlowDistinguisherMethodType", proto = 1, emit = always);
}

struct FlowSchema $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.29"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :FlowSchemaSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :FlowSchemaStatus $K.f(proto = 3, emit = always, optional = true);
}

struct FlowSchemaCondition {
  type @0 :Text $K.f(proto = 1);
  status @1 :Text $K.f(values = "flowcontrol/v1.ConditionStatus", proto = 2);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4);
  message @5 :Text $K.f(proto = 5);
}

struct FlowSchemaList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.29"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(FlowSchema) $K.f(proto = 2, emit = always);
}

struct FlowSchemaSpec {
  priorityLevelConfiguration @0 :PriorityLevelConfigurationReference $K.f(proto = 1, emit = always);
  matchingPrecedence @1 :Int32 $K.f(proto = 2, emit = always, optional = true);
  distinguisherMethod @2 :FlowDistinguisherMethod $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  rules @3 :List(PolicyRulesWithSubjects) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct FlowSchemaStatus {
  conditions @0 :List(FlowSchemaCondition) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}

struct GroupSubject {
  name @0 :Text $K.f(proto = 1, emit = always);
}

struct LimitResponse {
  type @0 :Text $K.f(values = "flowcontrol/v1.LimitResponseType", proto = 1, emit = always, rules =
      ["unionDiscriminator", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:discriminator"]);
  queuing @1 :QueuingConfiguration $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:member(\"Queue\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:member(\"Reject\")=+k8s:forbidden"]);
}

struct LimitedPriorityLevelConfiguration {
  nominalConcurrencyShares @0 :Int32 $K.f(proto = 1, emit = always, pointer = true, optional = true);
  hasNominalConcurrencyShares @1 :Bool $K.presence("nominalConcurrencyShares");
  limitResponse @2 :LimitResponse $K.f(proto = 2, emit = always);
  lendablePercent @3 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasLendablePercent @4 :Bool $K.presence("lendablePercent");
  borrowingLimitPercent @5 :Int32 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasBorrowingLimitPercent @6 :Bool $K.presence("borrowingLimitPercent");
}

struct NonResourcePolicyRule {
  verbs @0 :List(Text) $K.f(proto = 1, emit = always, listType = set);
  nonResourceURLs @1 :List(Text) $K.f(proto = 6, emit = always, listType = set);
}

struct PolicyRulesWithSubjects {
  subjects @0 :List(Subject) $K.f(proto = 1, emit = always, listType = atomic);
  resourceRules @1 :List(ResourcePolicyRule) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  nonResourceRules @2 :List(NonResourcePolicyRule) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType =
      atomic);
}

struct PriorityLevelConfiguration $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.29"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :PriorityLevelConfigurationSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :PriorityLevelConfigurationStatus $K.f(proto = 3, emit = always, optional = true);
}

struct PriorityLevelConfigurationCondition {
  type @0 :Text $K.f(proto = 1);
  status @1 :Text $K.f(values = "flowcontrol/v1.ConditionStatus", proto = 2);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4);
  message @5 :Text $K.f(proto = 5);
}

struct PriorityLevelConfigurationList $K.type(typeMeta = true, markers =
    ["k8s:prerelease-lifecycle-gen:introduced=1.29"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(PriorityLevelConfiguration) $K.f(proto = 2, emit = always);
}

struct PriorityLevelConfigurationReference {
  name @0 :Text $K.f(proto = 1, emit = always);
}

struct PriorityLevelConfigurationSpec {
  type @0 :Text $K.f(values = "flowcontrol/v1.PriorityLevelEnablement", proto = 1, emit = always, rules =
      ["unionDiscriminator", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:discriminator"]);
  limited @1 :LimitedPriorityLevelConfiguration $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:member(\"Limited\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:member(\"Exempt\")=+k8s:forbidden"]);
  exempt @2 :ExemptPriorityLevelConfiguration $K.f(proto = 3, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:member(\"Exempt\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:member(\"Limited\")=+k8s:forbidden"]);
}

struct PriorityLevelConfigurationStatus {
  conditions @0 :List(PriorityLevelConfigurationCondition) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType
      = map, keys = ["type"], patch = "merge", mergeKey = "type");
}

struct QueuingConfiguration {
  queues @0 :Int32 $K.f(proto = 1, emit = always, optional = true);
  handSize @1 :Int32 $K.f(proto = 2, emit = always, optional = true);
  queueLengthLimit @2 :Int32 $K.f(proto = 3, emit = always, optional = true);
}

struct ResourcePolicyRule {
  verbs @0 :List(Text) $K.f(proto = 1, emit = always, listType = set);
  apiGroups @1 :List(Text) $K.f(proto = 2, emit = always, listType = set);
  resources @2 :List(Text) $K.f(proto = 3, emit = always, listType = set);
  clusterScope @3 :Bool $K.f(proto = 4, optional = true);
  namespaces @4 :List(Text) $K.f(proto = 5, emit = always, optional = true, listType = set);
}

struct ServiceAccountSubject {
  namespace @0 :Text $K.f(proto = 1, emit = always);
  name @1 :Text $K.f(proto = 2, emit = always);
}

struct Subject {
  kind @0 :Text $K.f(values = "flowcontrol/v1.SubjectKind", proto = 1, emit = always, rules = ["unionDiscriminator"]);
  user @1 :UserSubject $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  group @2 :GroupSubject $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  serviceAccount @3 :ServiceAccountSubject $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct UserSubject {
  name @0 :Text $K.f(proto = 1, emit = always);
}
