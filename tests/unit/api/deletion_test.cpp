#include <gtest/gtest.h>

#include "api/birth.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using testing::at;

constexpr std::string_view kMaps = "/api/v1/namespaces/default/configmaps";
constexpr std::string_view kMerge = "application/merge-patch+json";

std::string path(std::string_view name) { return std::string(kMaps) + "/" + std::string(name); }
std::string map(const std::string& name, const std::string& more = "") {
  return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + "\"" + more + "}}";
}

class DeletionTest : public ::testing::Test {
 protected:
  testing::FrontFixture api;
};

TEST_F(DeletionTest, ANamespaceTerminatesUntilItsSpecFinalizerIsFinalized) {
  ASSERT_EQ(api.ask("POST", "/api/v1/namespaces", R"({"metadata":{"name":"x"}})").status, 201);
  const auto marked = api.ask("DELETE", "/api/v1/namespaces/x");
  EXPECT_EQ(marked.status, 200);
  EXPECT_EQ(at(marked.body, "status.phase"), "Terminating");
  const auto refused = api.ask("POST", "/api/v1/namespaces/x/configmaps", map("a"));
  EXPECT_EQ(refused.status, 403);
  EXPECT_NE(refused.body.find("NamespaceTerminating"), std::string::npos) << refused.body;
  // Neither an update nor a patch takes the finalizer of the spec away.
  api.ask("PATCH", "/api/v1/namespaces/x", R"({"spec":{"finalizers":null}})", std::string(kMerge));
  EXPECT_EQ(api.ask("GET", "/api/v1/namespaces/x").status, 200);
  const auto done = api.ask("PUT", "/api/v1/namespaces/x/finalize", R"({"metadata":{"name":"x"},"spec":{}})");
  EXPECT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(api.ask("GET", "/api/v1/namespaces/x").status, 404);
}

TEST_F(DeletionTest, TheNamespacesOfTheSystemStay) {
  for (const char* name : {"default", "kube-system", "kube-public"}) {
    EXPECT_EQ(api.ask("DELETE", std::string("/api/v1/namespaces/") + name).status, 403) << name;
  }
}

TEST_F(DeletionTest, APropagationPolicyBecomesAFinalizerAndReplacesTheOther) {
  api.ask("POST", std::string(kMaps), map("a"));
  const auto waits = api.ask("DELETE", path("a"), R"({"propagationPolicy":"Foreground"})");
  EXPECT_NE(waits.body.find(R"("finalizers":["foregroundDeletion"])"), std::string::npos) << waits.body;
  const auto frees = api.ask("DELETE", path("a"), R"({"propagationPolicy":"Orphan"})");
  EXPECT_NE(frees.body.find(R"("finalizers":["orphan"])"), std::string::npos) << frees.body;
  // What was meant for something else deletes nothing.
  for (const char* body : {R"({"kind":"ConfigMap","apiVersion":"v1"})", "[]", R"({"gracePeriodSeconds":"1"})"}) {
    EXPECT_EQ(api.ask("DELETE", path("a"), body).status, 400) << body;
  }
  EXPECT_EQ(api.ask("DELETE", path("a") + "?propagationPolicy=No").status, 422);
  EXPECT_EQ(api.ask("GET", path("a")).status, 200);
  EXPECT_EQ(at(api.ask("DELETE", path("a"), R"({"orphanDependents":false})").body, "status"), "Success");
  EXPECT_EQ(api.ask("GET", path("a")).status, 404);
  EXPECT_EQ(api.ask("DELETE", path("a"), R"({"orphanDependents":false,"propagationPolicy":"Orphan"})").status, 422);
}

TEST_F(DeletionTest, AnObjectThatIsBeingDeletedGetsNoNewFinalizer) {
  api.ask("POST", std::string(kMaps), map("a", R"(,"finalizers":["example.com/one"])"));
  EXPECT_NE(at(api.ask("DELETE", path("a")).body, "metadata.deletionTimestamp"), "");
  const auto more = api.ask("PATCH", path("a"), R"({"metadata":{"finalizers":["example.com/one","example.com/two"]}})",
                            std::string(kMerge));
  EXPECT_EQ(more.status, 422) << more.body;
  EXPECT_EQ(api.ask("PATCH", path("a"), R"({"metadata":{"finalizers":[]}})", std::string(kMerge)).status, 200);
  EXPECT_EQ(api.ask("GET", path("a")).status, 404);
}

TEST_F(DeletionTest, PreconditionsAreConflictsWhenTheyDoNotHold) {
  const auto made = api.ask("POST", std::string(kMaps), map("a"));
  EXPECT_EQ(api.ask("DELETE", path("a"), R"({"preconditions":{"uid":"other"}})").status, 409);
  EXPECT_EQ(api.ask("DELETE", path("a"), R"({"preconditions":{"resourceVersion":"1"}})").status, 409);
  const std::string right = R"({"preconditions":{"uid":")" + at(made.body, "metadata.uid") +
                            R"(","resourceVersion":")" + at(made.body, "metadata.resourceVersion") + "\"}}";
  EXPECT_EQ(api.ask("DELETE", path("a"), right).status, 200);
}

