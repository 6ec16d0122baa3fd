#include "actors/controllers/deployment.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace troupe::controllers {
namespace {

constexpr std::int64_t kStart = 1'767'225'600;

DeploymentView deployment(std::int32_t replicas) {
  DeploymentView out;
  out.name = "web";
  out.uid = "deployment";
  out.generation = 1;
  out.replicas = replicas;
  out.history_limit = 10;
  out.progress_deadline = 600;
  out.selector.match_labels = {{"app", "web"}};
  out.template_key = "one";
  out.template_hash = "h1";
  return out;
}

/// A Deployment with its ReplicaSets, as the store and the ReplicaSets' actors would have them.
class World {
 public:
  explicit World(DeploymentView view) : d(std::move(view)) {}

  DeploymentPlan step() {
    DeploymentPlan plan = plan_deployment(d, sets, 0, now);
    for (const auto& change : plan.change) {
      RevisionView& set = *find(change.name);
      if (change.replicas) {
        set.replicas = *change.replicas;
        ++set.generation;
      }
      if (change.min_ready) set.min_ready = *change.min_ready;
      for (const auto& [key, value] : change.annotations) set.annotations[key] = value;
      if (!change.event.empty()) events.push_back(change.event);
    }
    for (const auto& name : plan.remove) std::erase_if(sets, [&](const auto& set) { return set.name == name; });
    if (plan.create) {
      RevisionView set;
      set.name = set.uid = plan.create->name;
      set.controller_uid = d.uid;
      set.labels = {{"app", "web"}};
      set.annotations = plan.create->annotations;
      set.template_key = d.template_key;
      set.replicas = plan.create->replicas;
      set.created = now;
      sets.push_back(set);
      if (!plan.create->event.empty()) events.push_back(plan.create->event);
    }
    if (!plan.revision.empty()) d.annotations[kRevisionAnnotation] = plan.revision;
    d.status = plan.status;
    return plan;
  }

  /// Every ReplicaSet has what it asks for, ready.
  void pods_follow() {
    for (auto& set : sets) {
      set.shown = set.ready = set.available = set.replicas;
      set.observed_generation = set.generation;
    }
  }

  void settle() {
    for (int i = 0; i < 30; ++i) {
      step();
      pods_follow();
      ++now;
    }
  }

  void change_template(const std::string& key) {
    d.template_key = key;
    d.template_hash = "h-" + key;
    ++d.generation;
  }

  RevisionView* find(const std::string& name) {
    const auto found = std::find_if(sets.begin(), sets.end(), [&](const auto& set) { return set.name == name; });
    return found == sets.end() ? nullptr : &*found;
  }

  std::string condition(const std::string& type) const {
    for (const auto& one : d.status.conditions) {
      if (one.type == type) return one.status + " " + one.reason;
    }
    return "absent";
  }

