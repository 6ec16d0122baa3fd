#include "tests/unit/api/validation_cases.hpp"

namespace troupe::api {
namespace {

using testing::Changed;
using testing::expect_told;
using testing::Posted;

class KindsValidation : public ::testing::Test {
 protected:
  testing::FrontFixture api;
};

constexpr std::string_view kScalers = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
constexpr std::string_view kOldScalers = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
constexpr std::string_view kVolumes = "/api/v1/persistentvolumes";
constexpr std::string_view kClaims = "/api/v1/namespaces/default/persistentvolumeclaims";
constexpr std::string_view kClasses = "/apis/storage.k8s.io/v1/storageclasses";
constexpr std::string_view kSets = "/apis/apps/v1/namespaces/default/statefulsets";
constexpr std::string_view kDaemons = "/apis/apps/v1/namespaces/default/daemonsets";
constexpr std::string_view kDeployments = "/apis/apps/v1/namespaces/default/deployments";
constexpr std::string_view kJobs = "/apis/batch/v1/namespaces/default/jobs";
constexpr std::string_view kCronJobs = "/apis/batch/v1/namespaces/default/cronjobs";
constexpr std::string_view kQuotas = "/api/v1/namespaces/default/resourcequotas";
constexpr std::string_view kLimits = "/api/v1/namespaces/default/limitranges";

constexpr Posted kScalerCases[] = {
    {kScalers,
     R"({"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"d"},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}},{"type":"Pods","pods":{"metric":{"name":"m"},"target":{"type":"AverageValue","averageValue":"10"}}},{"type":"Object","object":{"describedObject":{"kind":"Service","name":"s"},"metric":{"name":"m"},"target":{"type":"Value","value":"1k"}}},{"type":"External","external":{"metric":{"name":"q"},"target":{"type":"Value","value":"30"}}},{"type":"ContainerResource","containerResource":{"name":"memory","container":"c","target":{"type":"AverageValue","averageValue":"1Gi"}}}],"behavior":{"scaleDown":{"stabilizationWindowSeconds":60},"scaleUp":{"policies":[{"type":"Pods","value":4,"periodSeconds":15}],"selectPolicy":"Max"}}}})",
     ""},
    {kOldScalers,
     R"({"metadata":{"name":"h"},"spec":{"minReplicas":1,"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"},"targetCPUUtilizationPercentage":80}})",
     ""},
    {kOldScalers,
     R"({"metadata":{"name":"h"},"spec":{"minReplicas":4,"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment"}}})",
     "[spec.maxReplicas: Invalid value: 3: must be greater than or equal to `minReplicas`, spec.scaleTargetRef.name: "
     "Required value]"},
    {kScalers, R"({"metadata":{"name":"h"},"spec":{"minReplicas":0,"scaleTargetRef":{"kind":"a/b","name":"d"}}})",
     R"([spec.minReplicas: Invalid value: 0: must be greater than or equal to 1, spec.maxReplicas: Invalid value: 0: must be greater than 0, spec.scaleTargetRef.kind: Invalid value: "a/b": may not contain '/'])"},
    {kScalers,
     R"({"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"},"metrics":[{"type":"Resource"}]}})",
     "spec.metrics[0].resource: Required value: must populate information for the given metric source"},
    {kScalers,
     R"({"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"},"metrics":[{"type":"Cpu"}]}})",
     R"(spec.metrics[0].type: Unsupported value: "Cpu": supported values: "ContainerResource", "External", "Object", "Pods", "Resource")"},
    {kScalers,
     R"({"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"},"metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization"}}},{"type":"Resource","resource":{"name":"cpu","target":{"type":"Often","averageUtilization":0,"averageValue":"0"}}}]}})",
     R"([spec.metrics[0].resource.target.averageUtilization: Required value: must set either a target raw value or a target utilization, spec.metrics[1].resource.target.type: Invalid value: "Often": must be either Utilization, Value, or AverageValue, spec.metrics[1].resource.target.averageValue: Invalid value: "0": must be positive, spec.metrics[1].resource.target.averageUtilization: Invalid value: 0: must be greater than 0, spec.metrics[1].resource.target.averageValue: Forbidden: may not set both a target raw value and a target utilization])"},
    {kScalers,
     R"({"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"},"metrics":[{"type":"Pods","pods":{"metric":{"name":"m"},"target":{"type":"Value","value":"1"}},"resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":8}}}]}})",
     "[spec.metrics[0].pods.target.averageValue: Required value: must specify a positive target averageValue, "
     "spec.metrics[0].resource: Forbidden: must populate the given metric source only]"},
    {kScalers,
     R"({"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"kind":"Deployment","name":"d"},"behavior":{"scaleUp":{"stabilizationWindowSeconds":3601,"selectPolicy":"Mean","policies":[{"type":"Nodes","value":0,"periodSeconds":1801}]},"scaleDown":{}}}})",
     R"([spec.behavior.scaleUp.stabilizationWindowSeconds: Invalid value: 3601: must be less than or equal to 3600, spec.behavior.scaleUp.policies[0].type: Unsupported value: "Nodes": supported values: "Percent", "Pods", spec.behavior.scaleUp.policies[0].value: Invalid value: 0: must be greater than zero, spec.behavior.scaleUp.policies[0].periodSeconds: Invalid value: 1801: must be less than or equal to 1800, spec.behavior.scaleUp.selectPolicy: Unsupported value: "Mean": supported values: "Disabled", "Max", "Min"])"},
};

