@0x9a472b4f888993d3;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using CoreV1 = import "/schema/core_v1.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::storage::v1");
$K.package(name = "storage/v1", group = "storage.k8s.io", version = "v1", enums = [(name = "storage/v1.FSGroupPolicy",
    values = ["ReadWriteOnceWithFSType", "File", "None"]), (name = "storage/v1.VolumeBindingMode", closed = true,
    values = ["Immediate", "WaitForFirstConsumer"]), (name = "storage/v1.VolumeLifecycleMode", values = ["Persistent",
    "Ephemeral"])]);

struct CSIDriver $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.18"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always);
  spec @1 :CSIDriverSpec $K.f(proto = 2, emit = always);
}

struct CSIDriverList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.18"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(CSIDriver) $K.f(proto = 2, emit = always);
}

struct CSIDriverSpec {
  attachRequired @0 :Bool $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasAttachRequired @1 :Bool $K.presence("attachRequired");
  podInfoOnMount @2 :Bool $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasPodInfoOnMount @3 :Bool $K.presence("podInfoOnMount");
  volumeLifecycleModes @4 :List(Text) $K.f(values = "storage/v1.VolumeLifecycleMode", proto = 3, emit = ifNonEmpty,
      optional = true, listType = set);
  storageCapacity @5 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true, gates =
      ["CSIStorageCapacity"]);
  hasStorageCapacity @6 :Bool $K.presence("storageCapacity");
  fsGroupPolicy @7 :Text $K.f(values = "storage/v1.FSGroupPolicy", proto = 5, emit = ifSet, pointer = true, optional =
      true);
  tokenRequests @8 :List(TokenRequest) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = atomic);
  requiresRepublish @9 :Bool $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasRequiresRepublish @10 :Bool $K.presence("requiresRepublish");
  seLinuxMount @11 :Bool $K.f(proto = 8, emit = ifSet, pointer = true, optional = true, gates =
      ["SELinuxMountReadWriteOncePod"]);
  hasSeLinuxMount @12 :Bool $K.presence("seLinuxMount");
  nodeAllocatableUpdatePeriodSeconds @13 :Int64 $K.f(proto = 9, emit = ifSet, pointer = true, optional = true, gates =
      ["MutableCSINodeAllocatableCount"]);
  hasNodeAllocatableUpdatePeriodSeconds @14 :Bool $K.presence("nodeAllocatableUpdatePeriodSeconds");
  serviceAccountTokenInSecrets @15 :Bool $K.f(proto = 10, emit = ifSet, pointer = true, optional = true, gates =
      ["CSIServiceAccountTokenSecrets"]);
  hasServiceAccountTokenInSecrets @16 :Bool $K.presence("serviceAccountTokenInSecrets");
  preventPodSchedulingIfMissing @17 :Bool $K.f(proto = 11, emit = ifSet, pointer = true, optional = true, gates =
      ["VolumeLimitScaling"]);
  hasPreventPodSchedulingIfMissing @18 :Bool $K.presence("preventPodSchedulingIfMissing");
}

struct CSINode $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.17"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always);
  spec @1 :CSINodeSpec $K.f(proto = 2, emit = always);
}

struct CSINodeDriver {
  name @0 :Text $K.f(proto = 1, emit = always);
  nodeID @1 :Text $K.f(proto = 2, emit = always);
  topologyKeys @2 :List(Text) $K.f(proto = 3, emit = always, optional = true, listType = atomic);
  allocatable @3 :VolumeNodeResources $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct CSINodeList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.17"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(CSINode) $K.f(proto = 2, emit = always);
}

struct CSINodeSpec {
  drivers @0 :List(CSINodeDriver) $K.f(proto = 1, emit = always, listType = map, keys = ["name"], patch = "merge",
      mergeKey = "name");
}

