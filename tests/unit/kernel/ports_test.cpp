// Random, clock, logger, rate limit, metrics.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "kernel/clock.hpp"
#include "kernel/log.hpp"
#include "kernel/metrics.hpp"
#include "kernel/random.hpp"

namespace troupe::kernel::test {
namespace {

TEST(Random, GivesTheSameNumbersForTheSameSeedOnEveryMachine) {
  SeededRandom random(42);
  SeededRandom same(42);
  SeededRandom other(43);
  EXPECT_EQ(random.next(), 1546998764402558742U);
  same.next();
  EXPECT_EQ(random.next(), same.next());
  EXPECT_NE(random.next(), other.next());
}

TEST(Random, BelowIsInRangeAndReachesEverything) {
  SeededRandom random(1);
  std::array<int, 7> seen{};
  for (int i = 0; i < 7000; ++i) ++seen[random.below(7)];
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(0), 0U);
  EXPECT_EQ(random.below(1), 0U);
}

TEST(Clock, TheVirtualOneMovesOnlyForwardAndOnlyWhenTold) {
  VirtualClock clock;
  EXPECT_EQ(clock.now(), TimePoint());
  clock.advance_to(TimePoint(std::chrono::seconds(5)));
  clock.advance_to(TimePoint(std::chrono::seconds(2)));
  EXPECT_EQ(clock.now(), TimePoint(std::chrono::seconds(5)));
  EXPECT_EQ(std::chrono::system_clock::to_time_t(clock.wall_now()), 1767225605);
}

TEST(Log, ATextLineStaysOneLineAndQuotesWhatNeedsIt) {
  std::string out;
  make_string_logger(&out)->warn("kernel", "it\nbroke", {{"name", "a b"}, {"id", "7"}}, TraceId{1, 2});
  EXPECT_EQ(out, "warn kernel: it broke name=\"a b\" id=7 trace=00000000000000010000000000000002\n");
}

TEST(Log, AJsonLineEscapesEverything) {
  std::string out;
  make_string_logger(&out, LogFormat::kJson)->error("a", "q\"\\\n\x01", {{"k", "v"}});
  EXPECT_EQ(out, "{\"level\":\"error\",\"component\":\"a\",\"message\":\"q\\\"\\\\\\n\\u0001\",\"k\":\"v\"}\n");
}

TEST(Log, WritesToAFileWithTheTimeInFront) {
  const std::string path = testing::TempDir() + "troupe-log-test";
  std::remove(path.c_str());
  {
    auto logger = make_logger({LogFormat::kJson, LogLevel::kInfo, path});
    ASSERT_TRUE(logger);
    (*logger)->debug("a", "too quiet");
    (*logger)->warn("a", "100% {loud}");
  }
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  EXPECT_EQ(text.str().substr(0, 9), "{\"time\":\"");
  EXPECT_NE(text.str().find("\"message\":\"100% {loud}\"}\n"), std::string::npos);
  EXPECT_EQ(text.str().find("quiet"), std::string::npos);
}

TEST(Log, AFileThatCannotBeOpenedIsAnError) {
  const auto logger = make_logger({LogFormat::kText, LogLevel::kInfo, "/proc/nowhere/log"});
  ASSERT_FALSE(logger);
  EXPECT_EQ(logger.error().code, ErrorCode::kIo);
}

TEST(RateLimit, LetsAKeyThroughOnceAPeriodAndCountsTheRest) {
  RateLimit limit(std::chrono::minutes(1), 2);
  const auto at = [](int seconds) { return TimePoint(std::chrono::seconds(seconds)); };
  EXPECT_TRUE(limit.ask("a", at(0)).allowed);
  EXPECT_FALSE(limit.ask("a", at(59)).allowed);
  EXPECT_TRUE(limit.ask("b", at(59)).allowed);
  const auto verdict = limit.ask("a", at(60));
  EXPECT_TRUE(verdict.allowed);
  EXPECT_EQ(verdict.held_back, 1U);
  EXPECT_TRUE(limit.ask("c", at(60)).allowed);  // over max_keys: c and d share one entry
  EXPECT_FALSE(limit.ask("d", at(60)).allowed);
}

TEST(Metrics, AHistogramGivesTheBucketOfItsQuantile) {
  DurationHistogram histogram;
  for (int i = 0; i < 99; ++i) histogram.add(std::chrono::microseconds(3));
  histogram.add(std::chrono::milliseconds(20));
  EXPECT_EQ(histogram.count(), 100U);
  EXPECT_EQ(histogram.quantile(0.5), std::chrono::microseconds(4));
  EXPECT_GE(histogram.quantile(1.0), std::chrono::milliseconds(20));
}

TEST(Metrics, TheTextNamesTypesAndReasons) {
  struct Odd {};
  Metrics metrics;
  metrics.of_type("pod").restarts = 3;
  metrics.count_undelivered(Undelivered::kFull, message_type<Odd>());
  const std::string text = metrics.to_text();
  EXPECT_NE(text.find("troupe_actor_restarts_total{type=\"pod\"} 3\n"), std::string::npos);
  EXPECT_NE(text.find("reason=\"full\",message="), std::string::npos);
}

}  // namespace
}  // namespace troupe::kernel::test
