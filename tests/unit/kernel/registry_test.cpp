#include "kernel/registry.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>

#include "kernel/metrics.hpp"
#include "kernel/msg_capnp.hpp"
#include "kernel/random.hpp"
#include "messages.capnp.h"
#include "tests/unit/kernel/scripted_actor.hpp"

namespace troupe::kernel::test {
namespace {

using std::chrono::seconds;

Msg<Ping> ping(std::uint64_t number) {
  return make_msg<Ping>([&](Ping::Builder b) { b.setNumber(number); });
}

struct Hydrate {
  std::string key;
};

// A supervisor of keyed actors, as small as it can be: it starts what the registry asks for.
struct Keeper {
  System& system;
  Script child;
  ActorRef actor;
  std::map<std::string, int> alive;
  std::map<std::string, int> started;
  int most_alive = 0;

  explicit Keeper(System& s) : system(s) {
    Script script;
    script.receive = [this](Scripted& self, Envelope& envelope) {
      return match(envelope, [&](const Local<Hydrate>& hydrate) { spawn(self, hydrate->key); });
    };
    actor = start(system, script, {.name = "keeper"});
    system.registry().set_hydrator("pods",
                                   [this](const std::string& key) { system.send(actor, make_local<Hydrate>(key)); });
  }
  ~Keeper() { system.stop(Duration::zero()); }  // its children tell it that they end
  void spawn(Scripted& self, const std::string& key) {
    Script script = child;
    script.init = [this, key](Scripted&) {
      ++started[key];
      most_alive = std::max(most_alive, ++alive[key]);
      return Status();
    };
    script.terminate = [this, key](Scripted&, const ExitReason&) { --alive[key]; };
    self.spawn(script, {.key = key});
  }
};

// Parents that end and leave a child of one key behind: the first holds it, the others wait in a line.
TEST(Registry, HeirsOfAKeyStartOneAfterAnotherAndTheirLineIsBounded) {
  System system({});
  std::vector<ActorRef> parents;
  std::vector<int> started;
  std::vector<int> refused;
  const ActorRef root = start(system, puppet(), {.name = "root"});
  const auto make_family = [&](int number) {
    Script child = puppet();
    child.init = [&started, number](Scripted&) {
      started.push_back(number);
      return Status();
    };
    Script parent = puppet();
    parent.on_child_exited = [&refused, number](Scripted&, const ChildExited& exited) {
      if (exited.start == StartOutcome::kFailed) refused.push_back(number);
    };
    parent.init = [&parents, child](Scripted& self) {
      parents.push_back(self.self());
      self.spawn(child, {.key = "k/1"});
      return Status();
    };
    system.send(root, call([parent](Scripted& self) { self.spawn(parent); }));
    system.run_ready();
  };
  const auto end = [&](const ActorRef& actor) {
    system.send(actor, call([](Scripted& self) { self.quit(); }));
    system.run_ready();
  };
  make_family(0);
  make_family(-1);
  EXPECT_EQ(refused, std::vector<int>{-1}) << "the first is no orphan yet";
  end(parents.front());
  for (int number = 1; number <= 101; ++number) {
    make_family(number);
    end(parents.back());
  }
  EXPECT_EQ(refused, (std::vector<int>{-1, 101}));
  for (int number = 0; number <= 100; ++number) {
    ASSERT_EQ(started.size(), static_cast<std::size_t>(number) + 1) << "one after another";
    ASSERT_EQ(started.back(), number);
    end(system.registry().find("k/1"));
  }
  EXPECT_FALSE(system.registry().find("k/1"));
  make_family(102);
  EXPECT_EQ(started.back(), 102);
  system.stop(Duration::zero());
}

TEST(Registry, TheFirstMessageHydratesAndWhatComesMeanwhileWaitsInOrder) {
  System system({});
  Keeper keeper(system);
  std::vector<std::uint64_t> seen;
  keeper.child.receive = [&](Scripted& self, Envelope& envelope) {
    EXPECT_EQ(self.name(), "pods/a/web");
    return match(envelope, [&](const Msg<Ping>& p) { seen.push_back(p->getNumber()); });
  };
  for (std::uint64_t i = 0; i < 5; ++i) system.registry().send("pods/a/web", ping(i));
  EXPECT_FALSE(system.registry().find("pods/a/web"));
  system.run_ready();
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{0, 1, 2, 3, 4}));
  EXPECT_EQ(keeper.started["pods/a/web"], 1);
  EXPECT_TRUE(system.registry().find("pods/a/web"));
}

