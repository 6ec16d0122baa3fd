@0xc92a35e187691a8a;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::admissionregistration::v1");
$K.package(name = "admissionregistration/v1", group = "admissionregistration.k8s.io", version = "v1", enums = [(name =
    "admissionregistration/v1.FailurePolicyType", closed = true, values = ["Ignore", "Fail"]), (name =
    "admissionregistration/v1.MatchPolicyType", closed = true, values = ["Exact", "Equivalent"]), (name =
    "admissionregistration/v1.OperationType", closed = true, values = ["*", "CREATE", "UPDATE", "DELETE", "CONNECT"]),
    (name = "admissionregistration/v1.ParameterNotFoundActionType", values = ["Allow", "Deny"]), (name =
    "admissionregistration/v1.PatchType", closed = true, values = ["ApplyConfiguration", "JSONPatch"]), (name =
    "admissionregistration/v1.ReinvocationPolicyType", closed = true, values = ["Never", "IfNeeded"]), (name =
    "admissionregistration/v1.ScopeType", closed = true, values = ["Cluster", "Namespaced", "*"]), (name =
    "admissionregistration/v1.SideEffectClass", closed = true, values = ["Unknown", "None", "Some", "NoneOnDryRun"]),
    (name = "admissionregistration/v1.ValidationAction", closed = true, values = ["Deny", "Warn", "Audit"])]);

struct ApplyConfiguration {
  expression @0 :Text $K.f(proto = 1);
}

struct AuditAnnotation {
  key @0 :Text $K.f(proto = 1, emit = always);
  valueExpression @1 :Text $K.f(proto = 2, emit = always);
}

struct ExpressionWarning {
  fieldRef @0 :Text $K.f(proto = 2, emit = always);
  warning @1 :Text $K.f(proto = 3, emit = always);
}

struct JSONPatch {
  expression @0 :Text $K.f(proto = 1);
}

struct MatchCondition {
  name @0 :Text $K.f(proto = 1, emit = always);
  expression @1 :Text $K.f(proto = 2, emit = always);
}

struct MatchResources $K.type(markers = ["structType=atomic"]) {
  namespaceSelector @0 :MetaV1.LabelSelector $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  objectSelector @1 :MetaV1.LabelSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  resourceRules @2 :List(NamedRuleWithOperations) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType =
      atomic);
  excludeResourceRules @3 :List(NamedRuleWithOperations) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType =
      atomic);
  matchPolicy @4 :Text $K.f(values = "admissionregistration/v1.MatchPolicyType", proto = 7, emit = ifSet, pointer =
      true, optional = true);
}

struct MutatingAdmissionPolicy $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.36"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :MutatingAdmissionPolicySpec $K.f(proto = 2, emit = always);
}

struct MutatingAdmissionPolicyBinding $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.36"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :MutatingAdmissionPolicyBindingSpec $K.f(proto = 2, emit = always);
}

