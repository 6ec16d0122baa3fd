#include "api/validation/validation.hpp"

#include <gtest/gtest.h>

#include "api/validation/cron.hpp"
#include "api/validation/rules.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using testing::at;

class ValidationTest : public ::testing::Test {
 protected:
  testing::FrontFixture api;
};

struct Case {
  std::string_view path;  ///< Where it is posted.
  std::string_view body;
  std::string_view message;  ///< Of the Status; "" when it is created.
};

constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";
constexpr std::string_view kServices = "/api/v1/namespaces/default/services";
constexpr std::string_view kMaps = "/api/v1/namespaces/default/configmaps";
constexpr std::string_view kSecrets = "/api/v1/namespaces/default/secrets";
constexpr std::string_view kDeployments = "/apis/apps/v1/namespaces/default/deployments";
constexpr std::string_view kJobs = "/apis/batch/v1/namespaces/default/jobs";
constexpr std::string_view kCronJobs = "/apis/batch/v1/namespaces/default/cronjobs";
constexpr std::string_view kClaims = "/api/v1/namespaces/default/persistentvolumeclaims";

constexpr Case kPodDetailCases[] = {
    {kPods,
     R"({"metadata":{"name":"d0"},"spec":{"containers":[{"name":"a","env":[{"name":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels['a']"}}},{"name":"y","valueFrom":{"resourceFieldRef":{"resource":"limits.cpu"}}}],"lifecycle":{"preStop":{"sleep":{"seconds":30}}}}],"initContainers":[{"name":"s","restartPolicy":"Always","startupProbe":{"exec":{"command":["a"]}}}],"volumes":[{"name":"v","downwardAPI":{"items":[{"path":"a","fieldRef":{"fieldPath":"metadata.labels"}}]}}]}})",
     ""},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","env":[{"name":"x","valueFrom":{"fieldRef":{"fieldPath":"spec.foo"}}}]}]}})",
     R"(Pod "p" is invalid: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","env":[{"name":"x","valueFrom":{"fieldRef":{"fieldPath":"metadata.labels"}}}]}]}})",
     R"(Pod "p" is invalid: spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Unsupported value: "metadata.labels": supported values: "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName", "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs")"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","env":[{"name":"x","valueFrom":{"resourceFieldRef":{"resource":"foo"}}}]}]}})",
     R"(Pod "p" is invalid: spec.containers[0].env[0].valueFrom.resourceFieldRef.resource: Unsupported value: "foo": supported values: "limits.cpu", "limits.ephemeral-storage", "limits.memory", "requests.cpu", "requests.ephemeral-storage", "requests.memory")"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","envFrom":[{"prefix":"X_"}]}]}})",
     R"(Pod "p" is invalid: spec.containers[0].envFrom[0]: Invalid value: "": must specify one of: `configMapRef` or `secretRef`)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i","readinessProbe":{"exec":{"command":["a"]}}}]}})",
     R"(Pod "p" is invalid: spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always)"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"ephemeralContainers":[{"name":"e"}]}})",
     R"(Pod "p" is invalid: spec.ephemeralContainers: Forbidden: cannot be set on create)"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"v","configMap":{}}]}})",
     R"(Pod "p" is invalid: spec.volumes[0].configMap.name: Required value)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"v","emptyDir":{"sizeLimit":"-1"}}]}})",
     R"(Pod "p" is invalid: spec.volumes[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"v","downwardAPI":{"items":[{"path":"a"}]}}]}})",
     R"(Pod "p" is invalid: spec.volumes[0].downwardAPI.items[0]: Required value: one of fieldRef and resourceFieldRef is required)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","readinessProbe":{"exec":{"command":["a"]},"terminationGracePeriodSeconds":3}}]}})",
     R"(Pod "p" is invalid: spec.containers[0].readinessProbe.terminationGracePeriodSeconds: Invalid value: 3: must not be set for readinessProbes)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","lifecycle":{"preStop":{"sleep":{"seconds":31}}}}]}})",
     R"(Pod "p" is invalid: spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30))"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","resources":{"limits":{"hugepages-2Mi":"2Mi"}}}]}})",
     R"(Pod "p" is invalid: spec.containers[0].resources: Forbidden: HugePages require cpu or memory)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":{"privileged":true,"allowPrivilegeEscalation":false}}]}})",
     R"(Pod "p" is invalid: spec.containers[0].securityContext: Invalid value: {"privileged":true,"allowPrivilegeEscalation":false}: cannot set `allowPrivilegeEscalation` to false and `privileged` to true)"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"os":{"name":"plan9"}}})",
     R"(Pod "p" is invalid: spec.os.name: Unsupported value: "plan9": supported values: "linux", "windows")"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"hostPID":true,"shareProcessNamespace":true}})",
     R"(Pod "p" is invalid: spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled)"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"dnsConfig":{"nameservers":["x"]}}})",
     R"(Pod "p" is invalid: spec.dnsConfig.nameservers[0]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff))"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"tolerations":[{"key":"a","operator":"Foo"}]}})",
     R"(Pod "p" is invalid: spec.tolerations[0].operator: Unsupported value: "Foo": supported values: "Equal", "Exists", "Gt", "Lt")"},
};

