#include <gtest/gtest.h>

#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using testing::at;

constexpr std::string_view kMerge = "application/merge-patch+json";
constexpr std::string_view kPod = "/api/v1/namespaces/default/pods/p";

class ReviewTest : public ::testing::Test {
 protected:
  testing::Answer post(const std::string& path, const std::string& body) { return api.ask("POST", path, body); }
  /// A pod that runs, and what guards it.
  void make_guarded_pod(const std::string& allowed, bool ready = true, const std::string& healthy = "1",
                        const std::string& policy = "") {
    ASSERT_EQ(post("/api/v1/namespaces/default/pods",
                   R"({"metadata":{"name":"p","labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}})")
                  .status,
              201);
    ASSERT_EQ(api.ask("PATCH", std::string(kPod) + "/status",
                      R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":")" +
                          std::string(ready ? "True" : "False") + "\"}]}}",
                      std::string(kMerge))
                  .status,
              200);
    ASSERT_EQ(post("/apis/policy/v1/namespaces/default/poddisruptionbudgets",
                   R"({"metadata":{"name":"b"},"spec":{)" + policy +
                       R"("minAvailable":1,"selector":{"matchLabels":{"a":"b"}}}})")
                  .status,
              201);
    const std::string status = R"({"status":{"observedGeneration":1,"desiredHealthy":1,"currentHealthy":)" + healthy +
                               R"(,"disruptionsAllowed":)" + allowed + "}}";
    ASSERT_EQ(api.ask("PATCH", "/apis/policy/v1/namespaces/default/poddisruptionbudgets/b/status", status,
                      std::string(kMerge))
                  .status,
              200);
  }
  testing::FrontFixture api;
};

TEST_F(ReviewTest, AMasterMayAllAndIsToldWhoHeIs) {
  const auto access = post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews",
                           R"({"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}})");
  ASSERT_EQ(access.status, 201) << access.body;
  EXPECT_EQ(at(access.body, "status.allowed"), "true");
  EXPECT_EQ(at(access.body, "spec.resourceAttributes.verb"), "get");
  const auto self = post("/apis/authentication.k8s.io/v1/selfsubjectreviews", "{}");
  EXPECT_EQ(at(self.body, "status.userInfo.username"), "admin") << self.body;
  EXPECT_NE(self.body.find("system:masters"), std::string::npos);
  const auto rules =
      post("/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", R"({"spec":{"namespace":"default"}})");
  EXPECT_EQ(at(rules.body, "status.incomplete"), "false") << rules.body;
}

TEST_F(ReviewTest, AnotherSubjectMayWhatItsGroupsMay) {
  const std::string path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
  const std::string asked = R"("resourceAttributes":{"verb":"get","resource":"pods"})";
  EXPECT_EQ(at(post(path, R"({"spec":{"user":"u",)" + asked + "}}").body, "status.allowed"), "false");
  EXPECT_EQ(at(post(path, R"({"spec":{"user":"u","groups":["system:masters"],)" + asked + "}}").body, "status.allowed"),
            "true");
  EXPECT_EQ(post(path, R"({"spec":{"user":"u"}})").status, 422);
}

TEST_F(ReviewTest, AnEvictionThatABudgetForbidsIsToldToComeBack) {
  make_guarded_pod("0");
  const auto refused =
      post(std::string(kPod) + "/eviction", R"({"apiVersion":"policy/v1","kind":"Eviction","metadata":{"name":"p"}})");
  EXPECT_EQ(refused.status, 429) << refused.body;
  EXPECT_EQ(at(refused.body, "message"), "Cannot evict pod as it would violate the pod's disruption budget.");
  EXPECT_NE(refused.body.find("The disruption budget b needs 1 healthy pods and has 1 currently"), std::string::npos);
  EXPECT_EQ(api.ask("GET", std::string(kPod)).status, 200);
}

TEST_F(ReviewTest, AnEvictionThatIsAllowedTakesOneDisruptionAndThePod) {
  make_guarded_pod("1");
  const auto gone = post(std::string(kPod) + "/eviction",
                         R"({"apiVersion":"policy/v1beta1","kind":"Eviction","metadata":{"name":"p"}})");
  EXPECT_EQ(gone.status, 201) << gone.body;
  EXPECT_EQ(at(gone.body, "status"), "Success");
  EXPECT_EQ(api.ask("GET", std::string(kPod)).status, 404);
  const auto budget = api.ask("GET", "/apis/policy/v1/namespaces/default/poddisruptionbudgets/b");
  EXPECT_EQ(at(budget.body, "status.disruptionsAllowed"), "0");
  EXPECT_NE(at(budget.body, "status.disruptedPods.p"), "");
}

