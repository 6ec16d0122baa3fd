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
constexpr Rule kRollingDaemonSet[] = {{"maxUnavailable", kPercent}, {"maxSurge", kPercent}};
constexpr Rule kRollingDeployment[] = {{"maxUnavailable", kPercent}, {"maxSurge", kAnyPercent}};
/// The type of a strategy, an action, …: the check of what holds it tells which there are.
constexpr Rule kTypeElsewhere[] = {{"type", kElsewhere}};
constexpr Rule kReplicaSet[] = {{"replicas", kNotNegative}, {"minReadySeconds", kNotNegative}, {"selector", kRequired}};
constexpr Rule kStatefulSet[] = {
    {"replicas", kNotNegative},         {"selector", kRequired},
    {"minReadySeconds", kNotNegative},  {"revisionHistoryLimit", kNotNegative},
    {"podManagementPolicy", kRequired}, {"podManagementPolicy", kElsewhere},
};
constexpr Rule kClaimRetention[] = {{"whenDeleted", kOneOf, 0, 0, "Retain|Delete"},
                                    {"whenScaled", kOneOf, 0, 0, "Retain|Delete"}};
constexpr Rule kScalingRules[] = {{"selectPolicy", kOneOf, 0, 0, "Disabled|Max|Min"}};
constexpr Rule kCronJob[] = {
    {"schedule", kRequired},
    {"startingDeadlineSeconds", kNotNegative},
    {"concurrencyPolicy", kRequired},
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
    {"maxFailedIndexes", kNotNegative},
    {"ttlSecondsAfterFinished", kNotNegative},
    {"completionMode", kOneOf, 0, 0, "NonIndexed|Indexed"},
    {"podReplacementPolicy", kElsewhere},
};
constexpr Rule kFailureExitCodes[] = {{"operator", kElsewhere}};
constexpr Rule kFailureCondition[] = {{"status", kElsewhere}};
constexpr Rule kFailureRule[] = {{"action", kElsewhere}};
constexpr Rule kLease[] = {{"leaseDurationSeconds", kPositive}, {"leaseTransitions", kNotNegative}};
constexpr Rule kEndpointSlice[] = {{"addressType", kRequired}, {"addressType", kOneOf, 0, 0, "FQDN|IPv4|IPv6"}};
constexpr Rule kHook[] = {{"sideEffects", kElsewhere}};
constexpr Rule kLabelsOfTemplate[] = {{"labels", kLabels}};
constexpr Rule kSelector[] = {{"matchLabels", kLabels}};
constexpr Rule kIngressPath[] = {{"pathType", kElsewhere}};
constexpr Rule kIngressClassReference[] = {{"scope", kElsewhere}};
constexpr Rule kIpBlock[] = {{"cidr", kRequired}, {"cidr", kCidr}};
constexpr Rule kNetworkPolicy[] = {{"policyTypes", kElsewhere}};
constexpr Rule kNetworkPolicyPort[] = {{"protocol", kElsewhere}};
constexpr Rule kServiceCidr[] = {{"cidrs", kRequired}, {"cidrs", kCidr}};
constexpr Rule kRuntimeClass[] = {{"handler", kRequired}, {"handler", kDnsLabel}};
constexpr Rule kBudget[] = {
    {"minAvailable", kPercent},
    {"maxUnavailable", kPercent},
    {"unhealthyPodEvictionPolicy", kOneOf, 0, 0, "AlwaysAllow|IfHealthyBudget"},
};
constexpr Rule kPriorityClass[] = {{"preemptionPolicy", kOneOf, 0, 0, "Never|PreemptLowerPriority"}};
constexpr Rule kStorageClass[] = {
    {"volumeBindingMode", kRequired},
    {"volumeBindingMode", kOneOf, 0, 0, "Immediate|WaitForFirstConsumer"},
    {"reclaimPolicy", kOneOf, 0, 0, "Delete|Retain"},
};
constexpr Rule kAttachment[] = {{"attacher", kRequired}, {"nodeName", kRequired}};