struct CSIStorageCapacity $K.type(typeMeta = true, markers = ["genclient",
    "k8s:prerelease-lifecycle-gen:introduced=1.24"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  nodeTopology @1 :MetaV1.LabelSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  storageClassName @2 :Text $K.f(proto = 3, emit = always);
  capacity @3 :Text $K.f(kind = quantity, proto = 4, emit = ifSet, pointer = true, optional = true);
  maximumVolumeSize @4 :Text $K.f(kind = quantity, proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct CSIStorageCapacityList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.24"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(CSIStorageCapacity) $K.f(proto = 2, emit = always);
}

struct StorageClass $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.6"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  provisioner @1 :Text $K.f(proto = 2, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:immutable"]);
  parameters @2 :List(K.TextEntry) $K.f(kind = map, proto = 3, emit = ifNonEmpty, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:immutable", "k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  reclaimPolicy @3 :Text $K.f(values = "core/v1.PersistentVolumeReclaimPolicy", proto = 4, emit = ifSet, pointer =
      true, optional = true, rules = ["k8s:alpha(since: \"1.36\")=+k8s:immutable",
      "k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  mountOptions @4 :List(Text) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
  allowVolumeExpansion @5 :Bool $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  hasAllowVolumeExpansion @6 :Bool $K.presence("allowVolumeExpansion");
  volumeBindingMode @7 :Text $K.f(values = "storage/v1.VolumeBindingMode", proto = 7, emit = ifSet, pointer = true,
      optional = true, rules = ["k8s:alpha(since: \"1.36\")=+k8s:immutable",
      "k8s:alpha(since: \"1.36\")=+k8s:optional"]);
  allowedTopologies @8 :List(CoreV1.TopologySelectorTerm) $K.f(proto = 8, emit = ifNonEmpty, optional = true, listType
      = atomic);
}

struct StorageClassList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.6"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(StorageClass) $K.f(proto = 2, emit = always);
}

struct TokenRequest {
  audience @0 :Text $K.f(proto = 1, emit = always);
  expirationSeconds @1 :Int64 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasExpirationSeconds @2 :Bool $K.presence("expirationSeconds");
}

struct VolumeAttachment $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.13", "k8s:supportsSubresource=\"/status\""]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :VolumeAttachmentSpec $K.f(proto = 2, emit = always, rules = ["k8s:alpha(since: \"1.36\")=+k8s:immutable",
      "required"]);
  status @2 :VolumeAttachmentStatus $K.f(proto = 3, emit = always, optional = true);
}

struct VolumeAttachmentList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.13"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(VolumeAttachment) $K.f(proto = 2, emit = always);
}

struct VolumeAttachmentSource {
  persistentVolumeName @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  inlineVolumeSpec @1 :CoreV1.PersistentVolumeSpec $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct VolumeAttachmentSpec {
  attacher @0 :Text $K.f(proto = 1, emit = always, rules = ["required", "k8s:alpha(since: \"1.36\")=+k8s:required",
      "k8s:alpha(since: \"1.36\")=+k8s:format=\"k8s-long-name-caseless\"",
      "k8s:alpha(since: \"1.36\")=+k8s:maxLength=63"]);
  source @1 :VolumeAttachmentSource $K.f(proto = 2, emit = always);
  nodeName @2 :Text $K.f(proto = 3, emit = always);
}

struct VolumeAttachmentStatus {
  attached @0 :Bool $K.f(proto = 1, emit = always);
  attachmentMetadata @1 :List(K.TextEntry) $K.f(kind = map, proto = 2, emit = ifNonEmpty, optional = true);
  attachError @2 :VolumeError $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  detachError @3 :VolumeError $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct VolumeAttributesClass $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  driverName @1 :Text $K.f(proto = 2, emit = always);
  parameters @2 :List(K.TextEntry) $K.f(kind = map, proto = 3, emit = ifNonEmpty);
}

struct VolumeAttributesClassList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.34"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(VolumeAttributesClass) $K.f(proto = 2, emit = always);
}

struct VolumeError {
  time @0 :Int64 $K.f(kind = time, proto = 1, emit = always, optional = true);
  hasTime @1 :Bool $K.presence("time");
  message @2 :Text $K.f(proto = 2, optional = true);
  errorCode @3 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true, gates =
      ["MutableCSINodeAllocatableCount"]);
  hasErrorCode @4 :Bool $K.presence("errorCode");
}

struct VolumeNodeResources {
  count @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasCount @1 :Bool $K.presence("count");
}
