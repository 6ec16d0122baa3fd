@0x81a495e9774f13aa;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";

$Cxx.namespace("troupe::k8s::meta::v1");
$K.package(name = "meta/v1", group = "meta.k8s.io", version = "v1", enums = [(name = "meta/v1.CauseType", values =
    ["FieldValueNotFound", "FieldValueRequired", "FieldValueDuplicate", "FieldValueInvalid", "FieldValueNotSupported",
    "FieldValueForbidden", "FieldValueTooLong", "FieldValueTooMany", "InternalError", "FieldValueTypeInvalid",
    "UnexpectedServerResponse", "FieldManagerConflict", "ResourceVersionTooLarge"]), (name = "meta/v1.ConditionStatus",
    values = ["True", "False", "Unknown"]), (name = "meta/v1.DeletionPropagation", values = ["Orphan", "Background",
    "Foreground"]), (name = "meta/v1.FieldSelectorOperator", values = ["In", "NotIn", "Exists", "DoesNotExist"]), (name
    = "meta/v1.IncludeObjectPolicy", values = ["None", "Metadata", "Object"]), (name = "meta/v1.LabelSelectorOperator",
    values = ["In", "NotIn", "Exists", "DoesNotExist"]), (name = "meta/v1.ManagedFieldsOperationType", values =
    ["Apply", "Update"]), (name = "meta/v1.ResourceVersionMatch", values = ["NotOlderThan", "Exact"]), (name =
    "meta/v1.RowConditionType", values = ["Completed"]), (name = "meta/v1.StatusReason", values = ["", "Unauthorized",
    "Forbidden", "NotFound", "AlreadyExists", "Conflict", "Gone", "Invalid", "ServerTimeout", "StorageReadError",
    "Timeout", "TooManyRequests", "BadRequest", "MethodNotAllowed", "NotAcceptable", "RequestEntityTooLarge",
    "UnsupportedMediaType", "InternalError", "Expired", "ServiceUnavailable"])]);

struct APIGroup $K.type(typeMeta = true, kinds = [(version = "v1")]) {
  name @0 :Text $K.f(proto = 1, emit = always);
  versions @1 :List(GroupVersionForDiscovery) $K.f(proto = 2, emit = always, listType = atomic);
  preferredVersion @2 :GroupVersionForDiscovery $K.f(proto = 3, emit = always, optional = true);
  serverAddressByClientCIDRs @3 :List(ServerAddressByClientCIDR) $K.f(proto = 4, emit = ifNonEmpty, optional = true,
      listType = atomic);
}

struct APIGroupList $K.type(typeMeta = true, kinds = [(version = "v1")]) {
  groups @0 :List(APIGroup) $K.f(proto = 1, emit = always, listType = atomic);
}

struct APIResource {
  name @0 :Text $K.f(proto = 1, emit = always);
  singularName @1 :Text $K.f(proto = 6, emit = always);
  namespaced @2 :Bool $K.f(proto = 2, emit = always);
  group @3 :Text $K.f(proto = 8);
  version @4 :Text $K.f(proto = 9);
  kind @5 :Text $K.f(proto = 3, emit = always);
  verbs @6 :List(Text) $K.f(wrapped = true, proto = 4, emit = always);
  shortNames @7 :List(Text) $K.f(proto = 5, emit = ifNonEmpty, listType = atomic);
  categories @8 :List(Text) $K.f(proto = 7, emit = ifNonEmpty, listType = atomic);
  storageVersionHash @9 :Text $K.f(proto = 10, optional = true);
}

struct APIResourceList $K.type(typeMeta = true, kinds = [(version = "v1")]) {
  groupVersion @0 :Text $K.f(proto = 1, emit = always);
  resources @1 :List(APIResource) $K.f(proto = 2, emit = always, listType = atomic);
}

struct APIVersions $K.type(typeMeta = true, kinds = [(version = "v1")]) {
  versions @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic);
  serverAddressByClientCIDRs @1 :List(ServerAddressByClientCIDR) $K.f(proto = 2, emit = always, listType = atomic);
}

struct ApplyOptions $K.type(typeMeta = true, kinds = [(group = "*", version = "*")]) {
  dryRun @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  force @1 :Bool $K.f(proto = 2, emit = always);
  fieldManager @2 :Text $K.f(proto = 3, emit = always);
}

