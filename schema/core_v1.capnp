@0xb1786d169261f1ab;
# Written by schema/tools/generate.py from facts/api and ordinals.lock.json: change those.

using Cxx = import "/capnp/c++.capnp";
using K = import "/schema/kubernetes.capnp";
using MetaV1 = import "/schema/meta_v1.capnp";

$Cxx.namespace("troupe::k8s::core::v1");
$K.package(name = "core/v1", version = "v1", enums = [(name = "core/v1.AppArmorProfileType", closed = true, values =
    ["Unconfined", "RuntimeDefault", "Localhost"]), (name = "core/v1.AzureDataDiskCachingMode", closed = true, values =
    ["None", "ReadOnly", "ReadWrite"]), (name = "core/v1.AzureDataDiskKind", closed = true, values = ["Shared",
    "Dedicated", "Managed"]), (name = "core/v1.ClaimResourceStatus", closed = true, values =
    ["ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizePending", "NodeResizeInProgress",
    "NodeResizeInfeasible"]), (name = "core/v1.ComponentConditionType", values = ["Healthy"]), (name =
    "core/v1.ConditionStatus", values = ["True", "False", "Unknown"]), (name = "core/v1.ContainerRestartPolicy", values
    = ["Always", "Never", "OnFailure"]), (name = "core/v1.ContainerRestartRuleAction", values = ["Restart",
    "RestartAllContainers"]), (name = "core/v1.ContainerRestartRuleOnExitCodesOperator", values = ["In", "NotIn"]),
    (name = "core/v1.DNSPolicy", closed = true, values = ["ClusterFirstWithHostNet", "ClusterFirst", "Default",
    "None"]), (name = "core/v1.FinalizerName", values = ["kubernetes"]), (name = "core/v1.HostPathType", closed = true,
    values = ["", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket", "CharDevice", "BlockDevice"]),
    (name = "core/v1.IPFamily", closed = true, values = ["IPv4", "IPv6", ""]), (name = "core/v1.IPFamilyPolicy", closed
    = true, values = ["SingleStack", "PreferDualStack", "RequireDualStack"]), (name = "core/v1.LimitType", values =
    ["Pod", "Container", "PersistentVolumeClaim"]), (name = "core/v1.LoadBalancerIPMode", values = ["VIP", "Proxy"]),
    (name = "core/v1.MountPropagationMode", closed = true, values = ["None", "HostToContainer", "Bidirectional"]),
    (name = "core/v1.NamespaceConditionType", values = ["NamespaceDeletionDiscoveryFailure",
    "NamespaceDeletionContentFailure", "NamespaceDeletionGroupVersionParsingFailure", "NamespaceContentRemaining",
    "NamespaceFinalizersRemaining"]), (name = "core/v1.NamespacePhase", closed = true, values = ["Active",
    "Terminating"]), (name = "core/v1.NodeAddressType", values = ["Hostname", "InternalIP", "ExternalIP",
    "InternalDNS", "ExternalDNS"]), (name = "core/v1.NodeConditionType", values = ["Ready", "MemoryPressure",
    "DiskPressure", "PIDPressure", "NetworkUnavailable"]), (name = "core/v1.NodeInclusionPolicy", closed = true, values
    = ["Ignore", "Honor"]), (name = "core/v1.NodePhase", closed = true, values = ["Pending", "Running", "Terminated"]),
    (name = "core/v1.NodeSelectorOperator", closed = true, values = ["In", "NotIn", "Exists", "DoesNotExist", "Gt",
    "Lt"]), (name = "core/v1.OSName", values = ["linux", "windows"]), (name = "core/v1.PersistentVolumeAccessMode",
    closed = true, values = ["ReadWriteOnce", "ReadOnlyMany", "ReadWriteMany", "ReadWriteOncePod"]), (name =
    "core/v1.PersistentVolumeClaimConditionType", values = ["Resizing", "FileSystemResizePending",
    "ControllerResizeError", "NodeResizeError", "ModifyVolumeError", "ModifyingVolume", "Unused"]), (name =
    "core/v1.PersistentVolumeClaimModifyVolumeStatus", closed = true, values = ["Pending", "InProgress",
    "Infeasible"]), (name = "core/v1.PersistentVolumeClaimPhase", closed = true, values = ["Pending", "Bound",
    "Lost"]), (name = "core/v1.PersistentVolumeMode", closed = true, values = ["Block", "Filesystem"]), (name =
    "core/v1.PersistentVolumePhase", closed = true, values = ["Pending", "Available", "Bound", "Released", "Failed"]),
    (name = "core/v1.PersistentVolumeReclaimPolicy", closed = true, values = ["Recycle", "Delete", "Retain"]), (name =
    "core/v1.PodConditionType", values = ["ContainersReady", "Initialized", "Ready", "PodScheduled",
    "DisruptionTarget", "PodReadyToStartContainers", "PodResizePending", "PodResizeInProgress",
    "AllContainersRestarting"]), (name = "core/v1.PodFSGroupChangePolicy", closed = true, values = ["OnRootMismatch",
    "Always"]), (name = "core/v1.PodPhase", closed = true, values = ["Pending", "Running", "Succeeded", "Failed",
    "Unknown"]), (name = "core/v1.PodQOSClass", closed = true, values = ["Guaranteed", "Burstable", "BestEffort"]),
    (name = "core/v1.PodResizeStatus", values = ["InProgress", "Deferred", "Infeasible"]), (name =
    "core/v1.PodSELinuxChangePolicy", values = ["Recursive", "MountOption"]), (name = "core/v1.PreemptionPolicy",
    closed = true, values = ["PreemptLowerPriority", "Never"]), (name = "core/v1.ProcMountType", closed = true, values
    = ["Default", "Unmasked"]), (name = "core/v1.Protocol", closed = true, values = ["TCP", "UDP", "SCTP"]), (name =
    "core/v1.PullPolicy", closed = true, values = ["Always", "Never", "IfNotPresent"]), (name =
    "core/v1.RecursiveReadOnlyMode", values = ["Disabled", "IfPossible", "Enabled"]), (name =
    "core/v1.ReplicationControllerConditionType", values = ["ReplicaFailure"]), (name = "core/v1.ResourceHealthStatus",
    values = ["Healthy", "Unhealthy", "Unknown"]), (name = "core/v1.ResourceName", values = ["cpu", "memory",
    "storage", "ephemeral-storage", "pods", "services", "replicationcontrollers", "resourcequotas", "secrets",
    "configmaps", "persistentvolumeclaims", "services.nodeports", "services.loadbalancers", "requests.cpu",
    "requests.memory", "requests.storage", "requests.ephemeral-storage", "limits.cpu", "limits.memory",
    "limits.ephemeral-storage"]), (name = "core/v1.ResourceQuotaScope", closed = true, values = ["Terminating",
    "NotTerminating", "BestEffort", "NotBestEffort", "PriorityClass", "CrossNamespacePodAffinity",
    "VolumeAttributesClass"]), (name = "core/v1.ResourceResizeRestartPolicy", values = ["NotRequired",
    "RestartContainer"]), (name = "core/v1.RestartPolicy", closed = true, values = ["Always", "OnFailure", "Never"]),
    (name = "core/v1.ScopeSelectorOperator", closed = true, values = ["In", "NotIn", "Exists", "DoesNotExist"]), (name
    = "core/v1.SeccompProfileType", closed = true, values = ["Unconfined", "RuntimeDefault", "Localhost"]), (name =
    "core/v1.SecretType", values = ["Opaque", "kubernetes.io/service-account-token", "kubernetes.io/dockercfg",
    "kubernetes.io/dockerconfigjson", "kubernetes.io/basic-auth", "kubernetes.io/ssh-auth", "kubernetes.io/tls",
    "bootstrap.kubernetes.io/token"]), (name = "core/v1.ServiceAffinity", closed = true, values = ["ClientIP",
    "None"]), (name = "core/v1.ServiceExternalTrafficPolicy", closed = true, values = ["Cluster", "Local"]), (name =
    "core/v1.ServiceInternalTrafficPolicy", closed = true, values = ["Cluster", "Local"]), (name =
    "core/v1.ServiceType", closed = true, values = ["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]), (name =
    "core/v1.Signal", closed = true, values = ["SIGABRT", "SIGALRM", "SIGBUS", "SIGCHLD", "SIGCLD", "SIGCONT",
    "SIGFPE", "SIGHUP", "SIGILL", "SIGINT", "SIGIO", "SIGIOT", "SIGKILL", "SIGPIPE", "SIGPOLL", "SIGPROF", "SIGPWR",
    "SIGQUIT", "SIGSEGV", "SIGSTKFLT", "SIGSTOP", "SIGSYS", "SIGTERM", "SIGTRAP", "SIGTSTP", "SIGTTIN", "SIGTTOU",
    "SIGURG", "SIGUSR1", "SIGUSR2", "SIGVTALRM", "SIGWINCH", "SIGXCPU", "SIGXFSZ", "SIGRTMIN", "SIGRTMIN+1",
    "SIGRTMIN+2", "SIGRTMIN+3", "SIGRTMIN+4", "SIGRTMIN+5", "SIGRTMIN+6", "SIGRTMIN+7", "SIGRTMIN+8", "SIGRTMIN+9",
    "SIGRTMIN+10", "SIGRTMIN+11", "SIGRTMIN+12", "SIGRTMIN+13", "SIGRTMIN+14", "SIGRTMIN+15", "SIGRTMAX-14",
    "SIGRTMAX-13", "SIGRTMAX-12", "SIGRTMAX-11", "SIGRTMAX-10", "SIGRTMAX-9", "SIGRTMAX-8", "SIGRTMAX-7", "SIGRTMAX-6",
    "SIGRTMAX-5", "SIGRTMAX-4", "SIGRTMAX-3", "SIGRTMAX-2", "SIGRTMAX-1", "SIGRTMAX"]), (name =
    "core/v1.StorageMedium", values = ["", "Memory", "HugePages", "HugePages-"]), (name =
    "core/v1.SupplementalGroupsPolicy", closed = true, values = ["Merge", "Strict"]), (name = "core/v1.TaintEffect",
    closed = true, values = ["NoSchedule", "PreferNoSchedule", "NoExecute"]), (name =
    "core/v1.TerminationMessagePolicy", closed = true, values = ["File", "FallbackToLogsOnError"]), (name =
    "core/v1.TolerationOperator", closed = true, values = ["Exists", "Equal", "Lt", "Gt"]), (name =
    "core/v1.URIScheme", closed = true, values = ["HTTP", "HTTPS"]), (name = "core/v1.UnsatisfiableConstraintAction",
    closed = true, values = ["DoNotSchedule", "ScheduleAnyway"])]);

struct AWSElasticBlockStoreVolumeSource {
  volumeID @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2, optional = true);
  partition @2 :Int32 $K.f(proto = 3, optional = true);
  readOnly @3 :Bool $K.f(proto = 4, optional = true);
}

struct Affinity {
  nodeAffinity @0 :NodeAffinity $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  podAffinity @1 :PodAffinity $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  podAntiAffinity @2 :PodAntiAffinity $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct AppArmorProfile {
  type @0 :Text $K.f(values = "core/v1.AppArmorProfileType", proto = 1, emit = always, rules = ["unionDiscriminator"]);
  localhostProfile @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct AttachedVolume {
  name @0 :Text $K.f(proto = 1, emit = always);
  devicePath @1 :Text $K.f(proto = 2, emit = always);
}

struct AvoidPods {
  preferAvoidPods @0 :List(PreferAvoidPodsEntry) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType =
      atomic);
}

struct AzureDiskVolumeSource {
  diskName @0 :Text $K.f(proto = 1, emit = always);
  diskURI @1 :Text $K.f(proto = 2, emit = always);
  cachingMode @2 :Text $K.f(values = "core/v1.AzureDataDiskCachingMode", proto = 3, emit = ifSet, pointer = true,
      optional = true, default = "\"ReadWrite\"");
  fsType @3 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true, default = "\"ext4\"");
  readOnly @4 :Bool $K.f(proto = 5, emit = ifSet, pointer = true, optional = true, default = "false");
  hasReadOnly @5 :Bool $K.presence("readOnly");
  kind @6 :Text $K.f(values = "core/v1.AzureDataDiskKind", proto = 6, emit = ifSet, pointer = true, default =
      "\"Shared\"");
}

struct AzureFilePersistentVolumeSource {
  secretName @0 :Text $K.f(proto = 1, emit = always);
  shareName @1 :Text $K.f(proto = 2, emit = always);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
  secretNamespace @3 :Text $K.f(proto = 4, emit = always, pointer = true, optional = true);
}

struct AzureFileVolumeSource {
  secretName @0 :Text $K.f(proto = 1, emit = always);
  shareName @1 :Text $K.f(proto = 2, emit = always);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
}

struct Binding $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  target @1 :ObjectReference $K.f(proto = 2, emit = always);
}

struct CSIPersistentVolumeSource {
  driver @0 :Text $K.f(proto = 1, emit = always);
  volumeHandle @1 :Text $K.f(proto = 2, emit = always);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
  fsType @3 :Text $K.f(proto = 4, optional = true);
  volumeAttributes @4 :List(K.TextEntry) $K.f(kind = map, proto = 5, emit = ifNonEmpty, optional = true);
  controllerPublishSecretRef @5 :SecretReference $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  nodeStageSecretRef @6 :SecretReference $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  nodePublishSecretRef @7 :SecretReference $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  controllerExpandSecretRef @8 :SecretReference $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  nodeExpandSecretRef @9 :SecretReference $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
}

struct CSIVolumeSource {
  driver @0 :Text $K.f(proto = 1, emit = always);
  readOnly @1 :Bool $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasReadOnly @2 :Bool $K.presence("readOnly");
  fsType @3 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  volumeAttributes @4 :List(K.TextEntry) $K.f(kind = map, proto = 4, emit = ifNonEmpty, optional = true);
  nodePublishSecretRef @5 :LocalObjectReference $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct Capabilities {
  add @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  drop @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct CephFSPersistentVolumeSource {
  monitors @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic);
  path @1 :Text $K.f(proto = 2, optional = true);
  user @2 :Text $K.f(proto = 3, optional = true);
  secretFile @3 :Text $K.f(proto = 4, optional = true);
  secretRef @4 :SecretReference $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  readOnly @5 :Bool $K.f(proto = 6, optional = true);
}

struct CephFSVolumeSource {
  monitors @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic);
  path @1 :Text $K.f(proto = 2, optional = true);
  user @2 :Text $K.f(proto = 3, optional = true);
  secretFile @3 :Text $K.f(proto = 4, optional = true);
  secretRef @4 :LocalObjectReference $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  readOnly @5 :Bool $K.f(proto = 6, optional = true);
}

struct CinderPersistentVolumeSource {
  volumeID @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2, optional = true);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
  secretRef @3 :SecretReference $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct CinderVolumeSource {
  volumeID @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2, optional = true);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
  secretRef @3 :LocalObjectReference $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct ClientIPConfig {
  timeoutSeconds @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasTimeoutSeconds @1 :Bool $K.presence("timeoutSeconds");
}

struct ClusterTrustBundleProjection {
  name @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  signerName @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  labelSelector @2 :MetaV1.LabelSelector $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  optional @3 :Bool $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasOptional @4 :Bool $K.presence("optional");
  path @5 :Text $K.f(proto = 4, emit = always);
}

struct ComponentCondition {
  type @0 :Text $K.f(values = "core/v1.ComponentConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  message @2 :Text $K.f(proto = 3, optional = true);
  error @3 :Text $K.f(proto = 4, optional = true);
}

struct ComponentStatus $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  conditions @1 :List(ComponentCondition) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}

struct ComponentStatusList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ComponentStatus) $K.f(proto = 2, emit = always);
}

