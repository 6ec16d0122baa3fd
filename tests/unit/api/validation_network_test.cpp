#include "tests/unit/api/validation_cases.hpp"

namespace troupe::api {
namespace {

using testing::Changed;
using testing::expect_told;
using testing::Posted;

class NetworkValidation : public ::testing::Test {
 protected:
  testing::FrontFixture api;
};

constexpr std::string_view kServices = "/api/v1/namespaces/default/services";
constexpr std::string_view kIngresses = "/apis/networking.k8s.io/v1/namespaces/default/ingresses";
constexpr std::string_view kClasses = "/apis/networking.k8s.io/v1/ingressclasses";
constexpr std::string_view kPolicies = "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies";

constexpr Posted kServiceCases[] = {
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","loadBalancerClass":"acme.io/lb","allocateLoadBalancerNodePorts":false,"loadBalancerSourceRanges":[" 10.0.0.0/8"],"externalIPs":["192.0.2.7"],"ports":[{"name":"a","port":80,"appProtocol":"kubernetes.io/h2c"},{"name":"b","port":80,"protocol":"UDP"}]}})",
     ""},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"type":"ClusterIP","externalIPs":["192.0.2.7"],"externalTrafficPolicy":"Local","sessionAffinity":"ClientIP","ports":[{"port":80}]}})",
     ""},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"type":"ExternalName","externalName":"db.example.com."}})", ""},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"clusterIP":"None"}})", ""},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"loadBalancerClass":"acme.io/lb","ports":[{"port":80}]}})",
     "spec.loadBalancerClass: Forbidden: may only be used when `type` is 'LoadBalancer'"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"allocateLoadBalancerNodePorts":true,"ports":[{"port":80}]}})",
     "spec.allocateLoadBalancerNodePorts: Forbidden: may only be used when `type` is 'LoadBalancer'"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"loadBalancerSourceRanges":["10.0.0.0/8"],"ports":[{"port":80}]}})",
     "spec.LoadBalancerSourceRanges: Forbidden: may only be used when `type` is 'LoadBalancer'"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"type":"LoadBalancer","loadBalancerSourceRanges":["10.0.0.0"],"ports":[{"port":80}]}})",
     R"(spec.LoadBalancerSourceRanges[0]: Invalid value: "10.0.0.0": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64))"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"externalIPs":["127.0.0.1","x","0.0.0.0"],"ports":[{"port":80}]}})",
     R"([spec.externalIPs[0]: Invalid value: "127.0.0.1": may not be in the loopback range (127.0.0.0/8, ::1/128), spec.externalIPs[1]: Invalid value: "x": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff), spec.externalIPs[2]: Invalid value: "0.0.0.0": may not be unspecified (0.0.0.0)])"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"externalIPs":["fe80::1","224.0.0.9"],"ports":[{"port":80}]}})",
     R"([spec.externalIPs[0]: Invalid value: "fe80::1": may not be in the link-local range (169.254.0.0/16, fe80::/10), spec.externalIPs[1]: Invalid value: "224.0.0.9": may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)])"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"externalTrafficPolicy":"Local","ports":[{"port":80}]}})",
     R"(spec.externalTrafficPolicy: Invalid value: "Local": may only be set for externally-accessible services)"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"type":"NodePort","healthCheckNodePort":31000,"ports":[{"port":80}]}})",
     "spec.healthCheckNodePort: Invalid value: 31000: may only be set when `type` is 'LoadBalancer' and "
     "`externalTrafficPolicy` is 'Local'"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"sessionAffinityConfig":{"clientIP":{"timeoutSeconds":10}},"ports":[{"port":80}]}})",
     "spec.sessionAffinityConfig: Forbidden: must not be set when session affinity is None"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{"clientIP":{"timeoutSeconds":86401}},"ports":[{"port":80}]}})",
     "spec.sessionAffinityConfig.clientIP.timeoutSeconds: Invalid value: 86401: must be greater than 0 and less than "
     "86400"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"sessionAffinity":"ClientIP","sessionAffinityConfig":{},"ports":[{"port":80}]}})",
     "spec.sessionAffinityConfig.clientIP: Required value: when session affinity type is ClientIP"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"sessionAffinity":"Sticky","ports":[{"port":80}]}})",
     R"(spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None")"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"clusterIP":"10.96.0.5","clusterIPs":["10.96.0.6"],"ports":[{"port":80}]}})",
     R"(spec.clusterIPs: Invalid value: ["10.96.0.6"]: first value must match `clusterIP`)"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"clusterIP":"None","clusterIPs":["None","None"],"ports":[{"port":80}]}})",
     R"([spec.clusterIPs: Invalid value: ["None","None"]: 'None' must be the first and only value, spec.clusterIPs[1]: Invalid value: "None": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)])"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"clusterIP":"nowhere","ports":[{"port":80}]}})",
     R"(spec.clusterIPs[0]: Invalid value: "nowhere": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff))"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"clusterIP":"None","type":"NodePort","ports":[{"port":80}]}})",
     R"(spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for NodePort services)"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"type":"ExternalName","externalName":"a.b","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack"}})",
     "[spec.ipFamilies: Forbidden: may not be set for ExternalName services, spec.ipFamilyPolicy: Forbidden: may not "
     "be "
     "set for ExternalName services]"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"type":"ExternalName","externalName":"a.b","clusterIP":"10.96.0.9"}})",
     "spec.clusterIPs: Forbidden: may not be set for ExternalName services"},
    {kServices,
     R"({"metadata":{"name":"s"},"spec":{"ports":[{"name":"a","port":80},{"name":"b","port":80},{"name":"a","port":81}]}})",
     R"([spec.ports[2].name: Duplicate value: "a", spec.ports[1]: Duplicate value: {"Name":"","Protocol":"TCP","AppProtocol":null,"Port":80,"TargetPort":0,"NodePort":0}])"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80,"nodePort":30001}]}})",
     "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'"},
    {kServices, R"({"metadata":{"name":"s"},"spec":{"ports":[{"port":80,"protocol":"QUIC"}]}})",
     R"(spec.ports[0].protocol: Unsupported value: "QUIC": supported values: "SCTP", "TCP", "UDP")"},
};

