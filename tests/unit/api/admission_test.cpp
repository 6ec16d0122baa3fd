#include "api/admission/admission.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>

#include "api/service_ranges.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using testing::at;

constexpr std::string_view kPods = "/api/v1/namespaces/default/pods";
constexpr std::string_view kServices = "/api/v1/namespaces/default/services";
constexpr std::string_view kMerge = "application/merge-patch+json";

std::string service(const std::string& name, const std::string& spec) {
  return R"({"metadata":{"name":")" + name + R"("},"spec":{)" + spec + R"("ports":[{"port":80}]}})";
}
std::string pod(const std::string& name, const std::string& spec = "", const std::string& container = "") {
  return R"({"metadata":{"name":")" + name + R"("},"spec":{)" + spec + R"("containers":[{"name":"c","image":"i")" +
         container + "}]}}";
}

class AdmissionTest : public ::testing::Test {
 protected:
  testing::Answer post(std::string_view path, const std::string& body) {
    return api.ask("POST", std::string(path), body);
  }
  std::string address(const std::string& name) {
    return at(api.ask("GET", std::string(kServices) + "/" + name).body, "spec.clusterIP");
  }
  testing::FrontFixture api;
};

TEST_F(AdmissionTest, AServiceGetsAnAddressOfTheRangeInTheWriteThatCreatesIt) {
  const auto made = post(kServices, service("s", ""));
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string given = at(made.body, "spec.clusterIP");
  EXPECT_EQ(given.substr(0, 6), "10.96.");
  EXPECT_NE(made.body.find("\"clusterIPs\":[\"" + given + "\"]"), std::string::npos);
  EXPECT_NE(made.body.find(R"("ipFamilies":["IPv4"])"), std::string::npos);
  EXPECT_EQ(at(made.body, "spec.ipFamilyPolicy"), "SingleStack");
  EXPECT_EQ(at(made.body, "spec.internalTrafficPolicy"), "Cluster");
  EXPECT_EQ(at(made.body, "spec.sessionAffinity"), "None");
  const auto held = api.ask("GET", "/apis/networking.k8s.io/v1/ipaddresses/" + given);
  EXPECT_EQ(at(held.body, "spec.parentRef.name"), "s") << held.body;
  api.ask("DELETE", std::string(kServices) + "/s");
  EXPECT_EQ(api.ask("GET", "/apis/networking.k8s.io/v1/ipaddresses/" + given).status, 404);
}

TEST_F(AdmissionTest, AnAddressIsGivenOnceAndOnlyFromTheRange) {
  ASSERT_EQ(post(kServices, service("a", R"("clusterIP":"10.96.3.3",)")).status, 201);
  const auto again = post(kServices, service("b", R"("clusterIP":"10.96.3.3",)"));
  EXPECT_EQ(
      at(again.body, "message"),
      R"(Service "b" is invalid: spec.clusterIPs: Invalid value: ["10.96.3.3"]: failed to allocate IP 10.96.3.3: )"
      "provided IP is already allocated");
  const auto outside = post(kServices, service("c", R"("clusterIP":"192.168.0.1",)"));
  EXPECT_EQ(at(outside.body, "message"),
            R"(Service "c" is invalid: spec.clusterIPs: Invalid value: ["192.168.0.1"]: failed to allocate IP )"
            "192.168.0.1: the provided IP (192.168.0.1) is not in the valid range. The range of valid IPs is "
            "10.96.0.0/16");
  api.ask("DELETE", std::string(kServices) + "/a");
  EXPECT_EQ(post(kServices, service("b", R"("clusterIP":"10.96.3.3",)")).status, 201);
}

TEST_F(AdmissionTest, HeadlessAndExternalServicesHaveNoAddress) {
  const auto headless = post(kServices, service("h", R"("clusterIP":"None",)"));
  EXPECT_NE(headless.body.find(R"("clusterIPs":["None"])"), std::string::npos) << headless.body;
  const auto external = post(kServices, service("e", R"("type":"ExternalName","externalName":"example.com",)"));
  ASSERT_EQ(external.status, 201) << external.body;
  EXPECT_EQ(at(external.body, "spec.clusterIP"), "");
  EXPECT_EQ(external.body.find("ipFamilies"), std::string::npos);
  EXPECT_EQ(at(api.ask("GET", "/apis/networking.k8s.io/v1/ipaddresses").body, "items.0"), "");
}

