#include "actors/pod/backoff.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace troupe::pod {
namespace {

using namespace std::chrono_literals;
using Time = Backoff::Time;

const Time kStart{std::chrono::hours(480'000)};

/// Lets a container crash at once after each start; answers the waits in seconds.
std::vector<double> waits(const BackoffCurve& curve, int crashes) {
  Backoff backoff;
  Time now = kStart;
  std::vector<double> out;
  for (int i = 0; i < crashes; ++i) {
    const Time at = backoff.ready_at(curve, now);
    out.push_back(std::chrono::duration<double>(at - now).count());
    backoff.next(curve, now, at);
    now = at;
  }
  return out;
}

TEST(Backoff, FollowsTheKubernetesCurveByDefault) {
  EXPECT_EQ(waits({}, 9), (std::vector<double>{0, 10, 20, 40, 80, 160, 300, 300, 300}));
}

TEST(Backoff, ForgetsAfterARunLongerThanTheReset) {
  BackoffCurve curve;
  Backoff backoff;
  Time now = kStart;
  for (int i = 0; i < 6; ++i) {
    const Time at = backoff.ready_at(curve, now);
    backoff.next(curve, now, at);
    now = at;
  }
  EXPECT_EQ(backoff.ready_at(curve, now + 10min), now + 10min + 300s);
  now += 10min + 1s;
  EXPECT_EQ(backoff.ready_at(curve, now), now);
  backoff.next(curve, now, now);
  EXPECT_EQ(backoff.delay(), 10s);
}

TEST(Backoff, ZeroRestartsAtOnceWithinTheBudget) {
  auto curve = parse_backoff_curve("initial=0,budget=3/10s");
  ASSERT_TRUE(curve) << curve.error().message;
  EXPECT_EQ(waits(*curve, 8), (std::vector<double>{0, 0, 0, 10, 0, 0, 10, 0}));
}

TEST(Backoff, ZeroHasABudgetThoughNoneIsNamed) {
  auto curve = parse_backoff_curve("initial=0s");
  ASSERT_TRUE(curve) << curve.error().message;
  EXPECT_EQ(curve->budget, kDefaultBudget);
}

TEST(Backoff, AnAnnotationGivesItsOwnCurve) {
  const auto curve = backoff_curve({{std::string(kBackoffAnnotation), "initial=100ms,factor=3,limit=1s,reset=1m"}});
  EXPECT_EQ(waits(curve, 6), (std::vector<double>{0, 0.1, 0.3, 0.9, 1, 1}));
}

TEST(Backoff, AMalformedAnnotationGivesTheDefaultAndNamesThePart) {
  for (const char* text : {"initial", "initial=", "initial=10", "factor=0", "factor=x", "budget=5", "budget=0/1s",
                           "speed=1s", "limit=-1s", "reset=99999999h", "initial=1q", ",", "=", "budget=1/"}) {
    EXPECT_FALSE(parse_backoff_curve(text)) << text;
    EXPECT_EQ(backoff_curve({{std::string(kBackoffAnnotation), text}}), BackoffCurve()) << text;
  }
  EXPECT_NE(parse_backoff_curve("speed=1s").error().message.find("speed"), std::string::npos);
}

TEST(Backoff, IsRebuiltFromTheRestartCount) {
  const BackoffCurve curve;
  EXPECT_EQ(Backoff::restore(curve, 0, kStart).delay(), 0s);
  EXPECT_EQ(Backoff::restore(curve, 1, kStart).delay(), 10s);
  EXPECT_EQ(Backoff::restore(curve, 3, kStart).delay(), 40s);
  EXPECT_EQ(Backoff::restore(curve, 4'000'000'000U, kStart).delay(), 300s);
  EXPECT_EQ(Backoff::restore(curve, 3, kStart).ready_at(curve, kStart + 1s), kStart + 41s);
}

TEST(Backoff, WritesDurationsAsKubernetesMessagesDo) {
  EXPECT_EQ(format_duration(0s), "0s");
  EXPECT_EQ(format_duration(10s), "10s");
  EXPECT_EQ(format_duration(80s), "1m20s");
  EXPECT_EQ(format_duration(300s), "5m0s");
  EXPECT_EQ(format_duration(250ms), "250ms");
  EXPECT_EQ(format_duration(1500ms), "1.5s");
  EXPECT_EQ(format_duration(3600s), "1h0m0s");
}

TEST(Backoff, ReadsBackTheDurationsItWrites) {
  for (const std::chrono::nanoseconds value : {1ns * 250'000'000, 1ns * 10'000'000'000, 1ns * 80'000'000'000}) {
    EXPECT_EQ(parse_duration(format_duration(value)), value);
  }
}

}  // namespace
}  // namespace troupe::pod