struct ConfigMap $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.2"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  immutable @1 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasImmutable @2 :Bool $K.presence("immutable");
  data @3 :List(K.TextEntry) $K.f(kind = map, proto = 2, emit = ifNonEmpty, optional = true);
  binaryData @4 :List(K.DataEntry) $K.f(kind = map, proto = 3, emit = ifNonEmpty, optional = true);
}

struct ConfigMapEnvSource {
  localObjectReference @0 :LocalObjectReference $K.f(proto = 1, json = "LocalObjectReference", inlined = true);
  optional @1 :Bool $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasOptional @2 :Bool $K.presence("optional");
}

struct ConfigMapKeySelector $K.type(markers = ["structType=atomic"]) {
  localObjectReference @0 :LocalObjectReference $K.f(proto = 1, json = "LocalObjectReference", inlined = true);
  key @1 :Text $K.f(proto = 2, emit = always);
  optional @2 :Bool $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasOptional @3 :Bool $K.presence("optional");
}

struct ConfigMapList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.2"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ConfigMap) $K.f(proto = 2, emit = always);
}

struct ConfigMapNodeConfigSource {
  namespace @0 :Text $K.f(proto = 1, emit = always);
  name @1 :Text $K.f(proto = 2, emit = always);
  uid @2 :Text $K.f(proto = 3, optional = true);
  resourceVersion @3 :Text $K.f(proto = 4, optional = true);
  kubeletConfigKey @4 :Text $K.f(proto = 5, emit = always);
}

struct ConfigMapProjection {
  localObjectReference @0 :LocalObjectReference $K.f(proto = 1, json = "LocalObjectReference", inlined = true);
  items @1 :List(KeyToPath) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  optional @2 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasOptional @3 :Bool $K.presence("optional");
}

struct ConfigMapVolumeSource {
  localObjectReference @0 :LocalObjectReference $K.f(proto = 1, json = "LocalObjectReference", inlined = true);
  items @1 :List(KeyToPath) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  defaultMode @2 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasDefaultMode @3 :Bool $K.presence("defaultMode");
  optional @4 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasOptional @5 :Bool $K.presence("optional");
}

struct Container {
  name @0 :Text $K.f(proto = 1, emit = always);
  image @1 :Text $K.f(proto = 2, optional = true);
  command @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  args @3 :List(Text) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  workingDir @4 :Text $K.f(proto = 5, optional = true);
  ports @5 :List(ContainerPort) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["containerPort", "protocol"], patch = "merge", mergeKey = "containerPort");
  envFrom @6 :List(EnvFromSource) $K.f(proto = 19, emit = ifNonEmpty, optional = true, listType = atomic);
  env @7 :List(EnvVar) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = map, keys = ["name"], patch =
      "merge", mergeKey = "name");
  resources @8 :ResourceRequirements $K.f(proto = 8, emit = always, optional = true);
  resizePolicy @9 :List(ContainerResizePolicy) $K.f(proto = 23, emit = ifNonEmpty, optional = true, listType = atomic,
      gates = ["InPlacePodVerticalScaling"]);
  restartPolicy @10 :Text $K.f(values = "core/v1.ContainerRestartPolicy", proto = 24, emit = ifSet, pointer = true,
      optional = true);
  restartPolicyRules @11 :List(ContainerRestartRule) $K.f(proto = 25, emit = ifNonEmpty, optional = true, listType =
      atomic, gates = ["ContainerRestartRules"]);
  volumeMounts @12 :List(VolumeMount) $K.f(proto = 9, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["mountPath"], patch = "merge", mergeKey = "mountPath");
  volumeDevices @13 :List(VolumeDevice) $K.f(proto = 21, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["devicePath"], patch = "merge", mergeKey = "devicePath");
  livenessProbe @14 :Probe $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  readinessProbe @15 :Probe $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  startupProbe @16 :Probe $K.f(proto = 22, emit = ifSet, pointer = true, optional = true);
  lifecycle @17 :Lifecycle $K.f(proto = 12, emit = ifSet, pointer = true, optional = true);
  terminationMessagePath @18 :Text $K.f(proto = 13, optional = true);
  terminationMessagePolicy @19 :Text $K.f(values = "core/v1.TerminationMessagePolicy", proto = 20, optional = true);
  imagePullPolicy @20 :Text $K.f(values = "core/v1.PullPolicy", proto = 14, optional = true);
  securityContext @21 :SecurityContext $K.f(proto = 15, emit = ifSet, pointer = true, optional = true);
  stdin @22 :Bool $K.f(proto = 16, optional = true);
  stdinOnce @23 :Bool $K.f(proto = 17, optional = true);
  tty @24 :Bool $K.f(proto = 18, optional = true);
}

struct ContainerExtendedResourceRequest {
  containerName @0 :Text $K.f(proto = 1, emit = always);
  resourceName @1 :Text $K.f(proto = 2, emit = always);
  requestName @2 :Text $K.f(proto = 3, emit = always);
}

struct ContainerImage {
  names @0 :List(Text) $K.f(proto = 1, emit = always, optional = true, listType = atomic);
  sizeBytes @1 :Int64 $K.f(proto = 2, optional = true);
}

struct ContainerPort {
  name @0 :Text $K.f(proto = 1, optional = true);
  hostPort @1 :Int32 $K.f(proto = 2, optional = true);
  containerPort @2 :Int32 $K.f(proto = 3, emit = always);
  protocol @3 :Text $K.f(values = "core/v1.Protocol", proto = 4, optional = true, default = "\"TCP\"");
  hostIP @4 :Text $K.f(proto = 5, optional = true);
}

struct ContainerResizePolicy {
  resourceName @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always);
  restartPolicy @1 :Text $K.f(values = "core/v1.ResourceResizeRestartPolicy", proto = 2, emit = always);
}

struct ContainerRestartRule {
  action @0 :Text $K.f(values = "core/v1.ContainerRestartRuleAction", proto = 1, rules = ["required"]);
  exitCodes @1 :ContainerRestartRuleOnExitCodes $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct ContainerRestartRuleOnExitCodes {
  operator @0 :Text $K.f(values = "core/v1.ContainerRestartRuleOnExitCodesOperator", proto = 1, rules = ["required"]);
  values @1 :List(Int32) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = set);
}

struct ContainerState {
  waiting @0 :ContainerStateWaiting $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  running @1 :ContainerStateRunning $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  terminated @2 :ContainerStateTerminated $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct ContainerStateRunning {
  startedAt @0 :Int64 $K.f(kind = time, proto = 1, emit = always, optional = true);
  hasStartedAt @1 :Bool $K.presence("startedAt");
}

struct ContainerStateTerminated {
  exitCode @0 :Int32 $K.f(proto = 1, emit = always);
  signal @1 :Int32 $K.f(proto = 2, optional = true);
  reason @2 :Text $K.f(proto = 3, optional = true);
  message @3 :Text $K.f(proto = 4, optional = true);
  startedAt @4 :Int64 $K.f(kind = time, proto = 5, emit = always, optional = true);
  hasStartedAt @5 :Bool $K.presence("startedAt");
  finishedAt @6 :Int64 $K.f(kind = time, proto = 6, emit = always, optional = true);
  hasFinishedAt @7 :Bool $K.presence("finishedAt");
  containerID @8 :Text $K.f(proto = 7, optional = true);
}

struct ContainerStateWaiting {
  reason @0 :Text $K.f(proto = 1, optional = true);
  message @1 :Text $K.f(proto = 2, optional = true);
}

struct ContainerStatus {
  name @0 :Text $K.f(proto = 1, emit = always);
  state @1 :ContainerState $K.f(proto = 2, emit = always, optional = true);
  lastState @2 :ContainerState $K.f(proto = 3, emit = always, optional = true);
  ready @3 :Bool $K.f(proto = 4, emit = always);
  restartCount @4 :Int32 $K.f(proto = 5, emit = always);
  image @5 :Text $K.f(proto = 6, emit = always);
  imageID @6 :Text $K.f(proto = 7, emit = always);
  containerID @7 :Text $K.f(proto = 8, optional = true);
  started @8 :Bool $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  hasStarted @9 :Bool $K.presence("started");
  allocatedResources @10 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName",
      proto = 10, emit = ifNonEmpty, optional = true);
  resources @11 :ResourceRequirements $K.f(proto = 11, emit = ifSet, pointer = true, optional = true, gates =
      ["InPlacePodVerticalScaling"]);
  volumeMounts @12 :List(VolumeMountStatus) $K.f(proto = 12, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["mountPath"], patch = "merge", mergeKey = "mountPath");
  user @13 :ContainerUser $K.f(proto = 13, emit = ifSet, pointer = true, optional = true, gates =
      ["SupplementalGroupsPolicy"]);
  allocatedResourcesStatus @14 :List(ResourceStatus) $K.f(proto = 14, emit = ifNonEmpty, optional = true, listType =
      map, keys = ["name"], patch = "merge", mergeKey = "name", gates = ["ResourceHealthStatus"]);
  stopSignal @15 :Text $K.f(values = "core/v1.Signal", proto = 15, emit = ifSet, pointer = true, optional = true, gates
      = ["ContainerStopSignals"]);
}

struct ContainerUser {
  linux @0 :LinuxContainerUser $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
}

struct DaemonEndpoint {
  port @0 :Int32 $K.f(proto = 1, json = "Port", emit = always);
}

