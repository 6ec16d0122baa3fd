#include <gtest/gtest.h>

#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using testing::at;

constexpr std::string_view kMerge = "application/merge-patch+json";
constexpr std::string_view kApply = "application/apply-patch+yaml";
constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";
constexpr std::string_view kPod = "/api/v1/namespaces/default/pods/p";
constexpr std::string_view kDeployments = "/apis/apps/v1/namespaces/default/deployments";

/// What a write of `/status` changes beside the status.
class StatusWriteTest : public ::testing::Test {
 protected:
  void make_pod(const std::string& more = "") {
    const auto made = api.ask("POST", std::string(kPods),
                              R"({"metadata":{"name":"p","labels":{"a":"1"}})" + more +
                                  R"(,"spec":{"containers":[{"name":"c","image":"i"}]}})");
    ASSERT_EQ(made.status, 201) << made.body;
  }
  testing::Answer patch_status(std::string_view object, const std::string& body) {
    return api.ask("PATCH", std::string(object) + "/status", body, std::string(kMerge));
  }
  testing::FrontFixture api;
};

TEST_F(StatusWriteTest, OfAPodChangesLabelsAndAnnotationsAndNeitherSpecNorOwners) {
  make_pod();
  const auto patched = patch_status(
      kPod,
      R"({"metadata":{"labels":{"b":"2"},"annotations":{"c":"3"},"deletionTimestamp":"2020-01-01T00:00:00Z",
      "generation":7,"ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"u"}]},
      "spec":{"containers":[{"name":"c","image":"other"}]},"status":{"phase":"Running"}})");
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(at(patched.body, "metadata.labels.a"), "1");
  EXPECT_EQ(at(patched.body, "metadata.labels.b"), "2");
  EXPECT_EQ(at(patched.body, "metadata.annotations.c"), "3");
  EXPECT_EQ(at(patched.body, "metadata.generation"), "1");
  EXPECT_EQ(at(patched.body, "status.phase"), "Running");
  EXPECT_EQ(patched.body.find("ownerReferences"), std::string::npos) << patched.body;
  EXPECT_EQ(patched.body.find("deletionTimestamp"), std::string::npos) << patched.body;
  EXPECT_EQ(patched.body.find("\"image\":\"other\""), std::string::npos) << patched.body;
  EXPECT_NE(patched.body.find(R"("f:labels":{"f:b":{}})"), std::string::npos) << "who set it owns it: " << patched.body;
  EXPECT_NE(patched.body.find(R"("subresource":"status")"), std::string::npos);
  EXPECT_EQ(api.ask("GET", std::string(kPod)).body, patched.body);
}

TEST_F(StatusWriteTest, OfAPodByPutTakesLabelsAwayThatAreNotThere) {
  make_pod();
  const auto put =
      api.ask("PUT", std::string(kPod) + "/status", R"({"metadata":{"name":"p"},"status":{"phase":"Running"}})");
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(at(put.body, "metadata.labels.a"), "");
  EXPECT_EQ(at(put.body, "status.phase"), "Running");
  EXPECT_EQ(at(put.body, "spec.restartPolicy"), "Always") << "the spec is the old one";
}

TEST_F(StatusWriteTest, OfAPodKeepsItsQosClassAndWhatWasObserved) {
  make_pod();
  const std::string observed = R"({"status":{"phase":"Running","observedGeneration":4,"conditions":[)"
                               R"({"type":"Ready","status":"True","observedGeneration":3}]}})";
  ASSERT_EQ(patch_status(kPod, observed).status, 200);
  const auto put = api.ask(
      "PUT", std::string(kPod) + "/status",
      R"({"metadata":{"name":"p"},"status":{"conditions":[{"type":"x.io/new","status":"True"},{"type":"Ready","status":"False"}]}})");
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(at(put.body, "status.qosClass"), "BestEffort");
  EXPECT_EQ(at(put.body, "status.observedGeneration"), "4");
  EXPECT_NE(put.body.find(R"("observedGeneration":3,"status":"False")"), std::string::npos) << put.body;
  EXPECT_EQ(at(put.body, "status.phase"), "") << "all else is as it was sent";
}

