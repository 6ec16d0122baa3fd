// Bounded mailboxes, priorities, and what must not stay behind.
#include <gtest/gtest.h>
#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "kernel/metrics.hpp"
#include "kernel/msg_capnp.hpp"
#include "kernel/random.hpp"
#include "messages.capnp.h"
#include "tests/unit/kernel/scripted_actor.hpp"

namespace troupe::kernel::test {
namespace {

using std::chrono::seconds;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

std::size_t heap_in_use() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

// The sanitizers' allocators keep freed memory.
void expect_flat(std::size_t before, std::size_t slack) {
  if (!kSanitized) {
    EXPECT_LE(heap_in_use(), before + slack);
  }
}

Msg<Ping> ping() { return make_msg<Ping>(); }

Script counting(std::size_t* count) {
  Script script;
  script.receive = [count](Scripted&, Envelope&) {
    ++*count;
    return true;
  };
  return script;
}

TEST(Mailbox, KeepsTheOrderOfOneSender) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SystemOptions options;
    options.seed = seed;
    System system(options);
    std::vector<std::uint64_t> seen;
    Script script;
    script.receive = [&](Scripted&, Envelope& envelope) {
      return match(envelope, [&](const Msg<Ping>& p) { seen.push_back(p->getNumber()); });
    };
    const ActorRef actor = start(system, script);
    for (std::uint64_t i = 0; i < 100; ++i) {
      system.send(actor, make_msg<Ping>([&](Ping::Builder b) { b.setNumber(i); }));
      if (i % 7 == seed % 7) system.step();
    }
    system.run_ready();
    ASSERT_EQ(seen.size(), 100U);
    EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << "seed " << seed;
  }
}

// Data and control in any mixture, turns in between: the next turn is control's, and both keep their orders.
TEST(Mailbox, ControlOvertakesDataAndBothKeepTheirOrder) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    SeededRandom random(seed);
    System system({});
    std::vector<std::uint64_t> data;
    std::vector<std::string> control;
    Script script;
    script.receive = [&](Scripted&, Envelope& envelope) {
      return match(envelope, [&](const Msg<Ping>& p) { data.push_back(p->getNumber()); });
    };
    script.on_exit_request = [&](Scripted&, const ExitRequest& request) { control.push_back(request.reason.detail); };
    const ActorRef actor = start(system, script);
    system.run_ready();
    std::uint64_t data_sent = 0;
    std::size_t control_sent = 0;
    for (int i = 0; i < 300; ++i) {
      const auto what = random.below(10);
      if (what < 6) {
        system.send(actor, make_msg<Ping>([&](Ping::Builder b) { b.setNumber(data_sent); }));
        ++data_sent;
      } else if (what < 8) {
        system.send_exit(actor, ExitReason::shutdown(std::to_string(control_sent++)));
      } else {
        const std::size_t before = control.size();
        const bool waits = before < control_sent;
        system.step();
        ASSERT_EQ(control.size(), before + (waits ? 1 : 0)) << "seed " << seed;
      }
      ASSERT_LE(actor.mailbox_depth(), data_sent - data.size()) << "seed " << seed;
    }
    system.run_ready();
    ASSERT_EQ(data.size(), data_sent) << "seed " << seed;
    ASSERT_EQ(control.size(), control_sent) << "seed " << seed;
    for (std::size_t i = 0; i < data.size(); ++i) ASSERT_EQ(data[i], i) << "seed " << seed;
    for (std::size_t i = 0; i < control.size(); ++i) ASSERT_EQ(control[i], std::to_string(i)) << "seed " << seed;
  }
}

