#include "kernel/system.hpp"

#include <gtest/gtest.h>

#include <string>

#include "kernel/clock.hpp"
#include "kernel/log.hpp"
#include "kernel/metrics.hpp"
#include "kernel/msg_capnp.hpp"
#include "kernel/random.hpp"
#include "messages.capnp.h"
#include "tests/unit/kernel/scripted_actor.hpp"

namespace troupe::kernel::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A parent that restarts its crashed children after a pause, and workers that talk, wait and crash by chance.
Script worker(const std::shared_ptr<std::vector<ActorRef>>& team) {
  Script script;
  script.receive = [team](Scripted& self, Envelope&) {
    const auto what = self.random().below(20);
    if (what == 0) throw std::runtime_error("injected");
    const ActorRef next = (*team)[self.random().below(team->size())];
    if (what < 6) {
      self.after(milliseconds(self.random().below(50)), [&self, next] { self.send(next, make_msg<Ping>()); });
    } else if (what < 9) {
      self.request(next, make_msg<Ping>(), milliseconds(20), [](Result<AnyMsg>) {});
    } else {
      self.send(next, make_msg<Ping>());
    }
    return true;
  };
  return script;
}

std::string run(std::uint64_t seed) {
  SystemOptions options;
  options.seed = seed;
  options.record_events = true;
  System system(options);
  auto team = std::make_shared<std::vector<ActorRef>>();
  Script parent;
  parent.init = [team](Scripted& self) {
    for (int i = 0; i < 5; ++i) {
      team->push_back(self.spawn(worker(team), {.name = "worker-" + std::to_string(i)}));
    }
    for (const ActorRef& member : *team) self.send(member, make_msg<Ping>());
    return Status();
  };
  parent.on_child_exited = [team](Scripted& self, const ChildExited& exited) {
    for (ActorRef& member : *team) {
      if (member.id() != exited.child) continue;
      const std::string name = member.name();
      self.after(milliseconds(10), [&self, &member, team, name] {
        member = self.spawn(worker(team), {.name = name});
        self.send(member, make_msg<Ping>());
      });
    }
  };
  start(system, parent, {.name = "parent"});
  system.run_for(milliseconds(60));
  system.stop(seconds(1));
  return system.event_log();
}

TEST(System, TheSameSeedGivesTheSameEventsByteForByte) {
  std::size_t different = 0;
  std::string previous;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    const std::string log = run(seed);
    ASSERT_EQ(log, run(seed)) << "seed " << seed;
    if (log != previous) ++different;
    previous = log;
  }
  EXPECT_GT(different, 990U);
  EXPECT_NE(previous.find("worker-0#"), std::string::npos);
}

TEST(System, TimePassesOnlyWhenNothingElseIsLeftToDo) {
  System system({});
  std::vector<std::string> order;
  Script script = puppet();
  script.init = [&](Scripted& self) {
    self.after(seconds(3600), [&] { order.emplace_back("timer"); });
    self.send(self.self(), call([&](Scripted&) { order.emplace_back("message"); }));
    return Status();
  };
  start(system, script);
  EXPECT_TRUE(system.run_until_idle());
  EXPECT_EQ(order, (std::vector<std::string>{"message", "timer"}));
  EXPECT_EQ(system.clock().now(), TimePoint(seconds(3600)));
}

TEST(System, StopsInOrderAndNamesWhoHadToBeKilled) {
  std::string log;
  const auto logger = make_string_logger(&log);
  SystemOptions options;
  options.logger = logger.get();
  System system(options);
  Script stubborn;
  stubborn.on_exit_request = [](Scripted&, const ExitRequest&) {};
  Script root;
  root.init = [&](Scripted& self) {
    self.spawn(stubborn, {.name = "stubborn"});
    self.spawn(Script{}, {.name = "lazy", .start = StartMode::kLazy});
    return Status();
  };
  start(system, root, {.name = "root"});
  system.run_ready();
  EXPECT_EQ(system.stop(seconds(5)), (std::vector<std::string>{"stubborn#2", "lazy#3"}));
  EXPECT_EQ(system.actor_count(), 0U);
  EXPECT_EQ(system.clock().now(), TimePoint(seconds(5)));
  EXPECT_NE(log.find("did not stop in time actor=stubborn#2"), std::string::npos);
}

TEST(System, AnOrderlyStopKillsNobodyAndTakesNoTime) {
  System system({});
  start(system, puppet());
  system.run_ready();
  EXPECT_TRUE(system.stop(seconds(5)).empty());
  EXPECT_EQ(system.clock().now(), TimePoint());
}

TEST(System, CanBeDestroyedWithEverythingStillRunning) {
  int destroyed = 0;
  struct Counter {
    int* count;
    ~Counter() { ++*count; }
  };
  {
    System system({});
    for (int i = 0; i < 100; ++i) {
      auto counter = std::make_shared<Counter>(&destroyed);
      Script script = puppet();
      script.init = [counter](Scripted& self) {
        self.after(seconds(5), [counter] {});
        self.monitor(self.self());
        return Status();
      };
      const ActorRef actor = start(system, script);
      if (i % 2 == 0) system.run_ready();
      system.send(actor, make_msg<Ping>());
    }
  }
  EXPECT_EQ(destroyed, 100);
}

}  // namespace
}  // namespace troupe::kernel::test
