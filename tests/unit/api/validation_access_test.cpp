#include "tests/unit/api/validation_cases.hpp"

namespace troupe::api {
namespace {

using testing::at;
using testing::Changed;
using testing::expect_told;
using testing::Posted;

class AccessValidation : public ::testing::Test {
 protected:
  testing::FrontFixture api;
};

constexpr std::string_view kSecrets = "/api/v1/namespaces/default/secrets";
constexpr std::string_view kMaps = "/api/v1/namespaces/default/configmaps";
constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";
constexpr std::string_view kSlices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";
constexpr std::string_view kRoles = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles";
constexpr std::string_view kClusterRoles = "/apis/rbac.authorization.k8s.io/v1/clusterroles";
constexpr std::string_view kBindings = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
constexpr std::string_view kClusterBindings = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
constexpr std::string_view kRequests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
constexpr std::string_view kHooks = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations";

constexpr Posted kSecretCases[] = {
    {kSecrets,
     R"({"metadata":{"name":"s"},"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"{\"auths\":{}}"}})",
     ""},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"kubernetes.io/basic-auth","stringData":{"username":""}})", ""},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"kubernetes.io/tls","data":{"tls.crt":"","tls.key":""}})", ""},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"example.com/own","stringData":{"a":"b"}})", ""},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"kubernetes.io/dockerconfigjson"})",
     "data[.dockerconfigjson]: Required value"},
    {kSecrets,
     R"({"metadata":{"name":"s"},"type":"kubernetes.io/dockerconfigjson","stringData":{".dockerconfigjson":"auths"}})",
     R"(data[.dockerconfigjson]: Invalid value: "<secret contents redacted>": invalid character 'a' looking for beginning of value)"},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"kubernetes.io/dockercfg","stringData":{".dockercfg":""}})",
     R"(data[.dockercfg]: Invalid value: "<secret contents redacted>": unexpected end of JSON input)"},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"kubernetes.io/dockercfg","stringData":{".dockercfg":"[]"}})",
     R"(data[.dockercfg]: Invalid value: "<secret contents redacted>": json: cannot unmarshal array into Go value of type map[string]interface {})"},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"kubernetes.io/ssh-auth","stringData":{"ssh-privatekey":""}})",
     "data[ssh-privatekey]: Required value"},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"kubernetes.io/basic-auth"})",
     "[data[username]: Required value, data[password]: Required value]"},
    {kSecrets, R"({"metadata":{"name":"s"},"type":"kubernetes.io/service-account-token"})",
     "metadata.annotations[kubernetes.io/service-account.name]: Required value"},
};

TEST_F(AccessValidation, WhatIsWrongWithASecretIsToldInKubernetesWords) { expect_told(api, kSecretCases); }

constexpr Posted kSliceCases[] = {
    {kSlices,
     R"({"metadata":{"name":"e"},"addressType":"IPv4","endpoints":[{"addresses":["10.1.2.3"],"hostname":"a","nodeName":"n.example"}],"ports":[{"name":"http","port":80},{"name":"","port":81}]})",
     ""},
    {kSlices, R"({"metadata":{"name":"e"},"addressType":"FQDN","endpoints":[{"addresses":["a.example."]}]})", ""},
    {kSlices, R"({"metadata":{"name":"e"},"endpoints":[]})", "addressType: Required value"},
    {kSlices, R"({"metadata":{"name":"e"},"addressType":"MAC","endpoints":[]})",
     R"(addressType: Unsupported value: "MAC": supported values: "FQDN", "IPv4", "IPv6")"},
    {kSlices,
     R"({"metadata":{"name":"e"},"addressType":"IPv4","endpoints":[{"addresses":[]},{"addresses":["::1","127.0.0.1","x"]}],"ports":[{"name":"A"},{"name":"a"},{"name":"a"}]})",
     R"([endpoints[0].addresses: Required value: must contain at least 1 address, endpoints[1].addresses[0]: Invalid value: "::1": must be a valid IPv4 address, endpoints[1].addresses[2]: Invalid value: "x": must be a valid IPv4 address, ports[0].name: Invalid value: "A": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?'), ports[2].name: Duplicate value: "a"])"},
    {kSlices, R"({"metadata":{"name":"e"},"addressType":"FQDN","endpoints":[{"addresses":["local"]}]})",
     R"(endpoints[0].addresses[0]: Invalid value: "local": should be a domain with at least two segments separated by dots)"},
};

TEST_F(AccessValidation, WhatIsWrongWithAnEndpointSliceIsToldInKubernetesWords) { expect_told(api, kSliceCases); }