TEST_F(DeletionTest, ACollectionIsDeletedAsTheSelectorSays) {
  api.ask("POST", std::string(kMaps), map("a", R"(,"labels":{"k":"1"})"));
  api.ask("POST", std::string(kMaps), map("b", R"(,"labels":{"k":"2"})"));
  api.ask("POST", std::string(kMaps), map("c", R"(,"labels":{"k":"1"},"finalizers":["example.com/one"])"));
  EXPECT_EQ(api.ask("DELETE", std::string(kMaps) + "?labelSelector=k%3D1").status, 200);
  EXPECT_EQ(api.ask("GET", path("a")).status, 404);
  EXPECT_EQ(api.ask("GET", path("b")).status, 200);
  EXPECT_NE(at(api.ask("GET", path("c")).body, "metadata.deletionTimestamp"), "");
}

TEST_F(DeletionTest, AClusterIsBornWithItsServiceAndPriorityClasses) {
  const auto service = api.ask("GET", "/api/v1/namespaces/default/services/kubernetes");
  EXPECT_EQ(at(service.body, "spec.clusterIP"), "10.96.0.1") << service.body;
  EXPECT_EQ(api.ask("GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes").status, 200);
  EXPECT_EQ(at(api.ask("GET", "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical").body, "value"),
            "2000001000");
}

TEST_F(DeletionTest, OneThatIsBornAgainWritesOnlyWhatHasChanged) {
  const auto types = schema::TypeTable::built_in();
  ASSERT_TRUE(types);
  const Services services{api.all, *types, api.routes, api.environment};
  const auto born = [&](std::uint16_t port) {
    const auto before = api.store.revision();
    BirthOptions options;
    options.port = port;
    Status done = fail(ErrorCode::kInternal, "not done");
    create_birth_objects(services, options, [&done](Status status) { done = std::move(status); });
    api.run();
    EXPECT_TRUE(done);
    return api.store.revision() - before;
  };
  born(7001);
  EXPECT_EQ(born(7001), 0U);
  EXPECT_EQ(born(7002), 1U) << "in one commit";
  const auto slice = api.ask("GET", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes");
  EXPECT_NE(slice.body.find("\"port\":7002"), std::string::npos) << slice.body;
  ASSERT_EQ(api.ask("DELETE", "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical").status, 200);
  EXPECT_EQ(born(7002), 1U) << "what somebody has taken away is there again";
}

using VersionsTest = DeletionTest;

TEST_F(VersionsTest, AnAutoscalerOfVersion1IsTheSameObjectAsOfVersion2) {
  const std::string v1 = "/apis/autoscaling/v1/namespaces/default/horizontalpodautoscalers";
  const std::string v2 = "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers";
  const auto made = api.ask("POST", v1,
                            R"({"metadata":{"name":"h"},"spec":{"maxReplicas":5,"targetCPUUtilizationPercentage":70,)"
                            R"("scaleTargetRef":{"kind":"Deployment","name":"d","apiVersion":"apps/v1"}}})");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(at(made.body, "apiVersion"), "autoscaling/v1");
  EXPECT_EQ(at(made.body, "spec.targetCPUUtilizationPercentage"), "70");
  const auto other = api.ask("GET", v2 + "/h");
  EXPECT_EQ(at(other.body, "apiVersion"), "autoscaling/v2");
  EXPECT_NE(other.body.find(R"("averageUtilization":70)"), std::string::npos) << other.body;
  EXPECT_EQ(at(other.body, "metadata.uid"), at(made.body, "metadata.uid"));
  const auto patched = api.ask("PATCH", v1 + "/h", R"({"spec":{"maxReplicas":7}})", std::string(kMerge));
  EXPECT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(at(api.ask("GET", v2 + "/h").body, "spec.maxReplicas"), "7");
  const auto list = api.ask("GET", v1);
  EXPECT_NE(list.body.find(R"("targetCPUUtilizationPercentage":70)"), std::string::npos) << list.body;
}

TEST_F(VersionsTest, AnEventIsServedByBothGroups) {
  const auto made = api.ask("POST", "/api/v1/namespaces/default/events",
                            R"({"metadata":{"name":"e"},"message":"m","reason":"R","type":"Normal","count":3,)"
                            R"("involvedObject":{"kind":"Pod","name":"p","namespace":"default"}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto other = api.ask("GET", "/apis/events.k8s.io/v1/namespaces/default/events/e");
  EXPECT_EQ(at(other.body, "apiVersion"), "events.k8s.io/v1");
  EXPECT_EQ(at(other.body, "note"), "m");
  EXPECT_EQ(at(other.body, "deprecatedCount"), "3");
  EXPECT_EQ(at(other.body, "regarding.name"), "p");
}

}  // namespace
}  // namespace troupe::api
