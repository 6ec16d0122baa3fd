#include "api/quota_status.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "api/object_codec.hpp"
#include "schema/type_table.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

constexpr const char* kMerge = "application/merge-patch+json";
const std::string kSpace = "/api/v1/namespaces/default/";

class QuotaStatusTest : public ::testing::Test {
 protected:
  QuotaStatusTest() : services_{api.all, types_, api.routes, api.environment} {
    status_ = std::make_shared<QuotaStatus>(services_, *api.routes.find("", "v1", "resourcequotas"));
    EXPECT_TRUE(status_->start().has_value());
    api.run();
  }
  ~QuotaStatusTest() override { status_->stop(); }

  void quota(const std::string& name, const std::string& spec) {
    const auto made =
        api.ask("POST", kSpace + "resourcequotas", R"({"metadata":{"name":")" + name + R"("},"spec":)" + spec + "}");
    ASSERT_EQ(made.status, 201) << made.body;
    api.run();
  }
  testing::Answer pod(const std::string& name, const std::string& cpu, const std::string& more = "") {
    return api.ask("POST", kSpace + "pods",
                   R"({"metadata":{"name":")" + name + R"("},"spec":{)" + more +
                       R"("containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":")" + cpu + "\"}}}]}}");
  }
  /// "status.used" as JSON: names hold dots.
  std::string used(const std::string& name) {
    api.run();
    api.environment.fire();
    const auto document = parse_json(api.ask("GET", kSpace + "resourcequotas/" + name).body);
    const schema::Node* status = document ? document->root().find("status") : nullptr;
    const schema::Node* used = status != nullptr ? status->find("used") : nullptr;
    std::string out;
    if (used != nullptr) append_json(*used, out);
    return out;
  }

  testing::FrontFixture api;

 private:
  const schema::TypeTable types_ = schema::TypeTable::built_in().value();
  const Services services_;
  std::shared_ptr<QuotaStatus> status_;
};

TEST_F(QuotaStatusTest, ANewQuotaCountsWhatIsThere) {
  ASSERT_EQ(pod("a", "100m").status, 201);
  quota("q", R"({"hard":{"pods":"5","requests.cpu":"1","count/configmaps":"9","services":"2"}})");
  EXPECT_EQ(used("q"), R"({"count/configmaps":"0","pods":"1","requests.cpu":"100m","services":"1"})")
      << "the one service is kubernetes";
}

TEST_F(QuotaStatusTest, WhatGoesIsCountedOff) {
  quota("q", R"({"hard":{"pods":"2","requests.cpu":"1"}})");
  ASSERT_EQ(pod("a", "100m").status, 201);
  ASSERT_EQ(pod("b", "200m").status, 201);
  EXPECT_EQ(used("q"), R"({"pods":"2","requests.cpu":"300m"})");
  EXPECT_EQ(pod("c", "100m").status, 403);
  ASSERT_EQ(api.ask("DELETE", kSpace + "pods/b").status, 200);
  api.run();
  EXPECT_EQ(used("q"), R"({"pods":"1","requests.cpu":"100m"})");
  EXPECT_EQ(pod("c", "100m").status, 201);
}

TEST_F(QuotaStatusTest, APodThatEndedIsCountedNoMore) {
  quota("q", R"({"hard":{"pods":"2"}})");
  ASSERT_EQ(pod("a", "100m").status, 201);
  const auto ended = api.ask("PATCH", kSpace + "pods/a/status", R"({"status":{"phase":"Succeeded"}})", kMerge);
  ASSERT_EQ(ended.status, 200) << ended.body;
  api.run();
  EXPECT_EQ(used("q"), R"({"pods":"0"})");
}

TEST_F(QuotaStatusTest, AChangedQuotaSaysWhatItLimitsNow) {
  quota("q", R"({"hard":{"pods":"2"}})");
  ASSERT_EQ(pod("a", "100m").status, 201);
  ASSERT_EQ(api.ask("PATCH", kSpace + "resourcequotas/q", R"({"spec":{"hard":{"pods":null,"count/pods":"7"}}})", kMerge)
                .status,
            200);
  api.run();
  EXPECT_EQ(used("q"), R"({"count/pods":"1"})");
  const auto shown = parse_json(api.ask("GET", kSpace + "resourcequotas/q").body);
  std::string hard;
  append_json(*shown->root().find("status")->find("hard"), hard);
  EXPECT_EQ(hard, R"({"count/pods":"7"})");
}

TEST_F(QuotaStatusTest, AScopeSelectorChoosesPodsByTheirPriority) {
  ASSERT_EQ(api.ask("POST", "/apis/scheduling.k8s.io/v1/priorityclasses", R"({"metadata":{"name":"high"},"value":100})")
                .status,
            201);
  quota("high", R"({"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass",)"
                R"("operator":"In","values":["high"]}]}})");
  quota("rest", R"({"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"PriorityClass",)"
                R"("operator":"DoesNotExist"}]}})");
  quota("ends", R"({"hard":{"pods":"1"},"scopeSelector":{"matchExpressions":[{"scopeName":"Terminating",)"
                R"("operator":"Exists"}]}})");
  ASSERT_EQ(pod("a", "1", R"("priorityClassName":"high",)").status, 201);
  EXPECT_EQ(pod("b", "1", R"("priorityClassName":"high",)").status, 403);
  ASSERT_EQ(pod("c", "1", R"("activeDeadlineSeconds":5,)").status, 201);
  api.run();
  EXPECT_EQ(used("high"), R"({"pods":"1"})");
  EXPECT_EQ(used("rest"), R"({"pods":"1"})");
  EXPECT_EQ(used("ends"), R"({"pods":"1"})");
  EXPECT_EQ(pod("d", "1").status, 403) << "the quota of pods without a priority is full";
}

}  // namespace
}  // namespace troupe::api
