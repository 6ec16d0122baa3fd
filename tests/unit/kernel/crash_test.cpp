// Actors that are made to crash from outside, and what their supervisors make of it.
#include "kernel/crash.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernel/random.hpp"
#include "kernel/registry.hpp"
#include "kernel/supervisor.hpp"
#include "kernel/system.hpp"

namespace troupe::kernel {
namespace {

using namespace std::chrono_literals;

struct Poke {};

/// How many actors live, of each label, and the most that did at once.
struct Census {
  std::map<std::string, int> alive;
  std::map<std::string, int> started;
  std::vector<std::string> order;
  int most = 0;
};

class Citizen final : public Actor {
 public:
  Citizen(std::shared_ptr<Census> census, std::string label) : census_(std::move(census)), label_(std::move(label)) {}

 protected:
  Status init() override {
    ++census_->started[label_];
    census_->most = std::max(census_->most, ++census_->alive[label_]);
    return {};
  }
  bool receive(Envelope& envelope) override {
    census_->order.push_back("poke " + label_);
    if (envelope.is_request()) envelope.reply(make_local<Poke>());
    return true;
  }
  void on_exit_request(const ExitRequest& request) override {
    census_->order.push_back("asked " + label_);
    quit(request.reason);
  }
  void terminate(const ExitReason& reason) override {
    --census_->alive[label_];
    census_->order.push_back("end " + label_ + " " + to_string(reason));
  }

 private:
  std::shared_ptr<Census> census_;
  const std::string label_;
};

struct World {
  explicit World(std::uint64_t seed = 1) : system(options(seed)) {}

  static SystemOptions options(std::uint64_t seed) {
    SystemOptions result;
    result.seed = seed;
    return result;
  }
  Child citizen(const std::string& label, StartMode mode = StartMode::kEager) const {
    SpawnOptions options;
    options.name = label;
    options.key = "citizens/" + label;
    options.start = mode;
    return worker<Citizen>(label, census, label).spawn_with(std::move(options));
  }
  void start(SupervisorSpec spec) {
    auto started = Supervisor::start_root(system, std::move(spec));
    ASSERT_TRUE(started) << started.error().message;
    root = *started;
    system.run_ready();
  }
  /// Asks for the crash and lets what follows happen, without letting time pass.
  Status crash_now(const std::string& name) {
    auto actor = find_actor(system, name);
    if (!actor) return fail(actor.error());
    std::optional<Status> ended;
    crash(system, *actor, "crashed by request", 5s, [&](Status status) { ended = std::move(status); });
    system.run_ready();
    return ended.value_or(fail(ErrorCode::kInternal, "no answer"));
  }
  TreeNode tree() {
    TreeNode out;
    system.request(root, make_local<TreeQuery>(), 1s, [&](const Result<AnyMsg>& answer) {
      if (answer) out = *Local<TreeNode>::from(*answer);
    });
    system.run_ready();
    return out;
  }
  std::string shown() { return render_tree(tree()); }

