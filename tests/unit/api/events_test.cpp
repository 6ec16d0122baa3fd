#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

#include "api/event_expiry.hpp"
#include "schema/type_table.hpp"
#include "tests/unit/api/front_fixture.hpp"

namespace troupe::api {
namespace {

using testing::at;

const std::string kEvents = "/api/v1/namespaces/default/events";
const std::string kNewEvents = "/apis/events.k8s.io/v1/namespaces/default/events";

class EventsTest : public ::testing::Test {
 protected:
  void event(const std::string& name, const char* count, const std::string& name_space = "default") {
    const std::string path = "/api/v1/namespaces/" + name_space + "/events";
    const auto made =
        api.ask("POST", path,
                R"({"apiVersion":"v1","kind":"Event","metadata":{"name":")" + name +
                    R"("},"involvedObject":{"namespace":")" + name_space + R"("},"count":)" + count + "}");
    if (made.status == 201) return;
    const auto patched =
        api.ask("PATCH", path + "/" + name, std::string("{\"count\":") + count + "}", "application/merge-patch+json");
    EXPECT_EQ(patched.status, 200) << patched.body;
  }
  std::size_t events() { return api.events.count(storage::Prefix()).value(); }
  std::shared_ptr<EventExpiry> start(EventExpiry::Limits limits) {
    services.emplace(Services{api.all, types, api.routes, api.environment});
    auto expiry = std::make_shared<EventExpiry>(*services, *api.routes.find("", "v1", "events"),
                                                *api.routes.find("", "v1", "namespaces"), limits);
    EXPECT_TRUE(expiry->start().has_value());
    api.run();
    return expiry;
  }
  /// An event of the new API, with `more` in place of `old`.
  static std::string new_event(const std::string& old = "", const std::string& more = "") {
    std::string text =
        R"({"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"n"},"eventTime":)"
        R"("2026-01-01T00:00:00.000001Z","reportingController":"example.com/c","reportingInstance":"i","action":"Act",)"
        R"("reason":"Why","regarding":{"kind":"Pod","namespace":"default","name":"p"},"note":"m","type":"Normal"})";
    if (!old.empty()) text.replace(text.find(old), old.size(), more);
    return text;
  }

  testing::FrontFixture api;
  const schema::TypeTable types = schema::TypeTable::built_in().value();
  std::optional<Services> services;
};

TEST_F(EventsTest, AnEventGoesAnHourAfterItWasLastWritten) {
  event("early", "1");
  const auto expiry = start({});
  event("late", "1");
  api.run();
  api.environment.advance(std::chrono::minutes(30));
  event("late", "2");
  api.run();
  api.environment.advance(std::chrono::minutes(31));
  api.environment.fire();
  EXPECT_EQ(events(), 1U);
  EXPECT_EQ(at(api.ask("GET", kEvents + "/late").body, "count"), "2");
  api.environment.advance(std::chrono::minutes(30));
  api.environment.fire();
  EXPECT_EQ(events(), 0U);
  expiry->stop();
}

TEST_F(EventsTest, AnEventThatIsWrittenAgainAndAgainIsNotedOnce) {
  const auto expiry = start({});
  for (int i = 1; i <= 1'500; ++i) {
    event("again", std::to_string(i).c_str());
    api.run();
    ASSERT_LE(expiry->noted(), 2 * expiry->known() + 1024);
  }
  EXPECT_EQ(expiry->known(), 1U);
  EXPECT_LT(expiry->noted(), 600U) << "it was cleared on the way";
  api.environment.advance(std::chrono::minutes(61));
  api.environment.fire();
  EXPECT_EQ(events(), 0U);
  expiry->stop();
}

TEST_F(EventsTest, OverTheBoundTheOldestGoFirst) {
  EventExpiry::Limits limits;
  limits.max_events = 3;
  const auto expiry = start(limits);
  for (const char* name : {"a", "b", "c", "d", "e"}) event(name, "1");
  api.run();
  EXPECT_EQ(events(), 3U);
  EXPECT_EQ(api.ask("GET", kEvents + "/a").status, 404);
  EXPECT_EQ(api.ask("GET", kEvents + "/e").status, 200);
  EXPECT_EQ(expiry->known(), 3U);
  expiry->stop();
}

TEST_F(EventsTest, EventsOfANamespaceGoWithIt) {
  ASSERT_EQ(api.ask("POST", "/api/v1/namespaces", R"({"metadata":{"name":"short"}})").status, 201);
  const auto expiry = start({});
  for (int i = 0; i < 200; ++i) event("e" + std::to_string(i), "1", "short");
  event("other", "1");
  const auto id = api.routes.find("", "v1", "namespaces")->store_id;
  ASSERT_TRUE(commit_and_wait(api.store, std::move(storage::Batch().erase(*storage::make_key(id, "", "short")))));
  api.run();
  EXPECT_EQ(events(), 1U);
  expiry->stop();
}