struct MutatingAdmissionPolicyBindingList $K.type(typeMeta = true, markers =
    ["k8s:prerelease-lifecycle-gen:introduced=1.36"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(MutatingAdmissionPolicyBinding) $K.f(proto = 2, emit = always);
}

struct MutatingAdmissionPolicyBindingSpec {
  policyName @0 :Text $K.f(proto = 1);
  paramRef @1 :ParamRef $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  matchResources @2 :MatchResources $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct MutatingAdmissionPolicyList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.36"])
    {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(MutatingAdmissionPolicy) $K.f(proto = 2, emit = always);
}

struct MutatingAdmissionPolicySpec {
  paramKind @0 :ParamKind $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  matchConstraints @1 :MatchResources $K.f(proto = 2, emit = ifSet, pointer = true);
  variables @2 :List(Variable) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  mutations @3 :List(Mutation) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  failurePolicy @4 :Text $K.f(values = "admissionregistration/v1.FailurePolicyType", proto = 5, emit = ifSet, pointer =
      true, optional = true);
  matchConditions @5 :List(MatchCondition) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["name"], patch = "merge", mergeKey = "name");
  reinvocationPolicy @6 :Text $K.f(values = "admissionregistration/v1.ReinvocationPolicyType", proto = 7);
}

struct MutatingWebhook {
  name @0 :Text $K.f(proto = 1, emit = always);
  clientConfig @1 :WebhookClientConfig $K.f(proto = 2, emit = always);
  rules @2 :List(RuleWithOperations) $K.f(proto = 3, emit = ifNonEmpty, listType = atomic);
  failurePolicy @3 :Text $K.f(values = "admissionregistration/v1.FailurePolicyType", proto = 4, emit = ifSet, pointer =
      true, optional = true);
  matchPolicy @4 :Text $K.f(values = "admissionregistration/v1.MatchPolicyType", proto = 9, emit = ifSet, pointer =
      true, optional = true);
  namespaceSelector @5 :MetaV1.LabelSelector $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  objectSelector @6 :MetaV1.LabelSelector $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  sideEffects @7 :Text $K.f(values = "admissionregistration/v1.SideEffectClass", proto = 6, emit = always, pointer =
      true);
  timeoutSeconds @8 :Int32 $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasTimeoutSeconds @9 :Bool $K.presence("timeoutSeconds");
  admissionReviewVersions @10 :List(Text) $K.f(proto = 8, emit = always, listType = atomic);
  reinvocationPolicy @11 :Text $K.f(values = "admissionregistration/v1.ReinvocationPolicyType", proto = 10, emit =
      ifSet, pointer = true, optional = true);
  matchConditions @12 :List(MatchCondition) $K.f(proto = 12, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["name"], patch = "merge", mergeKey = "name");
}

struct MutatingWebhookConfiguration $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.16"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  webhooks @1 :List(MutatingWebhook) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["name"], patch = "merge", mergeKey = "name");
}

struct MutatingWebhookConfigurationList $K.type(typeMeta = true, markers =
    ["k8s:prerelease-lifecycle-gen:introduced=1.16"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(MutatingWebhookConfiguration) $K.f(proto = 2, emit = always);
}

struct Mutation {
  patchType @0 :Text $K.f(values = "admissionregistration/v1.PatchType", proto = 2, emit = always, rules =
      ["unionDiscriminator"]);
  applyConfiguration @1 :ApplyConfiguration $K.f(proto = 3, emit = ifSet, pointer = true);
  jsonPatch @2 :JSONPatch $K.f(proto = 4, emit = ifSet, pointer = true);
}

struct NamedRuleWithOperations $K.type(markers = ["structType=atomic"]) {
  resourceNames @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  ruleWithOperations @1 :RuleWithOperations $K.f(proto = 2, json = "RuleWithOperations", inlined = true);
}

struct ParamKind $K.type(markers = ["structType=atomic"]) {
  apiVersion @0 :Text $K.f(proto = 1);
  kind @1 :Text $K.f(proto = 2);
}

struct ParamRef $K.type(markers = ["structType=atomic"]) {
  name @0 :Text $K.f(proto = 1);
  namespace @1 :Text $K.f(proto = 2, optional = true);
  selector @2 :MetaV1.LabelSelector $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  parameterNotFoundAction @3 :Text $K.f(values = "admissionregistration/v1.ParameterNotFoundActionType", proto = 4,
      emit = ifSet, pointer = true);
}

struct Rule {
  apiGroups @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, listType = atomic);
  apiVersions @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, listType = atomic);
  resources @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, listType = atomic);
  scope @3 :Text $K.f(values = "admissionregistration/v1.ScopeType", proto = 4, emit = ifSet, pointer = true, optional
      = true);
}

struct RuleWithOperations {
  operations @0 :List(Text) $K.f(values = "admissionregistration/v1.OperationType", proto = 1, emit = ifNonEmpty,
      listType = atomic);
  rule @1 :Rule $K.f(proto = 2, json = "Rule", inlined = true);
}

struct ServiceReference {
  namespace @0 :Text $K.f(proto = 1, emit = always);
  name @1 :Text $K.f(proto = 2, emit = always);
  path @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  port @3 :Int32 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasPort @4 :Bool $K.presence("port");
}

struct TypeChecking {
  expressionWarnings @0 :List(ExpressionWarning) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType =
      atomic);
}

struct ValidatingAdmissionPolicy $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.30"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ValidatingAdmissionPolicySpec $K.f(proto = 2, emit = always);
  status @2 :ValidatingAdmissionPolicyStatus $K.f(proto = 3, emit = always, optional = true);
}

struct ValidatingAdmissionPolicyBinding $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.30"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ValidatingAdmissionPolicyBindingSpec $K.f(proto = 2, emit = always, rules = ["required"]);
}

