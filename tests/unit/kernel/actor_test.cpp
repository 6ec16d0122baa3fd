#include "kernel/actor.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernel/clock.hpp"
#include "kernel/log.hpp"
#include "kernel/metrics.hpp"
#include "kernel/msg_capnp.hpp"
#include "messages.capnp.h"
#include "tests/unit/kernel/scripted_actor.hpp"

namespace troupe::kernel::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Msg<Ping> ping(std::uint64_t number) {
  return make_msg<Ping>([&](Ping::Builder b) { b.setNumber(number); });
}
Msg<Pong> pong(std::uint64_t number) {
  return make_msg<Pong>([&](Pong::Builder b) { b.setNumber(number); });
}

Script echo() {
  Script script;
  script.receive = [](Scripted&, Envelope& envelope) {
    return match(envelope, [&](const Msg<Ping>& p) { envelope.reply(pong(p->getNumber())); });
  };
  return script;
}

// A parent that keeps what its children tell.
struct Family {
  std::vector<std::string> log;
  ActorRef child;
  ActorRef parent;

  void begin(System& system, Script child_script, SpawnOptions options = {}) {
    Script script;
    script.init = [this, child_script, options](Scripted& self) {
      child = self.spawn(child_script, options);
      return Status();
    };
    script.receive = run_call;
    script.on_child_started = [this](Scripted&, const ChildStarted& started) {
      log.push_back("started " + std::to_string(started.child == child.id()));
    };
    script.on_child_exited = [this](Scripted&, const ChildExited& exited) {
      const char* const outcomes[] = {"up", "failed", "ignored"};
      log.push_back(std::string(outcomes[static_cast<int>(exited.start)]) + " " + to_string(exited.reason));
    };
    parent = start(system, script);
    system.run_ready();
  }
};

TEST(Actor, InitRunsAsTheFirstMessageAndTheParentHearsThatItIsUp) {
  System system({});
  Family family;
  std::vector<std::string> order;
  Script child;
  child.init = [&](Scripted&) {
    order.emplace_back("init");
    return Status();
  };
  child.receive = [&](Scripted&, Envelope&) {
    order.emplace_back("message");
    return true;
  };
  family.begin(system, child);
  system.send(family.child, ping(1));
  system.run_ready();
  EXPECT_EQ(order, (std::vector<std::string>{"init", "message"}));
  EXPECT_EQ(family.log, (std::vector<std::string>{"started 1"}));
}

TEST(Actor, AThrowInItsFactoryIsAFailedStart) {
  System system({});
  std::vector<std::string> log;
  Script parent;
  parent.on_child_exited = [&](Scripted&, const ChildExited& exited) {
    EXPECT_EQ(exited.start, StartOutcome::kFailed);
    log.push_back(to_string(exited.reason));
  };
  parent.receive = run_call;
  const ActorRef root = start(system, parent);
  struct Bad final : Actor {
    Bad() { throw std::runtime_error("no disk"); }
    bool receive(Envelope&) override { return true; }
  };
  struct Parent final : Actor {
    explicit Parent(std::vector<std::string>* l) : log(l) {}
    Status init() override {
      spawn(KernelTestAccess::key(), [] { return std::make_unique<Bad>(); }, {});
      return {};
    }
    void on_child_exited(const ChildExited& exited) override {
      EXPECT_EQ(exited.start, StartOutcome::kFailed);
      log->push_back(to_string(exited.reason));
    }
    bool receive(Envelope&) override { return true; }
    std::vector<std::string>* log;
  };
  system.start_root(KernelTestAccess::key(), [&] { return std::make_unique<Parent>(&log); }, {});
  system.run_ready();
  EXPECT_EQ(log, (std::vector<std::string>{"error: no disk"}));
}

TEST(Actor, AThrowOrAnErrorInInitIsAFailedStart) {
  System system({});
  Script child;
  child.init = [](Scripted&) -> Status { throw std::runtime_error("no config"); };
  Family thrown;
  thrown.begin(system, child);
  EXPECT_EQ(thrown.log, (std::vector<std::string>{"failed error: no config"}));
  child.init = [](Scripted&) -> Status { return fail(ErrorCode::kNotFound, "no such row"); };
  Family error;
  error.begin(system, child);
  EXPECT_EQ(error.log, (std::vector<std::string>{"failed error: NotFound: no such row"}));
}

