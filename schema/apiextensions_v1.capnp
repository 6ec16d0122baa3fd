@0xe34a332d7d7f7d0b;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::apiextensions::v1");
$K.package(name = "apiextensions/v1", group = "apiextensions.k8s.io", version = "v1", enums = [(name =
    "apiextensions/v1.ConditionStatus", values = ["True", "False", "Unknown"]), (name =
    "apiextensions/v1.ConversionStrategyType", values = ["None", "Webhook"]), (name =
    "apiextensions/v1.CustomResourceDefinitionConditionType", values = ["Established", "NamesAccepted",
    "NonStructuralSchema", "Terminating", "KubernetesAPIApprovalPolicyConformant", "StorageMigrating"]), (name =
    "apiextensions/v1.FieldValueErrorReason", closed = true, values = ["FieldValueRequired", "FieldValueDuplicate",
    "FieldValueInvalid", "FieldValueForbidden"]), (name = "apiextensions/v1.ResourceScope", values = ["Cluster",
    "Namespaced"])]);

struct ConversionRequest {
  uid @0 :Text $K.f(proto = 1, emit = always);
  desiredAPIVersion @1 :Text $K.f(proto = 2, emit = always);
  objects @2 :List(Data) $K.f(kind = rawJson, proto = 3, emit = always, listType = atomic);
}

struct ConversionResponse {
  uid @0 :Text $K.f(proto = 1, emit = always);
  convertedObjects @1 :List(Data) $K.f(kind = rawJson, proto = 2, emit = always, listType = atomic);
  result @2 :MetaV1.Status $K.f(proto = 3, emit = always);
}

struct ConversionReview $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.16"]) {
  request @0 :ConversionRequest $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  response @1 :ConversionResponse $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct CustomResourceColumnDefinition {
  name @0 :Text $K.f(proto = 1, emit = always);
  type @1 :Text $K.f(proto = 2, emit = always);
  format @2 :Text $K.f(proto = 3, optional = true);
  description @3 :Text $K.f(proto = 4, optional = true);
  priority @4 :Int32 $K.f(proto = 5, optional = true);
  jsonPath @5 :Text $K.f(proto = 6, emit = always);
}

struct CustomResourceConversion {
  strategy @0 :Text $K.f(values = "apiextensions/v1.ConversionStrategyType", proto = 1, emit = always);
  webhook @1 :WebhookConversion $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct CustomResourceDefinition $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.16"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :CustomResourceDefinitionSpec $K.f(proto = 2, emit = always);
  status @2 :CustomResourceDefinitionStatus $K.f(proto = 3, emit = always, optional = true);
}

struct CustomResourceDefinitionCondition {
  type @0 :Text $K.f(values = "apiextensions/v1.CustomResourceDefinitionConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "apiextensions/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4, optional = true);
  message @5 :Text $K.f(proto = 5, optional = true);
  observedGeneration @6 :Int64 $K.f(proto = 6, optional = true, gates = ["CRDObservedGenerationTracking"]);
}