TEST_F(EventsTest, AreNumberedByACounterOfTheirOwn) {
  const auto before = api.store.revision();
  event("a", "1");
  EXPECT_EQ(api.store.revision(), before) << "an event takes no revision of other objects";
  const auto made = api.ask("GET", kEvents + "/a");
  EXPECT_EQ(at(made.body, "metadata.resourceVersion"), std::to_string(testing::kEventsBegin + 1));
  const auto list = api.ask("GET", kEvents);
  EXPECT_EQ(at(list.body, "metadata.resourceVersion"), std::to_string(testing::kEventsBegin + 1));
  const auto watch = api.open(kEvents + "?watch=1&resourceVersion=" + at(list.body, "metadata.resourceVersion"));
  event("b", "1");
  api.run();
  EXPECT_NE(watch->body.find(R"("type":"ADDED")"), std::string::npos) << watch->body;
  EXPECT_NE(watch->body.find(R"("name":"b")"), std::string::npos) << watch->body;
  watch->leave();
  api.run();
}

TEST_F(EventsTest, ARevisionOfAnEarlierLifeIsGone) {
  event("a", "1");
  const auto watch = api.open(kEvents + "?watch=1&resourceVersion=17");
  EXPECT_NE(watch->body.find(R"("code":410)"), std::string::npos) << watch->body;
  EXPECT_NE(watch->body.find(R"("reason":"Expired")"), std::string::npos) << watch->body;
  const auto list = api.ask("GET", kEvents + "?resourceVersion=17&resourceVersionMatch=Exact");
  EXPECT_EQ(list.status, 410) << list.body;
}

TEST_F(EventsTest, ANamespaceThatIsNotThereGetsNoEvents) {
  const auto made = api.ask("POST", "/api/v1/namespaces/nowhere/events",
                            R"({"metadata":{"name":"e"},"involvedObject":{"namespace":"nowhere"}})");
  EXPECT_EQ(made.status, 404) << made.body;
  EXPECT_EQ(events(), 0U);
}

TEST_F(EventsTest, ASeriesIsSeenInBothApis) {
  const auto made = api.ask("POST", kNewEvents, new_event());
  ASSERT_EQ(made.status, 201) << made.body;
  const auto patched =
      api.ask("PATCH", kNewEvents + "/n", R"({"series":{"count":3,"lastObservedTime":"2026-01-01T00:00:05.000000Z"}})",
              "application/merge-patch+json");
  ASSERT_EQ(patched.status, 200) << patched.body;
  const auto core = api.ask("GET", kEvents + "/n");
  EXPECT_EQ(at(core.body, "series.count"), "3");
  EXPECT_EQ(at(core.body, "series.lastObservedTime"), "2026-01-01T00:00:05.000000Z");
  EXPECT_EQ(at(core.body, "message"), "m");
  EXPECT_EQ(at(core.body, "involvedObject.name"), "p");
  EXPECT_EQ(at(core.body, "reportingComponent"), "example.com/c");
  EXPECT_EQ(at(core.body, "eventTime"), "2026-01-01T00:00:00.000001Z");
  const auto back = api.ask("GET", kNewEvents + "/n");
  EXPECT_EQ(at(back.body, "note"), "m");
  EXPECT_EQ(at(back.body, "regarding.name"), "p");
}

TEST_F(EventsTest, TheNewApiIsStricterThanTheOld) {
  struct Case {
    std::string body;
    std::string message;
  };
  const Case cases[] = {
      {new_event(R"("eventTime":"2026-01-01T00:00:00.000001Z",)"), "eventTime: Required value"},
      {new_event(R"("action":"Act",)"), "action: Required value"},
      {new_event(R"("reportingController":"example.com/c",)"), "reportingController: Required value"},
      {new_event(R"("type":"Normal")", R"("type":"Odd")"), "type: Invalid value: \\\"\\\": has invalid value"},
      {new_event(R"("note":"m")", R"("note":"m","deprecatedCount":4)"),
       "count: Invalid value: \\\"\\\": needs to be unset"},
      {new_event(R"("note":"m")",
                 R"("note":"m","series":{"count":1,"lastObservedTime":"2026-01-01T00:00:05.000000Z"})"),
       "series.count: Invalid value: \\\"\\\": should be at least 2"},
  };
  for (const Case& one : cases) {
    const auto made = api.ask("POST", kNewEvents, one.body);
    EXPECT_EQ(made.status, 422) << one.body << made.body;
    EXPECT_NE(made.body.find(one.message), std::string::npos) << one.message << "\n" << made.body;
  }
  ASSERT_EQ(api.ask("POST", kNewEvents, new_event()).status, 201);
  const auto changed = api.ask("PATCH", kNewEvents + "/n", R"({"note":"another"})", "application/merge-patch+json");
  EXPECT_EQ(changed.status, 422) << changed.body;
  EXPECT_NE(changed.body.find("field is immutable"), std::string::npos) << changed.body;
  EXPECT_EQ(api.ask("PATCH", kEvents + "/n", R"({"message":"another"})", "application/merge-patch+json").status, 200)
      << "the old API may change anything";
}

}  // namespace
}  // namespace troupe::api