constexpr Posted kRoleCases[] = {
    {kRoles, R"({"metadata":{"name":"r"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]})", ""},
    {kRoles, R"({"metadata":{"name":"r"}})", ""},
    {kClusterRoles, R"({"metadata":{"name":"r"},"rules":[{"nonResourceURLs":["/healthz"],"verbs":["get"]}]})", ""},
    {kRoles,
     R"({"metadata":{"name":"r"},"rules":[{"verbs":[]},{"nonResourceURLs":["/a"],"resources":["pods"],"verbs":["get"]}]})",
     R"([rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource, rules[1].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs, rules[1].nonResourceURLs: Invalid value: ["/a"]: rules cannot apply to both regular resources and non-resource URLs])"},
    {kBindings,
     R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"},{"kind":"ServiceAccount","name":"s"}]})",
     ""},
    {kClusterBindings,
     R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"s"},{"kind":"Robot","name":"x"},{"kind":"Group","apiGroup":"x"}]})",
     R"([subjects[0].namespace: Required value, subjects[1].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group", subjects[2].name: Required value, subjects[2].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io", roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"])"},
    {kBindings, R"({"metadata":{"name":"b"},"roleRef":{"kind":"Team","name":"a/b","apiGroup":"x"}})",
     R"([roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io", roleRef.kind: Unsupported value: "Team": supported values: "Role", "ClusterRole", roleRef.name: Invalid value: "a/b": may not contain '/'])"},
};

TEST_F(AccessValidation, WhatIsWrongWithARoleIsToldInKubernetesWords) { expect_told(api, kRoleCases); }

// "-----BEGIN CERTIFICATE REQUEST-----\nMA==\n-----END CERTIFICATE REQUEST-----\n"
#define REQUEST \
  R"("request":"LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUE9PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K",)"

constexpr Posted kRequestCases[] = {
    {kRequests,
     R"({"metadata":{"name":"c"},"spec":{)" REQUEST
     R"("signerName":"kubernetes.io/kube-apiserver-client","expirationSeconds":600,"usages":["client auth"]}})",
     ""},
    {kRequests, R"({"metadata":{"name":"c"},"spec":{"request":"eA==","signerName":"a.b/c","usages":["client auth"]}})",
     R"(spec.request: Invalid value: "eA==": PEM block type must be CERTIFICATE REQUEST)"},
    {kRequests,
     R"({"metadata":{"name":"c"},"spec":{)" REQUEST
     R"("signerName":"signer","expirationSeconds":60,"usages":["client auth","client auth"]}})",
     R"([spec.usages[1]: Duplicate value: "client auth", spec.signerName: Invalid value: "signer": must be a fully qualified domain and path of the form 'example.com/signer-name', spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 600 seconds (10 minutes)])"},
    {kRequests, R"({"metadata":{"name":"c"},"spec":{)" REQUEST R"("signerName":"kubernetes.io/legacy-unknown"}})",
     R"([spec.usages: Required value, spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version])"},
};

TEST_F(AccessValidation, WhatIsWrongWithARequestForACertificateIsTold) { expect_told(api, kRequestCases); }