TEST(Actor, CanIgnoreItsStart) {
  System system({});
  Script child;
  child.init = [](Scripted& self) {
    self.ignore_start();
    return Status();
  };
  Family family;
  family.begin(system, child);
  EXPECT_EQ(family.log, (std::vector<std::string>{"ignored normal"}));
}

TEST(Actor, ADeferredStartIsCompleteWhenItSaysSo) {
  System system({});
  Script child = puppet();
  child.init = [](Scripted& self) {
    self.defer_start();
    return Status();
  };
  Family family;
  family.begin(system, child);
  EXPECT_TRUE(family.log.empty());
  system.send(family.child, call([](Scripted& self) { self.start_done(); }));
  system.run_ready();
  EXPECT_EQ(family.log, (std::vector<std::string>{"started 1"}));

  Family failing;
  failing.begin(system, child);
  system.send(failing.child, call([](Scripted& self) { self.quit(ExitReason::error("half way")); }));
  system.run_ready();
  EXPECT_EQ(failing.log, (std::vector<std::string>{"failed error: half way"}));
}

TEST(Actor, AnExceptionEndsTheActorAndNotTheProcess) {
  System system({});
  Script child;
  child.receive = [](Scripted&, Envelope&) -> bool { throw std::runtime_error("boom"); };
  Family family;
  family.begin(system, child);
  system.send(family.child, ping(1));
  system.run_ready();
  EXPECT_FALSE(family.child.alive());
  EXPECT_TRUE(family.parent.alive());
  EXPECT_EQ(family.log, (std::vector<std::string>{"started 1", "up error: boom"}));

  child.receive = [](Scripted&, Envelope&) -> bool { throw 7; };
  Family odd;
  odd.begin(system, child);
  system.send(odd.child, ping(1));
  system.run_ready();
  EXPECT_EQ(odd.log.back(), "up error: an exception that is no std::exception");
}

TEST(Actor, ALazyOneHasNoObjectUntilItsFirstMessage) {
  System system({});
  int made = 0;
  Script child = echo();
  child.init = [&](Scripted&) {
    ++made;
    return Status();
  };
  Family family;
  SpawnOptions options;
  options.start = StartMode::kLazy;
  family.begin(system, child, options);
  system.run_for(seconds(100));
  EXPECT_EQ(made, 0);
  EXPECT_TRUE(family.log.empty());
  system.send(family.child, ping(1));
  system.send(family.child, ping(2));
  system.run_ready();
  EXPECT_EQ(made, 1);
}

TEST(Actor, ALazyOneThatWasNeverNeededEndsWithoutBeingMade) {
  System system({});
  int made = 0;
  Script child;
  child.init = [&](Scripted&) {
    ++made;
    return Status();
  };
  Family family;
  SpawnOptions options;
  options.start = StartMode::kLazy;
  family.begin(system, child, options);
  system.send_exit(family.child, ExitReason::shutdown());
  system.run_ready();
  EXPECT_EQ(made, 0);
  EXPECT_EQ(family.log, (std::vector<std::string>{"up shutdown"}));
}

TEST(Actor, AskedToEndItMayTakeItsTimeButKilledItMayNot) {
  System system({});
  std::vector<std::string> seen;
  Script child = puppet();
  child.on_exit_request = [&](Scripted&, const ExitRequest& request) { seen.push_back(to_string(request.reason)); };
  child.terminate = [&](Scripted&, const ExitReason& reason) { seen.push_back("terminate " + to_string(reason)); };
  Family family;
  family.begin(system, child);
  system.send_exit(family.child, ExitReason::shutdown());
  system.run_ready();
  EXPECT_TRUE(family.child.alive());
  system.send_exit(family.child, ExitReason::killed());
  system.run_ready();
  EXPECT_FALSE(family.child.alive());
  EXPECT_EQ(seen, (std::vector<std::string>{"shutdown", "terminate killed"}));
  EXPECT_EQ(family.log.back(), "up killed");
}