struct Condition {
  type @0 :Text $K.f(proto = 1, emit = always, rules = ["required", "kubebuilder:validation:Required",
      "kubebuilder:validation:Pattern=`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`",
      "kubebuilder:validation:MaxLength=316"]);
  status @1 :Text $K.f(values = "meta/v1.ConditionStatus", proto = 2, emit = always, rules = ["required",
      "kubebuilder:validation:Required", "kubebuilder:validation:Enum=True;False;Unknown"]);
  observedGeneration @2 :Int64 $K.f(proto = 3, optional = true, rules = ["kubebuilder:validation:Minimum=0"]);
  lastTransitionTime @3 :Int64 $K.f(kind = time, proto = 4, emit = always, rules = ["required",
      "kubebuilder:validation:Required", "kubebuilder:validation:Type=string",
      "kubebuilder:validation:Format=date-time"]);
  hasLastTransitionTime @4 :Bool $K.presence("lastTransitionTime");
  reason @5 :Text $K.f(proto = 5, emit = always, rules = ["required", "kubebuilder:validation:Required",
      "kubebuilder:validation:MaxLength=1024", "kubebuilder:validation:MinLength=1",
      "kubebuilder:validation:Pattern=`^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$`"]);
  message @6 :Text $K.f(proto = 6, emit = always, rules = ["required", "kubebuilder:validation:Required",
      "kubebuilder:validation:MaxLength=32768"]);
}

struct CreateOptions $K.type(typeMeta = true, kinds = [(group = "*", version = "*")]) {
  dryRun @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  fieldManager @1 :Text $K.f(proto = 3, optional = true);
  fieldValidation @2 :Text $K.f(proto = 4, optional = true);
}

struct DeleteOptions $K.type(typeMeta = true, kinds = [(group = "*", version = "*")]) {
  gracePeriodSeconds @0 :Int64 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasGracePeriodSeconds @1 :Bool $K.presence("gracePeriodSeconds");
  preconditions @2 :Preconditions $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:conversion-gen=false"]);
  orphanDependents @3 :Bool $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasOrphanDependents @4 :Bool $K.presence("orphanDependents");
  propagationPolicy @5 :Text $K.f(values = "meta/v1.DeletionPropagation", proto = 4, emit = ifSet, pointer = true,
      optional = true);
  dryRun @6 :List(Text) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
  ignoreStoreReadErrorWithClusterBreakingPotential @7 :Bool $K.f(proto = 6, emit = ifSet, pointer = true, optional =
      true);
  hasIgnoreStoreReadErrorWithClusterBreakingPotential @8 :Bool $K.presence("ignoreStoreReadErrorWithClusterBreakingPotential");
}

struct FieldSelectorRequirement {
  key @0 :Text $K.f(proto = 1, emit = always);
  operator @1 :Text $K.f(values = "meta/v1.FieldSelectorOperator", proto = 2, emit = always);
  values @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct GetOptions $K.type(typeMeta = true, kinds = [(group = "*", version = "*")]) {
  resourceVersion @0 :Text $K.f(proto = 1, optional = true);
}

struct GroupKind {
  group @0 :Text $K.f(proto = 1, emit = always);
  kind @1 :Text $K.f(proto = 2, emit = always);
}

struct GroupResource {
  group @0 :Text $K.f(proto = 1, emit = always);
  resource @1 :Text $K.f(proto = 2, emit = always);
}

struct GroupVersion {
  group @0 :Text $K.f(proto = 1, emit = always);
  version @1 :Text $K.f(proto = 2, emit = always);
}

struct GroupVersionForDiscovery {
  groupVersion @0 :Text $K.f(proto = 1, emit = always);
  version @1 :Text $K.f(proto = 2, emit = always);
}

struct GroupVersionKind {
  group @0 :Text $K.f(proto = 1, emit = always);
  version @1 :Text $K.f(proto = 2, emit = always);
  kind @2 :Text $K.f(proto = 3, emit = always);
}

struct GroupVersionResource {
  group @0 :Text $K.f(proto = 1, emit = always);
  version @1 :Text $K.f(proto = 2, emit = always);
  resource @2 :Text $K.f(proto = 3, emit = always);
}

struct LabelSelector $K.type(markers = ["structType=atomic"]) {
  matchLabels @0 :List(K.TextEntry) $K.f(kind = map, proto = 1, emit = ifNonEmpty, optional = true);
  matchExpressions @1 :List(LabelSelectorRequirement) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType =
      atomic);
}

struct LabelSelectorRequirement {
  key @0 :Text $K.f(proto = 1, emit = always);
  operator @1 :Text $K.f(values = "meta/v1.LabelSelectorOperator", proto = 2, emit = always);
  values @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct ObjectList $K.type(name = "List", typeMeta = true, kinds = [(version = "v1")]) {
  metadata @0 :ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Data) $K.f(kind = rawJson, proto = 2, emit = always);
}