TEST_F(NetworkValidation, WhatIsWrongWithAServiceIsToldInKubernetesWords) { expect_told(api, kServiceCases); }

constexpr Changed kServiceChanges[] = {
    {kServices, "s",
     R"({"metadata":{"name":"s"},"spec":{"clusterIP":"10.96.7.7","type":"LoadBalancer","ports":[{"port":80}]}})",
     R"([{"op":"add","path":"/spec/loadBalancerClass","value":"acme.io/lb"}])",
     R"(spec.loadBalancerClass: Invalid value: "acme.io/lb": may not change once set)"},
    {kServices, "s", "", R"([{"op":"replace","path":"/spec/clusterIP","value":"10.96.7.8"}])",
     R"(spec.clusterIPs[0]: Invalid value: ["10.96.7.8"]: may not change once set)"},
    {kServices, "s", "", R"([{"op":"replace","path":"/spec/clusterIPs","value":["10.96.7.8"]}])",
     R"(spec.clusterIPs[0]: Invalid value: ["10.96.7.8"]: may not change once set)"},
    {kServices, "s", "", R"([{"op":"replace","path":"/spec/clusterIP","value":"None"}])",
     R"([spec.clusterIPs[0]: Invalid value: "None": may not be set to 'None' for LoadBalancer services, spec.clusterIPs[0]: Invalid value: ["None"]: may not change once set])"},
    {kServices, "s", "", R"([{"op":"remove","path":"/spec/clusterIP"},{"op":"remove","path":"/spec/clusterIPs"}])", ""},
    {kServices, "s", "", R"([{"op":"remove","path":"/spec/clusterIP"}])", ""},
    {kServices, "s", "", R"([{"op":"replace","path":"/spec/type","value":"ClusterIP"}])", ""},
    {kServices, "s", "",
     R"([{"op":"replace","path":"/spec/type","value":"ExternalName"},{"op":"add","path":"/spec/externalName","value":"a.b"}])",
     ""},
};

TEST_F(NetworkValidation, AServiceKeepsItsAddressAndItsBalancer) { expect_told(api, kServiceChanges); }

