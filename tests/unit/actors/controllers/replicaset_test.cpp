#include "actors/controllers/replicaset.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe::controllers {
namespace {

using namespace std::chrono_literals;

const Time kStart{std::chrono::hours(480'000)};

ReplicaSetView set(std::int32_t replicas) {
  ReplicaSetView out;
  out.uid = "set";
  out.generation = 4;
  out.replicas = replicas;
  out.selector.match_labels = {{"app", "web"}};
  out.template_labels = {{"app", "web"}, {"tier", "front"}};
  return out;
}

PodView pod(const std::string& name, std::string owner = "set") {
  PodView out;
  out.name = out.uid = name;
  out.labels = {{"app", "web"}, {"tier", "front"}};
  out.controller_uid = std::move(owner);
  out.node_name = "n1";
  out.phase = "Running";
  out.ready_since = kStart;
  out.created = kStart;
  return out;
}

TEST(ReplicaSet, CreatesWhatIsMissingOnce) {
  EXPECT_EQ(reconcile(set(3), {pod("a")}, 0, 0, kStart).create, 2);
  EXPECT_EQ(reconcile(set(3), {pod("a")}, 2, 0, kStart).create, 0);
  EXPECT_EQ(reconcile(set(3), {pod("a"), pod("b"), pod("c")}, 0, 1, kStart).create, 1);
}

TEST(ReplicaSet, DoesNotCountPodsThatEndOrEnded) {
  PodView deleting = pod("a");
  deleting.deleting = true;
  PodView failed = pod("b");
  failed.phase = "Failed";
  EXPECT_EQ(reconcile(set(2), {deleting, failed}, 0, 0, kStart).create, 2);
}

TEST(ReplicaSet, RemovesTheLeastMissedFirst) {
  PodView unplaced = pod("unplaced");
  unplaced.node_name.clear();
  unplaced.phase = "Pending";
  unplaced.ready_since.reset();
  PodView unready = pod("unready");
  unready.ready_since.reset();
  PodView young = pod("young");
  young.ready_since = kStart + 1h;
  PodView cheap = pod("cheap");
  cheap.deletion_cost = -1;
  const std::vector<PodView> pods = {pod("old"), young, unready, cheap, unplaced};
  EXPECT_EQ(reconcile(set(0), pods, 0, 0, kStart + 2h).remove,
            (std::vector<std::string>{"unplaced", "unready", "cheap", "young", "old"}));
  EXPECT_EQ(reconcile(set(4), pods, 0, 0, kStart + 2h).remove, (std::vector<std::string>{"unplaced"}));
}

TEST(ReplicaSet, AdoptsOrphansAndReleasesWhatTheSelectorLeft) {
  PodView other = pod("other", "another set");
  PodView left = pod("left");
  left.labels = {{"app", "db"}};
  const auto plan = reconcile(set(2), {pod("orphan", ""), left, other, pod("own")}, 0, 0, kStart);
  EXPECT_EQ(plan.adopt, (std::vector<std::string>{"orphan"}));
  EXPECT_EQ(plan.release, (std::vector<std::string>{"left"}));
  EXPECT_EQ(plan.create, 0);
  EXPECT_TRUE(plan.remove.empty());
}

TEST(ReplicaSet, CountsReadyAvailableAndLabeled) {
  ReplicaSetView wanted = set(3);
  wanted.min_ready = 10s;
  PodView fresh = pod("fresh");
  fresh.ready_since = kStart + 55s;
  PodView bare = pod("bare");
  bare.labels.erase("tier");
  PodView unready = pod("unready");
  unready.ready_since.reset();
  const auto plan = reconcile(wanted, {fresh, bare, unready}, 0, 0, kStart + 1min);
  EXPECT_EQ(plan.status, (ReplicaSetStatus{3, 2, 2, 1, 4}));
  EXPECT_EQ(plan.wake_at, kStart + 65s);
}

TEST(ReplicaSet, ADeletedSetTouchesNothing) {
  ReplicaSetView wanted = set(3);
  wanted.deleting = true;
  const auto plan = reconcile(wanted, {pod("a"), pod("orphan", "")}, 0, 0, kStart);
  EXPECT_EQ(plan.create, 0);
  EXPECT_TRUE(plan.remove.empty() && plan.adopt.empty());
}

TEST(ReplicaSet, ReachesTheCountFromAnywhere) {
  for (unsigned seed = 1; seed <= 500; ++seed) {
    std::mt19937 random(seed);
    std::vector<PodView> pods;
    std::int32_t wanted = 0;
    for (int step = 0; step < 20; ++step) {
      if (random() % 3 == 0) wanted = static_cast<std::int32_t>(random() % 12);
      if (!pods.empty() && random() % 3 == 0)
        pods.erase(pods.begin() + static_cast<std::ptrdiff_t>(random() % pods.size()));
      if (!pods.empty() && random() % 4 == 0) pods[random() % pods.size()].phase = "Failed";
      const auto plan = reconcile(set(wanted), pods, 0, 0, kStart);
      ASSERT_TRUE(plan.create == 0 || plan.remove.empty());
      for (const auto& name : plan.remove) std::erase_if(pods, [&](const PodView& p) { return p.name == name; });
      for (int i = 0; i < plan.create; ++i) pods.push_back(pod(std::to_string(step) + "-" + std::to_string(i)));
      ASSERT_EQ(reconcile(set(wanted), pods, 0, 0, kStart).status.replicas, wanted) << "seed " << seed;
    }
  }
}

}  // namespace
}  // namespace troupe::controllers