  std::shared_ptr<Census> census = std::make_shared<Census>();
  System system;
  ActorRef root;
};

TEST(Crash, EndsAnActorAsIfItsHandlerHadThrownAndItsSupervisorActs) {
  World w;
  w.start({.name = "root", .children = {w.citizen("a"), w.citizen("b")}});
  EXPECT_TRUE(w.crash_now("a"));
  EXPECT_EQ(w.census->order, std::vector<std::string>{"end a error: crashed by request"}) << "it is not asked";
  EXPECT_EQ(w.census->started, (std::map<std::string, int>{{"a", 2}, {"b", 1}}));
  EXPECT_EQ(w.shown(),
            "root (one_for_one)\n"
            "├── a, 1 restart, last: error: crashed by request\n"
            "└── b\n");
}

TEST(Crash, TheStrategyOfTheSupervisorDecidesWhoElseStartsAgain) {
  World w;
  w.start({.name = "root",
           .flags = {.strategy = Strategy::kRestForOne},
           .children = {w.citizen("a"), w.citizen("b"), w.citizen("c")}});
  EXPECT_TRUE(w.crash_now("b"));
  EXPECT_EQ(w.census->started, (std::map<std::string, int>{{"a", 1}, {"b", 2}, {"c", 2}}));
}

TEST(Crash, OvertakesWhatWaitsInTheMailbox) {
  World w;
  w.start({.name = "root", .children = {w.citizen("a")}});
  const auto actor = find_actor(w.system, "a");
  ASSERT_TRUE(actor);
  for (int i = 0; i < 100; ++i) w.system.send(*actor, make_local<Poke>());
  crash(w.system, *actor, "now", 5s, [](const Status&) {});
  w.system.run_ready();
  EXPECT_EQ(w.census->order, std::vector<std::string>{"end a error: now"});
}

TEST(Crash, TooManyAreGivenUpByTheSupervisorsAboveAndTheTreeShowsTheChain) {
  World w;
  SupervisorSpec team{.name = "team", .flags = {.intensity = 2, .period = 10s}, .children = {w.citizen("a")}};
  w.start({.name = "root", .children = {supervisor("team", std::move(team))}});
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(w.crash_now("a")) << i;
  EXPECT_EQ(w.census->started["a"], 4);
  const TreeNode tree = w.tree();
  ASSERT_EQ(tree.children.size(), 1U);
  EXPECT_EQ(tree.children[0].restarts, 1U);
  EXPECT_NE(tree.children[0].last_reason.find("shutdown <- root/team/a error: crashed by request (2 restarts; gave up"),
            std::string::npos)
      << tree.children[0].last_reason;
}

TEST(Crash, OneThatWasNeverAwakeIsStartedAnewWithoutHavingRun) {
  World w;
  w.start({.name = "root", .children = {w.citizen("lazy", StartMode::kLazy)}});
  EXPECT_TRUE(w.crash_now("lazy"));
  EXPECT_TRUE(w.census->started.empty());
  w.system.registry().send("citizens/lazy", make_local<Poke>());
  w.system.run_ready();
  EXPECT_EQ(w.census->order, std::vector<std::string>{"poke lazy"});
}

TEST(Crash, OfTheRootEndsEverything) {
  World w;
  w.start({.name = "root", .children = {w.citizen("a"), supervisor("team", {.children = {w.citizen("b")}})}});
  EXPECT_TRUE(w.crash_now("root"));
  EXPECT_EQ(w.system.actor_count(), 0U);
  EXPECT_FALSE(w.crash_now("root"));
}

TEST(Crash, AnUnknownActorIsNotFoundAndTwoOfANameAreAConflict) {
  World w;
  SpawnOptions twin;
  twin.name = "twin";
  w.start({.name = "root",
           .children = {worker<Citizen>("one", w.census, std::string("one")).spawn_with(twin),
                        worker<Citizen>("two", w.census, std::string("two")).spawn_with(twin)}});
  const auto none = find_actor(w.system, "nobody");
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error(), Error(ErrorCode::kNotFound, "no actor is named \"nobody\""));
  const auto two = find_actor(w.system, "twin");
  ASSERT_FALSE(two);
  EXPECT_EQ(two.error().code, ErrorCode::kConflict);
}

TEST(Crash, SaysWhenTheActorHadEndedBefore) {
  World w;
  w.start({.name = "root", .children = {w.citizen("a").temporary()}});
  const auto actor = find_actor(w.system, "a");
  ASSERT_TRUE(actor);
  ASSERT_TRUE(w.crash_now("a"));
  std::optional<Status> second;
  crash(w.system, *actor, "again", 5s, [&](Status status) { second = std::move(status); });
  ASSERT_TRUE(second) << "at once";
  EXPECT_EQ(second->error(), Error(ErrorCode::kNotFound, "a had ended by itself"));
}

// What a dead supervisor leaves behind may hold its keys when the next supervisor's children want them.
TEST(Crash, OfASupervisorGivesTheKeysOfItsChildrenToThoseOfTheNext) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    World w(seed);
    SupervisorSpec inner{.children = {w.citizen("c"), w.citizen("d")}};
    SupervisorSpec team{.children = {w.citizen("a"), w.citizen("b"), supervisor("inner", std::move(inner))}};
    w.start({.name = "root", .children = {supervisor("team", std::move(team))}});
    for (const char* label : {"a", "b", "c", "d"})
      for (int i = 0; i < 3; ++i) w.system.registry().send(std::string("citizens/") + label, make_local<Poke>());
    ASSERT_TRUE(w.crash_now("root/team")) << "seed " << seed;
    ASSERT_EQ(w.census->most, 1) << "two of one key, seed " << seed;
    ASSERT_EQ(w.census->started, (std::map<std::string, int>{{"a", 2}, {"b", 2}, {"c", 2}, {"d", 2}})) << seed;
    ASSERT_EQ(w.system.actor_count(), 7U) << "seed " << seed;
    ASSERT_EQ(w.tree().children.at(0).restarts, 1U) << "no start failed, seed " << seed;
  }
}

