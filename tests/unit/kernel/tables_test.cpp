// The kernel's own containers against the plain ones.
#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "kernel/detail/parcel.hpp"
#include "kernel/metrics.hpp"
#include "kernel/paged_table.hpp"
#include "kernel/random.hpp"
#include "kernel/registry.hpp"
#include "tests/unit/kernel/scripted_actor.hpp"

namespace troupe::kernel::test {
namespace {

TEST(PagedTable, DoesWhatASortedMapDoes) {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    SeededRandom random(seed);
    PagedTable<std::shared_ptr<const std::uint64_t>> table;
    std::map<std::uint64_t, std::uint64_t> model;
    std::uint64_t last = 0;
    for (int i = 0; i < 2000; ++i) {
      if (random.below(5) < (i < 1000 ? 3U : 1U)) {
        last += 1 + random.below(random.below(20) == 0 ? 100 : 2);
        table.put(last, std::make_shared<const std::uint64_t>(last * 3));
        model[last] = last * 3;
      } else if (!model.empty()) {
        const std::uint64_t id = random.below(last + 2);
        const auto taken = table.take(id);
        ASSERT_EQ(taken != nullptr, model.erase(id) == 1) << "seed " << seed;
        ASSERT_EQ(table.find(id), nullptr);
        if (taken) {
          ASSERT_EQ(*taken, id * 3) << "seed " << seed;
        }
      }
      ASSERT_EQ(table.size(), model.size()) << "seed " << seed;
    }
    const std::uint64_t first = random.below(last + 1);
    auto expected = model.lower_bound(first);
    table.each(
        [&](std::uint64_t id, const std::shared_ptr<const std::uint64_t>& value) {
          ASSERT_NE(expected, model.end()) << "seed " << seed;
          ASSERT_EQ(id, expected->first) << "seed " << seed;
          ASSERT_EQ(*value, expected->second) << "seed " << seed;
          ++expected;
        },
        first);
    EXPECT_EQ(expected, model.end()) << "seed " << seed;
  }
}

TEST(PagedTable, ValuesDoNotMoveAndGoWhenTheyAreErased) {
  PagedTable<std::shared_ptr<int>> table;
  const auto one = std::make_shared<int>(1);
  const std::shared_ptr<int>* place = &table.put(1, one);
  for (std::uint64_t id = 2; id < 1000; ++id) table.put(id, one);
  EXPECT_EQ(table.find(1), place);
  EXPECT_EQ(one.use_count(), 1000);
  for (std::uint64_t id = 1; id < 1000; ++id) EXPECT_TRUE(table.erase(id));
  EXPECT_FALSE(table.erase(1));
  EXPECT_EQ(one.use_count(), 1);
  EXPECT_TRUE(table.empty());
}

// Batches come newest first, as the inbox gives them; taken and dropped at any time, turned round a bit at a time.
TEST(Backlog, GivesTheOldestFirstHoweverItIsTurnedRoundAndDropsAll) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    SeededRandom random(seed);
    impl::Backlog backlog;
    std::deque<std::uint64_t> model;
    std::uint64_t last = 0;
    for (int i = 0; i < 500; ++i) {
      if (random.below(4) == 0) {
        impl::Parcel* newest = nullptr;
        for (std::uint64_t n = 1 + random.below(20); n != 0; --n) {
          auto* parcel = new impl::Parcel(impl::ParcelKind::kData);
          parcel->token = ++last;
          parcel->next = newest;
          newest = parcel;
          model.push_back(last);
        }
        backlog.add_batch(newest);
      } else if (backlog.ready()) {
        const impl::ParcelPtr parcel = backlog.pop();
        ASSERT_EQ(parcel->token, model.front()) << "seed " << seed;
        model.pop_front();
      } else if (!backlog.empty()) {
        backlog.turn_round(1 + random.below(8));
      }
      ASSERT_EQ(backlog.empty(), model.empty()) << "seed " << seed;
    }
    std::size_t dropped = 0;
    for (; !backlog.empty(); ++dropped) backlog.drop_one();
    EXPECT_EQ(dropped, model.size()) << "seed " << seed;
  }
}

// Thousands of keys that come and go, whatever falls together in the table.
TEST(Registry, FindsExactlyTheKeysThatAreBound) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    SeededRandom random(seed);
    System system({});
    const ActorRef parent = start(system, puppet());
    system.run_ready();
    std::map<std::string, ActorRef> model;
    for (int i = 0; i < 4000; ++i) {
      const std::string key = "pods/default/web-" + std::to_string(random.below(1500));
      const auto known = model.find(key);
      if (known == model.end()) {
        ActorRef made;
        system.send(parent, call([&](Scripted& self) {
                      made = self.spawn(puppet(), {.start = StartMode::kLazy, .key = key});
                    }));
        system.run_ready();
        model.emplace(key, made);
      } else if (random.below(3) != 0) {
        system.send_exit(known->second, ExitReason::killed());
        system.run_ready();
        model.erase(known);
      }
      ASSERT_EQ(system.registry().size(), model.size()) << "seed " << seed;
    }
    for (int i = 0; i < 1500; ++i) {
      const std::string key = "pods/default/web-" + std::to_string(i);
      const auto known = model.find(key);
      ASSERT_EQ(system.registry().find(key), known == model.end() ? ActorRef() : known->second) << "seed " << seed;
    }
    system.stop(std::chrono::seconds(1));
    EXPECT_EQ(system.registry().size(), 0U);
  }
}

TEST(Registry, AHydratorThatThrowsFailsWhatWaitsAndNothingElse) {
  System system({});
  system.registry().set_hydrator("pods", [](const std::string&) { throw std::runtime_error("no room"); });
  std::vector<Error> errors;
  for (int i = 0; i < 2; ++i)
    system.registry().request("pods/a", make_local<int>(i), std::chrono::seconds(1),
                              [&](Result<AnyMsg> r) { errors.push_back(r.error()); });
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0].code, ErrorCode::kInternal);
  EXPECT_EQ(errors[0].message, "the hydrator of pods/a threw: no room");
  EXPECT_EQ(system.registry().size(), 0U);
  // So does one that is called when an actor has ended, on that actor's last turn.
  Script script;
  script.receive = [](Scripted& self, Envelope&) {
    EXPECT_TRUE(self.passivate());
    self.system().registry().send("pods/b", make_local<int>(1));
    return true;
  };
  const ActorRef actor = start(system, script, {.key = "pods/b"});
  system.registry().send("pods/b", make_local<int>(1));
  system.run_ready();
  EXPECT_FALSE(actor.alive());
  EXPECT_EQ(system.registry().size(), 0U);
  EXPECT_EQ(system.metrics().undelivered(Undelivered::kDead), 3U);
}

TEST(Local, AThrowingConstructorLeavesNothingBehind) {
  struct Picky {
    explicit Picky(int n) : number(n) {
      if (n < 0) throw std::runtime_error("negative");
    }
    int number;
  };
  EXPECT_THROW(make_local<Picky>(-1), std::runtime_error);
  EXPECT_EQ(make_local<Picky>(3)->number, 3);
  struct alignas(256) Wide {
    int number;
  };
  const auto wide = make_local<Wide>(7);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(&*wide) % 256, 0U);
}

}  // namespace
}  // namespace troupe::kernel::test
