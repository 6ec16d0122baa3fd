#include "api/validation/rules.hpp"

/// The tables of all groups but core, sorted by type.
namespace troupe::api {

namespace {

using enum Check;

constexpr Rule kDaemonSet[] = {
    {"selector", kRequired}, {"minReadySeconds", kNotNegative}, {"revisionHistoryLimit", kNotNegative}};
constexpr Rule kDeployment[] = {
    {"replicas", kNotNegative},
    {"selector", kRequired},
    {"minReadySeconds", kNotNegative},
    {"revisionHistoryLimit", kNotNegative},
    {"progressDeadlineSeconds", kNotNegative},
};
constexpr Rule kDeploymentStrategy[] = {{"type", kOneOf, 0, 0, "Recreate|RollingUpdate"}};
constexpr Rule kRollingDaemonSet[] = {{"maxUnavailable", kPercent}, {"maxSurge", kPercent}};
constexpr Rule kRollingDeployment[] = {{"maxUnavailable", kPercent}, {"maxSurge", kAnyPercent}};
constexpr Rule kDaemonSetStrategy[] = {{"type", kOneOf, 0, 0, "OnDelete|RollingUpdate"}};
constexpr Rule kReplicaSet[] = {{"replicas", kNotNegative}, {"minReadySeconds", kNotNegative}, {"selector", kRequired}};
constexpr Rule kStatefulSet[] = {
    {"replicas", kNotNegative},         {"selector", kRequired},
    {"minReadySeconds", kNotNegative},  {"revisionHistoryLimit", kNotNegative},
    {"podManagementPolicy", kRequired},
};
constexpr Rule kScaler[] = {{"maxReplicas", kRequired}, {"maxReplicas", kPositive}};
constexpr Rule kScaleTarget[] = {{"kind", kRequired}, {"name", kRequired}};
constexpr Rule kCronJob[] = {
    {"schedule", kRequired},
    {"startingDeadlineSeconds", kNotNegative},
    {"concurrencyPolicy", kOneOf, 0, 0, "Allow|Forbid|Replace"},
    {"successfulJobsHistoryLimit", kNotNegative},
    {"failedJobsHistoryLimit", kNotNegative},
};
constexpr Rule kJob[] = {
    {"parallelism", kNotNegative},
    {"completions", kNotNegative},
    {"activeDeadlineSeconds", kNotNegative},
    {"backoffLimit", kNotNegative},
    {"backoffLimitPerIndex", kNotNegative},
    {"ttlSecondsAfterFinished", kNotNegative},
    {"completionMode", kOneOf, 0, 0, "Indexed|NonIndexed"},
    {"podReplacementPolicy", kOneOf, 0, 0, "Failed|TerminatingOrFailed"},
};
constexpr Rule kSigningRequest[] = {{"request", kRequired}, {"signerName", kRequired}, {"usages", kRequired}};
constexpr Rule kLease[] = {{"leaseDurationSeconds", kPositive}, {"leaseTransitions", kNotNegative}};
constexpr Rule kEndpointSlice[] = {{"addressType", kRequired}, {"addressType", kOneOf, 0, 0, "FQDN|IPv4|IPv6"}};
constexpr Rule kDiscoveryEndpoint[] = {{"addresses", kRequired}};
constexpr Rule kLabelsOfTemplate[] = {{"labels", kLabels}};
constexpr Rule kSelector[] = {{"matchLabels", kLabels}};
constexpr Rule kIngressBackendService[] = {{"name", kRequired}};
constexpr Rule kIngressPath[] = {{"pathType", kRequired},
                                 {"pathType", kOneOf, 0, 0, "Exact|ImplementationSpecific|Prefix"}};
constexpr Rule kIngressClassName[] = {{"controller", kRequired}};
constexpr Rule kIpBlock[] = {{"cidr", kRequired}, {"cidr", kCidr}, {"except", kCidr}};
constexpr Rule kNetworkPolicy[] = {{"policyTypes", kOneOf, 0, 0, "Egress|Ingress"}};
constexpr Rule kNetworkPolicyPort[] = {{"port", kPortOrName}, {"endPort", kPort}};
constexpr Rule kServiceCidr[] = {{"cidrs", kRequired}, {"cidrs", kCidr}};
constexpr Rule kRuntimeClass[] = {{"handler", kRequired}, {"handler", kDnsLabel}};
constexpr Rule kBudget[] = {
    {"minAvailable", kPercent},
    {"maxUnavailable", kPercent},
    {"unhealthyPodEvictionPolicy", kOneOf, 0, 0, "AlwaysAllow|IfHealthyBudget"},
};
constexpr Rule kPolicyRule[] = {{"verbs", kRequired}};
constexpr Rule kRoleRef[] = {{"name", kRequired}, {"kind", kOneOf, 0, 0, "ClusterRole|Role"}};
constexpr Rule kRoleSubject[] = {{"name", kRequired}, {"kind", kOneOf, 0, 0, "Group|ServiceAccount|User"}};
constexpr Rule kPriorityClass[] = {{"preemptionPolicy", kOneOf, 0, 0, "Never|PreemptLowerPriority"}};
constexpr Rule kStorageClass[] = {
    {"provisioner", kRequired},
    {"volumeBindingMode", kRequired},
    {"volumeBindingMode", kOneOf, 0, 0, "Immediate|WaitForFirstConsumer"},
    {"reclaimPolicy", kOneOf, 0, 0, "Delete|Retain"},
};
constexpr Rule kAttachment[] = {{"attacher", kRequired}, {"nodeName", kRequired}};

constexpr TypeRules kOthers[] = {
    {"apps/v1.DaemonSetSpec", kDaemonSet, check_daemon_set_spec},
    {"apps/v1.DaemonSetUpdateStrategy", kDaemonSetStrategy},
    {"apps/v1.DeploymentSpec", kDeployment, check_deployment_spec},
    {"apps/v1.DeploymentStrategy", kDeploymentStrategy},
    {"apps/v1.ReplicaSetSpec", kReplicaSet, check_replica_set_spec},
    {"apps/v1.RollingUpdateDaemonSet", kRollingDaemonSet},
    {"apps/v1.RollingUpdateDeployment", kRollingDeployment},
    {"apps/v1.StatefulSetSpec", kStatefulSet, check_stateful_set_spec},
    {"apps/v1.StatefulSetUpdateStrategy", kDaemonSetStrategy},
    {"autoscaling/v1.CrossVersionObjectReference", kScaleTarget},
    {"autoscaling/v1.HorizontalPodAutoscalerSpec", kScaler, check_scaler_spec},
    {"autoscaling/v2.CrossVersionObjectReference", kScaleTarget},
    {"autoscaling/v2.HorizontalPodAutoscalerSpec", kScaler, check_scaler_spec},
    {"batch/v1.CronJobSpec", kCronJob, check_cron_job_spec},
    {"batch/v1.Job", {}, check_job_template},
    {"batch/v1.JobSpec", kJob, check_job_spec},
    {"certificates/v1.CertificateSigningRequestSpec", kSigningRequest},
    {"coordination/v1.LeaseSpec", kLease},
    {"discovery/v1.Endpoint", kDiscoveryEndpoint},
    {"discovery/v1.EndpointSlice", kEndpointSlice},
    {"events/v1.Event", {}, check_event},
    {"meta/v1.LabelSelector", kSelector},
    {"meta/v1.LabelSelectorRequirement", {}, check_label_selector_requirement},
    {"meta/v1.ObjectMeta", kLabelsOfTemplate},
    {"networking/v1.HTTPIngressPath", kIngressPath},
    {"networking/v1.IPBlock", kIpBlock, check_ip_block},
    {"networking/v1.IngressClassSpec", kIngressClassName},
    {"networking/v1.IngressServiceBackend", kIngressBackendService},
    {"networking/v1.IngressSpec", {}, check_ingress_spec},
    {"networking/v1.NetworkPolicyPeer", {}, check_network_peer},
    {"networking/v1.NetworkPolicyPort", kNetworkPolicyPort},
    {"networking/v1.NetworkPolicySpec", kNetworkPolicy},
    {"networking/v1.ServiceCIDRSpec", kServiceCidr},
    {"node/v1.RuntimeClass", kRuntimeClass},
    {"policy/v1.PodDisruptionBudgetSpec", kBudget, check_disruption_budget},
    {"rbac/v1.PolicyRule", kPolicyRule},
    {"rbac/v1.RoleRef", kRoleRef},
    {"rbac/v1.Subject", kRoleSubject},
    {"scheduling/v1.PriorityClass", kPriorityClass, check_priority_class},
    {"storage/v1.StorageClass", kStorageClass},
    {"storage/v1.VolumeAttachmentSpec", kAttachment},
};

}  // namespace

std::span<const TypeRules> other_rules() { return kOthers; }

}  // namespace troupe::api