constexpr Case kPodCases[] = {
    {kPods, R"({"metadata":{"name":"p0"},"spec":{"containers":[{"name":"a","image":"i"}]}})", ""},
    {kPods, R"({"metadata":{"name":"p"},"spec":{}})", R"(Pod "p" is invalid: spec.containers: Required value)"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"image":"i"}]}})",
     R"(Pod "p" is invalid: spec.containers[0].name: Required value)"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"},{"name":"a"}]}})",
     R"(Pod "p" is invalid: spec.containers[1].name: Duplicate value: "a")"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"restartPolicy":"Sometimes","containers":[{"name":"a"}]}})",
     R"(Pod "p" is invalid: spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never")"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","imagePullPolicy":"x"}]}})",
     R"(Pod "p" is invalid: spec.containers[0].imagePullPolicy: Unsupported value: "x": supported values: "Always", "IfNotPresent", "Never")"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","ports":[{"containerPort":70000}]}]}})",
     R"(Pod "p" is invalid: spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}})",
     R"(Pod "p" is invalid: spec.containers[0].volumeMounts[0].name: Not found: "v")"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"1"},"requests":{"cpu":"2"}}}]}})",
     R"(Pod "p" is invalid: spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1)"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","livenessProbe":{"periodSeconds":1}}]}})",
     R"(Pod "p" is invalid: spec.containers[0].livenessProbe: Required value: must specify a handler type)"},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","livenessProbe":{"grpc":{"port":0}}}]}})",
     R"(Pod "p" is invalid: spec.containers[0].livenessProbe.grpc: Invalid value: 0: must be between 1 and 65535, inclusive)"},
    {kPods,
     R"({"metadata":{"name":"rules"},"spec":{"restartPolicy":"Never","containers":[{"name":"a","restartPolicy":"Never","restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"In","values":[42]}},{"action":"RestartAllContainers","exitCodes":{"operator":"NotIn"}}]}],"initContainers":[{"name":"i","restartPolicy":"OnFailure"}]}})",
     ""},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","restartPolicyRules":[{"action":"Restart","exitCodes":{"operator":"In","values":[1]}}]}]}})",
     R"(Pod "p" is invalid: spec.containers[0].restartPolicy: Required value: must specify restartPolicy when restart rules are used)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"i","restartPolicy":"Sometimes"}]}})",
     R"(Pod "p" is invalid: spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure")"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","restartPolicy":"Never","restartPolicyRules":[{"action":"DoNotRestart","exitCodes":{"operator":"Equals","values":[3]}},{"action":"Restart"}]}]}})",
     R"(Pod "p" is invalid: [spec.containers[0].restartPolicyRules[0].action: Unsupported value: "DoNotRestart": supported values: "Restart", "RestartAllContainers", spec.containers[0].restartPolicyRules[0].exitCodes.operator: Unsupported value: "Equals": supported values: "In", "NotIn", spec.containers[0].restartPolicyRules[1].exitCodes: Required value: must be specified])"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"hostPID":true,"shareProcessNamespace":true,"containers":[{"name":"a"}]}})",
     R"(Pod "p" is invalid: spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled)"},
    {kPods,
     R"({"metadata":{"name":"p2"},"spec":{"hostPID":true,"shareProcessNamespace":false,"containers":[{"name":"a"}]}})",
     ""},
    {kPods,
     R"({"metadata":{"name":"p3"},"spec":{"hostPID":false,"shareProcessNamespace":true,"containers":[{"name":"a"}]}})",
     ""},
    {kPods, R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","env":[{"value":"x"}]}]}})",
     R"(Pod "p" is invalid: spec.containers[0].env[0].name: Required value)"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"terminationGracePeriodSeconds":-1,"activeDeadlineSeconds":0,"containers":[{"name":"a"}]}})",
     R"(Pod "p" is invalid: [spec.terminationGracePeriodSeconds: Invalid value: -1: must be greater than or equal to 0, spec.activeDeadlineSeconds: Invalid value: 0: must be between 1 and 2147483647, inclusive])"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","securityContext":{"runAsUser":4294967296,"runAsGroup":-1}}]}})",
     R"(Pod "p" is invalid: [spec.containers[0].securityContext.runAsUser: Invalid value: 4294967296: must be between 0 and 2147483647, inclusive, spec.containers[0].securityContext.runAsGroup: Invalid value: -1: must be between 0 and 2147483647, inclusive])"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"securityContext":{"runAsUser":4294967295,"fsGroup":2147483648,"supplementalGroups":[1,-1]},"containers":[{"name":"a"}]}})",
     R"(Pod "p" is invalid: [spec.securityContext.runAsUser: Invalid value: 4294967295: must be between 0 and 2147483647, inclusive, spec.securityContext.supplementalGroups[1]: Invalid value: -1: must be between 0 and 2147483647, inclusive, spec.securityContext.fsGroup: Invalid value: 2147483648: must be between 0 and 2147483647, inclusive])"},
    {kPods,
     R"({"metadata":{"name":"p1"},"spec":{"securityContext":{"runAsUser":2147483647,"fsGroup":0,"supplementalGroups":[1]},"containers":[{"name":"a"}],"volumes":[{"name":"c","configMap":{"name":"c","items":[{"key":"k","path":"a/..b/c"}]}}]}})",
     ""},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","volumeMounts":[{"name":"v","mountPath":"/v","subPath":"a/../.."},{"name":"v","mountPath":"/w","subPathExpr":"/$(A)/b"}]}],"volumes":[{"name":"v","hostPath":{"path":"/a/../etc"}}]}})", R"(Pod "p" is invalid: [spec.volumes[0].hostPath.path: Invalid value: "/a/../etc": must not contain '..', spec.containers[0].volumeMounts[0].subPath: Invalid value: "a/../..": must not contain '..', spec.containers[0].volumeMounts[1].subPathExpr: Invalid value: "/$(A)/b": must be a relative path])"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"c","configMap":{"name":"c","items":[{"key":"k","path":"../k"},{"key":"l","path":"..data"}]}}]}})",
     R"(Pod "p" is invalid: [spec.volumes[0].configMap.items[0].path: Invalid value: "../k": must not contain '..', spec.volumes[0].configMap.items[1].path: Invalid value: "..data": must not start with '..'])"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"c","secret":{"secretName":"s","defaultMode":512}},{"name":"d","projected":{"sources":[],"defaultMode":-1}},{"name":"e","downwardAPI":{"items":[{"path":"a","mode":4096,"fieldRef":{"fieldPath":"metadata.name"}}]}}]}})",
     R"(Pod "p" is invalid: [spec.volumes[0].secret.defaultMode: Invalid value: 512: must be a number between 0 and 0777 (octal), both inclusive, spec.volumes[1].projected.defaultMode: Invalid value: -1: must be a number between 0 and 0777 (octal), both inclusive, spec.volumes[2].downwardAPI.items[0].mode: Invalid value: 4096: must be a number between 0 and 0777 (octal), both inclusive])"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","volumeMounts":[{"name":"v","mountPath":"/v","mountPropagation":"Both"}]}],"volumes":[{"name":"v","hostPath":{"path":"/v","type":"Folder"}}]}})",
     R"(Pod "p" is invalid: [spec.volumes[0].hostPath.type: Unsupported value: "Folder": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket", spec.containers[0].volumeMounts[0].mountPropagation: Unsupported value: "Both": supported values: "Bidirectional", "HostToContainer", "None"])"},
};