TEST(Actor, AMonitorHearsOfTheEndOnce) {
  System system({});
  const ActorRef target = start(system, puppet());
  std::vector<std::string> downs;
  Script watcher = puppet();
  MonitorHandle cancelled;
  watcher.init = [&](Scripted& self) {
    self.monitor(target);
    cancelled = self.monitor(target);
    return Status();
  };
  watcher.on_down = [&](Scripted&, const Down& down) { downs.push_back(to_string(down.reason)); };
  const ActorRef observer = start(system, watcher);
  system.run_ready();
  system.send(observer, call([&](Scripted& self) { self.demonitor(cancelled); }));
  system.run_ready();
  system.send_exit(target, ExitReason::error("bad"));
  system.run_ready();
  EXPECT_EQ(downs, (std::vector<std::string>{"error: bad"}));
  system.send(observer, call([&](Scripted& self) { self.monitor(target); }));
  system.send(observer, call([&](Scripted& self) { self.monitor(ActorRef()); }));
  system.run_ready();
  ASSERT_EQ(downs.size(), 3U);
  EXPECT_EQ(downs[1], to_string(no_such_actor()));
}

TEST(Actor, ADownThatWasUnderWayWhenItWasDemonitoredIsNotHeard) {
  System system({});
  const ActorRef target = start(system, puppet());
  int downs = 0;
  Script watcher = puppet();
  watcher.on_down = [&](Scripted&, const Down&) { ++downs; };
  const ActorRef observer = start(system, watcher);
  system.run_ready();
  MonitorHandle monitor;
  system.send(observer, call([&](Scripted& self) {
                monitor = self.monitor(ActorRef());  // its Down is in the mailbox now
                self.demonitor(monitor);
              }));
  system.run_ready();
  EXPECT_EQ(downs, 0);
}

TEST(Actor, ARequestIsAnsweredWithTheTypeThatWasAskedFor) {
  System system({});
  const ActorRef server = start(system, echo());
  std::optional<std::uint64_t> answer;
  std::optional<ErrorCode> wrong;
  Script client;
  client.init = [&](Scripted& self) {
    self.ask<Msg<Pong>>(server, ping(5), seconds(1), [&](Result<Msg<Pong>> r) { answer = (*r)->getNumber(); });
    self.ask<Msg<Ping>>(server, ping(5), seconds(1), [&](Result<Msg<Ping>> r) { wrong = r.error().code; });
    return Status();
  };
  start(system, client);
  system.run_ready();
  EXPECT_EQ(answer, 5U);
  EXPECT_EQ(wrong, ErrorCode::kInternal);
  EXPECT_EQ(system.timer_count(), 0U);
}

// Each way in which there is no answer gives its own error, exactly once.
TEST(Actor, ARequestWithoutAnAnswerFailsOnceAndSaysWhy) {
  System system({});
  const ActorRef unaware = start(system, Script{});
  Script holding;
  std::vector<Promise> held;
  holding.receive = [&](Scripted&, Envelope& envelope) {
    held.push_back(std::move(envelope.promise));
    return true;
  };
  Script dropping;
  dropping.receive = [](Scripted&, Envelope&) { return true; };
  Script crashing;
  crashing.receive = [](Scripted&, Envelope&) -> bool { throw std::runtime_error("boom"); };
  const ActorRef slow = start(system, holding);
  const ActorRef dead = start(system, Script{});
  system.send_exit(dead, ExitReason::killed());
  system.run_ready();
  const ActorRef targets[] = {unaware, slow, start(system, dropping), start(system, crashing), dead, ActorRef()};
  std::map<int, std::vector<ErrorCode>> errors;
  Script client;
  client.init = [&](Scripted& self) {
    int i = 0;
    for (const ActorRef& target : targets) {
      self.request(target, ping(1), seconds(1),
                   [&errors, i](Result<AnyMsg> r) { errors[i].push_back(r.error().code); });
      ++i;
    }
    return Status();
  };
  start(system, client);
  system.run_until_idle();
  held.clear();  // late: the requester has its time-out
  system.run_until_idle();
  const std::map<int, std::vector<ErrorCode>> expected = {
      {0, {ErrorCode::kUnsupported}}, {1, {ErrorCode::kTimeout}},     {2, {ErrorCode::kUnavailable}},
      {3, {ErrorCode::kUnavailable}}, {4, {ErrorCode::kUnavailable}}, {5, {ErrorCode::kUnavailable}}};
  EXPECT_EQ(errors, expected);
  EXPECT_EQ(system.clock().now(), TimePoint(seconds(1)));
}

