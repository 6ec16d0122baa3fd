// The kernel on real threads. Nothing here depends on how fast the machine is; ThreadSanitizer runs it too.
#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <future>
#include <string>
#include <thread>
#include <vector>

#include "kernel/crash.hpp"
#include "kernel/io_threads.hpp"
#include "kernel/log.hpp"
#include "kernel/metrics.hpp"
#include "kernel/msg_capnp.hpp"
#include "kernel/random.hpp"
#include "kernel/registry.hpp"
#include "kernel/supervisor.hpp"
#include "messages.capnp.h"
#include "tests/unit/kernel/scripted_actor.hpp"

namespace troupe::kernel::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Threads : testing::Test {
  IoThreads threads{3};
  SystemOptions options() {
    SystemOptions o;
    o.threads = &threads;
    return o;
  }
};

Msg<Ping> ping(std::uint64_t number = 0) {
  return make_msg<Ping>([&](Ping::Builder b) { b.setNumber(number); });
}

Script echo() {
  Script script;
  script.receive = [](Scripted&, Envelope& envelope) {
    return match(envelope, [&](const Msg<Ping>& p) { envelope.reply(ping(p->getNumber() + 1)); });
  };
  return script;
}

Result<AnyMsg> ask(System& system, const ActorRef& to, AnyMsg message, Duration timeout = seconds(60)) {
  auto done = std::make_shared<std::promise<Result<AnyMsg>>>();
  auto answer = done->get_future();
  system.request(to, std::move(message), timeout, [done](Result<AnyMsg> r) { done->set_value(std::move(r)); });
  return answer.get();
}

TEST_F(Threads, ARequestFromAnotherThreadIsAnswered) {
  System system(options());
  const ActorRef server = start(system, echo());
  const auto answer = ask(system, server, ping(41));
  ASSERT_TRUE(answer);
  EXPECT_EQ(Msg<Ping>::from(*answer)->getNumber(), 42U);
}

TEST_F(Threads, ManySendersOneReceiverNothingIsLostAndEachKeepsItsOrder) {
  System system(options());
  constexpr std::uint64_t kSenders = 4;
  constexpr std::uint64_t kEach = 5000;
  std::vector<std::uint64_t> next(kSenders, 0);
  std::uint64_t total = 0;
  bool ordered = true;
  std::promise<void> done;
  Script script;
  script.receive = [&](Scripted&, Envelope& envelope) {
    return match(envelope, [&](const Msg<Ping>& p) {
      const auto sender = p->getNumber() >> 32;
      ordered = ordered && next[sender]++ == (p->getNumber() & 0xffffffff);
      if (++total == kSenders * kEach) done.set_value();
    });
  };
  const ActorRef receiver = start(system, script, {.mailbox_limit = 1'000'000});
  std::vector<std::thread> senders;
  for (std::uint64_t s = 0; s < kSenders; ++s)
    senders.emplace_back([&, s] {
      for (std::uint64_t i = 0; i < kEach; ++i) system.send(receiver, ping(s << 32 | i));
    });
  for (auto& sender : senders) sender.join();
  done.get_future().wait();
  EXPECT_TRUE(ordered);
}

TEST_F(Threads, TimersAndDeadlinesFire) {
  System system(options());
  std::promise<void> fired;
  Script script;
  script.init = [&](Scripted& self) {
    self.after(milliseconds(5), [&] { fired.set_value(); });
    self.cancel(self.after(milliseconds(1), [] { FAIL(); }));
    return Status();
  };
  std::vector<Promise> held;
  script.receive = [&](Scripted&, Envelope& envelope) {
    held.push_back(std::move(envelope.promise));
    return true;
  };
  const ActorRef actor = start(system, script);
  fired.get_future().wait();
  const auto answer = ask(system, actor, ping(), milliseconds(5));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().code, ErrorCode::kTimeout);
  system.stop(seconds(10));
}

