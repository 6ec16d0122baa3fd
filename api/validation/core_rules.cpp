#include "api/validation/rules.hpp"

/// The table of core/v1, sorted by type.
namespace troupe::api {

namespace {

using enum Check;

constexpr Rule kDefaultMode[] = {{"defaultMode", kFileMode}};
constexpr Rule kContainer[] = {
    {"name", kRequired},
    {"name", kDnsLabel},
    {"imagePullPolicy", kOneOf, 0, 0, "Always|IfNotPresent|Never"},
    {"terminationMessagePolicy", kOneOf, 0, 0, "FallbackToLogsOnError|File"},
};
constexpr Rule kContainerPort[] = {
    {"containerPort", kRequired},
    {"containerPort", kPort},
    {"hostPort", kRange, 0, 65535},
    {"hostIP", kIp},
};
constexpr Rule kClaimSpec[] = {{"accessModes", kElsewhere}};
constexpr Rule kDownwardFile[] = {{"path", kRequired}, {"path", kFilePath}, {"mode", kFileMode}};
constexpr Rule kEndpointAddress[] = {{"ip", kRequired}, {"ip", kIp}};
constexpr Rule kEndpointPort[] = {{"port", kPort}};
constexpr Rule kEnvVar[] = {{"name", kRequired}};
constexpr Rule kExec[] = {{"command", kRequired}};
constexpr Rule kHostAlias[] = {{"ip", kIp}, {"hostnames", kDnsSubdomain}};
constexpr Rule kHostPath[] = {{"path", kRequired}, {"path", kNoBacksteps}};
constexpr Rule kHttpGet[] = {
    {"path", kRequired},
    {"port", kRequired},
    {"port", kPortOrName},
    {"scheme", kOneOf, 0, 0, "HTTP|HTTPS"},
};
constexpr Rule kKeySelector[] = {{"key", kRequired}};
constexpr Rule kKeyToPath[] = {{"key", kRequired}, {"path", kRequired}, {"path", kFilePath}, {"mode", kFileMode}};
constexpr Rule kNfs[] = {{"server", kRequired}, {"path", kRequired}, {"path", kAbsolutePath}};
constexpr Rule kNodeSelector[] = {{"nodeSelectorTerms", kRequired}};
constexpr Rule kNodeSpec[] = {{"podCIDR", kCidr}, {"podCIDRs", kCidr}};
constexpr Rule kObjectFieldSelector[] = {{"fieldPath", kRequired}};
constexpr Rule kPersistentVolumeClaimSource[] = {{"claimName", kRequired}};
constexpr Rule kPodAffinityTerm[] = {{"topologyKey", kRequired}, {"topologyKey", kQualifiedName}};
constexpr Rule kPodSpec[] = {
    {"volumes", kUniqueNames},
    {"containers", kRequired},
    {"containers", kUniqueNames},
    {"initContainers", kUniqueNames},
    {"ephemeralContainers", kUniqueNames},
    {"restartPolicy", kRequired},
    {"terminationGracePeriodSeconds", kNotNegative},
    {"activeDeadlineSeconds", kRange, 1, 2147483647},
    {"nodeSelector", kLabels},
    {"serviceAccountName", kDnsSubdomain},
    {"nodeName", kDnsSubdomain},
    {"hostname", kDnsLabel},
    {"subdomain", kDnsLabel},
    {"priorityClassName", kDnsSubdomain},
    {"runtimeClassName", kDnsSubdomain},
    {"schedulerName", kQualifiedName},
    {"schedulingGates", kUniqueNames},
    {"preemptionPolicy", kOneOf, 0, 0, "Never|PreemptLowerPriority"},
};
constexpr Rule kPreferred[] = {{"weight", kRange, 1, 100}};
constexpr Rule kProbe[] = {
    {"initialDelaySeconds", kNotNegative}, {"timeoutSeconds", kNotNegative},
    {"periodSeconds", kNotNegative},       {"successThreshold", kNotNegative},
    {"failureThreshold", kNotNegative},    {"terminationGracePeriodSeconds", kPositive},
};
constexpr Rule kQuotaSpec[] = {{"scopes", kElsewhere}};
constexpr Rule kScopeTerm[] = {{"scopeName", kElsewhere}, {"operator", kElsewhere}};
constexpr Rule kReplication[] = {{"replicas", kNotNegative}, {"minReadySeconds", kNotNegative}, {"selector", kLabels}};
constexpr Rule kResourceFieldSelector[] = {{"resource", kRequired}};
constexpr Rule kResizePolicy[] = {
    {"resourceName", kOneOf, 0, 0, "cpu|memory"},
    {"restartPolicy", kOneOf, 0, 0, "NotRequired|RestartContainer"},
};
constexpr Rule kSeccompProfile[] = {
    {"type", kRequired},
    {"type", kOneOf, 0, 0, "Localhost|RuntimeDefault|Unconfined"},
};
constexpr Rule kSecretVolume[] = {{"secretName", kRequired}, {"defaultMode", kFileMode}};
/// Ids over the last are none, and one of them would be cut to that of root.
constexpr std::int64_t kLastId = 2147483647;
constexpr Rule kSecurityContext[] = {
    {"runAsUser", kRange, 0, kLastId},
    {"runAsGroup", kRange, 0, kLastId},
    {"supplementalGroups", kRange, 0, kLastId},  // this and the next are the pod's only
    {"fsGroup", kRange, 0, kLastId},
};
constexpr Rule kServicePort[] = {
    {"name", kDnsLabel},
    {"port", kRequired},
    {"port", kPort},
    {"targetPort", kPortOrName},
    {"nodePort", kRange, 0, 65535},
};
constexpr Rule kServiceSpec[] = {
    {"type", kRequired},
    {"type", kOneOf, 0, 0, "ClusterIP|ExternalName|LoadBalancer|NodePort"},
    {"sessionAffinity", kRequired},
    {"selector", kLabels},
    {"internalTrafficPolicy", kOneOf, 0, 0, "Cluster|Local"},
    {"ipFamilyPolicy", kOneOf, 0, 0, "PreferDualStack|RequireDualStack|SingleStack"},
    {"trafficDistribution", kOneOf, 0, 0, "PreferClose|PreferSameNode|PreferSameZone"},
};
constexpr Rule kTaint[] = {{"key", kRequired},
                           {"key", kQualifiedName},
                           {"effect", kRequired},
                           {"effect", kOneOf, 0, 0, "NoExecute|NoSchedule|PreferNoSchedule"}};
constexpr Rule kTcpSocket[] = {{"port", kRequired}, {"port", kPortOrName}};
constexpr Rule kToleration[] = {{"key", kQualifiedName},
                                {"effect", kOneOf, 0, 0, "NoExecute|NoSchedule|PreferNoSchedule"}};
constexpr Rule kTokenFile[] = {{"path", kRequired}, {"path", kFilePath}};
constexpr Rule kTopologySpread[] = {
    {"maxSkew", kRequired},
    {"maxSkew", kPositive},
    {"topologyKey", kRequired},
    {"topologyKey", kQualifiedName},
    {"minDomains", kPositive},
    {"whenUnsatisfiable", kRequired},
    {"whenUnsatisfiable", kOneOf, 0, 0, "DoNotSchedule|ScheduleAnyway"},
};
constexpr Rule kVolume[] = {{"name", kRequired}, {"name", kDnsLabel}};
constexpr Rule kVolumeDevice[] = {{"name", kRequired}, {"devicePath", kRequired}};
constexpr Rule kVolumeMount[] = {
    {"name", kRequired},
    {"mountPath", kRequired},
    {"subPath", kDescendingPath},
    {"subPathExpr", kDescendingPath},
};

constexpr TypeRules kCore[] = {
    {"core/v1.CSIPersistentVolumeSource", {}, check_csi_persistent_volume},
    {"core/v1.CSIVolumeSource", {}, check_csi_volume},
    {"core/v1.ConfigMap", {}, check_config_map},
    {"core/v1.ConfigMapKeySelector", kKeySelector},
    {"core/v1.ConfigMapProjection", {}, check_named_source},
    {"core/v1.ConfigMapVolumeSource", kDefaultMode, check_named_source},
    {"core/v1.Container", kContainer, check_container},
    {"core/v1.ContainerPort", kContainerPort},
    {"core/v1.ContainerResizePolicy", kResizePolicy},
    {"core/v1.DownwardAPIVolumeFile", kDownwardFile, check_downward_file},
    {"core/v1.DownwardAPIVolumeSource", kDefaultMode},
    {"core/v1.EmptyDirVolumeSource", {}, check_empty_dir},
    {"core/v1.EndpointAddress", kEndpointAddress},
    {"core/v1.EndpointPort", kEndpointPort},
    {"core/v1.EnvFromSource", {}, check_env_from},
    {"core/v1.EnvVar", kEnvVar, check_env_var},
    {"core/v1.EnvVarSource", {}, check_variable_source},
    {"core/v1.EphemeralContainer", kContainer, check_ephemeral_container},
    {"core/v1.EphemeralVolumeSource", {}, check_claim_template},
    {"core/v1.Event", {}, check_core_event},
    {"core/v1.ExecAction", kExec},
    {"core/v1.GRPCAction", {}, check_grpc},
    {"core/v1.HTTPGetAction", kHttpGet},
    {"core/v1.HostAlias", kHostAlias},
    {"core/v1.HostPathVolumeSource", kHostPath},
    {"core/v1.KeyToPath", kKeyToPath},
    {"core/v1.LifecycleHandler", {}, check_handler},
    {"core/v1.LimitRangeItem", {}, check_limit_item},
    {"core/v1.LimitRangeSpec", {}, check_limits},
    {"core/v1.LocalVolumeSource", kHostPath},
    {"core/v1.NFSVolumeSource", kNfs},
    {"core/v1.NodeSelector", kNodeSelector},
    {"core/v1.NodeSelectorRequirement", {}, check_node_selector_requirement},
    {"core/v1.NodeSpec", kNodeSpec},
    {"core/v1.ObjectFieldSelector", kObjectFieldSelector},
    {"core/v1.PersistentVolumeClaimSpec", kClaimSpec, check_claim_spec},
    {"core/v1.PersistentVolumeClaimVolumeSource", kPersistentVolumeClaimSource},
    {"core/v1.PersistentVolumeSpec", kClaimSpec, check_volume_spec},
    {"core/v1.PodAffinityTerm", kPodAffinityTerm},
    {"core/v1.PodSecurityContext", kSecurityContext, check_pod_security},
    {"core/v1.PodSpec", kPodSpec, check_pod_spec},
    {"core/v1.PodTemplateSpec", {}, check_pod_template},
    {"core/v1.PreferredSchedulingTerm", kPreferred},
    {"core/v1.Probe", kProbe, check_probe},
    {"core/v1.ProjectedVolumeSource", kDefaultMode, check_projected_volume},
    {"core/v1.ReplicationControllerSpec", kReplication, check_replication_controller_spec},
    {"core/v1.ResourceFieldSelector", kResourceFieldSelector},
    {"core/v1.ResourceQuotaSpec", kQuotaSpec, check_quota_spec},
    {"core/v1.ResourceRequirements", {}, check_resources},
    {"core/v1.ScopedResourceSelectorRequirement", kScopeTerm},
    {"core/v1.SeccompProfile", kSeccompProfile},
    {"core/v1.Secret", {}, check_secret},
    {"core/v1.SecretKeySelector", kKeySelector},
    {"core/v1.SecretProjection", {}, check_named_source},
    {"core/v1.SecretVolumeSource", kSecretVolume},
    {"core/v1.SecurityContext", kSecurityContext, check_security_context},
    {"core/v1.ServiceAccountTokenProjection", kTokenFile, check_token_file},
    {"core/v1.ServicePort", kServicePort},
    {"core/v1.ServiceSpec", kServiceSpec, check_service_spec},
    {"core/v1.TCPSocketAction", kTcpSocket},
    {"core/v1.Taint", kTaint},
    {"core/v1.Toleration", kToleration, check_toleration},
    {"core/v1.TopologySpreadConstraint", kTopologySpread},
    {"core/v1.Volume", kVolume, check_volume},
    {"core/v1.VolumeDevice", kVolumeDevice},
    {"core/v1.VolumeMount", kVolumeMount},
    {"core/v1.WeightedPodAffinityTerm", kPreferred},
};

}  // namespace

std::span<const TypeRules> core_rules() { return kCore; }

}  // namespace troupe::api