TEST_F(ReviewTest, AnEvictedPodThatRunsTellsThatItIsDisrupted) {
  const std::string on_a_node =
      R"({"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"i"}]}})";
  ASSERT_EQ(post("/api/v1/namespaces/default/pods", on_a_node).status, 201);
  const std::string ready = R"({"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}})";
  ASSERT_EQ(api.ask("PATCH", std::string(kPod) + "/status", ready, std::string(kMerge)).status, 200);
  ASSERT_EQ(post(std::string(kPod) + "/eviction", R"({"metadata":{"name":"p"}})").status, 201);
  const auto first = api.ask("GET", std::string(kPod));
  EXPECT_NE(at(first.body, "metadata.deletionTimestamp"), "") << first.body;
  EXPECT_NE(first.body.find(R"("type":"Ready")"), std::string::npos) << "others' conditions are kept";
  const std::size_t target = first.body.find(R"("type":"DisruptionTarget")");
  ASSERT_NE(target, std::string::npos) << first.body;
  for (const auto* part : {R"("status":"True")", R"("reason":"EvictionByEvictionAPI")", R"("lastTransitionTime":"2)",
                           R"("message":"Eviction API: evicting")"}) {
    EXPECT_NE(first.body.find(part), std::string::npos) << part << " in " << first.body;
  }
  ASSERT_EQ(post(std::string(kPod) + "/eviction", R"({"metadata":{"name":"p"}})").status, 201);
  EXPECT_EQ(api.ask("GET", std::string(kPod)).body, first.body) << "a second eviction changes nothing";
}

TEST_F(ReviewTest, APodThatIsNotReadyIsEvictedWhileTheBudgetHasWhatItWants) {
  make_guarded_pod("0", false);
  const auto gone = post(std::string(kPod) + "/eviction", R"({"metadata":{"name":"p"}})");
  EXPECT_EQ(gone.status, 201) << gone.body;
  EXPECT_EQ(api.ask("GET", std::string(kPod)).status, 404);
  const auto budget = api.ask("GET", "/apis/policy/v1/namespaces/default/poddisruptionbudgets/b");
  EXPECT_EQ(at(budget.body, "status.disruptedPods.p"), "") << "no disruption was taken";
}

TEST_F(ReviewTest, APodThatIsNotReadyStaysWhileHealthyOnesAreMissing) {
  make_guarded_pod("0", false, "0");
  EXPECT_EQ(post(std::string(kPod) + "/eviction", R"({"metadata":{"name":"p"}})").status, 429);
  EXPECT_EQ(api.ask("GET", std::string(kPod)).status, 200);
}

TEST_F(ReviewTest, APodThatIsNotReadyAlwaysGoesWhereTheBudgetSaysSo) {
  make_guarded_pod("0", false, "0", R"("unhealthyPodEvictionPolicy":"AlwaysAllow",)");
  const auto gone =
      post(std::string(kPod) + "/eviction", R"({"metadata":{"name":"p"},"deleteOptions":{"gracePeriodSeconds":0}})");
  EXPECT_EQ(gone.status, 201) << gone.body;
  EXPECT_EQ(api.ask("GET", std::string(kPod)).status, 404);
}

TEST_F(ReviewTest, APodIsResizedAndGetsEphemeralContainersByTheirOwnPathsOnly) {
  ASSERT_EQ(post("/api/v1/namespaces/default/pods",
                 R"({"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}})")
                .status,
            201);
  const std::string strategic = "application/strategic-merge-patch+json";
  const std::string more = R"({"spec":{"containers":[{"name":"c","resources":{"requests":{"cpu":"1"}}}]}})";
  EXPECT_EQ(api.ask("PATCH", std::string(kPod), more, strategic).status, 422);
  const auto resized = api.ask("PATCH", std::string(kPod) + "/resize", more, strategic);
  EXPECT_EQ(resized.status, 200) << resized.body;
  const std::string debug = R"({"spec":{"ephemeralContainers":[{"name":"d","image":"busybox"}]}})";
  EXPECT_EQ(api.ask("PATCH", std::string(kPod), debug, strategic).status, 422);
  const auto joined = api.ask("PATCH", std::string(kPod) + "/ephemeralcontainers", debug, strategic);
  EXPECT_EQ(joined.status, 200) << joined.body;
  EXPECT_NE(joined.body.find(R"("ephemeralContainers":[{"name":"d")"), std::string::npos);
  const auto gone = api.ask("PATCH", std::string(kPod) + "/ephemeralcontainers",
                            R"({"spec":{"ephemeralContainers":null}})", std::string(kMerge));
  EXPECT_EQ(gone.status, 422) << gone.body;
}

TEST_F(ReviewTest, AnApprovalChangesConditionsAndNothingElse) {
  const std::string path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
  const std::string pem =
      "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUE9PQotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K";
  const std::string spec =
      R"("spec":{"request":")" + pem + R"(","signerName":"example.com/s","usages":["client auth"]})";
  ASSERT_EQ(post(path, R"({"metadata":{"name":"r"},)" + spec + "}").status, 201);
  const auto approved =
      api.ask("PUT", path + "/r/approval",
              R"({"metadata":{"name":"r"},"spec":{"request":"Yg==","signerName":"x/y","usages":["any"]},)"
              R"("status":{"conditions":[{"type":"Approved","status":"True","reason":"Tested"}]}})");
  ASSERT_EQ(approved.status, 200) << approved.body;
  EXPECT_EQ(at(approved.body, "spec.signerName"), "example.com/s");
  EXPECT_NE(approved.body.find(R"("type":"Approved")"), std::string::npos) << approved.body;
}

}  // namespace
}  // namespace troupe::api