struct DownwardAPIProjection {
  items @0 :List(DownwardAPIVolumeFile) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct DownwardAPIVolumeFile {
  path @0 :Text $K.f(proto = 1, emit = always);
  fieldRef @1 :ObjectFieldSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  resourceFieldRef @2 :ResourceFieldSelector $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  mode @3 :Int32 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasMode @4 :Bool $K.presence("mode");
}

struct DownwardAPIVolumeSource {
  items @0 :List(DownwardAPIVolumeFile) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  defaultMode @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasDefaultMode @2 :Bool $K.presence("defaultMode");
}

struct EmptyDirVolumeSource {
  medium @0 :Text $K.f(values = "core/v1.StorageMedium", proto = 1, optional = true);
  sizeLimit @1 :Text $K.f(kind = quantity, proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct EndpointAddress $K.type(markers = ["structType=atomic"]) {
  ip @0 :Text $K.f(proto = 1, emit = always);
  hostname @1 :Text $K.f(proto = 3, optional = true);
  nodeName @2 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  targetRef @3 :ObjectReference $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct EndpointPort $K.type(markers = ["structType=atomic"]) {
  name @0 :Text $K.f(proto = 1, optional = true);
  port @1 :Int32 $K.f(proto = 2, emit = always);
  protocol @2 :Text $K.f(values = "core/v1.Protocol", proto = 3, optional = true);
  appProtocol @3 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct EndpointSubset {
  addresses @0 :List(EndpointAddress) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  notReadyAddresses @1 :List(EndpointAddress) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  ports @2 :List(EndpointPort) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct Endpoints $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  subsets @1 :List(EndpointSubset) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct EndpointsList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Endpoints) $K.f(proto = 2, emit = always);
}

struct EnvFromSource {
  prefix @0 :Text $K.f(proto = 1, optional = true);
  configMapRef @1 :ConfigMapEnvSource $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  secretRef @2 :SecretEnvSource $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct EnvVar {
  name @0 :Text $K.f(proto = 1, emit = always);
  value @1 :Text $K.f(proto = 2, optional = true);
  valueFrom @2 :EnvVarSource $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct EnvVarSource {
  fieldRef @0 :ObjectFieldSelector $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  resourceFieldRef @1 :ResourceFieldSelector $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  configMapKeyRef @2 :ConfigMapKeySelector $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  secretKeyRef @3 :SecretKeySelector $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  fileKeyRef @4 :FileKeySelector $K.f(proto = 5, emit = ifSet, pointer = true, optional = true, gates = ["EnvFiles"]);
}

struct EphemeralContainer {
  ephemeralContainerCommon @0 :EphemeralContainerCommon $K.f(proto = 1, json = "EphemeralContainerCommon", inlined =
      true);
  targetContainerName @1 :Text $K.f(proto = 2, optional = true);
}

struct EphemeralContainerCommon {
  name @0 :Text $K.f(proto = 1, emit = always);
  image @1 :Text $K.f(proto = 2);
  command @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
  args @3 :List(Text) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  workingDir @4 :Text $K.f(proto = 5, optional = true);
  ports @5 :List(ContainerPort) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["containerPort", "protocol"], patch = "merge", mergeKey = "containerPort");
  envFrom @6 :List(EnvFromSource) $K.f(proto = 19, emit = ifNonEmpty, optional = true, listType = atomic);
  env @7 :List(EnvVar) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = map, keys = ["name"], patch =
      "merge", mergeKey = "name");
  resources @8 :ResourceRequirements $K.f(proto = 8, emit = always, optional = true);
  resizePolicy @9 :List(ContainerResizePolicy) $K.f(proto = 23, emit = ifNonEmpty, optional = true, listType = atomic,
      gates = ["InPlacePodVerticalScaling"]);
  restartPolicy @10 :Text $K.f(values = "core/v1.ContainerRestartPolicy", proto = 24, emit = ifSet, pointer = true,
      optional = true);
  restartPolicyRules @11 :List(ContainerRestartRule) $K.f(proto = 25, emit = ifNonEmpty, optional = true, listType =
      atomic, gates = ["ContainerRestartRules"]);
  volumeMounts @12 :List(VolumeMount) $K.f(proto = 9, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["mountPath"], patch = "merge", mergeKey = "mountPath");
  volumeDevices @13 :List(VolumeDevice) $K.f(proto = 21, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["devicePath"], patch = "merge", mergeKey = "devicePath");
  livenessProbe @14 :Probe $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  readinessProbe @15 :Probe $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  startupProbe @16 :Probe $K.f(proto = 22, emit = ifSet, pointer = true, optional = true);
  lifecycle @17 :Lifecycle $K.f(proto = 12, emit = ifSet, pointer = true, optional = true);
  terminationMessagePath @18 :Text $K.f(proto = 13, optional = true);
  terminationMessagePolicy @19 :Text $K.f(values = "core/v1.TerminationMessagePolicy", proto = 20, optional = true);
  imagePullPolicy @20 :Text $K.f(values = "core/v1.PullPolicy", proto = 14, optional = true);
  securityContext @21 :SecurityContext $K.f(proto = 15, emit = ifSet, pointer = true, optional = true);
  stdin @22 :Bool $K.f(proto = 16, optional = true);
  stdinOnce @23 :Bool $K.f(proto = 17, optional = true);
  tty @24 :Bool $K.f(proto = 18, optional = true);
}

struct EphemeralVolumeSource {
  volumeClaimTemplate @0 :PersistentVolumeClaimTemplate $K.f(proto = 1, emit = ifSet, pointer = true);
}

struct Event $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always);
  involvedObject @1 :ObjectReference $K.f(proto = 2, emit = always);
  reason @2 :Text $K.f(proto = 3, optional = true);
  message @3 :Text $K.f(proto = 4, optional = true);
  source @4 :EventSource $K.f(proto = 5, emit = always, optional = true);
  firstTimestamp @5 :Int64 $K.f(kind = time, proto = 6, emit = always, optional = true);
  hasFirstTimestamp @6 :Bool $K.presence("firstTimestamp");
  lastTimestamp @7 :Int64 $K.f(kind = time, proto = 7, emit = always, optional = true);
  hasLastTimestamp @8 :Bool $K.presence("lastTimestamp");
  count @9 :Int32 $K.f(proto = 8, optional = true);
  type @10 :Text $K.f(proto = 9, optional = true);
  eventTime @11 :Int64 $K.f(kind = microTime, proto = 10, emit = always, optional = true);
  hasEventTime @12 :Bool $K.presence("eventTime");
  series @13 :EventSeries $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  action @14 :Text $K.f(proto = 12, optional = true);
  related @15 :ObjectReference $K.f(proto = 13, emit = ifSet, pointer = true, optional = true);
  reportingComponent @16 :Text $K.f(proto = 14, emit = always, optional = true);
  reportingInstance @17 :Text $K.f(proto = 15, emit = always, optional = true);
}

struct EventList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Event) $K.f(proto = 2, emit = always);
}

struct EventSeries {
  count @0 :Int32 $K.f(proto = 1);
  lastObservedTime @1 :Int64 $K.f(kind = microTime, proto = 2, emit = always);
  hasLastObservedTime @2 :Bool $K.presence("lastObservedTime");
}

struct EventSource {
  component @0 :Text $K.f(proto = 1, optional = true);
  host @1 :Text $K.f(proto = 2, optional = true);
}

struct ExecAction {
  command @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct FCVolumeSource {
  targetWWNs @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  lun @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasLun @2 :Bool $K.presence("lun");
  fsType @3 :Text $K.f(proto = 3, optional = true);
  readOnly @4 :Bool $K.f(proto = 4, optional = true);
  wwids @5 :List(Text) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct FileKeySelector $K.type(markers = ["structType=atomic"]) {
  volumeName @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  path @1 :Text $K.f(proto = 2, emit = always, rules = ["required"]);
  key @2 :Text $K.f(proto = 3, emit = always, rules = ["required"]);
  optional @3 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true, default = "false");
  hasOptional @4 :Bool $K.presence("optional");
}

struct FlexPersistentVolumeSource {
  driver @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2, optional = true);
  secretRef @2 :SecretReference $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  readOnly @3 :Bool $K.f(proto = 4, optional = true);
  options @4 :List(K.TextEntry) $K.f(kind = map, proto = 5, emit = ifNonEmpty, optional = true);
}

struct FlexVolumeSource {
  driver @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2, optional = true);
  secretRef @2 :LocalObjectReference $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  readOnly @3 :Bool $K.f(proto = 4, optional = true);
  options @4 :List(K.TextEntry) $K.f(kind = map, proto = 5, emit = ifNonEmpty, optional = true);
}

struct FlockerVolumeSource {
  datasetName @0 :Text $K.f(proto = 1, optional = true);
  datasetUUID @1 :Text $K.f(proto = 2, optional = true);
}

struct GCEPersistentDiskVolumeSource {
  pdName @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2, optional = true);
  partition @2 :Int32 $K.f(proto = 3, optional = true);
  readOnly @3 :Bool $K.f(proto = 4, optional = true);
}

struct GRPCAction {
  port @0 :Int32 $K.f(proto = 1, emit = always);
  service @1 :Text $K.f(proto = 2, emit = always, pointer = true, optional = true, default = "\"\"");
}

struct GitRepoVolumeSource {
  repository @0 :Text $K.f(proto = 1, emit = always);
  revision @1 :Text $K.f(proto = 2, optional = true);
  directory @2 :Text $K.f(proto = 3, optional = true);
}

struct GlusterfsPersistentVolumeSource {
  endpoints @0 :Text $K.f(proto = 1, emit = always);
  path @1 :Text $K.f(proto = 2, emit = always);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
  endpointsNamespace @3 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct GlusterfsVolumeSource {
  endpoints @0 :Text $K.f(proto = 1, emit = always);
  path @1 :Text $K.f(proto = 2, emit = always);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
}

struct HTTPGetAction {
  path @0 :Text $K.f(proto = 1, optional = true);
  port @1 :K.IntOrString $K.f(proto = 2, emit = always);
  host @2 :Text $K.f(proto = 3, optional = true);
  scheme @3 :Text $K.f(values = "core/v1.URIScheme", proto = 4, optional = true);
  httpHeaders @4 :List(HTTPHeader) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct HTTPHeader {
  name @0 :Text $K.f(proto = 1, emit = always);
  value @1 :Text $K.f(proto = 2, emit = always);
}

struct HostAlias {
  ip @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  hostnames @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, listType = atomic);
}

struct HostIP {
  ip @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
}

struct HostPathVolumeSource {
  path @0 :Text $K.f(proto = 1, emit = always);
  type @1 :Text $K.f(values = "core/v1.HostPathType", proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct ISCSIPersistentVolumeSource {
  targetPortal @0 :Text $K.f(proto = 1, emit = always);
  iqn @1 :Text $K.f(proto = 2, emit = always);
  lun @2 :Int32 $K.f(proto = 3, emit = always);
  iscsiInterface @3 :Text $K.f(proto = 4, optional = true, default = "\"default\"");
  fsType @4 :Text $K.f(proto = 5, optional = true);
  readOnly @5 :Bool $K.f(proto = 6, optional = true);
  portals @6 :List(Text) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = atomic);
  chapAuthDiscovery @7 :Bool $K.f(proto = 8, optional = true);
  chapAuthSession @8 :Bool $K.f(proto = 11, optional = true);
  secretRef @9 :SecretReference $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  initiatorName @10 :Text $K.f(proto = 12, emit = ifSet, pointer = true, optional = true);
}

struct ISCSIVolumeSource {
  targetPortal @0 :Text $K.f(proto = 1, emit = always);
  iqn @1 :Text $K.f(proto = 2, emit = always);
  lun @2 :Int32 $K.f(proto = 3, emit = always);
  iscsiInterface @3 :Text $K.f(proto = 4, optional = true, default = "\"default\"");
  fsType @4 :Text $K.f(proto = 5, optional = true);
  readOnly @5 :Bool $K.f(proto = 6, optional = true);
  portals @6 :List(Text) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = atomic);
  chapAuthDiscovery @7 :Bool $K.f(proto = 8, optional = true);
  chapAuthSession @8 :Bool $K.f(proto = 11, optional = true);
  secretRef @9 :LocalObjectReference $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  initiatorName @10 :Text $K.f(proto = 12, emit = ifSet, pointer = true, optional = true);
}

struct ImageVolumeSource {
  reference @0 :Text $K.f(proto = 1, optional = true);
  pullPolicy @1 :Text $K.f(values = "core/v1.PullPolicy", proto = 2, optional = true);
}

struct ImageVolumeStatus {
  imageRef @0 :Text $K.f(proto = 1, rules = ["kubebuilder:validation:MaxLength=256", "required"]);
}

struct KeyToPath {
  key @0 :Text $K.f(proto = 1, emit = always);
  path @1 :Text $K.f(proto = 2, emit = always);
  mode @2 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasMode @3 :Bool $K.presence("mode");
}

struct Lifecycle {
  postStart @0 :LifecycleHandler $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  preStop @1 :LifecycleHandler $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  stopSignal @2 :Text $K.f(values = "core/v1.Signal", proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct LifecycleHandler {
  exec @0 :ExecAction $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  httpGet @1 :HTTPGetAction $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  tcpSocket @2 :TCPSocketAction $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  sleep @3 :SleepAction $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct LimitRange $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :LimitRangeSpec $K.f(proto = 2, emit = always, optional = true);
}

struct LimitRangeItem {
  type @0 :Text $K.f(values = "core/v1.LimitType", proto = 1, emit = always);
  max @1 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 2, emit =
      ifNonEmpty, optional = true);
  min @2 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 3, emit =
      ifNonEmpty, optional = true);
  default @3 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 4, emit
      = ifNonEmpty, optional = true);
  defaultRequest @4 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto =
      5, emit = ifNonEmpty, optional = true);
  maxLimitRequestRatio @5 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName",
      proto = 6, emit = ifNonEmpty, optional = true);
}

struct LimitRangeList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(LimitRange) $K.f(proto = 2, emit = always);
}

struct LimitRangeSpec {
  limits @0 :List(LimitRangeItem) $K.f(proto = 1, emit = always, listType = atomic);
}