TEST(Registry, AnIdleActorPassivatesAndTheNextMessageHydratesAnother) {
  System system({});
  Keeper keeper(system);
  keeper.child.receive = [](Scripted& self, Envelope& envelope) {
    envelope.reply(ping(1));
    self.after(seconds(30), [&self] { self.passivate(); });
    return true;
  };
  int answers = 0;
  for (int i = 1; i <= 3; ++i) {
    system.registry().request("pods/a", ping(1), seconds(1), [&](Result<AnyMsg> r) { answers += r ? 1 : 100; });
    system.run_ready();
    EXPECT_EQ(system.registry().size(), 1U);
    system.run_for(seconds(40));
    EXPECT_EQ(system.registry().size(), 0U);
    EXPECT_EQ(keeper.started["pods/a"], i);
  }
  EXPECT_EQ(answers, 3);
  EXPECT_EQ(system.actor_count(), 1U);
}

TEST(Registry, AKeyThatIsTakenIsAFailedStart) {
  System system({});
  Keeper keeper(system);
  keeper.child = puppet();
  system.registry().send("pods/a", call([](Scripted&) {}));
  system.run_ready();
  std::vector<std::string> log;
  Script second;
  second.init = [](Scripted& self) {
    self.spawn(puppet(), {.start = StartMode::kLazy, .key = "pods/a"});
    return Status();
  };
  second.on_child_exited = [&](Scripted&, const ChildExited& exited) {
    EXPECT_EQ(exited.start, StartOutcome::kFailed);
    log.push_back(to_string(exited.reason));
  };
  start(system, second);
  system.run_ready();
  EXPECT_EQ(log, (std::vector<std::string>{"error: the key pods/a has a living actor"}));
  EXPECT_TRUE(system.registry().find("pods/a"));
}

TEST(Registry, ACrashForgetsTheKeyAndTheNextMessageHydratesAgain) {
  System system({});
  Keeper keeper(system);
  keeper.child.receive = [](Scripted&, Envelope&) -> bool { throw std::runtime_error("boom"); };
  for (int i = 1; i <= 3; ++i) {
    system.registry().send("pods/a", ping(1));
    system.run_ready();
    EXPECT_EQ(keeper.started["pods/a"], i);
    EXPECT_EQ(system.registry().size(), 0U);
  }
}

TEST(Registry, AKindThatNobodyMakesIsNotFound) {
  System system({});
  std::optional<ErrorCode> error;
  system.registry().send("nodes/a", ping(1));
  system.registry().request("nodes/a", ping(1), seconds(1), [&](Result<AnyMsg> r) { error = r.error().code; });
  EXPECT_EQ(error, ErrorCode::kNotFound);
  EXPECT_EQ(system.registry().size(), 0U);
  EXPECT_EQ(system.metrics().undelivered(Undelivered::kDead), 2U);
}

TEST(Registry, WhatWaitsForOneKeyIsBoundedAndFailsWithTheReasonWhenItCannotStart) {
  System system({});
  std::string wanted;
  system.registry().set_hydrator("pods", [&](const std::string& key) { wanted = key; });
  system.registry().set_waiting_limit(10);
  std::map<ErrorCode, int> errors;
  for (int i = 0; i < 12; ++i)
    system.registry().request("pods/a", ping(1), seconds(100), [&](Result<AnyMsg> r) { ++errors[r.error().code]; });
  EXPECT_EQ(errors, (std::map<ErrorCode, int>{{ErrorCode::kBusy, 2}}));
  system.registry().hydrate_failed(wanted, Error(ErrorCode::kPermission, "no"));
  EXPECT_EQ(errors, (std::map<ErrorCode, int>{{ErrorCode::kBusy, 2}, {ErrorCode::kPermission, 10}}));
  EXPECT_EQ(system.timer_count(), 0U);
  EXPECT_EQ(system.registry().size(), 0U);
}

// Messages, passivations and crashes in any order: never two of one key, and every request is answered once.
TEST(Registry, ThereAreNeverTwoActorsOfOneKey) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    SystemOptions options;
    options.seed = seed;
    System system(options);
    Keeper keeper(system);
    keeper.child.receive = [](Scripted& self, Envelope& envelope) {
      const auto what = self.random().below(10);
      if (what == 0) throw std::runtime_error("boom");
      envelope.reply(ping(1));
      if (what < 5) self.passivate();
      return true;
    };
    SeededRandom random(seed);
    int asked = 0;
    int answered = 0;
    for (int i = 0; i < 200; ++i) {
      const std::string key = "pods/" + std::to_string(random.below(3));
      ++asked;
      system.registry().request(key, ping(1), seconds(10), [&](Result<AnyMsg> r) {
        ++answered;
        EXPECT_TRUE(r || r.error().code == ErrorCode::kUnavailable);
      });
      for (std::uint64_t steps = random.below(6); steps > 0; --steps) system.step();
    }
    system.run_until_idle();
    EXPECT_EQ(keeper.most_alive, 1);
    EXPECT_EQ(answered, asked);
  }
}

}  // namespace
}  // namespace troupe::kernel::test