constexpr TypeRules kOthers[] = {
    {"admissionregistration/v1.MutatingWebhook", kHook, check_hook},
    {"admissionregistration/v1.MutatingWebhookConfiguration", {}, check_hooks},
    {"admissionregistration/v1.RuleWithOperations", {}, check_hook_rule},
    {"admissionregistration/v1.ValidatingWebhook", kHook, check_hook},
    {"admissionregistration/v1.ValidatingWebhookConfiguration", {}, check_hooks},
    {"apps/v1.DaemonSetSpec", kDaemonSet, check_daemon_set_spec},
    {"apps/v1.DaemonSetUpdateStrategy", kTypeElsewhere},
    {"apps/v1.DeploymentSpec", kDeployment, check_deployment_spec},
    {"apps/v1.DeploymentStrategy", kTypeElsewhere},
    {"apps/v1.ReplicaSetSpec", kReplicaSet, check_replica_set_spec},
    {"apps/v1.RollingUpdateDaemonSet", kRollingDaemonSet},
    {"apps/v1.RollingUpdateDeployment", kRollingDeployment},
    {"apps/v1.StatefulSetPersistentVolumeClaimRetentionPolicy", kClaimRetention},
    {"apps/v1.StatefulSetSpec", kStatefulSet, check_stateful_set_spec},
    {"apps/v1.StatefulSetUpdateStrategy", kTypeElsewhere},
    {"autoscaling/v1.HorizontalPodAutoscalerSpec", {}, check_scaler_spec},
    {"autoscaling/v2.HPAScalingPolicy", kTypeElsewhere},
    {"autoscaling/v2.HPAScalingRules", kScalingRules},
    {"autoscaling/v2.HorizontalPodAutoscalerSpec", {}, check_scaler_spec},
    {"autoscaling/v2.MetricSpec", kTypeElsewhere, check_metric},
    {"autoscaling/v2.MetricTarget", kTypeElsewhere},
    {"batch/v1.CronJobSpec", kCronJob, check_cron_job_spec},
    {"batch/v1.Job", {}, check_job_template},
    {"batch/v1.JobSpec", kJob, check_job_spec},
    {"batch/v1.PodFailurePolicyOnExitCodesRequirement", kFailureExitCodes},
    {"batch/v1.PodFailurePolicyOnPodConditionsPattern", kFailureCondition},
    {"batch/v1.PodFailurePolicyRule", kFailureRule},
    {"certificates/v1.CertificateSigningRequestSpec", {}, check_signing_request},
    {"coordination/v1.LeaseSpec", kLease},
    {"discovery/v1.EndpointSlice", kEndpointSlice, check_endpoint_slice},
    {"events/v1.Event", {}, check_event},
    {"meta/v1.LabelSelector", kSelector},
    {"meta/v1.LabelSelectorRequirement", {}, check_label_selector_requirement},
    {"meta/v1.ObjectMeta", kLabelsOfTemplate},
    {"networking/v1.HTTPIngressPath", kIngressPath, check_ingress_path},
    {"networking/v1.IPBlock", kIpBlock, check_ip_block},
    {"networking/v1.IngressBackend", {}, check_ingress_backend},
    {"networking/v1.IngressClassParametersReference", kIngressClassReference},
    {"networking/v1.IngressClassSpec", {}, check_ingress_class_spec},
    {"networking/v1.IngressSpec", {}, check_ingress_spec},
    {"networking/v1.NetworkPolicyPeer", {}, check_network_peer},
    {"networking/v1.NetworkPolicyPort", kNetworkPolicyPort, check_network_port},
    {"networking/v1.NetworkPolicySpec", kNetworkPolicy, check_network_policy_spec},
    {"networking/v1.ServiceCIDRSpec", kServiceCidr},
    {"node/v1.RuntimeClass", kRuntimeClass},
    {"policy/v1.PodDisruptionBudgetSpec", kBudget, check_disruption_budget},
    {"rbac/v1.PolicyRule", {}, check_policy_rule},
    {"rbac/v1.RoleRef", {}, check_role_reference},
    {"rbac/v1.Subject", {}, check_role_subject},
    {"scheduling/v1.PriorityClass", kPriorityClass, check_priority_class},
    {"storage/v1.StorageClass", kStorageClass, check_storage_class},
    {"storage/v1.VolumeAttachmentSpec", kAttachment},
};

}  // namespace

std::span<const TypeRules> other_rules() { return kOthers; }

}  // namespace troupe::api
