#include <gtest/gtest.h>

#include "api/authenticator.hpp"
#include "api/negotiation.hpp"
#include "api/request_info.hpp"
#include "api/table.hpp"

namespace troupe::api {
namespace {

struct Path {
  const char* method;
  const char* target;
  const char* told;  ///< verb group/version namespace resource name subresource
};

TEST(RequestInfo, TellsWhatIsAskedFor) {
  const Path paths[] = {
      {"GET", "/api/v1/namespaces/a/pods/b", "get /v1 a pods b "},
      {"GET", "/api/v1/namespaces/a/pods", "list /v1 a pods  "},
      {"GET", "/api/v1/pods?watch=true", "watch /v1  pods  "},
      {"GET", "/api/v1/watch/pods", "watch /v1  pods  "},
      {"POST", "/apis/apps/v1/namespaces/a/deployments", "create apps/v1 a deployments  "},
      {"PUT", "/apis/apps/v1/namespaces/a/deployments/b/status", "update apps/v1 a deployments b status"},
      {"PATCH", "/api/v1/namespaces/a/pods/b", "patch /v1 a pods b "},
      {"DELETE", "/api/v1/namespaces/a/pods", "deletecollection /v1 a pods  "},
      {"DELETE", "/api/v1/namespaces/a", "delete /v1 a namespaces a "},
      {"PUT", "/api/v1/namespaces/a/finalize", "update /v1 a namespaces a finalize"},
      {"GET", "/api/v1/namespaces", "list /v1  namespaces  "},
      {"GET", "/api/v1/nodes/n%31", "get /v1  nodes n1 "},
  };
  for (const Path& path : paths) {
    const auto info = parse_request(path.method, path.target);
    ASSERT_TRUE(info) << path.target;
    EXPECT_TRUE(info->is_resource);
    EXPECT_EQ(info->verb + " " + info->group + "/" + info->version + " " + info->name_space + " " + info->resource +
                  " " + info->name + " " + info->subresource,
              path.told);
  }
}

TEST(RequestInfo, OtherPathsAreNoResource) {
  for (const char* target : {"/", "/api", "/apis", "/api/v1", "/apis/apps/v1", "/version", "/openapi/v3/api/v1"}) {
    const auto info = parse_request("GET", target);
    ASSERT_TRUE(info) << target;
    EXPECT_FALSE(info->is_resource) << target;
  }
}

TEST(RequestInfo, RefusesMalformedTargets) {
  for (const char* target : {"*", "api/v1", "/api/v1/pods?x=%", "/api/v1/%zz", "/api/v1/namespaces//pods", "/a%00b"}) {
    EXPECT_FALSE(parse_request("GET", target)) << target;
  }
}

TEST(Negotiation, TakesTheFirstThatIsOffered) {
  const Offer offer;
  EXPECT_EQ(negotiate("", offer)->media, MediaType::kJson);
  EXPECT_EQ(negotiate("*/*", offer)->media, MediaType::kJson);
  EXPECT_EQ(negotiate("application/vnd.kubernetes.protobuf,application/json", offer)->media, MediaType::kProtobuf);
  EXPECT_EQ(negotiate("text/html, application/yaml;q=0.5, application/json;q=0.9", offer)->media, MediaType::kJson);
  const auto table = negotiate("application/json;as=Table;v=v1;g=meta.k8s.io,application/json", offer);
  EXPECT_EQ(table->view, View::kTable);
  EXPECT_EQ(negotiate("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io", offer).error().code, 406);
  EXPECT_EQ(negotiate("text/html", offer).error().code, 406);
  EXPECT_EQ(negotiate("application/json;as=Nonsense;v=v1;g=meta.k8s.io", offer).error().code, 406);
}

TEST(Negotiation, AggregatedDiscoveryIsAViewOfItsOwn) {
  Offer offer;
  offer.aggregated_discovery = true;
  const auto accepted =
      negotiate("application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json", offer);
  EXPECT_EQ(accepted->view, View::kAggregatedDiscoveryV2);
}

TEST(Authenticator, KnowsTokensAndCertificates) {
  const auto authenticator = Authenticator::with_tokens("secret,alice,1,\"dev,ops\"\n# note\nother,bob,2\n");
  ASSERT_TRUE(authenticator) << authenticator.error().message;
  net::HttpRequest request;
  request.headers.add("Authorization", "Bearer secret");
  const auto alice = authenticator->authenticate(request);
  ASSERT_TRUE(alice);
  EXPECT_EQ((*alice)->name, "alice");
  EXPECT_TRUE((*alice)->in_group("ops"));
  request.headers.set("Authorization", "Bearer wrong");
  EXPECT_EQ(authenticator->authenticate(request).error().code, 401);
  auto certificate = std::make_shared<net::ClientCertificate>();
  certificate->common_name = "admin";
  certificate->organizations = {"system:masters"};
  request.certificate = certificate;
  EXPECT_EQ((*authenticator->authenticate(request))->name, "admin");
}

TEST(Authenticator, AFaultyTokenFileNamesItsLine) {
  for (const char* text : {"a,b,c\nonly-token\n", "a,b,c\nx,\"y,z\n", "a,b,c\n,b,c\n"}) {
    const auto authenticator = Authenticator::with_tokens(text);
    ASSERT_FALSE(authenticator) << text;
    EXPECT_NE(authenticator.error().message.find("line 2"), std::string::npos);
  }
}

TEST(Authorizer, OnlyMastersMayDoAnythingAndEverybodyMaySeeHealth) {
  User nobody;
  nobody.name = "n";
  User master;
  master.groups = {"system:masters"};
  const auto pods = parse_request("GET", "/api/v1/namespaces/a/pods");
  EXPECT_EQ(authorize(*pods, nullptr).error().code, 401);
  EXPECT_EQ(authorize(*pods, &nobody).error().code, 403);
  EXPECT_TRUE(authorize(*pods, &master));
  for (const char* target : {"/livez", "/readyz/ping", "/healthz", "/version"}) {
    EXPECT_TRUE(authorize(*parse_request("GET", target), nullptr)) << target;
  }
  EXPECT_FALSE(authorize(*parse_request("GET", "/readyzz"), nullptr));
}

TEST(HumanDuration, IsShownAsKubectlShowsIt) {
  const std::pair<int, const char*> cases[] = {{0, "0s"},       {119, "119s"},    {120, "2m"},       {125, "2m5s"},
                                               {600, "10m"},    {10'799, "179m"}, {10'800, "3h"},    {10'860, "3h1m"},
                                               {86'400, "24h"}, {172'800, "2d"},  {176'400, "2d1h"}, {864'000, "10d"}};
  for (const auto& [seconds, text] : cases) EXPECT_EQ(human_duration(std::chrono::seconds(seconds)), text) << seconds;
}

}  // namespace
}  // namespace troupe::api