constexpr Case kWorkloadCases[] = {
    {kJobs,
     R"({"metadata":{"name":"j"},"spec":{"backoffLimitPerIndex":1,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}})",
     R"(Job.batch "j" is invalid: spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode)"},
    {kCronJobs,
     R"({"metadata":{"name":"a123456789-123456789-123456789-123456789-123456789-12"},"spec":{"schedule":"@daily","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}})",
     R"(CronJob.batch "a123456789-123456789-123456789-123456789-123456789-12" is invalid: metadata.name: Invalid value: "a123456789-123456789-123456789-123456789-123456789-12": must be no more than 52 bytes)"},
    {kDeployments,
     R"({"metadata":{"name":"x"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"hostPID":true,"shareProcessNamespace":true,"containers":[{"name":"c","image":"i"}]}}}})",
     R"(Deployment.apps "x" is invalid: spec.template.spec.securityContext.shareProcessNamespace: Invalid value: true: ShareProcessNamespace and HostPID cannot both be enabled)"},
    {kDeployments,
     R"({"metadata":{"name":"x"},"spec":{"replicas":-1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
     R"(Deployment.apps "x" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0)"},
    {kDeployments,
     R"({"metadata":{"name":"x"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"c"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
     R"(Deployment.apps "x" is invalid: spec.template.metadata.labels: Invalid value: {"a":"c"}: `selector` does not match template `labels`)"},
    {kDeployments,
     R"({"metadata":{"name":"x"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}})",
     R"(Deployment.apps "x" is invalid: spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always")"},
    {kJobs, R"({"metadata":{"name":"j"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
     R"(Job.batch "j" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never")"},
    {kJobs,
     R"({"metadata":{"name":"j"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}})",
     ""},
    {kCronJobs,
     R"({"metadata":{"name":"j"},"spec":{"schedule":"* * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}})",
     R"(CronJob.batch "j" is invalid: spec.schedule: Invalid value: "* * *": expected exactly 5 fields, found 3: [* * *])"},
};

