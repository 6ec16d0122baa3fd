#include "actors/pod/environment.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace troupe::pod