struct LinuxContainerUser {
  uid @0 :Int64 $K.f(proto = 1, emit = always);
  gid @1 :Int64 $K.f(proto = 2, emit = always);
  supplementalGroups @2 :List(Int64) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct LoadBalancerIngress {
  ip @0 :Text $K.f(proto = 1, optional = true);
  hostname @1 :Text $K.f(proto = 2, optional = true);
  ipMode @2 :Text $K.f(values = "core/v1.LoadBalancerIPMode", proto = 3, emit = ifSet, pointer = true, optional =
      true);
  ports @3 :List(PortStatus) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct LoadBalancerStatus {
  ingress @0 :List(LoadBalancerIngress) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct LocalObjectReference $K.type(markers = ["structType=atomic"]) {
  name @0 :Text $K.f(proto = 1, optional = true, default = "\"\"", rules = ["kubebuilder:default=\"\""]);
}

struct LocalVolumeSource {
  path @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct ModifyVolumeStatus {
  targetVolumeAttributesClassName @0 :Text $K.f(proto = 1);
  status @1 :Text $K.f(values = "core/v1.PersistentVolumeClaimModifyVolumeStatus", proto = 2, emit = always);
}

struct NFSVolumeSource {
  server @0 :Text $K.f(proto = 1, emit = always);
  path @1 :Text $K.f(proto = 2, emit = always);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
}

struct Namespace $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "genclient:skipVerbs=deleteCollection", "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :NamespaceSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :NamespaceStatus $K.f(proto = 3, emit = always, optional = true);
}

struct NamespaceCondition {
  type @0 :Text $K.f(values = "core/v1.NamespaceConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 4, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 5, optional = true);
  message @5 :Text $K.f(proto = 6, optional = true);
}

struct NamespaceList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Namespace) $K.f(proto = 2, emit = always);
}

struct NamespaceSpec {
  finalizers @0 :List(Text) $K.f(values = "core/v1.FinalizerName", proto = 1, emit = ifNonEmpty, optional = true,
      listType = atomic);
}

struct NamespaceStatus {
  phase @0 :Text $K.f(values = "core/v1.NamespacePhase", proto = 1, optional = true);
  conditions @1 :List(NamespaceCondition) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}

struct Node $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :NodeSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :NodeStatus $K.f(proto = 3, emit = always, optional = true);
}

struct NodeAddress {
  type @0 :Text $K.f(values = "core/v1.NodeAddressType", proto = 1, emit = always);
  address @1 :Text $K.f(proto = 2, emit = always);
}

struct NodeAffinity {
  requiredDuringSchedulingIgnoredDuringExecution @0 :NodeSelector $K.f(proto = 1, emit = ifSet, pointer = true,
      optional = true);
  preferredDuringSchedulingIgnoredDuringExecution @1 :List(PreferredSchedulingTerm) $K.f(proto = 2, emit = ifNonEmpty,
      optional = true, listType = atomic);
}

struct NodeAllocatableResourceClaimStatus {
  resourceClaimName @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
  containers @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = set);
  resources @2 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 3,
      emit = always, rules = ["required"]);
}

struct NodeCondition {
  type @0 :Text $K.f(values = "core/v1.NodeConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastHeartbeatTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastHeartbeatTime @3 :Bool $K.presence("lastHeartbeatTime");
  lastTransitionTime @4 :Int64 $K.f(kind = time, proto = 4, emit = always, optional = true);
  hasLastTransitionTime @5 :Bool $K.presence("lastTransitionTime");
  reason @6 :Text $K.f(proto = 5, optional = true);
  message @7 :Text $K.f(proto = 6, optional = true);
}

struct NodeConfigSource {
  configMap @0 :ConfigMapNodeConfigSource $K.f(proto = 2, emit = ifSet, pointer = true);
}

struct NodeConfigStatus {
  assigned @0 :NodeConfigSource $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  active @1 :NodeConfigSource $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  lastKnownGood @2 :NodeConfigSource $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  error @3 :Text $K.f(proto = 4, optional = true);
}

struct NodeDaemonEndpoints {
  kubeletEndpoint @0 :DaemonEndpoint $K.f(proto = 1, emit = always, optional = true);
}

struct NodeFeatures {
  supplementalGroupsPolicy @0 :Bool $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasSupplementalGroupsPolicy @1 :Bool $K.presence("supplementalGroupsPolicy");
}

struct NodeList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Node) $K.f(proto = 2, emit = always);
}

struct NodeProxyOptions $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.2"]) {
  path @0 :Text $K.f(proto = 1, optional = true);
}

struct NodeRuntimeHandler {
  name @0 :Text $K.f(proto = 1, emit = always, optional = true);
  features @1 :NodeRuntimeHandlerFeatures $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct NodeRuntimeHandlerFeatures {
  recursiveReadOnlyMounts @0 :Bool $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasRecursiveReadOnlyMounts @1 :Bool $K.presence("recursiveReadOnlyMounts");
  userNamespaces @2 :Bool $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasUserNamespaces @3 :Bool $K.presence("userNamespaces");
}

struct NodeSelector $K.type(markers = ["structType=atomic"]) {
  nodeSelectorTerms @0 :List(NodeSelectorTerm) $K.f(proto = 1, emit = always, listType = atomic);
}

struct NodeSelectorRequirement {
  key @0 :Text $K.f(proto = 1, emit = always);
  operator @1 :Text $K.f(values = "core/v1.NodeSelectorOperator", proto = 2, emit = always);
  values @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct NodeSelectorTerm $K.type(markers = ["structType=atomic"]) {
  matchExpressions @0 :List(NodeSelectorRequirement) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType =
      atomic);
  matchFields @1 :List(NodeSelectorRequirement) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct NodeSpec {
  podCIDR @0 :Text $K.f(proto = 1, optional = true);
  podCIDRs @1 :List(Text) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = set, patch = "merge");
  providerID @2 :Text $K.f(proto = 3, optional = true);
  unschedulable @3 :Bool $K.f(proto = 4, optional = true);
  taints @4 :List(Taint) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
  configSource @5 :NodeConfigSource $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  externalID @6 :Text $K.f(proto = 2, optional = true);
}

struct NodeStatus {
  capacity @0 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 1,
      emit = ifNonEmpty, optional = true);
  allocatable @1 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 2,
      emit = ifNonEmpty, optional = true);
  phase @2 :Text $K.f(values = "core/v1.NodePhase", proto = 3, optional = true);
  conditions @3 :List(NodeCondition) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
  addresses @4 :List(NodeAddress) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = map, keys = ["type"],
      patch = "merge", mergeKey = "type");
  daemonEndpoints @5 :NodeDaemonEndpoints $K.f(proto = 6, emit = always, optional = true);
  nodeInfo @6 :NodeSystemInfo $K.f(proto = 7, emit = always, optional = true);
  images @7 :List(ContainerImage) $K.f(proto = 8, emit = ifNonEmpty, optional = true, listType = atomic);
  volumesInUse @8 :List(Text) $K.f(proto = 9, emit = ifNonEmpty, optional = true, listType = atomic);
  volumesAttached @9 :List(AttachedVolume) $K.f(proto = 10, emit = ifNonEmpty, optional = true, listType = atomic);
  config @10 :NodeConfigStatus $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  runtimeHandlers @11 :List(NodeRuntimeHandler) $K.f(proto = 12, emit = ifNonEmpty, optional = true, listType =
      atomic);
  features @12 :NodeFeatures $K.f(proto = 13, emit = ifSet, pointer = true, optional = true, gates =
      ["SupplementalGroupsPolicy"]);
  declaredFeatures @13 :List(Text) $K.f(proto = 14, emit = ifNonEmpty, optional = true, listType = atomic, gates =
      ["NodeDeclaredFeatures"]);
}

struct NodeSwapStatus {
  capacity @0 :Int64 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  hasCapacity @1 :Bool $K.presence("capacity");
}

struct NodeSystemInfo {
  machineID @0 :Text $K.f(proto = 1, emit = always);
  systemUUID @1 :Text $K.f(proto = 2, emit = always);
  bootID @2 :Text $K.f(proto = 3, emit = always);
  kernelVersion @3 :Text $K.f(proto = 4, emit = always);
  osImage @4 :Text $K.f(proto = 5, emit = always);
  containerRuntimeVersion @5 :Text $K.f(proto = 6, emit = always);
  kubeletVersion @6 :Text $K.f(proto = 7, emit = always);
  kubeProxyVersion @7 :Text $K.f(proto = 8, emit = always);
  operatingSystem @8 :Text $K.f(proto = 9, emit = always);
  architecture @9 :Text $K.f(proto = 10, emit = always);
  swap @10 :NodeSwapStatus $K.f(proto = 11, emit = ifSet, pointer = true);
}

struct ObjectFieldSelector $K.type(markers = ["structType=atomic"]) {
  apiVersion @0 :Text $K.f(proto = 1, optional = true);
  fieldPath @1 :Text $K.f(proto = 2, emit = always);
}

struct ObjectReference $K.type(markers = ["structType=atomic"]) {
  kind @0 :Text $K.f(proto = 1, optional = true);
  namespace @1 :Text $K.f(proto = 2, optional = true);
  name @2 :Text $K.f(proto = 3, optional = true);
  uid @3 :Text $K.f(proto = 4, optional = true);
  apiVersion @4 :Text $K.f(proto = 5, optional = true);
  resourceVersion @5 :Text $K.f(proto = 6, optional = true);
  fieldPath @6 :Text $K.f(proto = 7, optional = true);
}

struct PersistentVolume $K.type(typeMeta = true, markers = ["genclient", "genclient:nonNamespaced",
    "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :PersistentVolumeSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :PersistentVolumeStatus $K.f(proto = 3, emit = always, optional = true);
}

struct PersistentVolumeClaim $K.type(typeMeta = true, markers = ["genclient",
    "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :PersistentVolumeClaimSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :PersistentVolumeClaimStatus $K.f(proto = 3, emit = always, optional = true);
}

struct PersistentVolumeClaimCondition {
  type @0 :Text $K.f(values = "core/v1.PersistentVolumeClaimConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastProbeTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastProbeTime @3 :Bool $K.presence("lastProbeTime");
  lastTransitionTime @4 :Int64 $K.f(kind = time, proto = 4, emit = always, optional = true);
  hasLastTransitionTime @5 :Bool $K.presence("lastTransitionTime");
  reason @6 :Text $K.f(proto = 5, optional = true);
  message @7 :Text $K.f(proto = 6, optional = true);
}

struct PersistentVolumeClaimList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(PersistentVolumeClaim) $K.f(proto = 2, emit = always);
}

struct PersistentVolumeClaimSpec {
  accessModes @0 :List(Text) $K.f(values = "core/v1.PersistentVolumeAccessMode", proto = 1, emit = ifNonEmpty, optional
      = true, listType = atomic);
  selector @1 :MetaV1.LabelSelector $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  resources @2 :VolumeResourceRequirements $K.f(proto = 2, emit = always, optional = true);
  volumeName @3 :Text $K.f(proto = 3, optional = true);
  storageClassName @4 :Text $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  volumeMode @5 :Text $K.f(values = "core/v1.PersistentVolumeMode", proto = 6, emit = ifSet, pointer = true, optional =
      true);
  dataSource @6 :TypedLocalObjectReference $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  dataSourceRef @7 :TypedObjectReference $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  volumeAttributesClassName @8 :Text $K.f(proto = 9, emit = ifSet, pointer = true, optional = true, gates =
      ["VolumeAttributesClass"]);
}

struct PersistentVolumeClaimStatus {
  phase @0 :Text $K.f(values = "core/v1.PersistentVolumeClaimPhase", proto = 1, optional = true);
  accessModes @1 :List(Text) $K.f(values = "core/v1.PersistentVolumeAccessMode", proto = 2, emit = ifNonEmpty, optional
      = true, listType = atomic);
  capacity @2 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 3,
      emit = ifNonEmpty, optional = true);
  conditions @3 :List(PersistentVolumeClaimCondition) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType =
      map, keys = ["type"], patch = "merge", mergeKey = "type");
  allocatedResources @4 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName",
      proto = 5, emit = ifNonEmpty, optional = true);
  allocatedResourceStatuses @5 :List(K.TextEntry) $K.f(kind = map, values = "core/v1.ClaimResourceStatus", keyValues =
      "core/v1.ResourceName", proto = 7, emit = ifNonEmpty, optional = true, mapType = granular);
  currentVolumeAttributesClassName @6 :Text $K.f(proto = 8, emit = ifSet, pointer = true, optional = true, gates =
      ["VolumeAttributesClass"]);
  modifyVolumeStatus @7 :ModifyVolumeStatus $K.f(proto = 9, emit = ifSet, pointer = true, optional = true, gates =
      ["VolumeAttributesClass"]);
}

struct PersistentVolumeClaimTemplate {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :PersistentVolumeClaimSpec $K.f(proto = 2, emit = always);
}

struct PersistentVolumeClaimVolumeSource {
  claimName @0 :Text $K.f(proto = 1, emit = always);
  readOnly @1 :Bool $K.f(proto = 2, optional = true);
}

struct PersistentVolumeList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(PersistentVolume) $K.f(proto = 2, emit = always);
}