struct ListMeta {
  selfLink @0 :Text $K.f(proto = 1, optional = true);
  resourceVersion @1 :Text $K.f(proto = 2, optional = true);
  continue @2 :Text $K.f(proto = 3);
  remainingItemCount @3 :Int64 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasRemainingItemCount @4 :Bool $K.presence("remainingItemCount");
  shardInfo @5 :ShardInfo $K.f(proto = 5, emit = ifSet, pointer = true, optional = true, gates =
      ["ShardedListAndWatch"]);
}

struct ListOptions $K.type(typeMeta = true, kinds = [(group = "*", version = "*")]) {
  labelSelector @0 :Text $K.f(proto = 1, optional = true);
  fieldSelector @1 :Text $K.f(proto = 2, optional = true);
  watch @2 :Bool $K.f(proto = 3, optional = true);
  allowWatchBookmarks @3 :Bool $K.f(proto = 9, optional = true);
  resourceVersion @4 :Text $K.f(proto = 4, optional = true);
  resourceVersionMatch @5 :Text $K.f(values = "meta/v1.ResourceVersionMatch", proto = 10, optional = true);
  timeoutSeconds @6 :Int64 $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasTimeoutSeconds @7 :Bool $K.presence("timeoutSeconds");
  limit @8 :Int64 $K.f(proto = 7);
  continue @9 :Text $K.f(proto = 8);
  sendInitialEvents @10 :Bool $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  hasSendInitialEvents @11 :Bool $K.presence("sendInitialEvents");
  shardSelector @12 :Text $K.f(proto = 15, optional = true, gates = ["ShardedListAndWatch"]);
}

struct ManagedFieldsEntry {
  manager @0 :Text $K.f(proto = 1);
  operation @1 :Text $K.f(values = "meta/v1.ManagedFieldsOperationType", proto = 2);
  apiVersion @2 :Text $K.f(proto = 3);
  time @3 :Int64 $K.f(kind = time, proto = 4, emit = ifSet, pointer = true, optional = true);
  hasTime @4 :Bool $K.presence("time");
  fieldsType @5 :Text $K.f(proto = 6);
  fieldsV1 @6 :Data $K.f(kind = rawJson, proto = 7, emit = ifSet, pointer = true, optional = true);
  subresource @7 :Text $K.f(proto = 8);
}