constexpr Posted
    kIngressCases
        [] =
            {
                {kIngresses,
                 R"({"metadata":{"name":"i"},"spec":{"ingressClassName":"nginx","tls":[{"hosts":["*.example.com","example.com"],"secretName":"t"}],"defaultBackend":{"resource":{"apiGroup":"k.example.com","kind":"Bucket","name":"b"}},"rules":[{"host":"*.example.com","http":{"paths":[{"path":"/a","pathType":"Prefix","backend":{"service":{"name":"1s","port":{"number":80}}}},{"pathType":"ImplementationSpecific","backend":{"service":{"name":"s","port":{"name":"http"}}}}]}},{"host":"example.com"}]}})",
                 ""},
                {kIngresses, R"({"metadata":{"name":"i"},"spec":{}})",
                 "spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"},
                {kIngresses,
                 R"({"metadata":{"name":"i"},"spec":{"rules":[{"http":{"paths":[{"path":"/","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}})",
                 "spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified"},
                {kIngresses,
                 R"({"metadata":{"name":"i"},"spec":{"rules":[{"http":{"paths":[{"path":"a","pathType":"Prefix","backend":{"service":{"name":"s","port":{"number":80}}}},{"path":"/a//b/..","pathType":"Exact","backend":{"service":{"name":"s","port":{"number":80}}}},{"path":"b","pathType":"ImplementationSpecific","backend":{"service":{"name":"s","port":{"number":80}}}},{"path":"/","pathType":"Regex","backend":{"service":{"name":"s","port":{"number":80}}}}]}}]}})",
                 R"([spec.rules[0].http.paths[0].path: Invalid value: "a": must be an absolute path, spec.rules[0].http.paths[1].path: Invalid value: "/a//b/..": must not contain '//', spec.rules[0].http.paths[1].path: Invalid value: "/a//b/..": cannot end with '/..', spec.rules[0].http.paths[2].path: Invalid value: "b": must be an absolute path, spec.rules[0].http.paths[3].pathType: Unsupported value: "Regex": supported values: "Exact", "ImplementationSpecific", "Prefix"])"},
                {kIngresses,
                 R"({"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80,"name":"http"}}}}})",
                 R"(spec.defaultBackend: Invalid value: "": cannot set both port name & port number)"},
                {kIngresses, R"({"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"name":"s"}}}})",
                 "spec.defaultBackend: Required value: port name or number is required"},
                {kIngresses,
                 R"({"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":70000}}}}})",
                 "spec.defaultBackend.service.port.number: Invalid value: 70000: must be between 1 and 65535, "
                 "inclusive"},
                {kIngresses,
                 R"({"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"port":{"number":80}}}}})",
                 "spec.defaultBackend.service.name: Required value"},
                {kIngresses, R"({"metadata":{"name":"i"},"spec":{"defaultBackend":{}}})",
                 R"(spec.defaultBackend: Invalid value: "": resource or service backend is required)"},
                {kIngresses,
                 R"({"metadata":{"name":"i"},"spec":{"defaultBackend":{"service":{"name":"s","port":{"number":80}},"resource":{"kind":"K","name":"n"}}}})",
                 R"(spec.defaultBackend: Invalid value: "": cannot set both resource and service backends)"},
                {kIngresses, R"({"metadata":{"name":"i"},"spec":{"rules":[{"host":"10.1.2.3"},{"host":"a.*.com"},{"http":{"paths":[]}}]}})", R"([spec.rules[0].host: Invalid value: "10.1.2.3": must be a DNS name, not an IP address, spec.rules[1].host: Invalid value: "a.*.com": a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character (e.g. '*.example.com', regex used for validation is '\*\.[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), spec.rules[2].http.paths: Required value])"},
                {kIngresses,
                 R"({"metadata":{"name":"i","annotations":{"kubernetes.io/ingress.class":"a"}},"spec":{"ingressClassName":"b","defaultBackend":{"service":{"name":"s","port":{"number":80}}}}})",
                 R"(annotations.kubernetes.io/ingress.class: Invalid value: "a": must match `ingressClassName` when both are specified)"},
                {kClasses,
                 R"({"metadata":{"name":"c"},"spec":{"controller":"k8s.io/nginx","parameters":{"kind":"P","name":"p"}}})",
                 ""},
                {kClasses, R"({"metadata":{"name":"c"},"spec":{"controller":"nginx"}})",
                 R"(spec.controller: Invalid value: "nginx": must be a domain-prefixed path (such as "acme.io/foo"))"},
                {kClasses, R"({"metadata":{"name":"c"},"spec":{}})", "spec.controller: Required value"},
                {kClasses,
                 R"({"metadata":{"name":"c"},"spec":{"controller":"k8s.io/nginx","parameters":{"kind":"P","name":"p","scope":"Namespace"}}})",
                 "spec.parameters.namespace: Required value: `parameters.scope` is set to 'Namespace'"},
                {kClasses,
                 R"({"metadata":{"name":"c"},"spec":{"controller":"k8s.io/nginx","parameters":{"name":"a/b","scope":"World"}}})",
                 R"([spec.parameters.kind: Required value, spec.parameters.name: Invalid value: "a/b": may not contain '/', spec.parameters.scope: Unsupported value: "World": supported values: "Cluster", "Namespace"])"},
};

