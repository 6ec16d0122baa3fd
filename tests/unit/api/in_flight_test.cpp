#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/api/front_fixture.hpp"

/// The separate limits of reads, writes and long-running requests.
namespace troupe::api {
namespace {

using testing::at;
using testing::Recorder;

constexpr const char* kMaps = "/api/v1/namespaces/default/configmaps";

FrontOptions one_of_each() {
  FrontOptions options;
  options.max_reads = 1;
  options.max_writes = 1;
  options.max_watches = 1;
  return options;
}

/// A client that takes nothing until it leaves.
class SlowReader final : public net::ResponseWriter {
 public:
  void respond(net::HttpResponse) override { end(); }
  void start(net::HttpResponse) override { started = true; }
  bool write(net::SharedBytes) override { return false; }
  void finish() override { end(); }
  void abort() override { end(); }
  std::size_t buffered() const override { return 0; }
  void on_drain(std::function<void()> drained) override { drained_ = std::move(drained); }
  void on_close(std::function<void()> closed) override { closed_ = std::move(closed); }
  void drain() {
    if (const auto drained = std::exchange(drained_, nullptr)) drained();
  }
  /// As a session does it: it tells, and forgets what waits for it.
  void leave() {
    if (const auto closed = std::exchange(closed_, nullptr)) closed();
    drained_ = nullptr;
  }

  bool started = false;
  bool ended = false;

 private:
  void end() {
    ended = true;
    closed_ = nullptr;
  }

  std::function<void()> drained_;
  std::function<void()> closed_;
};

class InFlightTest : public ::testing::Test {
 protected:
  enum class Class { kRead, kWrite, kWatch };

  static std::string map(const std::string& name, std::size_t bytes = 1) {
    return R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":")" + name + R"("},"data":{"k":")" +
           std::string(bytes, 'x') + "\"}}";
  }
  /// A request of that class that does not end before the environment runs, or before its time is over.
  std::shared_ptr<Recorder> hold(Class what) {
    if (what == Class::kRead) return api.begin("GET", std::string(kMaps) + "?resourceVersion=1000000000");
    if (what == Class::kWrite) return api.begin("POST", kMaps, map("held"));
    return api.open(std::string(kMaps) + "?watch=1");
  }
  /// The answer to another one.
  std::shared_ptr<Recorder> ask(Class what) {
    if (what == Class::kRead) return api.begin("GET", std::string(kMaps) + "/none");
    if (what == Class::kWrite) return api.begin("DELETE", std::string(kMaps) + "/none");
    return api.begin("GET", std::string(kMaps) + "?watch=1&timeoutSeconds=1");
  }
  bool refused(Class what) {
    const auto asked = ask(what);
    const bool refused = asked->head.status == 429;
    if (refused) return true;
    asked->leave();
    api.run();
    EXPECT_NE(asked->head.status, 429);
    return false;
  }
  std::shared_ptr<SlowReader> slow(std::string target) {
    auto reader = std::make_shared<SlowReader>();
    api.get(std::move(target), "", reader);
    return reader;
  }

  testing::FrontFixture api{one_of_each()};
};

TEST_F(InFlightTest, ARequestOverTheLimitOfItsClassIsToldWhenToComeAgain) {
  for (const Class what : {Class::kRead, Class::kWrite, Class::kWatch}) {
    const auto held = hold(what);
    ASSERT_FALSE(held->done);
    const auto over = ask(what);
    ASSERT_TRUE(over->done) << static_cast<int>(what);
    EXPECT_EQ(over->head.status, 429);
    ASSERT_NE(over->head.headers.find("retry-after"), nullptr);
    EXPECT_EQ(*over->head.headers.find("retry-after"), "1");
    EXPECT_EQ(at(over->body, "kind"), "Status");
    EXPECT_EQ(at(over->body, "reason"), "TooManyRequests");
    EXPECT_NE(over->body.find("\"code\":429"), std::string::npos) << over->body;
    EXPECT_NE(over->body.find("\"retryAfterSeconds\":1"), std::string::npos) << over->body;
    std::vector<std::shared_ptr<Recorder>> asked;
    for (const Class other : {Class::kRead, Class::kWrite, Class::kWatch}) {
      asked.push_back(ask(other));
      EXPECT_EQ(asked.back()->head.status == 429, other == what)
          << static_cast<int>(what) << " held, asked " << static_cast<int>(other);
    }
    for (const auto& each : asked) each->leave();
    held->leave();
    api.run();
    api.environment.fire();
    EXPECT_FALSE(refused(what)) << static_cast<int>(what);
  }
}

TEST_F(InFlightTest, HealthIsToldWhateverIsInFlight) {
  const auto read = hold(Class::kRead);
  const auto watch = hold(Class::kWatch);
  for (const char* path : {"/livez", "/readyz", "/version"}) {
    EXPECT_EQ(api.begin("GET", path)->head.status, 200) << path;
  }
  watch->leave();
  api.environment.fire();
  EXPECT_EQ(read->head.status, 504);
}

TEST_F(InFlightTest, AnAnswerGivesItsPlaceBackWhateverItSays) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(api.ask("POST", kMaps, map("m" + std::to_string(i))).status, 201);
    EXPECT_EQ(api.ask("POST", kMaps, "{").status, 400);
    EXPECT_EQ(api.ask("POST", kMaps, map("m0")).status, 409);
    EXPECT_EQ(api.ask("GET", std::string(kMaps) + "/m0").status, 200);
    EXPECT_EQ(api.ask("GET", std::string(kMaps) + "/none").status, 404);
    EXPECT_EQ(api.ask("GET", std::string(kMaps) + "?limit=2").status, 200);
    EXPECT_EQ(api.ask("GET", std::string(kMaps) + "?labelSelector=!!").status, 400);
    EXPECT_EQ(api.ask("GET", kMaps, "", "", "image/png").status, 406);
    EXPECT_EQ(api.ask("GET", std::string(kMaps) + "?resourceVersion=1000000000").status, 504);
    EXPECT_EQ(api.ask("GET", std::string(kMaps) + "?watch=1&labelSelector=!!").status, 400);
  }
}