TEST_F(KindsValidation, WhatIsWrongWithAScalerIsToldInKubernetesWords) { expect_told(api, kScalerCases); }

constexpr Posted kStorageCases[] = {
    {kVolumes,
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce","ReadOnlyMany"],"hostPath":{"path":"/data"},"storageClassName":"manual"}})",
     ""},
    {kVolumes,
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOncePod"],"local":{"path":"/data"},"nodeAffinity":{"required":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"kubernetes.io/hostname","operator":"In","values":["n"]}]}]}}}})",
     ""},
    {kVolumes,
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"csi":{"driver":"csi.example.com","volumeHandle":"h"}}})",
     ""},
    {kVolumes, R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"]}})",
     "spec: Required value: must specify a volume type"},
    {kVolumes,
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/a"},"nfs":{"server":"s","path":"/p"}}})",
     "spec.nfs: Forbidden: may not specify more than 1 volume type"},
    {kVolumes,
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"local":{"path":"/data"}}})",
     "spec.nodeAffinity: Required value: Local volume requires node affinity"},
    {kVolumes, R"({"metadata":{"name":"v"},"spec":{"hostPath":{"path":"/a"}}})",
     R"([spec.accessModes: Required value, spec.capacity: Required value, spec.capacity: Unsupported value: null: supported values: "storage"])"},
    {kVolumes,
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"0","cpu":"1"},"accessModes":["ReadWriteOncePod","Often","ReadWriteMany"],"hostPath":{"path":"/"},"persistentVolumeReclaimPolicy":"Recycle"}})",
     R"([spec.accessModes: Unsupported value: "Often": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod", spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes, spec.capacity: Unsupported value: {"cpu":"1","storage":"0"}: supported values: "storage", spec.capacity[storage]: Invalid value: "0": must be greater than zero, spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'])"},
    {kVolumes,
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/a/../b"},"persistentVolumeReclaimPolicy":"Keep","volumeMode":"Tape"}})",
     R"([spec.hostPath.path: Invalid value: "/a/../b": must not contain '..', spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Recycle", "Retain", spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"])"},
    {kVolumes,
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"csi":{"driver":"a b"}}})",
     R"([spec.csi.driver: Invalid value: "a b": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), spec.csi.volumeHandle: Required value])"},
    {kClaims,
     R"({"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSource":{"apiGroup":"snapshot.storage.k8s.io","kind":"VolumeSnapshot","name":"s"},"storageClassName":""}})",
     ""},
    {kClaims,
     R"({"metadata":{"name":"c"},"spec":{"accessModes":["Often"],"resources":{"requests":{"storage":"1Gi"}}}})",
     R"(spec.accessModes: Unsupported value: "Often": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")"},
    {kClaims, R"({"metadata":{"name":"c"},"spec":{"resources":{"requests":{"storage":"0"}}}})",
     R"([spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Invalid value: "0": must be greater than zero])"},
    {kClaims,
     R"({"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}},"dataSource":{"kind":"VolumeSnapshot","name":""},"storageClassName":"A"}})", R"([spec.storageClassName: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), spec.dataSource.name: Required value, spec.dataSource: Invalid value: "VolumeSnapshot": must be 'PersistentVolumeClaim' when referencing the default apiGroup])"},
    {kClasses, R"({"metadata":{"name":"s"},"provisioner":"example.com/disk","parameters":{"type":"fast"}})", ""},
    {kClasses, R"({"metadata":{"name":"s"},"reclaimPolicy":"Keep","volumeBindingMode":"Later"})",
     R"([volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer", reclaimPolicy: Unsupported value: "Keep": supported values: "Delete", "Retain", provisioner: Required value])"},
};

