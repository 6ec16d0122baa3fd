#include "actors/pod/environment.hpp"

#include <gtest/gtest.h>

#include "actors/pod/last_words.hpp"
#include "actors/pod/outside.hpp"

namespace troupe::pod {
namespace {

std::string expand_with(std::string_view text) {
  static const std::string kValue = "v";
  static const std::string kEmpty;
  return expand(text, [](std::string_view name) -> const std::string* {
    if (name == "A") return &kValue;
    if (name == "EMPTY") return &kEmpty;
    return nullptr;
  });
}

TEST(Environment, ExpandsReferencesAsKubernetesDoes) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},           {"$(A)", "v"},         {"x$(A)y$(A)", "xvyv"},
      {"$(EMPTY)|", "|"}, {"$(B)", "$(B)"},      {"$$(A)", "$(A)"},
      {"$$$(A)", "$v"},   {"$$$$(A)", "$$(A)"},  {"$", "$"},
      {"$A", "$A"},       {"a$", "a$"},          {"$(A", "$(A"},
      {"$()", "$()"},     {"$(A)$(B)", "v$(B)"}, {"$x$(A)", "$xv"},
      {"$(", "$("},       {"$((A))", "$((A))"},  {"$(A)$", "v$"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(expand_with(text), expected) << text;
}

PodSpec pod() {
  PodSpec spec;
  spec.ns = "default";
  spec.name = "web";
  spec.uid = "u-1";
  spec.node_name = "n1";
  spec.labels = {{"app", "web"}};
  spec.annotations = {{"a/b", "c"}};
  return spec;
}

EnvVar value(std::string name, std::string text) {
  EnvVar variable;
  variable.name = std::move(name);
  variable.value = std::move(text);
  return variable;
}

EnvVar field(std::string name, std::string path) {
  EnvVar variable;
  variable.name = std::move(name);
  variable.source = EnvVar::Source::kField;
  variable.path = std::move(path);
  return variable;
}

TEST(Environment, AVariableMayReferOnlyToEarlierOnes) {
  ContainerSpec container;
  container.env = {value("A", "1"), value("B", "$(A)$(C)"), value("C", "3"), value("A", "$(A)2")};
  const auto env = resolve_env(pod(), container, {});
  ASSERT_TRUE(env);
  EXPECT_EQ(*env, (Variables{{"A", "12"}, {"B", "1$(C)"}, {"C", "3"}}));
}

TEST(Environment, TheDownwardApiTellsThePodAboutItself) {
  ContainerSpec container;
  container.env = {field("NAME", "metadata.name"), field("IP", "status.podIP"), field("L", "metadata.labels['app']"),
                   field("N", "metadata.annotations['a/b']"), field("NO", "metadata.labels['none']")};
  PodFacts facts;
  facts.pod_ip = "10.0.0.5";
  const auto env = resolve_env(pod(), container, facts);
  ASSERT_TRUE(env) << env.error().message;
  EXPECT_EQ(*env, (Variables{{"NAME", "web"}, {"IP", "10.0.0.5"}, {"L", "web"}, {"N", "c"}, {"NO", ""}}));
}

TEST(Environment, AnUnknownFieldIsAConfigurationError) {
  for (const char* path : {"metadata.nme", "", "metadata.labels['x'", "metadata.labels['']x", "spec['a']"}) {
    EXPECT_FALSE(field_value(pod(), {}, path)) << path;
  }
}

TEST(Environment, CommandAndArgsAreExpandedAndJoined) {
  ContainerSpec container;
  container.command = {"/bin/echo", "$(A)"};
  container.args = {"$(B)", "$$(A)"};
  const auto words = command_line(container, {{"A", "x"}});
  ASSERT_TRUE(words);
  EXPECT_EQ(*words, (std::vector<std::string>{"/bin/echo", "x", "$(B)", "$(A)"}));
}

TEST(Environment, NothingToRunIsAnError) { EXPECT_FALSE(command_line(ContainerSpec(), {})); }

EnvVar keyed(std::string name, EnvVar::Source source, std::string object, std::string key, bool optional = false) {
  EnvVar variable;
  variable.name = std::move(name);
  variable.source = source;
  variable.object = std::move(object);
  variable.path = std::move(key);
  variable.optional = optional;
  return variable;
}

constexpr auto kMap = EnvVar::Source::kConfigMap;
constexpr auto kSecretMap = EnvVar::Source::kSecret;

TEST(Environment, KeysOfConfigMapsAndSecretsBecomeVariables) {
  ContainerSpec container;
  container.env_from = {{kMap, "all", "P_", false}, {kSecretMap, "gone", "", true}};
  container.env = {keyed("A", kMap, "one", "a"), keyed("B", kSecretMap, "two", "b"),
                   keyed("C", kMap, "one", "none", true), keyed("D", kSecretMap, "gone", "d", true),
                   value("E", "$(A)$(P_x)")};
  PodFacts facts;
  facts.services = {{"DB_SERVICE_HOST", "10.0.0.9"}};
  facts.objects = {{{kMap, "one"}, {{"a", "1"}}}, {{kSecretMap, "two"}, {{"b", "2"}}}, {{kMap, "all"}, {{"x", "3"}}}};
  const auto env = resolve_env(pod(), container, facts);
  ASSERT_TRUE(env) << env.error().message;
  EXPECT_EQ(*env, (Variables{{"DB_SERVICE_HOST", "10.0.0.9"}, {"P_x", "3"}, {"A", "1"}, {"B", "2"}, {"E", "13"}}));
  EXPECT_EQ(object_references(container).size(), 4U);
}

TEST(Environment, WhatIsMissingIsSaidAsKubernetesSaysIt) {
  PodFacts facts;
  facts.objects = {{{kMap, "one"}, {}}, {{kSecretMap, "two"}, {}}};
  const auto message = [&](EnvVar variable) {
    ContainerSpec container;
    container.env = {std::move(variable)};
    const auto env = resolve_env(pod(), container, facts);
    return env ? "no error" : env.error().message;
  };
  EXPECT_EQ(message(keyed("A", kMap, "none", "a")), "configmap \"none\" not found");
  EXPECT_EQ(message(keyed("A", kSecretMap, "none", "a")), "secret \"none\" not found");
  EXPECT_EQ(message(keyed("A", kMap, "one", "a")), "couldn't find key a in ConfigMap default/one");
  EXPECT_EQ(message(keyed("A", kSecretMap, "two", "a")), "couldn't find key a in Secret default/two");
}

TEST(Environment, ResourcesAreGivenInUnitsOfTheDivisorRoundedUp) {
  ContainerSpec container;
  container.name = "main";
  container.limits = {{"cpu", "1500m"}, {"memory", "100Mi"}};
  container.requests = {{"cpu", "250m"}};
  PodFacts facts;
  facts.machine = {{"cpu", 2000}, {"memory", 1 << 30}};
  const auto read = [&](std::string resource, std::string divisor) {
    EnvVar variable = keyed("A", EnvVar::Source::kResource, "", std::move(resource));
    variable.divisor = std::move(divisor);
    const auto value_of = resource_value(pod(), container, facts, variable);
    return value_of ? *value_of : value_of.error().message;
  };
  EXPECT_EQ(read("limits.cpu", ""), "2");
  EXPECT_EQ(read("limits.cpu", "1m"), "1500");
  EXPECT_EQ(read("requests.cpu", "0"), "1");
  EXPECT_EQ(read("limits.memory", "1Mi"), "100");
  EXPECT_EQ(read("requests.memory", "1"), "0");
  container.limits.clear();
  EXPECT_EQ(read("limits.memory", "1Mi"), "1024") << "the node's, where no limit is";
  EXPECT_EQ(read("limits.cpu", ""), "2");
  EXPECT_EQ(read("weight", ""), "unsupported container resource : weight");
}

TEST(Environment, ServicesAreToldByNameAndByLinks) {
  const Variables variables = service_variables(
      {{"default", "my-db", "10.0.0.9", {{"sql", 5432, "TCP"}}}, {"default", "headless", "None", {{"", 80, ""}}}});
  EXPECT_EQ(variables, (Variables{{"MY_DB_SERVICE_HOST", "10.0.0.9"},
                                  {"MY_DB_SERVICE_PORT", "5432"},
                                  {"MY_DB_SERVICE_PORT_SQL", "5432"},
                                  {"MY_DB_PORT", "tcp://10.0.0.9:5432"},
                                  {"MY_DB_PORT_5432_TCP", "tcp://10.0.0.9:5432"},
                                  {"MY_DB_PORT_5432_TCP_PROTO", "tcp"},
                                  {"MY_DB_PORT_5432_TCP_PORT", "5432"},
                                  {"MY_DB_PORT_5432_TCP_ADDR", "10.0.0.9"}}));
}

TEST(LastWords, WhatIsNoUtf8IsReplaced) {
  EXPECT_EQ(valid_utf8("gut \xC3\xA4 \xF0\x9F\x98\x80"), "gut \xC3\xA4 \xF0\x9F\x98\x80");
  EXPECT_EQ(valid_utf8(std::string("a\0b", 3)),
            "a\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(valid_utf8("\xC0\x80"), "\xEF\xBF\xBD\xEF\xBF\xBD") << "overlong";
  EXPECT_EQ(valid_utf8("\xED\xA0\x80").size(), 9U) << "a surrogate";
  EXPECT_EQ(valid_utf8("x\xE2\x82").size(), 7U) << "cut short";
}

}  // namespace
}  // namespace troupe::pod