TEST(Mailbox, AnActorWith100000WaitingMessagesEndsBeforeTheNextOfThem) {
  SystemOptions options;
  options.mailbox_limit = 200'000;
  System system(options);
  std::size_t handled = 0;
  bool told = false;
  ActorRef child;
  Script parent;
  parent.init = [&](Scripted& self) {
    child = self.spawn(counting(&handled));
    return Status();
  };
  parent.on_child_exited = [&](Scripted&, const ChildExited&) { told = true; };
  start(system, parent);
  system.run_ready();
  const auto message = ping();
  for (int i = 0; i < 100'000; ++i) system.send(child, message);
  system.step();
  EXPECT_EQ(handled, 1U);
  system.send_exit(child, ExitReason::killed());
  while (!told) system.step();
  EXPECT_FALSE(child.alive());
  // No work grows with what waits: it is dropped in turns of its own.
  EXPECT_LE(system.metrics().undelivered(Undelivered::kDead), 10'000U);
  system.run_ready();
  EXPECT_EQ(handled, 1U);
  EXPECT_EQ(system.metrics().undelivered(Undelivered::kDead), 99'999U);
}

TEST(Mailbox, AFullOneRefusesARequestWithBusyAndDropsAHintWithACount) {
  System system({});
  std::size_t handled = 0;
  const ActorRef actor = start(system, counting(&handled), {.name = "small", .mailbox_limit = 10});
  system.run_ready();
  std::optional<Error> error;
  for (int i = 0; i < 15; ++i) system.send(actor, ping());
  system.request(actor, ping(), seconds(1), [&](Result<AnyMsg> r) { error = r.error(); });
  EXPECT_EQ(actor.mailbox_depth(), 10U);
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::kBusy);
  EXPECT_EQ(error->message, "the mailbox of small is full");
  EXPECT_EQ(system.metrics().undelivered(Undelivered::kFull), 6U);
  system.run_ready();
  EXPECT_EQ(handled, 10U);
  EXPECT_EQ(system.timer_count(), 0U);
  EXPECT_EQ(system.metrics().of_type("actor").deepest_mailbox, 10U);
}

TEST(Mailbox, AFullOneStaysFlatInMemory) {
  if (kSanitized) GTEST_SKIP() << "the sanitizer's allocator keeps freed memory";
  System system({});
  std::size_t handled = 0;
  const ActorRef actor = start(system, counting(&handled), {.mailbox_limit = 1000});
  system.run_ready();
  const auto message = ping();
  for (int i = 0; i < 2000; ++i) system.send(actor, message);
  const std::size_t before = heap_in_use();
  for (int i = 0; i < 1'000'000; ++i) system.send(actor, message);
  EXPECT_LE(heap_in_use(), before + 4096);
}

TEST(Mailbox, ControlIsNeverRefused) {
  System system({});
  std::size_t handled = 0;
  int timers = 0;
  Script script = counting(&handled);
  script.init = [&](Scripted& self) {
    for (int i = 0; i < 100; ++i) self.after(seconds(1), [&] { ++timers; });
    return Status();
  };
  const ActorRef actor = start(system, script, {.mailbox_limit = 1});
  system.step();
  for (int i = 0; i < 10; ++i) system.send(actor, ping());
  system.run_for(seconds(2));
  EXPECT_EQ(timers, 100);
  EXPECT_EQ(handled, 1U);
}

// A million observers that come and go: each by demonitor, or by its own end.
TEST(Mailbox, ObserversThatComeAndGoLeaveNothingBehind) {
  System system({});
  const ActorRef target = start(system, puppet());
  const ActorRef observer = start(system, puppet());
  system.run_ready();
  constexpr int kCount = kSanitized ? 100'000 : 1'000'000;
  const auto come_and_go = [&](int count) {
    system.send(observer, call([&, count](Scripted& self) {
                  for (int i = 0; i < count; ++i) self.demonitor(self.monitor(target));
                }));
    system.run_ready();
    for (int i = 0; i < count / 50; ++i) {
      Script script;
      script.init = [&](Scripted& self) {
        self.monitor(target);
        self.quit();
        return Status();
      };
      start(system, script);
      system.run_ready();
    }
  };
  come_and_go(1000);
  const std::size_t before = heap_in_use();
  come_and_go(kCount);
  expect_flat(before, 65'536);
  EXPECT_EQ(system.actor_count(), 2U);
}

TEST(Mailbox, CancelledTimersLeaveNothingBehind) {
  System system({});
  const ActorRef actor = start(system, puppet());
  system.run_ready();
  const auto set_and_cancel = [&](int count) {
    system.send(actor, call([count](Scripted& self) {
                  for (int i = 0; i < count; ++i) self.cancel(self.after(std::chrono::hours(1), [] {}));
                }));
    system.run_ready();
  };
  set_and_cancel(100);
  const std::size_t before = heap_in_use();
  set_and_cancel(300'000);
  expect_flat(before, 4096);
  EXPECT_EQ(system.timer_count(), 0U);
  EXPECT_FALSE(system.step());
}

TEST(Mailbox, DeadAddresseesLeaveNothingBehind) {
  System system({});
  const ActorRef dead = start(system, puppet());
  const ActorRef client = start(system, puppet());
  system.send_exit(dead, ExitReason::killed());
  system.run_ready();
  const auto talk = [&](int count) {
    for (int i = 0; i < count; ++i) system.send(dead, ping());
    system.send(client, call([&, count](Scripted& self) {
                  for (int i = 0; i < count; ++i) {
                    self.request(dead, ping(), seconds(10), [](const Result<AnyMsg>&) {});
                    self.monitor(dead);
                  }
                }));
    system.run_ready();
  };
  talk(100);
  const std::size_t before = heap_in_use();
  talk(100'000);
  expect_flat(before, 65'536);
  EXPECT_EQ(system.timer_count(), 0U);
}

// 10^7 are bench/kernel's spawn_and_kill.
TEST(Mailbox, A100000SpawnAndKillCyclesLeaveMemoryFlat) {
  System system({});
  ActorRef child;
  Script parent = puppet();
  const ActorRef root = start(system, parent);
  const auto cycles = [&](int count) {
    for (int i = 0; i < count; ++i) {
      system.send(root, call([&](Scripted& self) { child = self.spawn(puppet(), {.name = "child"}); }));
      system.run_ready();
      system.send_exit(child, ExitReason::killed());
      system.run_ready();
    }
  };
  cycles(100);
  const std::size_t before = heap_in_use();
  cycles(kSanitized ? 20'000 : 100'000);
  expect_flat(before, 65'536);
  EXPECT_EQ(system.actor_count(), 1U);
}

}  // namespace
}  // namespace troupe::kernel::test