struct ObjectMeta {
  name @0 :Text $K.f(proto = 1, optional = true);
  generateName @1 :Text $K.f(proto = 2, optional = true);
  namespace @2 :Text $K.f(proto = 3, optional = true);
  selfLink @3 :Text $K.f(proto = 4, optional = true);
  uid @4 :Text $K.f(proto = 5, optional = true);
  resourceVersion @5 :Text $K.f(proto = 6, optional = true);
  generation @6 :Int64 $K.f(proto = 7, optional = true);
  creationTimestamp @7 :Int64 $K.f(kind = time, proto = 8, optional = true);
  hasCreationTimestamp @8 :Bool $K.presence("creationTimestamp");
  deletionTimestamp @9 :Int64 $K.f(kind = time, proto = 9, emit = ifSet, pointer = true, optional = true);
  hasDeletionTimestamp @10 :Bool $K.presence("deletionTimestamp");
  deletionGracePeriodSeconds @11 :Int64 $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  hasDeletionGracePeriodSeconds @12 :Bool $K.presence("deletionGracePeriodSeconds");
  labels @13 :List(K.TextEntry) $K.f(kind = map, proto = 11, emit = ifNonEmpty, optional = true);
  annotations @14 :List(K.TextEntry) $K.f(kind = map, proto = 12, emit = ifNonEmpty, optional = true);
  ownerReferences @15 :List(OwnerReference) $K.f(proto = 13, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["uid"], patch = "merge", mergeKey = "uid");
  finalizers @16 :List(Text) $K.f(proto = 14, emit = ifNonEmpty, optional = true, listType = set, patch = "merge");
  managedFields @17 :List(ManagedFieldsEntry) $K.f(proto = 17, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct OwnerReference $K.type(markers = ["structType=atomic"]) {
  apiVersion @0 :Text $K.f(proto = 5, emit = always);
  kind @1 :Text $K.f(proto = 1, emit = always);
  name @2 :Text $K.f(proto = 3, emit = always);
  uid @3 :Text $K.f(proto = 4, emit = always);
  controller @4 :Bool $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  hasController @5 :Bool $K.presence("controller");
  blockOwnerDeletion @6 :Bool $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasBlockOwnerDeletion @7 :Bool $K.presence("blockOwnerDeletion");
}

struct PartialObjectMetadata $K.type(typeMeta = true, kinds = [(group = "meta.k8s.io", version = "v1beta1")]) {
  metadata @0 :ObjectMeta $K.f(proto = 1, emit = always, optional = true);
}

struct PartialObjectMetadataList $K.type(typeMeta = true, kinds = [(group = "meta.k8s.io", version = "v1beta1")]) {
  metadata @0 :ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(PartialObjectMetadata) $K.f(proto = 2, emit = always);
}

struct PatchOptions $K.type(typeMeta = true, kinds = [(group = "*", version = "*")]) {
  dryRun @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  force @1 :Bool $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasForce @2 :Bool $K.presence("force");
  fieldManager @3 :Text $K.f(proto = 3, optional = true);
  fieldValidation @4 :Text $K.f(proto = 4, optional = true);
}

struct Preconditions {
  uid @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  resourceVersion @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct RootPaths {
  paths @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic);
}

struct ServerAddressByClientCIDR {
  clientCIDR @0 :Text $K.f(proto = 1, emit = always);
  serverAddress @1 :Text $K.f(proto = 2, emit = always);
}

struct ShardInfo {
  selector @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
}

struct Status $K.type(typeMeta = true, kinds = [(version = "v1")]) {
  metadata @0 :ListMeta $K.f(proto = 1, emit = always, optional = true);
  status @1 :Text $K.f(proto = 2, optional = true);
  message @2 :Text $K.f(proto = 3, optional = true);
  reason @3 :Text $K.f(values = "meta/v1.StatusReason", proto = 4, optional = true);
  details @4 :StatusDetails $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  code @5 :Int32 $K.f(proto = 6, optional = true);
}

struct StatusCause {
  reason @0 :Text $K.f(values = "meta/v1.CauseType", proto = 1, optional = true);
  message @1 :Text $K.f(proto = 2, optional = true);
  field @2 :Text $K.f(proto = 3, optional = true);
}

struct StatusDetails {
  name @0 :Text $K.f(proto = 1, optional = true);
  group @1 :Text $K.f(proto = 2, optional = true);
  kind @2 :Text $K.f(proto = 3, optional = true);
  uid @3 :Text $K.f(proto = 6, optional = true);
  causes @4 :List(StatusCause) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  retryAfterSeconds @5 :Int32 $K.f(proto = 5, optional = true);
}

struct Table $K.type(typeMeta = true, kinds = [(group = "meta.k8s.io", version = "v1beta1")]) {
  metadata @0 :ListMeta $K.f(emit = always, optional = true);
  columnDefinitions @1 :List(TableColumnDefinition) $K.f(emit = always, listType = atomic);
  rows @2 :List(TableRow) $K.f(emit = always, listType = atomic);
}

struct TableColumnDefinition {
  name @0 :Text $K.f(emit = always);
  type @1 :Text $K.f(emit = always);
  format @2 :Text $K.f(emit = always);
  description @3 :Text $K.f(emit = always);
  priority @4 :Int32 $K.f(emit = always);
}

struct TableOptions $K.type(typeMeta = true) {
  includeObject @0 :Text $K.f(values = "meta/v1.IncludeObjectPolicy", proto = 1);
}

struct TableRow {
  cells @0 :List(Data) $K.f(kind = rawJson, emit = always, listType = atomic);
  conditions @1 :List(TableRowCondition) $K.f(emit = ifNonEmpty, optional = true, listType = atomic);
  object @2 :Data $K.f(kind = rawJson, emit = always, optional = true);
}

struct TableRowCondition {
  type @0 :Text $K.f(values = "meta/v1.RowConditionType", emit = always);
  status @1 :Text $K.f(values = "meta/v1.ConditionStatus", emit = always);
  reason @2 :Text $K.f(optional = true);
  message @3 :Text $K.f(optional = true);
}

struct UpdateOptions $K.type(typeMeta = true, kinds = [(group = "*", version = "*")]) {
  dryRun @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  fieldManager @1 :Text $K.f(proto = 2, optional = true);
  fieldValidation @2 :Text $K.f(proto = 3, optional = true);
}

struct WatchEvent $K.type(kinds = [(group = "*", version = "*")]) {
  type @0 :Text $K.f(proto = 1, emit = always);
  object @1 :Data $K.f(kind = rawJson, proto = 2, emit = always);
}