// Actors that start, talk, watch, crash and end on all threads at once; nothing may be left.
TEST_F(Threads, StormsOfStartsCrashesAndMonitorsLeaveNothingBehind) {
  System system(options());
  constexpr int kChildren = 2000;
  std::atomic<int> ended{0};
  std::atomic<int> downs{0};
  std::atomic<int> answers{0};
  std::promise<void> done;
  Script child;
  child.receive = [](Scripted&, Envelope& envelope) -> bool {
    if (Msg<Ping>::from(envelope.message)->getNumber() % 3 == 0) throw std::runtime_error("injected");
    envelope.reply(ping());
    return true;
  };
  Script watcher = puppet();
  watcher.on_down = [&](Scripted&, const Down&) { ++downs; };
  const ActorRef observer = start(system, watcher);
  Script parent = puppet();
  parent.on_child_exited = [&](Scripted& self, const ChildExited&) {
    if (++ended == kChildren) done.set_value();
    (void)self;
  };
  parent.init = [&](Scripted& self) {
    for (int i = 0; i < kChildren; ++i) {
      const ActorRef one = self.spawn(child, {.name = "child"});
      self.send(observer, call([one](Scripted& o) { o.monitor(one); }));
      self.request(one, ping(static_cast<std::uint64_t>(i)), seconds(60), [one, &self, &answers](Result<AnyMsg>) {
        ++answers;
        self.send_exit(one, ExitReason::shutdown());
      });
    }
    return Status();
  };
  start(system, parent);
  done.get_future().wait();
  // What a crash leaves unanswered is answered after the end was told.
  while (downs.load() != kChildren || answers.load() != kChildren) std::this_thread::yield();
  EXPECT_EQ(system.timer_count(), 0U);
  for (const ActorRef& left : {observer}) system.send_exit(left, ExitReason::shutdown());
  EXPECT_TRUE(system.stop(seconds(60)).empty());
}

// The race that matters: a message that arrives while the actor of its key passivates.
TEST_F(Threads, PassivationNeverLosesARequestNorMakesTwoOfOneKey) {
  System system(options());
  std::atomic<int> alive[4] = {};
  std::atomic<int> most{0};
  std::atomic<int> made{0};
  struct Hydrate {
    std::string key;
  };
  Script keeper;
  keeper.receive = [&](Scripted& self, Envelope& envelope) {
    return match(envelope, [&](const Local<Hydrate>& h) {
      const auto index = static_cast<std::size_t>(h->key.back() - '0');
      Script child;
      child.init = [&, index](Scripted&) {
        ++made;
        const int now = ++alive[index];
        if (now > most.load()) most = now;
        return Status();
      };
      child.terminate = [&, index](Scripted&, const ExitReason&) { --alive[index]; };
      child.receive = [](Scripted& me, Envelope& e) {
        e.reply(ping());
        me.passivate();
        return true;
      };
      self.spawn(child, {.key = h->key});
    });
  };
  const ActorRef actor = start(system, keeper);
  system.registry().set_hydrator("pods", [&](const std::string& key) { system.send(actor, make_local<Hydrate>(key)); });
  constexpr int kThreads = 3;
  constexpr int kEach = 3000;
  std::atomic<int> answers{0};
  std::atomic<int> failures{0};
  std::vector<std::thread> callers;
  for (int t = 0; t < kThreads; ++t)
    callers.emplace_back([&, t] {
      SeededRandom random(static_cast<std::uint64_t>(t));
      for (int i = 0; i < kEach; ++i) {
        while (i - answers.load() / kThreads > 500) std::this_thread::yield();
        system.registry().request("pods/" + std::to_string(random.below(4)), ping(), seconds(60),
                                  [&](Result<AnyMsg> r) {
                                    if (!r) ++failures;
                                    ++answers;
                                  });
      }
    });
  for (auto& caller : callers) caller.join();
  while (answers.load() != kThreads * kEach) std::this_thread::yield();
  EXPECT_EQ(failures.load(), 0);
  EXPECT_EQ(most.load(), 1);
  EXPECT_GT(made.load(), 4);
  system.registry().set_hydrator("pods", nullptr);
  system.stop(Duration::zero());
}