TEST_F(StatusWriteTest, OfANodeChangesItsLabelsAndNotItsSpec) {
  const std::string node = "/api/v1/nodes/n";
  ASSERT_EQ(api.ask("POST", "/api/v1/nodes", R"({"metadata":{"name":"n"}})").status, 201);
  const auto patched = patch_status(
      node, R"({"metadata":{"labels":{"zone":"a"}},"spec":{"unschedulable":true},"status":{"phase":"Running"}})");
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(at(patched.body, "metadata.labels.zone"), "a");
  EXPECT_EQ(at(patched.body, "spec.unschedulable"), "");
  EXPECT_EQ(at(patched.body, "status.phase"), "Running");
}

TEST_F(StatusWriteTest, OfADeploymentChangesAnnotationsButNoLabels) {
  ASSERT_EQ(api.ask("POST", std::string(kDeployments),
                    R"({"metadata":{"name":"d","labels":{"a":"1"}},"spec":{"selector":{"matchLabels":{"a":"b"}},
                    "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}})")
                .status,
            201);
  const auto patched =
      patch_status(std::string(kDeployments) + "/d",
                   R"({"metadata":{"labels":{"a":"2","z":"z"},"annotations":{"b":"3"}},"status":{"replicas":1}})");
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(at(patched.body, "metadata.labels.a"), "1");
  EXPECT_EQ(at(patched.body, "metadata.labels.z"), "");
  EXPECT_EQ(at(patched.body, "metadata.annotations.b"), "3");
}

TEST_F(StatusWriteTest, OfAFlowSchemaChangesNoMetadata) {
  const std::string schemas = "/apis/flowcontrol.apiserver.k8s.io/v1/flowschemas";
  const auto made =
      api.ask("POST", schemas, R"({"metadata":{"name":"f"},"spec":{"priorityLevelConfiguration":{"name":"exempt"}}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const auto patched = patch_status(
      schemas + "/f", R"({"metadata":{"labels":{"a":"1"}},"status":{"conditions":[{"type":"x","status":"True"}]}})");
  ASSERT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(at(patched.body, "metadata.labels.a"), "");
  EXPECT_NE(patched.body.find(R"("type":"x")"), std::string::npos);
}

TEST_F(StatusWriteTest, IsCheckedLikeEveryWriteOfMetadata) {
  make_pod();
  EXPECT_EQ(patch_status(kPod, R"({"metadata":{"labels":{"b":"no good!"}}})").status, 422);
  EXPECT_EQ(patch_status(kPod, R"({"metadata":{"uid":"another"}})").status, 422);
  EXPECT_EQ(at(api.ask("GET", std::string(kPod)).body, "metadata.labels.b"), "");
}

TEST_F(StatusWriteTest, MayTakeTheLastFinalizerOfWhatIsBeingDeleted) {
  ASSERT_EQ(api.ask("POST", std::string(kPods),
                    R"({"metadata":{"name":"p","finalizers":["example.com/one"]},)"
                    R"("spec":{"containers":[{"name":"c","image":"i"}]}})")
                .status,
            201);
  ASSERT_EQ(api.ask("DELETE", std::string(kPod), R"({"gracePeriodSeconds":0})").status, 200);
  ASSERT_EQ(api.ask("GET", std::string(kPod)).status, 200);
  EXPECT_EQ(patch_status(kPod, R"({"metadata":{"finalizers":null}})").status, 200);
  EXPECT_EQ(api.ask("GET", std::string(kPod)).status, 404);
}

TEST_F(StatusWriteTest, AppliedOwnsTheLabelsOfAPodAndNoOwners) {
  make_pod();
  const auto applied = api.ask("PATCH", std::string(kPod) + "/status?fieldManager=m",
                               R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"p","labels":{"b":"2"},)"
                               R"("ownerReferences":[{"apiVersion":"v1","kind":"Node","name":"n","uid":"u"}]},)"
                               R"("spec":{"nodeName":"n"},"status":{"message":"hello"}})",
                               std::string(kApply));
  ASSERT_EQ(applied.status, 200) << applied.body;
  EXPECT_EQ(at(applied.body, "metadata.labels.b"), "2");
  EXPECT_EQ(at(applied.body, "status.message"), "hello");
  EXPECT_EQ(at(applied.body, "spec.nodeName"), "");
  EXPECT_EQ(applied.body.find("ownerReferences"), std::string::npos) << applied.body;
  EXPECT_NE(applied.body.find(R"("fieldsV1":{"f:metadata":{"f:labels":{"f:b":{}}},"f:status":{"f:message":{}}})"),
            std::string::npos)
      << applied.body;
}

}  // namespace
}  // namespace troupe::api