TEST(Actor, ARequestFromOutsideIsAnsweredOrTimesOut) {
  System system({});
  const ActorRef server = start(system, echo());
  Script silent;
  std::vector<Promise> held;
  silent.receive = [&](Scripted&, Envelope& envelope) {
    held.push_back(std::move(envelope.promise));
    return true;
  };
  const ActorRef slow = start(system, silent);
  int answers = 0;
  std::optional<ErrorCode> error;
  system.request(server, ping(1), seconds(1), [&](Result<AnyMsg> r) { answers += r.has_value() ? 1 : 100; });
  system.request(slow, ping(1), seconds(1), [&](Result<AnyMsg> r) { error = r.error().code; });
  system.run_until_idle();
  held[0].fulfil(pong(1));
  EXPECT_EQ(answers, 1);
  EXPECT_EQ(error, ErrorCode::kTimeout);
  EXPECT_EQ(system.timer_count(), 0U);
}

TEST(Actor, ATimerRunsOnceAtItsTimeAndNotAfterItIsCancelled) {
  System system({});
  std::vector<std::string> ran;
  Script script = puppet();
  TimerHandle second;
  script.init = [&](Scripted& self) {
    self.after(milliseconds(30),
               [&] { ran.push_back(std::to_string(self.now().time_since_epoch() / milliseconds(1))); });
    second = self.after(milliseconds(20), [&] { ran.emplace_back("cancelled"); });
    self.after(milliseconds(10), [&] { EXPECT_TRUE(self.cancel(second)); });
    return Status();
  };
  start(system, script);
  system.run_until_idle();
  EXPECT_EQ(ran, (std::vector<std::string>{"30"}));
  EXPECT_EQ(system.timer_count(), 0U);
}

TEST(Actor, TimersRequestsAndMonitorsGoWithTheirActor) {
  System system({});
  const ActorRef target = start(system, Script{});
  Script script;
  int called = 0;
  script.init = [&](Scripted& self) {
    for (int i = 0; i < 100; ++i) {
      self.after(seconds(i + 1), [&] { ++called; });
      self.request(ActorRef(), ping(1), seconds(i + 1), [&](Result<AnyMsg>) { ++called; });
      self.monitor(target);
    }
    self.quit();
    return Status();
  };
  start(system, script);
  system.run_ready();
  EXPECT_EQ(system.timer_count(), 0U);
  system.send_exit(target, ExitReason::normal());
  system.run_until_idle();
  EXPECT_EQ(called, 0);
}

TEST(Actor, TheTraceGoesFromMessageToMessage) {
  System system({});
  TraceId seen;
  Script last;
  last.receive = [&](Scripted& self, Envelope& envelope) {
    EXPECT_EQ(self.trace(), envelope.trace);
    seen = envelope.trace;
    return true;
  };
  const ActorRef second = start(system, last);
  Script first;
  first.receive = [&](Scripted& self, Envelope&) {
    self.send(second, ping(1));
    return true;
  };
  system.send(start(system, first), ping(1), TraceId{1, 2});
  system.run_ready();
  EXPECT_EQ(seen, (TraceId{1, 2}));
}

TEST(Actor, UnexpectedMessagesAndDeadLettersAreCountedByTypeAndLoggedOnceAMinute) {
  std::string log;
  const auto logger = make_string_logger(&log);
  SystemOptions options;
  options.logger = logger.get();
  System system(options);
  const ActorRef unaware = start(system, Script{}, {.name = "unaware"});
  for (int i = 0; i < 1000; ++i) system.send(unaware, ping(1));
  system.run_ready();
  system.send_exit(unaware, ExitReason::killed());
  system.run_ready();
  for (int i = 0; i < 10; ++i) system.send(unaware, pong(1));
  auto& metrics = system.metrics();
  EXPECT_EQ(metrics.undelivered_by_type(Undelivered::kUnexpected)["troupe::kernel::test::Ping"], 1000U);
  EXPECT_EQ(metrics.undelivered_by_type(Undelivered::kDead)["troupe::kernel::test::Pong"], 10U);
  EXPECT_EQ(std::count(log.begin(), log.end(), '\n'), 2);
  EXPECT_NE(log.find("why=unexpected message=troupe::kernel::test::Ping receiver=unaware"), std::string::npos);
  system.run_for(std::chrono::minutes(1));
  system.send(unaware, pong(1));
  EXPECT_NE(log.find("since_last=10 total=11"), std::string::npos) << log;
}

}  // namespace
}  // namespace troupe::kernel::test
