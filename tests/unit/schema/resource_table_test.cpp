#include "schema/resource_table.hpp"

#include <gmock/gmock.h>

#include <set>
#include <string>

#include "schema/type_table.hpp"

namespace troupe::schema {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::IsNull;
using testing::Not;
using testing::NotNull;

const ResourceTable& table() {
  static const ResourceTable built = ResourceTable::built_in().value();
  return built;
}

TEST(ResourceTable, FindsAResourceByPathAndByKind) {
  const Resource* pods = table().find("", "v1", "pods");
  ASSERT_THAT(pods, NotNull());
  EXPECT_EQ(pods->kind, "Pod");
  EXPECT_EQ(pods->list_kind, "PodList");
  EXPECT_TRUE(pods->namespaced);
  EXPECT_THAT(pods->short_names, ElementsAre("po"));
  EXPECT_THAT(pods->categories, ElementsAre("all"));
  EXPECT_EQ(table().find_kind("", "v1", "Pod"), pods);
  EXPECT_THAT(table().find("", "v2", "pods"), IsNull());
  EXPECT_THAT(table().find("apps", "v1", "pods"), IsNull());
  EXPECT_THAT(table().find_kind("", "v1", "pods"), IsNull());
}

TEST(ResourceTable, HasATypeForEveryKindListAndSubresource) {
  const TypeTable types = TypeTable::built_in().value();
  EXPECT_GE(table().all().size(), 70U);
  for (const Resource& r : table().all()) {
    EXPECT_THAT(types.find(r.group, r.version, r.kind), NotNull()) << r.kind;
    if (r.has_verb("list")) {
      EXPECT_THAT(types.find(r.group, r.version, r.list_kind), NotNull()) << r.list_kind;
    }
    for (const Subresource& sub : r.subresources) {
      EXPECT_THAT(types.find(sub.group, sub.version, sub.kind), NotNull()) << r.plural << "/" << sub.name;
      EXPECT_THAT(sub.verbs, Not(IsEmpty())) << r.plural << "/" << sub.name;
    }
  }
}

TEST(ResourceTable, AgreesWithTheTypesOnScopeAndStatus) {
  const TypeTable types = TypeTable::built_in().value();
  for (const Resource& r : table().all()) {
    const Type* type = types.find(r.group, r.version, r.kind);
    ASSERT_THAT(type, NotNull()) << r.kind;
    if (testing::Matches(Contains("genclient:nonNamespaced"))(type->markers)) {
      EXPECT_FALSE(r.namespaced) << r.plural;
    } else if (testing::Matches(Contains("genclient"))(type->markers)) {
      EXPECT_TRUE(r.namespaced) << r.plural;
    }
    const bool no_status = testing::Matches(Contains("genclient:noStatus"))(type->markers);
    if (r.find_subresource("status") != nullptr) {
      EXPECT_THAT(type->find_json("status"), NotNull()) << r.plural;
      EXPECT_FALSE(no_status) << r.plural;
    }
  }
}

TEST(ResourceTable, ShowsTheNameFirst) {
  for (const Resource& r : table().all()) {
    if (r.columns.empty() || r.kind == "Event") continue;
    EXPECT_EQ(r.columns[0].name, "Name") << r.plural;
    EXPECT_EQ(r.columns[0].format, "name") << r.plural;
  }
}

TEST(ResourceTable, SaysWhatASubresourceTakes) {
  const Resource* deployments = table().find("apps", "v1", "deployments");
  ASSERT_THAT(deployments, NotNull());
  EXPECT_EQ(deployments->find_subresource("scale")->group, "autoscaling");
  EXPECT_EQ(deployments->find_subresource("scale")->kind, "Scale");
  EXPECT_EQ(deployments->find_subresource("status")->kind, "Deployment");
  EXPECT_THAT(deployments->find_subresource("exec"), IsNull());
  const Resource* pods = table().find("", "v1", "pods");
  EXPECT_EQ(pods->find_subresource("eviction")->group, "policy");
  EXPECT_EQ(pods->find_subresource("proxy")->kind, "PodProxyOptions");
  EXPECT_THAT(pods->find_subresource("eviction")->verbs, ElementsAre("create"));
  EXPECT_EQ(table().find("", "v1", "nodes")->find_subresource("proxy")->kind, "NodeProxyOptions");
}

TEST(ResourceTable, StoresTwoVersionsOfOneObjectAsOne) {
  const Resource* v1 = table().find("autoscaling", "v1", "horizontalpodautoscalers");
  const Resource* v2 = table().find("autoscaling", "v2", "horizontalpodautoscalers");
  EXPECT_EQ(v1->storage, v2);
  EXPECT_EQ(v2->storage, v2);
  const Resource* events = table().find("events.k8s.io", "v1", "events");
  EXPECT_EQ(events->storage, table().find("", "v1", "events"));
  for (const Resource& r : table().all()) EXPECT_EQ(r.storage->storage, r.storage) << r.plural;
}

// The rows in which the recorded server (1.20) differs from 1.36; docs/schema.md lists them with their reasons.
TEST(ResourceTable, CarriesTheCorrectionsOfTheRecordedServer) {
  EXPECT_TRUE(table().find("", "v1", "services")->has_verb("deletecollection"));
  EXPECT_FALSE(table().find("", "v1", "namespaces")->has_verb("deletecollection"));
  EXPECT_THAT(table().find("events.k8s.io", "v1", "events")->selectable_fields, Contains("regarding.kind"));
  EXPECT_THAT(table().find("events.k8s.io", "v1", "events")->selectable_fields, Not(Contains("involvedObject.kind")));
  EXPECT_THAT(table().find("", "v1", "bindings"), NotNull());
  const auto column = [](const Resource* r, std::string_view name) -> const Column* {
    for (const Column& c : r->columns) {
      if (c.name == name) return &c;
    }
    return nullptr;
  };
  EXPECT_EQ(column(table().find("", "v1", "pods"), "Restarts")->type, "string");
  EXPECT_THAT(column(table().find("storage.k8s.io", "v1", "csidrivers"), "RequiresRepublish"), NotNull());
  EXPECT_THAT(column(table().find("certificates.k8s.io", "v1", "certificatesigningrequests"), "RequestedDuration"),
              NotNull());
  EXPECT_THAT(column(table().find("flowcontrol.apiserver.k8s.io", "v1", "prioritylevelconfigurations"),
                     "NominalConcurrencyShares"),
              NotNull());
}

}  // namespace
}  // namespace troupe::schema