TEST_F(AdmissionTest, NodePortsAreGivenAskedForAndFreed) {
  const auto made = post(kServices, service("n", R"("type":"NodePort",)"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_NE(made.body.find("\"nodePort\":3"), std::string::npos) << made.body;
  const std::string asked =
      R"({"metadata":{"name":"m"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":30080}]}})";
  ASSERT_EQ(post(kServices, asked).status, 201);
  const std::string other =
      R"({"metadata":{"name":"o"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":30080}]}})";
  EXPECT_EQ(
      at(post(kServices, other).body, "message"),
      R"(Service "o" is invalid: spec.ports[0].nodePort: Invalid value: 30080: provided port is already allocated)");
  const auto plain =
      api.ask("PATCH", std::string(kServices) + "/m", R"({"spec":{"type":"ClusterIP"}})", std::string(kMerge));
  ASSERT_EQ(plain.status, 200) << plain.body;
  EXPECT_EQ(plain.body.find("nodePort"), std::string::npos) << plain.body;
  EXPECT_EQ(post(kServices, other).status, 201);
  const std::string low = R"({"metadata":{"name":"l"},"spec":{"type":"NodePort","ports":[{"port":80,"nodePort":80}]}})";
  EXPECT_EQ(
      at(post(kServices, low).body, "message"),
      R"(Service "l" is invalid: spec.ports[0].nodePort: Invalid value: 80: provided port is not in the valid range. )"
      "The range of valid ports is 30000-32767");
}

TEST_F(AdmissionTest, AnAddressStaysWhenAnUpdateDoesNotNameItAndMayNotChange) {
  ASSERT_EQ(post(kServices, service("s", "")).status, 201);
  const std::string given = address("s");
  const auto put = api.ask("PUT", std::string(kServices) + "/s", service("s", R"("selector":{"a":"b"},)"));
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(at(put.body, "spec.clusterIP"), given);
  const auto moved = api.ask("PATCH", std::string(kServices) + "/s",
                             R"({"spec":{"clusterIP":"10.96.9.9","clusterIPs":["10.96.9.9"]}})", std::string(kMerge));
  EXPECT_EQ(at(moved.body, "message"),
            R"(Service "s" is invalid: spec.clusterIPs[0]: Invalid value: ["10.96.9.9"]: may not change once set)");
}

/// Services come and go at random, in namespaces of their own: no two that live have an address or a port in common.
TEST_F(AdmissionTest, NoTwoLivingServicesShareWhatTheyWereGiven) {
  const std::uint32_t seed = 20261121;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 chance(seed);
  std::map<std::string, std::pair<std::string, std::string>> living;
  for (int step = 0; step < 400; ++step) {
    const std::string name = "s" + std::to_string(chance() % 60);
    if (living.contains(name)) {
      ASSERT_EQ(api.ask("DELETE", std::string(kServices) + "/" + name).status, 200);
      living.erase(name);
      continue;
    }
    // A small part of the range, so that the same ones are asked for.
    const std::string asked =
        chance() % 3 == 0 ? R"("clusterIP":"10.96.0.)" + std::to_string(2 + chance() % 20) + "\"," : "";
    const std::string port = std::to_string(30000 + chance() % 20);
    const auto made = post(kServices, R"({"metadata":{"name":")" + name + R"("},"spec":{"type":"NodePort",)" + asked +
                                          R"("ports":[{"port":80,"nodePort":)" + port + "}]}}");
    if (made.status == 422) continue;
    ASSERT_EQ(made.status, 201) << made.body;
    const std::string given = at(made.body, "spec.clusterIP");
    for (const auto& [other, has] : living) {
      ASSERT_NE(has.first, given) << other << " and " << name;
      ASSERT_NE(has.second, port) << other << " and " << name;
    }
    living.emplace(name, std::pair(given, port));
  }
}