struct PersistentVolumeSource {
  gcePersistentDisk @0 :GCEPersistentDiskVolumeSource $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  awsElasticBlockStore @1 :AWSElasticBlockStoreVolumeSource $K.f(proto = 2, emit = ifSet, pointer = true, optional =
      true);
  hostPath @2 :HostPathVolumeSource $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  glusterfs @3 :GlusterfsPersistentVolumeSource $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  nfs @4 :NFSVolumeSource $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  rbd @5 :RBDPersistentVolumeSource $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  iscsi @6 :ISCSIPersistentVolumeSource $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  cinder @7 :CinderPersistentVolumeSource $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  cephfs @8 :CephFSPersistentVolumeSource $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  fc @9 :FCVolumeSource $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  flocker @10 :FlockerVolumeSource $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  flexVolume @11 :FlexPersistentVolumeSource $K.f(proto = 12, emit = ifSet, pointer = true, optional = true);
  azureFile @12 :AzureFilePersistentVolumeSource $K.f(proto = 13, emit = ifSet, pointer = true, optional = true);
  vsphereVolume @13 :VsphereVirtualDiskVolumeSource $K.f(proto = 14, emit = ifSet, pointer = true, optional = true);
  quobyte @14 :QuobyteVolumeSource $K.f(proto = 15, emit = ifSet, pointer = true, optional = true);
  azureDisk @15 :AzureDiskVolumeSource $K.f(proto = 16, emit = ifSet, pointer = true, optional = true);
  photonPersistentDisk @16 :PhotonPersistentDiskVolumeSource $K.f(proto = 17, emit = ifSet, pointer = true);
  portworxVolume @17 :PortworxVolumeSource $K.f(proto = 18, emit = ifSet, pointer = true, optional = true);
  scaleIO @18 :ScaleIOPersistentVolumeSource $K.f(proto = 19, emit = ifSet, pointer = true, optional = true);
  local @19 :LocalVolumeSource $K.f(proto = 20, emit = ifSet, pointer = true, optional = true);
  storageos @20 :StorageOSPersistentVolumeSource $K.f(proto = 21, emit = ifSet, pointer = true, optional = true);
  csi @21 :CSIPersistentVolumeSource $K.f(proto = 22, emit = ifSet, pointer = true, optional = true);
}

struct PersistentVolumeSpec {
  capacity @0 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 1,
      emit = ifNonEmpty, optional = true);
  persistentVolumeSource @1 :PersistentVolumeSource $K.f(proto = 2, json = "PersistentVolumeSource", inlined = true);
  accessModes @2 :List(Text) $K.f(values = "core/v1.PersistentVolumeAccessMode", proto = 3, emit = ifNonEmpty, optional
      = true, listType = atomic);
  claimRef @3 :ObjectReference $K.f(proto = 4, emit = ifSet, pointer = true, optional = true, structType = "granular");
  persistentVolumeReclaimPolicy @4 :Text $K.f(values = "core/v1.PersistentVolumeReclaimPolicy", proto = 5, optional =
      true);
  storageClassName @5 :Text $K.f(proto = 6, optional = true);
  mountOptions @6 :List(Text) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = atomic);
  volumeMode @7 :Text $K.f(values = "core/v1.PersistentVolumeMode", proto = 8, emit = ifSet, pointer = true, optional =
      true);
  nodeAffinity @8 :VolumeNodeAffinity $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  volumeAttributesClassName @9 :Text $K.f(proto = 10, emit = ifSet, pointer = true, optional = true, gates =
      ["VolumeAttributesClass"]);
}

struct PersistentVolumeStatus {
  phase @0 :Text $K.f(values = "core/v1.PersistentVolumePhase", proto = 1, optional = true);
  message @1 :Text $K.f(proto = 2, optional = true);
  reason @2 :Text $K.f(proto = 3, optional = true);
  lastPhaseTransitionTime @3 :Int64 $K.f(kind = time, proto = 4, emit = ifSet, pointer = true, optional = true);
  hasLastPhaseTransitionTime @4 :Bool $K.presence("lastPhaseTransitionTime");
}

struct PhotonPersistentDiskVolumeSource {
  pdID @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2);
}

struct Pod $K.type(typeMeta = true, markers = ["genclient",
    "genclient:method=UpdateEphemeralContainers,verb=update,subresource=ephemeralcontainers",
    "genclient:method=UpdateResize,verb=update,subresource=resize", "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :PodSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :PodStatus $K.f(proto = 3, emit = always, optional = true);
}

struct PodAffinity {
  requiredDuringSchedulingIgnoredDuringExecution @0 :List(PodAffinityTerm) $K.f(proto = 1, emit = ifNonEmpty, optional
      = true, listType = atomic);
  preferredDuringSchedulingIgnoredDuringExecution @1 :List(WeightedPodAffinityTerm) $K.f(proto = 2, emit = ifNonEmpty,
      optional = true, listType = atomic);
}

struct PodAffinityTerm {
  labelSelector @0 :MetaV1.LabelSelector $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  namespaces @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  topologyKey @2 :Text $K.f(proto = 3, emit = always);
  namespaceSelector @3 :MetaV1.LabelSelector $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  matchLabelKeys @4 :List(Text) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
  mismatchLabelKeys @5 :List(Text) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct PodAntiAffinity {
  requiredDuringSchedulingIgnoredDuringExecution @0 :List(PodAffinityTerm) $K.f(proto = 1, emit = ifNonEmpty, optional
      = true, listType = atomic);
  preferredDuringSchedulingIgnoredDuringExecution @1 :List(WeightedPodAffinityTerm) $K.f(proto = 2, emit = ifNonEmpty,
      optional = true, listType = atomic);
}

struct PodAttachOptions $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.1"]) {
  stdin @0 :Bool $K.f(proto = 1, optional = true);
  stdout @1 :Bool $K.f(proto = 2, optional = true);
  stderr @2 :Bool $K.f(proto = 3, optional = true);
  tty @3 :Bool $K.f(proto = 4, optional = true);
  container @4 :Text $K.f(proto = 5, optional = true);
}

struct PodCertificateProjection {
  signerName @0 :Text $K.f(proto = 1, rules = ["required"]);
  keyType @1 :Text $K.f(proto = 2, rules = ["required"]);
  maxExpirationSeconds @2 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasMaxExpirationSeconds @3 :Bool $K.presence("maxExpirationSeconds");
  credentialBundlePath @4 :Text $K.f(proto = 4, optional = true);
  keyPath @5 :Text $K.f(proto = 5, optional = true);
  certificateChainPath @6 :Text $K.f(proto = 6, optional = true);
  userAnnotations @7 :List(K.TextEntry) $K.f(kind = map, proto = 7, emit = ifNonEmpty);
}

struct PodCondition {
  type @0 :Text $K.f(values = "core/v1.PodConditionType", proto = 1, emit = always);
  observedGeneration @1 :Int64 $K.f(proto = 7, optional = true);
  status @2 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastProbeTime @3 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastProbeTime @4 :Bool $K.presence("lastProbeTime");
  lastTransitionTime @5 :Int64 $K.f(kind = time, proto = 4, emit = always, optional = true);
  hasLastTransitionTime @6 :Bool $K.presence("lastTransitionTime");
  reason @7 :Text $K.f(proto = 5, optional = true);
  message @8 :Text $K.f(proto = 6, optional = true);
}

struct PodDNSConfig {
  nameservers @0 :List(Text) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
  searches @1 :List(Text) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  options @2 :List(PodDNSConfigOption) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct PodDNSConfigOption {
  name @0 :Text $K.f(proto = 1);
  value @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct PodExecOptions $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  stdin @0 :Bool $K.f(proto = 1, optional = true);
  stdout @1 :Bool $K.f(proto = 2, optional = true);
  stderr @2 :Bool $K.f(proto = 3, optional = true);
  tty @3 :Bool $K.f(proto = 4, optional = true);
  container @4 :Text $K.f(proto = 5, optional = true);
  command @5 :List(Text) $K.f(proto = 6, emit = always, listType = atomic);
}

struct PodExtendedResourceClaimStatus {
  requestMappings @0 :List(ContainerExtendedResourceRequest) $K.f(proto = 1, emit = always, listType = atomic);
  resourceClaimName @1 :Text $K.f(proto = 2, emit = always);
}

struct PodIP {
  ip @0 :Text $K.f(proto = 1, emit = always, rules = ["required"]);
}

struct PodList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Pod) $K.f(proto = 2, emit = always);
}

struct PodLogOptions $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  container @0 :Text $K.f(proto = 1, optional = true);
  follow @1 :Bool $K.f(proto = 2, optional = true);
  previous @2 :Bool $K.f(proto = 3, optional = true);
  sinceSeconds @3 :Int64 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasSinceSeconds @4 :Bool $K.presence("sinceSeconds");
  sinceTime @5 :Int64 $K.f(kind = time, proto = 5, emit = ifSet, pointer = true, optional = true);
  hasSinceTime @6 :Bool $K.presence("sinceTime");
  timestamps @7 :Bool $K.f(proto = 6, optional = true);
  tailLines @8 :Int64 $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasTailLines @9 :Bool $K.presence("tailLines");
  limitBytes @10 :Int64 $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  hasLimitBytes @11 :Bool $K.presence("limitBytes");
  insecureSkipTLSVerifyBackend @12 :Bool $K.f(proto = 9, optional = true);
  stream @13 :Text $K.f(proto = 10, emit = ifSet, pointer = true, optional = true, gates =
      ["PodLogsQuerySplitStreams"]);
}

struct PodOS {
  name @0 :Text $K.f(values = "core/v1.OSName", proto = 1, emit = always);
}

struct PodPortForwardOptions $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.6"]) {
  ports @0 :List(Int32) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct PodProxyOptions $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  path @0 :Text $K.f(proto = 1, optional = true);
}

struct PodReadinessGate {
  conditionType @0 :Text $K.f(values = "core/v1.PodConditionType", proto = 1, emit = always);
}

struct PodResourceClaim {
  name @0 :Text $K.f(proto = 1, emit = always);
  resourceClaimName @1 :Text $K.f(proto = 3, emit = ifSet, pointer = true);
  resourceClaimTemplateName @2 :Text $K.f(proto = 4, emit = ifSet, pointer = true);
}

