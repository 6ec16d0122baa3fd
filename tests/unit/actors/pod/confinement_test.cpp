#include "actors/pod/confinement.hpp"

#include <gtest/gtest.h>

namespace troupe::pod {
namespace {

ContainerSpec limited(std::map<std::string, std::string> limits, std::map<std::string, std::string> requests = {}) {
  ContainerSpec out;
  out.name = "main";
  out.limits = std::move(limits);
  out.requests = std::move(requests);
  return out;
}

TEST(Confinement, TakesLimitsFromQuantities) {
  const auto bounds = bounds_of({}, limited({{"memory", "64Mi"}, {"cpu", "250m"}}, {{"cpu", "100m"}}));
  ASSERT_TRUE(bounds) << bounds.error().message;
  EXPECT_EQ(bounds->memory_bytes, 64u << 20u);
  EXPECT_EQ(bounds->cpu_millis, 250u);
  EXPECT_EQ(bounds->cpu_shares, 102u);
  EXPECT_FALSE(bounds->pids);
}

TEST(Confinement, TheLimitsOfThePodHoldForWhoHasNoneOfItsOwn) {
  PodSpec pod;
  pod.limits = {{"memory", "64Mi"}, {"cpu", "1"}};
  const auto bounds = bounds_of(pod, limited({{"cpu", "250m"}}));
  ASSERT_TRUE(bounds) << bounds.error().message;
  EXPECT_EQ(bounds->memory_bytes, 64u << 20u);
  EXPECT_EQ(bounds->cpu_millis, 250u);
  ContainerSpec added = limited({});
  added.kind = ContainerKind::kEphemeral;
  EXPECT_FALSE(bounds_of(pod, added)->memory_bytes) << "debugging must not cost the pod its memory";
}

TEST(Confinement, RefusesIdsThatTheSystemWouldCut) {
  for (const std::int64_t wrong : {std::int64_t{-1}, std::int64_t{4294967295}, std::int64_t{4294967296}}) {
    PodSpec pod;
    ContainerSpec container;
    runtime::ContainerSpec out;
    container.security.run_as_non_root = true;
    container.security.run_as_user = wrong;
    const Status as_user = confine(pod, container, out);
    ASSERT_FALSE(as_user);
    EXPECT_EQ(as_user.error().message,
              "securityContext.runAsUser: " + std::to_string(wrong) + " is no id: use 0 to 2147483647");
    container.security.run_as_user = 1000;
    container.security.run_as_group = wrong;
    EXPECT_FALSE(confine(pod, container, out));
    container.security.run_as_group = 1000;
    pod.fs_group = wrong;
    container.security.groups = {77, wrong};
    EXPECT_NE(confine(pod, container, out).error().message.find("fsGroup"), std::string::npos);
    EXPECT_FALSE(out.user && *out.user == 0);
  }
}

TEST(Confinement, AsksForNoGroupWithoutALimit) {
  const auto bounds = bounds_of({}, limited({}, {{"cpu", "1"}, {"memory", "1Gi"}}));
  ASSERT_TRUE(bounds);
  EXPECT_TRUE(bounds->empty());
}

TEST(Confinement, TakesALimitOfProcessesFromTheAnnotation) {
  PodSpec pod;
  pod.annotations = {{std::string(kPidsAnnotation), "20"}};
  EXPECT_EQ(bounds_of(pod, limited({}))->pids, 20u);
  for (const char* wrong : {"", "0", "-1", "many", "5x"}) {
    pod.annotations[std::string(kPidsAnnotation)] = wrong;
    EXPECT_EQ(bounds_of(pod, limited({})).error().code, ErrorCode::kInvalidArgument) << wrong;
  }
}

TEST(Confinement, DropsWhatTheNodeCannotKeepAndSaysWhy) {
  auto bounds = *bounds_of({}, limited({{"memory", "1Mi"}, {"cpu", "1"}}));
  EXPECT_EQ(drop_unenforceable({}, bounds), "");
  EXPECT_EQ(drop_unenforceable({"no group", "", "no group"}, bounds), "memory: no group");
  EXPECT_FALSE(bounds.memory_bytes);
  EXPECT_TRUE(bounds.cpu_millis);
}

TEST(Confinement, APodGetsTheProcessesThatItAsksToSee) {
  using runtime::PidScope;
  PodSpec pod;
  EXPECT_EQ(*pid_scope(pod), PidScope::kNode);
  pod.annotations[std::string(kPidNamespaceAnnotation)] = "container";
  EXPECT_EQ(*pid_scope(pod), PidScope::kContainer);
  pod.share_processes = true;
  EXPECT_EQ(*pid_scope(pod), PidScope::kSandbox);
  pod.host_pid = true;
  EXPECT_EQ(*pid_scope(pod), PidScope::kNode);
  pod.annotations[std::string(kPidNamespaceAnnotation)] = "moon";
  EXPECT_EQ(pid_scope(pod).error().message, "troupe.dev/pid-namespace: \"moon\" is neither container nor node");
}

TEST(Confinement, WithoutPrivilegesAPodSeesTheNodesProcessesAndIsTold) {
  PodSpec pod;
  pod.share_processes = true;
  ContainerSpec container;
  container.name = "main";
  runtime::ContainerSpec wanted;
  wanted.pids = runtime::PidScope::kSandbox;
  EXPECT_TRUE(drop_unkept(pod, container, {}, {true, true}, wanted).empty());
  EXPECT_EQ(wanted.pids, runtime::PidScope::kSandbox);
  wanted.confinement.bounds.memory_bytes = 1;
  const auto unkept =
      drop_unkept(pod, container, {"no group", "", ""}, {false, false, true, "it is forbidden"}, wanted);
  ASSERT_EQ(unkept.size(), 2U);
  EXPECT_EQ(unkept[0].reason, "LimitsNotEnforced");
  EXPECT_EQ(unkept[0].message, "Resource limits of container main are not enforced: memory: no group");
  EXPECT_EQ(unkept[1].reason, "NoPidNamespace");
  EXPECT_EQ(unkept[1].message,
            "Container main sees the processes of the node: a PID namespace needs privileges that Troupe does not have "
            "(it is forbidden)");
  EXPECT_EQ(wanted.pids, runtime::PidScope::kNode);
}

TEST(Confinement, InAUserNamespaceAPodKeepsItsProcessesToItselfAndIsToldWhatLiesOnDisk) {
  const runtime::Namespaces by_users{true, true, true, ""};
  PodSpec pod;
  pod.share_processes = true;
  VolumeSpec memory;
  memory.name = "fast";
  memory.kind = VolumeSpec::Kind::kEmptyDir;
  memory.in_memory = true;
  pod.volumes = {memory};
  ContainerSpec container;
  container.name = "main";
  runtime::ContainerSpec wanted;
  wanted.pids = runtime::PidScope::kSandbox;
  EXPECT_TRUE(drop_unkept(pod, container, {}, by_users, wanted).empty()) << "it does not mount the volume";
  EXPECT_EQ(wanted.pids, runtime::PidScope::kSandbox);
  container.mounts = {{"fast", "/fast", "", false, false}};
  const auto unkept = drop_unkept(pod, container, {}, by_users, wanted);
  ASSERT_EQ(unkept.size(), 1U);
  EXPECT_EQ(unkept[0].reason, "VolumeNotInMemory");
  EXPECT_EQ(unkept[0].message,
            "Volume fast of container main is kept on disk: a file system in memory needs privileges that Troupe does "
            "not have");
  EXPECT_TRUE(drop_unkept(pod, container, {}, {true, true}, wanted).empty());
}

TEST(Confinement, KeepsTheCapabilitiesThatAreNotDropped) {
  SecuritySpec security;
  EXPECT_EQ(*capabilities_of(security), std::nullopt);
  security.drop_capabilities = {"ALL"};
  security.add_capabilities = {"NET_BIND_SERVICE", "CAP_CHOWN"};
  EXPECT_EQ(*capabilities_of(security), (std::uint64_t{1} << 10u) | 1u);
  security.drop_capabilities = {"KILL"};
  security.add_capabilities = {};
  EXPECT_EQ(*capabilities_of(security), ~(std::uint64_t{1} << 5u));
  security.drop_capabilities = {"FLY"};
  EXPECT_EQ(capabilities_of(security).error().message, "unknown capability \"FLY\"");
}

TEST(Confinement, RefusesRootWhereThePodMustNotRunAsRoot) {
  PodSpec pod;
  pod.ns = "default";
  pod.name = "web";
  pod.uid = "u1";
  ContainerSpec container = limited({});
  container.security.run_as_non_root = true;
  container.security.run_as_user = 0;
  runtime::ContainerSpec out;
  EXPECT_EQ(confine(pod, container, out).error().message,
            "container's runAsUser breaks non-root policy (pod: \"web_default(u1)\", container: main)");
  container.security.run_as_user = 1000;
  container.security.groups = {5, 6};
  ASSERT_TRUE(confine(pod, container, out));
  EXPECT_EQ(out.user, 1000u);
  EXPECT_EQ(out.supplementary_groups, (std::vector<gid_t>{5, 6}));
}

}  // namespace
}  // namespace troupe::pod