TEST_F(KindsValidation, WhatIsWrongWithStorageIsToldInKubernetesWords) { expect_told(api, kStorageCases); }

constexpr Changed kStorageChanges[] = {
    {kVolumes, "v",
     R"({"metadata":{"name":"v"},"spec":{"capacity":{"storage":"1Gi"},"accessModes":["ReadWriteOnce"],"hostPath":{"path":"/data"}}})",
     R"([{"op":"replace","path":"/spec/hostPath/path","value":"/other"}])",
     "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation"},
    {kVolumes, "v", "", R"([{"op":"replace","path":"/spec/capacity","value":{"storage":"2Gi"}}])", ""},
    {kVolumes, "v", "", R"([{"op":"replace","path":"/spec/volumeMode","value":"Block"}])",
     R"(volumeMode: Invalid value: "Block": field is immutable)"},
    {kClaims, "c",
     R"({"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}})",
     R"([{"op":"replace","path":"/spec/accessModes","value":["ReadWriteMany"]}])",
     "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for "
     "bound claims"},
    {kClaims, "c", "", R"([{"op":"replace","path":"/spec/resources/requests/storage","value":"1024Mi"}])", ""},
    {kClaims, "c", "", R"([{"op":"replace","path":"/spec/resources/requests/storage","value":"2Gi"}])",
     "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for "
     "bound claims"},
    {kClaims, "c", "", R"([{"op":"add","path":"/spec/storageClassName","value":"late"}])", ""},
    {kClaims, "c", "", R"([{"op":"add","path":"/spec/volumeName","value":"v"}])", ""},
    {kClaims, "c", "", R"([{"op":"add","path":"/spec/volumeName","value":"w"}])",
     "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for "
     "bound claims"},
};

TEST_F(KindsValidation, StorageKeepsWhatItIsMadeOf) { expect_told(api, kStorageChanges); }

#define POD R"("template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}})"
#define SELECTED R"("selector":{"matchLabels":{"a":"b"}},)" POD
#define ONCE R"("template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}})"

constexpr Posted kWorkloadCases[] = {
    {kSets,
     R"({"metadata":{"name":"s"},"spec":{"ordinals":{"start":1},"podManagementPolicy":"Parallel","updateStrategy":{"type":"OnDelete"},"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Delete"},)" SELECTED
     "}}",
     ""},
    {kSets, R"({"metadata":{"name":"s"},"spec":{"ordinals":{"start":-1},)" SELECTED "}}",
     "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0"},
    {kSets,
     R"({"metadata":{"name":"s"},"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":{"partition":1}},)" SELECTED
     "}}",
     R"(spec.updateStrategy.rollingUpdate: Invalid value: {"partition":1}: only allowed for updateStrategy 'RollingUpdate')"},
    {kSets,
     R"({"metadata":{"name":"s"},"spec":{"updateStrategy":{"type":"Never"},"podManagementPolicy":"Random",)" SELECTED
     "}}",
     R"([spec.podManagementPolicy: Invalid value: "Random": must be 'OrderedReady' or 'Parallel', spec.updateStrategy: Invalid value: {"Type":"Never","RollingUpdate":null}: must be 'RollingUpdate' or 'OnDelete'])"},
    {kSets,
     R"({"metadata":{"name":"s"},"spec":{"persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Keep"},"updateStrategy":{"rollingUpdate":{"partition":-1,"maxUnavailable":0}},)" SELECTED
     "}}",
     R"([spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0, spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0, spec.persistentVolumeClaimRetentionPolicy.whenDeleted: Unsupported value: "Keep": supported values: "Retain", "Delete"])"},
    {kDaemons, R"({"metadata":{"name":"d"},"spec":{"updateStrategy":{"type":"OnDelete"},)" SELECTED "}}", ""},
    {kDaemons, R"({"metadata":{"name":"d"},"spec":{"updateStrategy":{"type":"Never"},)" SELECTED "}}",
     R"(spec.updateStrategy: Unsupported value: {"Type":"Never","RollingUpdate":null}: supported values: "RollingUpdate", "OnDelete")"},
    {kDaemons,
     R"({"metadata":{"name":"d"},"spec":{"updateStrategy":{"rollingUpdate":{"maxUnavailable":1,"maxSurge":1}},)" SELECTED
     "}}",
     "spec.updateStrategy.rollingUpdate.maxSurge: Invalid value: 1: may not be set when maxUnavailable is non-zero"},
    {kDeployments, R"({"metadata":{"name":"d"},"spec":{"strategy":{"type":"Canary"},)" SELECTED "}}",
     R"(spec.strategy: Unsupported value: {"Type":"Canary","RollingUpdate":null}: supported values: "Recreate", "RollingUpdate")"},
    {kDeployments,
     R"({"metadata":{"name":"d"},"spec":{"strategy":{"type":"Recreate","rollingUpdate":{"maxSurge":1}},)" SELECTED "}}",
     "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"},
    {kDeployments,
     R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}],"ephemeralContainers":[{"name":"e","image":"i"}]}}}})",
     "spec.template.spec.ephemeralContainers: Forbidden: ephemeral containers not allowed in pod template"},
};