struct PodResourceClaimStatus {
  name @0 :Text $K.f(proto = 1, emit = always);
  resourceClaimName @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct PodSchedulingGate {
  name @0 :Text $K.f(proto = 1, emit = always);
}

struct PodSchedulingGroup {
  podGroupName @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
}

struct PodSecurityContext {
  seLinuxOptions @0 :SELinuxOptions $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  windowsOptions @1 :WindowsSecurityContextOptions $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  runAsUser @2 :Int64 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasRunAsUser @3 :Bool $K.presence("runAsUser");
  runAsGroup @4 :Int64 $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  hasRunAsGroup @5 :Bool $K.presence("runAsGroup");
  runAsNonRoot @6 :Bool $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasRunAsNonRoot @7 :Bool $K.presence("runAsNonRoot");
  supplementalGroups @8 :List(Int64) $K.f(proto = 4, emit = ifNonEmpty, optional = true, listType = atomic);
  supplementalGroupsPolicy @9 :Text $K.f(values = "core/v1.SupplementalGroupsPolicy", proto = 12, emit = ifSet, pointer
      = true, optional = true, gates = ["SupplementalGroupsPolicy"]);
  fsGroup @10 :Int64 $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasFsGroup @11 :Bool $K.presence("fsGroup");
  sysctls @12 :List(Sysctl) $K.f(proto = 7, emit = ifNonEmpty, optional = true, listType = atomic);
  fsGroupChangePolicy @13 :Text $K.f(values = "core/v1.PodFSGroupChangePolicy", proto = 9, emit = ifSet, pointer =
      true, optional = true);
  seccompProfile @14 :SeccompProfile $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  appArmorProfile @15 :AppArmorProfile $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  seLinuxChangePolicy @16 :Text $K.f(values = "core/v1.PodSELinuxChangePolicy", proto = 13, emit = ifSet, pointer =
      true, optional = true, gates = ["SELinuxChangePolicy"]);
}

struct PodSignature {
  podController @0 :MetaV1.OwnerReference $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
}

struct PodSpec {
  volumes @0 :List(Volume) $K.f(proto = 1, emit = ifNonEmpty, optional = true, listType = map, keys = ["name"], patch =
      "merge,retainKeys", mergeKey = "name");
  initContainers @1 :List(Container) $K.f(proto = 20, emit = ifNonEmpty, listType = map, keys = ["name"], patch =
      "merge", mergeKey = "name");
  containers @2 :List(Container) $K.f(proto = 2, emit = always, listType = map, keys = ["name"], patch = "merge",
      mergeKey = "name");
  ephemeralContainers @3 :List(EphemeralContainer) $K.f(proto = 34, emit = ifNonEmpty, optional = true, listType = map,
      keys = ["name"], patch = "merge", mergeKey = "name");
  restartPolicy @4 :Text $K.f(values = "core/v1.RestartPolicy", proto = 3, optional = true);
  terminationGracePeriodSeconds @5 :Int64 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasTerminationGracePeriodSeconds @6 :Bool $K.presence("terminationGracePeriodSeconds");
  activeDeadlineSeconds @7 :Int64 $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasActiveDeadlineSeconds @8 :Bool $K.presence("activeDeadlineSeconds");
  dnsPolicy @9 :Text $K.f(values = "core/v1.DNSPolicy", proto = 6, optional = true);
  nodeSelector @10 :List(K.TextEntry) $K.f(kind = map, proto = 7, emit = ifNonEmpty, optional = true, mapType =
      atomic);
  serviceAccountName @11 :Text $K.f(proto = 8, optional = true);
  serviceAccount @12 :Text $K.f(proto = 9, optional = true, rules = ["k8s:conversion-gen=false"]);
  automountServiceAccountToken @13 :Bool $K.f(proto = 21, emit = ifSet, pointer = true, optional = true);
  hasAutomountServiceAccountToken @14 :Bool $K.presence("automountServiceAccountToken");
  nodeName @15 :Text $K.f(proto = 10, optional = true);
  hostNetwork @16 :Bool $K.f(proto = 11, optional = true, rules = ["k8s:conversion-gen=false"]);
  hostPID @17 :Bool $K.f(proto = 12, optional = true, rules = ["k8s:conversion-gen=false"]);
  hostIPC @18 :Bool $K.f(proto = 13, optional = true, rules = ["k8s:conversion-gen=false"]);
  shareProcessNamespace @19 :Bool $K.f(proto = 27, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:conversion-gen=false"]);
  hasShareProcessNamespace @20 :Bool $K.presence("shareProcessNamespace");
  securityContext @21 :PodSecurityContext $K.f(proto = 14, emit = ifSet, pointer = true, optional = true);
  imagePullSecrets @22 :List(LocalObjectReference) $K.f(proto = 15, emit = ifNonEmpty, optional = true, listType = map,
      keys = ["name"], patch = "merge", mergeKey = "name");
  hostname @23 :Text $K.f(proto = 16, optional = true);
  subdomain @24 :Text $K.f(proto = 17, optional = true);
  affinity @25 :Affinity $K.f(proto = 18, emit = ifSet, pointer = true, optional = true);
  schedulerName @26 :Text $K.f(proto = 19, optional = true);
  tolerations @27 :List(Toleration) $K.f(proto = 22, emit = ifNonEmpty, optional = true, listType = atomic);
  hostAliases @28 :List(HostAlias) $K.f(proto = 23, emit = ifNonEmpty, optional = true, listType = map, keys = ["ip"],
      patch = "merge", mergeKey = "ip");
  priorityClassName @29 :Text $K.f(proto = 24, optional = true);
  priority @30 :Int32 $K.f(proto = 25, emit = ifSet, pointer = true, optional = true);
  hasPriority @31 :Bool $K.presence("priority");
  dnsConfig @32 :PodDNSConfig $K.f(proto = 26, emit = ifSet, pointer = true, optional = true);
  readinessGates @33 :List(PodReadinessGate) $K.f(proto = 28, emit = ifNonEmpty, optional = true, listType = atomic);
  runtimeClassName @34 :Text $K.f(proto = 29, emit = ifSet, pointer = true, optional = true);
  enableServiceLinks @35 :Bool $K.f(proto = 30, emit = ifSet, pointer = true, optional = true);
  hasEnableServiceLinks @36 :Bool $K.presence("enableServiceLinks");
  preemptionPolicy @37 :Text $K.f(values = "core/v1.PreemptionPolicy", proto = 31, emit = ifSet, pointer = true,
      optional = true);
  overhead @38 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 32,
      emit = ifNonEmpty, optional = true);
  topologySpreadConstraints @39 :List(TopologySpreadConstraint) $K.f(proto = 33, emit = ifNonEmpty, optional = true,
      listType = map, keys = ["topologyKey", "whenUnsatisfiable"], patch = "merge", mergeKey = "topologyKey");
  setHostnameAsFQDN @40 :Bool $K.f(proto = 35, emit = ifSet, pointer = true, optional = true);
  hasSetHostnameAsFQDN @41 :Bool $K.presence("setHostnameAsFQDN");
  os @42 :PodOS $K.f(proto = 36, emit = ifSet, pointer = true, optional = true);
  hostUsers @43 :Bool $K.f(proto = 37, emit = ifSet, pointer = true, optional = true, rules =
      ["k8s:conversion-gen=false"]);
  hasHostUsers @44 :Bool $K.presence("hostUsers");
  schedulingGates @45 :List(PodSchedulingGate) $K.f(proto = 38, emit = ifNonEmpty, optional = true, listType = map,
      keys = ["name"], patch = "merge", mergeKey = "name");
  resourceClaims @46 :List(PodResourceClaim) $K.f(proto = 39, emit = ifNonEmpty, optional = true, listType = map, keys
      = ["name"], patch = "merge,retainKeys", mergeKey = "name", gates = ["DynamicResourceAllocation"]);
  resources @47 :ResourceRequirements $K.f(proto = 40, emit = ifSet, pointer = true, optional = true, gates =
      ["PodLevelResources"]);
  hostnameOverride @48 :Text $K.f(proto = 41, emit = ifSet, pointer = true, optional = true, gates =
      ["HostnameOverride"]);
  schedulingGroup @49 :PodSchedulingGroup $K.f(proto = 43, emit = ifSet, pointer = true, optional = true, gates =
      ["GenericWorkload"]);
}

struct PodStatus {
  observedGeneration @0 :Int64 $K.f(proto = 17, optional = true);
  phase @1 :Text $K.f(values = "core/v1.PodPhase", proto = 1, optional = true);
  conditions @2 :List(PodCondition) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
  message @3 :Text $K.f(proto = 3, optional = true);
  reason @4 :Text $K.f(proto = 4, optional = true);
  nominatedNodeName @5 :Text $K.f(proto = 11, optional = true);
  hostIP @6 :Text $K.f(proto = 5, optional = true);
  hostIPs @7 :List(HostIP) $K.f(proto = 16, emit = ifNonEmpty, optional = true, listType = atomic, patch = "merge",
      mergeKey = "ip");
  podIP @8 :Text $K.f(proto = 6, optional = true);
  podIPs @9 :List(PodIP) $K.f(proto = 12, emit = ifNonEmpty, optional = true, listType = map, keys = ["ip"], patch =
      "merge", mergeKey = "ip");
  startTime @10 :Int64 $K.f(kind = time, proto = 7, emit = ifSet, pointer = true, optional = true);
  hasStartTime @11 :Bool $K.presence("startTime");
  initContainerStatuses @12 :List(ContainerStatus) $K.f(proto = 10, emit = ifNonEmpty, listType = atomic);
  containerStatuses @13 :List(ContainerStatus) $K.f(proto = 8, emit = ifNonEmpty, optional = true, listType = atomic);
  qosClass @14 :Text $K.f(values = "core/v1.PodQOSClass", proto = 9, optional = true);
  ephemeralContainerStatuses @15 :List(ContainerStatus) $K.f(proto = 13, emit = ifNonEmpty, optional = true, listType =
      atomic);
  resize @16 :Text $K.f(values = "core/v1.PodResizeStatus", proto = 14, optional = true, gates =
      ["InPlacePodVerticalScaling"]);
  resourceClaimStatuses @17 :List(PodResourceClaimStatus) $K.f(proto = 15, emit = ifNonEmpty, optional = true, listType
      = map, keys = ["name"], patch = "merge,retainKeys", mergeKey = "name", gates = ["DynamicResourceAllocation"]);
  extendedResourceClaimStatus @18 :PodExtendedResourceClaimStatus $K.f(proto = 18, emit = ifSet, pointer = true,
      optional = true, gates = ["DRAExtendedResource"]);
  allocatedResources @19 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName",
      proto = 19, emit = ifNonEmpty, optional = true, gates = ["InPlacePodLevelResourcesVerticalScaling"]);
  resources @20 :ResourceRequirements $K.f(proto = 20, emit = ifSet, pointer = true, optional = true, gates =
      ["InPlacePodLevelResourcesVerticalScaling"]);
  nodeAllocatableResourceClaimStatuses @21 :List(NodeAllocatableResourceClaimStatus) $K.f(proto = 21, emit =
      ifNonEmpty, optional = true, listType = atomic, gates = ["DRANodeAllocatableResources"]);
}

struct PodStatusResult $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  status @1 :PodStatus $K.f(proto = 2, emit = always, optional = true);
}

struct PodTemplate $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  template @1 :PodTemplateSpec $K.f(proto = 2, emit = always, optional = true);
}

struct PodTemplateList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(PodTemplate) $K.f(proto = 2, emit = always);
}

struct PodTemplateSpec {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :PodSpec $K.f(proto = 2, emit = always, optional = true);
}

struct PortStatus {
  port @0 :Int32 $K.f(proto = 1, emit = always);
  protocol @1 :Text $K.f(values = "core/v1.Protocol", proto = 2, emit = always);
  error @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true, rules =
      ["kubebuilder:validation:Required",
      "kubebuilder:validation:Pattern=`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`",
      "kubebuilder:validation:MaxLength=316"]);
}

struct PortworxVolumeSource {
  volumeID @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
}

struct Preconditions {
  uid @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
}

struct PreferAvoidPodsEntry {
  podSignature @0 :PodSignature $K.f(proto = 1, emit = always);
  evictionTime @1 :Int64 $K.f(kind = time, proto = 2, emit = always, optional = true);
  hasEvictionTime @2 :Bool $K.presence("evictionTime");
  reason @3 :Text $K.f(proto = 3, optional = true);
  message @4 :Text $K.f(proto = 4, optional = true);
}

struct PreferredSchedulingTerm {
  weight @0 :Int32 $K.f(proto = 1, emit = always);
  preference @1 :NodeSelectorTerm $K.f(proto = 2, emit = always);
}

struct Probe {
  probeHandler @0 :ProbeHandler $K.f(proto = 1, json = "ProbeHandler", inlined = true);
  initialDelaySeconds @1 :Int32 $K.f(proto = 2, optional = true);
  timeoutSeconds @2 :Int32 $K.f(proto = 3, optional = true);
  periodSeconds @3 :Int32 $K.f(proto = 4, optional = true);
  successThreshold @4 :Int32 $K.f(proto = 5, optional = true);
  failureThreshold @5 :Int32 $K.f(proto = 6, optional = true);
  terminationGracePeriodSeconds @6 :Int64 $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasTerminationGracePeriodSeconds @7 :Bool $K.presence("terminationGracePeriodSeconds");
}

struct ProbeHandler {
  exec @0 :ExecAction $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  httpGet @1 :HTTPGetAction $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  tcpSocket @2 :TCPSocketAction $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  grpc @3 :GRPCAction $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
}

struct ProjectedVolumeSource {
  sources @0 :List(VolumeProjection) $K.f(proto = 1, emit = always, optional = true, listType = atomic);
  defaultMode @1 :Int32 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasDefaultMode @2 :Bool $K.presence("defaultMode");
}

struct QuobyteVolumeSource {
  registry @0 :Text $K.f(proto = 1, emit = always);
  volume @1 :Text $K.f(proto = 2, emit = always);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
  user @3 :Text $K.f(proto = 4, optional = true);
  group @4 :Text $K.f(proto = 5, optional = true);
  tenant @5 :Text $K.f(proto = 6, optional = true);
}

struct RBDPersistentVolumeSource {
  monitors @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic);
  image @1 :Text $K.f(proto = 2, emit = always);
  fsType @2 :Text $K.f(proto = 3, optional = true);
  pool @3 :Text $K.f(proto = 4, optional = true, default = "\"rbd\"");
  user @4 :Text $K.f(proto = 5, optional = true, default = "\"admin\"");
  keyring @5 :Text $K.f(proto = 6, optional = true, default = "\"/etc/ceph/keyring\"");
  secretRef @6 :SecretReference $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  readOnly @7 :Bool $K.f(proto = 8, optional = true);
}

struct RBDVolumeSource {
  monitors @0 :List(Text) $K.f(proto = 1, emit = always, listType = atomic);
  image @1 :Text $K.f(proto = 2, emit = always);
  fsType @2 :Text $K.f(proto = 3, optional = true);
  pool @3 :Text $K.f(proto = 4, optional = true, default = "\"rbd\"");
  user @4 :Text $K.f(proto = 5, optional = true, default = "\"admin\"");
  keyring @5 :Text $K.f(proto = 6, optional = true, default = "\"/etc/ceph/keyring\"");
  secretRef @6 :LocalObjectReference $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  readOnly @7 :Bool $K.f(proto = 8, optional = true);
}

struct RangeAllocation $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  range @1 :Text $K.f(proto = 2, emit = always);
  data @2 :Data $K.f(proto = 3, emit = always);
}

struct ReplicationController $K.type(typeMeta = true, markers = ["genclient",
    "genclient:method=GetScale,verb=get,subresource=scale,result=k8s.io/api/autoscaling/v1.Scale",
    "genclient:method=UpdateScale,verb=update,subresource=scale,input=k8s.io/api/autoscaling/v1.Scale,result=k8s.io/api/autoscaling/v1.Scale",
    "k8s:prerelease-lifecycle-gen:introduced=1.0", "k8s:supportsSubresource=\"/scale\""]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true, rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:subfield(name)=+k8s:optional",
      "k8s:alpha(since: \"1.36\")=+k8s:subfield(name)=+k8s:format=k8s-long-name"]);
  spec @1 :ReplicationControllerSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :ReplicationControllerStatus $K.f(proto = 3, emit = always, optional = true);
}

struct ReplicationControllerCondition {
  type @0 :Text $K.f(values = "core/v1.ReplicationControllerConditionType", proto = 1, emit = always);
  status @1 :Text $K.f(values = "core/v1.ConditionStatus", proto = 2, emit = always);
  lastTransitionTime @2 :Int64 $K.f(kind = time, proto = 3, emit = always, optional = true);
  hasLastTransitionTime @3 :Bool $K.presence("lastTransitionTime");
  reason @4 :Text $K.f(proto = 4, optional = true);
  message @5 :Text $K.f(proto = 5, optional = true);
}

struct ReplicationControllerList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ReplicationController) $K.f(proto = 2, emit = always);
}