constexpr Posted kHookCases[] = {
    {kHooks,
     R"({"metadata":{"name":"w"},"webhooks":[{"name":"a.example.com","sideEffects":"None","admissionReviewVersions":["v1"],"clientConfig":{"service":{"name":"s","namespace":"n"}},"rules":[{"operations":["*"],"apiGroups":["*"],"apiVersions":["v1"],"resources":["pods/*"]}]}]})",
     ""},
    {kHooks,
     R"({"metadata":{"name":"w"},"webhooks":[{"name":"a.b","sideEffects":"Some","timeoutSeconds":31,"admissionReviewVersions":["v2"],"clientConfig":{}}]})",
     R"([webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots, webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun", webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds, webhooks[0].clientConfig: Required value: exactly one of url or service is required, webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1])"},
    {kHooks,
     R"({"metadata":{"name":"w"},"webhooks":[{"name":"a.b.c","clientConfig":{"url":"http://x"},"rules":[{"operations":["*","CREATE"],"apiGroups":[],"apiVersions":["v1"],"resources":[""]}]},{"name":"a.b.c","sideEffects":"None","admissionReviewVersions":["v1","v1"],"clientConfig":{"service":{"name":"","namespace":"n","port":0}}}]})", R"([webhooks[1].name: Duplicate value: "a.b.c", webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun, webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path], webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1, webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations, webhooks[0].rules[0].apiGroups: Required value, webhooks[0].rules[0].resources[0]: Required value, webhooks[1].clientConfig.service.name: Required value: service name is required, webhooks[1].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive, webhooks[1].admissionReviewVersions[1]: Invalid value: "v1": duplicate version])"},
};

TEST_F(AccessValidation, WhatIsWrongWithWebhooksIsToldInKubernetesWords) { expect_told(api, kHookCases); }

constexpr Posted kPodCases[] = {
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"securityContext":{"sysctls":[{"name":"net/ipv4/ip_forward","value":"1"},{"name":"kernel.shm_rmid_forced","value":"1"}]},"containers":[{"name":"a"}],"volumes":[{"name":"v","projected":{"sources":[{"configMap":{"name":"m","items":[{"key":"k","path":"a"}]}},{"serviceAccountToken":{"path":"b","expirationSeconds":600}}]}}]}})",
     ""},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"b"},{"name":"a"}]}})",
     R"(spec.initContainers[1].name: Duplicate value: "a")"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"securityContext":{"sysctls":[{"name":"a.B","value":"1"},{"name":"a.b","value":"1"},{"name":"a.b","value":"2"},{"value":"1"}]}}})",
     R"([spec.securityContext.sysctls[0].name: Invalid value: "a.B": must have at most 253 characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$, spec.securityContext.sysctls[2].name: Duplicate value: "a.b", spec.securityContext.sysctls[3].name: Required value])"},
    {kPods,
     R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"a"}],"volumes":[{"name":"v","projected":{"sources":[{"configMap":{"name":"m","items":[{"key":"k","path":"a"}]},"secret":{"name":"s"}},{"downwardAPI":{"items":[{"path":"a","fieldRef":{"fieldPath":"metadata.name"}}]}},{"serviceAccountToken":{"path":"t","expirationSeconds":60}}]}}]}})",
     R"([spec.volumes[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source, spec.volumes[0].projected: Invalid value: "a": conflicting duplicate paths, spec.volumes[0].projected.sources[2].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes])"},
};

TEST_F(AccessValidation, WhatIsWrongInsideAPodIsToldInKubernetesWords) { expect_told(api, kPodCases); }

constexpr Changed kChanges[] = {
    {kBindings, "b", R"({"metadata":{"name":"b"},"roleRef":{"kind":"Role","name":"r"}})",
     R"([{"op":"replace","path":"/roleRef/name","value":"other"}])",
     R"(roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"other"}: cannot change roleRef)"},
    {kMaps, "m", R"({"metadata":{"name":"m"},"immutable":true})",
     R"([{"op":"add","path":"/binaryData","value":{"k":"AA=="}}])",
     "binaryData: Forbidden: field is immutable when `immutable` is set"},
    {kMaps, "m", "", R"([{"op":"replace","path":"/metadata/uid","value":"another"}])",
     R"(metadata.uid: Invalid value: "another": field is immutable)"},
};

TEST_F(AccessValidation, WhatMayNotChangeStays) { expect_told(api, kChanges); }

TEST_F(AccessValidation, AWholeObjectWithAnotherUidIsAConflict) {
  ASSERT_EQ(api.ask("POST", std::string(kMaps), R"({"metadata":{"name":"m"}})").status, 201);
  const auto answer = api.ask("PUT", std::string(kMaps) + "/m", R"({"metadata":{"name":"m","uid":"another"}})");
  EXPECT_EQ(answer.status, 409) << answer.body;
}

TEST_F(AccessValidation, ANegativeLimitIsNone) {
  for (const char* name : {"a", "b", "c"}) {
    const std::string body = R"({"metadata":{"name":")" + std::string(name) + R"("}})";
    ASSERT_EQ(api.ask("POST", std::string(kMaps), body).status, 201);
  }
  const auto all = api.ask("GET", std::string(kMaps) + "?limit=-1");
  EXPECT_EQ(all.status, 200) << all.body;
  EXPECT_EQ(at(all.body, "metadata.continue"), "");
  EXPECT_EQ(at(api.ask("GET", std::string(kMaps) + "?limit=1").body, "metadata.continue").empty(), false);
  EXPECT_EQ(api.ask("GET", std::string(kMaps) + "?limit=-x").status, 400);
}

TEST_F(AccessValidation, StrictnessTellsUnknownFieldsBesideKeysThatStandTwice) {
  const auto answer = api.ask("POST", std::string(kMaps) + "?fieldValidation=Strict",
                              R"({"metadata":{"name":"m","owner":"me"},"data":{"a":"1","a":"2"},"extra":1})");
  EXPECT_EQ(answer.status, 400) << answer.body;
  EXPECT_EQ(at(answer.body, "message"),
            "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: duplicate field "
            "\"data.a\", unknown field \"metadata.owner\", unknown field \"extra\"");
}

}  // namespace
}  // namespace troupe::api
