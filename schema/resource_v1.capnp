@0x817d4a35d3296bb6;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::resource::v1");
$K.package(name = "resource/v1", group = "resource.k8s.io", version = "v1", enums = [(name =
    "resource/v1.AllocationConfigSource", closed = true, values = ["FromClass", "FromClaim"]), (name =
    "resource/v1.DeviceTaintEffect", closed = true, values = ["None", "NoSchedule", "NoExecute"]), (name =
    "resource/v1.DeviceTolerationOperator", closed = true, values = ["Exists", "Equal"])]);

struct AllocatedDeviceStatus {
  driver @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  pool @1 :Text $K.f(proto = 2, emit = always, rules = ["required"]);
  device @2 :Text $K.f(proto = 3, emit = always, rules = ["required"]);
  shareID @3 :Text $K.f(proto = 7, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-uuid"], gates =
      ["DRAConsumableCapacity"]);
  conditions @4 :List(MetaV1.Condition) $K.f(proto = 4, emit = always, optional = true, listType = map, keys =
      ["type"]);
  data @5 :Data $K.f(kind = rawJson, proto = 5, emit = ifSet, pointer = true, optional = true);
  networkData @6 :NetworkDeviceData $K.f(proto = 6, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
}

struct AllocationResult {
  devices @0 :DeviceAllocationResult $K.f(proto = 1, emit = always, optional = true);
  nodeSelector @1 :CoreV1.NodeSelector $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  allocationTimestamp @2 :Int64 $K.f(kind = time, proto = 5, emit = ifSet, pointer = true, optional = true, gates =
      ["DRADeviceBindingConditions,DRAResourceClaimDeviceStatus"]);
  hasAllocationTimestamp @3 :Bool $K.presence("allocationTimestamp");
}

struct CELDeviceSelector {
  expression @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
}

struct CapacityRequestPolicy {
  default @0 :Text $K.f(kind = quantity, proto = 1, emit = always, pointer = true, optional = true);
  validValues @1 :List(Text) $K.f(kind = quantity, proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  validRange @2 :CapacityRequestPolicyRange $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct CapacityRequestPolicyRange {
  min @0 :Text $K.f(kind = quantity, proto = 1, emit = ifSet, pointer = true, rules = ["required"]);
  max @1 :Text $K.f(kind = quantity, proto = 2, emit = ifSet, pointer = true, optional = true);
  step @2 :Text $K.f(kind = quantity, proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct CapacityRequirements {
  requests @0 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, proto = 1, emit = ifNonEmpty, optional = true);
}

struct Counter {
  value @0 :Text $K.f(kind = quantity, proto = 1, emit = always, rules = ["required"]);
}

struct CounterSet {
  name @0 :Text $K.f(proto = 1, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-short-name"]);
  counters @1 :List(CounterEntry) $K.f(kind = map, proto = 2, emit = ifNonEmpty, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:eachKey=+k8s:format=k8s-short-name"]);
}

struct Device {
  name @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  attributes @1 :List(DeviceAttributeEntry) $K.f(kind = map, proto = 2, emit = ifNonEmpty, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  capacity @2 :List(DeviceCapacityEntry) $K.f(kind = map, proto = 3, emit = ifNonEmpty, optional = true);
  consumesCounters @3 :List(DeviceCounterConsumption) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType =
      atomic, rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unique=map",
      "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=counterSet", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=2"], gates =
      ["DRAPartitionableDevices"]);
  nodeName @4 :Text $K.f(proto = 5, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAPartitionableDevices"]);
  nodeSelector @5 :CoreV1.NodeSelector $K.f(proto = 6, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAPartitionableDevices"]);
  allNodes @6 :Bool $K.f(proto = 7, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAPartitionableDevices"]);
  hasAllNodes @7 :Bool $K.presence("allNodes");
  taints @8 :List(DeviceTaint) $K.f(proto = 8, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"], gates = ["DRADeviceTaints"]);
  bindsToNode @9 :Bool $K.f(proto = 9, emit = ifSet, pointer = true, optional = true, gates =
      ["DRADeviceBindingConditions,DRAResourceClaimDeviceStatus"]);
  hasBindsToNode @10 :Bool $K.presence("bindsToNode");
  bindingConditions @11 :List(Text) $K.f(proto = 10, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=4"], gates =
      ["DRADeviceBindingConditions,DRAResourceClaimDeviceStatus"]);
  bindingFailureConditions @12 :List(Text) $K.f(proto = 11, emit = ifNonEmpty, optional = true, listType = atomic,
      rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=4"], gates =
      ["DRADeviceBindingConditions,DRAResourceClaimDeviceStatus"]);
  allowMultipleAllocations @13 :Bool $K.f(proto = 12, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAConsumableCapacity"]);
  hasAllowMultipleAllocations @14 :Bool $K.presence("allowMultipleAllocations");
  nodeAllocatableResourceMappings @15 :List(NodeAllocatableResourceMappingEntry) $K.f(kind = map, keyValues =
      "core/v1.ResourceName", proto = 13, emit = ifNonEmpty, optional = true, gates = ["DRANodeAllocatableResources"]);
}

struct DeviceAllocationConfiguration {
  source @0 :Text $K.f(values = "resource/v1.AllocationConfigSource", proto = 1, emit = always, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  requests @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unique=set",
      "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  deviceConfiguration @2 :DeviceConfiguration $K.f(proto = 3, json = "DeviceConfiguration", inlined = true);
}

struct DeviceAllocationResult {
  results @0 :List(DeviceRequestAllocationResult) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType =
      atomic, rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  config @1 :List(DeviceAllocationConfiguration) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic,
      rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=64"]);
}

struct DeviceAttribute {
  int @0 :Int64 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unionMember"]);
  hasInt @1 :Bool $K.presence("int");
  bool @2 :Bool $K.f(proto = 3, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unionMember"]);
  hasBool @3 :Bool $K.presence("bool");
  string @4 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unionMember"]);
  version @5 :Text $K.f(proto = 5, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unionMember"]);
  ints @6 :List(Int64) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unionMember"], gates =
      ["DRAListTypeAttributes"]);
  bools @7 :List(Bool) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unionMember"], gates =
      ["DRAListTypeAttributes"]);
  strings @8 :List(Text) $K.f(proto = 8, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unionMember"], gates =
      ["DRAListTypeAttributes"]);
  versions @9 :List(Text) $K.f(proto = 9, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unionMember"], gates =
      ["DRAListTypeAttributes"]);
}

struct DeviceCapacity {
  value @0 :Text $K.f(kind = quantity, proto = 1, emit = always, rules = ["required"]);
  requestPolicy @1 :CapacityRequestPolicy $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAConsumableCapacity"]);
}

struct DeviceClaim {
  requests @0 :List(DeviceRequest) $K.f(proto = 1, emit = always, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unique=map",
      "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=name", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  constraints @1 :List(DeviceConstraint) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  config @2 :List(DeviceClaimConfiguration) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic,
      rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
}

struct DeviceClaimConfiguration {
  requests @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unique=set",
      "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  deviceConfiguration @1 :DeviceConfiguration $K.f(proto = 2, json = "DeviceConfiguration", inlined = true);
}

struct DeviceClass $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:subfield(name)=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:subfield(name)=+k8s:format=k8s-long-name"]);
  spec @1 :DeviceClassSpec $K.f(proto = 2, emit = always);
}

struct DeviceClassConfiguration {
  deviceConfiguration @0 :DeviceConfiguration $K.f(proto = 1, json = "DeviceConfiguration", inlined = true);
}

struct DeviceClassList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(DeviceClass) $K.f(proto = 2, emit = always);
}

struct DeviceClassSpec {
  selectors @0 :List(DeviceSelector) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  config @1 :List(DeviceClassConfiguration) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic,
      rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  extendedResourceName @2 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-extended-resource-name"], gates = ["DRAExtendedResource"]);
}

struct DeviceConfiguration {
  opaque @0 :OpaqueDeviceConfiguration $K.f(proto = 1, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
}

struct DeviceConstraint {
  requests @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unique=set",
      "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  matchAttribute @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-resource-fully-qualified-name"]);
  distinctAttribute @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAConsumableCapacity"]);
}

struct DeviceCounterConsumption {
  counterSet @0 :Text $K.f(proto = 1, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-short-name"]);
  counters @1 :List(CounterEntry) $K.f(kind = map, proto = 2, emit = ifNonEmpty, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:eachKey=+k8s:format=k8s-short-name"]);
}

struct DeviceRequest {
  name @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  exactly @1 :ExactDeviceRequest $K.f(proto = 2, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  firstAvailable @2 :List(DeviceSubRequest) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic,
      rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unique=map",
      "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=name", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=8"], gates =
      ["DRAPrioritizedList"]);
}

struct DeviceRequestAllocationResult {
  request @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  driver @1 :Text $K.f(proto = 2, emit = always, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-long-name-caseless", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:maxLength=63"]);
  pool @2 :Text $K.f(proto = 3, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-resource-pool-name"]);
  device @3 :Text $K.f(proto = 4, emit = always, rules = ["required"]);
  adminAccess @4 :Bool $K.f(proto = 5, emit = ifSet, pointer = true, optional = true, gates = ["DRAAdminAccess"]);
  hasAdminAccess @5 :Bool $K.presence("adminAccess");
  tolerations @6 :List(DeviceToleration) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"], gates = ["DRADeviceTaints"]);
  bindingConditions @7 :List(Text) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=4"], gates =
      ["DRADeviceBindingConditions,DRAResourceClaimDeviceStatus"]);
  bindingFailureConditions @8 :List(Text) $K.f(proto = 8, emit = ifNonEmpty, optional = true, listType = atomic, rules
      = ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=4"], gates =
      ["DRADeviceBindingConditions,DRAResourceClaimDeviceStatus"]);
  shareID @9 :Text $K.f(proto = 9, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-uuid"], gates =
      ["DRAConsumableCapacity"]);
  consumedCapacity @10 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, proto = 10, emit = ifNonEmpty, optional =
      true, gates = ["DRAConsumableCapacity"]);
}

struct DeviceSelector {
  cel @0 :CELDeviceSelector $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
}

struct DeviceSubRequest {
  name @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  deviceClassName @1 :Text $K.f(proto = 2, emit = always, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:required", "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-long-name"]);
  selectors @2 :List(DeviceSelector) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  allocationMode @3 :Text $K.f(proto = 4, optional = true, rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  count @4 :Int64 $K.f(proto = 5, optional = true);
  tolerations @5 :List(DeviceToleration) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"], gates = ["DRADeviceTaints"]);
  capacity @6 :CapacityRequirements $K.f(proto = 7, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAConsumableCapacity"]);
}

struct DeviceTaint {
  key @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  value @1 :Text $K.f(proto = 2, optional = true);
  effect @2 :Text $K.f(values = "resource/v1.DeviceTaintEffect", proto = 3, emit = always, rules = ["required",
      "k8s:alpha(since: \"1.36\")=+k8s:required"]);
  timeAdded @3 :Int64 $K.f(kind = time, proto = 4, emit = ifSet, pointer = true, optional = true);
  hasTimeAdded @4 :Bool $K.presence("timeAdded");
}

struct DeviceToleration {
  key @0 :Text $K.f(proto = 1, optional = true, rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-label-key"]);
  operator @1 :Text $K.f(values = "resource/v1.DeviceTolerationOperator", proto = 2, optional = true, default =
      "\"Equal\"", rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  value @2 :Text $K.f(proto = 3, optional = true);
  effect @3 :Text $K.f(values = "resource/v1.DeviceTaintEffect", proto = 4, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  tolerationSeconds @4 :Int64 $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasTolerationSeconds @5 :Bool $K.presence("tolerationSeconds");
}

struct ExactDeviceRequest {
  deviceClassName @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  selectors @1 :List(DeviceSelector) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=32"]);
  allocationMode @2 :Text $K.f(proto = 3, optional = true, rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  count @3 :Int64 $K.f(proto = 4, optional = true);
  adminAccess @4 :Bool $K.f(proto = 5, emit = ifSet, pointer = true, optional = true, gates = ["DRAAdminAccess"]);
  hasAdminAccess @5 :Bool $K.presence("adminAccess");
  tolerations @6 :List(DeviceToleration) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"], gates = ["DRADeviceTaints"]);
  capacity @7 :CapacityRequirements $K.f(proto = 7, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAConsumableCapacity"]);
}

struct NetworkDeviceData {
  interfaceName @0 :Text $K.f(proto = 1, optional = true, rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:maxBytes=256"]);
  ips @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unique=set",
      "k8s:alpha(since: \"1.36\")=+k8s:maxItems=16"]);
  hardwareAddress @2 :Text $K.f(proto = 3, optional = true, rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:maxBytes=128"]);
}

struct NodeAllocatableResourceMapping {
  capacityKey @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  allocationMultiplier @1 :Text $K.f(kind = quantity, proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct OpaqueDeviceConfiguration {
  driver @0 :Text $K.f(proto = 1, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:format=k8s-long-name-caseless",
      "k8s:alpha(since: \"1.36\")=+k8s:maxLength=63"]);
  parameters @1 :Data $K.f(kind = rawJson, proto = 2, emit = always, rules = ["required"]);
}

struct ResourceClaim $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.34",
    "k8s:supportsSubresource=\"/status\""]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ResourceClaimSpec $K.f(proto = 2, emit = always, rules = ["k8s:alpha(since: \"1.36\")=+k8s:immutable"]);
  status @2 :ResourceClaimStatus $K.f(proto = 3, emit = always, optional = true);
}

struct ResourceClaimConsumerReference {
  apiGroup @0 :Text $K.f(proto = 1, optional = true);
  resource @1 :Text $K.f(proto = 3, emit = always, rules = ["required"]);
  name @2 :Text $K.f(proto = 4, emit = always, rules = ["required"]);
  uid @3 :Text $K.f(proto = 5, emit = always, rules = ["required"]);
}

struct ResourceClaimList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ResourceClaim) $K.f(proto = 2, emit = always);
}

struct ResourceClaimSpec {
  devices @0 :DeviceClaim $K.f(proto = 1, emit = always, optional = true);
}

struct ResourceClaimStatus {
  allocation @0 :AllocationResult $K.f(proto = 1, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:update=NoModify"]);
  reservedFor @1 :List(ResourceClaimConsumerReference) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType =
      map, keys = ["uid"], patch = "merge", mergeKey = "uid", rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:listType=map", "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=uid",
      "k8s:alpha(since: \"1.36\")=+k8s:maxItems=256"]);
  devices @2 :List(AllocatedDeviceStatus) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["driver", "device", "pool", "shareID"], rules = ["k8s:alpha(since: \"1.36\")=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:listType=map", "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=driver",
      "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=device", "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=pool",
      "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=shareID"], gates = ["DRAResourceClaimDeviceStatus"]);
}

struct ResourceClaimTemplate $K.type(typeMeta = true, markers = ["genclient",
    "k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ResourceClaimTemplateSpec $K.f(proto = 2, emit = always);
}

struct ResourceClaimTemplateList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ResourceClaimTemplate) $K.f(proto = 2, emit = always);
}

struct ResourceClaimTemplateSpec {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ResourceClaimSpec $K.f(proto = 2, emit = always);
}

struct ResourcePool {
  name @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  generation @1 :Int64 $K.f(proto = 2, emit = always, rules = ["required"]);
  resourceSliceCount @2 :Int64 $K.f(proto = 3, emit = always, rules = ["required"]);
}

struct ResourceSlice $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ResourceSliceSpec $K.f(proto = 2, emit = always, rules = ["required"]);
}

struct ResourceSliceList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ResourceSlice) $K.f(proto = 2, emit = always);
}

struct ResourceSliceSpec {
  driver @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  pool @1 :ResourcePool $K.f(proto = 2, emit = always, rules = ["required"]);
  nodeName @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  nodeSelector @3 :CoreV1.NodeSelector $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  allNodes @4 :Bool $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasAllNodes @5 :Bool $K.presence("allNodes");
  devices @6 :List(Device) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  perDeviceNodeSelection @7 :Bool $K.f(proto = 7, emit = ifSet, pointer = true, optional = true, gates =
      ["DRAPartitionableDevices"]);
  hasPerDeviceNodeSelection @8 :Bool $K.presence("perDeviceNodeSelection");
  sharedCounters @9 :List(CounterSet) $K.f(proto = 8, emit = ifNonEmpty, optional = true, listType = atomic, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:unique=map",
      "k8s:alpha(since: \"1.36\")=+k8s:listMapKey=name", "k8s:alpha(since: \"1.36\")=+k8s:maxItems=8"], gates =
      ["DRAPartitionableDevices"]);
}

struct CounterEntry $K.entry {
  key @0 :Text $K.f(proto = 1);
  value @1 :Counter $K.f(proto = 2);
}

struct DeviceAttributeEntry $K.entry {
  key @0 :Text $K.f(proto = 1);
  value @1 :DeviceAttribute $K.f(proto = 2);
}

struct DeviceCapacityEntry $K.entry {
  key @0 :Text $K.f(proto = 1);
  value @1 :DeviceCapacity $K.f(proto = 2);
}

struct NodeAllocatableResourceMappingEntry $K.entry {
  key @0 :Text $K.f(proto = 1);
  value @1 :NodeAllocatableResourceMapping $K.f(proto = 2);
}