TEST_F(KindsValidation, WhatIsWrongWithSetsOfPodsIsToldInKubernetesWords) { expect_told(api, kWorkloadCases); }

constexpr Posted kJobCases[] = {
    {kJobs,
     R"({"metadata":{"name":"j"},"spec":{"completionMode":"Indexed","completions":3,"backoffLimitPerIndex":1,"maxFailedIndexes":2,"podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"operator":"In","values":[1,42]}},{"action":"Ignore","onPodConditions":[{"type":"DisruptionTarget","status":"True"}]}]},"successPolicy":{"rules":[{"succeededCount":1}]},"managedBy":"acme.io/jobs",)" ONCE
     "}}",
     ""},
    {kJobs, R"({"metadata":{"name":"j"},"spec":{"completionMode":"Indexed",)" ONCE "}}", ""},
    {kJobs, R"({"metadata":{"name":"j"},"spec":{"parallelism":2,"completionMode":"Indexed",)" ONCE "}}",
     "spec.completions: Required value: when completion mode is Indexed"},
    {kJobs, R"({"metadata":{"name":"j"},"spec":{"completionMode":"Sorted",)" ONCE "}}",
     R"(spec.completionMode: Unsupported value: "Sorted": supported values: "NonIndexed", "Indexed")"},
    {kJobs,
     R"({"metadata":{"name":"j"},"spec":{"completionMode":"Indexed","completions":3,"maxFailedIndexes":4,)" ONCE "}}",
     "[spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified, spec.maxFailedIndexes: Invalid "
     "value: 4: must be less than or equal to completions]"},
    {kJobs,
     R"({"metadata":{"name":"j"},"spec":{"podFailurePolicy":{"rules":[{"action":"Retry"},{"onExitCodes":{"operator":"Is","values":[]}}]},"podReplacementPolicy":"TerminatingOrFailed",)" ONCE
     "}}",
     R"([spec.podFailurePolicy.rules[0].action: Unsupported value: "Retry": supported values: "Count", "FailIndex", "FailJob", "Ignore", spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required, spec.podFailurePolicy.rules[1].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"], spec.podFailurePolicy.rules[1].onExitCodes.operator: Unsupported value: "Is": supported values: "In", "NotIn", spec.podFailurePolicy.rules[1].onExitCodes.values: Invalid value: null: at least one value is required, spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"])"},
    {kJobs,
     R"({"metadata":{"name":"j"},"spec":{"podFailurePolicy":{"rules":[{"action":"FailIndex","onExitCodes":{"containerName":"x","operator":"In","values":[2,0,2]},"onPodConditions":[{"type":"T","status":"Maybe"}]}]},)" ONCE "}}", R"([spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set, spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "x": must be one of the container or initContainer names in the pod template, spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator, spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2, spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered, spec.podFailurePolicy.rules[0].onPodConditions[0].status: Unsupported value: "Maybe": supported values: "False", "True", "Unknown", spec.podFailurePolicy.rules[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported])"},
    {kJobs, R"({"metadata":{"name":"j"},"spec":{"successPolicy":{"rules":[]},"managedBy":"me",)" ONCE "}}",
     R"([spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo"), spec.successPolicy: Invalid value: {"rules":null}: requires indexed completion mode])"},
    {kJobs,
     R"({"metadata":{"name":"j"},"spec":{"podFailurePolicy":{"rules":[]},"template":{"spec":{"restartPolicy":"OnFailure","containers":[{"name":"c","image":"i"}]}}}})",
     R"(spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified)"},
    {kJobs, R"({"metadata":{"name":"a.b"},"spec":{"completions":2,"completionMode":"Indexed",)" ONCE "}}",
     R"(metadata.name: Invalid value: "a.b": will not able to create pod with invalid DNS label: a.b-1)"},
    {kCronJobs,
     R"({"metadata":{"name":"c"},"spec":{"schedule":"@daily","timeZone":"Europe/Berlin","jobTemplate":{"spec":{)" ONCE
     "}}}}",
     ""},
    {kCronJobs,
     R"({"metadata":{"name":"c"},"spec":{"schedule":"TZ=UTC 0 0 * * *","timeZone":"Europe//Berlin","jobTemplate":{"spec":{)" ONCE
     "}}}}",
     R"([spec.schedule: Invalid value: "TZ=UTC 0 0 * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead, spec.timeZone: Invalid value: "Europe//Berlin": unknown time zone Europe//Berlin])"},
    {kCronJobs,
     R"({"metadata":{"name":"c"},"spec":{"schedule":"@daily","timeZone":"Local","concurrencyPolicy":"Queue","jobTemplate":{"spec":{"manualSelector":true,"selector":{"matchLabels":{"a":"b"}},)" ONCE
     "}}}}",
     R"([spec.concurrencyPolicy: Unsupported value: "Queue": supported values: "Allow", "Forbid", "Replace", spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones, spec.jobTemplate.spec.selector: Invalid value: {"matchLabels":{"a":"b"}}: `selector` will be auto-generated, spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"])"},
};