struct ValidatingAdmissionPolicyBindingList $K.type(typeMeta = true, markers =
    ["k8s:prerelease-lifecycle-gen:introduced=1.30"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ValidatingAdmissionPolicyBinding) $K.f(proto = 2, emit = always);
}

struct ValidatingAdmissionPolicyBindingSpec {
  policyName @0 :Text $K.f(proto = 1, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  paramRef @1 :ParamRef $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  matchResources @2 :MatchResources $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  validationActions @3 :List(Text) $K.f(values = "admissionregistration/v1.ValidationAction", proto = 4, emit =
      ifNonEmpty, listType = set, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required"]);
}

struct ValidatingAdmissionPolicyList $K.type(typeMeta = true, markers =
    ["k8s:prerelease-lifecycle-gen:introduced=1.30"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ValidatingAdmissionPolicy) $K.f(proto = 2, emit = always);
}

struct ValidatingAdmissionPolicySpec {
  paramKind @0 :ParamKind $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  matchConstraints @1 :MatchResources $K.f(proto = 2, emit = ifSet, pointer = true);
  validations @2 :List(Validation) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  failurePolicy @3 :Text $K.f(values = "admissionregistration/v1.FailurePolicyType", proto = 4, emit = ifSet, pointer =
      true, optional = true);
  auditAnnotations @4 :List(AuditAnnotation) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
  matchConditions @5 :List(MatchCondition) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["name"], patch = "merge", mergeKey = "name");
  variables @6 :List(Variable) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = map, keys = ["name"],
      patch = "merge", mergeKey = "name");
}

struct ValidatingAdmissionPolicyStatus {
  observedGeneration @0 :Int64 $K.f(proto = 1, optional = true);
  typeChecking @1 :TypeChecking $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  conditions @2 :List(MetaV1.Condition) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"]);
}

struct ValidatingWebhook {
  name @0 :Text $K.f(proto = 1, emit = always);
  clientConfig @1 :WebhookClientConfig $K.f(proto = 2, emit = always);
  rules @2 :List(RuleWithOperations) $K.f(proto = 3, emit = ifNonEmpty, listType = atomic);
  failurePolicy @3 :Text $K.f(values = "admissionregistration/v1.FailurePolicyType", proto = 4, emit = ifSet, pointer =
      true, optional = true);
  matchPolicy @4 :Text $K.f(values = "admissionregistration/v1.MatchPolicyType", proto = 9, emit = ifSet, pointer =
      true, optional = true);
  namespaceSelector @5 :MetaV1.LabelSelector $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  objectSelector @6 :MetaV1.LabelSelector $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  sideEffects @7 :Text $K.f(values = "admissionregistration/v1.SideEffectClass", proto = 6, emit = always, pointer =
      true);
  timeoutSeconds @8 :Int32 $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasTimeoutSeconds @9 :Bool $K.presence("timeoutSeconds");
  admissionReviewVersions @10 :List(Text) $K.f(proto = 8, emit = always, listType = atomic);
  matchConditions @11 :List(MatchCondition) $K.f(proto = 11, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["name"], patch = "merge", mergeKey = "name");
}

struct ValidatingWebhookConfiguration $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.16"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  webhooks @1 :List(ValidatingWebhook) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["name"], patch = "merge", mergeKey = "name");
}

struct ValidatingWebhookConfigurationList $K.type(typeMeta = true, markers =
    ["k8s:prerelease-lifecycle-gen:introduced=1.16"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ValidatingWebhookConfiguration) $K.f(proto = 2, emit = always);
}

struct Validation {
  expression @0 :Text $K.f(proto = 1, emit = always);
  message @1 :Text $K.f(proto = 2, optional = true);
  reason @2 :Text $K.f(values = "meta/v1.StatusReason", proto = 3, emit = ifSet, pointer = true, optional = true);
  messageExpression @3 :Text $K.f(proto = 4, optional = true);
}

struct Variable $K.type(markers = ["structType=atomic"]) {
  name @0 :Text $K.f(proto = 1, emit = always);
  expression @1 :Text $K.f(proto = 2, emit = always);
}

struct WebhookClientConfig {
  url @0 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  service @1 :ServiceReference $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  caBundle @2 :Data $K.f(proto = 2, emit = ifNonEmpty, optional = true);
}