  DeploymentView d;
  std::vector<RevisionView> sets;
  std::vector<std::string> events;
  std::int64_t now = kStart;
};

TEST(Deployment, MakesOneReplicaSetAndReportsItsProgress) {
  World world(deployment(3));
  world.step();
  ASSERT_EQ(world.sets.size(), 1U);
  EXPECT_EQ(world.sets[0].name, "web-h1");
  EXPECT_EQ(world.sets[0].replicas, 3);
  EXPECT_EQ(world.sets[0].annotations.at(kDesiredAnnotation), "3");
  EXPECT_EQ(world.sets[0].annotations.at(kMaxAnnotation), "4");
  EXPECT_EQ(world.d.annotations.at(kRevisionAnnotation), "1");
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetCreated");
  EXPECT_EQ(world.condition("Available"), "False MinimumReplicasUnavailable");
  world.settle();
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable");
  EXPECT_EQ(world.condition("Available"), "True MinimumReplicasAvailable");
  EXPECT_EQ(world.d.status.updated, 3);
  EXPECT_EQ(world.events, (std::vector<std::string>{"Scaled up replica set web-h1 from 0 to 3"}));
}

TEST(Deployment, RollsInStepsOfSurgeAndUnavailable) {
  World world(deployment(3));
  world.settle();
  world.events.clear();
  world.change_template("two");
  world.settle();
  EXPECT_EQ(world.events,
            (std::vector<std::string>{
                "Scaled up replica set web-h-two from 0 to 1", "Scaled down replica set web-h1 from 3 to 2",
                "Scaled up replica set web-h-two from 1 to 2", "Scaled down replica set web-h1 from 2 to 1",
                "Scaled up replica set web-h-two from 2 to 3", "Scaled down replica set web-h1 from 1 to 0"}));
  EXPECT_EQ(world.d.annotations.at(kRevisionAnnotation), "2");
}

TEST(Deployment, GoingBackKeepsTheOldReplicaSetAndItsHistory) {
  World world(deployment(2));
  world.settle();
  world.change_template("two");
  world.settle();
  world.change_template("one");
  world.settle();
  EXPECT_EQ(world.sets.size(), 2U);
  EXPECT_EQ(world.find("web-h1")->replicas, 2);
  EXPECT_EQ(world.find("web-h1")->annotations.at(kRevisionAnnotation), "3");
  EXPECT_EQ(world.find("web-h1")->annotations.at(kHistoryAnnotation), "1");
  EXPECT_EQ(world.d.annotations.at(kRevisionAnnotation), "3");
}

TEST(Deployment, RecreateEndsTheOldBeforeItStartsTheNew) {
  DeploymentView view = deployment(3);
  view.recreate = true;
  World world(view);
  world.settle();
  world.change_template("two");
  world.step();
  EXPECT_EQ(world.sets.size(), 1U);
  EXPECT_EQ(world.sets[0].replicas, 0);
  EXPECT_FALSE(plan_deployment(world.d, world.sets, 2, world.now).create);  // pods of the old one still run
  world.settle();
  EXPECT_EQ(world.find("web-h-two")->replicas, 3);
}

TEST(Deployment, APausedOneScalesButDoesNotRoll) {
  World world(deployment(3));
  world.settle();
  world.d.paused = true;
  world.change_template("two");
  world.d.replicas = 5;
  world.settle();
  EXPECT_EQ(world.sets.size(), 1U);
  EXPECT_EQ(world.sets[0].replicas, 5);
  EXPECT_EQ(world.condition("Progressing"), "Unknown DeploymentPaused");
  world.d.paused = false;
  world.settle();
  EXPECT_EQ(world.find("web-h-two")->replicas, 5);
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable");
}

TEST(Deployment, ScalesInProportionInTheMiddleOfARollout) {
  DeploymentView view = deployment(10);
  view.max_surge = {3, false};
  view.max_unavailable = {2, false};
  World world(view);
  world.settle();
  world.change_template("two");
  world.step();  // 10 old, 3 new
  world.step();  // 8 old
  world.find("web-h1")->shown = world.find("web-h1")->ready = world.find("web-h1")->available = 8;
  world.step();
  EXPECT_EQ(world.find("web-h1")->replicas, 8);
  EXPECT_EQ(world.find("web-h-two")->replicas, 5);
  world.d.replicas = 15;
  world.step();
  EXPECT_EQ(world.find("web-h1")->replicas, 11);
  EXPECT_EQ(world.find("web-h-two")->replicas, 7);
}

TEST(Deployment, KeepsNoMoreOldReplicaSetsThanAsked) {
  DeploymentView view = deployment(1);
  view.history_limit = 2;
  World world(view);
  for (int i = 0; i < 6; ++i) {
    world.change_template("t" + std::to_string(i));
    world.settle();
  }
  EXPECT_EQ(world.sets.size(), 3U);
  EXPECT_NE(world.find("web-h-t5"), nullptr);
  EXPECT_NE(world.find("web-h-t3"), nullptr);
}

TEST(Deployment, SaysWhenTheProgressDeadlinePasses) {
  World world(deployment(2));
  world.step();
  const auto plan = world.step();
  EXPECT_EQ(plan.wake_at, kStart + 601);
  world.now = kStart + 601;
  world.step();
  EXPECT_EQ(world.condition("Progressing"), "False ProgressDeadlineExceeded");
  world.settle();
  EXPECT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable");
}

TEST(Deployment, RoundsSurgeUpAndUnavailableDown) {
  EXPECT_EQ((Share{25, true}.of(3, true)), 1);
  EXPECT_EQ((Share{25, true}.of(3, false)), 0);
  EXPECT_EQ((Share{30, true}.of(10, true)), 3);
  EXPECT_EQ((Share{7, false}.of(3, true)), 7);
}

/// Pods get ready and fail at random; the promises of the strategy hold at every step, and the end is reached.
TEST(Deployment, KeepsItsPromisesOnEveryWayToTheEnd) {
  for (unsigned seed = 1; seed <= 1000; ++seed) {
    std::mt19937 random(seed);
    DeploymentView view = deployment(static_cast<std::int32_t>(1 + random() % 10));
    view.max_surge = {static_cast<std::int32_t>(random() % 4), false};
    view.max_unavailable = {static_cast<std::int32_t>(random() % 4), false};
    World world(view);
    world.settle();
    const std::int32_t least =
        view.replicas - std::min(view.replicas, view.max_surge.value + view.max_unavailable.value == 0
                                                    ? 1
                                                    : view.max_unavailable.value);
    for (int round = 0; round < 3; ++round) {
      world.change_template("t" + std::to_string(random() % 3));
      for (int i = 0; i < 300; ++i) {
        world.step();
        ++world.now;
        std::int32_t asked = 0;
        std::int32_t available = 0;
        for (auto& set : world.sets) {
          asked += set.replicas;
          set.shown = set.replicas;
          set.available = std::min(set.available, set.replicas);
          if (set.available < set.replicas && random() % 2 == 0) ++set.available;
          set.ready = set.available;
          set.observed_generation = set.generation;
          available += set.available;
        }
        ASSERT_LE(asked, view.replicas + view.max_surge.value) << "seed " << seed;
        ASSERT_GE(available, least) << "seed " << seed;
        if (world.d.status.updated == view.replicas &&
            world.condition("Progressing") == "True NewReplicaSetAvailable") {
          break;
        }
      }
      ASSERT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable") << "seed " << seed;
      ASSERT_EQ(world.d.status.updated, view.replicas) << "seed " << seed;
      ASSERT_EQ(world.d.status.replicas, view.replicas) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace troupe::controllers
