#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "actors/controllers/deployment.hpp"
#include "actors/controllers/replicaset.hpp"

/// A Deployment, its ReplicaSets and their pods, driven by the controllers' decisions, while both controllers die after
/// any of their writes, pods die, and the user changes his mind. The number of seeds: TROUPE_SEEDS (default 200).
namespace troupe::controllers {
namespace {

constexpr std::int64_t kStart = 1'767'225'600;

unsigned seeds() {
  const char* given = std::getenv("TROUPE_SEEDS");
  return given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : 200;
}

class World {
 public:
  explicit World(unsigned seed) : random_(seed) {
    deployment.name = "web";
    deployment.uid = "deployment";
    deployment.generation = 1;
    deployment.selector.match_labels = {{"app", "web"}};
    deployment.history_limit = 2;
    deployment.progress_deadline = 600;
    change_strategy();
    change_template();
    deployment.replicas = pick(8);
  }

  /// What a user may do between two steps.
  void disturb() {
    switch (pick(9)) {
      case 0:
        return change_template();
      case 1:
        deployment.replicas = pick(9);
        ++deployment.generation;
        return;
      case 2:
        return change_strategy();
      case 3:
        deployment.paused = !deployment.paused;
        ++deployment.generation;
        return;
      case 4:
        if (!pods.empty()) pods.erase(pods.begin() + pick(static_cast<int>(pods.size())));  // somebody deletes it
        return;
      case 5:
        if (!pods.empty()) pods[static_cast<std::size_t>(pick(static_cast<int>(pods.size())))].phase = "Failed";
        return;
      case 6:
        if (!pods.empty()) pods[static_cast<std::size_t>(pick(static_cast<int>(pods.size())))].labels.clear();
        return;
      case 7:
        if (!sets.empty()) sets[static_cast<std::size_t>(pick(static_cast<int>(sets.size())))].controller_uid.clear();
        return;
      default:
        now += pick(700);
    }
  }

  /// Both controllers look once; each may die after any of its writes.
  void step(bool crashes) {
    crashes_ = crashes;
    decide_deployment();
    for (std::size_t i = 0; i < sets.size(); ++i) decide_replicaset(sets[i].uid);
    pods_live();
    ++now;
  }

  void unpause() {
    deployment.paused = false;
    ++deployment.generation;
  }

  std::int32_t asked() const {
    std::int32_t sum = 0;
    for (const auto& set : sets) sum += set.replicas;
    return sum;
  }
  const RevisionView* current() const {
    for (const auto& set : sets) {
      if (set.controller_uid == deployment.uid && set.template_key == deployment.template_key) return &set;
    }
    return nullptr;
  }
  std::int32_t pods_of(const std::string& uid) const {
    return static_cast<std::int32_t>(std::count_if(pods.begin(), pods.end(), [&](const PodView& pod) {
      return pod.controller_uid == uid && pod.phase == "Running" && pod.ready_since;
    }));
  }
  std::string condition(const std::string& type) const {
    for (const auto& one : deployment.status.conditions) {
      if (one.type == type) return one.status + " " + one.reason;
    }
    return "absent";
  }
  int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }

  DeploymentView deployment;
  std::vector<RevisionView> sets;
  std::vector<PodView> pods;
  std::int64_t now = kStart;

 private:
  /// One more write; false: the controller died before it.
  bool writes() { return !crashes_ || pick(6) != 0; }

  void change_template() {
    deployment.template_key = "t" + std::to_string(pick(5));
    deployment.template_hash = "h-" + deployment.template_key;
    ++deployment.generation;
  }
  void change_strategy() {
    deployment.recreate = pick(4) == 0;
    deployment.max_surge = {pick(3) == 0 ? 25 : pick(4), false};
    deployment.max_unavailable = {pick(4), false};
    if (deployment.max_surge.value == 25) deployment.max_surge.percent = true;
    deployment.min_ready = pick(3);
    ++deployment.generation;
  }

  RevisionView* find(const std::string& name) {
    const auto found = std::find_if(sets.begin(), sets.end(), [&](const auto& set) { return set.name == name; });
    return found == sets.end() ? nullptr : &*found;
  }