struct CustomResourceDefinitionList $K.type(typeMeta = true, markers =
    ["k8s:prerelease-lifecycle-gen:introduced=1.16"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(CustomResourceDefinition) $K.f(proto = 2, emit = always);
}

struct CustomResourceDefinitionNames {
  plural @0 :Text $K.f(proto = 1, emit = always);
  singular @1 :Text $K.f(proto = 2, optional = true);
  shortNames @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  kind @3 :Text $K.f(proto = 4, emit = always);
  listKind @4 :Text $K.f(proto = 5, optional = true);
  categories @5 :List(Text) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct CustomResourceDefinitionSpec {
  group @0 :Text $K.f(proto = 1, emit = always);
  names @1 :CustomResourceDefinitionNames $K.f(proto = 3, emit = always);
  scope @2 :Text $K.f(values = "apiextensions/v1.ResourceScope", proto = 4, emit = always);
  versions @3 :List(CustomResourceDefinitionVersion) $K.f(proto = 7, emit = always, listType = atomic);
  conversion @4 :CustomResourceConversion $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  preserveUnknownFields @5 :Bool $K.f(proto = 10, optional = true);
}

struct CustomResourceDefinitionStatus {
  conditions @0 :List(CustomResourceDefinitionCondition) $K.f(proto = 1, emit = always, optional = true, listType =
      map, keys = ["type"]);
  acceptedNames @1 :CustomResourceDefinitionNames $K.f(proto = 2, emit = always, optional = true);
  storedVersions @2 :List(Text) $K.f(proto = 3, emit = always, optional = true, listType = atomic);
  observedGeneration @3 :Int64 $K.f(proto = 4, optional = true, gates = ["CRDObservedGenerationTracking"]);
}

struct CustomResourceDefinitionVersion {
  name @0 :Text $K.f(proto = 1, emit = always);
  served @1 :Bool $K.f(proto = 2, emit = always);
  storage @2 :Bool $K.f(proto = 3, emit = always);
  deprecated @3 :Bool $K.f(proto = 7, optional = true);
  deprecationWarning @4 :Text $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  schema @5 :CustomResourceValidation $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  subresources @6 :CustomResourceSubresources $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  additionalPrinterColumns @7 :List(CustomResourceColumnDefinition) $K.f(proto = 6, emit = ifNonEmpty, optional = true,
      listType = atomic);
  selectableFields @8 :List(SelectableField) $K.f(proto = 9, emit = ifNonEmpty, optional = true, listType = atomic,
      gates = ["CustomResourceFieldSelectors"]);
}

struct CustomResourceSubresourceScale {
  specReplicasPath @0 :Text $K.f(proto = 1, emit = always);
  statusReplicasPath @1 :Text $K.f(proto = 2, emit = always);
  labelSelectorPath @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct CustomResourceSubresourceStatus {
}

struct CustomResourceSubresources {
  status @0 :CustomResourceSubresourceStatus $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  scale @1 :CustomResourceSubresourceScale $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct CustomResourceValidation {
  openAPIV3Schema @0 :JSONSchemaProps $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
}

struct ExternalDocumentation {
  description @0 :Text $K.f(proto = 1);
  url @1 :Text $K.f(proto = 2);
}

struct JSONSchemaProps {
  id @0 :Text $K.f(proto = 1);
  schema @1 :Text $K.f(proto = 2, json = "$schema");
  ref @2 :Text $K.f(proto = 3, json = "$ref", emit = ifSet, pointer = true);
  description @3 :Text $K.f(proto = 4);
  type @4 :Text $K.f(proto = 5);
  format @5 :Text $K.f(proto = 6);
  title @6 :Text $K.f(proto = 7);
  default @7 :Data $K.f(kind = rawJson, proto = 8, emit = ifSet, pointer = true);
  maximum @8 :Float64 $K.f(proto = 9, emit = ifSet, pointer = true);
  hasMaximum @9 :Bool $K.presence("maximum");
  exclusiveMaximum @10 :Bool $K.f(proto = 10);
  minimum @11 :Float64 $K.f(proto = 11, emit = ifSet, pointer = true);
  hasMinimum @12 :Bool $K.presence("minimum");
  exclusiveMinimum @13 :Bool $K.f(proto = 12);
  maxLength @14 :Int64 $K.f(proto = 13, emit = ifSet, pointer = true);
  hasMaxLength @15 :Bool $K.presence("maxLength");
  minLength @16 :Int64 $K.f(proto = 14, emit = ifSet, pointer = true);
  hasMinLength @17 :Bool $K.presence("minLength");
  pattern @18 :Text $K.f(proto = 15);
  maxItems @19 :Int64 $K.f(proto = 16, emit = ifSet, pointer = true);
  hasMaxItems @20 :Bool $K.presence("maxItems");
  minItems @21 :Int64 $K.f(proto = 17, emit = ifSet, pointer = true);
  hasMinItems @22 :Bool $K.presence("minItems");
  uniqueItems @23 :Bool $K.f(proto = 18);
  multipleOf @24 :Float64 $K.f(proto = 19, emit = ifSet, pointer = true);
  hasMultipleOf @25 :Bool $K.presence("multipleOf");
  enum @26 :List(Data) $K.f(kind = rawJson, proto = 20, emit = ifNonEmpty, listType = atomic);
  maxProperties @27 :Int64 $K.f(proto = 21, emit = ifSet, pointer = true);
  hasMaxProperties @28 :Bool $K.presence("maxProperties");
  minProperties @29 :Int64 $K.f(proto = 22, emit = ifSet, pointer = true);
  hasMinProperties @30 :Bool $K.presence("minProperties");
  required @31 :List(Text) $K.f(proto = 23, emit = ifNonEmpty, listType = atomic);
  items @32 :JSONSchemaPropsOrArray $K.f(proto = 24, emit = ifSet, pointer = true);
  allOf @33 :List(JSONSchemaProps) $K.f(proto = 25, emit = ifNonEmpty, listType = atomic);
  oneOf @34 :List(JSONSchemaProps) $K.f(proto = 26, emit = ifNonEmpty, listType = atomic);
  anyOf @35 :List(JSONSchemaProps) $K.f(proto = 27, emit = ifNonEmpty, listType = atomic);
  not @36 :JSONSchemaProps $K.f(proto = 28, emit = ifSet, pointer = true);
  properties @37 :List(JSONSchemaPropsEntry) $K.f(kind = map, proto = 29, emit = ifNonEmpty);
  additionalProperties @38 :JSONSchemaPropsOrBool $K.f(proto = 30, emit = ifSet, pointer = true);
  patternProperties @39 :List(JSONSchemaPropsEntry) $K.f(kind = map, proto = 31, emit = ifNonEmpty);
  dependencies @40 :List(JSONSchemaPropsOrStringArrayEntry) $K.f(kind = map, proto = 32, emit = ifNonEmpty);
  additionalItems @41 :JSONSchemaPropsOrBool $K.f(proto = 33, emit = ifSet, pointer = true);
  definitions @42 :List(JSONSchemaPropsEntry) $K.f(kind = map, proto = 34, emit = ifNonEmpty);
  externalDocs @43 :ExternalDocumentation $K.f(proto = 35, emit = ifSet, pointer = true);
  example @44 :Data $K.f(kind = rawJson, proto = 36, emit = ifSet, pointer = true);
  nullable @45 :Bool $K.f(proto = 37);
  xKubernetesPreserveUnknownFields @46 :Bool $K.f(proto = 38, json = "x-kubernetes-preserve-unknown-fields", emit =
      ifSet, pointer = true);
  hasXKubernetesPreserveUnknownFields @47 :Bool $K.presence("xKubernetesPreserveUnknownFields");
  xKubernetesEmbeddedResource @48 :Bool $K.f(proto = 39, json = "x-kubernetes-embedded-resource");
  xKubernetesIntOrString @49 :Bool $K.f(proto = 40, json = "x-kubernetes-int-or-string");
  xKubernetesListMapKeys @50 :List(Text) $K.f(proto = 41, json = "x-kubernetes-list-map-keys", emit = ifNonEmpty,
      optional = true, listType = atomic);
  xKubernetesListType @51 :Text $K.f(proto = 42, json = "x-kubernetes-list-type", emit = ifSet, pointer = true,
      optional = true);
  xKubernetesMapType @52 :Text $K.f(proto = 43, json = "x-kubernetes-map-type", emit = ifSet, pointer = true, optional
      = true);
  xKubernetesValidations @53 :List(ValidationRule) $K.f(proto = 44, json = "x-kubernetes-validations", emit =
      ifNonEmpty, listType = map, keys = ["rule"], patch = "merge", mergeKey = "rule");
}

struct JSONSchemaPropsOrArray $K.type(form = schemaOrArray) {
  schema @0 :JSONSchemaProps $K.f(proto = 1, json = "Schema", emit = always, pointer = true);
  jsonSchemas @1 :List(JSONSchemaProps) $K.f(proto = 2, json = "JSONSchemas", emit = always, listType = atomic);
}

struct JSONSchemaPropsOrBool $K.type(form = schemaOrBool) {
  allows @0 :Bool $K.f(proto = 1, json = "Allows", emit = always);
  schema @1 :JSONSchemaProps $K.f(proto = 2, json = "Schema", emit = always, pointer = true);
}

struct JSONSchemaPropsOrStringArray $K.type(form = schemaOrStringArray) {
  schema @0 :JSONSchemaProps $K.f(proto = 1, json = "Schema", emit = always, pointer = true);
  property @1 :List(Text) $K.f(proto = 2, json = "Property", emit = always, listType = atomic);
}

struct SelectableField {
  jsonPath @0 :Text $K.f(proto = 1, emit = always);
}

struct ServiceReference {
  namespace @0 :Text $K.f(proto = 1, emit = always);
  name @1 :Text $K.f(proto = 2, emit = always);
  path @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  port @3 :Int32 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasPort @4 :Bool $K.presence("port");
}

struct ValidationRule {
  rule @0 :Text $K.f(proto = 1, emit = always);
  message @1 :Text $K.f(proto = 2);
  messageExpression @2 :Text $K.f(proto = 3, optional = true);
  reason @3 :Text $K.f(values = "apiextensions/v1.FieldValueErrorReason", proto = 4, emit = ifSet, pointer = true,
      optional = true);
  fieldPath @4 :Text $K.f(proto = 5, optional = true);
  optionalOldSelf @5 :Bool $K.f(proto = 6, emit = ifSet, pointer = true, optional = true, gates =
      ["CRDValidationRatcheting"]);
  hasOptionalOldSelf @6 :Bool $K.presence("optionalOldSelf");
}

struct WebhookClientConfig {
  url @0 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  service @1 :ServiceReference $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  caBundle @2 :Data $K.f(proto = 2, emit = ifNonEmpty, optional = true);
}

struct WebhookConversion {
  clientConfig @0 :WebhookClientConfig $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  conversionReviewVersions @1 :List(Text) $K.f(proto = 3, emit = always, listType = atomic);
}

struct JSONSchemaPropsEntry $K.entry {
  key @0 :Text $K.f(proto = 1);
  value @1 :JSONSchemaProps $K.f(proto = 2);
}

struct JSONSchemaPropsOrStringArrayEntry $K.entry {
  key @0 :Text $K.f(proto = 1);
  value @1 :JSONSchemaPropsOrStringArray $K.f(proto = 2);
}