TEST_F(KindsValidation, WhatIsWrongWithAJobIsToldInKubernetesWords) { expect_told(api, kJobCases); }

constexpr Changed kJobChanges[] = {
    {kJobs, "j", R"({"metadata":{"name":"j"},"spec":{"suspend":true,)" ONCE "}}",
     R"([{"op":"add","path":"/spec/template/spec/nodeSelector","value":{"disk":"fast"}},{"op":"add","path":"/spec/template/metadata/labels/x","value":"y"}])",
     ""},
    {kJobs, "j", "", R"([{"op":"replace","path":"/spec/completions","value":3}])",
     "spec.completions: Invalid value: 3: field is immutable"},
    {kJobs, "j", "", R"([{"op":"add","path":"/spec/backoffLimitPerIndex","value":1}])",
     "[spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode, spec.backoffLimitPerIndex: "
     "Invalid value: 1: field is immutable]"},
    {kJobs, "j", "", R"([{"op":"replace","path":"/spec/suspend","value":false}])", ""},
    {kJobs, "j", "", R"([{"op":"replace","path":"/spec/parallelism","value":4}])", ""},
    {kJobs, "i",
     R"({"metadata":{"name":"i"},"spec":{"completionMode":"Indexed","completions":2,"parallelism":2,)" ONCE "}}",
     R"([{"op":"replace","path":"/spec/completions","value":3}])",
     "spec.completions: Invalid value: 3: can only be modified in tandem with spec.parallelism"},
    {kJobs, "i", "",
     R"([{"op":"replace","path":"/spec/completions","value":3},{"op":"replace","path":"/spec/parallelism","value":3}])",
     ""},
};

TEST_F(KindsValidation, AJobThatWaitsMayStillBeToldWhereToRun) { expect_told(api, kJobChanges); }

TEST_F(KindsValidation, ThePodsOfARunningJobStayAsTheyAre) {
  const auto made = api.ask("POST", std::string(kJobs), R"({"metadata":{"name":"r"},"spec":{)" ONCE "}}");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto changed = api.ask("PATCH", std::string(kJobs) + "/r",
                               R"([{"op":"add","path":"/spec/template/spec/nodeSelector","value":{"disk":"fast"}}])",
                               "application/json-patch+json");
  EXPECT_EQ(changed.status, 422) << changed.body;
  EXPECT_NE(changed.body.find("field is immutable"), std::string::npos) << changed.body;
  EXPECT_NE(changed.body.find(R"("field":"spec.template")"), std::string::npos) << changed.body;
}