TEST_F(Threads, ActorsThatCrashOnRequestUnderLoadLeaveOneOfEachKey) {
  constexpr int kKeys = 6;
  std::array<std::atomic<int>, kKeys> alive{};
  std::atomic<int> most{0};
  const auto key = [](int number) { return "k/" + std::to_string(number); };
  const auto member = [&](int number) {
    Script script = echo();
    script.init = [&, number](Scripted&) {
      const int now = ++alive.at(static_cast<std::size_t>(number));
      for (int before = most; now > before && !most.compare_exchange_weak(before, now);) {
      }
      return Status();
    };
    script.terminate = [&, number](Scripted&, const ExitReason&) { --alive.at(static_cast<std::size_t>(number)); };
    SpawnOptions options;
    options.name = options.key = key(number);
    return worker(options.name, Scripted::factory(script)).spawn_with(options);
  };
  System system(options());
  const SupervisorFlags patient{.strategy = Strategy::kOneForAll, .intensity = 1'000'000, .period = seconds(60)};
  SupervisorSpec inner{.flags = patient, .children = {member(3), member(4), member(5)}};
  SupervisorSpec team{.flags = patient, .children = {member(0), member(1), member(2), supervisor("inner", inner)}};
  auto up = std::make_shared<std::promise<void>>();
  auto started = up->get_future();
  SupervisorOptions watched;
  watched.observer = std::make_shared<const SupervisionObserver>([up](const SupervisionEvent& event) {
    if (event.supervisor.empty() && event.kind == SupervisionEvent::Kind::kStarted) up->set_value();
  });
  ASSERT_TRUE(Supervisor::start_root(
      system, {.name = "root", .flags = patient, .children = {supervisor("team", std::move(team))}}, watched));
  started.wait();  // a crash in the first start would be the end of the root

  std::atomic<bool> enough{false};
  std::thread load([&] {
    for (int i = 0; !enough; ++i) system.registry().send(key(i % kKeys), ping());
  });
  SeededRandom random(7);
  for (int i = 0; i < 300; ++i) {
    const auto which = static_cast<int>(random.below(kKeys + 2));
    const auto actor = find_actor(system, which < kKeys    ? key(which)
                                          : which == kKeys ? "root/team"
                                                           : "root/team/inner");
    if (!actor) continue;  // it is starting again
    auto ended = std::make_shared<std::promise<void>>();
    auto told = ended->get_future();
    crash(system, *actor, "by request", seconds(60), [ended](const Status&) { ended->set_value(); });
    told.wait();
  }
  enough = true;
  load.join();
  for (int number = 0; number < kKeys;) {  // until it is up, nobody makes actors for its key
    auto answered = std::make_shared<std::promise<bool>>();
    auto told = answered->get_future();
    system.registry().request(key(number), ping(), seconds(60),
                              [answered](const Result<AnyMsg>& answer) { answered->set_value(answer.has_value()); });
    if (told.get()) ++number;
  }
  EXPECT_EQ(most, 1);
  EXPECT_TRUE(system.stop(seconds(60)).empty());
}

TEST_F(Threads, TheWatchdogNamesAHandlerWhileItRuns) {
  auto o = options();
  o.slow_handler = milliseconds(2);
  std::atomic<bool> named{false};
  // The handler runs until the log names it, however long that takes.
  struct Spy final : Logger {
    explicit Spy(std::atomic<bool>* n) : named(n) {}
    bool enabled(LogLevel) const override { return true; }
    void log(LogLevel, std::string_view, std::string_view message, const std::vector<LogField>& fields,
             TraceId) override {
      if (message == "a handler is running for long" && fields[0].value == "slow one" &&
          fields[1].value == "troupe::kernel::test::Ping")
        *named = true;
    }
    std::atomic<bool>* named;
  };
  Spy spy(&named);
  o.logger = &spy;
  System system(o);
  Script script;
  script.receive = [&](Scripted&, Envelope& envelope) {
    while (!named.load()) std::this_thread::yield();
    envelope.reply(ping());
    return true;
  };
  // Lazy: it starts within its one message. An init of its own that is preempted for over 2 ms would be named instead,
  // and then the log keeps quiet about this actor for a minute.
  const ActorRef slow = start(system, script, {.name = "slow one", .type = "slow", .start = StartMode::kLazy});
  EXPECT_TRUE(ask(system, slow, ping()));
  system.stop(seconds(60));
  EXPECT_GE(system.metrics().of_type("slow").slow_handlers, 1U);
}

TEST_F(Threads, TwoSystemsShareTheThreads) {
  System first(options());
  System second(options());
  const ActorRef server = start(first, echo());
  std::promise<bool> done;
  Script client;
  client.init = [&](Scripted& self) {
    self.request(server, ping(), seconds(60), [&](Result<AnyMsg> r) { done.set_value(r.has_value()); });
    return Status();
  };
  start(second, client);
  EXPECT_TRUE(done.get_future().get());
  second.stop(seconds(60));
}

}  // namespace
}  // namespace troupe::kernel::test