struct ReplicationControllerSpec {
  replicas @0 :Int32 $K.f(proto = 1, emit = ifSet, pointer = true, optional = true, default = "1", rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:minimum=0"]);
  hasReplicas @1 :Bool $K.presence("replicas");
  minReadySeconds @2 :Int32 $K.f(proto = 4, optional = true, default = "0", rules =
      ["k8s:alpha(since: \"1.36\")=+k8s:optional", "k8s:alpha(since: \"1.36\")=+k8s:minimum=0"]);
  selector @3 :List(K.TextEntry) $K.f(kind = map, proto = 2, emit = ifNonEmpty, optional = true, mapType = atomic);
  template @4 :PodTemplateSpec $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct ReplicationControllerStatus {
  replicas @0 :Int32 $K.f(proto = 1, emit = always);
  fullyLabeledReplicas @1 :Int32 $K.f(proto = 2, optional = true);
  readyReplicas @2 :Int32 $K.f(proto = 4, optional = true);
  availableReplicas @3 :Int32 $K.f(proto = 5, optional = true);
  observedGeneration @4 :Int64 $K.f(proto = 3, optional = true);
  conditions @5 :List(ReplicationControllerCondition) $K.f(proto = 6, emit = ifNonEmpty, optional = true, listType =
      map, keys = ["type"], patch = "merge", mergeKey = "type");
}

struct ResourceClaim {
  name @0 :Text $K.f(proto = 1, emit = always);
  request @1 :Text $K.f(proto = 2, optional = true);
}

struct ResourceFieldSelector $K.type(markers = ["structType=atomic"]) {
  containerName @0 :Text $K.f(proto = 1, optional = true);
  resource @1 :Text $K.f(proto = 2, emit = always);
  divisor @2 :Text $K.f(kind = quantity, proto = 3, emit = always, optional = true);
}

struct ResourceHealth {
  resourceID @0 :Text $K.f(proto = 1, emit = always);
  health @1 :Text $K.f(values = "core/v1.ResourceHealthStatus", proto = 2);
  message @2 :Text $K.f(proto = 6, emit = ifSet, pointer = true, optional = true, gates =
      ["ResourceHealthStatusMessage"]);
}

struct ResourceQuota $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ResourceQuotaSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :ResourceQuotaStatus $K.f(proto = 3, emit = always, optional = true);
}

struct ResourceQuotaList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ResourceQuota) $K.f(proto = 2, emit = always);
}

struct ResourceQuotaSpec {
  hard @0 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 1, emit =
      ifNonEmpty, optional = true);
  scopes @1 :List(Text) $K.f(values = "core/v1.ResourceQuotaScope", proto = 2, emit = ifNonEmpty, optional = true,
      listType = atomic);
  scopeSelector @2 :ScopeSelector $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
}

struct ResourceQuotaStatus {
  hard @0 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 1, emit =
      ifNonEmpty, optional = true);
  used @1 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 2, emit =
      ifNonEmpty, optional = true);
}

struct ResourceRequirements {
  limits @0 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 1, emit
      = ifNonEmpty, optional = true);
  requests @1 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 2,
      emit = ifNonEmpty, optional = true);
  claims @2 :List(ResourceClaim) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = map, keys = ["name"],
      gates = ["DynamicResourceAllocation"]);
}

struct ResourceStatus {
  name @0 :Text $K.f(values = "core/v1.ResourceName", proto = 1, emit = always, rules = ["required"]);
  resources @1 :List(ResourceHealth) $K.f(proto = 2, emit = ifNonEmpty, listType = map, keys = ["resourceID"]);
}

struct SELinuxOptions {
  user @0 :Text $K.f(proto = 1, optional = true);
  role @1 :Text $K.f(proto = 2, optional = true);
  type @2 :Text $K.f(proto = 3, optional = true);
  level @3 :Text $K.f(proto = 4, optional = true);
}

struct ScaleIOPersistentVolumeSource {
  gateway @0 :Text $K.f(proto = 1, emit = always);
  system @1 :Text $K.f(proto = 2, emit = always);
  secretRef @2 :SecretReference $K.f(proto = 3, emit = always, pointer = true);
  sslEnabled @3 :Bool $K.f(proto = 4, optional = true);
  protectionDomain @4 :Text $K.f(proto = 5, optional = true);
  storagePool @5 :Text $K.f(proto = 6, optional = true);
  storageMode @6 :Text $K.f(proto = 7, optional = true, default = "\"ThinProvisioned\"");
  volumeName @7 :Text $K.f(proto = 8);
  fsType @8 :Text $K.f(proto = 9, optional = true, default = "\"xfs\"");
  readOnly @9 :Bool $K.f(proto = 10, optional = true);
}

struct ScaleIOVolumeSource {
  gateway @0 :Text $K.f(proto = 1, emit = always);
  system @1 :Text $K.f(proto = 2, emit = always);
  secretRef @2 :LocalObjectReference $K.f(proto = 3, emit = always, pointer = true);
  sslEnabled @3 :Bool $K.f(proto = 4, optional = true);
  protectionDomain @4 :Text $K.f(proto = 5, optional = true);
  storagePool @5 :Text $K.f(proto = 6, optional = true);
  storageMode @6 :Text $K.f(proto = 7, optional = true, default = "\"ThinProvisioned\"");
  volumeName @7 :Text $K.f(proto = 8);
  fsType @8 :Text $K.f(proto = 9, optional = true, default = "\"xfs\"");
  readOnly @9 :Bool $K.f(proto = 10, optional = true);
}

struct ScopeSelector $K.type(markers = ["structType=atomic"]) {
  matchExpressions @0 :List(ScopedResourceSelectorRequirement) $K.f(proto = 1, emit = ifNonEmpty, optional = true,
      listType = atomic);
}

struct ScopedResourceSelectorRequirement {
  scopeName @0 :Text $K.f(values = "core/v1.ResourceQuotaScope", proto = 1, emit = always);
  operator @1 :Text $K.f(values = "core/v1.ScopeSelectorOperator", proto = 2, emit = always);
  values @2 :List(Text) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct SeccompProfile {
  type @0 :Text $K.f(values = "core/v1.SeccompProfileType", proto = 1, emit = always, rules = ["unionDiscriminator"]);
  localhostProfile @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
}

struct Secret $K.type(typeMeta = true, markers = ["genclient", "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  immutable @1 :Bool $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasImmutable @2 :Bool $K.presence("immutable");
  data @3 :List(K.DataEntry) $K.f(kind = map, proto = 2, emit = ifNonEmpty, optional = true);
  stringData @4 :List(K.TextEntry) $K.f(kind = map, proto = 4, emit = ifNonEmpty, optional = true, rules =
      ["k8s:conversion-gen=false"]);
  type @5 :Text $K.f(values = "core/v1.SecretType", proto = 3, optional = true);
}

struct SecretEnvSource {
  localObjectReference @0 :LocalObjectReference $K.f(proto = 1, json = "LocalObjectReference", inlined = true);
  optional @1 :Bool $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasOptional @2 :Bool $K.presence("optional");
}

struct SecretKeySelector $K.type(markers = ["structType=atomic"]) {
  localObjectReference @0 :LocalObjectReference $K.f(proto = 1, json = "LocalObjectReference", inlined = true);
  key @1 :Text $K.f(proto = 2, emit = always);
  optional @2 :Bool $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasOptional @3 :Bool $K.presence("optional");
}

struct SecretList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Secret) $K.f(proto = 2, emit = always);
}

struct SecretProjection {
  localObjectReference @0 :LocalObjectReference $K.f(proto = 1, json = "LocalObjectReference", inlined = true);
  items @1 :List(KeyToPath) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  optional @2 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasOptional @3 :Bool $K.presence("optional");
}

struct SecretReference $K.type(markers = ["structType=atomic"]) {
  name @0 :Text $K.f(proto = 1, optional = true);
  namespace @1 :Text $K.f(proto = 2, optional = true);
}

struct SecretVolumeSource {
  secretName @0 :Text $K.f(proto = 1, optional = true);
  items @1 :List(KeyToPath) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = atomic);
  defaultMode @2 :Int32 $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hasDefaultMode @3 :Bool $K.presence("defaultMode");
  optional @4 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasOptional @5 :Bool $K.presence("optional");
}

struct SecurityContext {
  capabilities @0 :Capabilities $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  privileged @1 :Bool $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasPrivileged @2 :Bool $K.presence("privileged");
  seLinuxOptions @3 :SELinuxOptions $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  windowsOptions @4 :WindowsSecurityContextOptions $K.f(proto = 10, emit = ifSet, pointer = true, optional = true);
  runAsUser @5 :Int64 $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasRunAsUser @6 :Bool $K.presence("runAsUser");
  runAsGroup @7 :Int64 $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  hasRunAsGroup @8 :Bool $K.presence("runAsGroup");
  runAsNonRoot @9 :Bool $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasRunAsNonRoot @10 :Bool $K.presence("runAsNonRoot");
  readOnlyRootFilesystem @11 :Bool $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  hasReadOnlyRootFilesystem @12 :Bool $K.presence("readOnlyRootFilesystem");
  allowPrivilegeEscalation @13 :Bool $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  hasAllowPrivilegeEscalation @14 :Bool $K.presence("allowPrivilegeEscalation");
  procMount @15 :Text $K.f(values = "core/v1.ProcMountType", proto = 9, emit = ifSet, pointer = true, optional = true);
  seccompProfile @16 :SeccompProfile $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  appArmorProfile @17 :AppArmorProfile $K.f(proto = 12, emit = ifSet, pointer = true, optional = true);
}

struct SerializedReference $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  reference @0 :ObjectReference $K.f(proto = 1, emit = always, optional = true);
}

struct Service $K.type(typeMeta = true, markers = ["genclient", "genclient:skipVerbs=deleteCollection",
    "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  spec @1 :ServiceSpec $K.f(proto = 2, emit = always, optional = true);
  status @2 :ServiceStatus $K.f(proto = 3, emit = always, optional = true);
}

struct ServiceAccount $K.type(typeMeta = true, markers = ["genclient",
    "genclient:method=CreateToken,verb=create,subresource=token,input=k8s.io/api/authentication/v1.TokenRequest,result=k8s.io/api/authentication/v1.TokenRequest",
    "k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ObjectMeta $K.f(proto = 1, emit = always, optional = true);
  secrets @1 :List(ObjectReference) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["name"], patch = "merge", mergeKey = "name");
  imagePullSecrets @2 :List(LocalObjectReference) $K.f(proto = 3, emit = ifNonEmpty, optional = true, listType =
      atomic);
  automountServiceAccountToken @3 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasAutomountServiceAccountToken @4 :Bool $K.presence("automountServiceAccountToken");
}

struct ServiceAccountList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(ServiceAccount) $K.f(proto = 2, emit = always);
}

struct ServiceAccountTokenProjection {
  audience @0 :Text $K.f(proto = 1, optional = true);
  expirationSeconds @1 :Int64 $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  hasExpirationSeconds @2 :Bool $K.presence("expirationSeconds");
  path @3 :Text $K.f(proto = 3, emit = always);
}

struct ServiceList $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.0"]) {
  metadata @0 :MetaV1.ListMeta $K.f(proto = 1, emit = always, optional = true);
  items @1 :List(Service) $K.f(proto = 2, emit = always);
}

struct ServicePort {
  name @0 :Text $K.f(proto = 1, optional = true);
  protocol @1 :Text $K.f(values = "core/v1.Protocol", proto = 2, optional = true, default = "\"TCP\"");
  appProtocol @2 :Text $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  port @3 :Int32 $K.f(proto = 3, emit = always);
  targetPort @4 :K.IntOrString $K.f(proto = 4, emit = always, optional = true);
  nodePort @5 :Int32 $K.f(proto = 5, optional = true);
}

struct ServiceProxyOptions $K.type(typeMeta = true, markers = ["k8s:prerelease-lifecycle-gen:introduced=1.2"]) {
  path @0 :Text $K.f(proto = 1, optional = true);
}

struct ServiceSpec {
  ports @0 :List(ServicePort) $K.f(proto = 1, emit = ifNonEmpty, listType = map, keys = ["port", "protocol"], patch =
      "merge", mergeKey = "port");
  selector @1 :List(K.TextEntry) $K.f(kind = map, proto = 2, emit = ifNonEmpty, optional = true, mapType = atomic);
  clusterIP @2 :Text $K.f(proto = 3, optional = true);
  clusterIPs @3 :List(Text) $K.f(proto = 18, emit = ifNonEmpty, optional = true, listType = atomic);
  type @4 :Text $K.f(values = "core/v1.ServiceType", proto = 4, optional = true);
  externalIPs @5 :List(Text) $K.f(proto = 5, emit = ifNonEmpty, optional = true, listType = atomic);
  sessionAffinity @6 :Text $K.f(values = "core/v1.ServiceAffinity", proto = 7, optional = true);
  loadBalancerIP @7 :Text $K.f(proto = 8, optional = true);
  loadBalancerSourceRanges @8 :List(Text) $K.f(proto = 9, emit = ifNonEmpty, optional = true, listType = atomic);
  externalName @9 :Text $K.f(proto = 10, optional = true);
  externalTrafficPolicy @10 :Text $K.f(values = "core/v1.ServiceExternalTrafficPolicy", proto = 11, optional = true);
  healthCheckNodePort @11 :Int32 $K.f(proto = 12, optional = true);
  publishNotReadyAddresses @12 :Bool $K.f(proto = 13, optional = true);
  sessionAffinityConfig @13 :SessionAffinityConfig $K.f(proto = 14, emit = ifSet, pointer = true, optional = true);
  ipFamilies @14 :List(Text) $K.f(values = "core/v1.IPFamily", proto = 19, emit = ifNonEmpty, optional = true, listType
      = atomic);
  ipFamilyPolicy @15 :Text $K.f(values = "core/v1.IPFamilyPolicy", proto = 17, emit = ifSet, pointer = true, optional =
      true);
  allocateLoadBalancerNodePorts @16 :Bool $K.f(proto = 20, emit = ifSet, pointer = true, optional = true);
  hasAllocateLoadBalancerNodePorts @17 :Bool $K.presence("allocateLoadBalancerNodePorts");
  loadBalancerClass @18 :Text $K.f(proto = 21, emit = ifSet, pointer = true, optional = true);
  internalTrafficPolicy @19 :Text $K.f(values = "core/v1.ServiceInternalTrafficPolicy", proto = 22, emit = ifSet,
      pointer = true, optional = true);
  trafficDistribution @20 :Text $K.f(proto = 23, emit = ifSet, pointer = true, optional = true);
}

