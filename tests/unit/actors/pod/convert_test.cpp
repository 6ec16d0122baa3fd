#include "actors/pod/convert.hpp"

#include <capnp/message.h>
#include <gtest/gtest.h>

#include <functional>

#include "schema/core_v1.capnp.h"
#include "tests/unit/actors/pod/pod_fixture.hpp"

namespace troupe::pod {
namespace {

using namespace std::chrono_literals;
namespace core = k8s::core::v1;

Segment flatten(core::Pod::Reader pod) {
  Segment words(pod.totalSize().wordCount + 1);
  capnp::copyToUnchecked(pod, kj::arrayPtr(reinterpret_cast<capnp::word*>(words.data()), words.size()));
  return words;
}

Segment sample() {
  capnp::MallocMessageBuilder builder;
  auto root = builder.initRoot<core::Pod>();
  auto meta = root.initMetadata();
  meta.setName("web");
  meta.setNamespace("default");
  meta.setUid("u-1");
  meta.setGeneration(3);
  auto label = meta.initLabels(1)[0];
  label.setKey("app");
  label.setValue("web");
  auto spec = root.initSpec();
  spec.setNodeName("n1");
  spec.setRestartPolicy("OnFailure");
  spec.setTerminationGracePeriodSeconds(5);
  spec.setHasTerminationGracePeriodSeconds(true);
  spec.initInitContainers(2)[0].setName("init");
  spec.getInitContainers()[1].setName("side");
  spec.getInitContainers()[1].setRestartPolicy("Always");
  auto main = spec.initContainers(1)[0];
  main.setName("main");
  main.initCommand(1).set(0, "/bin/true");
  auto env = main.initEnv(2);
  env[0].setName("A");
  env[0].setValue("1");
  env[1].setName("B");
  env[1].initValueFrom().initFieldRef().setFieldPath("status.podIP");
  auto limit = main.initResources().initLimits(1)[0];
  limit.setKey("cpu");
  limit.setValue("500m");
  auto condition = root.initStatus().initConditions(2);
  condition[0].setType("PodScheduled");
  condition[0].setStatus("True");
  condition[1].setType("example.com/gate");
  condition[1].setStatus("False");
  return flatten(root.asReader());
}

TEST(Convert, AContainersSeccompProfileWinsOverThePods) {
  capnp::MallocMessageBuilder builder;
  auto spec = builder.initRoot<core::Pod>().initSpec();
  spec.initSecurityContext().initSeccompProfile().setType("RuntimeDefault");
  auto containers = spec.initContainers(3);
  containers[1].initSecurityContext().initSeccompProfile().setType("Localhost");
  containers[1].getSecurityContext().getSeccompProfile().setLocalhostProfile("a/b.json");
  containers[2].initSecurityContext().initSeccompProfile().setType("Unconfined");
  const auto object = read_pod(flatten(builder.getRoot<core::Pod>().asReader()));
  ASSERT_TRUE(object) << object.error().message;
  using Kind = SeccompSpec::Kind;
  const auto security = [&](std::size_t i) { return object->spec.containers[i].security; };
  EXPECT_EQ(security(0).seccomp, (SeccompSpec{Kind::kRuntimeDefault, ""}));
  EXPECT_EQ(security(1).seccomp, (SeccompSpec{Kind::kLocalhost, "a/b.json"}));
  EXPECT_EQ(security(2).seccomp, (SeccompSpec{Kind::kUnconfined, ""}));
}

TEST(Convert, ReadsRestartRulesOfEveryContainer) {
  capnp::MallocMessageBuilder builder;
  auto spec = builder.initRoot<core::Pod>().initSpec();
  auto init = spec.initInitContainers(1)[0];
  init.setRestartPolicy("Never");
  auto retry = init.initRestartPolicyRules(1)[0];
  retry.setAction("Restart");
  retry.initExitCodes().setOperator("In");
  retry.getExitCodes().setValues({3, 4});
  auto main = spec.initContainers(1)[0];
  main.setRestartPolicy("OnFailure");
  auto all = main.initRestartPolicyRules(1)[0];
  all.setAction("RestartAllContainers");
  all.initExitCodes().setOperator("NotIn");
  all.getExitCodes().setValues({0});
  const auto object = read_pod(flatten(builder.getRoot<core::Pod>().asReader()));
  ASSERT_TRUE(object);
  const auto& containers = object->spec.containers;
  ASSERT_EQ(containers.size(), 2U);
  EXPECT_EQ(containers[0].restart_policy, RestartPolicy::kNever);
  EXPECT_EQ(containers[0].restart_rules, (std::vector<RestartRule>{{RuleAction::kRestart, false, {3, 4}}}));
  EXPECT_EQ(containers[1].restart_policy, RestartPolicy::kOnFailure);
  EXPECT_EQ(containers[1].restart_rules, (std::vector<RestartRule>{{RuleAction::kRestartAll, true, {0}}}));
}

TEST(Convert, ReadsWhatTheLifeCycleNeeds) {
  const auto object = read_pod(sample());
  ASSERT_TRUE(object) << object.error().message;
  const PodSpec& spec = object->spec;
  EXPECT_EQ(spec.describe(), "web_default(u-1)");
  EXPECT_EQ(spec.generation, 3);
  EXPECT_EQ(spec.restart_policy, RestartPolicy::kOnFailure);
  EXPECT_EQ(spec.grace, 5s);
  EXPECT_FALSE(spec.deletion_grace);
  EXPECT_EQ(spec.labels.at("app"), "web");
  ASSERT_EQ(spec.containers.size(), 3U);
  EXPECT_EQ(spec.containers[0].kind, ContainerKind::kInit);
  EXPECT_EQ(spec.containers[1].kind, ContainerKind::kSidecar);
  EXPECT_EQ(spec.containers[2].kind, ContainerKind::kMain);
  EXPECT_EQ(spec.containers[2].command, (std::vector<std::string>{"/bin/true"}));
  EXPECT_EQ(spec.containers[2].env.at(1).path, "status.podIP");
  EXPECT_EQ(spec.containers[2].limits.at("cpu"), "500m");
}

TEST(Convert, GatesAreReadWithTheConditionsOfOthers) {
  capnp::MallocMessageBuilder builder;
  auto root = builder.initRoot<core::Pod>();
  auto gates = root.initSpec().initReadinessGates(4);
  gates[0].setConditionType("example.com/gate");
  gates[1].setConditionType("example.com/missing");
  gates[2].setConditionType("example.com/twice");
  gates[3].setConditionType("ContainersReady");
  auto conditions = root.initStatus().initConditions(4);
  const std::pair<const char*, const char*> shown[] = {{"example.com/gate", "False"},
                                                       {"example.com/twice", "True"},
                                                       {"example.com/twice", "False"},
                                                       {"ContainersReady", "True"}};
  for (unsigned i = 0; i < conditions.size(); ++i) {
    conditions[i].setType(shown[i].first);
    conditions[i].setStatus(shown[i].second);
  }
  const PodObject object = read_pod(flatten(root.asReader())).value();
  const std::vector<ReadinessGate> expected = {{"example.com/gate", "False"},
                                               {"example.com/missing", std::nullopt},
                                               {"example.com/twice", "True"},
                                               {"ContainersReady", std::nullopt}};
  EXPECT_EQ(object.spec.gates, expected) << "what the node half writes itself would be heard as news for ever";
}

TEST(Convert, FieldsThatNobodyActsUponAreNamed) {
  capnp::MallocMessageBuilder builder;
  auto spec = builder.initRoot<core::Pod>().initSpec();
  spec.setDnsPolicy("None");
  spec.setHostUsers(true);
  spec.setHasHostUsers(true);
  auto security = spec.initSecurityContext();
  security.initSeccompProfile().setType("RuntimeDefault");
  security.initAppArmorProfile().setType("Unconfined");
  security.initSysctls(1)[0].setName("net.core.somaxconn");
  auto containers = spec.initContainers(2);
  containers[0].setName("a");
  auto mounts = containers[0].initVolumeMounts(2);
  mounts[0].setName("v");
  mounts[0].setMountPropagation("Bidirectional");
  mounts[1].setName("w");
  mounts[1].setMountPropagation("None");
  containers[1].setName("b");
  containers[1].initSecurityContext().initSeLinuxOptions().setLevel("s0");
  auto volume = spec.initVolumes(1)[0];
  volume.setName("t");
  volume.initVolumeSource().initProjected().initSources(1)[0].initServiceAccountToken().setPath("token");
  auto limit = spec.initResources().initLimits(1)[0];
  limit.setKey("memory");
  limit.setValue("64Mi");
  const PodObject object = read_pod(flatten(builder.getRoot<core::Pod>().asReader())).value();
  const std::vector<std::string> expected = {
      "spec.dnsPolicy",
      "spec.resources.limits (each container is held to them by itself, not all together)",
      "spec.securityContext.sysctls",
      "spec.volumes{t}.projected.sources.serviceAccountToken",
      "spec.containers{a}.volumeMounts{v}.mountPropagation",
      "spec.containers{b}.securityContext.seLinuxOptions"};
  EXPECT_EQ(object.spec.ignored, expected);
  EXPECT_EQ(object.spec.limits.at("memory"), "64Mi");
  EXPECT_TRUE(read_pod(sample()).value().spec.ignored.empty());
}

TEST(Convert, HostAliasesBecomeAFileForWhoMountsNoneOfItsOwn) {
  capnp::MallocMessageBuilder builder;
  auto spec = builder.initRoot<core::Pod>().initSpec();
  auto aliases = spec.initHostAliases(2);
  aliases[0].setIp("192.0.2.1");
  aliases[0].initHostnames(2).set(0, "db");
  aliases[0].getHostnames().set(1, "db.local");
  aliases[1].setIp("192.0.2.2");
  aliases[1].initHostnames(1).set(0, "mq");
  auto containers = spec.initContainers(2);
  containers[0].setName("a");
  containers[1].setName("b");
  auto mount = containers[1].initVolumeMounts(1)[0];
  mount.setName("v");
  mount.setMountPath("/etc/hosts");
  const PodSpec read = read_pod(flatten(builder.getRoot<core::Pod>().asReader())).value().spec;
  ASSERT_EQ(read.volumes.size(), 1U);
  ASSERT_EQ(read.volumes[0].items.size(), 1U);
  EXPECT_EQ(read.volumes[0].items[0].from.value,
            "\n# Entries added by HostAliases.\n192.0.2.1\tdb\tdb.local\n192.0.2.2\tmq\n");
  ASSERT_EQ(read.containers[0].mounts.size(), 1U);
  EXPECT_EQ(read.containers[0].mounts[0].volume, read.volumes[0].name);
  EXPECT_EQ(read.containers[0].mounts[0].path, "/etc/hosts");
  EXPECT_EQ(read.containers[0].mounts[0].sub_path, read.volumes[0].items[0].path);
  ASSERT_EQ(read.containers[1].mounts.size(), 1U);
  EXPECT_EQ(read.containers[1].mounts[0].volume, "v");
}

TEST(Convert, TheHostNameMayHaveADomainOrBeAnotherOne) {
  const auto read = [](const std::function<void(core::PodSpec::Builder)>& change) {
    capnp::MallocMessageBuilder builder;
    auto root = builder.initRoot<core::Pod>();
    root.initMetadata().setName("web-0");
    root.getMetadata().setNamespace("shop");
    change(root.initSpec());
    const PodSpec spec = read_pod(flatten(root.asReader())).value().spec;
    return spec.hostname + "|" + spec.domain;
  };
  EXPECT_EQ(read([](auto spec) { spec.setHostname("other"); }), "other|");
  EXPECT_EQ(read([](auto spec) { spec.setSetHostnameAsFQDN(true); }), "web-0|") << "without a subdomain there is none";
  EXPECT_EQ(read([](auto spec) {
              spec.setSetHostnameAsFQDN(true);
              spec.setSubdomain("web");
            }),
            "web-0|web.shop.svc.cluster.local");
  EXPECT_EQ(read([](auto spec) {
              spec.setHostname("other");
              spec.setHostnameOverride("a.b");
            }),
            "a.b|");
}

TEST(Convert, AStatusSurvivesTheRoundTrip) {
  Bench bench(pod());
  bench.sandbox();
  bench.act();
  bench.started(0);
  bench.exited(0, 137);
  bench.act();
  bench.started(0);
  const PodStatus status = bench.show();
  const auto segment = with_status(sample(), status);
  ASSERT_TRUE(segment) << segment.error().message;
  PodStatus read = read_pod(*segment)->status;
  ASSERT_EQ(read.conditions.size(), status.conditions.size() + 1);
  EXPECT_EQ(read.conditions.back().type, "example.com/gate");
  EXPECT_EQ(read.containers, status.containers);
  EXPECT_EQ(read.phase, "Running");
  EXPECT_EQ(read.start_time, status.start_time);
  EXPECT_EQ(read.pod_ip, "10.0.0.5");
}

TEST(Convert, TheSameStatusAgainGivesTheSameBytes) {
  Bench bench(pod());
  const auto once = with_status(sample(), bench.show());
  ASSERT_TRUE(once);
  const auto twice = with_status(*once, bench.status);
  ASSERT_TRUE(twice);
  EXPECT_EQ(*with_status(*twice, bench.status), *twice);
}

TEST(Convert, GarbageIsAnErrorOrEmptyButNeverACrash) {
  Segment words = sample();
  for (std::size_t i = 0; i < words.size(); ++i) {
    for (const std::uint64_t bit : {1ULL, 1ULL << 33U, 1ULL << 63U}) {
      Segment broken = words;
      broken[i] ^= bit;
      (void)read_pod(broken);
    }
  }
  EXPECT_TRUE(read_pod(sample()));
}

}  // namespace
}  // namespace troupe::pod