TEST_F(NetworkValidation, WhatIsWrongWithAnIngressIsToldInKubernetesWords) { expect_told(api, kIngressCases); }

constexpr Posted kPolicyCases[] = {
    {kPolicies,
     R"({"metadata":{"name":"p"},"spec":{"podSelector":{},"policyTypes":["Ingress","Egress"],"ingress":[{"from":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["10.1.0.0/16"]}},{"podSelector":{},"namespaceSelector":{}}],"ports":[{"port":80,"endPort":90},{"port":"http"},{"protocol":"UDP"}]}],"egress":[{}]}})",
     ""},
    {kPolicies, R"({"metadata":{"name":"p"},"spec":{"podSelector":{},"policyTypes":["In"]}})",
     R"(spec.policyTypes[0]: Unsupported value: "In": supported values: "Ingress", "Egress")"},
    {kPolicies, R"({"metadata":{"name":"p"},"spec":{"podSelector":{},"policyTypes":["Ingress","Egress","Ingress"]}})",
     R"(spec.policyTypes: Invalid value: ["Ingress","Egress","Ingress"]: may not specify more than two policyTypes)"},
    {kPolicies,
     R"({"metadata":{"name":"p"},"spec":{"podSelector":{},"ingress":[{"ports":[{"port":80,"endPort":70},{"port":"http","endPort":9},{"endPort":9},{"port":0},{"protocol":"ICMP"}]}]}})",
     R"([spec.ingress[0].ports[0].endPort: Invalid value: 70: must be greater than or equal to `port`, spec.ingress[0].ports[1].endPort: Invalid value: 9: may not be specified when `port` is non-numeric, spec.ingress[0].ports[2].endPort: Invalid value: 9: may not be specified when `port` is not specified, spec.ingress[0].ports[3].port: Invalid value: 0: must be between 1 and 65535, inclusive, spec.ingress[0].ports[4].protocol: Unsupported value: "ICMP": supported values: "TCP", "UDP", "SCTP"])"},
    {kPolicies,
     R"({"metadata":{"name":"p"},"spec":{"podSelector":{},"egress":[{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/16","10.0.0.0/8","x"]}},{"ipBlock":{"cidr":"::/0","except":["10.0.0.0/8"]}},{},{"ipBlock":{"cidr":"10.0.0.0/8"},"podSelector":{}},{"ipBlock":{"cidr":""}}]}]}})",
     R"([spec.egress[0].to[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr`, spec.egress[0].to[0].ipBlock.except[1]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`, spec.egress[0].to[0].ipBlock.except[2]: Invalid value: "x": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64), spec.egress[0].to[1].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`, spec.egress[0].to[2]: Required value: must specify a peer, spec.egress[0].to[3]: Forbidden: may not specify both ipBlock and another peer, spec.egress[0].to[4].ipBlock.cidr: Required value])"},
};

TEST_F(NetworkValidation, WhatIsWrongWithANetworkPolicyIsToldInKubernetesWords) { expect_told(api, kPolicyCases); }

}  // namespace
}  // namespace troupe::api