struct ServiceStatus {
  loadBalancer @0 :LoadBalancerStatus $K.f(proto = 1, emit = always, optional = true);
  conditions @1 :List(MetaV1.Condition) $K.f(proto = 2, emit = ifNonEmpty, optional = true, listType = map, keys =
      ["type"], patch = "merge", mergeKey = "type");
}

struct SessionAffinityConfig {
  clientIP @0 :ClientIPConfig $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
}

struct SleepAction {
  seconds @0 :Int64 $K.f(proto = 1, emit = always);
}

struct StorageOSPersistentVolumeSource {
  volumeName @0 :Text $K.f(proto = 1);
  volumeNamespace @1 :Text $K.f(proto = 2, optional = true);
  fsType @2 :Text $K.f(proto = 3, optional = true);
  readOnly @3 :Bool $K.f(proto = 4, optional = true);
  secretRef @4 :ObjectReference $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct StorageOSVolumeSource {
  volumeName @0 :Text $K.f(proto = 1);
  volumeNamespace @1 :Text $K.f(proto = 2, optional = true);
  fsType @2 :Text $K.f(proto = 3, optional = true);
  readOnly @3 :Bool $K.f(proto = 4, optional = true);
  secretRef @4 :LocalObjectReference $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct Sysctl {
  name @0 :Text $K.f(proto = 1, emit = always);
  value @1 :Text $K.f(proto = 2, emit = always);
}

struct TCPSocketAction {
  port @0 :K.IntOrString $K.f(proto = 1, emit = always);
  host @1 :Text $K.f(proto = 2, optional = true);
}

struct Taint {
  key @0 :Text $K.f(proto = 1, emit = always);
  value @1 :Text $K.f(proto = 2, optional = true);
  effect @2 :Text $K.f(values = "core/v1.TaintEffect", proto = 3, emit = always);
  timeAdded @3 :Int64 $K.f(kind = time, proto = 4, emit = ifSet, pointer = true, optional = true);
  hasTimeAdded @4 :Bool $K.presence("timeAdded");
}

struct Toleration {
  key @0 :Text $K.f(proto = 1, optional = true);
  operator @1 :Text $K.f(values = "core/v1.TolerationOperator", proto = 2, optional = true);
  value @2 :Text $K.f(proto = 3, optional = true);
  effect @3 :Text $K.f(values = "core/v1.TaintEffect", proto = 4, optional = true);
  tolerationSeconds @4 :Int64 $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasTolerationSeconds @5 :Bool $K.presence("tolerationSeconds");
}

struct TopologySelectorLabelRequirement {
  key @0 :Text $K.f(proto = 1, emit = always);
  values @1 :List(Text) $K.f(proto = 2, emit = always, listType = atomic);
}

struct TopologySelectorTerm $K.type(markers = ["structType=atomic"]) {
  matchLabelExpressions @0 :List(TopologySelectorLabelRequirement) $K.f(proto = 1, emit = ifNonEmpty, optional = true,
      listType = atomic);
}

struct TopologySpreadConstraint {
  maxSkew @0 :Int32 $K.f(proto = 1, emit = always);
  topologyKey @1 :Text $K.f(proto = 2, emit = always);
  whenUnsatisfiable @2 :Text $K.f(values = "core/v1.UnsatisfiableConstraintAction", proto = 3, emit = always);
  labelSelector @3 :MetaV1.LabelSelector $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  minDomains @4 :Int32 $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  hasMinDomains @5 :Bool $K.presence("minDomains");
  nodeAffinityPolicy @6 :Text $K.f(values = "core/v1.NodeInclusionPolicy", proto = 6, emit = ifSet, pointer = true,
      optional = true);
  nodeTaintsPolicy @7 :Text $K.f(values = "core/v1.NodeInclusionPolicy", proto = 7, emit = ifSet, pointer = true,
      optional = true);
  matchLabelKeys @8 :List(Text) $K.f(proto = 8, emit = ifNonEmpty, optional = true, listType = atomic);
}

struct TypedLocalObjectReference $K.type(markers = ["structType=atomic"]) {
  apiGroup @0 :Text $K.f(proto = 1, emit = always, pointer = true, optional = true);
  kind @1 :Text $K.f(proto = 2, emit = always);
  name @2 :Text $K.f(proto = 3, emit = always);
}

struct TypedObjectReference {
  apiGroup @0 :Text $K.f(proto = 1, emit = always, pointer = true, optional = true);
  kind @1 :Text $K.f(proto = 2, emit = always);
  name @2 :Text $K.f(proto = 3, emit = always);
  namespace @3 :Text $K.f(proto = 4, emit = ifSet, pointer = true, optional = true, gates =
      ["CrossNamespaceVolumeDataSource"]);
}

struct Volume {
  name @0 :Text $K.f(proto = 1, emit = always);
  volumeSource @1 :VolumeSource $K.f(proto = 2, json = "VolumeSource", inlined = true);
}

struct VolumeDevice {
  name @0 :Text $K.f(proto = 1, emit = always);
  devicePath @1 :Text $K.f(proto = 2, emit = always);
}

struct VolumeMount {
  name @0 :Text $K.f(proto = 1, emit = always);
  readOnly @1 :Bool $K.f(proto = 2, optional = true);
  recursiveReadOnly @2 :Text $K.f(values = "core/v1.RecursiveReadOnlyMode", proto = 7, emit = ifSet, pointer = true,
      optional = true);
  mountPath @3 :Text $K.f(proto = 3, emit = always);
  subPath @4 :Text $K.f(proto = 4, optional = true);
  mountPropagation @5 :Text $K.f(values = "core/v1.MountPropagationMode", proto = 5, emit = ifSet, pointer = true,
      optional = true);
  subPathExpr @6 :Text $K.f(proto = 6, optional = true);
}

struct VolumeMountStatus {
  name @0 :Text $K.f(proto = 1, emit = always);
  mountPath @1 :Text $K.f(proto = 2, emit = always);
  readOnly @2 :Bool $K.f(proto = 3, optional = true);
  recursiveReadOnly @3 :Text $K.f(values = "core/v1.RecursiveReadOnlyMode", proto = 4, emit = ifSet, pointer = true,
      optional = true);
  volumeStatus @4 :VolumeStatus $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
}

struct VolumeNodeAffinity {
  required @0 :NodeSelector $K.f(proto = 1, emit = ifSet, pointer = true);
}

struct VolumeProjection {
  secret @0 :SecretProjection $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  downwardAPI @1 :DownwardAPIProjection $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  configMap @2 :ConfigMapProjection $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  serviceAccountToken @3 :ServiceAccountTokenProjection $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  clusterTrustBundle @4 :ClusterTrustBundleProjection $K.f(proto = 5, emit = ifSet, pointer = true, optional = true,
      gates = ["ClusterTrustBundleProjection"]);
  podCertificate @5 :PodCertificateProjection $K.f(proto = 6, emit = ifSet, pointer = true, optional = true, gates =
      ["PodCertificateProjection"]);
}

struct VolumeResourceRequirements {
  limits @0 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 1, emit
      = ifNonEmpty, optional = true);
  requests @1 :List(K.QuantityEntry) $K.f(kind = map, of = quantity, keyValues = "core/v1.ResourceName", proto = 2,
      emit = ifNonEmpty, optional = true);
}

struct VolumeSource {
  hostPath @0 :HostPathVolumeSource $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  emptyDir @1 :EmptyDirVolumeSource $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  gcePersistentDisk @2 :GCEPersistentDiskVolumeSource $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  awsElasticBlockStore @3 :AWSElasticBlockStoreVolumeSource $K.f(proto = 4, emit = ifSet, pointer = true, optional =
      true);
  gitRepo @4 :GitRepoVolumeSource $K.f(proto = 5, emit = ifSet, pointer = true, optional = true);
  secret @5 :SecretVolumeSource $K.f(proto = 6, emit = ifSet, pointer = true, optional = true);
  nfs @6 :NFSVolumeSource $K.f(proto = 7, emit = ifSet, pointer = true, optional = true);
  iscsi @7 :ISCSIVolumeSource $K.f(proto = 8, emit = ifSet, pointer = true, optional = true);
  glusterfs @8 :GlusterfsVolumeSource $K.f(proto = 9, emit = ifSet, pointer = true, optional = true);
  persistentVolumeClaim @9 :PersistentVolumeClaimVolumeSource $K.f(proto = 10, emit = ifSet, pointer = true, optional =
      true);
  rbd @10 :RBDVolumeSource $K.f(proto = 11, emit = ifSet, pointer = true, optional = true);
  flexVolume @11 :FlexVolumeSource $K.f(proto = 12, emit = ifSet, pointer = true, optional = true);
  cinder @12 :CinderVolumeSource $K.f(proto = 13, emit = ifSet, pointer = true, optional = true);
  cephfs @13 :CephFSVolumeSource $K.f(proto = 14, emit = ifSet, pointer = true, optional = true);
  flocker @14 :FlockerVolumeSource $K.f(proto = 15, emit = ifSet, pointer = true, optional = true);
  downwardAPI @15 :DownwardAPIVolumeSource $K.f(proto = 16, emit = ifSet, pointer = true, optional = true);
  fc @16 :FCVolumeSource $K.f(proto = 17, emit = ifSet, pointer = true, optional = true);
  azureFile @17 :AzureFileVolumeSource $K.f(proto = 18, emit = ifSet, pointer = true, optional = true);
  configMap @18 :ConfigMapVolumeSource $K.f(proto = 19, emit = ifSet, pointer = true, optional = true);
  vsphereVolume @19 :VsphereVirtualDiskVolumeSource $K.f(proto = 20, emit = ifSet, pointer = true, optional = true);
  quobyte @20 :QuobyteVolumeSource $K.f(proto = 21, emit = ifSet, pointer = true, optional = true);
  azureDisk @21 :AzureDiskVolumeSource $K.f(proto = 22, emit = ifSet, pointer = true, optional = true);
  photonPersistentDisk @22 :PhotonPersistentDiskVolumeSource $K.f(proto = 23, emit = ifSet, pointer = true);
  projected @23 :ProjectedVolumeSource $K.f(proto = 26, emit = ifSet, pointer = true);
  portworxVolume @24 :PortworxVolumeSource $K.f(proto = 24, emit = ifSet, pointer = true, optional = true);
  scaleIO @25 :ScaleIOVolumeSource $K.f(proto = 25, emit = ifSet, pointer = true, optional = true);
  storageos @26 :StorageOSVolumeSource $K.f(proto = 27, emit = ifSet, pointer = true, optional = true);
  csi @27 :CSIVolumeSource $K.f(proto = 28, emit = ifSet, pointer = true, optional = true);
  ephemeral @28 :EphemeralVolumeSource $K.f(proto = 29, emit = ifSet, pointer = true, optional = true);
  image @29 :ImageVolumeSource $K.f(proto = 30, emit = ifSet, pointer = true, optional = true);
}

struct VolumeStatus {
  image @0 :ImageVolumeStatus $K.f(proto = 1, emit = ifSet, pointer = true, optional = true, gates =
      ["ImageVolumeWithDigest"]);
}

struct VsphereVirtualDiskVolumeSource {
  volumePath @0 :Text $K.f(proto = 1, emit = always);
  fsType @1 :Text $K.f(proto = 2, optional = true);
  storagePolicyName @2 :Text $K.f(proto = 3, optional = true);
  storagePolicyID @3 :Text $K.f(proto = 4, optional = true);
}

struct WeightedPodAffinityTerm {
  weight @0 :Int32 $K.f(proto = 1, emit = always);
  podAffinityTerm @1 :PodAffinityTerm $K.f(proto = 2, emit = always);
}

struct WindowsSecurityContextOptions {
  gmsaCredentialSpecName @0 :Text $K.f(proto = 1, emit = ifSet, pointer = true, optional = true);
  gmsaCredentialSpec @1 :Text $K.f(proto = 2, emit = ifSet, pointer = true, optional = true);
  runAsUserName @2 :Text $K.f(proto = 3, emit = ifSet, pointer = true, optional = true);
  hostProcess @3 :Bool $K.f(proto = 4, emit = ifSet, pointer = true, optional = true);
  hasHostProcess @4 :Bool $K.presence("hostProcess");
}
