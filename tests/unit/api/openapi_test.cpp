#include <gtest/gtest.h>

#include <functional>
#include <set>
#include <string>

#include "schema/codec/json.hpp"
#include "schema/codec/proto_wire.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using schema::Node;
using schema::ProtoReader;
using schema::WireType;

constexpr const char* kProtobuf = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

class OpenApiTest : public ::testing::Test {
 protected:
  schema::Document read(const std::string& target) {
    const auto answer = api.ask("GET", target);
    EXPECT_EQ(answer.status, 200) << answer.body;
    schema::JsonDecoder decoder;
    schema::Document document;
    schema::Diagnostics diagnostics;
    EXPECT_TRUE(decoder.parse(answer.body, document, diagnostics).has_value()) << target;
    return document;
  }

  testing::FrontFixture api;
};

void for_each_reference(const Node& node, const std::function<void(std::string_view)>& call) {
  for (const auto& item : node.items()) for_each_reference(item, call);
  for (const auto& member : node.members()) {
    if (member.key == "$ref" && member.value.is_string()) call(member.value.as_string());
    for_each_reference(member.value, call);
  }
}

/// The values of a field that holds bytes, in a message.
std::vector<std::string_view> fields(std::string_view message, std::uint32_t number) {
  std::vector<std::string_view> found;
  ProtoReader reader(message);
  while (reader.next()) {
    if (reader.number() == number && reader.type() == WireType::kBytes) found.push_back(reader.bytes());
  }
  EXPECT_FALSE(reader.failed());
  return found;
}

std::string_view field(std::string_view message, std::uint32_t number) {
  const auto all = fields(message, number);
  return all.empty() ? std::string_view() : all.front();
}

TEST_F(OpenApiTest, EveryReferenceOfEveryDocumentLeadsSomewhere) {
  const auto v2 = read("/openapi/v2");
  std::size_t count = 0;
  const Node* definitions = v2.root().find("definitions");
  ASSERT_NE(definitions, nullptr);
  for_each_reference(v2.root(), [&](std::string_view to) {
    constexpr std::string_view kPrefix = "#/definitions/";
    ++count;
    ASSERT_TRUE(to.starts_with(kPrefix)) << to;
    EXPECT_NE(definitions->find(to.substr(kPrefix.size())), nullptr) << to;
  });
  EXPECT_GT(count, 1000U);
  const auto v3 = read("/openapi/v3/apis/apps/v1");
  const Node* schemas = v3.root().find("components")->find("schemas");
  for_each_reference(v3.root(), [&](std::string_view to) {
    EXPECT_NE(schemas->find(to.substr(std::string_view("#/components/schemas/").size())), nullptr) << to;
  });
}

TEST_F(OpenApiTest, EveryFormOfPatchThatIsAnnouncedIsTaken) {
  const std::string path = "/api/v1/namespaces/{namespace}/configmaps/{name}";
  const auto v2 = read("/openapi/v2");
  const auto v3 = read("/openapi/v3/api/v1");
  std::set<std::string> forms;
  for (const Node& form : v2.root().find("paths")->find(path)->find("patch")->find("consumes")->items()) {
    forms.emplace(form.as_string());
  }
  const Node* body = v3.root().find("paths")->find(path)->find("patch")->find("requestBody");
  for (const auto& form : body->find("content")->members()) forms.emplace(form.key);
  EXPECT_EQ(forms.size(), 4U);
  for (const std::string& form : forms) {
    EXPECT_NE(api.ask("PATCH", "/api/v1/namespaces/default/configmaps/m", "{}", form).status, 415) << form;
  }
}

TEST_F(OpenApiTest, OperationIdsAreUniqueAndNamedAsUpstreams) {
  const auto v2 = read("/openapi/v2");
  std::set<std::string_view> ids;
  for (const auto& path : v2.root().find("paths")->members()) {
    for (const auto& method : path.value.members()) {
      const Node* id = method.value.find("operationId");
      if (id == nullptr) continue;
      EXPECT_TRUE(ids.insert(id->as_string()).second) << id->as_string() << " stands twice";
    }
  }
  for (const char* known :
       {"createCoreV1NamespacedPod", "listCoreV1PodForAllNamespaces", "replaceAppsV1NamespacedDeploymentStatus",
        "connectCoreV1GetNamespacedPodExec", "readCoreV1NamespacedPodLog", "createCoreV1NamespacedPodEviction",
        "deleteCoreV1CollectionNamespacedPod", "watchCoreV1NamespacedPodList", "readCoreV1Node",
        "patchRbacAuthorizationV1ClusterRole", "createAuthorizationV1SubjectAccessReview"}) {
    EXPECT_TRUE(ids.contains(known)) << known;
  }
}

TEST_F(OpenApiTest, ProtobufHoldsEveryPathAndDefinitionOfTheJsonForm) {
  const auto json = read("/openapi/v2");
  const auto answer = api.ask("GET", "/openapi/v2", "", "", kProtobuf);
  ASSERT_EQ(answer.status, 200);
  EXPECT_EQ(*answer.headers.find("content-type"), "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  EXPECT_EQ(field(answer.body, 1), "2.0");
  EXPECT_EQ(fields(field(answer.body, 8), 2).size(), json.root().find("paths")->size());
  EXPECT_EQ(fields(field(answer.body, 9), 1).size(), json.root().find("definitions")->size());
  // What kubectl looks for: a PATCH that names its kind and takes dryRun.
  bool found = false;
  for (const std::string_view path : fields(field(answer.body, 8), 2)) {
    if (field(path, 1) != "/apis/apps/v1/namespaces/{namespace}/deployments/{name}") continue;
    const std::string_view patch = field(field(path, 2), 8);
    bool dry_run = false;
    for (const std::string_view parameter : fields(patch, 8)) {
      dry_run = dry_run || field(field(field(field(parameter, 1), 2), 3), 4) == "dryRun";
    }
    for (const std::string_view extension : fields(patch, 13)) {
      if (field(extension, 1) != "x-kubernetes-group-version-kind") continue;
      EXPECT_EQ(field(field(extension, 2), 2), "{\"group\":\"apps\",\"kind\":\"Deployment\",\"version\":\"v1\"}\n");
      found = dry_run;
    }
  }
  EXPECT_TRUE(found);
}

net::Headers with(const char* name, std::string value) {
  net::Headers headers;
  headers.add(name, std::move(value));
  return headers;
}

TEST_F(OpenApiTest, TheClientsCopyIsNotSentAgain) {
  for (const char* form : {"application/json", kProtobuf}) {
    const auto first = api.ask("GET", "/openapi/v2", "", "", form);
    ASSERT_NE(first.headers.find("etag"), nullptr);
    const net::Headers known = with("If-None-Match", *first.headers.find("etag"));
    EXPECT_EQ(api.ask("GET", "/openapi/v2", "", "", form, known).status, 304) << form;
    EXPECT_EQ(api.ask("GET", "/openapi/v2", "", "", form, with("If-None-Match", "\"other\"")).status, 200) << form;
  }
  EXPECT_EQ(api.ask("GET", "/openapi/v2", "", "", "text/html").status, 406);
}

}  // namespace
}  // namespace troupe::api
