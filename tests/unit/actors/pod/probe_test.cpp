#include "actors/pod/probe.hpp"

#include <gtest/gtest.h>

#include <random>

#include "tests/unit/actors/pod/pod_fixture.hpp"

namespace troupe::pod {
namespace {

using namespace std::chrono_literals;
using Due = std::vector<DueProbe>;

ProbeSpec probe(std::chrono::milliseconds delay, std::chrono::milliseconds period, int success, int failure) {
  ProbeSpec spec;
  spec.handler.kind = Handler::Kind::kExec;
  spec.handler.command = {"/bin/check"};
  spec.initial_delay = delay;
  spec.period = period;
  spec.success_threshold = success;
  spec.failure_threshold = failure;
  return spec;
}

/// A running container with the probes that a test gives it.
struct Probed : Bench {
  Probed(std::optional<ProbeSpec> startup, std::optional<ProbeSpec> readiness, std::optional<ProbeSpec> liveness)
      : Bench(with(startup, readiness, liveness)) {
    sandbox();
    act();
    started(0);
  }
  static PodSpec with(std::optional<ProbeSpec> startup, std::optional<ProbeSpec> readiness,
                      std::optional<ProbeSpec> liveness) {
    PodSpec spec = pod();
    spec.containers[0].probes = {startup, readiness, liveness};
    return spec;
  }
  Due send() {
    Due due = due_probes(spec, state, now).due;
    for (const DueProbe& one : due) begin_probe(spec, state, one, now);
    return due;
  }
  bool answer(ProbeKind kind, ProbeAnswer told) { return on_probe(spec, state, {0, kind}, told); }
  const ContainerStatus& main() { return show().containers.at(0); }
};

TEST(Probe, TheFirstIsSentAfterTheDelayTheNextAPeriodLater) {
  Probed bench({}, probe(5s, 2s, 1, 3), {});
  EXPECT_TRUE(bench.send().empty());
  EXPECT_EQ(due_probes(bench.spec, bench.state, bench.now).wake_at, bench.now + 5s);
  bench.now += 5s;
  EXPECT_EQ(bench.send(), (Due{{0, ProbeKind::kReadiness}}));
  EXPECT_TRUE(bench.send().empty()) << "its answer is due";
  bench.now += 3s;
  EXPECT_TRUE(bench.send().empty()) << "still";
  bench.answer(ProbeKind::kReadiness, ProbeAnswer::kSuccess);
  EXPECT_EQ(bench.send(), (Due{{0, ProbeKind::kReadiness}}));
}

TEST(Probe, AContainerIsReadyOnlyAfterItsReadinessProbeSaidSo) {
  Probed bench({}, probe(0s, 1s, 2, 3), {});
  EXPECT_FALSE(bench.main().ready);
  EXPECT_TRUE(bench.main().started);
  bench.answer(ProbeKind::kReadiness, ProbeAnswer::kSuccess);
  EXPECT_FALSE(bench.main().ready);
  bench.answer(ProbeKind::kReadiness, ProbeAnswer::kSuccess);
  EXPECT_TRUE(bench.main().ready);
  EXPECT_EQ(bench.condition("Ready"), "True//");
  bench.answer(ProbeKind::kReadiness, ProbeAnswer::kFailure);
  bench.answer(ProbeKind::kReadiness, ProbeAnswer::kUnknown);
  bench.answer(ProbeKind::kReadiness, ProbeAnswer::kFailure);
  EXPECT_TRUE(bench.main().ready);
  EXPECT_FALSE(bench.answer(ProbeKind::kReadiness, ProbeAnswer::kFailure)) << "readiness ends no container";
  EXPECT_FALSE(bench.main().ready);
}

TEST(Probe, TheOthersWaitForTheStartupProbe) {
  Probed bench(probe(0s, 1s, 1, 3), probe(0s, 1s, 1, 1), probe(0s, 1s, 1, 1));
  EXPECT_EQ(bench.send(), (Due{{0, ProbeKind::kStartup}}));
  EXPECT_FALSE(bench.main().started);
  bench.answer(ProbeKind::kStartup, ProbeAnswer::kSuccess);
  EXPECT_TRUE(bench.main().started);
  EXPECT_FALSE(bench.main().ready);
  EXPECT_EQ(bench.send(), (Due{{0, ProbeKind::kReadiness}, {0, ProbeKind::kLiveness}}));
  bench.now += 10s;
  bench.answer(ProbeKind::kReadiness, ProbeAnswer::kSuccess);
  bench.answer(ProbeKind::kLiveness, ProbeAnswer::kSuccess);
  EXPECT_EQ(bench.send(), (Due{{0, ProbeKind::kReadiness}, {0, ProbeKind::kLiveness}})) << "startup is over";
}

TEST(Probe, ALivenessFailureEndsTheRunAndThePolicyRestartsIt) {
  Probed bench({}, {}, probe(0s, 1s, 1, 2));
  EXPECT_FALSE(bench.answer(ProbeKind::kLiveness, ProbeAnswer::kFailure));
  EXPECT_FALSE(bench.answer(ProbeKind::kLiveness, ProbeAnswer::kSuccess));
  EXPECT_FALSE(bench.answer(ProbeKind::kLiveness, ProbeAnswer::kFailure)) << "not two in a row";
  EXPECT_TRUE(bench.answer(ProbeKind::kLiveness, ProbeAnswer::kFailure));
  EXPECT_EQ(bench.act(), (std::vector<Action>{{ActionKind::kTerminate, 0, 0}}));
  EXPECT_TRUE(bench.act().empty());
  EXPECT_TRUE(bench.send().empty());
  bench.exited(0, 143);
  EXPECT_EQ(bench.act(), (std::vector<Action>{{ActionKind::kStart, 0, 1}}));
  bench.started(0);
  EXPECT_EQ(bench.send(), (Due{{0, ProbeKind::kLiveness}})) << "the new run is probed anew";
  EXPECT_FALSE(bench.answer(ProbeKind::kLiveness, ProbeAnswer::kFailure));
}

TEST(Probe, AStartupFailureEndsTheRunAndNeverMeansNever) {
  Probed bench(probe(0s, 1s, 1, 1), {}, {});
  bench.spec.restart_policy = RestartPolicy::kNever;
  EXPECT_TRUE(bench.answer(ProbeKind::kStartup, ProbeAnswer::kFailure));
  bench.act();
  bench.exited(0, 143);
  EXPECT_TRUE(bench.act().empty());
  EXPECT_EQ(bench.show().phase, "Failed");
}

TEST(Probe, APodThatIsBeingStoppedIsProbedForReadinessOnly) {
  Probed bench({}, probe(0s, 1s, 1, 1), probe(0s, 1s, 1, 1));
  bench.spec.deletion_grace = 30s;
  EXPECT_EQ(bench.send(), (Due{{0, ProbeKind::kReadiness}}));
}

TEST(Probe, AnAnnotationGivesPeriodsInMilliseconds) {
  Probed bench({}, probe(0s, 10s, 1, 1), probe(0s, 10s, 1, 1));
  bench.spec.annotations[std::string(kProbePeriodAnnotation)] =
      "readiness=50,main.liveness=200,other.readiness=7,readiness,liveness=,startup=-1,=3,liveness=x";
  apply_probe_periods(bench.spec);
  EXPECT_EQ(bench.spec.containers[0].probe(ProbeKind::kReadiness)->period, 50ms);
  EXPECT_EQ(bench.spec.containers[0].probe(ProbeKind::kLiveness)->period, 200ms);
}

TEST(Probe, PortsAreNumbersOrNames) {
  ContainerSpec spec;
  spec.ports = {{"web", 8080, 0, "TCP"}, {"", 9090, 0, "TCP"}};
  EXPECT_EQ(find_port(spec, "web"), 8080);
  EXPECT_EQ(find_port(spec, "443"), 443);
  for (const char* bad : {"", "none", "0", "65536", "-1", "80x", "99999999999999999999"}) {
    EXPECT_FALSE(find_port(spec, bad)) << bad;
  }
}

/// Whatever is answered in whatever order: ready needs the last answers to say so, and one run is condemned once.
TEST(Probe, AnyHistoryOfAnswersKeepsTheRules) {
  for (unsigned seed = 1; seed <= 2000; ++seed) {
    std::mt19937 random(seed);
    const int successes = 1 + static_cast<int>(random() % 3);
    const int failures = 1 + static_cast<int>(random() % 3);
    Probed bench({}, probe(0s, 1s, successes, failures), probe(0s, 1s, 1, failures));
    int good = 0;
    int bad = 0;
    bool ready = false;
    int condemned = 0;
    for (int step = 0; step < 40 && condemned == 0; ++step) {
      const bool ok = random() % 2 == 0;
      good = ok ? good + 1 : 0;
      bad = ok ? 0 : bad + 1;
      if (good >= successes) ready = true;
      if (bad >= failures) ready = false;
      bench.answer(ProbeKind::kReadiness, ok ? ProbeAnswer::kSuccess : ProbeAnswer::kFailure);
      ASSERT_EQ(bench.main().ready, ready) << "seed " << seed << " step " << step;
      const bool alive = random() % 4 != 0;
      condemned += bench.answer(ProbeKind::kLiveness, alive ? ProbeAnswer::kSuccess : ProbeAnswer::kFailure) ? 1 : 0;
      bench.now += 1s;
    }
    if (condemned == 0) continue;
    ASSERT_EQ(bench.act().size(), 1U) << "seed " << seed;
    ASSERT_FALSE(bench.answer(ProbeKind::kLiveness, ProbeAnswer::kFailure)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::pod