constexpr Posted kQuotaCases[] = {
    {kQuotas,
     R"({"metadata":{"name":"q"},"spec":{"hard":{"pods":"4","requests.cpu":"1500m","limits.memory":"1Gi","count/deployments.apps":"3","services.nodeports":"0","requests.example.com/gpu":"2","gold.storageclass.storage.k8s.io/requests.storage":"5Gi"}}})",
     ""},
    {kQuotas,
     R"({"metadata":{"name":"q"},"spec":{"hard":{"pods":"4","cpu":"1"},"scopes":["NotBestEffort"],"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass","operator":"In","values":["high"]}]}}})",
     ""},
    {kQuotas, R"({"metadata":{"name":"q"},"spec":{"hard":{"podz":"4","pods":"1500m","cpu":"-1"}}})",
     R"([spec.hard[cpu]: Invalid value: "-1": must be greater than or equal to 0, spec.hard[pods]: Invalid value: "1500m": must be an integer, spec.hard[podz]: Invalid value: "podz": must be a standard resource type or fully qualified, spec.hard[podz]: Invalid value: "podz": must be a standard resource for quota])"},
    {kQuotas,
     R"({"metadata":{"name":"q"},"spec":{"hard":{"services":"4"},"scopes":["BestEffort","NotBestEffort","Odd"]}})",
     R"([spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope applied to resource, spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope applied to resource, spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: unsupported scope, spec.scopes: Invalid value: ["BestEffort","NotBestEffort","Odd"]: conflicting scopes])"},
    {kQuotas,
     R"({"metadata":{"name":"q"},"spec":{"hard":{"pods":"4"},"scopeSelector":{"matchExpressions":[{"scopeName":"Terminating","operator":"In","values":["a"]},{"scopeName":"PriorityClass","operator":"In"},{"scopeName":"PriorityClass","operator":"Is"}]}}})",
     R"([spec.scopeSelector.matchExpressions.operator: Invalid value: "In": must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity, spec.scopeSelector.matchExpressions.values: Required value: must be at least one value when `operator` is 'In' or 'NotIn' for scope selector, spec.scopeSelector.matchExpressions.operator: Invalid value: "Is": not a valid selector operator])"},
    {kLimits,
     R"({"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"cpu":"100m"},"default":{"cpu":"1"},"defaultRequest":{"cpu":"500m"},"maxLimitRequestRatio":{"cpu":"4"}},{"type":"Pod","max":{"memory":"1Gi"}},{"type":"PersistentVolumeClaim","max":{"storage":"5Gi"}}]}})",
     ""},
    {kLimits,
     R"({"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"cpu":"1"},"min":{"cpu":"2"}},{"type":"Container","default":{"cpu":"2"},"max":{"cpu":"1"}},{"type":"Container","default":{"cpu":"1"},"defaultRequest":{"cpu":"2"}}]}})",
     R"([spec.limits[1].type: Duplicate value: "Container", spec.limits[2].type: Duplicate value: "Container", spec.limits[0].min[cpu]: Invalid value: "2": min value 2 is greater than max value 1, spec.limits[0].defaultRequest[cpu]: Invalid value: "1": min value 2 is greater than default request value 1, spec.limits[0].default[cpu]: Invalid value: "2": min value 2 is greater than default value 1, spec.limits[1].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than max value 1, spec.limits[1].default[cpu]: Invalid value: "1": default value 2 is greater than max value 1, spec.limits[2].defaultRequest[cpu]: Invalid value: "2": default request value 2 is greater than default limit value 1])"},
    {kLimits,
     R"({"metadata":{"name":"l"},"spec":{"limits":[{"type":"Pod","default":{"cpu":"1"}},{"type":"PersistentVolumeClaim"},{"type":"Disk"},{"type":"Container","maxLimitRequestRatio":{"cpu":"500m"},"max":{"storage":"1"}}]}})",
     R"([spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod', spec.limits[1].limits: Required value: either minimum or maximum storage value is required, but neither was provided, spec.limits[2].type: Invalid value: "Disk": must be a standard limit type or fully qualified, spec.limits[3].max[storage]: Invalid value: "storage": must be a standard resource for containers, spec.limits[3].default[storage]: Invalid value: "storage": must be a standard resource for containers, spec.limits[3].defaultRequest[storage]: Invalid value: "storage": must be a standard resource for containers, spec.limits[3].maxLimitRequestRatio[cpu]: Invalid value: "500m": ratio 500m is less than 1])"},
};

TEST_F(KindsValidation, WhatIsWrongWithAQuotaIsToldInKubernetesWords) { expect_told(api, kQuotaCases); }

}  // namespace
}  // namespace troupe::api