  void decide_deployment() {
    std::int32_t old_pods = 0;
    for (const auto& pod : pods) {
      const auto set =
          std::find_if(sets.begin(), sets.end(), [&](const auto& s) { return s.uid == pod.controller_uid; });
      const bool mine = set != sets.end() && set->controller_uid == deployment.uid;
      if (mine && set->template_key != deployment.template_key && pod.phase == "Running") ++old_pods;
    }
    const DeploymentPlan plan = plan_deployment(deployment, sets, old_pods, now);
    for (const auto& name : plan.adopt) {
      if (!writes()) return;
      find(name)->controller_uid = deployment.uid;
    }
    for (const auto& change : plan.change) {
      if (!writes()) return;
      RevisionView& set = *find(change.name);
      if (change.replicas) {
        set.replicas = *change.replicas;
        ++set.generation;
      }
      if (change.min_ready) set.min_ready = *change.min_ready;
      for (const auto& [key, value] : change.annotations) set.annotations[key] = value;
    }
    for (const auto& name : plan.remove) {
      if (!writes()) return;
      std::erase_if(sets, [&](const auto& set) { return set.name == name; });
    }
    if (plan.create && find(plan.create->name) == nullptr) {
      if (!writes()) return;
      RevisionView set;
      set.name = set.uid = plan.create->name;
      set.controller_uid = deployment.uid;
      set.labels = {{"app", "web"}};
      set.annotations = plan.create->annotations;
      set.template_key = deployment.template_key;
      set.replicas = plan.create->replicas;
      set.min_ready = deployment.min_ready;
      set.created = now;
      sets.push_back(set);
    }
    if (!writes()) return;
    if (!plan.revision.empty()) deployment.annotations[kRevisionAnnotation] = plan.revision;
    deployment.status = plan.status;
  }

  void decide_replicaset(const std::string& uid) {
    RevisionView& set = *std::find_if(sets.begin(), sets.end(), [&](const auto& one) { return one.uid == uid; });
    ReplicaSetView view;
    view.uid = uid;
    view.generation = set.generation;
    view.replicas = set.replicas;
    view.min_ready = std::chrono::seconds(set.min_ready);
    view.selector.match_labels = {{"app", "web"}, {kHashLabel, set.template_key}};
    const ReplicaSetPlan plan = reconcile(view, pods, 0, 0, Time(std::chrono::seconds(now)));
    for (const auto& name : plan.adopt) {
      if (!writes()) return;
      pod(name).controller_uid = uid;
    }
    for (const auto& name : plan.release) {
      if (!writes()) return;
      pod(name).controller_uid.clear();
    }
    for (int i = 0; i < plan.create; ++i) {
      if (!writes()) return;
      PodView made;
      made.name = set.name + "-" + std::to_string(next_++);
      made.labels = view.selector.match_labels;
      made.controller_uid = uid;
      made.node_name = "n";
      made.phase = "Running";
      made.created = Time(std::chrono::seconds(now));
      pods.push_back(made);
    }
    for (const auto& name : plan.remove) {
      if (!writes()) return;
      std::erase_if(pods, [&](const auto& one) { return one.name == name; });
    }
    if (!writes()) return;
    set.shown = plan.status.replicas;
    set.ready = plan.status.ready;
    set.available = plan.status.available;
    set.observed_generation = plan.status.observed_generation;
  }

  PodView& pod(const std::string& name) {
    return *std::find_if(pods.begin(), pods.end(), [&](const auto& one) { return one.name == name; });
  }

  void pods_live() {
    for (auto& one : pods) {
      if (one.phase == "Running" && !one.ready_since && pick(2) == 0) {
        one.ready_since = Time(std::chrono::seconds(now));
      }
    }
  }

  std::mt19937 random_;
  bool crashes_ = false;
  int next_ = 0;
};

TEST(Rollout, ReachesWhatIsWantedWhateverDiesOnTheWay) {
  for (unsigned seed = 1; seed <= seeds(); ++seed) {
    World world(seed);
    for (int i = 0; i < 120; ++i) {
      if (world.pick(5) == 0) world.disturb();
      world.step(true);
    }
    if (world.deployment.paused) world.unpause();
    for (int i = 0; i < 200; ++i) world.step(false);
    const std::int32_t wanted = world.deployment.replicas;
    const RevisionView* current = world.current();
    ASSERT_NE(current, nullptr) << "seed " << seed;
    ASSERT_EQ(current->replicas, wanted) << "seed " << seed;
    ASSERT_EQ(world.asked(), wanted) << "seed " << seed;
    ASSERT_EQ(world.pods_of(current->uid), wanted) << "seed " << seed;
    ASSERT_EQ(world.deployment.status.updated, wanted) << "seed " << seed;
    ASSERT_EQ(world.deployment.status.available, wanted) << "seed " << seed;
    ASSERT_EQ(world.deployment.status.unavailable, 0) << "seed " << seed;
    ASSERT_EQ(world.deployment.status.observed_generation, world.deployment.generation) << "seed " << seed;
    ASSERT_EQ(world.condition("Progressing"), "True NewReplicaSetAvailable") << "seed " << seed;
    ASSERT_EQ(world.condition("Available"), "True MinimumReplicasAvailable") << "seed " << seed;
    ASSERT_LE(world.sets.size(), 3u) << "seed " << seed;  // the current one and two of its history
    ASSERT_EQ(world.deployment.annotations[kRevisionAnnotation], current->annotations.at(kRevisionAnnotation))
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace troupe::controllers