TEST_F(InFlightTest, AWatchGivesItsPlaceBackWhenItsClientIsGoneAndWhenItsTimeIsOver) {
  for (const bool leaves : {true, false}) {
    const auto watch = hold(Class::kWatch);
    EXPECT_TRUE(refused(Class::kWatch));
    if (leaves) {
      watch->leave();
      api.run();
    } else {
      api.environment.fire();
      EXPECT_TRUE(watch->done);
    }
    EXPECT_FALSE(refused(Class::kWatch)) << (leaves ? "left" : "timed out");
  }
}

TEST_F(InFlightTest, AWatchThatIsCutGivesItsPlaceBack) {
  const auto reader = slow(std::string(kMaps) + "?watch=1&resourceVersion=" + std::to_string(api.store.revision()));
  ASSERT_TRUE(reader->started);
  for (int i = 0; i < 40; ++i) {  // what waits for one watcher is bounded by 32 MiB
    ASSERT_EQ(api.ask("POST", kMaps, map("m" + std::to_string(i), 1'000'000)).status, 201);
  }
  EXPECT_TRUE(refused(Class::kWatch));
  reader->drain();
  api.run();
  EXPECT_TRUE(reader->ended);
  EXPECT_FALSE(refused(Class::kWatch));
}

TEST_F(InFlightTest, AWatchFromARevisionThatIsForgottenGivesItsPlaceBack) {
  ASSERT_EQ(api.ask("POST", kMaps, map("m")).status, 201);
  bool compacted = false;
  api.store.compact(api.store.revision(), [&](Status done) { compacted = done.has_value(); });
  ASSERT_TRUE(compacted);
  const auto watch = api.open(std::string(kMaps) + "?watch=1&resourceVersion=1");
  EXPECT_TRUE(watch->done);
  EXPECT_NE(watch->body.find("\"code\":410"), std::string::npos) << watch->body;
  EXPECT_FALSE(refused(Class::kWatch));
}

TEST_F(InFlightTest, AListWhoseReaderIsSlowKeepsItsPlaceUntilTheReaderIsGone) {
  for (int i = 0; i < 60; ++i) {
    ASSERT_EQ(api.ask("POST", kMaps, map("m" + std::to_string(100 + i), 4000)).status, 201);
  }
  auto reader = slow(kMaps);
  EXPECT_TRUE(reader->started);
  EXPECT_FALSE(reader->ended);
  EXPECT_TRUE(refused(Class::kRead));
  EXPECT_FALSE(refused(Class::kWatch));
  reader->leave();
  api.run();
  EXPECT_FALSE(refused(Class::kRead));
}

TEST_F(InFlightTest, LogsAndConnectionsToPodsAreCountedWithWatches) {
  const auto watch = hold(Class::kWatch);
  const std::string pod = "/api/v1/namespaces/default/pods/p/";
  for (const char* part : {"log", "exec?command=ls&stdout=1", "attach?stdout=1", "portforward", "proxy/"}) {
    EXPECT_EQ(api.begin("GET", pod + part)->head.status, 429) << part;
  }
  EXPECT_EQ(api.begin("POST", pod + "proxy/x")->head.status, 429);
  watch->leave();
  api.run();
  EXPECT_NE(api.ask("GET", pod + "log").status, 429);
}

}  // namespace
}  // namespace troupe::api
