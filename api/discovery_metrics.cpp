#include "api/discovery_metrics.hpp"

namespace troupe::api {

namespace {

constexpr std::string_view kGroup =
    R"("name":"metrics.k8s.io","versions":[{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"}],)"
    R"("preferredVersion":{"groupVersion":"metrics.k8s.io/v1beta1","version":"v1beta1"})";

constexpr std::string_view kResources =
    R"({"kind":"APIResourceList","apiVersion":"v1","groupVersion":"metrics.k8s.io/v1beta1","resources":[)"
    R"({"name":"nodes","singularName":"","namespaced":false,"kind":"NodeMetrics","verbs":["get","list"]},)"
    R"({"name":"pods","singularName":"","namespaced":true,"kind":"PodMetrics","verbs":["get","list"]}]})";

constexpr std::string_view kAggregated =
    R"({"metadata":{"name":"metrics.k8s.io","creationTimestamp":null},"versions":[{"version":"v1beta1","resources":[)"
    R"({"resource":"nodes","responseKind":{"group":"metrics.k8s.io","version":"v1beta1","kind":"NodeMetrics"},)"
    R"("scope":"Cluster","singularResource":"","verbs":["get","list"]},)"
    R"({"resource":"pods","responseKind":{"group":"metrics.k8s.io","version":"v1beta1","kind":"PodMetrics"},)"
    R"("scope":"Namespaced","singularResource":"","verbs":["get","list"]}],"freshness":"Current"}]})";

}  // namespace

void add_metrics_group(std::string& body, bool aggregated) {
  static constexpr std::string_view kEnd = "]}";
  if (!body.ends_with(kEnd)) return;
  body.resize(body.size() - kEnd.size());
  if (!body.ends_with("[")) body += ",";
  body += aggregated ? std::string(kAggregated) : "{" + std::string(kGroup) + "}";
  body += kEnd;
}

std::string metrics_document(std::string_view path) {
  if (path == "/apis/metrics.k8s.io/v1beta1") return std::string(kResources);
  if (path != "/apis/metrics.k8s.io") return {};
  return R"({"kind":"APIGroup","apiVersion":"v1",)" + std::string(kGroup) + "}";
}

}  // namespace troupe::api