TEST_F(AdmissionTest, APodGetsItsAccountPriorityAndTolerations) {
  const auto made = post(kPods, pod("p"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(at(made.body, "spec.serviceAccountName"), "default");
  EXPECT_EQ(at(made.body, "spec.priority"), "0");
  EXPECT_EQ(at(made.body, "spec.preemptionPolicy"), "PreemptLowerPriority");
  EXPECT_NE(
      made.body.find(
          R"("key":"node.kubernetes.io/unreachable","operator":"Exists","effect":"NoExecute","tolerationSeconds":300)"),
      std::string::npos)
      << made.body;
  EXPECT_EQ(at(post(kPods, pod("q", R"("priorityClassName":"odd",)")).body, "message"),
            R"(pods "q" is forbidden: no PriorityClass with name odd was found)");
  EXPECT_EQ(at(post(kPods, pod("q", R"("runtimeClassName":"odd",)")).body, "message"),
            R"(pods "q" is forbidden: pod rejected: RuntimeClass "odd" not found)");
  EXPECT_EQ(at(post(kPods, pod("q", R"("serviceAccountName":"odd",)")).body, "message"),
            R"(pods "q" is forbidden: error looking up service account default/odd: serviceaccount "odd" not found)");
  ASSERT_EQ(post("/apis/scheduling.k8s.io/v1/priorityclasses", R"({"metadata":{"name":"high"},"value":1000})").status,
            201);
  EXPECT_EQ(at(post(kPods, pod("q", R"("priorityClassName":"high",)")).body, "spec.priority"), "1000");
}

TEST_F(AdmissionTest, LimitsAreFilledInAndKept) {
  ASSERT_EQ(post("/api/v1/namespaces/default/limitranges",
                 R"({"metadata":{"name":"l"},"spec":{"limits":[{"type":"Container","max":{"memory":"1Gi"},
                 "default":{"memory":"512Mi"},"defaultRequest":{"memory":"256Mi"}}]}})")
                .status,
            201);
  const auto filled = post(kPods, pod("p"));
  EXPECT_NE(filled.body.find(R"("limits":{"memory":"512Mi"},"requests":{"memory":"256Mi"})"), std::string::npos)
      << filled.body;
  const auto over = post(kPods, pod("q", "", R"(,"resources":{"limits":{"memory":"2Gi"}})"));
  EXPECT_EQ(over.status, 403);
  EXPECT_EQ(at(over.body, "message"),
            R"(pods "q" is forbidden: maximum memory usage per Container is 1Gi, but limit is 2Gi)");
}

TEST_F(AdmissionTest, AQuotaIsNeverExceededAndShowsItsUse) {
  ASSERT_EQ(post("/api/v1/namespaces/default/resourcequotas",
                 R"({"metadata":{"name":"q"},"spec":{"hard":{"pods":"2","services":"1"}}})")
                .status,
            201);
  EXPECT_EQ(post(kPods, pod("a")).status, 201);
  EXPECT_EQ(post(kPods, pod("b")).status, 201);
  const auto third = post(kPods, pod("c"));
  EXPECT_EQ(third.status, 403);
  EXPECT_EQ(at(third.body, "message"),
            R"(pods "c" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2)");
  const auto quota = api.ask("GET", "/api/v1/namespaces/default/resourcequotas/q");
  EXPECT_EQ(at(quota.body, "status.used.pods"), "2");
  api.ask("DELETE", std::string(kPods) + "/a");
  EXPECT_EQ(post(kPods, pod("c")).status, 201);
}

TEST(ServiceRangesTest, AreParsedAndFaultsNamed) {
  const auto good = ServiceRanges::parse("10.0.0.7/24", "31000-31010");
  ASSERT_TRUE(good.has_value());
  EXPECT_EQ(good->cidr(), "10.0.0.0/24");
  for (const auto& [cidr, ports] : {std::pair<std::string_view, std::string_view>{"10.0.0.0", "1-2"},
                                    {"10.0.0.0/8", "1-2"},
                                    {"x/16", "1-2"},
                                    {"10.0.0.0/16", "5"},
                                    {"10.0.0.0/16", "9-1"}}) {
    EXPECT_FALSE(ServiceRanges::parse(cidr, ports).has_value()) << cidr << " " << ports;
  }
}

}  // namespace
}  // namespace troupe::api
