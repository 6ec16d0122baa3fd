#include "actors/scheduler/placement.hpp"

#include <gtest/gtest.h>

#include <random>

namespace troupe::scheduler {
namespace {

NodeState node(const std::string& name) {
  NodeState out;
  out.info.name = name;
  out.info.ready = true;
  out.info.labels = {{"kubernetes.io/hostname", name}, {"disk", "ssd"}, {"cores", "8"}};
  out.info.allocatable = {{"cpu", 2000}, {"memory", 4LL << 30}, {"pods", 10}};
  return out;
}

PodInfo pod(const std::string& name = "p") {
  PodInfo out;
  out.ns = "default";
  out.name = name;
  out.uid = name;
  return out;
}

Snapshot two() { return {{"a", node("a")}, {"b", node("b")}}; }

TEST(Placement, FitsAPodThatAsksForNothing) { EXPECT_TRUE(obstacles(pod(), node("a")).empty()); }

TEST(Placement, NamesEveryResourceThatIsShort) {
  PodInfo p = pod();
  p.requests = {{"cpu", 2001}, {"memory", 5LL << 30}, {"example.com/card", 1}};
  EXPECT_EQ(obstacles(p, node("a")),
            (std::vector<std::string>{"Insufficient cpu", "Insufficient example.com/card", "Insufficient memory"}));
  p.requests = {{"cpu", 2000}};
  EXPECT_TRUE(obstacles(p, node("a")).empty());
}

TEST(Placement, CountsPodsThatAreThere) {
  NodeState n = node("a");
  for (int i = 0; i < 10; ++i) place(n, pod(std::to_string(i)));
  EXPECT_EQ(obstacles(pod(), n), (std::vector<std::string>{"Too many pods"}));
  unplace(n, pod("0"));
  EXPECT_TRUE(obstacles(pod(), n).empty());
}

TEST(Placement, KeepsPodsOffCordonedTaintedAndUnreadyNodes) {
  NodeState n = node("a");
  n.info.unschedulable = true;
  EXPECT_EQ(obstacles(pod(), n), (std::vector<std::string>{"node(s) were unschedulable"}));
  n = node("a");
  n.info.taints = {{"dedicated", "db", "NoSchedule"}};
  EXPECT_EQ(obstacles(pod(), n), (std::vector<std::string>{"node(s) had untolerated taint {dedicated: db}"}));
  PodInfo p = pod();
  p.tolerations = {{"dedicated", false, "db", "NoSchedule"}};
  EXPECT_TRUE(obstacles(p, n).empty());
  n = node("a");
  n.info.ready = false;
  EXPECT_FALSE(obstacles(pod(), n).empty());
}

TEST(Placement, TolerationsMatchAsKubernetesSays) {
  const Taint taint{"k", "v", "NoSchedule"};
  struct Case {
    Toleration toleration;
    bool expected;
  };
  for (const Case& c :
       {Case{{"", true, "", ""}, true}, Case{{"", false, "", ""}, false}, Case{{"k", true, "", ""}, true},
        Case{{"k", false, "v", ""}, true}, Case{{"k", false, "w", ""}, false},
        Case{{"k", false, "v", "NoExecute"}, false}, Case{{"other", true, "", ""}, false}}) {
    PodInfo p = pod();
    p.tolerations = {c.toleration};
    EXPECT_EQ(tolerates(p, taint), c.expected) << c.toleration.key << "/" << c.toleration.value;
  }
}

TEST(Placement, SelectorAndAffinityMustMatch) {
  PodInfo p = pod();
  p.selector = {{"disk", "ssd"}};
  EXPECT_TRUE(obstacles(p, node("a")).empty());
  p.selector = {{"disk", "hdd"}};
  EXPECT_EQ(obstacles(p, node("a")), (std::vector<std::string>{"node(s) didn't match Pod's node affinity/selector"}));
}

TEST(Placement, AffinityOperators) {
  struct Case {
    Requirement requirement;
    bool expected;
  };
  for (const Case& c :
       {Case{{"disk", "In", {"hdd", "ssd"}}, true}, Case{{"disk", "NotIn", {"ssd"}}, false},
        Case{{"none", "NotIn", {"x"}}, true}, Case{{"disk", "Exists", {}}, true},
        Case{{"none", "DoesNotExist", {}}, true}, Case{{"cores", "Gt", {"7"}}, true},
        Case{{"cores", "Lt", {"8"}}, false}, Case{{"disk", "Gt", {"7"}}, false}, Case{{"disk", "Magic", {}}, false}}) {
    EXPECT_EQ(matches({NodeTerm{{c.requirement}, {}}}, node("a").info), c.expected) << c.requirement.op;
  }
  EXPECT_TRUE(matches({NodeTerm{{}, {{"metadata.name", "In", {"a"}}}}}, node("a").info));
  EXPECT_FALSE(matches({NodeTerm{}}, node("a").info));
  EXPECT_FALSE(matches({}, node("a").info));
}

TEST(Placement, AHostPortIsTakenOnce) {
  NodeState n = node("a");
  PodInfo p = pod();
  p.ports = {{80, "TCP", ""}};
  place(n, p);
  EXPECT_EQ(obstacles(p, n), (std::vector<std::string>{"node(s) didn't have free ports for the requested pod ports"}));
  p.ports = {{80, "UDP", ""}};
  EXPECT_TRUE(obstacles(p, n).empty());
}

TEST(Placement, PrefersTheEmptierNodeAndIsStable) {
  Snapshot nodes = two();
  EXPECT_EQ(choose(pod(), nodes).value(), "a");
  PodInfo big = pod("big");
  big.requests = {{"cpu", 1000}, {"memory", 2LL << 30}};
  place(nodes.at("a"), big);
  EXPECT_EQ(choose(pod(), nodes).value(), "b");
}

TEST(Placement, AvoidsANodeThatPrefersNoPods) {
  Snapshot nodes = two();
  nodes.at("a").info.taints = {{"k", "v", "PreferNoSchedule"}};
  EXPECT_EQ(choose(pod(), nodes).value(), "b");
}

TEST(Placement, SaysInKubernetesWordsWhyNothingFits) {
  EXPECT_EQ(choose(pod(), {}).error().message, "no nodes available to schedule pods");
  Snapshot nodes = two();
  nodes.emplace("c", node("c"));
  nodes.at("c").info.unschedulable = true;
  PodInfo p = pod();
  p.requests = {{"cpu", 9000}};
  EXPECT_EQ(choose(p, nodes).error().message,
            "0/3 nodes are available: 1 node(s) were unschedulable, 2 Insufficient cpu.");
}

TEST(Placement, PlacingAndTakingBackLeavesNothing) {
  std::mt19937 random(7);
  NodeState n = node("a");
  std::vector<PodInfo> placed;
  for (int i = 0; i < 2000; ++i) {
    if (placed.empty() || random() % 2 == 0) {
      PodInfo p = pod(std::to_string(i));
      p.requests = {{"cpu", random() % 100}, {"memory", random() % 1000}};
      if (random() % 4 == 0) p.ports = {{static_cast<std::int32_t>(random() % 5 + 1), "TCP", ""}};
      if (!obstacles(p, n).empty()) continue;
      place(n, p);
      placed.push_back(p);
    } else {
      const std::size_t which = random() % placed.size();
      unplace(n, placed[which]);
      placed.erase(placed.begin() + static_cast<std::ptrdiff_t>(which));
    }
    ASSERT_LE(n.pods, 10);
    ASSERT_LE(n.used["cpu"], 2000);
  }
  for (const auto& p : placed) unplace(n, p);
  EXPECT_EQ(n.pods, 0);
  EXPECT_EQ(n.used["cpu"], 0);
  EXPECT_TRUE(n.ports.empty());
}

}  // namespace
}  // namespace troupe::scheduler