constexpr Case kOtherCases[] = {
    {kServices, R"({"metadata":{"name":"s"},"spec":{"selector":{"a":"b"}}})",
     R"(Service "s" is invalid: spec.ports: Required value)"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"type":"Odd","ports":[{"port":80}]}})",
     R"(Service "s" is invalid: spec.type: Unsupported value: "Odd": supported values: "ClusterIP", "ExternalName", "LoadBalancer", "NodePort")"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80,"name":"a"},{"port":81}]}})",
     R"(Service "s" is invalid: spec.ports[1].name: Required value)"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":0}]}})",
     R"(Service "s" is invalid: [spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive])"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"type":"ExternalName"}})",
     R"(Service "s" is invalid: spec.externalName: Required value)"},
    {kMaps, R"({"metadata":{"name":"m"},"data":{"a b":"c"}})",
     "ConfigMap \"m\" is invalid: data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric "
     "characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
     "'[-._a-zA-Z0-9]+')"},
    {kMaps, R"({"metadata":{"name":"m"},"data":{"k":"c"},"binaryData":{"k":"AAAA"}})",
     R"(ConfigMap "m" is invalid: data[k]: Invalid value: "k": duplicate of key present in binaryData)"},
    {kSecrets, R"({"metadata":{"name":"t"},"type":"kubernetes.io/tls","data":{"tls.crt":"AAAA"}})",
     R"(Secret "t" is invalid: data[tls.key]: Required value)"},
    {kClaims, R"({"metadata":{"name":"c"},"spec":{"accessModes":["ReadWriteOnce"]}})",
     R"(PersistentVolumeClaim "c" is invalid: spec.resources[storage]: Required value)"},
};

TEST_F(ValidationTest, WhatIsWrongWithAPodIsToldInKubernetesWords) {
  for (const Case& each : kPodCases) {
    const auto answer = api.ask("POST", std::string(each.path), std::string(each.body));
    EXPECT_EQ(answer.status, each.message.empty() ? 201 : 422) << answer.body;
    EXPECT_EQ(at(answer.body, "message"), each.message) << each.body;
  }
}

TEST_F(ValidationTest, PodsAndWhatTheyTakeTheirVariablesAndFilesFrom) {
  for (const Case& each : kPodDetailCases) {
    const auto answer = api.ask("POST", std::string(each.path), std::string(each.body));
    EXPECT_EQ(answer.status, each.message.empty() ? 201 : 422) << answer.body;
    EXPECT_EQ(at(answer.body, "message"), each.message) << each.body;
  }
}

TEST_F(ValidationTest, WhatIsWrongWithAWorkloadIsToldInKubernetesWords) {
  for (const Case& each : kWorkloadCases) {
    const auto answer = api.ask("POST", std::string(each.path), std::string(each.body));
    EXPECT_EQ(answer.status, each.message.empty() ? 201 : 422) << answer.body;
    EXPECT_EQ(at(answer.body, "message"), each.message) << each.body;
  }
}

TEST_F(ValidationTest, WhatIsWrongWithOtherKindsIsToldInKubernetesWords) {
  for (const Case& each : kOtherCases) {
    const auto answer = api.ask("POST", std::string(each.path), std::string(each.body));
    EXPECT_EQ(answer.status, 422) << answer.body;
    EXPECT_EQ(at(answer.body, "message"), each.message) << each.body;
  }
}

struct Change {
  std::string_view path;
  std::string_view name;
  std::string_view body;
  std::string_view patch;
  std::string_view message;
};