TEST(Crash, OfASupervisorAgainBeforeItsChildrenHaveEndedLeavesOneOfEach) {
  std::size_t waited = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    World w(seed);
    SupervisorSpec team{.children = {w.citizen("a"), w.citizen("b")}};
    w.start({.name = "root", .flags = {.intensity = 100}, .children = {supervisor("team", std::move(team))}});
    for (int i = 0; i < 10; ++i) {
      if (const auto found = find_actor(w.system, "root/team")) {
        crash(w.system, *found, "again", 5s, [](const Status&) {});
        const std::uint64_t steps = w.system.random().below(12);
        for (std::uint64_t step = 0; step < steps; ++step) w.system.step();
        if (w.system.actor_count() > 4) ++waited;
      }
    }
    w.system.run_ready();
    ASSERT_EQ(w.census->most, 1) << "two of one key, seed " << seed;
    ASSERT_EQ(w.census->alive, (std::map<std::string, int>{{"a", 1}, {"b", 1}})) << "seed " << seed;
    ASSERT_EQ(w.system.actor_count(), 4U) << "seed " << seed;
  }
  EXPECT_GT(waited, 100U) << "the test does not get to what it is about";
}

TEST(Crash, OfAnyActorAtAnyTimeLeavesTheTreeWhole) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    World w(seed);
    SupervisorSpec street{.flags = {.strategy = Strategy::kOneForAll, .intensity = 100},
                          .children = {w.citizen("c"), w.citizen("d")}};
    SupervisorSpec town{.flags = {.strategy = Strategy::kRestForOne, .intensity = 100},
                        .children = {w.citizen("a"), supervisor("street", std::move(street)), w.citizen("b")}};
    w.start({.name = "root", .flags = {.intensity = 100}, .children = {supervisor("town", std::move(town))}});
    const std::vector<std::string> names = {"a", "b", "c", "d", "root/town", "root/town/street"};
    for (int i = 0; i < 20; ++i) {
      const auto actor = find_actor(w.system, names[w.system.random().below(names.size())]);
      if (actor) crash(w.system, *actor, "by request", 5s, [](const Status&) {});
      for (std::uint64_t steps = w.system.random().below(20); steps > 0; --steps) w.system.step();
    }
    w.system.run_ready();
    ASSERT_EQ(w.census->most, 1) << "two of one key, seed " << seed;
    ASSERT_EQ(w.census->alive, (std::map<std::string, int>{{"a", 1}, {"b", 1}, {"c", 1}, {"d", 1}})) << seed;
    ASSERT_EQ(w.system.actor_count(), 7U) << "seed " << seed;
    for (const std::string& name : names) ASSERT_TRUE(find_actor(w.system, name)) << name << ", seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::kernel