constexpr Change kChanges[] = {
    {kPods, "p", R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a","image":"i"}]}})",
     R"([{"op":"replace","path":"/spec/containers/0/image","value":"j"}])", ""},
    {kPods, "p", "", R"([{"op":"add","path":"/spec/containers/0/command","value":["x"]}])",
     "Pod \"p\" is invalid: spec: Forbidden: pod updates may not change fields other than "
     "`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only "
     "additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was "
     "previously negative)"},
    {kDeployments, "d",
     R"({"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b","c":"d"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})",
     R"([{"op":"replace","path":"/spec/selector","value":{"matchLabels":{"c":"d"}}}])",
     R"(Deployment.apps "d" is invalid: spec.selector: Invalid value: {"matchLabels":{"c":"d"}}: field is immutable)"},
    {kMaps, "m", R"({"metadata":{"name":"m"},"immutable":true,"data":{"k":"v"}})",
     R"([{"op":"replace","path":"/data/k","value":"w"}])",
     R"(ConfigMap "m" is invalid: data: Forbidden: field is immutable when `immutable` is set)"},
    {kSecrets, "s", R"({"metadata":{"name":"s"},"stringData":{"k":"v"}})",
     R"([{"op":"replace","path":"/type","value":"other"}])",
     R"(Secret "s" is invalid: type: Invalid value: "other": field is immutable)"},
};

TEST_F(ValidationTest, WhatMayNotChangeStays) {
  for (const Change& each : kChanges) {
    if (!each.body.empty()) {
      const auto made = api.ask("POST", std::string(each.path), std::string(each.body));
      ASSERT_EQ(made.status, 201) << made.body;
    }
    const auto answer = api.ask("PATCH", std::string(each.path) + "/" + std::string(each.name), std::string(each.patch),
                                "application/json-patch+json");
    EXPECT_EQ(answer.status, each.message.empty() ? 200 : 422) << answer.body;
    EXPECT_EQ(at(answer.body, "message"), each.message) << each.patch;
  }
}

TEST_F(ValidationTest, EveryFaultIsACause) {
  const auto answer = api.ask("POST", std::string(kPods), R"({"metadata":{"name":"P"},"spec":{"containers":[{}]}})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_NE(
      answer.body.find(R"("reason":"FieldValueRequired","message":"Required value","field":"spec.containers[0].name")"),
      std::string::npos)
      << answer.body;
  EXPECT_NE(answer.body.find(R"("field":"metadata.name")"), std::string::npos);
}

TEST_F(ValidationTest, DefaultsAreThoseThatClientsRelyOn) {
  const auto pod =
      api.ask("POST", std::string(kPods),
              R"({"metadata":{"name":"p"},"spec":{"volumes":[{"name":"v"},{"name":"c","configMap":{"name":"m"}}],
      "containers":[{"name":"a","image":"x:1","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"1"}}}]}})");
  ASSERT_EQ(pod.status, 201) << pod.body;
  for (const std::string_view part :
       {R"("emptyDir":{})", R"("defaultMode":420)", R"("protocol":"TCP")", R"("requests":{"cpu":"1"})",
        R"("imagePullPolicy":"IfNotPresent")", R"("terminationMessagePolicy":"File")",
        R"("schedulerName":"default-scheduler")"}) {
    EXPECT_NE(pod.body.find(part), std::string::npos) << part << pod.body;
  }
  const auto secret = api.ask("POST", std::string(kSecrets), R"({"metadata":{"name":"s"},"stringData":{"k":"hello"}})");
  EXPECT_EQ(at(secret.body, "data.k"), "aGVsbG8=");
  EXPECT_EQ(at(secret.body, "type"), "Opaque");
  EXPECT_EQ(secret.body.find("stringData"), std::string::npos);
}

TEST(ValidationTables, AreSortedSoThatTheyCanBeSearched) {
  for (const auto table : {core_rules(), other_rules()}) {
    for (std::size_t i = 1; i < table.size(); ++i) EXPECT_LT(table[i - 1].type, table[i].type);
  }
}

TEST(CronSchedules, AreCheckedFieldByField) {
  for (const std::string_view good : {"* * * * *", "*/5 0-3 1,15 jan-mar mon", "@hourly", "@every 1h", "0 0 * * 0"}) {
    EXPECT_EQ(cron_fault(good), "") << good;
  }
  for (const std::string_view bad :
       {"", "* * * *", "60 * * * *", "* 24 * * *", "5-1 * * * *", "*/0 * * * *", "a * * * *", "@often"}) {
    EXPECT_NE(cron_fault(bad), "") << bad;
  }
}

}  // namespace
}  // namespace troupe::api
